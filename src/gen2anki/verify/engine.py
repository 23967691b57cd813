"""Driving real Anki: a collection copied, opened, imported into and looked at.

The one module that imports Anki's own library, and only when it is used: it is an extra.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gen2anki.anki import notetypes
from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.problem import failure

if TYPE_CHECKING:
    from anki.collection import Collection as AnkiCollection

# Where SQLite's locks on a database are (its file format, section "locking"), and how many bytes of them.
_LOCKS: Final = 0x40000000
_LOCKS_LENGTH: Final = 512


@dataclass(frozen=True, slots=True)
class Stored:
    """One note of a collection."""

    id: int
    guid: str
    notetype: int
    mod: int
    tags: frozenset[str]
    fields: str


@dataclass(frozen=True, slots=True)
class State:
    """A collection at one moment.

    Its notes by guid, the learning state of cards by id, reviews, decks, their descriptions by name, and note types; of
    ours, the fields and the templates, each with its name and its id.
    """

    notes: dict[str, Stored]
    cards: dict[int, tuple[Any, ...]]
    reviews: dict[int, tuple[Any, ...]]
    decks: dict[int, str]
    descriptions: dict[str, str]
    notetypes: frozenset[str]
    parts: dict[int, list[list[tuple[str, int | None]]]]


def version(source: str) -> str:
    """Return the version of Anki's library; `source` is a name for messages.

    Raises:
        ProblemsError: it is not installed.
    """
    try:
        import anki.collection  # noqa: F401 (Anki's modules import each other: this one must come first)
        from anki.buildinfo import version
    except ImportError:
        raise failure(source, "verify needs Anki's own library: pip install 'gen2anki[anki]'", Code.NO_ANKI) from None
    return version


def copy(collection: str, copy: str) -> None:
    """Copy a collection, and the log that a crash may have left beside it."""
    try:
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
        raise failure(collection, "is no collection of Anki, or damaged", Code.COLLECTION_FOREIGN)


def _is_collection(file: str) -> bool:
    """Say whether a file is a collection as Anki keeps it. It is opened for writing: let it be a copy."""
    connection = sqlite3.connect(file)
    try:
        return bool(
            connection.execute("SELECT count(*) = 2 FROM sqlite_master WHERE name IN ('col', 'notes')").fetchone()[0]
        )
    except sqlite3.Error:
        return False
    finally:
        connection.close()


def check_readable(file: str) -> None:
    """Make sure that a file can be read: Anki's own words for it differ."""
    try:
        with open(file, "rb"):
            pass
    except OSError as error:
        raise failure(file, f"can't be read: {error.strerror or error}", Code.CANNOT_READ) from None


def mend(opened: "AnkiCollection", collection: str) -> None:
    """Let Anki put right what is wrong with the copy: it is not the edition's doing."""
    complaints(opened)
    if left := complaints(opened):
        raise failure(collection, f"is damaged: {'; '.join(left)}", Code.COLLECTION_DAMAGED)


def complaints(opened: "AnkiCollection") -> tuple[str, ...]:
    """Return what Anki's own check complains of, having put it right where it can."""
    message, sound = opened.fix_integrity()
    lines = message.splitlines()
    # The last line only says that the check is done; a check that could not be done has no other.
    return () if sound else tuple(map(_one_line, lines[:-1] or lines))


def _is_locked(file: int) -> bool:
    """Say whether another program holds the collection open; Anki then holds all of SQLite's locks."""
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
            text = f"was written by a newer Anki than the one here ({version}): pip install --upgrade anki"
            raise failure(original, text, Code.COLLECTION_TOO_NEW) from None
        raise failure(original, f"can't be opened by Anki: {_one_line(error)}", Code.COLLECTION_DAMAGED) from None
    try:
        yield opened
    except AnkiException as error:
        raise failure(original, f"Anki can't work with it: {_one_line(error)}", Code.COLLECTION_DAMAGED) from None
    finally:
        opened.close()


def imported(opened: "AnkiCollection", package_file: str, name: str) -> set[str]:
    """Import a package with the options as they are by default; return the guids of its notes."""
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


def state(opened: "AnkiCollection") -> State:
    """Look at a collection."""
    from anki.models import NotetypeId

    notes = _rows(opened, "SELECT id, guid, mid, mod, tags, flds FROM notes")
    columns = "id, nid, did, ord, type, queue, due, ivl, factor, reps, lapses, left, odue, odid, flags"
    return State(
        notes={
            guid: Stored(id, guid, notetype, mod, frozenset(tags.split()), fields)
            for id, guid, notetype, mod, tags, fields in notes
        },
        cards={row[0]: tuple(row[1:]) for row in _rows(opened, f"SELECT {columns} FROM cards")},  # noqa: S608
        reviews={row[0]: tuple(row[1:]) for row in _rows(opened, "SELECT * FROM revlog")},
        decks={deck.id: deck.name for deck in opened.decks.all_names_and_ids()},
        descriptions={deck["name"]: deck.get("desc", "") for deck in opened.decks.all()},
        notetypes=frozenset(kind.name for kind in opened.models.all_names_and_ids()),
        parts={
            kind.id: [[(part["name"], part["id"]) for part in model[parts]] for parts in ("flds", "tmpls")]
            for kind in (notetypes.card(), notetypes.cloze())
            if (model := opened.models.get(NotetypeId(kind.id)))
        },
    )


def blank(opened: "AnkiCollection") -> dict[str, set[int]]:
    """Return the numbers of the cards whose template shows nothing, by Anki's own account, and by their note's guid."""
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
