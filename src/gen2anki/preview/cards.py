"""A note's cards as a device shows them: what is Anki's own in each side is put in, as the apps put it in."""

import re
from html import escape
from typing import Any, Final

from gen2anki.anki import notetypes
from gen2anki.preview.sides import Sides, sides
from gen2anki.preview.typed import compared
from gen2anki.render.anki_fields import fields_of
from gen2anki.render.rendered import RenderedNote
from gen2anki.text.highlight import highlight

_PLAY: Final = re.compile(r"\[anki:play:[qa]:\d+\]")
_TYPED: Final = re.compile(r"\[\[type:([^\]]+)\]\]")
# The apps' own marks: a button that plays, and a field to type in.
_BUTTON: Final = (
    '<a class="replay-button soundLink" href="#" data-sound="{}" title="Replay"><svg class="playImage" '
    'viewBox="0 0 64 64"><circle cx="32" cy="32" r="29"/><path d="M24 18 L48 32 L24 46 Z"/></svg></a>'
)
_FIELD: Final = (
    '<center><input type="text" id="typeans" autocomplete="off" autocapitalize="off" spellcheck="false" '
    "style=\"font-family: 'Arial'; font-size: 20px;\"></center>"
)
_COMPARISON: Final = "<div style=\"font-family: 'Arial'; font-size: 20px\">{}</div>"


def cards(note: RenderedNote) -> list[dict[str, Any]]:
    """Return a note's cards as plain data: the number, a name, both sides' HTML and the sounds that each plays."""
    fields = _fields(note)
    names = [template.name for template in notetypes.of(is_cloze=note.is_cloze).templates]
    made = []
    for ord in note.ords:
        both = _sides(note, ord, fields)
        made.append(
            {
                "ord": ord,
                "name": f"c{ord + 1}" if note.is_cloze else names[ord],
                "front": _with_buttons(_TYPED.sub(_FIELD, both.front), both),
                "back": _with_buttons(_compared(both.back, fields, ""), both),
                "sounds": {"front": both.front_sounds, "back": both.back_sounds},
            }
        )
    return made


def back(note: RenderedNote, ord: int, typed: str) -> str:
    """Return the HTML of the back of a note's card, on whose front a learner typed a text."""
    fields = _fields(note)
    both = _sides(note, ord, fields)
    return _with_buttons(_compared(both.back, fields, typed), both)


def _compared(html: str, fields: dict[str, str], typed: str) -> str:
    """Return a back with the comparison of what was typed with what was asked for."""
    return _TYPED.sub(lambda field: _COMPARISON.format(compared(fields.get(field[1], ""), typed)), html)


def _fields(note: RenderedNote) -> dict[str, str]:
    """Return a note's fields as they are packed: with the colours of code."""
    return {name: highlight(html) for name, html in fields_of(note).items()}


def _sides(note: RenderedNote, ord: int, fields: dict[str, str]) -> Sides:
    notetype = notetypes.of(is_cloze=note.is_cloze)
    return sides(notetype.templates[0 if notetype.cloze else ord], fields, ord)


def _with_buttons(html: str, both: Sides) -> str:
    """Return a side with a button for each sound."""
    names = {f"[anki:play:q:{number}]": name for number, name in enumerate(both.front_sounds)}
    names |= {f"[anki:play:a:{number}]": name for number, name in enumerate(both.back_sounds)}
    # A text may hold a mark of its own, for a sound that is not there.
    return _PLAY.sub(lambda mark: _BUTTON.format(escape(names[mark[0]])) if mark[0] in names else mark[0], html)
