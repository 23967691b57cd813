"""The command line: the one module that reads the clock and the files, prints and exits."""

import gc
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import click

from gen2anki import __version__

# All else is imported where it is needed, so that --help and --version answer at once.
if TYPE_CHECKING:
    from gen2anki.edition import Edition
    from gen2anki.problem import Problem

_DAY: Final = 86_400

Stage = Callable[[str], None]

_source = click.argument("source", default="cards.yaml", type=click.Path())
_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What a command found: the text for a person, the data for --json, and warnings."""

    text: str
    data: dict[str, Any]
    warnings: "tuple[Problem, ...]"


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="gen2anki")
def main() -> None:
    """Turn one readable YAML file into an Anki deck that merges, edition after edition."""
    # A message must never fail for the terminal's encoding.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    # What a command makes lives until its end: looking for cycles would double the time of a large build.
    gc.disable()


@main.command()
@_source
@click.option("-o", "--output", metavar="FILE", help="The package to write.  [default: DECK-ID.apkg, here]")
@click.option("--frozen", is_flag=True, help="Fail if the ledger would change; for CI.")
@click.option("--forget", metavar="ID", multiple=True, help="Drop the id of a draft nobody has imported. Repeatable.")
@_json
def build(source: str, output: str | None, frozen: bool, forget: tuple[str, ...], as_json: bool) -> None:
    """Write the deck, and the ledger beside the source.

    SOURCE is a lesson in YAML; by default cards.yaml. Commit the ledger (cards.lock) together with it: it is what
    lets learners import each edition on top of the last.
    """
    if output is not None:
        _check_name(output)
    _run("build", source, as_json, lambda stage: _build(source, output, frozen, forget, stage))


@main.command()
@_source
@_json
def check(source: str, as_json: bool) -> None:
    """Report every problem; write nothing.

    SOURCE is a lesson in YAML; by default cards.yaml.
    """
    _run("check", source, as_json, lambda stage: _check(source, stage))


@main.command()
def schema() -> None:
    """Print the JSON Schema of the source, for editors."""
    from gen2anki.model import schema

    click.echo(schema(), nl=False)


def _build(source: str, output: str | None, frozen: bool, forget: tuple[str, ...], stage: Stage) -> _Outcome:
    from gen2anki import ledger, package
    from gen2anki.files import replacement
    from gen2anki.problem import ProblemsError

    ledger_file = _ledger_file(source)
    last = _read_if_there(ledger_file)
    edition = _prepare(source, last, stage, forget)
    target = output if output is not None else f"{edition.deck}.apkg"
    _check_name(target)
    content = ledger.write(edition.ledger)
    ledger_changes = last is None or content != last.replace(b"\r\n", b"\n")
    if frozen and ledger_changes:
        raise ProblemsError([*edition.warnings, _frozen_problem(edition, ledger_file, last)])
    with ExitStack() as stack:
        # Both files are written out before either takes its place, so a full disk changes nothing. Then the ledger
        # goes first: a ledger without its package costs nothing, a package without its ledger would.
        with _writing(target):
            package_file = stack.enter_context(replacement(target))
            stage("writing")
            cards = package.write(edition, package_file.stream)
            package_file.stream.flush()
        if ledger_changes:
            with _writing(ledger_file):
                new_ledger = stack.enter_context(replacement(ledger_file))
                new_ledger.stream.write(content)
                new_ledger.commit()
        with _writing(target):
            package_file.commit()
    changes = edition.changes
    used_decks = [deck.name for number, deck in enumerate(edition.decks) if number]
    data = {
        "deck": edition.deck,
        "package": target,
        "ledger": ledger_file,
        "notes": len(edition.notes),
        "cards": cards,
        "decks": used_decks,
        "media": len(edition.media),
        "new": changes.new,
        "changed": changes.changed,
        "moved": changes.moved,
        "retired": changes.retired,
        "unchanged": changes.unchanged,
    }
    text = (
        f"{target}: {_count(len(edition.notes), 'note')}, {_count(cards, 'card')} in {_count(len(used_decks), 'deck')}"
        f" ({_summary(edition)})"
    )
    if last is None:
        text += f"\n{ledger_file} is new: commit it together with {source}"
    return _Outcome(text=text, data=data, warnings=edition.warnings)


def _check(source: str, stage: Stage) -> _Outcome:
    edition = _prepare(source, _read_if_there(_ledger_file(source)), stage)
    text = f"{source}: {_count(len(edition.notes), 'note')}, no errors ({_summary(edition)})"
    return _Outcome(
        text=text, data={"deck": edition.deck, "notes": len(edition.notes)}, warnings=edition.warnings
    )


def _prepare(source: str, last: bytes | None, stage: Stage, forget: tuple[str, ...] = ()) -> "Edition":
    from gen2anki.edition import prepare

    return prepare(
        _read(source),
        source,
        folder=os.path.dirname(source) or ".",
        last=last,
        ledger_file=_ledger_file(source),
        now=_now(),
        forget=forget,
        stage=stage,
    )


def _run(command: str, source: str, as_json: bool, work: Callable[[Stage], _Outcome]) -> None:
    """Do a command's work, report what it found and exit: 0 fine, 1 the source has problems, 2 wrong usage."""
    from gen2anki.problem import ProblemsError, ordered
    from gen2anki.progress import Progress
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
        found = {"command": command, "ok": outcome is not None, "source": source, **data}
        found["problems"] = [problem.as_json() for problem in ordered(problems)]
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        for problem in problems:
            click.echo(problem, err=True)
        if outcome is None:
            errors = sum(problem.severity == "error" for problem in problems)
            click.echo(f"{_count(errors, 'error')}; nothing was written", err=True)
        else:
            click.echo(outcome.text)
    if outcome is None:
        sys.exit(1)


