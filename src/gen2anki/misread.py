"""What YAML reads otherwise than its author meant: tags, escapes, keys, comments. Syntax errors are in `syntax`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from gen2anki.problem import Path
from gen2anki.syntax import NEEDS_QUOTES, swallows_keys

# What to say of a text that goes on behind a "#".
CUT_SHORT: Final = (
    "what follows this '#' is a comment, and no part of the text: put the text in quotes, or, if it is a comment, a space"
    " behind the '#'"
)
# Escapes in double quotes: those of control characters, and those of blanks that may begin a LaTeX command.
_ESCAPE: Final = re.compile(
    r"\\(?:(?P<control>[abefv0][A-Za-z]*|(?:x|u00|U000000)(?:[01][0-9A-Fa-f]|7[Ff]))|(?P<blank>[nrt][A-Za-z]+)|.)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault at a character of the text. `first` is the path of the key that a second one repeats."""

    index: int
    text: str
    code: str
    first: Path = ()


def not_allowed(char: str) -> str:
    """Return what to say of a character that no YAML file may hold."""
    return f"the file holds a character that YAML does not allow (U+{ord(char):04X}): delete it"


def key_fault(event: Any, text: str) -> Fault:
    """Return the fault of a list or a mapping where a key should be; `event` is PyYAML's."""
    index = event.start_mark.index
    if text[max(0, index - 1) : index + 1] == "{{":  # {{c1::…}} without quotes, which YAML reads as two mappings
        return Fault(index - 1, starts_with("{"), "first-character")
    return Fault(index, "a key must be a text, not a list or a mapping", "key-type")


def starts_with(char: str) -> str:
    """Return what to say of a text whose first character means something to YAML."""
    return f"a text can't begin with '{char}': {NEEDS_QUOTES}"


def escape_faults(event: Any, text: str) -> Iterator[Fault]:
    r"""Yield the first escape in double quotes that was hardly meant as one: "$\nabla$" has a line break in it."""
    start = event.start_mark.index
    typed = text[start : event.end_mark.index]
    for found in _ESCAPE.finditer(typed):
        is_math = typed.count("$", 0, found.start()) % 2 == 1 and "$" in typed[found.end() :]
        if found["control"] or (found["blank"] and is_math):
            word = found["control"] or found["blank"]
            escape = word if word[0] in "xuU" else word[0]
            fault = f"double quotes make another character of '\\{escape}': write '\\\\{word}', or use single quotes"
            yield Fault(start + found.start(), fault, "bad-escape")
            return


def quote_fault(event: Any, text: str) -> Fault | None:
    """Return the fault of a quote that only a later one closes, so that keys, even notes, are a part of its text."""
    start, end = event.start_mark, event.end_mark
    if not swallows_keys(text, start.index, end.index):
        return None
    fault = (
        f"this quote is closed only by the one at {end.line + 1}:{end.column}, with other keys or entries in between:"
        " close it where its text ends, or put the whole text in quotes of the other kind"
    )
    return Fault(start.index, fault, "unclosed-quote")


def tag_fault(event: Any) -> Fault:
    """Return the fault of a tag, which is hardly ever meant as one; `event` is PyYAML's."""
    text = f"YAML takes '{event.tag}' for a tag, and none is read here: a text that begins with '!' needs quotes"
    return Fault(event.start_mark.index, text, "yaml-tag")
