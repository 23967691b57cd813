"""What is written in a text as it would be elsewhere, in LaTeX, HTML or Anki, and would come out as plain text here."""

import re
from collections.abc import Iterator
from typing import Final

from gen2anki.markdown import words
from gen2anki.media import PICTURES, SOUNDS

_MEDIUM: Final = rf"[^()<>]*\.(?i:{'|'.join(suffix[1:] for suffix in SOUNDS + PICTURES)})"
# What it takes for it to be there at all, what it looks like, and the fault.
_SLIPS: Final = (
    # Not \(words\) or \[sic\], which are brackets that someone escaped.
    (
        "\\(",
        re.compile(r"(?<!\\)\\\((?![^\W\d_][^\W\d_,.' -]+)(?=.+?(?<!\\)\\\))", re.DOTALL),
        "math is $…$ here, not \\(…\\)",
        "math-delimiter",
    ),
    (
        "\\[",
        re.compile(r"(?<!\\)\\\[(?=[^\]]*[\\^_=][^\]]+\\\])", re.DOTALL),
        "math on a line of its own is $$…$$ here, not \\[…\\]",
        "math-delimiter",
    ),
    ("[sound:", re.compile(r"\[sound:"), "a sound is written like a picture: ![](file.mp3)", "media-syntax"),
    (
        "![",
        re.compile(r"!\[[^\]]*\]\((?=[^()<>]* [^()<>]*\))"),
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


def find(typed: str) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with a text, as typed: a message, a code, what to point at."""
    for needed, slip, fault, code in _SLIPS:
        if needed in typed and slip.search(typed) and (found := slip.search(words(typed))):
            yield fault, code, found[0]
