"""Tags that an author types: which were pasted from HTML, and which are wrong in a lesson of HTML."""

import re
from collections import Counter
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
# What holds a language of its own: names of elements there are not HTML's, or there are none.
_FOREIGN: Final = frozenset(("svg", "math", "script", "style"))
_KNOWN: Final = (
    _VOID
    | _OPEN
    | _FOREIGN
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
# A tag, with its attributes; a comment is looked for by itself.
_TAG: Final = re.compile(r"<(?:(?P<comment>!--)|(?P<end>/?)(?P<name>[A-Za-z][^\s<>/]*)(?P<attributes>[^<>]*)>)")
_ATTRIBUTE: Final = re.compile(r"([\w:-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
# Attributes that Anki's import does not look at, or takes for `src`.
_NOT_IMPORTED: Final = frozenset(("srcset", "poster", "data-src"))
_MEDIUM_IN_STYLE: Final = re.compile(r"url\(\s*[\"']?(?!data:|https?:)", re.IGNORECASE)


def wrong_tag(html: str) -> Finding | None:
    """Return the first tag of a text that is no element of HTML, closes nothing or is not closed; None where all are right."""
    opened: list[tuple[str, str]] = []
    times: Counter[str] = Counter()  # how often each element is open
    done = 0
    while found := _TAG.search(html, done):
        done = found.end()
        if found["comment"]:
            done = _behind(html, "-->", done)
            continue
        tag, typed = found["name"].lower(), found[0]
        message = _close(tag, opened, times) if found["end"] else _fault(tag, found["attributes"])
        if message:
            return Finding(message, Code.HTML_TAG, typed)
        if found["end"] or tag in _VOID or found["attributes"].endswith("/"):
            continue
        if tag in _FOREIGN:
            done = _behind(html, ">", _behind(html.lower(), f"</{tag}", done))
        else:
            opened.append((tag, typed))
            times[tag] += 1
    left = next((typed for tag, typed in opened if tag not in _OPEN), None)
    if left is None:
        return None
    return Finding(f"'{left}' is never closed: write its last tag, or put code in backticks", Code.HTML_TAG, left)


def _close(tag: str, opened: list[tuple[str, str]], times: Counter[str]) -> str:
    """Close an element, and all that stands open in it; return what is wrong with that, or nothing."""
    if not times[tag]:
        is_harmless = tag in _VOID or tag == "p"
        return "" if is_harmless else f"'</{tag}>' closes nothing: take it out, or put code in backticks"
    last = ""
    while last != tag:
        last, _ = opened.pop()
        times[last] -= 1
    return ""


def _behind(html: str, mark: str, start: int) -> int:
    """Return where what follows a mark begins; the end where there is none."""
    found = html.find(mark, start)
    return len(html) if found < 0 else found + len(mark)


def _fault(tag: str, attributes: str) -> str:
    """Return what is wrong with a tag that begins an element; empty where nothing is."""
    if tag not in _KNOWN and "-" not in tag:
        near = nearest(tag, tuple(sorted(_KNOWN)))
        advice = f"did you mean '<{near}>'? " if near else ""
        return f"there is no element '<{tag}>' in HTML: {advice}put code in backticks, or write '&lt;' for '<'"
    for name, *values in _ATTRIBUTE.findall(attributes):
        if name.lower() in _NOT_IMPORTED or (tag == "embed" and name.lower() == "src"):
            return f"Anki imports no medium that '{name.lower()}' of '<{tag}>' names: write an <img>, <audio> or <video> with 'src'"
        if name.lower() == "style" and _MEDIUM_IN_STYLE.search("".join(values)):
            return "a picture named in a style can't be packed: write an <img>"
    return ""
