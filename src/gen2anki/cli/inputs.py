"""What a command reads: the source, its ledger, the clock."""

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import click

from gen2anki.cli.outcome import Stage

# All else is imported where it is needed, so that --help and --version answer at once.
if TYPE_CHECKING:
    from gen2anki.diagnostics.problem import Problem
    from gen2anki.edition.pipeline import Edition

_DAY: Final = 86_400
# No first line of a ledger is longer.
_MOST_OF_A_LINE: Final = 65_536


def make_edition(source: str, last: bytes | None, stage: Stage, forget: tuple[str, ...] = ()) -> "Edition":
    """Read and settle a source, whose ledger is `last`."""
    from gen2anki.edition import pipeline
    from gen2anki.source.document import Document

    edition = pipeline.make_edition(
        Document(read(source), source),
        folder=os.path.dirname(source) or ".",
        last=last,
        ledger_file=ledger_file_of(source),
        others=_ledgers_near(source) if last is None else {},
        now=now(),
        forget=forget,
        stage=stage,
    )
    return replace(edition, warnings=(*edition.warnings, *_date_warning(source)))


def ledger_file_of(source: str) -> str:
    """Return the name of a source's ledger, which lies beside it."""
    return os.path.splitext(source)[0] + ".lock"


def _ledgers_near(source: str) -> dict[str, bytes]:
    """Return the first line of each ledger in the source's folder and, if it is a link, in the one that it leads to."""
    found: dict[str, bytes] = {}
    folders = [os.path.dirname(source)]
    if os.path.islink(source):
        folders.append(os.path.dirname(os.path.realpath(source)))
    for folder in folders:
        # Whatever keeps one from being read, it is only looked at.
        with suppress(OSError):
            for name in sorted(os.listdir(folder or ".")):
                file = os.path.join(folder, name)
                if name.endswith(".lock") and os.path.isfile(file):
                    with open(file, "rb") as stream:
                        found[file] = stream.readline(_MOST_OF_A_LINE)
    return found


def _date_warning(source: str) -> "Iterator[Problem]":
    """Yield a warning where a build counts as one of a day to come."""
    from gen2anki.diagnostics.codes import Code
    from gen2anki.diagnostics.problem import Problem

    if now() > time.time() + _DAY:
        text = "SOURCE_DATE_EPOCH is in the future: until then, what learners edit is taken for older than this edition"
        yield Problem(file=source, text=text, code=Code.CLOCK_AHEAD)


def now() -> int:
    """Return the epoch second that this build counts as."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if not given:
        return int(time.time())
    # Twenty digits are too many for a time, and thousands for Python.
    if not (given.isascii() and given.isdigit()) or int(given[:20]) > time.time() + _DAY * 366:
        raise click.UsageError(f"SOURCE_DATE_EPOCH must be a time in seconds since 1970, not '{given}'")
    return int(given)


def read(file: str) -> bytes:
    """Return a file's bytes; one that can't be read is a problem."""
    from gen2anki.diagnostics.codes import Code
    from gen2anki.diagnostics.problem import failure

    try:
        with open(file, "rb") as stream:
            return stream.read()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise failure(file, f"can't be read: {reason}", Code.CANNOT_READ) from None


def read_if_there(file: str) -> bytes | None:
    """Return a file's bytes, or None where there is no such file."""
    return read(file) if os.path.lexists(file) else None
