"""The numbers and names that review history hangs on: none may ever change.

The collection of everyone who imported a deck knows them. Anki matches note types, fields and templates by these ids,
notes by their guid, decks by their name. A learner whose ids no longer match gets a second note type, or every note
twice, and no more corrections. Tests pin all of them (tests/test_frozen.py).
"""

from collections.abc import Container
from hashlib import sha256
from itertools import count, filterfalse
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
    "Source": 176394240010108,
    "Section": 176394240010106,
    "Prompt": 176394240010107,
    "Language": 176394240010114,
    "Typed": 176394240010110,
    "TypedReverse": 176394240010115,
    "Reverse": 176394240010109,
    "Notice": 176394240010111,
    "Extra": 176394240010112,
    "Extra2": 176394240010116,
    "Id": 176394240010113,
}
CARD_TEMPLATES: Final = {"Card": 176394240010151, "Reverse": 176394240010152}

CLOZE_FIELDS: Final = {
    "Text": 176394240010201,
    "Why": 176394240010202,
    "Hint": 176394240010203,
    "Source": 176394240010206,
    "Section": 176394240010204,
    "Prompt": 176394240010205,
    "Sound": 176394240010210,
    "Language": 176394240010211,
    "Notice": 176394240010207,
    "Extra": 176394240010208,
    "Extra2": 176394240010212,
    "Id": 176394240010209,
}
CLOZE_TEMPLATES: Final = {"Cloze": 176394240010251}

_CARD_SPAN_MS: Final = 1_000_003


def guid(deck_id: str, note_id: str) -> str:
    """Return the guid of a note, by which alone Anki matches notes. `deck_id` and `note_id` are ids of the source."""
    # Imported here: a check needs no guids, and genanki takes as long to import as all of them.
    from genanki import guid_for

    return str(guid_for(deck_id, note_id))


def card_id(added: int, ord: int, taken: Container[int]) -> int:
    """Return the id of a card: the note's own (`added`, epoch milliseconds) for the first, an earlier one for each other.

    It hangs on the note and on the card's number in it, `ord`, and on nothing else. Otherwise two devices that imported
    different editions could have two cards of one id, which a sync takes for one card. `taken` are the ids that other
    notes and cards have.
    """
    if ord == 0:
        return added
    # Far before the note's own, out of the way of its neighbours.
    return next(filterfalse(taken.__contains__, count(max(1, added - ord * _CARD_SPAN_MS))))


def anki_deck_id(deck_id: str, key: str) -> int:
    """Return the number that a deck has in Anki: an epoch millisecond between 2001 and 2020.

    `deck_id` is the lesson's `deck.id`, `key` the key of this deck in the lesson (see `AnkiDeck`). Anki knows decks by
    their names, so the numbers need only differ.
    """
    return 10**12 + int.from_bytes(sha256(f"{deck_id}__{key}".encode()).digest()[:8]) % (6 * 10**11)
