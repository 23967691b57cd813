"""`gen2anki diff`."""

from functools import partial

import click

from gen2anki.cli import options
from gen2anki.cli.colours import paint
from gen2anki.cli.formats import Format
from gen2anki.cli.inputs import Given, ledger_file_of, make_edition, read_if_there
from gen2anki.cli.outcome import Outcome, Stage, run_each


@click.command(short_help="Tell what the next edition changes for learners.")
@options.sources
@click.option("--against", metavar="OLD.apkg", help="Compare field by field with this package, of whatever maker.")
@click.option("--markdown", is_flag=True, help="Print Markdown, for a changelog or a release note.")
@options.form
def diff(sources: tuple[str, ...], against: str | None, markdown: bool, form: Format) -> None:
    """Tell what the next edition changes for those who have the last one; write nothing.

    SOURCE is a lesson in YAML; by default cards.yaml. It is compared with its ledger, or with OLD.apkg. Several are
    compared one by one.
    """
    if markdown and form == "json":
        raise click.UsageError("--markdown and --json are two forms of one answer: choose one")
    work = partial(_diff, against=against, markdown=markdown)
    run_each("diff", sources, form, work)


def _diff(source: str, stage: Stage, *, against: str | None, markdown: bool) -> Outcome:
    from gen2anki import diff
    from gen2anki.anki import package_reader
    from gen2anki.edition import ledger

    ledger_file = ledger_file_of(source)
    last = read_if_there(ledger_file)
    edition = make_edition(Given(source), last, stage)
    if against is not None:
        stage("comparing")
        found = diff.with_package(edition, package_reader.read(against), against)
    else:
        old = ledger.read(last, ledger_file) if last is not None else None
        found = diff.with_ledger(edition, old, ledger_file)
    text = diff.as_markdown(found) if markdown else diff.as_text(found, paint)
    return Outcome(text=text, data={"deck": edition.deck_id, **diff.as_json(found)}, warnings=edition.warnings)
