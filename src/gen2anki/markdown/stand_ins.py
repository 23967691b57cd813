"""Characters that stand for what Markdown must not see: a sign that is meant as it stands, or a formula.

They are put into a text before Markdown reads it, and taken out of the HTML again. To Markdown each is a letter.
"""

import re
from collections.abc import Callable
from typing import Final, NamedTuple

# Two planes of Unicode for private use, which hold no characters of any writing: one for signs, one for formulas.
_SIGNS: Final = 0xF0000
_PARTS: Final = 0x100000
_MOST_PARTS: Final = 0xFFFE
_CODE: Final = 0x80  # how much further on the signs of paths and regular expressions stand
_PROSE_SIGN: Final = re.compile("[\U000f0000-\U000f007f]")
_SIGN: Final = re.compile("[\U000f0000-\U000f00ff]")
_STAND_IN: Final = re.compile("[\U000f0000-\U0010ffff]")


class Formula(NamedTuple):
    """A formula as typed, without its dollars."""

    latex: str
    is_display: bool

    def typed(self) -> str:
        """Return the formula as typed, with its dollars."""
        dollars = "$$" if self.is_display else "$"
        return f"{dollars}{self.latex}{dollars}"


class Reading(NamedTuple):
    """What is written above signs, as in Japanese and Chinese; `blank` is typed before them and not shown."""

    signs: str
    spoken: str
    blank: str = ""

    def typed(self) -> str:
        """Return it as typed, in brackets."""
        return f"{self.blank}{self.signs}[{self.spoken}]"

    def html(self) -> str:
        """Return it as HTML, with brackets for what shows only text. Both parts are letters."""
        return f"<ruby>{self.signs}<rp>(</rp><rt>{self.spoken}</rt><rp>)</rp></ruby>"


def sign(chars: str, *, is_code: bool = False) -> str:
    """Return what stands for ASCII signs that are meant as they stand; `is_code`: in a path or a regular expression."""
    first = _SIGNS + (_CODE if is_code else 0)
    return "".join(chr(first + ord(char)) for char in chars)


class Parts:
    """The formulas and readings of one text, each behind a character that Markdown takes for a letter.

    A character that is itself one of these is kept in the same way.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self._parts: list[Formula | Reading | str] = []

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._parts)

    def add(self, part: Formula | Reading | str) -> str:
        """Return the character that stands for a part; the part as typed where a text has too many."""
        if len(self._parts) == _MOST_PARTS:
            return part if isinstance(part, str) else part.typed()
        self._parts.append(part)
        return chr(_PARTS + len(self._parts) - 1)

    @property
    def formulas(self) -> list[Formula]:
        """Return the formulas, in the order of the text."""
        return [part for part in self._parts if isinstance(part, Formula)]

    def hide(self, text: str) -> str:
        """Return a text as typed without any of these characters; most texts have none."""
        return (
            text if text.isascii() or not _STAND_IN.search(text) else _STAND_IN.sub(lambda one: self.add(one[0]), text)
        )

    @staticmethod
    def restore_signs(text: str) -> str:
        """Return a text with its signs as they are; its formulas stay hidden."""
        return _SIGN.sub(lambda one: chr((ord(one[0]) - _SIGNS) % _CODE), text)

    @staticmethod
    def restore_prose(text: str) -> str:
        """Return a text with its signs as they are, but for those in paths and regular expressions."""
        return _PROSE_SIGN.sub(lambda one: chr(ord(one[0]) - _SIGNS), text)

    def restore(self, text: str, written: Callable[[Formula], str] | None = None) -> str:
        """Return a text with what its characters stand for.

        It is as typed, or HTML where `written` returns that of a formula.
        """

        def one(found: re.Match[str]) -> str:
            number = ord(found[0])
            if number < _PARTS:
                return chr((number - _SIGNS) % _CODE)
            part = self._parts[number - _PARTS]
            if isinstance(part, str):
                return part
            if written is None:
                return part.typed()
            return written(part) if isinstance(part, Formula) else part.html()

        return text if text.isascii() else _STAND_IN.sub(one, text)
