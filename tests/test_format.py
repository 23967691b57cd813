"""docs/format.md says what is true: every key is there, every example builds or fails as it claims, JSON is as listed.

A block marked `yaml` is a whole lesson; `yaml deck`, `yaml flashcards` and `yaml practice` are values of these keys;
`yaml wrong CODE` is a lesson that `check` refuses for that reason alone. In the tables of the rules, `⏎` is a line's end.
"""

import re
import shutil
import textwrap
from pathlib import Path
from typing import Final

import pytest

from author import Author
from gen2anki.schema.keys import keys_of
from gen2anki.schema.model import Deck, Lesson, Question, Section
from gen2anki.source.key_lines import swallows_keys
from gen2anki.text.renderer import Renderer
from visible import normal, visible

DOC: Final = Path(__file__).parent.parent / "docs" / "format.md"
TEXT: Final = DOC.read_text(encoding="utf-8")
MEDIA: Final = Path(__file__).parent / "cases" / "good" / "media"
BLOCKS: Final = [
    (match[2].strip(), match[3]) for match in re.finditer(r"^(`{3,})yaml(.*)\n((?s:.*?))^\1$", TEXT, re.MULTILINE)
]
SECTIONS: Final = {"The file": Lesson, "The deck": Deck, "A note": Question, "A practice section": Section}
# A lesson around each kind of fragment.
AROUND: Final = {
    "": "{}",
    "deck": "deck:\n{}flashcards:\n  - {{id: a, question: Q, answer: A}}\n",
    "flashcards": "deck: {{id: lesson, name: Lesson}}\nflashcards:\n{}",
    "practice": "deck: {{id: lesson, name: Lesson}}\npractice:\n{}",
}
CODE: Final = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
# What `visible` makes no sign of.
MARKS: Final = re.compile(r"<(em|strong|del|a|blockquote|h\d|table|pre)\b")


def in_code(cell: str) -> list[str]:
    """Return the texts that a cell of a table has in code."""
    texts = (found[2].replace("\\|", "|") for found in CODE.finditer(cell))
    unwrapped = (text[1:-1] if text[0] == text[-1] == " " and "`" in text else text for text in texts)
    return [text.replace("⏎", "\n") for text in unwrapped]


def _rules(head: str) -> list[tuple[str, str]]:
    """Return each text typed in the tables of this head, with the cell behind it."""
    rows: list[tuple[str, str]] = []
    for table in TEXT.split(f"\n{head}\n|---|---|---|\n")[1:]:
        for line in table.partition("\n\n")[0].splitlines():
            _, typed, shown = re.split(r"(?<!\\)\|", line.strip("| "))
            texts, results = in_code(typed), in_code(shown)
            if results:
                rows += [(text, f"`{result}`") for text, result in zip(texts, results, strict=True)]
            else:
                rows += [(text, shown.strip()) for text in texts]
    return rows


def _seen(html: str) -> tuple[str, list[str]]:
    """Return what a learner sees of HTML, and the marks in it."""
    return normal(visible(f'<div class="card">{html}</div>', "card")[0], blank_lines=False), MARKS.findall(html)


def _rows(heading: str) -> list[str]:
    """Return what stands in code in the first column of the tables below a heading."""
    section = re.split(rf"^#+ {re.escape(heading)}$", TEXT, maxsplit=1, flags=re.MULTILINE)[1]
    return re.findall(r"^\| `(\w+)` \|", re.split(r"^#", section, maxsplit=1, flags=re.MULTILINE)[0], re.MULTILINE)


@pytest.mark.parametrize("heading", SECTIONS)
def test_every_key_has_a_row_in_the_order_of_the_model(heading: str) -> None:
    """The table of each part of a lesson lists its keys, all of them and no others."""
    assert _rows(heading) == list(keys_of(SECTIONS[heading]))


@pytest.fixture
def writer(author: Author) -> Author:
    """Return an author with the pictures and sounds that the examples name."""
    shutil.copytree(MEDIA, author.folder / "media")
    return author


