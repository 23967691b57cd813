"""A rendered note as the fields of Anki's note types."""

from functools import cache
from typing import Final

from gen2anki.anki.note import FIELD_SEPARATOR
from gen2anki.render.rendered import Choice, RenderedNote

_CARD: Final = (
    *("Question", "Answer", "Why", "Hint", "Choices", "Section", "Prompt", "Source"),
    *("Reverse", "Typed", "Status", "Extra", "Id"),
)
_CLOZE: Final = ("Text", "Why", "Hint", "Section", "Prompt", "Source", "Status", "Extra", "Id")


def fields_of(note: RenderedNote) -> dict[str, str]:
    """Return the HTML of a note's fields by name, in the order of its note type (see `anki.frozen`)."""
    return dict(zip(_CLOZE if note.is_cloze else _CARD, _values(note), strict=True))


def _values(note: RenderedNote) -> tuple[str, ...]:
    if note.is_cloze:
        return note.question, note.why, note.hint, note.section, note.prompt, note.source, "", "", note.id
    return (
        note.question,
        note.answer,
        note.why,
        note.hint,
        _buttons(note.choices) if note.choices else "",
        note.section,
        note.prompt,
        note.source,
        "1" if note.is_reversed else "",
        "1" if note.is_typed else "",
        "",
        "",
        note.id,
    )


def stored_fields(note: RenderedNote) -> str:
    """Return a note's fields joined, as Anki's database holds them."""
    return FIELD_SEPARATOR.join(_values(note))


def stored_content(note: RenderedNote) -> str:
    """Return a note's fields joined, without its id, the last: what the learner gets."""
    return stored_fields(note).removesuffix(note.id)


@cache
def _buttons(choices: tuple[Choice, ...]) -> str:
    """Return the HTML of the choices as buttons. Many notes share theirs, so it is kept."""
    return "".join(
        f'<button type="button" class="choice{" right" if choice.is_right else ""}">{choice.html}</button>'
        for choice in choices
    )
