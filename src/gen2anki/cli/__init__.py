"""The command line: it reads the source, the ledger and the clock, prints and exits."""

import os
import sys
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import click

from gen2anki import __version__
from gen2anki.cli.command import (
    Outcome,
    Stage,
    count,
    ledger_file_of,
    paint,
    prepare,
    read_if_there,
    run,
    summary,
    writing,
)

# All else is imported where it is needed, so that --help and --version answer at once.
if TYPE_CHECKING:
    from gen2anki.edition import Edition
    from gen2anki.files import Replacement
    from gen2anki.problem import Problem

# How many notes a message names.
_NAMED: Final = 5

_source = click.argument("source", default="cards.yaml", type=click.Path(readable=False))
_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="gen2anki")
def main() -> None:
    """Turn one readable YAML file into an Anki deck that merges, edition after edition."""
    # A message must never fail for the terminal's encoding.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


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
    forgotten = tuple(dict.fromkeys(forget))
    run("build", source, as_json, lambda stage: _build(source, output, frozen, forgotten, stage))


@main.command()
@_source
@_json
def check(source: str, as_json: bool) -> None:
    """Report every problem; write nothing.

    SOURCE is a lesson in YAML; by default cards.yaml.
    """
    run("check", source, as_json, lambda stage: _check(source, stage))


@main.command()
@_source
@click.option("--against", metavar="OLD.apkg", help="Compare field by field with this package, of whatever maker.")
@click.option("--markdown", is_flag=True, help="Print Markdown, for a changelog or a release note.")
@_json
def diff(source: str, against: str | None, markdown: bool, as_json: bool) -> None:
    """Tell what the next edition changes for those who have the last one; write nothing.

    SOURCE is a lesson in YAML; by default cards.yaml. It is compared with its ledger, or with OLD.apkg.
    """
    if markdown and as_json:
        raise click.UsageError("--markdown and --json are two forms of one answer: choose one")
    run("diff", source, as_json, lambda stage: _diff(source, against, markdown, stage))


@main.command()
@_source
@click.option("--after", metavar="OLD.apkg", multiple=True, help="Import this earlier edition first. Repeatable.")
@click.option("--collection", metavar="FILE", help="Import into a copy of this collection of Anki (collection.anki2).")
@_json
def verify(source: str, after: tuple[str, ...], collection: str | None, as_json: bool) -> None:
    """Import the deck into real Anki, in a throw-away collection, and report what arrives; write nothing.

    SOURCE is a lesson in YAML; by default cards.yaml. Exits with 1 if anything would be refused, dated anew without
    a change, duplicated, lost or missing, or if Anki's own check complains.
    Needs Anki's own code: pip install 'gen2anki[anki]'.
    """
    run("verify", source, as_json, lambda stage: _verify(source, after, collection, stage))


@main.command()
def schema() -> None:
    """Print the JSON Schema of the source, for editors."""
    from gen2anki.model import schema

    click.echo(schema(), nl=False)


def _build(source: str, output: str | None, frozen: bool, forget: tuple[str, ...], stage: Stage) -> Outcome:
    from tempfile import TemporaryDirectory

    from gen2anki import package
    from gen2anki.files import replacement

    ledger_file = ledger_file_of(source)
    last = read_if_there(ledger_file)
    edition = prepare(source, last, stage, forget)
    target = output if output is not None else f"{edition.deck}.apkg"
    _check_name(target)
    stage("writing")
    with ExitStack() as stack:
        # Both files are written out before either takes its place, so a full disk changes nothing. Then the ledger
        # goes first: a ledger without its package costs nothing, a package without its ledger would.
        with writing(target):
            package_file = stack.enter_context(replacement(target))
        next_ledger = _next_ledger(edition, ledger_file, last, frozen, stack)
        with writing(target):
            folder = stack.enter_context(TemporaryDirectory(prefix="gen2anki-"))
            collection = package.collect(edition, folder)
            outcome = _built(edition, collection.cards, target, ledger_file, forget)
            if next_ledger:
                what = "is new" if last is None else "has changed"
                outcome = replace(
                    outcome, text=f"{outcome.text}\n{ledger_file} {what}: commit it together with {source}"
                )
            # A large edition takes more memory than packing it does.
            del edition
            package.write(collection, package_file.stream)
            package_file.stream.flush()
        if next_ledger:
            with writing(ledger_file):
                next_ledger.commit(lasting=True)
        with writing(target):
            package_file.commit()
    return outcome


