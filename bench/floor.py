"""Time the work that no builder of such a deck can avoid, done by the bare libraries on the same rows.

`floor.py prepare SOURCE DECK ROWS` takes the texts of SOURCE and the finished rows of DECK, its .apkg, and keeps them
in ROWS. `floor.py time SOURCE ROWS` loads them and prints as JSON the seconds of four things, measured by itself, so
that neither the preparation, the loading nor the start of Python counts:

- scan: libyaml reads SOURCE to its end; no event becomes a Python object.
- markdown: pyromark renders every text.
- insert: SQLite takes all rows in one transaction, then makes the indices of genanki's schema (which our decks do
  without).
- deflate: zlib packs the database at its fastest level.

They run without the cyclic garbage collector. Nothing is validated, no row made, no ledger kept.
"""

import argparse
import gc
import io
import json
import pickle
import sqlite3
import tempfile
import time
import zipfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import pyromark
import yaml
from genanki.apkg_schema import APKG_SCHEMA
from yaml.cyaml import CParser  # type: ignore[attr-defined]  # the stubs don't know it

OPTIONS: Final = pyromark.Options.ENABLE_MATH | pyromark.Options.ENABLE_TABLES | pyromark.Options.ENABLE_STRIKETHROUGH
MARKDOWN: Final = ("question", "answer", "cloze", "why", "hint")


def _texts(source: Path) -> Iterator[str]:
    data = yaml.load(source.read_bytes(), Loader=yaml.CBaseLoader)  # noqa: S506  # makes texts only
    sections = [data.get("flashcards", []), *(section["questions"] for section in data.get("practice", []))]
    for notes in sections:
        for note in notes:
            yield from (note[key] for key in MARKDOWN if isinstance(note.get(key), str))


def prepare(source: Path, deck: Path, rows: Path) -> None:
    """Keep in `rows` what `measure` needs: the texts, the tables' and indices' SQL, the rows of every table."""
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(deck) as package:
        connection = sqlite3.connect(package.extract("collection.anki2", folder))
        schema = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
        tables = {name: sql for name, sql in schema if not name.startswith("sqlite_")}
        content = {name: connection.execute(f"SELECT * FROM {name} ORDER BY rowid").fetchall() for name in tables}  # noqa: S608  # names from the schema
        connection.close()
    indices = [f"CREATE INDEX{index}" for index in APKG_SCHEMA.split("CREATE INDEX")[1:]]
    with rows.open("wb") as file:
        pickle.dump((list(_texts(source)), tables, indices, content), file, pickle.HIGHEST_PROTOCOL)


def _insert(tables: dict[str, str], indices: list[str], content: dict[str, list[tuple[Any, ...]]]) -> bytes:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("PRAGMA page_size = 16384")
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("BEGIN")
    for name, sql in tables.items():
        connection.execute(sql)
        if content[name]:
            places = ", ".join("?" * len(content[name][0]))
            connection.executemany(f"INSERT INTO {name} VALUES ({places})", content[name])  # noqa: S608  # see above
    for sql in indices:
        connection.execute(sql)
    connection.execute("COMMIT")
    return connection.serialize()


def measure(source: Path, rows: Path) -> dict[str, dict[str, float]]:
    """Return the seconds on the clock and of the CPU of each part."""
    texts, tables, indices, content = pickle.loads(rows.read_bytes())  # noqa: S301  # `prepare` wrote it
    gc.collect()
    gc.disable()
    marks = [_now()]
    with source.open("rb") as file:
        CParser(file).raw_parse()
    marks.append(_now())
    for text in texts:
        pyromark.html(text, options=OPTIONS)
    marks.append(_now())
    database = _insert(tables, indices, content)
    marks.append(_now())
    with zipfile.ZipFile(io.BytesIO(), "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        package.writestr("collection.anki2", database)
    marks.append(_now())
    parts = ("scan", "markdown", "insert", "deflate")
    return {
        clock: {part: end[number] - start[number] for part, (start, end) in zip(parts, pairwise(marks), strict=True)}
        for number, clock in enumerate(("wall", "cpu"))
    }


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def main() -> None:
    """Prepare or time, as the command line says."""
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    for command, names in (("prepare", ("source", "deck", "rows")), ("time", ("source", "rows"))):
        arguments = commands.add_parser(command)
        for name in names:
            arguments.add_argument(name, type=Path)
    options = parser.parse_args()
    if options.command == "prepare":
        prepare(options.source, options.deck, options.rows)
    else:
        print(json.dumps(measure(options.source, options.rows)))


if __name__ == "__main__":
    main()
