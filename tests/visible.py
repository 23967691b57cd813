"""What a learner sees of a card's HTML, as plain text.

A line on the screen is a line. Marks stand for what is no text: `• ` begins the entry of a bulleted list and `3. ` that of
a numbered one, two blanks more a level; ` | ` parts the cells of a row; `⟪x⟫` is math in a line, `⟪⟪x⟫⟫` math on a line of
its own; `———` is a rule, `⟦picture⟧`, `⟦sound⟧` and `⟦input⟧` are what they say; `⟨た⟩` is written above what it follows.
"""

import re
import unicodedata
from functools import partial
from html.parser import HTMLParser
from typing import Final

_BLOCKS: Final = frozenset(
    {"p", "div", "ul", "ol", "li", "table", "thead", "tbody", "tr", "pre", "blockquote", "hr"}
    | {f"h{level}" for level in range(1, 7)}
)
_BLANKS: Final = re.compile(r"[ \t\n\r\f]+")
# What MathJax acts on within one piece of text, but not in code; and what Anki acts on wherever it stands.
_MATH: Final = (
    (re.compile(r"\\\((.*?)\\\)", re.DOTALL), "⟪{}⟫"),
    (re.compile(r"\\\[(.*?)\\\]", re.DOTALL), "\n⟪⟪{}⟫⟫\n"),
)
_MARKS: Final = (
    (re.compile(r"\[anki:play:[qa]:\d+\]"), "⟦sound⟧"),
    (re.compile(r"\[\[type:.*?\]\]"), "⟦input⟧"),
)
# A blank that does not collapse, until all is put together.
_FIXED: Final = "\ue000"
_UNSEEN: Final = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


class _Reader(HTMLParser):
    """Read one element of a page, the first of the class that is asked for."""

    def __init__(self, wanted: str) -> None:
        super().__init__(convert_charrefs=True)
        self.wanted = wanted
        self.depth = 0  # of divisions, within the element
        self.is_read = False
        self.lines: list[str] = []
        self.line = ""
        self.data = ""
        self.lists: list[int | None] = []  # the next number of each list that is open; None: bullets
        self.marker = ""
        self.pre = 0
        self.code = 0
        self.is_fallback = False  # within what only browsers show that know no readings
        self.is_cell_next = False
        self.last_closed = ""
        self.has_only_paragraphs = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an element."""
        values = dict(attrs)
        if not self.depth:
            self.data = ""
            is_wanted = tag == "div" and self.wanted in (values.get("class") or "").split()
            self.depth = int(is_wanted and not self.is_read)
            return
        self._flush()
        self.is_fallback |= tag == "rp"
        self.code += tag in {"code", "pre"}
        if tag == "br":
            self._end_line(always=True)
        elif tag == "img":
            self._write(f"⟦picture {values.get('alt') or ''}".rstrip() + "⟧")
        elif tag == "rt":
            self._write("⟨")
        elif tag in {"td", "th"}:
            if self.is_cell_next:
                self._write(" | ")
            self.is_cell_next = True
        elif tag in _BLOCKS:
            self._begin_block(tag, values)

    def _begin_block(self, tag: str, values: dict[str, str | None]) -> None:
        self._end_line()
        if tag == "p" and self.last_closed == "p":
            self.lines.append("")
        self.last_closed = ""
        self.has_only_paragraphs &= tag in {"p", "div"}
        self.depth += tag == "div"
        self.pre += tag == "pre"
        self.is_cell_next &= tag != "tr"
        if tag in {"ul", "ol"}:
            self.lists.append(None if tag == "ul" else int(values.get("start") or 1))
        elif tag == "li":
            number = self.lists[-1]
            if number is not None:
                number = int(values.get("value") or number)
                self.lists[-1] = number + 1
            # The first entry of a list at an entry's very beginning stands on the same line.
            self.marker = self.marker or "  " * (len(self.lists) - 1)
            self.marker += "• " if number is None else f"{number}. "
        elif tag == "hr":
            self._write("———")
            self._end_line()

    def handle_endtag(self, tag: str) -> None:
        """End an element."""
        if not self.depth:
            return
        self._flush()
        self.is_fallback &= tag != "rp"
        self.code -= tag in {"code", "pre"}
        if tag == "rt":
            self._write("⟩")
        if tag not in _BLOCKS or tag == "hr":
            return
        if tag == "li" and self.marker:
            self.lines.append(self.marker)
            self.marker = ""
        self._end_line()
        self.depth -= tag == "div"
        self.is_read = not self.depth
        self.pre -= tag == "pre"
        if tag in {"ul", "ol"}:
            self.lists.pop()
        self.last_closed = tag

    def handle_data(self, data: str) -> None:
        """Take a text, or a part of one."""
        self.data += data

    def _flush(self) -> None:
        text, self.data = self.data, ""
        if not text or not self.depth or self.is_fallback:
            return
        if not self.pre:
            text = _BLANKS.sub(" ", text).replace("\xa0", _FIXED)
        for look, shown in _MARKS if self.code else _MATH + _MARKS:
            text = look.sub(partial(_mark, shown), text)
        self.has_only_paragraphs &= "\n⟪⟪" not in text
        for place, part in enumerate(text.split("\n")):
            if place:
                self._end_line(always=self.pre > 0)
            self._write(part)

    def _write(self, text: str) -> None:
        if not self.pre:
            if not self.line or self.line[-1] == " ":
                text = text.lstrip(" ")
            if not text:
                return
        if not self.line:
            self.line = self.marker or "  " * len(self.lists)
            self.marker = ""
        self.line += text

    def _end_line(self, *, always: bool = False) -> None:
        if always or self.line.strip(" "):
            self.lines.append(self.line)
        self.line = ""


def _mark(shown: str, found: re.Match[str]) -> str:
    return shown.format(" ".join("".join(found.groups()).split()))


def visible(html: str, wanted: str) -> tuple[str, bool]:
    """Return the text that is seen of the element of class `wanted`, and whether that has no blocks but paragraphs."""
    reader = _Reader(wanted)
    reader.feed(html)
    reader.close()
    return "\n".join(reader.lines).replace(_FIXED, " "), reader.has_only_paragraphs


def normal(text: str, *, blank_lines: bool) -> str:
    """Return a text as it is compared: without blanks that nobody sees, and without empty lines or with one at a time."""
    text = _UNSEEN.sub("", unicodedata.normalize("NFC", text)).replace("\xa0", " ")
    lines = [re.sub(r"(?<=\S)[ \t]+", " ", line.expandtabs(4)).rstrip() for line in text.split("\n")]
    text = "\n".join(lines if blank_lines else filter(None, lines)).strip("\n")
    return re.sub(r"\n{2,}", "\n\n", text)
