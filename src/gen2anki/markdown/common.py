"""The common text: lines of prose with formulas, code and emphasis, in which no rule of ours has a say.

The library alone writes it as the reader and the writer together would, five times as fast. Most texts are common; any
doubt makes a text another, for the long way. A test holds the two ways to each other.
"""

import re
from collections.abc import Callable
from html import escape
from typing import Final

from pyromark import Markdown, Options

from gen2anki.markdown.dollars import COMMON
from gen2anki.markdown.writer import inert

_MARKDOWN: Final = Markdown(options=Options.ENABLE_STRIKETHROUGH)
# Code in a line; a formula on lines of its own; a formula in a line, or one that begins with a group and its script.
_TOKEN: Final = re.compile(
    r"`(?<!``)(?!`)([^`\n]+)`(?!`)"
    r"|\$\$(?:(?<=\n\n\$\$)|(?<![\s\S]\$\$))((?:\n[A-Za-z\\][^$`\"\n]*)+\n)\$\$(?=\n\n|\n?\Z)"
    rf"|{COMMON.pattern}"
    r"|\$(?:(?<=[\s(]\$)|(?<![\s\S]\$))(\{\\?[A-Za-z]+\}[\^_]\{[^$\n\"`=]*\})\$(?=[\s.,;:!?)]|$)"
)
_FIRST_PART: Final = 0x100000
_PART: Final = re.compile("[\U00100000-\U0010ffff]")
_MOST_PARTS: Final = 50
# What a line has: no sign but stars next to letters that can only begin emphasis, or only end it; a low line inside a
# word; the sign of no entity.
_SIGNS: Final = (
    r"(?<![^ \n(*])\*{1,2}(?=[^\W\d_]{2})|(?:(?<=[.!?)])|(?<=[^\W\d_]))\*{1,2}(?![^ \n])|(?<=[^\W\d_])\*{1,2}(?=[.,;:!?)])"
    r"|(?<=[^\W_])_(?=[^\W_])|&(?![#\w]+;)"
)
_LINE: Final = rf"(?:[^\n$`\\<~|\[{{\t*_&]++|{_SIGNS})++"
# Paragraphs of one line, and lists of words: what begins with another sign, or with a number, is worth a closer look.
_BEGINNING: Final = r"(?:(?![\s\-+*>#=~|\[_]|\d+[.)])|(?=\*\*?[^*]))"
_ENTRY: Final = rf"- (?![\s\d.,€$£¥½¼¾∞]){_BEGINNING}{_LINE}"
_BLOCK: Final = rf"(?:{_ENTRY}(?:\n{_ENTRY})++|{_BEGINNING}{_LINE})"
_BLOCKS: Final = re.compile(rf"{_BLOCK}(?:\n\n{_BLOCK})*+\n?")


class Common:
    """Writes the common texts of a lesson."""

    def __init__(self, formula: Callable[[str, bool], str | None]) -> None:
        """Take what returns the HTML of a formula, on lines of its own or not; None where anything is wrong with it."""
        self._formula = formula

    def html(self, text: str) -> str | None:
        """Return the HTML of a text as `writer.to_html` does; None where it is no common one."""
        parts: list[str] = []
        if "$" in text or "`" in text:
            if not text.isascii() and _PART.search(text):
                return None
            try:
                text = _TOKEN.sub(lambda found: self._part(found, parts), text)
            except _Uncommon:
                return None
        if not _BLOCKS.fullmatch(text):
            return None
        html: str = _MARKDOWN.html(text)
        if "*" in html:  # a mark that makes nothing bold
            return None
        for number, part in enumerate(parts, _FIRST_PART):
            html = html.replace(chr(number), part)
        return html

    def _part(self, found: re.Match[str], parts: list[str]) -> str:
        """Take code, or a formula, out of a text; return the character that stands for it."""
        code, display, latex, grouped = found.groups()
        html: str | None
        if code:
            shown = code[1:-1] if code[0] == code[-1] == " " and not code.isspace() else code
            html = f"<code>{inert(escape(shown, quote=False))}</code>"
        else:
            html = self._formula(latex or display or grouped, display is not None)
        if html is None or len(parts) == _MOST_PARTS:
            raise _Uncommon
        parts.append(html)
        return chr(_FIRST_PART + len(parts) - 1)


class _Uncommon(Exception):  # noqa: N818 (no error: the text is written the long way)
    """Something is wrong with a formula of the text, or it has too many."""
