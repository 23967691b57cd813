"""Opens the collection in an .apkg file, whoever wrote it, as a database that can only be read, within limits.

A package may come from anybody. So nothing in it is believed: no size that it claims, no view, no trigger and no computed
column; and what it can cost is bounded, in time, memory and room on the disk.
"""

import importlib
import os
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import count
from typing import IO, Any, Final

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.files import not_a_file
from gen2anki.diagnostics.installation import command_to_add
from gen2anki.diagnostics.problem import ProblemsError, failure

# The largest database, and the largest of its values. A collection of 100,000 notes has some 60 MB.
MAX_DATABASE: Final = 512 * 2**20
MAX_VALUE: Final = 8 * 2**20
# All that a package holds, unpacked, where its media are looked at.
MAX_MEDIA: Final = 4 * 2**30
# The list of a zip's entries is read whole; this is enough for those of 65,535 media.
_MAX_DIRECTORY: Final = 8 * 2**20
# Steps of SQLite's machine, in thousands: to read what tables there are, and to read them. A note and its cards take some 50.
_SCHEMA_STEPS: Final = 50
_MAX_STEPS: Final = 100_000
_MAX_COLUMNS: Final = 100
_MAX_TABLES: Final = 1_000

# The first of these that a package holds is the one that counts; in a newer package the others only say so.
_COLLECTIONS: Final = ("collection.anki21b", "collection.anki21", "collection.anki2")
_SQLITE: Final = b"SQLite format 3\0"
_ZSTANDARD: Final = b"\x28\xb5\x2f\xfd"
_CHUNK: Final = 2**20
# A zip ends with 22 bytes about its list of entries, and a comment. In front of them, 20 bytes lead to larger numbers.
_ZIP_END: Final = b"PK\5\6"
_LARGE_ZIP: Final = b"PK\6\7"
_LONGEST_END: Final = 22 + 65_535 + 20


@contextmanager
def opened(file: str, folder: str) -> Iterator[sqlite3.Connection]:
    """Open the collection of a package, which is unpacked into a folder.

    Whatever is read from it, an `sqlite3.Error` means that the package is damaged.

    Raises:
        ProblemsError: it can't be read, is damaged, too large or no package, or is compressed and nothing here can unpack
            it.
    """
    unpacked = os.path.join(folder, "package.anki2")
    _unpack(file, unpacked)
    connection = sqlite3.connect(unpacked, isolation_level=None)
    with closing(connection):
        try:
            _guard(connection)
        except (sqlite3.Error, ValueError, UnicodeError):
            raise damaged(file) from None
        if not _has_plain_tables(connection, file):
            text = "is no package that Anki would make: its collection has more than plain tables, which could do harm"
            raise failure(file, text, Code.PACKAGE_FOREIGN)
        yield connection


def check_media(file: str) -> None:
    """Make sure that the media of a package, too, are no larger than they may be. Each is unpacked once, to nowhere.

    Raises:
        ProblemsError: they are, or the package is damaged.
    """
    with _reading(file) as archive:
        names = archive.namelist()
        if len({*names}) < len(names):
            raise failure(file, "is damaged: it has two files of one name", Code.PACKAGE_DAMAGED)
        room = MAX_MEDIA
        for entry in archive.infolist():
            _check_entry(entry, file)
            with archive.open(entry) as stream, _plain(stream, file) as content:
                while chunk := content.read(_CHUNK):
                    room -= len(chunk)
                    if room < 0:
                        raise too_large(file)


def damaged(file: str) -> ProblemsError:
    """Return the exception to raise for a package whose database is broken."""
    return failure(file, "is damaged: its collection can't be read", Code.PACKAGE_DAMAGED)


def too_large(file: str) -> ProblemsError:
    """Return the exception to raise for a package that is beyond a limit."""
    return failure(file, "is damaged, or far larger than any deck", Code.PACKAGE_DAMAGED)


def _unpack(file: str, unpacked: str) -> None:
    """Write the database of a package to a file."""
    with _reading(file) as archive:
        names = archive.namelist()
        name = next((name for name in _COLLECTIONS if name in names), None)
        if name is None:
            raise failure(file, "is no Anki package: there is no collection in it", Code.PACKAGE_FOREIGN)
        if names.count(name) > 1:
            raise failure(file, "is damaged: it has two collections of one name", Code.PACKAGE_DAMAGED)
        entry = archive.getinfo(name)
        _check_entry(entry, file)
        with archive.open(entry) as stream, _plain(stream, file) as content:
            _copy(content, unpacked, file)


@contextmanager
def _reading(file: str) -> Iterator[zipfile.ZipFile]:
    """Open the zip that a package is."""
    try:
        if reason := not_a_file(file):
            raise failure(file, f"can't be read: {reason}", Code.CANNOT_READ)
        with open(file, "rb") as package:
            _check_directory(package, file)
            with zipfile.ZipFile(package) as archive:
                yield archive
    except OSError as error:
        raise failure(file, f"can't be read: {error.strerror or error}", Code.CANNOT_READ) from None
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError, struct.error):
        raise failure(file, "is damaged, or no Anki package", Code.PACKAGE_DAMAGED) from None


