"""A rendered note as the fields of Anki's note types."""

from functools import cache

from gen2anki.anki.note import FIELD_SEPARATOR
from gen2anki.render.rendered import Choice, RenderedNote


def fields_of(note: RenderedNote) -> dict[str, str]:
    """Return the HTML of a note's fields by name, in the order of its note type (see `anki.frozen`)."""
    if note.is_cloze:
        return {
            "Text": note.question,
            "Why": note.why,
            "Hint": note.hint,
            "Section": note.section,
            "Prompt": note.prompt,
            "Source": note.source,
            "Status": "",
            "Extra": "",
            "Id": note.id,
        }
    return {
        "Question": note.question,
        "Answer": note.answer,
        "Why": note.why,
        "Hint": note.hint,
        "Choices": _buttons(note.choices),
        "Section": note.section,
        "Prompt": note.prompt,
        "Source": note.source,
        "Reverse": "1" if note.is_reversed else "",
        "Typed": "1" if note.is_typed else "",
        "Status": "",
        "Extra": "",
        "Id": note.id,
    }


def stored_fields(note: RenderedNote) -> str:
    """Return a note's fields joined, as Anki's database holds them."""
    return FIELD_SEPARATOR.join(fields_of(note).values())


def stored_content(note: RenderedNote) -> str:
    """Return a note's fields joined, without its id: what the learner gets."""
    return FIELD_SEPARATOR.join((fields_of(note) | {"Id": ""}).values())


@cache
def _buttons(choices: tuple[Choice, ...]) -> str:
    """Return the HTML of the choices as buttons. Many notes share theirs, so it is kept."""
    return "".join(
        f'<button type="button" class="choice{" right" if choice.is_right else ""}">{choice.html}</button>'
        for choice in choices
    )
