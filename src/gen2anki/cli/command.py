"""What all commands share: they read files and the clock, do their work, print what they found and exit."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import click

# All else is imported where it is needed, so that --help and --version answer at once.
if TYPE_CHECKING:
    from gen2anki.edition import Edition
    from gen2anki.problem import Problem

_DAY: Final = 86_400
# No first line of a ledger is longer.
_MOST_OF_A_LINE: Final = 65_536

Stage = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a command found: the text for a person, the data for --json, and warnings."""

    text: str
    data: dict[str, Any]
    warnings: "tuple[Problem, ...]"
    ok: bool = True


def paint(text: str, colour: str) -> str:
    """Return a text in a colour, or bold; click takes the colours out where the output is no terminal."""
    if os.environ.get("NO_COLOR"):
        return text
    return click.style(text, bold=True) if colour == "bold" else click.style(text, fg=colour)


def prepare(source: str, last: bytes | None, stage: Stage, forget: tuple[str, ...] = ()) -> "Edition":
    """Read and settle a source, whose ledger is `last`."""
    from gen2anki.edition import prepare
    from gen2anki.source import Source

    edition = prepare(
        Source(read(source), source),
        folder=os.path.dirname(source) or ".",
        last=last,
        ledger_file=ledger_file_of(source),
        others=_ledgers_near(source) if last is None else {},
        now=now(),
        forget=forget,
        stage=stage,
    )
    return replace(edition, warnings=(*edition.warnings, *_date_warning(source)))


def run(command: str, source: str, as_json: bool, work: Callable[[Stage], Outcome]) -> None:
    """Do a command's work, report what it found and exit: 0 fine, 1 the source has problems, 2 wrong usage."""
    from gen2anki.cli.progress import Progress
    from gen2anki.problem import ProblemsError, ordered
    from gen2anki.settle import ForgetError

    problems: tuple[Problem, ...]
    try:
        with Progress() as progress:
            outcome = work(progress.stage)
        problems, data = outcome.warnings, outcome.data
    except ProblemsError as error:
        outcome, problems, data = None, error.problems, {}
    except ForgetError as error:
        raise click.BadParameter(str(error), param_hint="--forget") from None
    if as_json:
        found = {"command": command, "ok": outcome is not None and outcome.ok, "source": source, **data}
        found["problems"] = [problem.as_json() for problem in ordered(problems)]
        # What an encoding lacks would be escaped as in Python, which is no JSON.
        encoding = getattr(sys.stdout, "encoding", None) or ""
        click.echo(json.dumps(found, ensure_ascii=encoding.lower() not in {"utf-8", "utf8"}))
    else:
        if problems:
            click.echo("\n".join(map(str, problems)), err=True)
        if outcome is not None:
            click.echo(outcome.text)
        elif command in {"build", "check"}:
            errors = sum(problem.severity == "error" for problem in problems)
            click.echo(count(errors, "error"), err=True)
    if outcome is None or not outcome.ok:
        sys.exit(1)


def summary(edition: "Edition") -> str:
    """Return in short what an edition changes."""
    changes = edition.changes
    counts = {
        "new": len(changes.new),
        "changed": len(changes.changed),
        "moved": len(changes.moved),
        "retired": len(changes.retired),
        "unchanged": changes.unchanged,
    }
    return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)


def count(number: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


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
    from gen2anki.problem import Problem

    if now() > time.time() + _DAY:
        text = "SOURCE_DATE_EPOCH is in the future: until then, what learners edit is taken for older than this edition"
        yield Problem(file=source, severity="warning", text=text, code="clock-ahead")


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
    from gen2anki.problem import failure

    try:
        with open(file, "rb") as stream:
            return stream.read()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise failure(file, f"can't be read: {reason}", "cannot-read") from None


def read_if_there(file: str) -> bytes | None:
    """Return a file's bytes, or None where there is no such file."""
    return read(file) if os.path.lexists(file) else None


@contextmanager
def writing(file: str) -> Iterator[None]:
    """Turn what goes wrong while `file` is written into a problem."""
    from gen2anki.media import MediumError
    from gen2anki.problem import failure

    try:
        yield
    except OSError as error:
        raise failure(file, f"can't be written: {error.strerror or error}", "cannot-write") from None
    except MediumError as error:
        raise failure(file, str(error), error.code) from None
