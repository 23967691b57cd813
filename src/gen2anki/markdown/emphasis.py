"""Which stars and low lines are emphasis: those around words, and never those of sums, names and code.

Two stars inside a word make a part of it bold (ge**lern**t). One star does not, because it may well be a product (a*b*c).
`__name__` and `_foo_bar_` are names of something.
"""

import re
import unicodedata
from typing import Final

# What no emphasis begins or ends with where other signs stand around it: a stop, an operator, a bracket of the wrong kind.
_NO_BEGINNING: Final = frozenset(",;:.!?)]}=+*/<>|&%")
_NO_END: Final = frozenset("([{=+*/<>|&\\")
# What stands before and behind a product, a pattern or a call; before one star alone, also other signs of code.
_NO_BEFORE: Final = frozenset(")]}=+\\_")
_NO_BEHIND: Final = frozenset("[{=\\_")
_CODE_BEFORE: Final = frozenset(":.&")
_QUOTES: Final = frozenset("\"'`")
# The most letters of a variable between two numbers.
_VARIABLE: Final = 3
# What may stand outside of anything in bold: the text's end, a blank, a stop.
_STOPS: Final = frozenset(".,;:!?")
# A name of Python's own, __init__ or __FILE__; and a name with low lines in it.
_DUNDER: Final = re.compile(r"[a-z][a-z0-9_]*|[A-Z][A-Z0-9_]*")
_NAME: Final = re.compile(r"\w+_\w+")
# A line's end among other signs than words have.
_CODE_LINES: Final = re.compile(r"(?=[\s\S]*\n)[\s\S]*[^\w\s'’,.-]")
_WORDS: Final = re.compile(r"[\w(][\w\s'’(),.-]*")
_LETTERS: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


def is_emphasis(before: str, marks: str, inner: str, behind: str) -> bool:
    """Return True if the marks around a part of a text make it emphasis.

    `before` and `behind` are what stands around it, up to a few characters.
    """
    left, right = before[-1:], behind[:1]
    if left.isalnum() or right.isalnum():
        return marks == "**" and is_part_of_word(before, inner, behind)
    if left == right == "/" or _is_code(before, marks, inner, behind):
        return False
    inner = inner.strip("*_~")  # more emphasis, which is looked at by itself
    is_apart = not left.strip() and (not right.strip() or right in _STOPS)
    if not inner or (is_apart and len(marks) > 1):
        return bool(inner)
    if inner[0] in _NO_BEGINNING or inner[-1] in _NO_END or (marks == "_" and inner[0] == "("):
        return False
    return left not in _NO_BEFORE and right not in _NO_BEHIND and (right != "(" or not left.strip())


def _is_code(before: str, marks: str, inner: str, behind: str) -> bool:
    """Return True if the marks are evidently those of a name, a pattern or a product."""
    if marks == "__":
        return _DUNDER.fullmatch(inner) is not None
    if marks == "_":
        return _NAME.fullmatch(inner) is not None
    if marks == "**":
        return False
    left = before[-1:]
    is_factor = before.rstrip(" ")[-1:].isdigit() and behind.lstrip(" ")[:1].isdigit() and len(inner) <= _VARIABLE
    is_between_quotes = left in _QUOTES and inner[:1] == left
    return left in _CODE_BEFORE or _CODE_LINES.search(inner) is not None or is_factor or is_between_quotes


def is_part_of_word(before: str, inner: str, behind: str) -> bool:
    """Return True if marks around a part of a word may be meant: all of it is letters, and more than one in a row."""
    left, right = before[-1:], behind[:1]
    if any(map(_has_no_case, (left, right))):  # a script without spaces between its words
        return not (left.isdigit() or right.isdigit()) or any(map(_has_no_case, inner))
    if not left.strip() and not right.isdigit() and _WORDS.fullmatch(inner):
        return True
    if not _LETTERS.fullmatch(inner) or left in _NO_BEFORE or right in _NO_BEHIND or left.isdigit() or right.isdigit():
        return False
    return (
        len(inner) > 1
        or not inner.isascii()
        or not left.isalpha()
        or _are_letters(before[-2:])
        or _are_letters(behind[:2])
    )


def _are_letters(chars: str) -> bool:
    return len(chars) > 1 and chars.isalpha()


def _has_no_case(char: str) -> bool:
    return bool(char) and unicodedata.category(char) == "Lo"
