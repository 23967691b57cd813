"""Warnings about decks: one that was renamed, and notes that moved to another. Anki leaves a learner's cards in place."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from gen2anki.anki.names import deck_key
from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.problem import Path, Problem
from gen2anki.edition.entries import Ledger
from gen2anki.lesson.load import Loaded
from gen2anki.render.rendered import RenderedNote

_STAYS: Final = "cards that learners have stay where they are, in"


def is_renamed(old: Ledger, deck_name: str) -> bool:
    """Return True if Anki takes the lesson's own deck for another than that of the last edition."""
    return deck_key(old.deck_name) != deck_key(deck_name)


def deck_warnings(
    old: Ledger, loaded: Loaded, deck_name: str, titles: Sequence[str], moved: Sequence[RenderedNote]
) -> Iterator[Problem]:
    """Yield a warning if the lesson's own deck was renamed, and one for each way from a deck to another.

    `moved` are the notes whose section's deck is another than before, `titles` the names of the sections' decks.
    """
    if is_renamed(old, deck_name) and loaded.repairs.is_intact(("deck", "name")):
        text = f"the deck was '{old.deck_name}': {_STAYS} the deck of that name"
        yield loaded.problem(("deck", "name"), text, Code.DECK_RENAMED)
    moved = [
        note for note in moved if note.path[0] != "practice" or loaded.repairs.is_intact((*note.path[:2], "title"))
    ]
    if not moved:
        return
    before = {entry.section for entry in old.entries.values() if not entry.is_retired}
    ways = [(old.entries[note.id].section, titles[note.deck]) for note in moved]
    for (was, is_now), times in Counter(ways).items():
        first = moved[ways.index((was, is_now))]
        if was not in titles and is_now not in before and first.path[0] == "practice":
            path: Path = (*first.path[:2], "title")
            text = f"this section's deck was '{was}': {_STAYS} the deck of that name"
            yield loaded.problem(path, text, Code.SECTION_RENAMED)
        else:
            notes = "this note" if times == 1 else f"this note and {times - 1:,} more"
            text = f"{notes} moved here from '{was}': {_STAYS} that deck"
            yield loaded.problem((*first.path, "id"), text, Code.NOTE_MOVED)
