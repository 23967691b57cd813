"""Driving real Anki: a collection copied, opened, imported into and looked at.

The one module that imports Anki's own library, and only when it is used: it is an extra.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gen2anki.anki import notetypes
from gen2anki.anki.note import FIELD_SEPARATOR
from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.files import not_a_file
from gen2anki.diagnostics.installation import command_to_add
from gen2anki.diagnostics.problem import failure

if TYPE_CHECKING:
    from anki.collection import Collection as AnkiCollection

# Where the bytes lie that SQLite locks in a database (its file format, section "locking"), and how many there are.
_LOCKS: Final = 0x40000000
_LOCKS_LENGTH: Final = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionNote:
    """One note of a collection.

    `id` is in epoch milliseconds, `mod` in epoch seconds, `notetype` the id of its note type. `fields` are HTML by name,
    in the order of the note type.
    """

    id: int
    guid: str
    notetype: int
    mod: int
    tags: frozenset[str]
    fields: dict[str, str]

    @property
    def first_field(self) -> str:
        """Return the HTML of the first field, by which Anki lists notes and tells duplicates."""
        return next(iter(self.fields.values()), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionState:
    """A collection at one moment.

    `notes` are by guid. `cards` (learning states), `reviews` and `decks` (names) are by id, `descriptions` by the names of
    decks. `notetypes` are names. `parts` has the fields and the templates of our note types, each with its name and id.
    """

    notes: dict[str, CollectionNote]
    cards: dict[int, "CardState"]
    reviews: dict[int, tuple[Any, ...]]
    decks: dict[int, str]
    descriptions: dict[str, str]
    notetypes: frozenset[str]
    parts: dict[int, list[list[tuple[str, int | None]]]]


class CardState(NamedTuple):
    """What Anki keeps of one card: `note` is the id of its note, `home` that of the deck it belongs to.

    `learning` is the rest, which no import may touch.
    """

    note: int
    home: int
    learning: tuple[Any, ...]


def version(source: str) -> str:
    """Return the version of Anki's library; `source` is a name for messages.

    Raises:
        ProblemsError: it is not installed.
    """
    try:
        import anki.collection  # noqa: F401 (Anki's modules import each other: this one must come first)
        from anki.buildinfo import version
    except ImportError:
        text = f"verify needs Anki's own library: {command_to_add('anki')}"
        raise failure(source, text, Code.NO_ANKI) from None
    return version


def copy(collection: str, copy: str) -> None:
    """Copy a collection, and the log that a crash may have left beside it."""
    try:
        if reason := not_a_file(collection):
            raise failure(collection, f"can't be read: {reason}", Code.CANNOT_READ)
        with open(collection, "rb") as original:
            if _is_locked(original.fileno()):
                raise failure(collection, "is open in Anki: close Anki, then verify again", Code.COLLECTION_LOCKED)
            for suffix in ("", "-wal"):
                if os.path.exists(collection + suffix):
                    shutil.copyfile(collection + suffix, copy + suffix)
    except OSError as error:
        raise failure(collection, f"can't be read: {error.strerror or error}", Code.CANNOT_READ) from None
    # Anki would make a collection of whatever database it is given.
    if not _is_collection(copy):
        raise failure(collection, "is no Anki collection, or is damaged", Code.COLLECTION_FOREIGN)


def _is_collection(file: str) -> bool:
    """Return True if a file is a collection as Anki keeps it. It is opened for writing, so it must be a copy."""
    connection = sqlite3.connect(file)
    try:
        return bool(
            connection.execute("SELECT count(*) = 2 FROM sqlite_master WHERE name IN ('col', 'notes')").fetchone()[0]
        )
    except sqlite3.Error:
        return False
    finally:
        connection.close()


def mend(opened: "AnkiCollection", collection: str) -> None:
    """Let Anki repair what is wrong with the copy: the edition has no part in it."""
    complaints(opened)
    if left := complaints(opened):
        raise failure(collection, f"is damaged: {'; '.join(left)}", Code.COLLECTION_DAMAGED)


def complaints(opened: "AnkiCollection") -> tuple[str, ...]:
    """Return what Anki's own check complains of. The check repairs what it can."""
    message, sound = opened.fix_integrity()
    lines = message.splitlines()
    # The last line only says that the check is done; a check that could not be done has no other.
    return () if sound else tuple(map(_one_line, lines[:-1] or lines))


def _is_locked(file: int) -> bool:
    """Return True if another program has the collection open; Anki then holds all of SQLite's locks."""
    try:
        import fcntl
    except ImportError:  # Windows: there the copy is taken as it is
        return False
    try:
        fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB, _LOCKS_LENGTH, _LOCKS)
        fcntl.lockf(file, fcntl.LOCK_UN, _LOCKS_LENGTH, _LOCKS)
    except OSError:
        return True
    return False


