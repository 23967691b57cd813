"""`gen2anki build`."""

import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import click

from gen2anki.cli import options
from gen2anki.cli.formats import Format
from gen2anki.cli.inputs import (
    Given,
    frozen_problem,
    ledger_change,
    ledger_file_of,
    make_edition,
    read_if_there,
    refuse_input,
)
from gen2anki.cli.outcome import Outcome, Result, Stage, count, results_of, run, summary

if TYPE_CHECKING:
    from gen2anki.edition.course import Course
    from gen2anki.edition.pipeline import Edition
    from gen2anki.output.publish import Publication


@click.command()
@options.sources
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    help="The package to write; of several lessons, one package of all.  [default: DECK-ID.apkg each, here]",
)
@click.option("--frozen", is_flag=True, help="Fail if a ledger would change; for CI.")
@click.option("--forget", metavar="ID", multiple=True, help="Drop the id of a draft nobody has imported. Repeatable.")
@options.form
def build(sources: tuple[str, ...], output: str | None, frozen: bool, forget: tuple[str, ...], form: Format) -> None:
    """Write the deck, and the ledger beside the source.

    SOURCE is a lesson in YAML; by default cards.yaml. Several make a package each, or with -o one package of all, a course; if
    one has an error, nothing is written. Commit the ledger (cards.lock) together with its source: it is what lets
    learners import each edition on top of the last.
    """
    if output is not None:
        _check_name(output)
    if forget and len(sources) > 1:
        raise click.BadParameter("ids are forgotten in one lesson at a time: name one source", param_hint="--forget")
    job = Job(sources=sources, output=output, frozen=frozen, forget=tuple(dict.fromkeys(forget)))
    run("build", form, partial(build_all, job))


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a build was asked for."""

    sources: tuple[str, ...]
    output: str | None
    frozen: bool
    forget: tuple[str, ...]

    @property
    def is_course(self) -> bool:
        """Return True if all lessons go into one package."""
        return self.output is not None and len(self.sources) > 1


def build_all(job: Job, stage: Stage) -> list[Result]:
    """Write out all files, then put them in their places, or none of them if anything is wrong."""
    from gen2anki.diagnostics.problem import ProblemsError
    from gen2anki.edition.course import Course
    from gen2anki.output.lock import one_build_in
    from gen2anki.output.publish import publication

    course = Course()
    packages: list[Publication] = []
    results: list[Result] = []
    try:
        with ExitStack() as stack:
            # From the reading of the ledgers to their writing. In one order, so that no two builds wait for each other.
            for folder in sorted({os.path.realpath(os.path.dirname(source) or ".") for source in job.sources}):
                stack.enter_context(one_build_in(folder))

            def package(target: str) -> "Publication":
                if not (job.is_course and packages):
                    packages.append(stack.enter_context(publication(target)))
                return packages[-1]

            results = results_of(job.sources, stage, partial(_write, job, course, package))
            if all(result.ok for result in results):
                stage("packing")
                for one in packages:
                    one.pack()
                for one in packages:
                    one.commit()
                return _as_course(results, job.output) if job.is_course and job.output else results
    except ProblemsError as error:
        results = results or [Result(source=job.sources[0], outcome=None, problems=())]
        results[-1] = replace(results[-1], problems=(*results[-1].problems, *error.problems))
    # Nothing was written, of none of them.
    return [replace(result, outcome=None) for result in results]


def _write(job: Job, course: "Course", package: "Callable[[str], Publication]", source: str, stage: Stage) -> Outcome:
    """Write out a lesson's part of its package, and its ledger."""
    from gen2anki.diagnostics.problem import ProblemsError
    from gen2anki.edition import ledger
    from gen2anki.output.leftovers import remove_dead_beside

    ledger_file = ledger_file_of(source)
    remove_dead_beside(os.path.realpath(ledger_file))
    last = read_if_there(ledger_file)
    given = Given(source)
    edition = make_edition(given, last, stage, job.forget, course.numbers)
    warnings = (*edition.warnings, *course.add(source, edition, given.problem))
    if any(problem.severity == "error" for problem in warnings):
        raise ProblemsError(warnings)
    target = job.output if job.output is not None else f"{edition.deck_id}.apkg"
    _check_name(target)
    refuse_input(target, job.sources)
    stage("writing")
    files = package(target)
    content = ledger.write(edition.ledger)
    change = ledger_change(content, last)
    if change and job.frozen:
        raise ProblemsError([*warnings, frozen_problem(edition, ledger_file, last)])
    if change:
        files.write_ledger(ledger_file, content)
    outcome = _built(edition, files.add(edition), source if job.is_course else target, target, ledger_file, job.forget)
    if change:
        text = f"{outcome.text}\n{ledger_file} {change}: commit it together with {source}"
        outcome = replace(outcome, text=text)
    return replace(outcome, warnings=warnings)


def _as_course(results: list[Result], package: str) -> list[Result]:
    """Return the results of a course's lessons; the last tells of the whole package, too."""
    data = [result.outcome.data for result in results if result.outcome]
    notes, cards, decks = (
        sum(one["notes"] for one in data),
        sum(one["cards"] for one in data),
        [deck for one in data for deck in one["decks"]],
    )
    whole = (
        f"{package}: {count(notes, 'note')}, {count(cards, 'card')} in {count(len({*decks}), 'deck')} of"
        f" {count(len(results), 'lesson')}"
    )
    last = results[-1]
    if last.outcome:
        last = replace(last, outcome=replace(last.outcome, text=f"{last.outcome.text}\n{whole}"))
    return [*results[:-1], last]


def _built(
    edition: "Edition", cards: int, name: str, package: str, ledger_file: str, forgotten: tuple[str, ...]
) -> Outcome:
    """Return the outcome of a lesson's build, which its text tells of under a name."""
    changes = edition.changes
    used_decks = [deck.name for number, deck in enumerate(edition.decks) if number]
    data = {
        "deck": edition.deck_id,
        "package": package,
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
        "forgotten": forgotten,
    }
    text = (
        f"{name}: {count(len(edition.notes), 'note')}, {count(cards, 'card')} in {count(len(used_decks), 'deck')}"
        f" ({summary(changes)})"
    )
    if forgotten:
        text += f"\n{ledger_file} no longer has {', '.join(forgotten)}"
    return Outcome(text=text, data=data, warnings=edition.warnings)


def _check_name(output: str) -> None:
    """Refuse a name that Anki would not import, or would take for a backup of a whole collection."""
    name = os.path.basename(output)
    if not name.lower().endswith(".apkg"):
        raise click.BadParameter(f"'{output}' must end in .apkg, or Anki will not import it", param_hint="--output")
    if name.lower() == "collection.apkg" or name.lower().startswith("backup-"):
        text = f"Anki takes a file called '{name}' for a backup of the whole collection: give another name with -o"
        raise click.BadParameter(text, param_hint="--output")
