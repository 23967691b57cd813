"""Packages from strangers: damaged, foreign or made to do harm. Each is told in one clear line, and costs little."""
# ruff: noqa: S608 (the SQL of a package is what is tried)

import io
import json
import re
import resource
import sqlite3
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pyromark
import pytest

from author import Author
from gen2anki.anki import package_reader, packed_collection
from gen2anki.diagnostics.problem import ProblemsError
from lesson import settle_in

# Far below what a bomb would take; Python and the libraries need a part of it.
MOST_MEMORY = 500 * 2**20


@pytest.fixture
def deck(author: Author) -> bytes:
    """Return the package of a small lesson."""
    settle_in(author.folder)
    return author.publish().read_bytes()


def _error(package: bytes) -> str:
    """Return what is told of a package."""
    Path("old.apkg").write_bytes(package)
    with pytest.raises(ProblemsError) as error:
        package_reader.read("old.apkg")
    (problem,) = error.value.problems
    return problem.text


def _collection(deck: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(deck)) as archive:
        return archive.read("collection.anki2")


def _packed(collection: bytes, name: str = "collection.anki2", method: int = zipfile.ZIP_DEFLATED) -> bytes:
    with zipfile.ZipFile(stream := io.BytesIO(), "w", method) as archive:
        archive.writestr(name, collection)
    return stream.getvalue()


def _changed(deck: bytes, script: str) -> bytes:
    """Return a package in whose database a script of SQL has run."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.deserialize(_collection(deck))
        connection.executescript(script)
        return _packed(bytes(connection.serialize()))


def test_a_package_cut_off_anywhere_is_told(deck: bytes) -> None:
    """`make fuzz` tries every byte."""
    small = _packed(_collection(deck))
    told = {_error(small[:length]) for length in [*range(0, len(small), 97), *range(len(small) - 90, len(small))]}
    assert told == {"is damaged, or no Anki package"}


def test_a_database_cut_off_at_any_page_is_told_or_read(deck: bytes) -> None:
    """SQLite itself may take a shorter one for whole, where only empty pages are gone."""
    collection = _collection(deck)
    for length in range(0, len(collection), 4_096):
        assert "is damaged" in _error(_packed(collection[:length]))


DO_HARM = "is no package that Anki would make: its collection has more than plain tables, which could do harm"
TOO_LARGE = "is damaged, or far larger than any deck"
UNREADABLE = "is damaged: its collection can't be read"
# Rows without end, and texts of a gigabyte.
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
HUGE = "replace(hex(zeroblob(500000000)), '0', 'a')"


@pytest.mark.parametrize(
    ("script", "line"),
    [
        (f"DROP TABLE notes; CREATE VIEW notes AS {ENDLESS} SELECT i id, i guid, 1 mid, 1 mod, '' tags, '' flds FROM n", DO_HARM),
        (f"ALTER TABLE notes RENAME TO n; CREATE VIEW notes AS SELECT id, guid, mid, mod, tags, {HUGE} flds FROM n", DO_HARM),
        ("CREATE TRIGGER t AFTER INSERT ON notes BEGIN DELETE FROM notes; END", DO_HARM),
        ("DROP TABLE notes; CREATE VIRTUAL TABLE notes USING fts5(id, guid, mid, mod, tags, flds)", DO_HARM),
        (f"DROP TABLE notes; CREATE TABLE notes (id, guid, mid, mod, tags, flds AS ({HUGE}))", DO_HARM),
        ("UPDATE notes SET flds = CAST(zeroblob(9000000) AS TEXT)", UNREADABLE),
        (f"UPDATE notes SET flds = {'replace(hex(zeroblob(3500000)), 0, char(128512))'}", UNREADABLE),
        ("UPDATE col SET models = replace(hex(zeroblob(50000)), '0', '[')", UNREADABLE),
        ("UPDATE col SET models = '[]'", UNREADABLE),
        ("UPDATE col SET models = '{\"1\": {\"flds\": [{\"name\": [1], \"ord\": \"x\"}, {\"ord\": 1}]}}'", UNREADABLE),
        ("UPDATE col SET decks = 'null'", UNREADABLE),
        ("DELETE FROM col", UNREADABLE),
        ("DROP TABLE notes", UNREADABLE),
        ("DROP TABLE cards; CREATE TABLE cards (a, b, c)", UNREADABLE),
        ("UPDATE notes SET mod = 'soon'", UNREADABLE),
        ("UPDATE notes SET mod = 9e999", UNREADABLE),
        ("UPDATE notes SET mid = 5", UNREADABLE),
        ("UPDATE notes SET flds = CAST(x'ff' AS TEXT)", UNREADABLE),
    ],
)  # fmt: skip
def test_a_database_made_to_do_harm_is_told(deck: bytes, script: str, line: str) -> None:
    """Views, triggers, computed columns and texts beyond all measure are refused before they cost anything."""
    assert _error(_changed(deck, script)) == line


@pytest.mark.parametrize("limit", ["_MAX_CARDS", "_MAX_MEMORY", "_MAX_NAMES"])
def test_more_than_any_deck_has_is_told(deck: bytes, monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    """The limits are those of cards, of the memory that notes take, and of names; here they are low."""
    monkeypatch.setattr(package_reader, limit, 2)
    script = ""
    if limit == "_MAX_NAMES":
        script = "CREATE TABLE notetypes (id); CREATE TABLE fields (ntid, ord, name);"
        script += "INSERT INTO fields VALUES (1, 0, 'a'), (1, 1, 'b'), (1, 2, 'c')"
    assert _error(_changed(deck, script)) == TOO_LARGE


def test_what_takes_too_many_steps_is_told(deck: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database whose rows never end would else be read for ever."""
    monkeypatch.setattr(packed_collection, "_MAX_STEPS", 0)
    columns = "mod, usn, type, queue, due, ivl, factor, reps, lapses, left, odue, odid, flags, data"
    script = f"CREATE TABLE n AS {ENDLESS} SELECT i FROM n LIMIT 300; INSERT INTO cards SELECT cards.id * 999 + i, nid, did, ord,"
    script += f" {columns} FROM cards, n;"
    assert _error(_changed(deck, script)) == UNREADABLE