def _next_ledger(
    edition: "Edition", ledger_file: str, last: bytes | None, frozen: bool, stack: ExitStack
) -> "Replacement | None":
    """Write out the next ledger, which is to take the place of the last one; None where it is the same."""
    from gen2anki import ledger
    from gen2anki.files import replacement
    from gen2anki.problem import ProblemsError

    content = ledger.write(edition.ledger)
    if last is not None and content == last.replace(b"\r\n", b"\n"):
        return None
    if frozen:
        raise ProblemsError([*edition.warnings, _frozen_problem(edition, ledger_file, last)])
    with writing(ledger_file):
        new = stack.enter_context(replacement(ledger_file))
        new.stream.write(content)
        new.stream.flush()
    return new


def _built(edition: "Edition", cards: int, target: str, ledger_file: str, forgotten: tuple[str, ...]) -> Outcome:
    """Return what there is to say of a build."""
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
        "forgotten": forgotten,
    }
    text = (
        f"{target}: {count(len(edition.notes), 'note')}, {count(cards, 'card')} in {count(len(used_decks), 'deck')}"
        f" ({summary(edition)})"
    )
    if forgotten:
        text += f"\n{ledger_file} has no more of {', '.join(forgotten)}"
    return Outcome(text=text, data=data, warnings=edition.warnings)


def _check(source: str, stage: Stage) -> Outcome:
    edition = prepare(source, read_if_there(ledger_file_of(source)), stage)
    text = f"{source}: {count(len(edition.notes), 'note')}, no errors ({summary(edition)})"
    return Outcome(text=text, data={"deck": edition.deck, "notes": len(edition.notes)}, warnings=edition.warnings)


def _diff(source: str, against: str | None, markdown: bool, stage: Stage) -> Outcome:
    from gen2anki import apkg, diff, ledger

    ledger_file = ledger_file_of(source)
    last = read_if_there(ledger_file)
    edition = prepare(source, last, stage)
    if against is not None:
        stage("comparing")
        found = diff.with_package(edition, apkg.read(against), against)
    else:
        old = ledger.read(last, ledger_file) if last is not None else None
        found = diff.with_ledger(edition, old, ledger_file)
    text = diff.as_markdown(found) if markdown else diff.as_text(found, paint)
    return Outcome(text=text, data={"deck": edition.deck, **diff.as_json(found)}, warnings=edition.warnings)


def _verify(source: str, after: tuple[str, ...], collection: str | None, stage: Stage) -> Outcome:
    from gen2anki import verify

    edition = prepare(source, read_if_there(ledger_file_of(source)), stage)
    with writing("the temporary folder"):
        report = verify.verify(edition, after=after, collection=collection, source=source, stage=stage)
    text, data = verify.as_text(report, paint), {"deck": edition.deck, **verify.as_json(report)}
    return Outcome(text=text, data=data, warnings=edition.warnings, ok=report.ok)


def _frozen_problem(edition: "Edition", ledger_file: str, last: bytes | None) -> "Problem":
    from gen2anki.problem import Problem

    changes = edition.changes
    if last is None:
        what = "there is no ledger"
    elif ids := tuple(dict.fromkeys([*changes.new, *changes.changed, *changes.moved, *changes.retired])):
        more = f" and {len(ids) - _NAMED:,} more" if len(ids) > _NAMED else ""
        what = f"the ledger would change ({summary(edition)}) for {', '.join(ids[:_NAMED])}{more}"
    else:
        what = "the ledger would be written otherwise, though no note changed"
    return Problem(file=ledger_file, text=f"{what}: build without --frozen, and commit it", code="ledger-frozen")


def _check_name(output: str) -> None:
    """Refuse names that Anki would not import, or would take for a backup of a whole collection."""
    name = os.path.basename(output)
    if not name.lower().endswith(".apkg"):
        raise click.BadParameter(f"'{output}' must end in .apkg, or Anki will not import it", param_hint="--output")
    if name.lower() == "collection.apkg" or name.lower().startswith("backup-"):
        text = f"Anki takes a file called '{name}' for a backup of the whole collection: give another with -o"
        raise click.BadParameter(text, param_hint="--output")
