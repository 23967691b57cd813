"""What an id is: of a deck, a note or a section."""

import re
from typing import Final

# Ids are part of file names, tags of searches and of the ledger's lines: plain ASCII, short.
MAX_LENGTH: Final = 64
ID: Final = re.compile(r"[a-z0-9._-]{1,64}")
ID_RULE: Final = "lower-case letters, digits, '-', '_' and '.', at most 64 characters"
