"""`make blowup`: time texts of 100 kB made of one sign, a pair of signs or a construct, and name each that takes too long.

python tests/blowup.py [BYTES]
"""
# ruff: noqa: T201 (a command, which prints)

import string
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, product
from typing import Final

from gen2anki.text.renderer import Renderer

BYTES: Final = 100_000
# Processor seconds that a text may take.
MOST: Final = 1.0
SIGNS: Final = f"{string.punctuation} \na1"
# Beginnings that need an end which never comes, and constructs that stand in each other or side by side.
CONSTRUCTS: Final = (
    "![a](b c ", "![", "[a](", "[a]: x\n", "[a][b] ", "![a]", "~a~ ", "$5-$6 ", "$HOME ", "$a$ ", "$$a$$ ", "$%a$ ", "`$",
    "\\(a ", "\\[a ", "$$ x \\( y ", "\\frac{", "\\left(", "\\alpha ", "\\d", "a\\b", "C:\\a ", "|-|\n", "| a | b |\n", "|---|---|\n",
    "- ", "- a\n", "1. ", "1. a\n", "> ", "> A\n", "# A\n", "  a\n", "a\n", "```\n", "~~~\n", "``a ", "`a", "**a ", "*a",
    "***a*** ", "a**b**", "__", "_a ", "<b>", "</b>", "<b", "<a ", "<a b='", "<!--", "<a@b.c> ", "<http://a> ", "&amp;", "&#",
    "{{c1::", "{{c1::a::", "{{c1::a}}", "[sound:", "[latex]", "[[type:", "[anki:", "é", "e\u0301", "(*", "=A(",
)  # fmt: skip


def texts(size: int, parts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield a name and a text of so many characters for each part."""
    for part in parts:
        yield repr(part), (part * (size // len(part) + 1))[:size]


def ways() -> Iterator[tuple[str, Callable[[str], object]]]:
    """Yield each way to render a text."""
    for html in (False, True):
        renderer = Renderer(str, html=html)
        name = " with HTML" if html else ""
        yield f"a text{name}", renderer.field
        yield f"a cloze{name}", renderer.cloze
        yield f"a title{name}", renderer.line


def main() -> None:
    """Time all texts in all ways; exit 1 where any takes too long."""
    size = int(sys.argv[1]) if sys.argv[1:] else BYTES
    slow = tried = 0
    pairs = map("".join, product(SIGNS, repeat=2))
    every, (first, *_) = list(ways()), ways()
    tries = chain(
        ((text, way) for text in texts(size, CONSTRUCTS) for way in every),
        ((text, first) for text in texts(size, pairs)),
    )
    for (name, text), (way, render) in tries:
        start = time.process_time()
        render(text)
        seconds = time.process_time() - start
        tried += 1
        if seconds > MOST:
            slow += 1
            print(f"{seconds:6.1f} s  {name} as {way}")
    print(f"{tried:,} texts of {size:,} characters, {slow} of them over {MOST:g} s")
    sys.exit(slow > 0)


if __name__ == "__main__":
    main()
