"""`make fuzz`: give the product broken, odd and hostile input for a while; print what it could not take.

python tests/fuzz.py [SECONDS] [KIND]...

What is right is an edition, a package or problems. Anything else is a finding: another exception, more than five seconds, more
than 500 MB, HTML with an element that no author wrote. Each finding is printed once, as small as it could be made.
"""
# ruff: noqa: T201, S311, S608 (a command, which prints; its chance needs no secrecy, and its SQL is what is tried)

import io
import json
import os
import random
import re
import resource
import signal
import sqlite3
import sys
import tempfile
import time
import traceback
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path
from types import FrameType
from typing import Any, Final

import yaml

from gen2anki.anki import package_reader
from gen2anki.diagnostics.problem import ProblemsError
from gen2anki.edition import ledger, pipeline
from gen2anki.output import apkg
from gen2anki.source.document import Document
from gen2anki.text.media import MediaFolder, MediumError
from gen2anki.text.renderer import Renderer
from lesson import LESSON, settle_in

HERE: Final = Path(__file__).parent
SECONDS: Final = 5
MEGABYTES: Final = 500
NOW: Final = 1_760_000_000

# Pieces of which texts, keys and values are made: marks, their halves, and what other tools take for marks.
PIECES: Final = (
    "a", "b c", "é", "e\u0301", "練", "🙂", " ", "  ", "\n", "\n\n", "\t", "\r", "\x00", "\x1f", "\x7f", "\x85", "\u2028", "\ufeff",
    "\ud7ff", "\ue000", "\U000f0000", "\U0010ffff", "*", "**", "_", "__", "~", "~~", "`", "``", "```", "```python\n", "$", "$$",
    "\\", "\\(", "\\)", "\\[", "\\frac{1}", "\\begin{a}", "{", "}", "{{", "}}", "{{c1::", "{{c0::", "{{c501::", "::", "|", "|-|", "- ",
    "1. ", "1) ", "> ", "# ", "---", "===", "![", "[", "](", ")", "](media/map.png)", "](javascript:a)", "](data:text/html,a)", "<", ">",
    "<b>", "</b>", "<script>", "<img src=x onerror=a>", "<!--", "-->", "<a href='", "&", "&lt;", "&#60;", "&#x0;", "&colon;", "<http://a>",
    "<javascript:a>", "http://a.b", "[sound:a.mp3]", "[latex]", "[[type:a]]", "[a]: x", "![](../../a.png)", "![](media/map.png)", "|a|b|\n",
)  # fmt: skip
VALUES: Final[tuple[Any, ...]] = (
    *PIECES, "", "~", "null", "true", "0", "-1", "1e999", "9" * 400, "x" * 70, "c" * 5_000, [], {}, [[]], [{}], {"a": "b"}, ["a", "a"], None,
)  # fmt: skip
KEYS: Final = (
    "id", "question", "answer", "why", "hint", "choices", "tags", "reverse", "typed", "source", "cloze", "deck", "name", "description",
    "language", "html", "macros", "flashcards", "practice", "title", "intro", "prompt", "minutes", "questions", "retired", "answers", "x", "<<", "",
)  # fmt: skip


class Slow(BaseException):
    """An input took too long. No handler of the product takes it for its own."""


def _late(_: int, __: FrameType | None) -> None:
    raise Slow


# --- inputs


def seeds() -> list[bytes]:
    """Return lessons, right and wrong, to begin from."""
    cases = sorted((HERE / "cases").rglob("*.yaml"))
    return [LESSON.encode(), *(file.read_bytes() for file in cases if file.stat().st_size < 20_000)]


def changed_bytes(content: bytes) -> bytes:
    """Return bytes with a few changes: bytes and pieces put in, lines moved, cut or repeated."""
    data = bytearray(content)
    for _ in range(random.choice((1, 1, 2, 3, 8))):
        at = random.randrange(len(data) + 1)
        end = min(len(data), at + random.choice((0, 1, 2, 10, 100)))
        way = random.randrange(6)
        if way == 0:
            data[at:end] = bytes(random.randrange(256) for _ in range(random.randrange(4)))
        elif way == 1:
            data[at:end] = random.choice(PIECES).encode(errors="surrogatepass")
        elif way == 2:
            del data[at:end]
        elif way == 3:
            data[at:at] = data[at:end] * random.choice((1, 2, 30))
        else:
            lines = data.splitlines(keepends=True)
            if lines:
                one, other = random.randrange(len(lines)), random.randrange(len(lines))
                if way == 4:
                    lines.insert(other, lines[one])
                else:
                    lines[one], lines[other] = lines[other], lines[one]
                data = bytearray(b"".join(lines))
    return bytes(data)


