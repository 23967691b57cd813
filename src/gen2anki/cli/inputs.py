"""What a command reads: the source, the ledger and the clock."""

import os
import time
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

import click

from gen2anki.cli.outcome import Stage

# All else is imported where it is needed, so that --help and --version answer at once.
if TYPE_CHECKING:
    from gen2anki.diagnostics.codes import Code
    from gen2anki.diagnostics.problem import Path, Problem
    from gen2anki.edition.pipeline import Edition
    from gen2anki.source.document import Document

_DAY: Final = 86_400
_YEAR: Final = 366 * _DAY
# How many notes a message names.
_NAMED: Final = 5
# No header of a ledger has more bytes.
_HEADER_BYTES: Final = 65_536
# The most that a source or a ledger may have. A lesson of 100,000 notes has 40 MB.
MAX_BYTES: Final = 256 * 2**20


class Given(NamedTuple):
    """A source that a command was given: its name, and its bytes where they are not in the file of that name."""

    name: str
    content: bytes | None = None

    def document(self) -> "Document":
        """Return the source as a document.

        Raises:
            ProblemsError: it can't be read.
        """
        from gen2anki.source.document import Document

        return Document(read_source(self.name) if self.content is None else self.content, self.name)

    def problem(self, path: "Path", text: str, code: "Code") -> "Problem":
        """Return a problem at a path of the source, which is read again for it."""
        from gen2anki.source.positions import Places

        return Places(self.document(), {}).problem(path, text, code)


def make_edition(
    given: Given,
    last: bytes | None,
    stage: Stage,
    forget: tuple[str, ...] = (),
    taken: Collection[int] = frozenset(),
    *,
    in_one_process: bool = False,
) -> "Edition":
    """Make the edition of a source.

    `last` holds the bytes of its ledger, if there is one. `forget` are the ids of drafts to drop from the ledger, `taken` the
    numbers that the notes of other lessons have in Anki. With `in_one_process`, no other process helps.
    """
    from gen2anki.edition import pipeline

    source = given.name
    edition = pipeline.make_edition(
        given.document(),
        folder=os.path.dirname(source) or ".",
        last=last,
        ledger_file=ledger_file_of(source),
        others=_ledgers_near(source) if last is None else {},
        clock=pipeline.Clock(now=now(), latest=max(now(), int(time.time())) + _YEAR),
        forget=forget,
        stage=stage,
        taken=taken,
        in_one_process=in_one_process,
    )
    return replace(edition, warnings=(*edition.warnings, *_date_warning(source)))


def ledger_change(content: bytes, last: bytes | None) -> str:
    """Return what to say of a ledger if it changes; empty where it stays the same."""
    if last is None:
        return "is new"
    return "has changed" if content != last.replace(b"\r\n", b"\n") else ""


def frozen_problem(edition: "Edition", ledger_file: str, last: bytes | None) -> "Problem":
    """Return the problem of a ledger that would change under --frozen."""
    from gen2anki.cli.outcome import summary
    from gen2anki.diagnostics.codes import Code
    from gen2anki.diagnostics.problem import Problem

    changes = edition.changes
    if last is None:
        what = "there is no ledger"
    elif ids := tuple(dict.fromkeys([*changes.new, *changes.changed, *changes.moved, *changes.retired])):
        more = f" and {len(ids) - _NAMED:,} more" if len(ids) > _NAMED else ""
        what = f"the ledger would change ({summary(changes)}) for {', '.join(ids[:_NAMED])}{more}"
    else:
        what = "the ledger would be written in another way, though no note changed"
    return Problem(file=ledger_file, text=f"{what}: build without --frozen, and commit it", code=Code.LEDGER_FROZEN)


def ledger_file_of(source: str) -> str:
    """Return the name of a source's ledger, which lies beside it."""
    return os.path.splitext(source)[0] + ".lock"


def _ledgers_near(source: str) -> dict[str, bytes]:
    """Return the first line of each ledger in the source's folder; if the source is a link, in its target's folder too."""
    found: dict[str, bytes] = {}
    folders = [os.path.dirname(source)]
    if os.path.islink(source):
        folders.append(os.path.dirname(os.path.realpath(source)))
    for folder in folders:
        # A ledger that can't be read is none of this lesson's.
        with suppress(OSError):
            for name in sorted(os.listdir(folder or ".")):
                file = os.path.join(folder, name)
                if name.endswith(".lock") and os.path.isfile(file):
                    with open(file, "rb") as stream:
                        found[file] = stream.readline(_HEADER_BYTES)
    return found


