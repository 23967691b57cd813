"""Typed answers: what a learner types so that Anki finds it equal to the answer, and whether anybody can."""

import re
import unicodedata
from html import escape, unescape
from typing import Final

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.finding import Finding

_MATH: Final = re.compile(r"\\[(\[](?![^<]*</code>)")
# The parts of an answer that are not typed: what is written above signs, tags, and sounds, which Anki leaves out.
_NOT_COMPARED: Final = re.compile(r"<(r[tp])\b[^>]*>[^<]*</\1>|<[^>]*>|\[sound:[^\]]*\]")
# Signs of print, and the keys that stand for them.
_KEYS: Final = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u02bc\u2032", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        **dict.fromkeys("\u00a0\u2002\u2003\u2009\u202f", " "),
        "\u2026": "...",
    }
)
# Characters without a key: those that look like nothing, like a space or like two letters. Joiners have a key where words
# are written with them, as in Persian, and stand in emoji.
_NO_KEY: Final = re.compile(
    r"[^\S \n\u3000]|[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufb00-\ufb06]"
    r"|(?<![\u0600-\u1fff\u2600-\U0010ffff])[\u200c\u200d]"
)
_BLOCK: Final = re.compile(r"<(?:[uo]l|h[1-6]|blockquote)\b")
_LINE_ENDS: Final = re.compile(r"\n+")
_UNEVEN: Final = re.compile(r"[ \n]\n|\n ")


def untypable(html: str) -> Finding | None:
    """Return why nobody can type an answer so that Anki takes it as right; None where learners can, or it is empty.

    `html` is the answer as it was rendered.
    """
    text = _plain(html)
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
    elif _UNEVEN.search(text):  # Anki makes one space of them
        what = "it has lines of code in it"
    elif "  " in text:
        what = "it has two spaces in a row"
    else:
        return None
    text = f"this can't be typed because {what}: write it in plain text, or take 'typed' out"
    return Finding(text, Code.TYPED_ANSWER)


def as_typed(html: str) -> str:
    """Return a rendered answer as a learner types it, as HTML: without marks, and with the signs that keys have."""
    return escape(_LINE_ENDS.sub(" ", _plain(html)), quote=False)


def _plain(html: str) -> str:
    return unescape(_NOT_COMPARED.sub("", html.replace("<br>", "\n"))).translate(_KEYS).strip()