def changed_structure(data: Any) -> Any:  # noqa: PLR0911 (a way each)
    """Return plain data with one of its keys or values changed."""
    if isinstance(data, dict) and data and random.random() < 0.85:
        key = random.choice(list(data))
        way = random.randrange(8)
        if way == 0:
            return {name: value for name, value in data.items() if name != key}
        if way == 1:
            return {random.choice(KEYS) if name == key else name: value for name, value in data.items()}
        if way == 2:
            return {**data, random.choice(KEYS): random.choice(VALUES)}
        return {**data, key: changed_structure(data[key])}
    if isinstance(data, list) and data and random.random() < 0.85:
        at = random.randrange(len(data))
        way = random.randrange(8)
        if way == 0:
            return data[:at] + data[at + 1 :]
        if way == 1:
            return [*data, data[at]]
        return [*data[:at], changed_structure(data[at]), *data[at + 1 :]]
    if isinstance(data, str) and random.random() < 0.7:
        return data + text(3) if random.random() < 0.5 else text(4)
    return random.choice(VALUES)


def text(most: int = 12) -> str:
    """Return a text made of pieces."""
    return "".join(random.choice(PIECES) for _ in range(random.randint(1, most)))


# --- what is tried: each takes bytes, and raises what is a finding


def made(content: bytes) -> pipeline.Edition:
    """Return the first edition of a lesson."""
    return pipeline.make_edition(
        Document(content, "cards.yaml"),
        folder=".",
        last=None,
        ledger_file="cards.lock",
        others={},
        clock=pipeline.Clock(now=NOW, latest=NOW),
        forget=(),
        stage=lambda _: None,
    )


def try_lesson(content: bytes) -> None:
    """Check a lesson, and now and then build it."""
    try:
        edition = made(content)
    except ProblemsError as error:
        str(error)
        json.dumps([problem.as_json() for problem in error.problems])
        return
    written = ledger.write(edition.ledger)
    assert ledger.write(ledger.read(written, "cards.lock")) == written, "the ledger is not read as it was written"
    if len(content) % 8 == 0:
        with tempfile.TemporaryDirectory() as folder:
            apkg.write(apkg.collect(edition, folder), stream := io.BytesIO())
            Path(folder, "new.apkg").write_bytes(stream.getvalue())
            found = package_reader.read(os.path.join(folder, "new.apkg"))
        assert len(found.notes) == len(edition.notes), "the package has other notes"


def try_ledger(content: bytes) -> None:
    """Read a ledger."""
    try:
        ledger.write(ledger.read(content, "cards.lock"))
    except ProblemsError as error:
        str(error)


def try_package(content: bytes) -> None:
    """Read a package."""
    Path("old.apkg").write_bytes(content)
    try:
        package_reader.read("old.apkg")
    except ProblemsError as error:
        if "\n" in str(error):
            raise ValueError("a package's problem is one line") from error


