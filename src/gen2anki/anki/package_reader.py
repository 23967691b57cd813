"""Reads an .apkg file, whoever wrote it, to plain values, without Anki; `output/apkg.py` writes ours.

There are three kinds: `collection.anki2` (genanki's and ours), `collection.anki21` (the same tables) and
`collection.anki21b` (Anki's own since 2.1.50: other tables, compressed with Zstandard).
"""

import json
import sqlite3
import sys
import tempfile
from dataclasses import dataclass
from typing import Any, Final

from gen2anki.anki import packed_collection
from gen2anki.anki.note import FIELD_SEPARATOR

# What the notes of a package may take of the memory, in bytes. 100,000 notes of a usual size take 150 MB.
_MAX_MEMORY: Final = 300 * 10**6
# What a card, a note, and a field or a tag take beside their texts.
_CARD_BYTES: Final = 150
_NOTE_BYTES: Final = 600
_PART_BYTES: Final = 60
# A collection that is exported whole may have as many; no package has as many note types or decks.
_MAX_CARDS: Final = 1_000_000
_MAX_NAMES: Final = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredNote:
    """One note of a package.

    `mod` is in epoch seconds, `notetype` the id of its note type. `fields` are HTML by name, in the order of the note
    type; `deck` is the name of its first card's deck.
    """

    guid: str
    mod: int
    notetype: int
    fields: dict[str, str]
    tags: tuple[str, ...]
    deck: str

    @property
    def first_field(self) -> str:
        """Return the HTML of the first field, by which Anki lists notes and tells duplicates."""
        return next(iter(self.fields.values()), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPackage:
    """What a package holds: its notes by guid, and the descriptions (HTML) of its decks by name.

    The descriptions are empty where the package has the newer tables, which keep them in another form.
    """

    notes: dict[str, StoredNote]
    descriptions: dict[str, str]


def read(file: str) -> StoredPackage:
    """Read a package.

    Raises:
        ProblemsError: it can't be read, is damaged, too large or no package, or is compressed and nothing here can unpack
            it.
    """
    with (
        tempfile.TemporaryDirectory(prefix="gen2anki-") as folder,
        packed_collection.opened(file, folder) as connection,
    ):
        try:
            return _notes(connection)
        except _TooLargeError:
            raise packed_collection.too_large(file) from None
        except (sqlite3.Error, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            raise packed_collection.damaged(file) from None


class _TooLargeError(Exception):
    """The package is beyond a limit."""


def _notes(connection: sqlite3.Connection) -> StoredPackage:
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    field_names = _newer_fields(connection) if "notetypes" in tables else _older_fields(connection)
    names, descriptions = (_newer_decks(connection), {}) if "decks" in tables else _older_decks(connection)
    decks = _decks_of_notes(connection, names)
    memory = _MAX_MEMORY - len(decks) * _CARD_BYTES
    notes: dict[str, StoredNote] = {}
    for id, guid, mod, notetype, tags, fields in connection.execute(
        "SELECT id, CAST(guid AS TEXT), mod, mid, CAST(tags AS TEXT), CAST(flds AS TEXT) FROM notes"
    ):
        of_type = field_names[notetype]
        parts = fields.split(FIELD_SEPARATOR, len(of_type))
        memory -= _NOTE_BYTES + sys.getsizeof(fields) + _PART_BYTES * (len(parts) + len(tags) // 2)
        if memory < 0:
            raise _TooLargeError
        notes[guid] = StoredNote(
            guid=guid,
            mod=int(mod),
            notetype=notetype,
            # A note with too few or too many fields is read as far as it goes.
            fields=dict(zip(of_type, parts, strict=False)),
            tags=tuple(sorted(tags.split())),
            deck=decks.get(id, ""),
        )
    return StoredPackage(notes=notes, descriptions=descriptions)


def _decks_of_notes(connection: sqlite3.Connection, names: dict[int, str]) -> dict[int, str]:
    """Return the name of the deck of each note's first card, by the note's id."""
    cards = connection.execute(f"SELECT 1 FROM cards LIMIT {_MAX_CARDS + 1}")  # noqa: S608
    if sum(1 for _ in cards) > _MAX_CARDS:
        raise _TooLargeError
    # A card that a filtered deck holds is at home in the deck that `odid` names.
    query = "SELECT nid, CASE odid WHEN 0 THEN did ELSE odid END FROM cards ORDER BY CAST(ord AS INTEGER) DESC"
    return {note: names.get(deck, "") for note, deck in connection.execute(query)}


def _older_fields(connection: sqlite3.Connection) -> dict[int, list[str]]:
    """Return the names of the fields of each note type, by its id."""
    (models,) = connection.execute("SELECT models FROM col").fetchone()
    return {
        int(id): [str(field["name"]) for field in sorted(model["flds"], key=lambda field: field["ord"])]
        for id, model in json.loads(models).items()
    }


def _older_decks(connection: sqlite3.Connection) -> tuple[dict[int, str], dict[str, str]]:
    """Return the names of decks by id, and their descriptions by name."""
    (column,) = connection.execute("SELECT decks FROM col").fetchone()
    decks = json.loads(column)
    names = {int(id): str(deck["name"]) for id, deck in decks.items()}
    return names, {str(deck["name"]): str(deck.get("desc", "")) for deck in decks.values()}


def _newer_fields(connection: sqlite3.Connection) -> dict[int, list[str]]:
    """Return the names of the fields of each note type, by its id."""
    found: dict[int, list[str]] = {}
    for notetype, _, name in sorted(
        _few(connection, "SELECT ntid, CAST(ord AS INTEGER), CAST(name AS TEXT) FROM fields")
    ):
        found.setdefault(notetype, []).append(name)
    return found


def _newer_decks(connection: sqlite3.Connection) -> dict[int, str]:
    """Return the names of decks by id."""
    decks = _few(connection, "SELECT id, CAST(name AS TEXT) FROM decks")
    return {id: name.replace(FIELD_SEPARATOR, "::") for id, name in decks}


def _few(connection: sqlite3.Connection, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query that has few, each with a short text at its end."""
    rows = []
    characters = 0
    for row in connection.execute(query):
        rows.append(row)
        characters += len(row[-1])
        if len(rows) > _MAX_NAMES or characters > packed_collection.MAX_VALUE:
            raise _TooLargeError
    return rows
