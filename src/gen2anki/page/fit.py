"""Whether a card's text fits into a cell of the sheet of cards to cut out, without a browser to measure it."""

import math
import re
import unicodedata
from collections.abc import Iterator
from html import unescape
from typing import Final

from gen2anki.diagnostics.problem import Path
from gen2anki.page.study import Item

# A cell's text is 76 x 46 mm (print.css); below this size nobody reads it at arm's length.
SMALLEST_PT: Final = 6.0
_WIDTH_PT: Final = 76 / 25.4 * 72
_HEIGHT_PT: Final = 46 / 25.4 * 72
_LINES: Final = _HEIGHT_PT / (SMALLEST_PT * 1.35)
# Mean width of a letter of a serif, of one as wide as it is high, in its size.
_LETTER: Final = 0.5
_COLUMNS: Final = _WIDTH_PT / (SMALLEST_PT * _LETTER)
# A picture may be 22 mm high, a formula on a line of its own needs about three.
_PICTURE_LINES: Final = 22 / 46 * _LINES
_DISPLAY_LINES: Final = 3.5

_BLOCK_END: Final = re.compile(r"<br>|</(?:p|li|tr|h[1-6]|pre|blockquote|ul|ol|table)>|<hr>")
_DISPLAY: Final = re.compile(r'<span class="block">.*?</math></span>', re.DOTALL)
_PICTURE: Final = re.compile(r"<img\b[^>]*>")
_PRE: Final = re.compile(r"<pre>.*?</pre>", re.DOTALL)
_TAG: Final = re.compile(r"<[^>]*>")


def too_long(item: Item) -> tuple[Path, str] | None:
    """Return where a card's text is that is too long for a cell, and which of its sides; None where both fit."""
    choices = "<br>".join(choice.html for choice in item.choices)
    if _lines(f"{item.front}<br>{choices}" if choices else item.front) > _LINES:
        return (*item.note.path, "cloze" if item.is_cloze else "question"), "question"
    if _lines(item.back) + 0.85 * _lines(item.why) > _LINES:
        return (*item.note.path, "cloze" if item.is_cloze else "answer"), "answer"
    return None


def _lines(html: str) -> float:
    """Return how many lines a text makes in a cell, at the smallest size."""
    # Many times shorter than a cell is large: so is nearly every text.
    if len(html) < _COLUMNS and "<img" not in html:
        return 1.0
    return sum(_parts(html))


def _parts(html: str) -> Iterator[float]:
    """Yield the lines of each part of a text."""
    yield len(_PICTURE.findall(html)) * _PICTURE_LINES
    html, displays = _DISPLAY.subn("<br>", html)
    yield displays * _DISPLAY_LINES
    html = _PRE.sub(lambda code: code[0].replace("\n", "<br>"), html)
    for block in _BLOCK_END.split(html):
        text = unescape(_TAG.sub("", block)).strip()
        if text:
            yield math.ceil(_width(text) / _COLUMNS) + 0.2  # and the space between it and the next


def _width(text: str) -> float:
    """Return how wide a text is, in Latin letters."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
