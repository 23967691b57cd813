"""What changed in a text, word by word."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from html import unescape
from typing import Final

# How many words are shown around what changed.
_CONTEXT: Final = 6

# A tag, an escaped character, a character of a script without spaces, a word, or a mark; then the space behind it.
_WORD: Final = re.compile(
    r"(<[^>]*>|&#?\w+;|[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+|[^\w\s])(\s*)"
)


def _unescaped(words: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return words, marks and tags as they are shown, each with the space behind it."""
    return [(unescape(word), space) for word, space in words]


def runs(before: str, after: str) -> Iterator[tuple[str, str]]:
    """Yield a text (HTML) in runs of words, each with its sign: "" (the same), "-" (only before) or "+" (only after).

    The runs hold their spaces, except between a "-" and its "+", where there is none.
    """
    old_html, new_html = _WORD.findall(before), _WORD.findall(after)
    old, new = _unescaped(old_html), _unescaped(new_html)
    old_words, new_words = [word for word, _ in old], [word for word, _ in new]
    if old_words == new_words:  # only spaces differ
        yield from (("-", before), ("+", after))
        return
    for kind, start, end, new_start, new_end in SequenceMatcher(None, old_words, new_words).get_opcodes():
        if kind == "equal":
            at_start, at_end = start == new_start == 0, (end, new_end) == (len(old), len(new))
            yield "", _shortened(new[new_start:new_end], at_start=at_start, at_end=at_end)
            continue
        was, now = _joined(old[start:end]), _joined(new[new_start:new_end])
        if was.rstrip() == now.rstrip():  # only escapes differ
            was, now = _joined(old_html[start:end]), _joined(new_html[new_start:new_end])
        if not now and new_start and not new[new_start - 1][1]:  # the space before the run went, too
            yield "", old[start - 1][1]
        if was:
            yield "-", was.rstrip() if now else was
        if now:
            yield "+", now


def _joined(words: Sequence[tuple[str, str]]) -> str:
    return "".join(f"{word}{space}" for word, space in words)


def _shortened(words: Sequence[tuple[str, str]], *, at_start: bool, at_end: bool) -> str:
    """Return a run of equal words, cut to the words near a change."""
    head = 0 if at_start else _CONTEXT
    tail = 0 if at_end else _CONTEXT
    if len(words) <= head + tail + 2:
        return _joined(words)
    return f"{_joined(words[:head])}… {_joined(words[len(words) - tail :])}"
