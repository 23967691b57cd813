"""What a command found, and how it is reported: as text or JSON, with the right exit code."""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from gen2anki.cli.colours import echo, painted
from gen2anki.cli.formats import Format, as_github, as_sarif

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a command found of one source: its outcome, or None and the problems that kept it from one."""

    source: str
    outcome: Outcome | None
    problems: "tuple[Problem, ...]"

    @property
    def ok(self) -> bool:
        """Return True if nothing is wrong."""
        return self.outcome is not None and self.outcome.ok


# Takes a source; returns what a command found of it. Raises ProblemsError.
Work = Callable[[str, Stage], Outcome]


def run_each(command: str, sources: Sequence[str], form: Format, work: Work) -> None:
    """Do a command's work for each source and report what it found, as `run` does."""
    run(command, form, lambda stage: results_of(sources, stage, work))


def results_of(sources: Sequence[str], stage: Stage, work: Work) -> list[Result]:
    """Do a command's work for each source, also where another has problems."""
    from gen2anki.diagnostics.problem import ProblemsError

    results = []
    for source in sources:
        try:
            outcome = work(source, stage)
            results.append(Result(source=source, outcome=outcome, problems=outcome.warnings))
        except ProblemsError as error:
            results.append(Result(source=source, outcome=None, problems=error.problems))
    return results


def run(command: str, form: Format, work: Callable[[Stage], Sequence[Result]]) -> None:
    """Do a command's work and report what it found; exit with 1 if there are errors, with 2 if the usage is wrong."""
    from gen2anki.cli.progress import Progress
    from gen2anki.diagnostics.problem import ordered
    from gen2anki.edition.plan import ForgetError

    try:
        with Progress() as progress:
            results = work(progress.stage)
    except ForgetError as error:
        raise click.BadParameter(str(error), param_hint="--forget") from None
    problems = ordered(problem for result in results for problem in result.problems)
    if form == "sarif":
        click.echo(as_sarif(problems))
    elif form == "json":
        found = _as_json(command, results) | {"problems": [problem.as_json() for problem in problems]}
        # Python would escape what another encoding lacks in its own way, which is no JSON.
        encoding = getattr(sys.stdout, "encoding", None) or ""
        click.echo(json.dumps(found, ensure_ascii=encoding.lower() not in {"utf-8", "utf8"}))
    else:
        if problems and form == "github":
            click.echo(as_github(problems))
        elif problems:
            echo("\n".join(map(painted, problems)), err=True)
        for result in results:
            if result.outcome and result.outcome.text:
                echo(result.outcome.text)
        errors = sum(problem.severity == "error" for problem in problems)
        if errors and command in {"build", "check"}:
            click.echo(count(errors, "error"), err=True)
    if not all(result.ok for result in results):
        sys.exit(1)


def _as_json(command: str, results: Sequence[Result]) -> dict[str, Any]:
    """Return what was found as plain data: of one source beside `source`, of several in a list of `sources`."""
    told = [
        {"source": result.source, "ok": result.ok, **(result.outcome.data if result.outcome else {})}
        for result in results
    ]
    if len(told) == 1:
        return {"command": command, **told[0]}
    return {"command": command, "ok": all(result.ok for result in results), "sources": told}


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
