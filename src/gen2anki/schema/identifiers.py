"""What an id is: of a deck, a note or a section; and which one a text may have."""

import re
from typing import Final

# Ids are part of file names, tags of searches and of the ledger's lines: plain ASCII, short.
MAX_LENGTH: Final = 64
ID: Final = re.compile(r"[a-z0-9._-]{1,64}")
ID_RULE: Final = "lower-case letters, digits, '-', '_' and '.', at most 64 characters"


def words(text: str) -> list[str]:
    """Return the words of a text as an id may have them: in lower-case Latin letters and digits, whatever its script."""
    if not text.isascii():
        # Imported here: most runs offer no id, or one in Latin letters.
        from anyascii import anyascii

        # Each Chinese character begins with a capital.
        text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", anyascii(text))
    return re.findall(r"[a-z0-9]+", re.sub(r"(?<=\w)'(?=\w)", "", text).lower())
