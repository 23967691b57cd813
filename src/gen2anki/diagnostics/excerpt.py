"""A line of a file with a caret below the place of a problem, for the terminal."""

import re
from typing import Final

# A longer line would wrap, away from its caret: it is cut to a window around the place.
_WIDTH: Final = 100
# A text in quotes, or what stands up to a blank or a sign of YAML's.
_WORD: Final = re.compile(r"""\"(?:[^"\\]|\\.)*\"|'(?:[^']|'')*'|[^\s,:{}\[\]]+|.?""")


def excerpt(source: str, column: int) -> str:
    """Return the line, cut to a window if it is long, and below it a caret under `column` (1-based)."""
    start = max(0, column - 1 - _WIDTH * 3 // 4) if len(source) > _WIDTH else 0
    shown = printable(source[start : start + _WIDTH])
    before = shown[: column - 1 - start]
    # Tabs stay tabs so that the caret lines up however wide the terminal draws them; other control characters
    # (an escape sequence, say) must not reach the terminal.
    pad = "".join("\t" if char == "\t" else " " * _cells(char) for char in before)
    return f"    {shown}\n    {pad}^"


def word_length(text: str) -> int:
    """Return how long the word, or the text in quotes, is that a line's rest begins with; at least 1."""
    found = _WORD.match(text)
    return max(1, len(found[0])) if found else 1


def printable(text: str) -> str:
    """Return a text with U+FFFD in place of each character that a terminal would take for a command."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char == "\t" else "\N{REPLACEMENT CHARACTER}" for char in text)


def _cells(char: str) -> int:
    """Return how many terminal cells a character takes: 2 if it is wide, 0 if it only marks or tints the one before."""
    # Imported here: most runs print no problem.
    import unicodedata

    if unicodedata.category(char) in {"Mn", "Me"} or "\U0001f3fb" <= char <= "\U0001f3ff":
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