ELEMENTS: Final = {
    "a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "img", "li", "ol", "p", "pre", "rp", "rt", "ruby",
    "span", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES: Final = {"href", "src", "alt", "title", "class", "start", "value", "style", "align"}
SCHEMES: Final = re.compile(
    r"(?:https?|ftps?|mailto|tel|sms|geo|doi|urn|magnet|xmpp|ircs?|matrix|news|nntp):|(?![a-z][a-z0-9+.-]*:)",
    re.IGNORECASE,
)


class Parsed(HTMLParser):
    """Reads HTML back, and refuses what no text may become."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at an element and its attributes."""
        assert tag in ELEMENTS, f"<{tag}>"
        for name, value in attrs:
            assert name in ATTRIBUTES, f"{name}= in <{tag}>"
            if name in {"href", "src"}:
                # As a browser reads an address: without blanks and control characters around, tabs and line ends inside.
                address = re.sub(r"[\t\r\n]", "", (value or "").strip("".join(map(chr, range(33)))))
                is_picture = tag == "img" and address.startswith("data:")
                assert is_picture or SCHEMES.match(address), f"{name}={value!r}"

    def handle_comment(self, data: str) -> None:
        """Refuse a comment."""
        raise AssertionError(f"<!--{data}-->")


def try_text(content: bytes) -> None:
    """Render a text in each way, and read its HTML back."""
    typed = content.decode(errors="replace")
    renderer = Renderer(MediaFolder(".").find, html=False)
    for way in (renderer.field, renderer.cloze, renderer.line):
        try:
            done: Any = way(typed)
        except MediumError:
            continue
        html = done if isinstance(done, str) else done[0]
        if renderer.take_findings():  # then no deck is made of it
            continue
        parser = Parsed()
        parser.feed(html)
        parser.close()
        parser.rawdata = ""


def package_seeds() -> tuple[list[bytes], list[bytes]]:
    """Return packages, and their databases."""
    edition = made(LESSON.encode())
    with tempfile.TemporaryDirectory() as folder:
        apkg.write(apkg.collect(edition, folder), stream := io.BytesIO())
    with zipfile.ZipFile(stream) as archive:
        database = archive.read("collection.anki2")
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.deserialize(database)
        connection.executescript("PRAGMA page_size = 512; VACUUM")
        small = bytes(connection.serialize())
    return [stream.getvalue(), packed(small)], [database, small]


def packed(database: bytes) -> bytes:
    """Return the package of a database."""
    with zipfile.ZipFile(stream := io.BytesIO(), "w") as archive:
        archive.writestr("collection.anki2", database)
    return stream.getvalue()


def changed_rows(database: bytes) -> bytes:
    """Return a database with a value of another kind in some column, or another schema."""
    column = random.choice(("notes.flds", "notes.mod", "notes.mid", "notes.tags", "notes.guid", "notes.id", "cards.nid", "cards.did",
                            "cards.odid", "cards.ord", "col.models", "col.decks"))  # fmt: skip
    table, name = column.split(".")
    value = random.choice(
        (
            None,
            1.5,
            -1,
            2**62,
            "",
            b"\xff\x00",
            "[" * 3_000,
            "{}",
            "[]",
            '{"1": 1}',
            '{"x": {}}',
            "9" * 40,
            "é\ud800",
            text(),
        )
    )
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.deserialize(database)
        try:
            way = random.randrange(5)
            if way == 0:
                connection.execute(f"ALTER TABLE {table} RENAME TO other")
            elif way == 1:
                connection.execute(f"ALTER TABLE {table} RENAME COLUMN {name} TO other")
            elif way == 2:
                (old,) = connection.execute(f"SELECT {name} FROM {table}").fetchone()
                value = changed_bytes(str(old).encode()).decode(errors="replace")
            connection.execute(f"UPDATE {table} SET {name} = ?", (value,))
        except (sqlite3.Error, UnicodeError):
            pass
        return bytes(connection.serialize())


def large(content: bytes) -> bytes:
    """Return a lesson of the size that two processes read, with a change somewhere."""
    notes = "".join(
        f"  - {{id: n{n}, question: What is {n} and what is not?, answer: '{'x' * 200}'}}\n" for n in range(11_000)
    )
    whole = content.decode(errors="replace")
    at = whole.find("practice:")
    whole = whole[:at] + notes + whole[at:]
    way = random.randrange(4)
    head = whole[: whole.find("flashcards:")]
    if way == 0:
        return (whole + head).encode()
    if way == 1:
        return (head + whole).encode()
    return changed_bytes(whole.encode())


def kinds() -> dict[str, tuple[Callable[[], bytes], Callable[[bytes], None]]]:
    """Return what makes an input of each kind, and what tries it."""
    lessons = seeds()
    trees = [tree for content in lessons[:1] + [file.read_bytes() for file in sorted((HERE / "cases" / "good").glob("*.yaml"))]
             if (tree := yaml.load(content, yaml.CBaseLoader))]  # fmt: skip # noqa: S506
    packages, databases = package_seeds()
    written = ledger.write(made(LESSON.encode()).ledger)

    def structure() -> bytes:
        tree = random.choice(trees)
        for _ in range(random.choice((1, 1, 2, 4))):
            tree = changed_structure(tree)
        if random.random() < 0.5:
            return json.dumps(tree, ensure_ascii=random.random() < 0.5).encode(errors="surrogatepass")
        return yaml.dump(tree, allow_unicode=True, sort_keys=False).encode(errors="surrogatepass")

    def a_package() -> bytes:
        way = random.randrange(5)
        if way == 0:
            one = random.choice(packages)
            return one[: random.randrange(len(one))]
        if way == 1:
            return changed_bytes(random.choice(packages))
        if way == 2:
            return packed(changed_rows(random.choice(databases)))
        broken = bytearray(random.choice(databases))
        for _ in range(random.choice((1, 3, 20))):
            broken[random.randrange(len(broken)) if way == 3 else random.randrange(100)] = random.choice(
                (0, 1, 127, 128, 255)
            )
        return packed(bytes(broken))

    return {
        "bytes": (lambda: changed_bytes(random.choice(lessons)), try_lesson),
        "structure": (structure, try_lesson),
        "texts": (lambda: text(14).encode(errors="replace"), try_text),
        "packages": (a_package, try_package),
        "ledgers": (lambda: changed_bytes(written), try_ledger),
        "large": (lambda: large(LESSON.encode()), try_lesson),
    }


# --- findings


def fault(attempt: Callable[[bytes], None], content: bytes) -> str:
    """Return what is wrong with what is made of an input: what was raised, and where; empty where nothing is."""
    # The processor's seconds, since a machine may have other work; and some of the clock's, for what only waits.
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    signal.setitimer(signal.ITIMER_REAL, 12 * SECONDS)
    try:
        attempt(content)
    except Slow:
        return f"more than {SECONDS} s"
    except RecursionError:
        return "RecursionError"
    except Exception as error:  # noqa: BLE001 (it is what is looked for)
        *_, last = traceback.extract_tb(error.__traceback__)
        return f"{type(error).__name__} in {os.path.basename(last.filename)}:{last.lineno}: {error}"[:200]
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
    return ""


def smaller(attempt: Callable[[bytes], None], content: bytes, found: str) -> bytes:
    """Return an input with parts left out that has the same fault still."""
    kind = found.partition(": ")[0]
    size = len(content) // 2
    end = time.monotonic() + 20
    while size and time.monotonic() < end:
        at = 0
        while at < len(content) and time.monotonic() < end:
            shorter = content[:at] + content[at + size :]
            if fault(attempt, shorter).partition(": ")[0] == kind:
                content = shorter
            else:
                at += size
        size //= 2
    return content


def run(seconds: float, names: list[str]) -> int:
    """Try inputs of the kinds named, in turns; return how many findings there are."""
    all_kinds = kinds()
    chosen = {name: all_kinds[name] for name in names or all_kinds}
    counts = dict.fromkeys(chosen, 0)
    found: dict[str, str] = {}
    for name, (make, attempt) in turns(chosen, time.monotonic() + seconds):
        content = make()
        counts[name] += 1
        if told := fault(attempt, content):
            key = told.partition(": ")[0]
            if key not in found:
                found[key] = told
                least = smaller(attempt, content, told)
                print(f"{name}: {told}\n    {least[:400]!r}", flush=True)
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
    if peak > MEGABYTES:
        found["memory"] = f"{peak:.0f} MB"
        print(f"more than {MEGABYTES} MB: {peak:.0f}")
    tried = ", ".join(f"{count:,} {name}" for name, count in counts.items())
    print(f"{sum(counts.values()):,} executions ({tried}), {len(found)} findings, {peak:.0f} MB at most")
    return len(found)


def turns(chosen: dict[str, Any], end: float) -> Iterator[tuple[str, Any]]:
    """Yield kinds until it is time, each for a while; a large lesson takes as long as hundreds of others."""
    while True:
        for name, kind in chosen.items():
            for _ in range(1 if name == "large" else 500):
                if time.monotonic() > end:
                    return
                yield name, kind


def main() -> None:
    """Try inputs for a while; exit 1 where there are findings."""
    seconds = float(sys.argv[1]) if sys.argv[1:] else 600
    seed = int(os.environ.get("FUZZ_SEED") or time.time())
    random.seed(seed)
    signal.signal(signal.SIGALRM, _late)
    signal.signal(signal.SIGPROF, _late)
    print(f"seed {seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        settle_in(Path(folder))
        count = run(seconds, sys.argv[2:])
        os.chdir(HERE)
    sys.exit(count > 0)


if __name__ == "__main__":
    main()