def test_a_schema_of_thousands_of_tables_is_told(deck: bytes) -> None:
    """A package of Anki's has a dozen."""
    script = "".join(f"CREATE TABLE t{number} (a);" for number in range(3_000))
    assert _error(_changed(deck, script)) in {TOO_LARGE, UNREADABLE}


def test_bytes_changed_anywhere_in_the_database_are_told_or_read(deck: bytes) -> None:
    """There is no other way out, whatever they make of the tables."""
    collection = bytearray(_collection(deck))
    outcomes = set()
    for at in range(0, len(collection), len(collection) // 150):
        broken = collection[:]
        broken[at : at + 3] = b"\xff\x00\x7f"
        Path("old.apkg").write_bytes(_packed(bytes(broken), method=zipfile.ZIP_STORED))
        try:
            package_reader.read("old.apkg")
            outcomes.add("read")
        except ProblemsError as error:
            outcomes.add(error.problems[0].text)
    assert "read" in outcomes
    assert outcomes <= {"read", UNREADABLE, TOO_LARGE, DO_HARM}


def _bomb() -> bytes:
    """Return a package whose collection is 520 MB of nothing."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("collection.anki2", "w") as entry,
    ):
        entry.write(b"SQLite format 3\0")
        for _ in range(520):
            entry.write(bytes(2**20))
    return stream.getvalue()


def _zstandard_bomb() -> bytes:
    zstandard = pytest.importorskip("zstandard")
    compressor = zstandard.ZstdCompressor().compressobj()
    content = compressor.compress(b"SQLite format 3\0")
    content += b"".join(compressor.compress(bytes(2**20)) for _ in range(520)) + compressor.flush()
    return _packed(content, "collection.anki21b")


def _false_size() -> bytes:
    """Return a package that says of its bomb that it is small."""
    package = bytearray(_bomb())
    at = package.rfind(b"PK\1\2")
    struct.pack_into("<L", package, at + 24, 5_000)
    return bytes(package)


def _long_directory() -> bytes:
    end = struct.pack("<4sHHHHLLH", b"PK\5\6", 0, 0, 9, 9, 2**31, 0, 0)
    return b"PK" + bytes(1_000) + end


@pytest.mark.parametrize("make", [_bomb, _zstandard_bomb, _false_size, _long_directory])
def test_a_bomb_is_told_in_little_memory(author: Author, make: Callable[[], bytes]) -> None:
    """The command has no more memory than it may take, and a file's own account of its size is not believed."""
    settle_in(author.folder)
    Path("old.apkg").write_bytes(make())
    run = subprocess.run(
        [sys.executable, "-m", "gen2anki", "diff", "--against", "old.apkg"],
        capture_output=True,
        check=False,
        timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY)),
    )
    told = run.stderr.decode()
    assert run.returncode == 1
    line = "is damaged" if make is _false_size else TOO_LARGE
    assert told.startswith(f"old.apkg: error: {line}")
    assert told.count("\n") == 1


