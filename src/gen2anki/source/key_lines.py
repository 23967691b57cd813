"""The keys of a lesson in a text that is not parsed: what a syntax error left unread, or quotes hold by mistake."""

import re
from typing import Final

# The keys of a lesson.
KEYS: Final = (
    "(?:deck|flashcards|practice|retired|id|name|description|language|tags|source|html|question|answer|cloze|why|hint"
    "|reverse|typed|title|intro|prompt|minutes|choices|questions)"
)
# A line that begins with one of them, or a list's entry that does.
_KEY_LINE: Final = re.compile(rf"^( *)(?:- +)*[\[{{]*{KEYS}:(?=\s|$)", re.MULTILINE)


def swallows_keys(text: str, start: int, end: int) -> bool:
    """Say whether the text in quotes from `start` to `end` holds lines that were meant to be keys or entries.

    They are indented no more than what the quotes are the value of, as no line of a text would be.
    """
    line = text.rfind("\n", 0, start) + 1
    line = max(line, text.rfind("\r", line, start) + 1)  # which most files have none of: no further back than needed
    before = text[line:start]
    own = len(before) - len(before.lstrip(" -[{"))
    if own == len(before):  # no key before it: an entry of a list, or on a line of its own
        own -= 1
        dash = before.rfind("-")
        if dash >= 0 and re.compile(rf"^ {{{dash}}}- ", re.MULTILINE).search(text, start, end):
            return True
    return any(len(found[1]) <= own for found in _KEY_LINE.finditer(text, start, end))
