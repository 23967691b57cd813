"""The values that a package is made of, as Anki knows them."""

from typing import Final, NamedTuple

# What separates the fields of a note in Anki's database: no field may hold it.
FIELD_SEPARATOR: Final = "\x1f"


class AnkiDeck(NamedTuple):
    """One deck: full name, description (HTML), and `key`, what its id grows from ("" for the lesson's own)."""

    key: str
    name: str
    description: str


class Medium(NamedTuple):
    """A picture or sound: the name it has in Anki, which holds a hash of its bytes, and the file it comes from."""

    name: str
    file: str
