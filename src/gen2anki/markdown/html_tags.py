"""Tags that an author types: which were pasted from HTML, and which are wrong in a lesson of HTML."""

import re
from html.parser import HTMLParser
from typing import Final

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.finding import Finding
from gen2anki.diagnostics.suggestion import nearest

# A tag that a rich-text editor leaves behind: a break, a picture, a style, the end of emphasis.
PASTED: Final = re.compile(
    r"<(?:br ?/?>|(?:img|font|span|div|p|a|td|table)\s[^<>]*=[^<>]*>"
    r"|/(?:b|i|u|em|strong|sub|sup|span|div|p|ul|ol|li|font|td|tr|table|h[1-6])>)",
    re.IGNORECASE,
)
_VOID: Final = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
)
# Elements whose last tag may be left out.
_OPEN: Final = frozenset(
    [
        "p",
        "li",
        "dt",
        "dd",
        "option",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "td",
        "th",
        "rt",
        "rp",
        "colgroup",
        "html",
        "head",
        "body",
    ]
)
_KNOWN: Final = (
    _VOID
    | _OPEN
    | frozenset(
        [
            "a",
            "abbr",
            "address",
            "article",
            "aside",
            "audio",
            "b",
            "bdi",
            "bdo",
            "big",
            "blockquote",
            "button",
            "canvas",
            "caption",
            "center",
            "cite",
            "code",
            "data",
            "datalist",
            "del",
            "details",
            "dfn",
            "dialog",
            "div",
            "dl",
            "em",
            "fieldset",
            "figcaption",
            "figure",
            "font",
            "footer",
            "form",
            "frame",
            "frameset",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "header",
            "hgroup",
            "i",
            "iframe",
            "ins",
            "kbd",
            "label",
            "legend",
            "main",
            "map",
            "mark",
            "menu",
            "meter",
            "nav",
            "noscript",
            "object",
            "ol",
            "optgroup",
            "output",
            "picture",
            "pre",
            "progress",
            "q",
            "rb",
            "rtc",
            "ruby",
            "s",
            "samp",
            "script",
            "section",
            "select",
            "slot",
            "small",
            "span",
            "strike",
            "strong",
            "style",
            "sub",
            "summary",
            "sup",
            "svg",
            "table",
            "template",
            "textarea",
            "time",
            "title",
            "tt",
            "u",
            "ul",
            "var",
            "video",
        ]
    )
)


def wrong_tag(html: str) -> Finding | None:
    """Return the first tag of a text that is no element of HTML, closes nothing or is not closed; None where all are right.

    What stands inside SVG and MathML has names of its own.
    """
    parser = _Parser()
    parser.feed(html)
    parser.close()
    return parser.found or parser.unclosed()


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: Finding | None = None
        self._opened: list[tuple[str, str]] = []
        self._foreign = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        typed = self.get_starttag_text() or f"<{tag}>"
        if tag in {"svg", "math"}:
            self._foreign += 1
        elif self._foreign:
            return
        elif tag not in _KNOWN and "-" not in tag:
            self._tell(_unknown(tag), typed)
            return
        if any(name == "srcset" for name, _ in attrs):
            self._tell("a picture named in 'srcset' can't be packed: name it in 'src'", typed)
        if any("url(" in (value or "") and "data:" not in (value or "") for name, value in attrs if name == "style"):
            self._tell("a picture named in a style can't be packed: write an <img>", typed)
        if tag not in _VOID:
            self._opened.append((tag, typed))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID or not self._foreign:
            self.handle_starttag(tag, attrs)
            if tag not in _VOID and self._opened and self._opened[-1][0] == tag:
                self._opened.pop()
                self._foreign -= tag in {"svg", "math"}

    def handle_endtag(self, tag: str) -> None:
        if self._foreign:
            if tag not in {"svg", "math"}:
                return
            self._foreign -= 1
        names = [name for name, _ in self._opened]
        if tag in names:
            while self._opened.pop()[0] != tag:
                pass
        elif tag not in _VOID and tag != "p":
            self._tell(f"'</{tag}>' closes nothing: take it out, or put code in backticks", f"</{tag}")

    def unclosed(self) -> Finding | None:
        """Return the first element that needs a last tag and has none."""
        left = next((typed for tag, typed in self._opened if tag not in _OPEN), None)
        if left is None:
            return None
        return Finding(f"'{left}' is never closed: write its last tag, or put code in backticks", Code.HTML_TAG, left)

    def _tell(self, text: str, where: str) -> None:
        self.found = self.found or Finding(text, Code.HTML_TAG, where)


def _unknown(tag: str) -> str:
    near = nearest(tag, tuple(sorted(_KNOWN)))
    advice = f"did you mean '<{near}>'? " if near else ""
    return f"there is no element '<{tag}>' in HTML: {advice}put code in backticks, or write '&lt;' for '<'"
