"""The values that pass from the source to the package: notes, decks and media, as Anki knows them."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final, NamedTuple

from gen2anki.problem import Path

# The deck of the flashcards, below the lesson's own; practice sections have their titles.
FLASHCARDS: Final = "Flashcards"
# What separates the fields of a note in Anki's database: no field may hold it.
FIELD_SEPARATOR: Final = "\x1f"

# What Anki takes out of a deck's name: control characters and the double quote, which its searches need.
_NOT_IN_DECK_NAMES: Final = re.compile('[\x00-\x08\x0b\x0c\x0e-\x1f\x7f"]')
_BLANKS: Final = re.compile("[ \t\n\r]+")


class Note(NamedTuple):
    """One note as Anki stores it. A named tuple: a hundred thousand of them are made, compared and thrown away.

    `fields` are the HTML of all fields in the note type's order, joined by FIELD_SEPARATOR; `ords` the numbers of
    its cards' templates (or deletions), from 0; `tags` sorted and without repeats; `deck` the position of its deck
    in the edition's; `path` its place in the source.
    """

    id: str
    cloze: bool
    deck: int
    fields: str
    tags: tuple[str, ...]
    ords: tuple[int, ...]
    path: Path


class Deck(NamedTuple):
    """One deck: full name, description (HTML), and `key`, what its id grows from ("" for the lesson's own)."""

    key: str
    name: str
    description: str


class Medium(NamedTuple):
    """A picture or sound: the name it has in Anki, which holds a hash of its bytes, and the file it comes from."""

    name: str
    file: str


def as_known(tags: Iterable[str]) -> set[str]:
    """Return tags as Anki tells them apart: of two spellings it keeps the one that it had first."""
    return {unicodedata.normalize("NFC", tag).casefold() for tag in tags}


def deck_part(text: str) -> str:
    """Return one part of a deck's name as Anki will store it; empty where nothing is left of it."""
    return _BLANKS.sub(" ", _NOT_IN_DECK_NAMES.sub("", unicodedata.normalize("NFC", text))).strip()


def as_compared(text: str) -> str:
    """Return a choice, or an answer, as it is compared with others: as Anki stores it, without the spaces around it."""
    return unicodedata.normalize("NFC", text.strip())