def _check_directory(package: IO[bytes], file: str) -> None:
    """Refuse a zip whose list of entries alone would fill the memory."""
    package.seek(max(0, package.seek(0, os.SEEK_END) - _LONGEST_END))
    end = package.read()
    at = end.rfind(_ZIP_END)
    if at >= 0:
        (size,) = struct.unpack_from("<L", end, at + 12)
        if size > _MAX_DIRECTORY or end[max(0, at - 20) : at].startswith(_LARGE_ZIP):
            raise too_large(file)


def _check_entry(entry: zipfile.ZipInfo, file: str) -> None:
    if entry.flag_bits & 1:
        raise failure(file, "is locked with a password, which Anki's packages never are", Code.PACKAGE_FOREIGN)
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:  # another may ask for gigabytes
        raise failure(file, "is packed in a way that Anki's packages never are", Code.PACKAGE_FOREIGN)
    if entry.file_size > MAX_DATABASE:
        raise too_large(file)


@contextmanager
def _plain(stream: IO[bytes], file: str) -> "Iterator[IO[bytes] | _Decompressed]":
    """Return what an entry of a package holds, which may be compressed with Zstandard."""
    is_compressed = stream.read(len(_ZSTANDARD)) == _ZSTANDARD
    stream.seek(0)
    if not is_compressed:
        yield stream
        return
    for name in ("compression.zstd", "zstandard"):  # Python's own, since 3.14; the usual library
        try:
            module: Any = importlib.import_module(name)
        except ImportError:
            continue
        with module.open(stream) as decompressed:
            yield _Decompressed(decompressed, module.ZstdError, file)
        return
    text = (
        f"is compressed, as newer Ankis do: {command_to_add('zstandard')}, or export it again with 'Support older Anki"
        " versions' ticked"
    )
    raise failure(file, text, Code.PACKAGE_COMPRESSED)


class _Decompressed:
    """A stream of whichever library is there, with errors of one kind."""

    def __init__(self, stream: IO[bytes], error: type[Exception], file: str) -> None:
        self._stream = stream
        self._error = error
        self._file = file

    def read(self, size: int) -> bytes:
        try:
            return self._stream.read(size)
        except (self._error, EOFError):
            text = "is damaged: its collection can't be unpacked"
            raise failure(self._file, text, Code.PACKAGE_DAMAGED) from None


def _copy(stream: "IO[bytes] | _Decompressed", unpacked: str, file: str) -> None:
    """Write a database to a file."""
    room = MAX_DATABASE
    chunk = stream.read(_CHUNK)
    if not chunk.startswith(_SQLITE):
        raise damaged(file)
    # It asks for a log beside it, which no package has: it is read without one.
    if chunk[18:20] == b"\x02\x02":
        chunk = chunk[:18] + b"\x01\x01" + chunk[20:]
    with open(unpacked, "wb") as target:
        while chunk:
            room -= len(chunk)
            if room < 0:
                raise too_large(file)
            try:
                target.write(chunk)
            except OSError as error:
                text = f"can't be unpacked in {os.path.dirname(unpacked)}: {error.strerror or error}"
                raise failure(file, text, Code.CANNOT_READ) from None
            chunk = stream.read(_CHUNK)


def _guard(connection: sqlite3.Connection) -> None:
    """Let a connection read tables, and nothing else."""
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE)
    connection.setlimit(sqlite3.SQLITE_LIMIT_COLUMN, _MAX_COLUMNS)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.set_progress_handler(_at_most(_SCHEMA_STEPS), 1_000)
    for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "query_only = ON", "mmap_size = 0"):
        connection.execute(f"PRAGMA {pragma}")
    # The newer tables are declared with an order of Anki's own. To read them, any order will do.
    connection.create_collation("unicase", lambda one, other: (one > other) - (one < other))


def _has_plain_tables(connection: sqlite3.Connection, file: str) -> bool:
    """Return True if a database has plain tables and their indices, and nothing that computes while it is read."""
    try:
        parts = connection.execute(f"SELECT type, name, sql FROM sqlite_master LIMIT {_MAX_TABLES}").fetchall()  # noqa: S608
        if len(parts) == _MAX_TABLES:
            raise too_large(file)
        for kind, name, sql in parts:
            if kind not in {"table", "index"} or str(sql).upper().startswith("CREATE VIRTUAL"):
                return False
            if kind == "table":
                columns = connection.execute("SELECT hidden FROM pragma_table_xinfo(?)", (name,))
                if any(hidden for (hidden,) in columns):
                    return False
    except (sqlite3.Error, UnicodeError):
        raise damaged(file) from None
    connection.set_progress_handler(_at_most(_MAX_STEPS), 1_000)
    allowed = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ}
    connection.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in allowed else sqlite3.SQLITE_DENY)
    return True


def _at_most(steps: int) -> Callable[[], bool]:
    """Return what stops SQLite after so many thousand steps."""
    taken = count()
    return lambda: next(taken) > steps
