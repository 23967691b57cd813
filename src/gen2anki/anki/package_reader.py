"""Reads an .apkg file, whoever wrote it, to plain values, without Anki; `output/apkg.py` writes ours.

There are three kinds: `collection.anki2` (genanki's and ours), `collection.anki21` (the same tables) and
`collection.anki21b` (Anki's own since 2.1.50: other tables, compressed with Zstandard).
"""

import importlib
import io
import json
import sqlite3
import zipfile
import zlib
from dataclasses import dataclass
from typing import Any, Final

from gen2anki.anki.note import FIELD_SEPARATOR
from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.installation import command_to_add
from gen2anki.diagnostics.problem import ProblemsError, failure

# The first of these that a package holds is the one that counts; in a newer package the others only say so.
_COLLECTIONS: Final = ("collection.anki21b", "collection.anki21", "collection.anki2")
_SQLITE: Final = b"SQLite format 3\0"
_ZSTANDARD: Final = b"\x28\xb5\x2f\xfd"
# No deck has a larger database. A file that claims to would fill the memory before it could be reported.
_MAX_BYTES: Final = 2 * 2**30


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
        ProblemsError: it can't be read, is damaged, is no package, or is compressed and nothing here can unpack it.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
            name = next((name for name in _COLLECTIONS if name in names), None)
            if name is None:
                raise failure(file, "is no Anki package: there is no collection in it", Code.PACKAGE_FOREIGN)
            if archive.getinfo(name).file_size > _MAX_BYTES:
                raise _too_large(file)
            content = archive.read(name)
    except OSError as error:
        raise failure(file, f"can't be read: {error.strerror or error}", Code.CANNOT_READ) from None
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError):
        raise failure(file, "is damaged, or no Anki package", Code.PACKAGE_DAMAGED) from None
    if content.startswith(_ZSTANDARD):
        content = _unpacked(content, file)
        if len(content) > _MAX_BYTES:
            raise _too_large(file)
    return _stored(content, file)


def _stored(content: bytes, file: str) -> StoredPackage:
    if not content.startswith(_SQLITE):
        raise failure(file, "is damaged: its collection can't be read", Code.PACKAGE_DAMAGED)
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        if content[18:20] == b"\x02\x02":  # it asks for a log beside it, which no package has: read it without one
            content = content[:18] + b"\x01\x01" + content[20:]
        connection.deserialize(content)
        # The newer tables are declared with an order of Anki's own. To read them, any order will do.
        connection.create_collation("unicase", lambda one, other: (one > other) - (one < other))
        return _notes(connection)
    except (sqlite3.Error, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        raise failure(file, "is damaged: its collection can't be read", Code.PACKAGE_DAMAGED) from None
    finally:
        connection.close()


def _notes(connection: sqlite3.Connection) -> StoredPackage:
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    field_names = _newer_fields(connection) if "notetypes" in tables else _older_fields(connection)
    names, descriptions = (_newer_decks(connection), {}) if "decks" in tables else _older_decks(connection)
    decks = {
        note: names.get(deck, "")
        for note, deck in connection.execute(
            "SELECT nid, CASE odid WHEN 0 THEN did ELSE odid END FROM cards ORDER BY ord DESC"
        )
    }
    notes = {
        guid: StoredNote(
            guid=guid,
            mod=int(mod),
            notetype=notetype,
            # A note with too few or too many fields is read as far as it goes.
            fields=dict(zip(field_names[notetype], fields.split(FIELD_SEPARATOR), strict=False)),
            tags=tuple(sorted(tags.split())),
            deck=decks.get(id, ""),
        )
        for id, guid, mod, notetype, tags, fields in connection.execute(
            "SELECT id, CAST(guid AS TEXT), mod, mid, CAST(tags AS TEXT), CAST(flds AS TEXT) FROM notes"
        )
    }
    return StoredPackage(notes=notes, descriptions=descriptions)


def _older_fields(connection: sqlite3.Connection) -> dict[int, list[str]]:
    """Return the names of the fields of each note type, by its id."""
    (models,) = connection.execute("SELECT models FROM col").fetchone()
    return {
        int(id): [field["name"] for field in sorted(model["flds"], key=lambda field: field["ord"])]
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
    for notetype, name in connection.execute("SELECT ntid, name FROM fields ORDER BY ntid, ord"):
        found.setdefault(notetype, []).append(name)
    return found


def _newer_decks(connection: sqlite3.Connection) -> dict[int, str]:
    """Return the names of decks by id."""
    return {id: name.replace(FIELD_SEPARATOR, "::") for id, name in connection.execute("SELECT id, name FROM decks")}


def _unpacked(content: bytes, file: str) -> bytes:
    """Return what a collection compressed with Zstandard holds, cut off behind the most that is read."""
    for name in ("compression.zstd", "zstandard"):  # Python's own, since 3.14; the usual library
        try:
            module: Any = importlib.import_module(name)
        except ImportError:
            continue
        try:
            with module.open(io.BytesIO(content)) as stream:
                unpacked: bytes = stream.read(_MAX_BYTES + 1)
        except (module.ZstdError, EOFError):
            raise failure(file, "is damaged: its collection can't be unpacked", Code.PACKAGE_DAMAGED) from None
        return unpacked
    text = (
        f"is compressed, as newer Ankis do: {command_to_add('zstandard')}, or export it again with 'Support older Anki"
        " versions' ticked"
    )
    raise failure(file, text, Code.PACKAGE_COMPRESSED)


def _too_large(file: str) -> ProblemsError:
    return failure(file, "is damaged, or far larger than any deck", Code.PACKAGE_DAMAGED)
