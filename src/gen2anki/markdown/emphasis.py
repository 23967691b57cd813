"""Which stars and underscores are emphasis: those around words, and never those of sums, names and code.

Two stars inside a word make a part of it bold (ge**lern**t). One star does not, as it may well be a product (a*b*c), and
`__name__` is the name of something.
"""

import re
import unicodedata
from typing import Final

# What emphasis neither begins nor ends with: a stop or an operator, a bracket of the wrong kind.
_NO_BEGINNING: Final = frozenset(",;:.!?)]}=+*/<>|&%")
_NO_END: Final = frozenset("([{=+*/<>|&\\")
# What stands before and behind a product, a pattern or a comment of code.
_NO_BEFORE: Final = frozenset(")]}/=+\\_")
_NO_BEHIND: Final = frozenset("([{/=\\_")
# A name of Python's own: __init__, __FILE__.
_DUNDER: Final = re.compile(r"[a-z][a-z0-9_]*|[A-Z][A-Z0-9_]*")
_LETTERS: Final = re.compile(r"[^\W\d_]{2,}(?:['’-][^\W\d_]+)*")


def is_emphasis(before: str, marks: str, inner: str, behind: str) -> bool:
    """Return True if the marks around a part of a text make it emphasis; `before` and `behind` are their neighbours."""
    if marks == "__" and _DUNDER.fullmatch(inner):
        return False
    inner = inner.strip("*_~")  # more emphasis, which is looked at by itself
    if not inner or inner[0] in _NO_BEGINNING or inner[-1] in _NO_END:
        return False
    is_in_word = before.isalnum() or behind.isalnum()
    if is_in_word:
        return marks == "**" and is_part_of_word(before, inner, behind)
    return before not in _NO_BEFORE and behind not in _NO_BEHIND


def is_part_of_word(before: str, inner: str, behind: str) -> bool:
    """Return True if marks around a part of a word may be meant, because all of it is letters."""
    neighbours = before + behind
    if any(map(_has_no_case, neighbours)):  # a script without spaces between its words
        return not any(map(str.isdigit, neighbours)) or any(map(_has_no_case, inner))
    return _LETTERS.fullmatch(inner) is not None and not any(map(str.isdigit, neighbours))


def _has_no_case(char: str) -> bool:
    return unicodedata.category(char) == "Lo"
