"""`gen2anki check`."""

from typing import TYPE_CHECKING

import click

from gen2anki.cli import options
from gen2anki.cli.inputs import ledger_file_of, make_edition, placing, read_if_there
from gen2anki.cli.outcome import Outcome, Stage, count, run_each, summary

if TYPE_CHECKING:
    from gen2anki.edition.course import Course


@click.command()
@options.sources
@options.as_json
def check(sources: tuple[str, ...], as_json: bool) -> None:
    """Report every problem; write nothing.

    SOURCE is a lesson in YAML; by default cards.yaml. Several are also checked together, as the lessons of one course.
    """
    from gen2anki.edition.course import Course

    course = Course()
    run_each("check", sources, as_json, lambda source, stage: _check(source, course, stage))


def _check(source: str, course: "Course", stage: Stage) -> Outcome:
    from gen2anki.diagnostics.problem import ProblemsError

    edition = make_edition(source, read_if_there(ledger_file_of(source)), stage, taken=course.numbers)
    warnings = (*edition.warnings, *course.add(source, edition, placing(source)))
    if any(problem.severity == "error" for problem in warnings):
        raise ProblemsError(warnings)
    text = f"{source}: {count(len(edition.notes), 'note')}, no errors ({summary(edition.changes)})"
    return Outcome(text=text, data={"deck": edition.deck_id, "notes": len(edition.notes)}, warnings=warnings)
