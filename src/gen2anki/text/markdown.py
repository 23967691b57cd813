"""Markdown to HTML, with math, and what must be escaped before: marks that an author meant as they stand.

The one module that calls the Markdown library.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from pyromark import Markdown, Options

_MARKDOWN: Final = Markdown(options=Options.ENABLE_MATH | Options.ENABLE_TABLES | Options.ENABLE_STRIKETHROUGH)
# Takes a Markdown text, returns HTML: math in <span class="math math-inline"> or "math math-display", escaped.
to_html: Final = _MARKDOWN.html

# Where a `$` may close no math: before a number (`$5-$10`) or a name (`$HOME:$PATH`).
_NO_MATH: Final = re.compile(r"\$(?:\.?\d|@|\{(?!\{)|[A-Za-z_]\w+[^\w$\\^(][^$\\^]*\$[A-Za-z_]\w\w)")
_NUMBER: Final = re.compile(rb"\.?\d")
_VARIABLES: Final = re.compile(
    rb"\$(?:@|\{(?!\{)|[A-Za-z_]\w+(?![\w$(]))(?:[^\\^]|\\\$)*\$(?:\{(?!\{)|[A-Za-z_]\w\w)|\$@[^$\\^]*\$\*"
)
# One tilde, of which GitHub's Markdown takes two for a line through what is between them.
_TILDE: Final = re.compile(r"(?<!~)~(?!~)")
# What may be the address of a link elsewhere in the text, of which nothing is shown where it stands; and what is one.
_DEFINITION: Final = re.compile(
    rb"^ {0,3}()\[[^\]\n]+\]:[ \t]*(?!<|#|www\.|[\w+.-]+:(?!:)|\S*/|\S+\.[A-Za-z]\w{1,4}(?:[?#]\S*)?(?:\s|$))\S",
    re.MULTILINE,
)
# The line below a table's head.
_DELIMITERS: Final = re.compile(rb"^[ >]*(?=[: \t-]*\|)[|: \t-]*-[|: \t-]*$", re.MULTILINE)
_TABLE: Final = re.compile(_DELIMITERS.pattern.decode(), re.MULTILINE)
_EMPTY_LINE: Final = re.compile(rb"\n[ \t>]*\n")
_CODE_OR_MATH: Final = re.compile(rb"(`+)(?!`).*?(?<!`)\1(?!`)|(?<!\\)\$(?!\s)[^$\n]*[^$\s]\$(?!\d)")
_LINE: Final = re.compile(rb"[^\n]+")
_PIPE: Final = re.compile(rb"(?<!\\)\|")
# Math between two lines of `$$`; and what LaTeX leaves out of it, as it does line ends.
_FORMULA: Final = re.compile(rb"^[ \t]*\$\$[ \t]*\n((?:(?!\$\$).)+?)\n[ \t]*\$\$[ \t]*$", re.MULTILINE | re.DOTALL)
_REMARK: Final = re.compile(rb"(?<!\\)%.*")
# What may open raw HTML, or an address; anything else behind a `<` is text to Markdown too.
_RAW_HTML: Final = re.compile(r"<[A-Za-z/!?]")
_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.-]*://|(?:mailto|tel|doi|urn|magnet):", re.IGNORECASE)
_PUNCTUATION: Final = re.compile(rb"([!-/:-@\[-`{-~])")
# What is no words: code, math and pictures.
_NO_WORDS: Final = frozenset({"Code", "CodeBlock", "InlineMath", "DisplayMath", "Image"})
_INDENTED_CODE: Final = {"Start": {"CodeBlock": "Indented"}}


def as_meant(text: str, *, html: bool) -> tuple[str, str]:
    """Return a text's HTML, and the text with those marks escaped that Markdown takes otherwise than their author means.

    With `html`, raw HTML is meant.
    """
    typed = text
    # Most texts hold none of these marks, and so much is told at a glance.
    has_lines = "\n" in text and ("|" in text or "]:" in text)  # of a table, or with addresses
    if has_lines or "~" in text or "<" in text or ("$" in text and _NO_MATH.search(text)):
        text = _with_escapes(text, html=html)
    made = to_html(text)
    if ("`" in made or "$" in made) and "$" in text and (whole := _joined(typed, made)) != typed:
        text = _with_escapes(whole, html=html)
        made = to_html(text)
    return made, text


def _with_escapes(text: str, *, html: bool) -> str:
    """Return a text with the marks escaped that are not meant."""
    if "$" in text and _NO_MATH.search(text):
        text = _escaped(text, _no_math)
    if "~" in text and _TILDE.search(text):
        text = _escaped(text, _no_strike)
    if "]:" in text:
        text = _all_escaped(text, _no_definition)
    if "|" in text and "\n" in text and _TABLE.search(text):
        text = _all_escaped(text, _no_cell)
    return _html_escaped(text) if "<" in text and not html and _RAW_HTML.search(text) else text


def _joined(text: str, html: str) -> str:
    """Return a text with whole what math has cut in two, or what has cut math; `html` is what it became.

    A mark is left over then: of code cut by math, a backtick; of math, which an empty line cuts, or one that looks like
    a list's, its `$$`.
    """
    if "`" in html:
        text = _escaped(text, _cut_code)
    return _formulas_joined(text) if "$$" in html and "\n" in text else text


def _escaped(text: str, find: Callable[[bytes], Iterator[int]]) -> str:
    """Return a text with a backslash before the first place that is found, and the next, until there is none."""
    raw = text.encode()
    while (start := next(find(raw), None)) is not None:
        raw = raw[:start] + b"\\" + raw[start:]
    return raw.decode()


def _all_escaped(text: str, find: Callable[[bytes], Iterator[int]]) -> str:
    """Return a text with a backslash before each place that is found: none of them hangs on another."""
    raw = text.encode()
    for start in sorted(set(find(raw)), reverse=True):
        raw = raw[:start] + b"\\" + raw[start:]
    return raw.decode()


def _events(raw: bytes) -> list[tuple[dict[str, Any], int, int]]:
    """Return what Markdown finds in a text, with its start and end; marks alone, such as line ends, are left out."""
    found: Any = _MARKDOWN.events_with_range(raw.decode())
    return [(event, place["start"], place["end"]) for event, place in found if event.__class__ is dict]


def _no_math(raw: bytes) -> Iterator[int]:
    """Yield where math begins that ends before a number or a name."""
    for event, start, end in _events(raw):
        if "InlineMath" in event and (_NUMBER.match(raw, end) or _VARIABLES.match(raw, start, end + 3)):
            yield start


def _cut_code(raw: bytes) -> Iterator[int]:
    """Yield where math begins that ends in what would be code. LaTeX has backticks for quotes: then none is left over."""
    for event, start, end in _events(raw):
        if ("InlineMath" in event or "DisplayMath" in event) and b"`" in raw[start:end]:
            escaped = raw[:start] + b"\\" + raw[start:]
            if _loose_backticks(escaped) < _loose_backticks(raw):
                yield start


def _loose_backticks(raw: bytes) -> int:
    """Return how many backticks of a text are no part of its code or math."""
    return sum(event.get("Text", "").count("`") for event, _, _ in _events(raw))


def _formulas_joined(text: str) -> str:
    """Return a text with each formula between two lines of `$$` on one line."""
    raw = text.encode()
    code = _code_blocks(raw)

    def on_one_line(found: re.Match[bytes]) -> bytes:
        if any(found.start() in block for block in code):
            return found[0]
        return b"$$" + b" ".join(_REMARK.sub(b"", found[1]).split()) + b"$$"

    return _FORMULA.sub(on_one_line, raw).decode()


def _no_strike(raw: bytes) -> Iterator[int]:
    """Yield where a line through the text begins with one tilde."""
    return (
        start
        for event, start, _ in _events(raw)
        if event.get("Start") == "Strikethrough" and raw[start + 1 : start + 2] != b"~"
    )


def _no_definition(raw: bytes) -> Iterator[int]:
    """Yield where what Markdown takes for a link's address begins, and is words: `[Alice]: Hello`."""
    code = _code_blocks(raw)
    return (found.start(1) for found in _DEFINITION.finditer(raw) if not any(found.start() in block for block in code))


