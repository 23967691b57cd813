"""Markdown to HTML, as a browser writes it. The one module that calls the Markdown library.

The library finds what is in a text. The HTML is written here, so that a mark which is none is shown as typed: emphasis
only around words, links only to addresses, the numbers of a list as they were typed, a line's end where it was typed.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from html import escape, unescape
from typing import Any, Final, NamedTuple, Protocol
from urllib.parse import quote

from pyromark import Markdown, Options

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.finding import Finding
from gen2anki.markdown.emphasis import is_emphasis, is_part_of_word
from gen2anki.markdown.line_marks import is_address
from gen2anki.markdown.stand_ins import Formula, Parts

_MARKDOWN: Final = Markdown(options=Options.ENABLE_TABLES | Options.ENABLE_STRIKETHROUGH)
_NUMBER: Final = re.compile(rb"\s*(\d+)")
# The numbers of a list up to so many digits need no room of their own on the card.
_DIGITS: Final = 3
_SCHEME: Final = re.compile(r"[\x00-\x20]*([A-Za-z][A-Za-z0-9+.-]*):")
# Where links may lead: to pages, people and places. Another scheme may run a program, or open a file.
_SCHEMES: Final = frozenset(
    "http https ftp ftps mailto tel sms geo doi urn magnet xmpp irc ircs matrix news nntp".split()  # noqa: SIM905
)
# What an address has as it is; all else is written as its bytes.
_IN_ADDRESS: Final = "!#$%&'()*+,-./:;=?@_~"
# What Anki acts on wherever it stands: sounds, speech, LaTeX, a field to type in. And what MathJax acts on.
_ACTIVE: Final = re.compile(r"\[(?=sound:|anki:|latex\]|\$\$?\]|\[type:)|(?<=\\)[(\[]", re.IGNORECASE)
# A formula of a spreadsheet, in which a star stands for any text.
_SHEET: Final = re.compile(r"=[A-Z]+\(")
_TAGS: Final = frozenset({"Emphasis", "Strong", "Strikethrough"})
# What stands behind a picture and is meant to change its looks; and the one thing that can.
_LOOKS: Final = re.compile(r" ?\{ *(?:[.#][A-Za-z]|[A-Za-z-]+ *=|(?:width|height)\b)[^{}\n]*\}")
_WIDTH: Final = re.compile(r"\{ *width *= *(\"?)(?:([1-9]\d?%|100%)|([1-9]\d{,3})(?:px)?)\1 *\}")
_LONGEST_LOOKS: Final = 200
# A line this long that goes on in the next, in small letters, was broken by hand.
_LONG_LINE: Final = 60
_ENDS_SENTENCE: Final = re.compile(r"[.!?…][\"')\]»”]*\s*$", re.MULTILINE)
_GOES_ON: Final = re.compile(r"[^\W\d_][,;-]?$")


class Media(Protocol):
    """What turns the address of a picture or sound into its HTML."""

    def __call__(self, address: str, alt: str, title: str, width: str) -> str:
        """Return the HTML; `alt` and `title` are texts, `width` is that of HTML, or empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """How a text is written: formulas and media as these return them; a line ends in a break, or in a space.

    With `html`, a tag is one; without, it is words, wherever the library finds it.
    """

    formula: Callable[[Formula], str]
    media: Media
    has_breaks: bool = True
    html: bool = False


def to_html(text: str, parts: Parts, writing: Writing) -> tuple[str, list[Finding]]:
    """Return the HTML of a text, each block on a line of its own, and what is wrong with it.

    `parts` holds what was taken out of the text before.
    """
    writer = _Writer(text, parts, writing)
    return writer.written(), writer.findings


def inert(html: str) -> str:
    """Return HTML with an element around each bracket that Anki or MathJax would act on.

    The text looks the same and is copied the same, and Anki's editor leaves it alone.
    """
    return _ACTIVE.sub(r"<span>\g<0></span>", html) if "[" in html or "\\(" in html else html


class _List(NamedTuple):
    """A list being read: where its first tag was written; of each entry where that was, and its number, if it has one."""

    tag: int
    numbers: list[tuple[int, int]] | None


