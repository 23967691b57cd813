"""What can be typed as an answer, which Anki compares with the one on the card."""

import re
import unicodedata
from html import unescape
from typing import Final

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.finding import Finding

_MATH: Final = re.compile(r"\\[(\[](?![^<]*</code>)")
# What of an answer Anki does not compare with what is typed.
_NOT_COMPARED: Final = re.compile(r"<[^>]*>|\[sound:[^\]]*\]")
# Characters that look like nothing, or like a space, and are not what the keyboard gives for it.
# Or like two letters; but joiners have their key where words are written with them, as in Persian, and in emoji.
_NO_KEY: Final = re.compile(
    r"[^\S \n\u3000]|[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufb00-\ufb06]"
    r"|(?<![\u0600-\u1fff\u2600-\U0010ffff])[\u200c\u200d]"
)
_BLOCK: Final = re.compile(r"<(?:[uo]l|h[1-6]|blockquote)\b")
_UNEVEN: Final = re.compile(r"[ \n]\n|\n ")


def untypable(html: str) -> Finding | None:
    """Return why nobody could type an answer so that Anki takes it for right; None where one can, or there is none.

    `html` is the answer as it was rendered.
    """
    text = unescape(_NOT_COMPARED.sub("", html).replace("&nbsp;", " ")).strip()  # as Anki does
    if _MATH.search(html):
        what = "it has math in it"
    elif "<table" in html:
        what = "it has a table in it"
    elif _BLOCK.search(html):
        what = "it has a list, a heading or a quotation in it"
    elif html and not text:
        what = "there is no text in it"
    elif odd := _NO_KEY.search(text):
        what = f"there is a {unicodedata.name(odd[0], 'control character')} in it"
    elif _UNEVEN.search(text):  # Anki makes a space of each
        what = "it has lines of code in it"
    elif "  " in text:
        what = "it has two spaces in a row"
    else:
        return None
    text = f"this answer can't be typed, for {what}: write it in plain text, or take 'typed' out"
    return Finding(text, Code.TYPED_ANSWER)
