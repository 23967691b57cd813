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
    r"|\$(?:(?<=[\s(]\$)|(?<![\s\S]\$))(\{[A-Za-z\\](?:[^{}$\n\"`=]|\{[^{}$\n\"`=]*\})*\}[\^_]\{[^$\n\"`=]*\})\$(?=[\s.,;:!?)]|$)"
)
_GROUPS: Final = _TOKEN.groups
# What stands for code, or a formula: to Markdown a letter. No text has it, and it keeps a text ASCII, which is fast.
_PART: Final = "\x7f"
# What a line has: no sign but stars next to letters that can only begin emphasis, or only end it; a low line inside a
# word; the sign of no entity.
_SIGNS: Final = (
    r"(?<![^ \n(*])\*{1,2}(?=[^\W\d_]{2})|(?:(?<=[.!?)])|(?<=[^\W\d_]))\*{1,2}(?![^ \n])|(?<=[^\W\d_])\*{1,2}(?=[.,;:!?)])"
    r"|(?<=[^\W_])_(?=[^\W_])|&(?![#\w]+;)"
)
# A group is kept whole by (?>…): before Python 3.11.5 a group repeated with '++' may match what it should not.
_LINE: Final = rf"(?>(?:[^\n$`\\<~|\[{{\t*_&]++|{_SIGNS})+)"
# Paragraphs of one line, and lists of words: what begins with another sign, or with a number, is worth a closer look.
_BEGINNING: Final = r"(?:(?![\s\-+*>#=~|\[_]|\d+[.)])|(?=\*\*?[^*]))"
_ENTRY: Final = rf"- (?![\s\d.,€$£¥½¼¾∞]){_BEGINNING}{_LINE}"
_BLOCK: Final = rf"(?:{_ENTRY}(?>(?:\n{_ENTRY})+)|{_BEGINNING}{_LINE})"
_BLOCKS: Final = re.compile(rf"{_BLOCK}(?>(?:\n\n{_BLOCK})*)\n?")


class Common:
    """Writes the common texts of a lesson."""

    def __init__(self, formula: Callable[[str, bool], str | None]) -> None:
        """Take what returns the HTML of a formula, on lines of its own or not; None where anything is wrong with it."""
        self._formula = formula

    def html(self, text: str) -> str | None:
        """Return the HTML of a text as `writer.to_html` does; None where it is no common one."""
        parts: list[str] = []
        if "$" in text or "`" in text:
            if _PART in text:
                return None
            pieces = _TOKEN.split(text)
            for place in range(1, len(pieces), _GROUPS + 1):
                part = self._part(*pieces[place : place + _GROUPS])
                if part is None:
                    return None
                parts.append(part)
            text = _PART.join(pieces[:: _GROUPS + 1])
        if not _BLOCKS.fullmatch(text):
            return None
        html: str = _MARKDOWN.html(text)
        if "*" in html:  # a mark that makes nothing bold
            return None
        if not parts:
            return html
        shown = [""] * (2 * len(parts) + 1)
        shown[::2], shown[1::2] = html.split(_PART), parts
        return "".join(shown)

    def _part(self, code: str | None, display: str | None, latex: str | None, grouped: str | None) -> str | None:
        """Return the HTML of code, or of a formula; None where anything is wrong with it."""
        if code:
            shown = code[1:-1] if code[0] == code[-1] == " " and not code.isspace() else code
            return f"<code>{inert(escape(shown, quote=False))}</code>"
        return self._formula(latex or display or grouped or "", display is not None)