class _Writer:
    """Writes the HTML of one text."""

    def __init__(self, text: str, parts: Parts, writing: Writing) -> None:
        self.findings: list[Finding] = []
        self._text = text
        self._parts = parts
        self._writing = writing
        self._made: list[str] = []
        self._words: list[str] = []  # read, and not yet written
        self._pictures: list[list[str]] = []  # what was made before each picture being read
        self._tails: list[str] = []  # of the emphasis and links being read: what is written behind each
        self._lists: list[_List] = []
        self._quotations = 0
        self._cells: list[str] = []  # the first tag of each cell in a row
        self._tag = "td"
        self._column = 0
        self._is_broken = False  # a line has just ended
        self._read = 0  # up to where the text was taken with a picture

    def written(self) -> str:
        """Return the HTML."""
        last = 0
        events: Any = _MARKDOWN.events_with_range(self._text)
        for event, place in events:
            start = place["start"]
            if self._is_broken:
                self._indent(last, start)
            if event.__class__ is str:
                self._mark(event, start)
            else:
                [(kind, value)] = event.items()
                if kind == "Text":
                    self._words.append(value if start >= self._read else self._typed(self._read, place["end"]))
                elif kind == "Start":
                    self._start(value, start, place["end"])
                    last = start + 1
                    continue
                elif kind == "End":
                    self._end(value, last, place["end"])
                elif kind == "Code":
                    self._write(f"<code>{self._shown(value, None)}</code>")
                elif self._writing.html:
                    self._write(self._parts.restore(value))
                else:
                    self._words.append(value)
            last = place["end"]
        self._flush()
        return "".join(self._made)

    @cached_property
    def _raw(self) -> bytes:
        """Return the text as the library counts its places."""
        return self._text.encode()

    @cached_property
    def _longest(self) -> int:
        """Return the length of the longest line."""
        return max(map(len, self._text.split("\n")))

    def _typed(self, start: int, end: int) -> str:
        return self._raw[start:end].decode(errors="ignore")

    def _write(self, html: str) -> None:
        if self._words:
            self._flush()
        self._made.append(html)

    def _flush(self) -> None:
        """Write the words that were read."""
        if self._words:
            words = self._words[0] if len(self._words) == 1 else "".join(self._words)
            self._words.clear()
            self._made.append(self._shown(words, self._writing.formula))

    def _shown(self, words: str, formula: Callable[[Formula], str] | None) -> str:
        """Return a text as HTML, with its formulas as `formula` returns them; without one, with all as typed."""
        if words.isascii():
            return inert(escape(words, quote=False))
        if formula is None:
            return inert(escape(self._parts.restore(words), quote=False))
        return self._parts.restore(inert(escape(self._parts.restore_signs(words), quote=False)), formula)

    def _block(self, html: str) -> None:
        """Write the first tag of a block, at the beginning of a line."""
        self._flush()
        if self._made and not self._made[-1].endswith("\n"):
            self._made.append("\n")
        if html:
            self._made.append(html)

    def _mark(self, event: str, start: int) -> None:
        if event == "Rule":
            self._block("<hr>\n")
        elif event in {"SoftBreak", "HardBreak"}:
            if not self._writing.has_breaks and event == "SoftBreak":
                self._words.append("\n")
                return
            self._check_wrapped(start)
            self._write("<br>\n")
            self._is_broken = not self._lists and not self._quotations

    def _indent(self, last: int, start: int) -> None:
        """Show the blanks that a line begins with, outside of lists and quotations."""
        self._is_broken = False
        blanks = self._typed(last, start).expandtabs(4)
        if blanks and not blanks.strip(" "):
            self._write("\xa0" * len(blanks))

    def _check_wrapped(self, start: int) -> None:
        """Find a line that was broken by hand, in the middle of a sentence."""
        if self._longest < _LONG_LINE or any(finding.code is Code.WRAPPED_LINES for finding in self.findings):
            return
        raw = self._raw
        line = raw[raw.rfind(b"\n", 0, start) + 1 : start].decode(errors="ignore").rstrip()
        behind = self._typed(start + 1, start + 400).lstrip(" \t")
        word = behind.split(maxsplit=1)[0] if behind.strip() else ""
        if not word[:1].islower() or not word.rstrip(",.;").isalpha() or not _GOES_ON.search(line):
            return
        # Whoever breaks lines by hand does it where the next word finds no room.
        is_full = len(line) + 1 + len(word) > self._longest
        if is_full and _ENDS_SENTENCE.search(behind.partition("\n\n")[0]):
            text = "a line that ends here ends on the card: write prose of several lines below a '>-'"
            self.findings.append(Finding(text, Code.WRAPPED_LINES, line))

    def _start(self, value: Any, start: int, end: int) -> None:
        name: str
        data: Any
        [(name, data)] = value.items() if value.__class__ is dict else [(value, None)]
        _STARTS[name](self, data, start, end)

    def _end(self, value: Any, last: int, end: int) -> None:
        name: str
        data: Any
        [(name, data)] = value.items() if value.__class__ is dict else [(value, None)]
        if name in _TAGS:
            self._end_part(self._tails.pop())
        elif name == "Link":
            self._end_part(self._tails.pop() or self._typed(last, end))
        elif name == "Image":
            self.end_image(end)
        elif name == "Heading":
            self._write(f"</{data.lower()}>\n")
        else:
            _ENDS[name](self)

    def start_paragraph(self, *_: Any) -> None:
        self._block("<p>")

    def end_paragraph(self) -> None:
        self._write("</p>\n")

    def start_heading(self, heading: Any, *_: Any) -> None:
        self._block(f"<{heading['level'].lower()}>")

    def start_quotation(self, *_: Any) -> None:
        self._quotations += 1
        self._block("<blockquote>\n")

    def end_quotation(self) -> None:
        self._quotations -= 1
        self._block("</blockquote>\n")

    def raw_block(self, *_: Any) -> None:
        """Begin or end a block of HTML, whose lines are events of their own."""
        self._block("")

    def _end_part(self, tail: str) -> None:
        """End emphasis or a link: with its last tag, or with the signs that were no mark."""
        if tail.startswith("</"):
            self._write(tail)
        else:
            self._words.append(tail)

    def _is_in_sheet(self, start: int) -> bool:
        """Return True if the text begins with a cell's formula, as =A1*B1, which goes on up to there."""
        return _SHEET.match(self._text) is not None and "\n" not in self._text[:start]

    def start_emphasis(self, tag: str, length: int, start: int, end: int) -> None:
        marks = self._typed(start, start + length)
        if tag == "del":
            is_meant = marks == "~~"
            marks = marks if is_meant else "~"
        else:
            before, behind = self._typed(max(0, start - 8), start), self._typed(end, end + 8)
            inner = self._typed(start + length, end - length)
            # A mark that is left over, as in **kwargs and C*, shows that the others were meant as signs, too.
            is_left_over = not self._tails and (before[-1:] == marks[0]) != (behind[:1] == marks[0])
            is_meant = is_emphasis(before, marks, inner, behind) and not is_left_over and not self._is_in_sheet(start)
            is_in_word = len(inner) > 1 and (before[-1:].isalpha() or behind[:1].isalpha())
            if (
                not is_meant
                and marks == "*"
                and is_in_word
                and "=" not in self._text
                and is_part_of_word(before, inner, behind)
            ):
                text = "one '*' inside a word marks nothing: write '**', or put code in backticks"
                self.findings.append(Finding(text, Code.EMPHASIS_IN_WORD, f"*{inner}*"))
        if is_meant:
            self._write(f"<{tag}>")
        else:
            self._words.append(marks)
        self._tails.append(f"</{tag}>" if is_meant else marks)

    def start_link(self, link: Any, start: int, _: int) -> None:
        address = self._parts.restore(link["dest_url"])
        kind = link["link_type"]
        if kind == "Email":
            address = f"mailto:{address}"
        elif kind == "Inline" and not is_address(address, is_call=self._typed(max(0, start - 4), start)[-1:].isalnum()):
            self._words.append("[")
            self._tails.append("")
            return
        elif address.lower().startswith("www."):
            address = f"https://{address}"
        scheme = _SCHEME.match(address)
        if scheme and scheme[1].lower() not in _SCHEMES:
            text = f"a link can't lead to '{scheme[1]}:', only to http, https, mailto, tel and the like"
            self.findings.append(Finding(text, Code.LINK_ADDRESS, scheme[0]))
        title = self._parts.restore(link["title"])
        self._write(f'<a href="{_address(address)}"{attribute("title", title)}>')
        self._tails.append("</a>")

    def end_image(self, end: int) -> None:
        width = self._width(end)
        self._flush()
        title, address = self._tails.pop(), self._tails.pop()
        alt = _plain("".join(self._made))
        self._made = self._pictures.pop()
        restore = self._parts.restore
        self._made.append(self._writing.media(restore(address), alt, restore(title), width))

    def _width(self, start: int) -> str:
        """Return the width that stands behind a picture, as HTML has it, and read no further what it is written with."""
        behind = self._typed(start, start + _LONGEST_LOOKS)
        if found := _WIDTH.match(behind):
            self._read = start + len(found[0])
            return found[2] or found[3]
        if found := _LOOKS.match(behind):
            text = "behind a picture stands its width, without a space: {width=50%}, 1% to 100%, or {width=300px}, up to 9999px"
            self.findings.append(Finding(text, Code.MEDIA_SYNTAX, found[0].strip()))
        return ""

    def start_image(self, image: Any, *_: Any) -> None:
        self._flush()
        self._pictures.append(self._made)
        self._made = []
        self._tails += (image["dest_url"], image["title"])

    def start_list(self, first: Any, *_: Any) -> None:
        self._block("")
        self._lists.append(_List(len(self._made), None if first is None else []))
        self._made.append("<ul>\n" if first is None else "<ol>\n")

    def start_item(self, _: Any, start: int, __: int) -> None:
        self._block("<li>")
        numbers = self._lists[-1].numbers
        if numbers is not None:
            typed = _NUMBER.match(self._raw, start)
            numbers.append((len(self._made) - 1, int(typed[1]) if typed else 1))

    def end_list(self) -> None:
        self._flush()
        tag, entries = self._lists.pop()
        if entries is None:
            self._block("</ul>\n")
            return
        numbers = [number for _, number in entries]
        if set(numbers) != {1}:  # only `1. 1. 1.` counts up
            expected = numbers[0]
            for place, number in entries:
                if number != expected:
                    self._made[place] = f'<li value="{number}">'
                expected = number + 1
        digits = len(str(max(numbers)))
        start = attribute("start", str(numbers[0]) if numbers[0] != 1 else "")
        self._made[tag] = f"<ol{start}{attribute('class', f'n{digits}' if digits > _DIGITS else '')}>\n"
        self._block("</ol>\n")

    def end_item(self) -> None:
        self._write("</li>\n")

    def start_code(self, info: Any, *_: Any) -> None:
        language = info["Fenced"].partition(" ")[0] if info.__class__ is dict else ""
        self._block(f"<pre><code{attribute('class', f'language-{language}' if language else '')}>")

    def end_code(self) -> None:
        words = "".join(self._words)
        self._words.clear()
        has_language = self._made[-1] != "<pre><code>"
        html = escape(self._parts.restore(words), quote=False)
        # Where code is coloured, it is made inert with the colours.
        self._made += (html if has_language else inert(html), "</code></pre>\n")

    def start_table(self, columns: Any, *_: Any) -> None:
        styles = {"Left": "text-align: left", "Center": "text-align: center", "Right": "text-align: right"}
        self._cells = [attribute("style", styles.get(column, "")) for column in columns]
        self._block("<table>")

    def end_table(self) -> None:
        self._write("</tbody></table>\n")

    def start_head(self, *_: Any) -> None:
        self._tag, self._column = "th", 0
        self._write("<thead><tr>")

    def end_head(self) -> None:
        self._write("</tr></thead><tbody>\n")

    def start_row(self, *_: Any) -> None:
        self._tag, self._column = "td", 0
        self._write("<tr>")

    def end_row(self) -> None:
        self._write("</tr>\n")

    def start_cell(self, *_: Any) -> None:
        self._write(f"<{self._tag}{self._cells[self._column]}>")
        self._column += 1

    def end_cell(self) -> None:
        self._write(f"</{self._tag}>")


