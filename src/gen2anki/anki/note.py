"""The values that a package is made of, as Anki knows them."""

from typing import Final, NamedTuple

from gen2anki.diagnostics.problem import Path

# What separates the fields of a note in Anki's database: no field may hold it.
FIELD_SEPARATOR: Final = "\x1f"


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


class AnkiDeck(NamedTuple):
    """One deck: full name, description (HTML), and `key`, what its id grows from ("" for the lesson's own)."""

    key: str
    name: str
    description: str


class Medium(NamedTuple):
    """A picture or sound: the name it has in Anki, which holds a hash of its bytes, and the file it comes from."""

    name: str
    file: str
