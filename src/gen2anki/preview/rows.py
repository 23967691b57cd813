"""The list of a lesson's notes, as the page shows, searches and filters it."""

import re
from html import unescape
from typing import Final, NamedTuple

from gen2anki.preview.sides import cloze
from gen2anki.render.rendered import RenderedNote

_TAG: Final = re.compile(r"<[^>]*>|\[sound:[^\]]*\]")
# Tags between which words do not run together.
_BREAK: Final = re.compile(r"<(?:/?(?:p|div|li|[uo]l|h[1-6]|t[dhr]|table|pre|blockquote|button)\b|br|hr|img)[^>]*>")
_FORMULA: Final = re.compile(r"\\[()\[\]]")
_NUMBER: Final = re.compile(r"\{\{c(\d+)")


class Row(NamedTuple):
    """One note in the list; texts are plain. `text` is what a search looks through.

    `kinds` say what the next edition makes of the note. `version` is that of the state in which it last changed.
    """

    id: str
    title: str
    text: str
    section: int
    tags: tuple[str, ...]
    kinds: tuple[str, ...]
    cards: int
    version: int


def row(note: RenderedNote, kinds: tuple[str, ...], version: int) -> Row:
    """Return a note's row."""
    question = note.question
    if note.is_cloze:
        # With all that it hides, card after card.
        for number in dict.fromkeys(map(int, _NUMBER.findall(question))):
            question = cloze(question, number, is_front=False) or question
    title = plain(question)
    others = (note.answer, *(choice.html for choice in note.choices), note.why, note.hint, note.source)
    text = " ".join((note.id, title, *map(plain, filter(None, others)), *note.tags)).lower()
    return Row(note.id, title or note.id, text, note.deck, note.tags, kinds, len(note.ords), version)


def plain(html: str) -> str:
    """Return a text (HTML) in one line of plain text; formulas stand between dollars."""
    if "<" in html:
        html = _TAG.sub("", _BREAK.sub(" ", html))
    elif "[sound:" in html:
        html = _TAG.sub("", html)
    if "\\" in html:
        html = _FORMULA.sub("$", html)
    return " ".join(unescape(html).split())
