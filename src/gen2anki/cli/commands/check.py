"""`gen2anki check`."""

import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click

from gen2anki.cli import options
from gen2anki.cli.formats import FORMATS, Format
from gen2anki.cli.inputs import Given, frozen_problem, ledger_change, ledger_file_of, make_edition, read_if_there
from gen2anki.cli.outcome import Outcome, Stage, count, run_each, summary

if TYPE_CHECKING:
    from gen2anki.diagnostics.problem import Problem
    from gen2anki.edition.course import Course

# The source that stands for the standard input.
_STDIN = "-"


@click.command()
@options.sources
@click.option("--frozen", is_flag=True, help="Fail if a ledger would change, too; for CI.")
@click.option("--fix", is_flag=True, help="Mend what can only mean one thing, and write missing ids.")
@click.option("--diff", "as_diff", is_flag=True, help="With --fix: print the change and write nothing.")
@click.option("--strict", is_flag=True, help="Fail on warnings, too.")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default=None,
    help="The form of the problems; 'github' is the default in GitHub's Actions.",
)
@options.form
@click.option("--stdin-filename", metavar="NAME", help="The name of what SOURCE '-' reads.  [default: cards.yaml]")
def check(
    sources: tuple[str, ...],
    fix: bool,
    as_diff: bool,
    frozen: bool,
    strict: bool,
    form: Format,
    stdin_filename: str | None,
) -> None:
    """Report every problem; write nothing, unless with --fix.

    SOURCE is a lesson in YAML; by default cards.yaml. '-' is the standard input: an unsaved text, whose media and ledger
    lie beside NAME. Several lessons are also checked together, as those of one course.
    """
    from gen2anki.edition.course import Course

    if stdin_filename is not None and _STDIN not in sources:
        raise click.BadParameter(
            "it names what is read from the standard input: add '-'", param_hint="--stdin-filename"
        )
    if fix and _STDIN in sources:
        raise click.BadParameter("the standard input can't be mended: name a file", param_hint="--fix")
    if as_diff and not fix:
        raise click.BadParameter("it prints what --fix would change: add --fix", param_hint="--diff")
    name = stdin_filename or options.DEFAULT
    rules = _Rules(course=Course(), frozen=frozen, strict=strict, stdin=name if _STDIN in sources else "")
    named = tuple(dict.fromkeys(name if source == _STDIN else source for source in sources))
    if fix:
        run_each("check", named, form, lambda source, stage: _fix(source, rules, stage, as_diff=as_diff))
        return

    def given(source: str) -> Given:
        return Given(source, sys.stdin.buffer.read() if source == rules.stdin else None)

    run_each("check", named, form, lambda source, stage: _check(given(source), rules, stage))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    """What a check goes by. `stdin` is the name of the source that the standard input holds, if any does."""

    course: "Course"
    frozen: bool
    strict: bool
    stdin: str


def _fix(source: str, rules: _Rules, stage: Stage, *, as_diff: bool) -> Outcome:
    """Mend a source, and check what came of it."""
    from gen2anki.cli.fixing import fix
    from gen2anki.diagnostics.problem import ProblemsError

    last = read_if_there(ledger_file_of(source))

    def problems_of(content: bytes) -> "tuple[Problem, ...]":
        try:
            return make_edition(Given(source, content), last, stage, taken=rules.course.numbers).warnings
        except ProblemsError as error:
            return error.problems

    fixed = fix(source, problems_of)
    if not as_diff:
        fixed.write()
    told = fixed.diff().rstrip("\n") if as_diff else "\n".join(fixed.lines())
    try:
        outcome = _check(Given(source, fixed.after), rules, stage)
    except ProblemsError as error:
        outcome = Outcome(text="", data={}, warnings=error.problems, ok=False)
    data = {**outcome.data, "mended": fixed.as_json()} | ({"diff": fixed.diff()} if as_diff else {})
    return replace(outcome, text="\n".join(filter(None, (told, "" if as_diff else outcome.text))), data=data)


def _check(given: Given, rules: _Rules, stage: Stage) -> Outcome:
    from gen2anki.diagnostics.problem import ProblemsError
    from gen2anki.edition import ledger

    source = given.name
    ledger_file = ledger_file_of(source)
    last = read_if_there(ledger_file)
    edition = make_edition(given, last, stage, taken=rules.course.numbers)
    problems = [*edition.warnings, *rules.course.add(source, edition, given.problem)]
    if rules.frozen and ledger_change(ledger.write(edition.ledger), last):
        problems.append(frozen_problem(edition, ledger_file, last))
    if any(problem.severity == "error" for problem in problems):
        raise ProblemsError(problems)
    warned = f", {count(len(problems), 'warning')}" if rules.strict and problems else ""
    text = f"{source}: {count(len(edition.notes), 'note')}, no errors{warned} ({summary(edition.changes)})"
    data = {"deck": edition.deck_id, "notes": len(edition.notes)}
    return Outcome(text=text, data=data, warnings=tuple(problems), ok=not (rules.strict and problems))
