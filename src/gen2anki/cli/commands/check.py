"""`gen2anki check`."""

import click

from gen2anki.cli import options
from gen2anki.cli.inputs import ledger_file_of, make_edition, read_if_there
from gen2anki.cli.outcome import Outcome, Stage, count, run, summary


@click.command()
@options.source
@options.as_json
def check(source: str, as_json: bool) -> None:
    """Report every problem; write nothing.

    SOURCE is a lesson in YAML; by default cards.yaml.
    """
    run("check", source, as_json, lambda stage: _check(source, stage))


def _check(source: str, stage: Stage) -> Outcome:
    edition = make_edition(source, read_if_there(ledger_file_of(source)), stage)
    text = f"{source}: {count(len(edition.notes), 'note')}, no errors ({summary(edition.changes)})"
    return Outcome(text=text, data={"deck": edition.deck_id, "notes": len(edition.notes)}, warnings=edition.warnings)
