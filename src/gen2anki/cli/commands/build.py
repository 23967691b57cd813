"""`gen2anki build`."""

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import click

from gen2anki.cli import options
from gen2anki.cli.inputs import ledger_file_of, make_edition, read_if_there
from gen2anki.cli.outcome import Outcome, Stage, count, run, summary

if TYPE_CHECKING:
    from gen2anki.diagnostics.problem import Problem
    from gen2anki.edition.pipeline import Edition

# How many notes a message names.
_NAMED: Final = 5


@click.command()
@options.source
@click.option("-o", "--output", metavar="FILE", help="The package to write.  [default: DECK-ID.apkg, here]")
@click.option("--frozen", is_flag=True, help="Fail if the ledger would change; for CI.")
@click.option("--forget", metavar="ID", multiple=True, help="Drop the id of a draft nobody has imported. Repeatable.")
@options.as_json
def build(source: str, output: str | None, frozen: bool, forget: tuple[str, ...], as_json: bool) -> None:
    """Write the deck, and the ledger beside the source.

    SOURCE is a lesson in YAML; by default cards.yaml. Commit the ledger (cards.lock) together with it: it is what
    lets learners import each edition on top of the last.
    """
    if output is not None:
        _check_name(output)
    forgotten = tuple(dict.fromkeys(forget))
    run("build", source, as_json, lambda stage: _build(source, output, frozen, forgotten, stage))


def _build(source: str, output: str | None, frozen: bool, forget: tuple[str, ...], stage: Stage) -> Outcome:
    from gen2anki.diagnostics.problem import ProblemsError
    from gen2anki.edition import ledger
    from gen2anki.output.publish import publication

    ledger_file = ledger_file_of(source)
    last = read_if_there(ledger_file)
    edition = make_edition(source, last, stage, forget)
    target = output if output is not None else f"{edition.deck_id}.apkg"
    _check_name(target)
    stage("writing")
    with publication(target, ledger_file) as files:
        content = ledger.write(edition.ledger)
        change = _ledger_change(content, last)
        if change and frozen:
            raise ProblemsError([*edition.warnings, _frozen_problem(edition, ledger_file, last)])
        if change:
            files.write_ledger(content)
        outcome = _built(edition, files.collect(edition), target, ledger_file, forget)
        if change:
            text = f"{outcome.text}\n{ledger_file} {change}: commit it together with {source}"
            outcome = replace(outcome, text=text)
        del edition, content
        files.commit()
    return outcome


def _ledger_change(content: bytes, last: bytes | None) -> str:
    """Return what to say of the ledger if it changes; empty where it stays the same."""
    if last is None:
        return "is new"
    return "has changed" if content != last.replace(b"\r\n", b"\n") else ""


def _built(edition: "Edition", cards: int, target: str, ledger_file: str, forgotten: tuple[str, ...]) -> Outcome:
    """Return the outcome of a build."""
    changes = edition.changes
    used_decks = [deck.name for number, deck in enumerate(edition.decks) if number]
    data = {
        "deck": edition.deck_id,
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
        f" ({summary(changes)})"
    )
    if forgotten:
        text += f"\n{ledger_file} no longer has {', '.join(forgotten)}"
    return Outcome(text=text, data=data, warnings=edition.warnings)


def _frozen_problem(edition: "Edition", ledger_file: str, last: bytes | None) -> "Problem":
    """Return the problem of a ledger that would change under --frozen."""
    from gen2anki.diagnostics.codes import Code
    from gen2anki.diagnostics.problem import Problem

    changes = edition.changes
    if last is None:
        what = "there is no ledger"
    elif ids := tuple(dict.fromkeys([*changes.new, *changes.changed, *changes.moved, *changes.retired])):
        more = f" and {len(ids) - _NAMED:,} more" if len(ids) > _NAMED else ""
        what = f"the ledger would change ({summary(changes)}) for {', '.join(ids[:_NAMED])}{more}"
    else:
        what = "the ledger would be written in another way, though no note changed"
    return Problem(file=ledger_file, text=f"{what}: build without --frozen, and commit it", code=Code.LEDGER_FROZEN)


def _check_name(output: str) -> None:
    """Refuse a name that Anki would not import, or would take for a backup of a whole collection."""
    name = os.path.basename(output)
    if not name.lower().endswith(".apkg"):
        raise click.BadParameter(f"'{output}' must end in .apkg, or Anki will not import it", param_hint="--output")
    if name.lower() == "collection.apkg" or name.lower().startswith("backup-"):
        text = f"Anki takes a file called '{name}' for a backup of the whole collection: give another name with -o"
        raise click.BadParameter(text, param_hint="--output")
