"""An edition to an .apkg file. Only this module knows genanki and deflate, and writes SQLite and zip.

genanki makes the note types and the guids, and knows the schema. But it gives all notes one `mod`, writes row by row and
lets the clock into the file, so this module writes the rows and the zip itself.
"""

import errno
import json
import os
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from typing import Any, BinaryIO, Final

import deflate
import genanki
from genanki.apkg_col import APKG_COL
from genanki.apkg_schema import APKG_SCHEMA

from gen2anki.anki import frozen, notetypes
from gen2anki.anki.note import Medium
from gen2anki.anki.notetypes import NoteType
from gen2anki.diagnostics.codes import Code
from gen2anki.edition.pipeline import Edition
from gen2anki.render.anki_fields import stored_fields
from gen2anki.text.highlight import highlight
from gen2anki.text.media import MediumError, media_hash, packed

# Measured on 100,000 notes: less time than zlib's fastest level, for a deck a tenth smaller.
_DEFLATE_LEVEL: Final = 3
_ZIP_DATE: Final = (1980, 1, 1, 0, 0, 0)

# Without the schema's indices: Anki reads a package once, from end to end; they would only make it larger and slower.
_TABLES: Final = APKG_SCHEMA.partition("CREATE INDEX")[0]
# usn -1: changed here, to be sent to AnkiWeb. Sort field and checksum are empty: every Anki computes them on import.
_ADD_NOTE: Final = "INSERT INTO notes VALUES (?, ?, ?, ?, -1, ?, ?, '', 0, 0, '')"
_ADD_CARD: Final = "INSERT INTO cards VALUES (?, ?, ?, ?, ?, -1, 0, 0, ?, 0, 0, 0, 0, 0, 0, 0, 0, '')"


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """An edition as a file that holds Anki's database, with the number of its cards and the media that belong to it."""

    file: str
    cards: int
    media: tuple[Medium, ...]


class CollectionFile:
    """Anki's database while the editions of one package are written to it, one lesson after the other."""

    def __init__(self, folder: str) -> None:
        """Begin a collection in a folder.

        Raises:
            OSError: the file could not be written.
        """
        self._file = os.path.join(folder, "edition.anki2")
        with _writing(folder):
            self._connection = sqlite3.connect(self._file, isolation_level=None)
        self._taken: set[int] = set()
        self._notes = self._cards = self._last = 0
        self._media: dict[str, Medium] = {}
        self._decks: dict[str, Any] = {}
        self._own_deck = 0
        self._kinds: set[bool] = set()
        with self._writing() as cursor:
            # Nobody else reads the file, and a broken one is thrown away: no journal, no waiting for the disk.
            cursor.executescript("PRAGMA page_size = 16384; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
            cursor.executescript(_TABLES + APKG_COL)
            cursor.execute("BEGIN")

    def add(self, edition: Edition) -> int:
        """Write an edition's notes behind those that are there; return the number of their cards.

        The edition itself can then be let go.

        Raises:
            OSError: the file could not be written.
        """
        rows = _Rows(edition, self._taken, first_due=self._notes + 1)
        with self._writing() as cursor:
            cursor.executemany(_ADD_NOTE, rows.notes())
            cursor.executemany(_ADD_CARD, rows.cards())
        self._notes += len(edition.notes)
        self._cards += rows.card_count
        self._media.update((medium.name, medium) for medium in edition.media)
        self._last = max(self._last, *(entry.mod for entry in edition.ledger.entries.values()))
        self._kinds.update(note.is_cloze for note in edition.notes)
        for deck in edition.decks:
            id = frozen.anki_deck_id(edition.deck_id, deck.key)
            self._own_deck = self._own_deck or id
            self._decks[str(id)] = genanki.Deck(id, deck.name, deck.description).to_json()
        return rows.card_count

    def finish(self) -> Collection:
        """End the collection, and return it.

        Raises:
            OSError: the file could not be written.
        """
        with self._writing() as cursor:
            self._describe(cursor)
            cursor.execute("COMMIT")
        self.close()
        media = tuple(self._media[name] for name in sorted(self._media))
        return Collection(file=self._file, cards=self._cards, media=media)

    def close(self) -> None:
        """Let the file go, be it finished or not."""
        self._connection.close()

    def _describe(self, cursor: sqlite3.Cursor) -> None:
        """Fill in the only row of `col`: times, note types and decks. Nothing in it depends on the clock."""
        (decks,) = cursor.execute("SELECT decks FROM col").fetchone()
        decks = json.loads(decks) | {id: deck | {"mod": self._last} for id, deck in self._decks.items()}
        models = {
            str(notetype.id): _model(notetype).to_json(notetypes.MOD, self._own_deck)
            for notetype in notetypes.both()
            if notetype.cloze in self._kinds
        }
        cursor.execute(
            "UPDATE col SET mod = ?, scm = ?, decks = ?, models = ?",
            (self._last * 1000, self._last * 1000, json.dumps(decks), json.dumps(models)),
        )

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Cursor]:
        with _writing(os.path.dirname(self._file)):
            yield self._connection.cursor()


