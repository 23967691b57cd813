"""What a learner typed, beside what was asked for, as Anki shows the two."""

import re
import unicodedata
from difflib import SequenceMatcher
from html import escape, unescape
from typing import Final

_TAG: Final = re.compile(r"<[^>]*>|\[sound:[^\]]*\]")


def compared(expected: str, typed: str) -> str:
    """Return the HTML of the comparison of a typed text with a field."""
    text = _TAG.sub("", expected).strip()
    if "&" in text:  # only then does Anki make spaces of those that do not break
        text = unescape(text).replace("\xa0", " ")
    wanted, given = unicodedata.normalize("NFC", text), unicodedata.normalize("NFC", typed)
    if not given:
        shown = _escaped(text)
    elif given == wanted:
        shown = _run("Good", wanted)
    else:
        above, below = [], []
        for kind, start, end, wanted_start, wanted_end in SequenceMatcher(
            None, given, wanted, autojunk=False
        ).get_opcodes():
            was, is_ = given[start:end], wanted[wanted_start:wanted_end]
            if kind == "equal":
                above.append(_run("Good", was))
                below.append(_run("Good", is_))
                continue
            above.append(_run("Bad", was) if was else _run("Missed", "-" * len(is_)))
            if is_:
                below.append(_run("Missed", is_))
        shown = f"{''.join(above)}<br><span id=typearrow>&darr;</span><br>{''.join(below)}"
    return f"<code id=typeans>{shown}</code>"


def _run(kind: str, text: str) -> str:
    return f"<span class=type{kind}>{_escaped(text)}</span>"


def _escaped(text: str) -> str:
    return escape(text)
