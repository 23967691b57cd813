"""What is written in a text as it would be elsewhere, in LaTeX, HTML or Anki, and would come out as plain text here."""

import re
from collections.abc import Iterator
from typing import Final

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.finding import Finding
from gen2anki.text.markdown import words
from gen2anki.text.media import PICTURES, SOUNDS

_MEDIUM: Final = rf"[^()<>]*\.(?i:{'|'.join(suffix[1:] for suffix in SOUNDS + PICTURES)})"
# Words in brackets that someone escaped, \(such as\) these or \[sic\]: of letters and marks, with a word that can be said.
_SAID: Final = r"(?=[^\\\d_^=+<>|]*?(?:[aeiouy][^\W\d_]{2}|[^\W\d_][aeiouy][^\W\d_]|[^\W\d_]{2}[aeiouy]|[^\x00-\x7f]))"
# What each looks like, and the fault.
_SLIPS: Final = (
    (
        re.compile(rf"(?<!\\)\\\((?!{_SAID}[^\\]*\\\))(?=.+?(?<!\\)\\\))", re.DOTALL),
        "math is $…$ here, not \\(…\\); code stands in backticks",
        Code.MATH_DELIMITER,
    ),
    (
        re.compile(
            r"(?<!\\)\\\[(?!\s*[A-Za-z0-9()]+[+\-−]\\\])(?=(?:(?!\\\]).)*?(?!\\\])[\\^_=+<>])(?=.*?\\\])",
            re.DOTALL,
        ),
        "math on a line of its own is $$…$$ here, not \\[…\\]; code stands in backticks",
        Code.MATH_DELIMITER,
    ),
    (re.compile(r"\[sound:"), "a sound is written like a picture: ![](file.mp3)", Code.MEDIA_SYNTAX),
    (re.compile(r"!\[\[[^\[\]]+\]\]"), "a picture is written ![](file.png)", Code.MEDIA_SYNTAX),
    (
        re.compile(r"!\[[^\]]*\]\((?=[^<>\n]* [^<>\n]*\))"),
        "a path with a space in it stands in angle brackets: ![…](<…>)",
        Code.MEDIA_SYNTAX,
    ),
    (
        re.compile(rf"!\[[^\[\]]*\] +\(<?{_MEDIUM}>?\)"),
        "no space stands between the brackets of a picture or sound: ![…](…)",
        Code.MEDIA_SYNTAX,
    ),
    (
        re.compile(rf"(?<![!\\])\[[^\[\]]*\]\(<?+(?![A-Za-z][A-Za-z0-9+.-]*:|//){_MEDIUM}>?(?=[ )])"),
        "a picture or sound begins with '!': ![…](…); this is a link, and leads nowhere",
        Code.MEDIA_SYNTAX,
    ),
)
# LaTeX that is in no math, as the text has none.
_LATEX: Final = re.compile(
    r"\\(?:begin|[dt]?frac|sqrt|ce|math[a-z]+|text[a-z]{0,2}|emph|binom|hat|bar|vec|over(?:line|set)|sum_|int_)\{"
)
# What LaTeX leaves out: all behind the sign, up to the line's end.
_REMARK: Final = re.compile(r"(?<!\\)%(?!.*\n).*", re.DOTALL)
# Marks of bold that Markdown does not see: next to a letter and a sign, in a script without spaces.
_CJK: Final = r"[\u3000-\u30ff\u3400-\u9fff\uac00-\ud7af\uff00-\uffef]"
_BOLD: Final = re.compile(rf"(?<={_CJK})\*\*|\*\*(?={_CJK})")
# What begins the entries of a list in other programs.
_BULLET: Final = re.compile(r"(?<!<br>)\n[•▪●◦‣](?=\s)(?! ?[•▪●◦‣])")


def find(typed: str) -> list[Finding]:
    """Return what is wrong with a text as typed: of each code the first."""
    found: dict[str, Finding] = {}
    # Most texts have none of what it takes.
    if "](" in typed or "![" in typed or "\\(" in typed or "\\[" in typed or "[sound:" in typed:
        for look, text, code in _SLIPS:
            if code not in found and look.search(typed) and (there := look.search(words(typed))):
                found[code] = Finding(text, code, there[0])
    if (
        not found
        and "\\" in typed
        and "$" not in typed
        and _LATEX.search(typed)
        and (there := _LATEX.search(words(typed)))
    ):
        return [Finding("LaTeX stands in $…$ or $$…$$, and code in backticks", Code.MATH_DELIMITER, there[0])]
    return list(found.values())


def in_math(math: str) -> Iterator[Finding]:
    """Yield what is wrong with a formula."""
    if found := _REMARK.search(math):
        yield Finding("in math, '%' and all behind it is left out: write '\\%'", Code.MATH_PERCENT, found[0].rstrip())
    if "\\label" in math:
        text = "MathJax takes no \\label twice, and a card shows its question twice: take it out"
        yield Finding(text, Code.MATH_LABEL, "\\label")


def shown(html: str) -> Iterator[Finding]:
    """Yield what is wrong with a text by the marks that are left in its HTML, code and math left out."""
    if found := _BOLD.search(html):
        text = "this '**' makes nothing bold: put it next to letters, inside of quotes, brackets and stops, or a space outside"
        yield Finding(text, Code.BOLD_MARKS, found[0])
    if found := _BULLET.search(html):
        mark = found[0].strip()
        yield Finding(f"'{mark}' begins no list, and the lines run together: write '- '", Code.LIST_MARKS, mark)
