"""Keys of a lesson in text that the parser did not read as keys: behind a syntax error, or inside quotes."""

import re
from typing import Final

from gen2anki.schema.keys import NAMES

# Matches any key of a lesson.
KEYS: Final = f"(?:{'|'.join(NAMES)})"
# A line that begins with a key, or with a list entry that does.
_KEY_LINE: Final = re.compile(rf"^( *)(?:- +)*[\[{{]*{KEYS}:(?=\s|$)", re.MULTILINE)


def swallows_keys(text: str, start: int, end: int) -> bool:
    """Return True if the quotes from `start` to `end` contain lines that were meant to be keys or list entries.

    Such lines are indented no more than the key of the quoted text. A line of the text itself would be.
    """
    line = text.rfind("\n", 0, start) + 1
    line = max(line, text.rfind("\r", line, start) + 1)  # searched no further back than needed: few files have any
    before = text[line:start]
    own = len(before) - len(before.lstrip(" -[{"))
    if own == len(before):  # no key stands before it: it is a list entry, or has a line of its own
        own -= 1
        dash = before.rfind("-")
        if dash >= 0 and re.compile(rf"^ {{{dash}}}- ", re.MULTILINE).search(text, start, end):
            return True
    return any(len(found[1]) <= own for found in _KEY_LINE.finditer(text, start, end))