@contextmanager
def _writing(folder: str) -> Iterator[None]:
    """Turn what the disk does to a database in a folder into an OSError."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if isinstance(error, (sqlite3.IntegrityError, sqlite3.ProgrammingError)):  # it is ours
            raise
        raise OSError(errno.EIO, f"{error} (in {folder})") from None


def collect(edition: Edition, folder: str) -> Collection:
    """Write one edition's collection into a folder.

    Raises:
        OSError: the file could not be written.
    """
    with closing(CollectionFile(folder)) as file:
        file.add(edition)
        return file.finish()


def write(collection: Collection, stream: BinaryIO) -> None:
    """Write the package; the same edition gives the same bytes.

    Raises:
        MediumError: a picture or sound changed while the deck was built.
        OSError: a file could not be read or written.
    """
    media = {str(number): medium for number, medium in enumerate(collection.media)}
    names = {number: medium.name for number, medium in media.items()}
    with zipfile.ZipFile(stream, "w") as archive:
        for number in sorted(media):
            _add(archive, number, _bytes(media[number]))
        with open(collection.file, "rb") as file:
            content = mmap(file.fileno(), 0, access=ACCESS_READ)
            try:
                _add(archive, "collection.anki2", content)
            finally:
                # A call that Ctrl-C cut off still holds the file's memory.
                with suppress(BufferError):
                    content.close()
        _add(archive, "media", json.dumps(names, ensure_ascii=False).encode())


class _Deflater:
    """Compresses an entry of a zip in one piece, as libdeflate does it."""

    def compress(self, content: memoryview | bytes) -> bytearray:
        return deflate.deflate_compress(content, _DEFLATE_LEVEL)

    def flush(self) -> bytes:
        return b""


def _add(archive: zipfile.ZipFile, name: str, content: mmap | bytes) -> None:
    entry = zipfile.ZipInfo(name, _ZIP_DATE)
    entry.create_system = 3  # the same on every system
    entry.external_attr = 0o644 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    with archive.open(entry, "w") as stream:
        # zipfile has no public way to bring another compressor.
        stream._compressor = _Deflater()  # type: ignore[attr-defined] # noqa: SLF001
        stream.write(content)


def _bytes(medium: Medium) -> bytes:
    content = packed(medium.file)
    if media_hash(content) not in medium.name:
        raise MediumError(f"'{medium.file}' changed while the deck was built: build again", Code.MEDIA_CHANGED)
    return content


class _Rows:
    """The rows of the tables `notes` and `cards` for one edition, in the order of the notes' ids."""

    def __init__(self, edition: Edition, taken: set[int], first_due: int) -> None:
        entries = edition.ledger.entries
        self._deck_id = edition.deck_id
        self._taken = taken  # the ids of notes and cards that other lessons of the package have
        self._anki_deck_ids = [frozen.anki_deck_id(edition.deck_id, deck.key) for deck in edition.decks]
        # Each note's id in Anki, its `mod`, its place in the source (when it is due), itself. No two ids are equal.
        self._by_id = sorted(
            (entries[note.id].added, entries[note.id].mod, due, note)
            for due, note in enumerate(edition.notes, first_due)
        )
        self.card_count = sum(len(note.ords) for note in edition.notes)

    def notes(self) -> Iterator[tuple[Any, ...]]:
        card, cloze = notetypes.card().id, notetypes.cloze().id
        tag_texts: dict[tuple[str, ...], str] = {(): ""}
        for id, mod, _, note in self._by_id:
            if note.tags not in tag_texts:
                tag_texts[note.tags] = f" {' '.join(note.tags)} "
            yield (
                id,
                frozen.guid(self._deck_id, note.id),
                cloze if note.is_cloze else card,
                mod,
                tag_texts[note.tags],
                highlight(stored_fields(note)),
            )

    def cards(self) -> Iterator[tuple[Any, ...]]:
        taken, deck_ids = self._taken, self._anki_deck_ids
        taken.update(id for id, _, _, _ in self._by_id)
        for note_id, mod, due, note in self._by_id:
            for ord in note.ords:
                id = frozen.card_id(note_id, ord, taken)
                taken.add(id)
                yield id, note_id, deck_ids[note.deck], ord, mod, due


def _model(notetype: NoteType) -> genanki.Model:
    return genanki.Model(
        notetype.id,
        notetype.name,
        fields=[{"name": name, "id": id} for name, id in notetype.fields.items()],
        templates=[
            {"name": template.name, "id": template.id, "qfmt": template.front, "afmt": template.back}
            for template in notetype.templates
        ],
        css=notetype.css,
        model_type=genanki.Model.CLOZE if notetype.cloze else genanki.Model.FRONT_BACK,
    )
