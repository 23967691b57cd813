"""The two note types every deck shares: their fields, templates and stylesheet.

The fields, the templates and their order are frozen for ever: Anki refuses to update notes whose note type has another
number of either. What the templates and the stylesheet *say* may change. Then MOD must move, or nobody who has the deck
ever sees the change (tests/test_frozen.py holds the two together).
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from gen2anki.anki import frozen

# Epoch seconds of the last change to a template or the stylesheet: Anki takes the newer of two.
MOD: Final = 1795806805


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One kind of card of a note type: its id and the HTML of both sides."""

    id: int
    name: str
    front: str
    back: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteType:
    """One Anki note type. `fields` maps each field's name to its id, in the order Anki shows them."""

    id: int
    name: str
    cloze: bool
    fields: dict[str, int]
    templates: tuple[Template, ...]
    css: str


def _read(name: str) -> str:
    return files("gen2anki.anki").joinpath("templates", name).read_text(encoding="utf-8")


def _side(name: str) -> str:
    # A deck brings no script files along, so a template gets the text of each script it names.
    return re.sub(
        r'<script src="([a-z]+\.js)"></script>',
        lambda script: f"<script>\n{_read(script[1])}</script>",
        _read(name),
    )


def _templates(template_ids: dict[str, int]) -> tuple[Template, ...]:
    return tuple(
        Template(id=id, name=name, front=_side(f"{name.lower()}.front.html"), back=_side(f"{name.lower()}.back.html"))
        for name, id in template_ids.items()
    )


@cache
def card() -> NoteType:
    """Return the note type of questions with answers, with or without choices."""
    return NoteType(
        id=frozen.CARD_NOTETYPE,
        name="gen2anki Card",
        cloze=False,
        fields=frozen.CARD_FIELDS,
        templates=_templates(frozen.CARD_TEMPLATES),
        css=_read("style.css") + _read("words.css"),
    )


@cache
def cloze() -> NoteType:
    """Return the note type of texts with deletions."""
    return NoteType(
        id=frozen.CLOZE_NOTETYPE,
        name="gen2anki Cloze",
        cloze=True,
        fields=frozen.CLOZE_FIELDS,
        templates=_templates(frozen.CLOZE_TEMPLATES),
        css=_read("style.css") + _read("words.css"),
    )


def both() -> tuple[NoteType, NoteType]:
    """Return both note types."""
    return card(), cloze()


def of(*, is_cloze: bool) -> NoteType:
    """Return the note type of a text with deletions, or of a question."""
    return cloze() if is_cloze else card()
