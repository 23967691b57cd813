"""What a command found, and how it is reported: as text or JSON, with the right exit code."""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

# All else is imported where it is needed, so that --help and --version answer at once.
if TYPE_CHECKING:
    from gen2anki.diagnostics.problem import Problem
    from gen2anki.edition.plan import Changes

# Takes the name of what a command does now, for the line on the terminal.
Stage = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a command found: the text for a person, the data for --json, and warnings. Where not `ok`, it exits with 1."""

    text: str
    data: dict[str, Any]
    warnings: "tuple[Problem, ...]"
    ok: bool = True


def paint(text: str, colour: str) -> str:
    """Return a text in a colour, or in bold type; click takes the colours out where the output is no terminal."""
    if os.environ.get("NO_COLOR"):
        return text
    return click.style(text, bold=True) if colour == "bold" else click.style(text, fg=colour)


def run(command: str, source: str, as_json: bool, work: Callable[[Stage], Outcome]) -> None:
    """Do a command's work and report what it found; exit with 1 if there are errors, with 2 if the usage is wrong."""
    from gen2anki.cli.progress import Progress
    from gen2anki.diagnostics.problem import ProblemsError, ordered
    from gen2anki.edition.plan import ForgetError

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
        # Python would escape what another encoding lacks in its own way, which is no JSON.
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


def summary(changes: "Changes") -> str:
    """Return in a few words how many notes an edition changes."""
    counts = {
        "new": len(changes.new),
        "changed": len(changes.changed),
        "moved": len(changes.moved),
        "retired": len(changes.retired),
        "unchanged": changes.unchanged,
    }
    return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)


def count(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural where that is right."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
