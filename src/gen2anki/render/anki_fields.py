"""A rendered note as the fields of Anki's note types."""

from functools import lru_cache
from typing import Final

from gen2anki.anki.note import FIELD_SEPARATOR
from gen2anki.render.rendered import Choice, RenderedNote
from gen2anki.text import cloze

# The fields of each note type, in its order (see `anki.frozen`). The id is the last: `stored_content` leaves it out.
_CARD: Final = (
    *("Question", "Answer", "Why", "Hint", "Choices", "Source", "Section", "Prompt", "Language"),
    *("Typed", "TypedReverse", "Reverse", "Notice", "Extra", "Extra2", "Id"),
)
_CLOZE: Final = (
    *("Text", "Why", "Hint", "Source", "Section", "Prompt", "Sound", "Language"),
    *("Notice", "Extra", "Extra2", "Id"),
)


def fields_of(note: RenderedNote) -> dict[str, str]:
    """Return the HTML of a note's fields by name, in the order of its note type."""
    return dict(zip(_CLOZE if note.is_cloze else _CARD, _values(note), strict=True))


def _values(note: RenderedNote) -> tuple[str, ...]:
    if note.is_cloze:
        text, sounds = cloze.without_sounds(note.question)
        return (
            text,
            note.why,
            note.hint,
            note.source,
            note.section,
            note.prompt,
            sounds,
            note.language,
            "",
            "",
            "",
            note.id,
        )
    return (
        note.question,
        note.answer,
        note.why,
        note.hint,
        _buttons(note.choices) if note.choices else "",
        note.source,
        note.section,
        note.prompt,
        note.language,
        note.typed,
        note.typed_reverse,
        "1" if note.is_reversed else "",
        "",
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


@lru_cache(maxsize=512)
def _buttons(choices: tuple[Choice, ...]) -> str:
    """Return the HTML of the choices as buttons. Many notes share theirs, so it is kept."""
    return "".join(
        f'<button type="button" class="choice{" right" if choice.is_right else ""}">{choice.html}</button>'
        for choice in choices
    )
