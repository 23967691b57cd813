"""A card's template and its note's fields to the HTML of both sides, as Anki's own engine makes it.

It knows what our templates use: fields, conditions, `cloze:`, `type:` and the front on the back. tests/preview holds it
against Anki.
"""

import re
from collections.abc import Mapping
from functools import cache
from itertools import count
from typing import Final, NamedTuple

from gen2anki.anki.notetypes import Template

_MARK: Final = re.compile(r"\{\{([#^/]?)([^{}]+)\}\}")
# A field of nothing but these is empty to a condition.
_NOTHING: Final = re.compile(r"(?:\s|</?(?:br|div)\s*/?>)*")
_CLOZE: Final = re.compile(r"\{\{c([0-9,]+)::|\}\}")
_FORMULA: Final = re.compile(r"(\\[(\[])(.*?)(\\[\])])", re.DOTALL)
_TAG: Final = re.compile(r"<[^>]*>")
_SOUND: Final = re.compile(r"\[sound:([^\]]*)\]")
_SIGN: Final = re.compile(r"[^a-zA-Z0-9\u0100-\U0010ffff]")
_NAMED: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}


class Sides(NamedTuple):
    """Both sides of a card, and the names of the sounds of each, in their order.

    `[anki:play:q:0]` stands where the first sound of the front has its button, `a` for the back; `[[type:FIELD]]` where
    something is typed. What comes there is the client's.
    """

    front: str
    back: str
    front_sounds: tuple[str, ...]
    back_sounds: tuple[str, ...]


def sides(template: Template, fields: Mapping[str, str], ord: int) -> Sides:
    """Return both sides of the note's card of the number `ord`, from 0.

    Raises:
        ValueError: the template uses what is not known here.
    """
    front, front_sounds = _with_marks(_filled(template.front, fields, ord, None), "q")
    back, back_sounds = _with_marks(_filled(template.back, fields, ord, front), "a")
    return Sides(front, back, front_sounds, back_sounds)


def _with_marks(html: str, side: str) -> tuple[str, tuple[str, ...]]:
    """Return a side with a mark in place of each sound, and the sounds' names."""
    numbers = count()
    names = tuple(_SOUND.findall(html))
    return _SOUND.sub(lambda _: f"[anki:play:{side}:{next(numbers)}]", html), names


def _filled(template: str, fields: Mapping[str, str], ord: int, front: str | None) -> str:
    """Return the HTML of a side; `front` is that of the other, or None where this is the front."""
    made: list[str] = []
    shown = [True]
    for literal, sign, name in _parts(template):
        if shown[-1]:
            made.append(literal)
        if sign == "/":
            shown.pop()
        elif sign:
            shown.append(shown[-1] and is_filled(fields[name]) == (sign == "#"))
        elif name and shown[-1]:
            made.append(_value(name, fields, ord, front))
    return "".join(made)


@cache
def _parts(template: str) -> tuple[tuple[str, str, str], ...]:
    """Return each mark of a template: the text before it, its sign and its name; at the end, a text alone."""
    parts, end = [], 0
    for mark in _MARK.finditer(template):
        parts.append((template[end : mark.start()], mark[1], mark[2].strip()))
        end = mark.end()
    return (*parts, (template[end:], "", ""))


def is_filled(html: str) -> bool:
    """Return True if a field counts as filled in to a condition."""
    return not _NOTHING.fullmatch(html)


def _value(name: str, fields: Mapping[str, str], ord: int, front: str | None) -> str:
    kind, _, field = name.rpartition(":")
    if name == "FrontSide" and front is not None:
        return front
    if kind == "type":
        return f"[[{name}]]"
    if kind == "cloze":
        return cloze(fields[field], ord + 1, is_front=front is None)
    if kind or name not in fields:
        raise ValueError(f"the preview can't render '{{{{{name}}}}}'")
    return fields[name]


def cloze(text: str, number: int, *, is_front: bool) -> str:
    """Return a text (HTML) with its deletions of a number hidden on the front and shown on the back; empty without any."""
    # Each open deletion: its numbers, and what it holds so far. One that is never closed is dropped.
    holds: list[list[str]] = [[]]
    numbers: list[str] = []
    has_any, end = False, 0
    for mark in _CLOZE.finditer(text):
        holds[-1].append(text[end : mark.start()])
        end = mark.end()
        if mark[1]:
            numbers.append(mark[1])
            holds.append([])
        elif numbers:
            inside, which = "".join(holds.pop()), numbers.pop()
            is_asked = str(number) in which.split(",")
            has_any |= is_asked
            holds[-1].append(_deletion(inside, which, is_asked=is_asked, is_front=is_front))
        else:
            holds[-1].append(mark[0])
    holds[-1].append(text[end:])
    if not has_any:
        return ""
    # MathJax would not set a formula with tags in it.
    return _FORMULA.sub(lambda math: math[1] + _TAG.sub("", math[2]) + math[3], "".join(holds[0]))


def _deletion(inside: str, numbers: str, *, is_asked: bool, is_front: bool) -> str:
    text, _, hint = inside.partition("::")
    if not is_asked:
        return f'<span class="cloze-inactive" data-ordinal="{numbers}">{text}</span>'
    if is_front:
        hidden = _SIGN.sub(lambda sign: _NAMED.get(sign[0]) or f"&#x{ord(sign[0]):X};", text)
        return f'<span class="cloze" data-cloze="{hidden}" data-ordinal="{numbers}">[{hint or "..."}]</span>'
    return f'<span class="cloze" data-ordinal="{numbers}">{text}</span>'