def _no_cell(raw: bytes) -> Iterator[int]:
    """Yield where a `|` in the code or math of a table would begin a cell."""
    for found in _DELIMITERS.finditer(raw):
        if any(found.start() in block for block in _code_blocks(raw)):
            continue
        head = raw.rfind(b"\n", 0, max(0, found.start() - 1)) + 1
        end = _EMPTY_LINE.search(raw, found.end())
        columns = _cells(found[0])
        for line in _LINE.finditer(raw, head, end.start() if end else len(raw)):
            if _cells(line[0]) <= columns:
                continue
            for span in _CODE_OR_MATH.finditer(raw, line.start(), line.end()):
                yield from (pipe.start() for pipe in _PIPE.finditer(raw, span.start(), span.end()))


def _cells(row: bytes) -> int:
    """Return how many cells a row of a table has, those left out that are empty at its end."""
    row = row.strip(b" >\t").rstrip(b" \t|")
    return len(_PIPE.findall(row)) + 1 - row.startswith(b"|")


def _code_blocks(raw: bytes) -> list[range]:
    """Return where a text's blocks of code are."""
    return [range(start, end) for event, start, end in _events(raw) if "CodeBlock" in (event.get("Start") or ())]


def lost_cells(text: str) -> str:
    """Return the first row of a table that has more cells than its head, of which Markdown drops the last; or nothing."""
    raw, columns = text.encode(), 0
    for event, start, end in _events(raw):
        kind = event.get("Start")
        if isinstance(kind, dict) and "Table" in kind:
            columns = len(kind["Table"])
        elif kind == "TableRow" and _cells(raw[start:end].strip()) > columns:
            return raw[start:end].strip().decode()
    return ""


