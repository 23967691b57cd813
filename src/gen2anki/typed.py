"""What can be typed as an answer, which Anki compares with the one on the card."""

import re
import unicodedata
from html import unescape
from typing import Final

_MATH: Final = re.compile(r"\\[(\[](?![^<]*</code>)")
# What of an answer Anki does not compare with what is typed.
_NOT_COMPARED: Final = re.compile(r"<[^>]*>|\[sound:[^\]]*\]")
# Characters that look like nothing, or like a space, and are not what the keyboard gives for it.
_NO_KEY: Final = re.compile(r"[^\S \n\u3000]|[\u00ad\u200b\u2060\ufeff]")
_UNEVEN: Final = re.compile(r"[ \n]\n|\n ")


def untypable(html: str) -> str:
    """Return why nobody could type an answer so that Anki takes it for right; empty where one can, or there is none."""
    text = unescape(_NOT_COMPARED.sub("", html).replace("&nbsp;", " ")).strip()  # as Anki does
    if _MATH.search(html):
        what = "it has math in it"
    elif "<table" in html:
        what = "it has a table in it"
    elif html and not text:
        what = "there is no text in it"
    elif odd := _NO_KEY.search(text):
        what = f"there is a {unicodedata.name(odd[0], 'control character')} in it"
    elif _UNEVEN.search(text):  # Anki makes a space of each
        what = "it has a list, or lines of code, in it"
    elif "  " in text:
        what = "it has two spaces in a row"
    else:
        return ""
    return f"this answer can't be typed, for {what}: write it in plain text, or take 'typed' out"