@contextmanager
def opened(copy: str, original: str, version: str) -> "Iterator[AnkiCollection]":
    """Open a copy of a collection; `original` is its name in messages."""
    from anki.collection import Collection
    from anki.errors import AnkiException

    try:
        opened = Collection(copy)
    except AnkiException as error:
        if "FileTooNew" in str(error):
            text = f"was written by a newer Anki than the one here ({version}): {command_to_add('anki')}"
            raise failure(original, text, Code.COLLECTION_TOO_NEW) from None
        raise failure(original, f"can't be opened by Anki: {_one_line(error)}", Code.COLLECTION_DAMAGED) from None
    try:
        yield opened
    except AnkiException as error:
        raise failure(original, f"Anki can't work with it: {_one_line(error)}", Code.COLLECTION_DAMAGED) from None
    finally:
        opened.close()


def imported(opened: "AnkiCollection", package_file: str, name: str) -> set[str]:
    """Import a package with Anki's default options; return the guids of its notes."""
    from anki.collection import ImportAnkiPackageOptions, ImportAnkiPackageRequest
    from anki.errors import AnkiException

    request = ImportAnkiPackageRequest(package_path=package_file, options=ImportAnkiPackageOptions())
    try:
        log = opened.import_anki_package(request).log
    except AnkiException as error:
        raise failure(name, f"can't be imported by Anki: {_one_line(error)}", Code.PACKAGE_DAMAGED) from None
    ids = {note.id.nid for notes in (log.new, log.updated, log.duplicate, log.conflicting) for note in notes}
    return {guid for id, guid in _rows(opened, "SELECT id, guid FROM notes") if id in ids}


def _rows(opened: "AnkiCollection", query: str) -> Sequence[Sequence[Any]]:
    return opened.db.all(query) if opened.db else ()  # it has none only when it is closed


def state(opened: "AnkiCollection") -> CollectionState:
    """Return a collection's notes, cards, reviews, decks and note types as they are now."""
    from anki.models import NotetypeId

    field_names = {model["id"]: _field_names(model) for model in opened.models.all()}
    notes = _rows(opened, "SELECT id, guid, mid, mod, tags, flds FROM notes")
    # A card that a filtered deck holds is at home in the deck that `odid` names.
    home = "CASE odid WHEN 0 THEN did ELSE odid END"
    columns = "did, ord, type, queue, due, ivl, factor, reps, lapses, left, odue, odid, flags"
    return CollectionState(
        notes={
            guid: CollectionNote(
                id=id,
                guid=guid,
                notetype=notetype,
                mod=mod,
                tags=frozenset(tags.split()),
                fields=dict(zip(field_names[notetype], fields.split(FIELD_SEPARATOR), strict=False)),
            )
            for id, guid, notetype, mod, tags, fields in notes
        },
        cards={
            id: CardState(note, home, tuple(learning))
            for id, note, home, *learning in _rows(opened, f"SELECT id, nid, {home}, {columns} FROM cards")  # noqa: S608
        },
        reviews={row[0]: tuple(row[1:]) for row in _rows(opened, "SELECT * FROM revlog")},
        decks={deck.id: deck.name for deck in opened.decks.all_names_and_ids()},
        descriptions={deck["name"]: deck.get("desc", "") for deck in opened.decks.all()},
        notetypes=frozenset(kind.name for kind in opened.models.all_names_and_ids()),
        parts={
            kind.id: [[(part["name"], part["id"]) for part in model[parts]] for parts in ("flds", "tmpls")]
            for kind in notetypes.both()
            if (model := opened.models.get(NotetypeId(kind.id)))
        },
    )


def _field_names(model: dict[str, Any]) -> list[str]:
    """Return the names of a note type's fields, in order; a field of ours has our name, whatever a learner calls it."""
    ours = {id: name for kind in notetypes.both() if kind.id == model["id"] for name, id in kind.fields.items()}
    return [ours.get(field["id"], field["name"]) for field in model["flds"]]


def missing_media(opened: "AnkiCollection") -> Sequence[str]:
    """Return the names that notes show and Anki's own check of media does not find."""
    return list(opened.media.check().missing)


def blank(opened: "AnkiCollection") -> dict[str, set[int]]:
    """Return the numbers of the cards whose template shows nothing, as Anki says, by the guids of their notes."""
    ids = {id for note in opened.get_empty_cards().notes for id in note.card_ids}
    cards = _rows(opened, "SELECT c.id, n.guid, c.ord FROM cards c JOIN notes n ON n.id = c.nid") if ids else ()
    found: dict[str, set[int]] = {}
    for id, guid, number in cards:
        if id in ids:
            found.setdefault(guid, set()).add(number)
    return found


def _one_line(error: object) -> str:
    # Anki puts invisible marks around numbers and names.
    return "".join(filter(str.isprintable, " ".join(str(error).split())))
