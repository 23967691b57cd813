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
# Code in a line, or a formula.
_TOKEN: Final = re.compile(rf"`(?<!``)(?!`)([^`\n]+)`(?!`)|{COMMON.pattern}")
_FIRST_PART: Final = 0x100000
_PART: Final = re.compile("[\U00100000-\U0010ffff]")
# Paragraphs of one line, and lists of words: what begins with another sign, or with a number, is worth a closer look.
_NO_MARK: Final = r"(?![\s\-+*>#=~|\[_]|\d+[.)])"
_ENTRY: Final = rf"- (?![\s\d.,€$£¥½¼¾∞]){_NO_MARK}[^\n]+"
_PARAGRAPH: Final = rf"(?:{_NO_MARK}|(?=\*{{1,2}}\w))[^\n]+"
_BLOCK: Final = rf"(?:{_ENTRY}(?:\n{_ENTRY})+|{_PARAGRAPH})"
_BLOCKS: Final = re.compile(rf"{_BLOCK}(?:\n\n{_BLOCK})*\n?")
# What common texts have none of, outside of code and formulas.
_SIGN: Final = re.compile(r"[$`\\<~|\[{\t]|&#")
_LOW_LINE: Final = re.compile(r"__|(?<!\w)_|_(?!\w)")
_STARS: Final = re.compile(r"\*+")
_OUTSIDE_LEFT: Final = frozenset(("", " ", "\n", "("))
_OUTSIDE_RIGHT: Final = frozenset(("", " ", "\n", *".,;:!?)"))
_WORD_END: Final = frozenset(".!?)")


class Common:
    """Writes the common texts of a lesson."""

    def __init__(self, formula: Callable[[str], str | None]) -> None:
        """Take what returns the HTML of a formula that stands in a line; None where anything is wrong with it."""
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
        if _SIGN.search(text) or not _BLOCKS.fullmatch(text) or ("_" in text and _LOW_LINE.search(text)):
            return None
        if "*" in text and not _has_common_stars(text):
            return None
        html: str = _MARKDOWN.html(text)
        return _PART.sub(lambda found: parts[ord(found[0]) - _FIRST_PART], html) if parts else html

    def _part(self, found: re.Match[str], parts: list[str]) -> str:
        """Take code, or a formula, out of a text; return the character that stands for it."""
        code, latex = found.groups()
        if latex:
            html = self._formula(latex)
            if html is None:
                raise _Uncommon
        else:
            shown = code[1:-1] if code[0] == code[-1] == " " and not code.isspace() else code
            html = f"<code>{inert(escape(shown, quote=False))}</code>"
        parts.append(html)
        return chr(_FIRST_PART + len(parts) - 1)


def _has_common_stars(text: str) -> bool:
    """Return True if all stars stand before a word, behind a blank, or behind a word, before a blank or a stop."""
    for stars in _STARS.finditer(text):
        start, end = stars.span()
        before, behind = text[start - 1 : start] if start else "", text[end : end + 1]
        if before in _OUTSIDE_LEFT:
            if not behind.isalpha():
                return False
        elif behind not in _OUTSIDE_RIGHT or not (before.isalpha() or (before in _WORD_END and not behind.strip())):
            return False
    return True


class _Uncommon(Exception):  # noqa: N818 (no error: the text is written the long way)
    """Something is wrong with a formula of the text."""
