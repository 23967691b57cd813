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
from contextlib import suppress
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


def collect(edition: Edition, folder: str) -> Collection:
    """Write an edition's collection into a folder. What `write` packs is there, so the edition itself can be let go.

    Raises:
        OSError: the file could not be written.
    """
    file = os.path.join(folder, "edition.anki2")
    return Collection(file=file, cards=_write_database(edition, file), media=edition.media)


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


def _write_database(edition: Edition, file: str) -> int:
    """Write the collection to a new file and return its number of cards."""
    connection = sqlite3.connect(file, isolation_level=None)
    try:
        cursor = connection.cursor()
        # Nobody else reads the file, and a broken one is thrown away: no journal, no waiting for the disk.
        cursor.executescript("PRAGMA page_size = 16384; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
        cursor.executescript(_TABLES + APKG_COL)
        cursor.execute("BEGIN")
        _describe(cursor, edition)
        rows = _Rows(edition)
        cursor.executemany(_ADD_NOTE, rows.notes())
        cursor.executemany(_ADD_CARD, rows.cards())
        cursor.execute("COMMIT")
    except sqlite3.OperationalError as error:
        raise OSError(errno.EIO, f"{error} (in {os.path.dirname(file)})") from None
    finally:
        connection.close()
    return rows.card_count


class _Rows:
    """The rows of the tables `notes` and `cards`, in the order of the notes' ids."""

    def __init__(self, edition: Edition) -> None:
        entries = edition.ledger.entries
        self._deck_id = edition.deck_id
        self._anki_deck_ids = [frozen.anki_deck_id(edition.deck_id, deck.key) for deck in edition.decks]
        # Each note's id in Anki, its `mod`, its place in the source (when it is due), itself. No two ids are equal.
        self._by_id = sorted(
            (entries[note.id].added, entries[note.id].mod, due, note) for due, note in enumerate(edition.notes, 1)
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
        taken, deck_ids = {id for id, _, _, _ in self._by_id}, self._anki_deck_ids
        for note_id, mod, due, note in self._by_id:
            for ord in note.ords:
                id = frozen.card_id(note_id, ord, taken)
                taken.add(id)
                yield id, note_id, deck_ids[note.deck], ord, mod, due


def _describe(cursor: sqlite3.Cursor, edition: Edition) -> None:
    """Fill in the only row of `col`: times, note types and decks. Nothing in it depends on the clock."""
    last = max(entry.mod for entry in edition.ledger.entries.values())
    own_deck = frozen.anki_deck_id(edition.deck_id, edition.decks[0].key)
    (decks,) = cursor.execute("SELECT decks FROM col").fetchone()
    decks = json.loads(decks)
    for deck in edition.decks:
        id = frozen.anki_deck_id(edition.deck_id, deck.key)
        decks[str(id)] = genanki.Deck(id, deck.name, deck.description).to_json() | {"mod": last}
    kinds = {note.is_cloze for note in edition.notes}
    models = {
        str(notetype.id): _model(notetype).to_json(notetypes.MOD, own_deck)
        for notetype in notetypes.both()
        if notetype.cloze in kinds
    }
    cursor.execute(
        "UPDATE col SET mod = ?, scm = ?, decks = ?, models = ?",
        (last * 1000, last * 1000, json.dumps(decks), json.dumps(models)),
    )


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