def _html_escaped(text: str) -> str:
    """Return a text with all escaped that would be raw HTML, or a link to no address: `vector<std::string>`."""
    raw = typed = text.encode()
    while True:
        events = _events(raw)
        places = [
            (start, end)
            for event, start, end in events
            if "InlineHtml" in event or "Html" in event or ("Start" in event and _is_no_link(event["Start"]))
        ]
        if not places:
            break
        for start, end in reversed(places):
            raw = raw[:start] + _PUNCTUATION.sub(rb"\\\1", raw[start:end]) + raw[end:]
    if "\n" not in text:
        return raw.decode()
    # Some HTML runs past empty lines; escaped, an indented line behind one is code, in which a backslash is itself.
    lines, typed_lines = raw.split(b"\n"), typed.split(b"\n")
    for event, start, end in events:
        if event == _INDENTED_CODE:
            first = raw.count(b"\n", 0, start)
            behind = first + 1 + raw.count(b"\n", start, end - 1)
            lines[first:behind] = typed_lines[first:behind]
    return b"\n".join(lines).decode()


def _is_no_link(kind: Any) -> bool:
    """Say whether what begins is a link to no address, such as `<std::string>`."""
    link = kind.get("Link") if kind.__class__ is dict else None
    return bool(link and link["link_type"] == "Autolink" and not _ADDRESS.match(link["dest_url"]))


def words(text: str) -> str:
    """Return a text without its code, math and pictures."""
    raw, kept, done = text.encode(), b"", 0
    for event, start, end in _events(raw):
        kind = event.get("Start", event)
        if start >= done and isinstance(kind, dict) and not _NO_WORDS.isdisjoint(kind):
            kept += raw[done:start]
            done = end
    return (kept + raw[done:]).decode()
