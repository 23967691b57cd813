"""What is written in a text as it would be elsewhere, in LaTeX, HTML or Anki, and would come out as plain text here."""

import re
from collections.abc import Iterator
from typing import Final

from gen2anki.markdown import words
from gen2anki.media import PICTURES, SOUNDS

_MEDIUM: Final = rf"[^()<>]*\.(?i:{'|'.join(suffix[1:] for suffix in SOUNDS + PICTURES)})"
# Words in brackets that someone escaped, \(such as\) these or \[sic\]: of letters and marks, with a word that can be said.
_SAID: Final = (
    r"(?=[^\\\d_^=+<>|]*?(?:[^\W\d_]*[aeiouy][^\W\d_]{2}|[^\W\d_][aeiouy][^\W\d_]|[^\W\d_]{2}[aeiouy]|[^\x00-\x7f]))"
)
_NO_MATH: Final = "LaTeX stands in $…$ or $$…$$, and code in backticks"
# LaTeX that is in no math, as the text has none.
_LATEX: Final = re.compile(
    r"\\(?:[dt]?frac|sqrt|ce|math[a-z]+|text[a-z]{0,2}|emph|binom|hat|bar|vec|over(?:line|set)|sum_|int_)\{"
)
# What it takes for it to be there at all, what it looks like, and the fault.
_SLIPS: Final = (
    (
        "\\(",
        re.compile(rf"(?<!\\)\\\((?!{_SAID}[^\\]*\\\))(?=.+?(?<!\\)\\\))", re.DOTALL),
        "math is $…$ here, not \\(…\\); code stands in backticks",
        "math-delimiter",
    ),
    (
        "\\[",
        re.compile(r"(?<!\\)\\\[(?=(?:(?!\\\]).)*?(?!\\\])[\\^_=+<>](?:(?!\\\]).)*\\\])", re.DOTALL),
        "math on a line of its own is $$…$$ here, not \\[…\\]; code stands in backticks",
        "math-delimiter",
    ),
    (
        "\\begin{",
        re.compile(r"\\begin\{\w+\*?\}"),
        _NO_MATH,
        "math-delimiter",
    ),
    ("[sound:", re.compile(r"\[sound:"), "a sound is written like a picture: ![](file.mp3)", "media-syntax"),
    ("![[", re.compile(r"!\[\[[^\[\]]+\]\]"), "a picture is written ![](file.png)", "media-syntax"),
    (
        "![",
        re.compile(r"!\[[^\]]*\]\((?=[^<>\n]* [^<>\n]*\))"),
        "a path with a space in it stands in angle brackets: ![…](<…>)",
        "media-syntax",
    ),
    (
        "![",
        re.compile(rf"!\[[^\[\]]*\] +\(<?{_MEDIUM}>?\)"),
        "no space stands between the brackets of a picture or sound: ![…](…)",
        "media-syntax",
    ),
    (
        "](",
        re.compile(rf"(?<![!\\])\[[^\[\]]*\]\(<?+(?![A-Za-z][A-Za-z0-9+.-]*:|//){_MEDIUM}>?(?=[ )])"),
        "a picture or sound begins with '!': ![…](…); this is a link, and leads nowhere",
        "media-syntax",
    ),
)
# What LaTeX leaves out: all behind the sign, up to the line's end.
_REMARK: Final = re.compile(r"(?<!\\)%(?!.*\n).*", re.DOTALL)

# Marks of bold that Markdown does not see: next to a letter and a sign, in a script without spaces or behind a colon.
_CJK: Final = r"[\u3000-\u30ff\u3400-\u9fff\uac00-\ud7af\uff00-\uffef]"
_BOLD: Final = re.compile(rf"(?<={_CJK})\*\*|\*\*(?={_CJK})|(?<!\S)\*\*[^\s*][^*\n<]*[^\w\s*]\*\*(?=\w)")
# What begins the entries of a list in other programs.
_BULLET: Final = re.compile(r"\n[•▪●◦‣](?=\s)")


def find(typed: str) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with a text, as typed: a message, a code, what to point at; the first of each code."""
    told = ""
    for needed, slip, fault, code in _SLIPS:
        if code != told and needed in typed and slip.search(typed) and (found := slip.search(words(typed))):
            yield fault, code, found[0]
            told = code
    is_bare = not told and "\\" in typed and "$" not in typed and _LATEX.search(typed)
    if is_bare and (found := _LATEX.search(words(typed))):
        yield _NO_MATH, "math-delimiter", found[0]


def in_math(math: str) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with a formula, as `find` does."""
    if found := _REMARK.search(math):
        yield "in math, '%' and all behind it is left out: write '\\%'", "math-percent", found[0].rstrip()
    if "\\label" in math:
        yield (
            "MathJax takes no \\label twice, and a card shows its question twice: take it out",
            "math-label",
            "\\label",
        )


def shown(html: str) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with a text by what of its marks is left in its HTML, code and math left out, as `find` does."""
    if found := _BOLD.search(html):
        text = "this '**' makes nothing bold: put it next to letters, inside of quotes, brackets and stops, or a space outside"
        yield text, "bold-marks", found[0]
    if found := _BULLET.search(html):
        yield (
            f"'{found[0].strip()}' begins no list, and the lines run together: write '- '",
            "list-marks",
            found[0].strip(),
        )