def _date_warning(source: str) -> "Iterator[Problem]":
    """Yield a warning if the time that the build counts as is more than a day ahead of the clock."""
    from gen2anki.diagnostics.codes import Code
    from gen2anki.diagnostics.problem import Problem

    if now() > time.time() + _DAY:
        text = "SOURCE_DATE_EPOCH is in the future: until that time, Anki takes what learners edit for older than this edition"
        yield Problem(file=source, text=text, code=Code.CLOCK_AHEAD)


def now() -> int:
    """Return the time that this build counts as, in epoch seconds: SOURCE_DATE_EPOCH, or the clock's."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if not given:
        return int(time.time())
    # A number of twenty digits is no time; Python refuses one of thousands.
    if not (given.isascii() and given.isdigit()) or int(given[:20]) > time.time() + _YEAR:
        raise click.UsageError(f"SOURCE_DATE_EPOCH must be a time in seconds since 1970, not '{given}'")
    return int(given)


def read_source(name: str) -> bytes:
    """Return a source's bytes.

    Raises:
        ProblemsError: it can't be read. Where it is not there, the message says what is, or how to begin one.
    """
    from gen2anki.diagnostics.codes import Code
    from gen2anki.diagnostics.problem import failure

    if not os.path.lexists(name):
        folder = os.path.dirname(name)
        other = f"{os.path.splitext(name)[0]}{'.yaml' if name.endswith('.yml') else '.yml'}"
        if os.path.isfile(other):
            raise failure(name, f"is not there, but '{other}' is: name that", Code.CANNOT_READ)
        lessons = sorted(one for one in _names(folder) if one.endswith((".yaml", ".yml")))
        if not lessons:
            text = "is not there: 'gen2anki init' makes a lesson to begin with"
            raise failure(name, text, Code.CANNOT_READ)
        from gen2anki.diagnostics.suggestion import nearest

        near = nearest(os.path.basename(name), tuple(lessons)) or (lessons[0] if len(lessons) == 1 else None)
        if near:
            raise failure(name, f"is not there: did you mean '{os.path.join(folder, near)}'?", Code.CANNOT_READ)
    return read(name)


def _names(folder: str) -> list[str]:
    with suppress(OSError):
        return os.listdir(folder or ".")
    return []


def read(file: str) -> bytes:
    """Return a file's bytes.

    Raises:
        ProblemsError: it can't be read.
    """
    from gen2anki.diagnostics.codes import Code
    from gen2anki.diagnostics.files import not_a_file
    from gen2anki.diagnostics.problem import failure

    try:
        if reason := not_a_file(file):
            raise failure(file, f"can't be read: {reason}", Code.CANNOT_READ)
        with open(file, "rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise failure(file, f"can't be read: {reason}", Code.CANNOT_READ) from None
    if len(content) > MAX_BYTES:
        text = f"has more than {MAX_BYTES >> 20} MiB, the most that a source or a ledger may have: make several lessons of it"
        raise failure(file, text, Code.TOO_LARGE)
    return content


def refuse_input(output: str, sources: Iterable[str]) -> None:
    """Refuse an output that is a source or a ledger, by whatever name or link: it would take their place.

    Raises:
        UsageError: it is one.
    """
    for source in sources:
        for file, what in ((source, "source"), (ledger_file_of(source), "ledger")):
            if _is_same(output, file):
                raise click.UsageError(f"the output '{output}' is the {what} '{file}': give another name with -o")


def _is_same(one: str, other: str) -> bool:
    with suppress(OSError, ValueError):
        return os.path.samefile(one, other)
    # One of them is not there yet. Many disks ignore capitals, and how accents are put together.
    keys = [unicodedata.normalize("NFC", os.path.realpath(file)).casefold() for file in (one, other)]
    return keys[0] == keys[1]


def read_if_there(file: str) -> bytes | None:
    """Return a file's bytes, or None where there is no such file.

    Raises:
        ProblemsError: it is there and can't be read.
    """
    from gen2anki.diagnostics.codes import Code
    from gen2anki.diagnostics.problem import failure

    try:
        os.lstat(file)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:  # it may be there: a new ledger in its place would cost learners their edits
        reason = getattr(error, "strerror", None) or str(error)
        raise failure(file, f"can't be read: {reason}", Code.CANNOT_READ) from None
    return read(file)