@pytest.mark.parametrize(("mark", "block"), [block for block in BLOCKS if not block[0].startswith("wrong")])
def test_an_example_builds(writer: Author, mark: str, block: str) -> None:
    """Each example, put into a lesson where it is a fragment, makes a deck without a warning."""
    writer.write(AROUND[mark].format(block if not mark else textwrap.indent(block, "  ")))
    result = writer.run("build")
    assert (result.exit_code, result.stderr) == (0, "")


@pytest.mark.parametrize(("mark", "block"), [block for block in BLOCKS if block[0].startswith("wrong")])
def test_a_wrong_example_is_refused_for_the_reason_given(writer: Author, mark: str, block: str) -> None:
    """Each example of a slip is reported with the code that the page names, and with nothing else."""
    writer.write(block)
    assert [problem["code"] for problem in writer.json("check")["problems"]] == [mark.removeprefix("wrong ")]


def test_the_page_has_an_example_of_each_kind() -> None:
    """The blocks above are found: a mark that nobody reads would test nothing."""
    assert {mark.partition(" ")[0] for mark, _ in BLOCKS} == {*AROUND, "wrong"}


def test_a_quote_left_open_is_known_by_any_key_behind_it() -> None:
    """Each key of a lesson, in a line of its own, ends what a text in quotes can hold."""
    for key in {key for model in SECTIONS.values() for key in keys_of(model)}:
        text = f"  - why: 'tis\n    {key}: the students'"
        assert swallows_keys(text, text.index("'"), len(text)), key


@pytest.mark.parametrize(("typed", "shown"), _rules("| rule | typed | shown |"))
def test_a_text_is_shown_as_its_rule_says(typed: str, shown: str) -> None:
    """Each text in the tables of the rules is math, as typed, or what the last column shows."""
    html = Renderer(str, html=False).field(typed)
    if shown == "math":
        assert visible(f'<div class="card">{html}</div>', "card")[0] != typed
        assert re.search(r"\\\(.*\\\)", html)
    elif shown == "as typed":
        assert _seen(html) == (normal(typed, blank_lines=False), [])
    elif shown.startswith("`"):
        assert _seen(html) == (shown[1:-1], [])
    else:
        assert _seen(html) == _seen(shown)


@pytest.mark.parametrize(("typed", "link"), _rules("| told | typed | problem |"))
def test_what_no_rule_can_know_is_told(typed: str, link: str) -> None:
    """Each text in the table of what is told has the problem that its last column names, and no other."""
    texts = Renderer(str, html=False)
    texts.field(typed)
    assert [f"[{finding.code}](problems.md#{finding.code})" for finding in texts.take_findings()] == [link]


def test_every_link_within_the_page_leads_somewhere() -> None:
    """A heading that was renamed breaks no link."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"^(`{3,})(?s:.*?)^\1$", "", TEXT, flags=re.MULTILINE), re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#([^)]*)\)", TEXT)) <= anchors
    assert all((DOC.parent / file).is_file() for file in re.findall(r"\]\(([\w./-]+\.md)\)", TEXT))


def test_json_of_build_and_check_has_the_fields_listed(writer: Author) -> None:
    """What --json prints is what the page lists, for build and for check, whether they succeed or fail."""
    listed = re.findall(r"^\| `(\w+)` \| .* \| (both|build) \|$", TEXT, re.MULTILINE)
    both = {field for field, of in listed if of == "both"}
    writer.write("deck: {id: lesson, name: Lesson}\nflashcards:\n  - {id: a, question: Q, answer: A}\n")
    assert set(writer.json("check")) == both
    assert set(writer.json("build")) == {field for field, _ in listed}
    writer.replace("answer", "anwser")
    failed = writer.json("build")
    assert set(failed) == {"command", "ok", "source", "problems"}
    problem_fields = re.split("field of a problem", TEXT)[1].split("\n## ")[0]
    assert list(failed["problems"][0]) == re.findall(r"^\| `(\w+)` \|", problem_fields, re.MULTILINE)