def test_an_entry_that_is_encrypted_or_twice_there_is_told(deck: bytes) -> None:
    """So is one packed by a method that may ask for gigabytes."""
    collection = _collection(deck)
    locked = bytearray(_packed(collection))
    locked[6] |= 1
    locked[locked.rfind(b"PK\1\2") + 8] |= 1
    assert _error(bytes(locked)) == "is locked with a password, which Anki's packages never are"
    with pytest.warns(UserWarning, match="Duplicate name"):
        twice = _with_entry(_packed(collection), "collection.anki2", collection)
    assert _error(twice) == "is damaged: it has two collections of one name"
    for method in (zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2):
        assert _error(_packed(collection, method=method)) == "is packed in a way that Anki's packages never are"


def _with_entry(deck: bytes, name: str, content: bytes) -> bytes:
    with zipfile.ZipFile(stream := io.BytesIO(deck), "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return stream.getvalue()


def test_nothing_is_written_outside_a_folder_of_its_own(author: Author, deck: bytes) -> None:
    """A package's entries, and the names that it gives its media, may lead anywhere: they are not followed."""
    names = json.dumps({"0": "../../outside.png", "1": "/outside.png"})
    with zipfile.ZipFile(stream := io.BytesIO(), "w") as archive:
        archive.writestr("collection.anki2", _collection(deck))
        archive.writestr("media", names)
        for name in ("0", "1", "../outside.txt", "/tmp/gen2anki-outside.txt"):  # noqa: S108
            archive.writestr(name, b"x")
    Path("old.apkg").write_bytes(stream.getvalue())
    before = sorted(author.folder.parent.rglob("*"))
    for command in (["diff", "--against"], ["verify", "--after"]):
        assert "Traceback" not in author.run(*command, "old.apkg").output
    assert sorted(author.folder.parent.rglob("*")) == before
    assert not Path("/tmp/gen2anki-outside.txt").exists()  # noqa: S108


def test_verify_gives_anki_no_package_that_diff_refuses(
    author: Author, deck: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anki runs triggers, and unpacks media of any size; both are told before it is asked."""

    def told(package: bytes) -> str:
        Path("old.apkg").write_bytes(package)
        result = author.run("verify", "--after", "old.apkg")
        assert result.exit_code == 1
        return result.stderr.partition("error: ")[2].partition(" [")[0]

    assert told(_changed(deck, "CREATE TRIGGER t AFTER INSERT ON notes BEGIN DELETE FROM notes; END")) == DO_HARM
    with pytest.warns(UserWarning, match="Duplicate name"):
        assert told(_with_entry(deck, "media", b"{}")) == "is damaged: it has two files of one name"
    monkeypatch.setattr(packed_collection, "MAX_MEDIA", 1_000_000)
    assert told(_with_entry(deck, "1", bytes(2_000_000))) == TOO_LARGE


def test_markdown_of_a_foreign_package_is_words_alone(author: Author, deck: bytes) -> None:
    """Whatever a stranger's deck calls its notes, fields and decks, a release note shows no tag or picture of it."""
    evil = "`<img src=x onerror=alert(1)>&lt;b&gt;` ![a](http://x)"
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.deserialize(_collection(deck))
        (models,) = connection.execute("SELECT models FROM col").fetchone()
        (decks,) = connection.execute("SELECT decks FROM col").fetchone()
        named = models.replace('"name": "Why"', f'"name": {json.dumps(evil)}')
        connection.execute("UPDATE col SET models = ?, decks = ?", (named, decks.replace("Geography", evil)))
        connection.execute(
            "UPDATE notes SET guid = guid || 'x', flds = ? || flds WHERE id = (SELECT min(id) FROM notes)", (evil,)
        )
        connection.execute("UPDATE notes SET flds = flds || ?", (evil,))
        Path("old.apkg").write_bytes(_packed(bytes(connection.serialize())))
    printed = author.run("diff", "--against", "old.apkg", "--markdown").stdout
    html = pyromark.html(printed)
    assert "onerror" in html
    assert set(re.findall(r"</?([a-z0-9]+)", html)) <= {"h2", "h3", "p", "em", "strong", "del", "ul", "li", "code"}


def test_a_field_of_a_foreign_package_cannot_command_the_terminal(author: Author, deck: bytes) -> None:
    """Its name is printed, too."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.deserialize(_collection(deck))
        (models,) = connection.execute("SELECT models FROM col").fetchone()
        connection.execute("UPDATE col SET models = ?", (models.replace('"name": "Why"', '"name": "Why\\u001b[2J"'),))
        connection.execute("UPDATE notes SET mod = mod - 1")
        Path("old.apkg").write_bytes(_packed(bytes(connection.serialize())))
    assert "\x1b" not in author.run("diff", "--against", "old.apkg").stdout
