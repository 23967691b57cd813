"""Values that a package is made of, as Anki knows them."""

from typing import Final, NamedTuple

# What separates the fields of a note in Anki's database: no field may hold it.
FIELD_SEPARATOR: Final = "\x1f"


class AnkiDeck(NamedTuple):
    """One deck: its full name, its description (HTML), and the `key` that its number grows from ("" for the lesson's own)."""

    key: str
    name: str
    description: str


class Medium(NamedTuple):
    """A picture or sound: its name in Anki, which holds a hash of its bytes, and the file it comes from."""

    name: str
    file: str
