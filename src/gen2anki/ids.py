"""The numbers and names that review history hangs on.

Every number here is known to the collections of everyone who ever imported a deck. None may change: Anki
matches note types, fields and templates by these ids, and a learner whose ids no longer match gets a second
note type and no more corrections. Golden tests hold them (tests/test_frozen.py).
"""

import re
from typing import Final

CARD_NOTETYPE: Final = 1763942400101
CLOZE_NOTETYPE: Final = 1763942400102

# A field's id is its note type's id, then its number; a template's likewise, counted from 51.
CARD_FIELDS: Final = {
    "Question": 176394240010101,
    "Answer": 176394240010102,
    "Why": 176394240010103,
    "Hint": 176394240010104,
    "Choices": 176394240010105,
    "Section": 176394240010106,
    "Prompt": 176394240010107,
    "Source": 176394240010108,
    "Reverse": 176394240010109,
    "Typed": 176394240010110,
    "Status": 176394240010111,
    "Extra": 176394240010112,
    "Id": 176394240010113,
}
CARD_TEMPLATES: Final = {"Card": 176394240010151, "Reverse": 176394240010152}

CLOZE_FIELDS: Final = {
    "Text": 176394240010201,
    "Why": 176394240010202,
    "Hint": 176394240010203,
    "Section": 176394240010204,
    "Prompt": 176394240010205,
    "Source": 176394240010206,
    "Status": 176394240010207,
    "Extra": 176394240010208,
    "Id": 176394240010209,
}
CLOZE_TEMPLATES: Final = {"Cloze": 176394240010251}

# Ids are part of file names, tags of searches and of the ledger's lines: plain ASCII, short.
MAX_LENGTH: Final = 64
ID: Final = re.compile(r"[a-z0-9._-]{1,64}")
ID_RULE: Final = "lower-case letters, digits, '-', '_' and '.', at most 64 characters"