# What each element begins and ends with, by the library's name for it.
_STARTS: Final[dict[str, Callable[..., None]]] = {
    "Paragraph": _Writer.start_paragraph,
    "Heading": _Writer.start_heading,
    "BlockQuote": _Writer.start_quotation,
    "CodeBlock": _Writer.start_code,
    "HtmlBlock": _Writer.raw_block,
    "List": _Writer.start_list,
    "Item": _Writer.start_item,
    "Table": _Writer.start_table,
    "TableHead": _Writer.start_head,
    "TableRow": _Writer.start_row,
    "TableCell": _Writer.start_cell,
    "Link": _Writer.start_link,
    "Image": _Writer.start_image,
    "Emphasis": lambda writer, _, start, end: writer.start_emphasis("em", 1, start, end),
    "Strong": lambda writer, _, start, end: writer.start_emphasis("strong", 2, start, end),
    "Strikethrough": lambda writer, _, start, end: writer.start_emphasis("del", 2, start, end),
}
_ENDS: Final[dict[str, Callable[[_Writer], None]]] = {
    "Paragraph": _Writer.end_paragraph,
    "BlockQuote": _Writer.end_quotation,
    "CodeBlock": _Writer.end_code,
    "HtmlBlock": _Writer.raw_block,
    "List": _Writer.end_list,
    "Item": _Writer.end_item,
    "Table": _Writer.end_table,
    "TableHead": _Writer.end_head,
    "TableRow": _Writer.end_row,
    "TableCell": _Writer.end_cell,
}


def attribute(name: str, value: str) -> str:
    """Return an attribute of a tag with a space before it; nothing where it has no value."""
    return f' {name}="{escape(value, quote=False).replace(chr(34), "&quot;")}"' if value else ""


def _address(address: str) -> str:
    return escape(quote(address, safe=_IN_ADDRESS), quote=False)


_TAG: Final = re.compile(r"<[^>]*>")


def _plain(html: str) -> str:
    """Return what is shown of HTML, as the text of an attribute is typed."""
    return unescape(_TAG.sub("", html.replace("<br>\n", " ")))
