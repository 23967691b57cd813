"""Markdown to HTML, with math, and what of a text must be escaped before: dollar signs and raw HTML that are meant as typed.

The one module that knows the Markdown library.
"""

import re
from collections.abc import Iterator
from typing import Final

from pyromark import Markdown, Options

_MARKDOWN: Final = Markdown(options=Options.ENABLE_MATH | Options.ENABLE_TABLES | Options.ENABLE_STRIKETHROUGH)
# Takes a Markdown text, returns HTML: math in <span class="math math-inline"> or "math math-display", escaped.
to_html: Final = _MARKDOWN.html

# What may open raw HTML; anything else behind a `<` is text to Markdown too.
_RAW_HTML: Final = re.compile(r"<[A-Za-z/!?]")
# A closing `$` before a number closes no math: `$5-$10` is two prices.
_PRICE: Final = re.compile(r"\$\.?\d")
_NUMBER: Final = re.compile(rb"\.?\d")
# Where math may have cut code in two: between two dollar signs, a backtick without a partner.
_CUT_CODE: Final = re.compile(r"\$[^$`]*+`++(?:[^$`]*+`++[^$`]*+`++)*+[^$`]*+\$")
_PUNCTUATION: Final = re.compile(rb"([!-/:-@\[-`{-~])")
# What is no words: code, math and pictures.
_NO_WORDS: Final = frozenset({"Code", "CodeBlock", "InlineMath", "DisplayMath", "Image"})
_INDENTED_CODE: Final = {"Start": {"CodeBlock": "Indented"}}


def dollars_escaped(text: str) -> str:
    """Return a text with each `$` escaped that would open math which ends before a number, or inside of code."""
    if not _PRICE.search(text) and not ("`" in text and _CUT_CODE.search(text)):
        return text
    raw = text.encode()
    while (start := next(_no_math(raw), None)) is not None:
        raw = raw[:start] + b"\\" + raw[start:]
    return raw.decode()


def _no_math(raw: bytes) -> Iterator[int]:
    """Yield where what Markdown takes for math begins, and is none."""
    for event, place in _MARKDOWN.events_with_range(raw.decode()):
        start, end = place["start"], place["end"]
        if "InlineMath" in event and _NUMBER.match(raw, end):
            yield start
        elif ("InlineMath" in event or "DisplayMath" in event) and b"`" in raw[start:end]:
            escaped = raw[:start] + b"\\" + raw[start:]
            # LaTeX has backticks for quotes: only where another is left over was code cut.
            if _loose_backticks(escaped) < _loose_backticks(raw):
                yield start


def _loose_backticks(raw: bytes) -> int:
    """Return how many backticks of a text are no part of its code or math."""
    events = _MARKDOWN.events(raw.decode())
    return sum(str(event.get("Text", "")).count("`") for event in events if isinstance(event, dict))


def html_escaped(text: str) -> str:
    """Return a text with all escaped that would be raw HTML."""
    if not _RAW_HTML.search(text):
        return text
    raw = typed = text.encode()
    while True:
        events = list(_MARKDOWN.events_with_range(raw.decode()))
        places = [place for event, place in events if "InlineHtml" in event or "Html" in event]
        if not places:
            break
        for place in reversed(places):
            start, end = place["start"], place["end"]
            raw = raw[:start] + _PUNCTUATION.sub(rb"\\\1", raw[start:end]) + raw[end:]
    if "\n" not in text:
        return raw.decode()
    # Some HTML runs past empty lines; escaped, an indented line behind one is code, in which a backslash is itself.
    lines, typed_lines = raw.split(b"\n"), typed.split(b"\n")
    for event, place in events:
        if event == _INDENTED_CODE:
            first = raw.count(b"\n", 0, place["start"])
            behind = first + 1 + raw.count(b"\n", place["start"], place["end"] - 1)
            lines[first:behind] = typed_lines[first:behind]
    return b"\n".join(lines).decode()


def words(text: str) -> str:
    """Return a text without its code, math and pictures."""
    raw, kept, done = text.encode(), b"", 0
    for event, place in _MARKDOWN.events_with_range(text):
        kind = event.get("Start", event) if isinstance(event, dict) else {}
        if place["start"] >= done and isinstance(kind, dict) and not _NO_WORDS.isdisjoint(kind):
            kept += raw[done : place["start"]]
            done = place["end"]
    return (kept + raw[done:]).decode()