def _frozen_problem(edition: "Edition", ledger_file: str, last: bytes | None) -> "Problem":
    from gen2anki.problem import Problem

    what = "there is no ledger" if last is None else f"the ledger would change ({_summary(edition)})"
    return Problem(
        file=ledger_file, text=f"{what}: build without --frozen, and commit it", code="ledger-frozen"
    )


def _summary(edition: "Edition") -> str:
    changes = edition.changes
    counts = {
        "new": len(changes.new),
        "changed": len(changes.changed),
        "moved": len(changes.moved),
        "retired": len(changes.retired),
        "unchanged": changes.unchanged,
    }
    return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _check_name(output: str) -> None:
    """Refuse names that Anki would not import, or would take for a backup of a whole collection."""
    name = os.path.basename(output)
    if not name.lower().endswith(".apkg"):
        raise click.BadParameter(f"'{output}' must end in .apkg, or Anki will not import it", param_hint="--output")
    if name.lower() == "collection.apkg" or name.lower().startswith("backup-"):
        text = f"Anki takes a file called '{name}' for a backup of the whole collection: give another with -o"
        raise click.BadParameter(text, param_hint="--output")


def _ledger_file(source: str) -> str:
    return os.path.splitext(source)[0] + ".lock"


def _now() -> int:
    """Return the epoch second that this build counts as."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if not given:
        return int(time.time())
    if not (given.isascii() and given.isdigit()) or int(given) > time.time() + _DAY * 366:
        raise click.UsageError(f"SOURCE_DATE_EPOCH must be a time in seconds since 1970, not '{given}'")
    return int(given)


def _read(file: str) -> bytes:
    from gen2anki.problem import Problem, ProblemsError

    try:
        with open(file, "rb") as stream:
            return stream.read()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ProblemsError([Problem(file=file, text=f"can't be read: {reason}", code="cannot-read")]) from None


def _read_if_there(file: str) -> bytes | None:
    return _read(file) if os.path.lexists(file) else None


@contextmanager
def _writing(file: str) -> Iterator[None]:
    """Turn what goes wrong while `file` is written into a problem."""
    from gen2anki.media import MediumError
    from gen2anki.problem import Problem, ProblemsError

    try:
        yield
    except OSError as error:
        text = f"can't be written: {error.strerror or error}"
        raise ProblemsError([Problem(file=file, text=text, code="cannot-write")]) from None
    except MediumError as error:
        raise ProblemsError([Problem(file=file, text=str(error), code=error.code)]) from None
