"""`gen2anki verify`."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from functools import partial

import click

from gen2anki.cli import options
from gen2anki.cli.colours import paint
from gen2anki.cli.formats import Format
from gen2anki.cli.inputs import Given, ledger_file_of, make_edition, read_if_there
from gen2anki.cli.outcome import Outcome, Stage, run_each


@click.command(short_help="Import the deck into real Anki, and report what arrives.")
@options.sources
@click.option("--after", metavar="OLD.apkg", multiple=True, help="Import this earlier edition first. Repeatable.")
@click.option("--collection", metavar="FILE", help="Import into a copy of this collection of Anki (collection.anki2).")
@options.form
def verify(sources: tuple[str, ...], after: tuple[str, ...], collection: str | None, form: Format) -> None:
    """Import the deck into real Anki, in a throw-away collection, and report what arrives; write nothing.

    SOURCE is a lesson in YAML; by default cards.yaml. Several are imported one by one. Exits with 1 if a note would be refused, duplicated, lost or
    given a later date without a change, if media are missing, or if Anki's own check complains.
    Needs Anki's own library, which the extra 'anki' installs.
    """
    work = partial(_verify, after=after, collection=collection)
    run_each("verify", sources, form, work)


@contextmanager
def _nothing_on_stdout() -> Iterator[None]:
    """Send what Anki's library prints to the output for errors: older versions print while they work."""
    sys.stdout.flush()
    with redirect_stdout(sys.stderr):
        try:
            saved = os.dup(1)
            os.dup2(2, 1)
        except OSError:  # one of them is closed
            yield
            return
        try:
            yield
        finally:
            os.dup2(saved, 1)
            os.close(saved)


def _verify(source: str, stage: Stage, *, after: tuple[str, ...], collection: str | None) -> Outcome:
    from gen2anki import verify
    from gen2anki.output.atomic import writing

    edition = make_edition(Given(source), read_if_there(ledger_file_of(source)), stage)
    with _nothing_on_stdout(), writing("the temporary folder"):
        report = verify.verify(edition, after=after, collection=collection, source=source, stage=stage)
    text, data = verify.as_text(report, paint), {"deck": edition.deck_id, **verify.as_json(report)}
    return Outcome(text=text, data=data, warnings=edition.warnings, ok=report.ok)
