"""Anki's editor stores what its browser makes of a field, as soon as a learner selects the note.

What a browser writes otherwise than it was is an edit then, dated now: the author's next corrections never arrive.
"""

from pathlib import Path

import yaml
from screens import Screen

CASES = Path(__file__).parents[1] / "cases" / "markup.yaml"
# What authors type as HTML passes as they typed it.
AS_TYPED = {"html-other-slash"}
# A field into the editor and out of it. In place of each formula, or what looks like one, it has an element.
REWRITTEN = r"""
    const trimmed = (math) => math.replace(/^\n*/, "").replace(/\n*$/, "");
    const put = (html) => html
        .replace(/\\\[(.*?)\\\]/gsu, (_, math) => `<x-math block="true">${trimmed(math)}</x-math>`)
        .replace(/\\\((.*?)\\\)/gsu, (_, math) => `<x-math>${trimmed(math)}</x-math>`);
    const taken = (html) => html.replace(/<x-math( block="true")?>(.*?)<\/x-math>/gsu,
        (_, block, math) => (block ? `\\[${math}\\]` : `\\(${math}\\)`));
    const body = (html) => new DOMParser().parseFromString(`<html><body>${html}</body></html>`, "text/html").body;
    return given.map((html) => [html, taken(body(put(html)).innerHTML)]).filter(([before, after]) => before !== after)"""


def test_the_editor_leaves_every_field_as_it_is(phone: Screen) -> None:
    """Each field of each card and each expected output of markup.yaml, in both engines."""
    cases = yaml.load(CASES.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 (every scalar as typed)
    fields = {case["field"] for case in cases if case["name"] not in AS_TYPED}
    fields.update(field for card in phone.deck for field in card.fields.values())
    phone.open()
    assert phone.run(REWRITTEN, sorted(fields)) == []


def test_what_the_editor_writes_anew_is_found(phone: Screen) -> None:
    """The check finds each kind of what was written otherwise once."""
    fields = [
        "a<br />b",
        "a\u00a0b",
        "&quot;",
        "\\[\nx\n\\]",
        "<code>\\(</code> <code>\\)</code>",
        '<a title="&#39;">b</a>',
    ]
    phone.open()
    assert [before for before, _ in phone.run(REWRITTEN, fields)] == fields
