"""What learners keep otherwise than the author may mean: decks renamed, notes moved, clozes numbered anew, wrong clocks."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from difflib import SequenceMatcher
from html import unescape
from typing import Final

from gen2anki.anki.names import deck_key
from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.problem import Path, Problem
from gen2anki.edition.entries import Entry, Ledger
from gen2anki.lesson.load import Loaded
from gen2anki.render.rendered import RenderedNote
from gen2anki.text import cloze

# The words behind each number, as the ledger holds them.
Hides = Sequence[tuple[int, str]]

# How many characters of the words are kept. It is enough to tell them from others of the note.
_KEPT: Final = 60
# Two texts of which so much is the same are one, mended.
_LIKE: Final = 0.75
# How many pairs of words are compared for that, at most.
_MOST_COMPARED: Final = 400
_TAG: Final = re.compile(r"<[^>]*>")
# A clock this many seconds behind the ledger is worth a warning; less is two builds in a row.
_CLOCK_SLACK: Final = 60
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


def hidden_words(note: RenderedNote) -> tuple[tuple[int, str], ...]:
    """Return the words that each number of a cloze hides; none for another note."""
    return words_behind(note.question) if note.is_cloze else ()


def words_behind(html: str) -> tuple[tuple[int, str], ...]:
    """Return the words that each number hides in the HTML of a cloze."""
    found = sorted(cloze.hidden(html).items())
    return tuple((number, " … ".join(map(_words, parts))[:_KEPT]) for number, parts in found)


def _words(html: str) -> str:
    """Return a text's words; of a picture its name."""
    text = "".join(char if char.isprintable() else " " for char in unescape(_TAG.sub("", html)))
    return " ".join(text.split()) or html


def renumbered(before: Hides, now: Hides) -> Iterator[tuple[str, int, int]]:
    """Yield the words that have another number than before, and both numbers.

    A number that is new, words that are mended, and words that are replaced are nothing of the kind.
    """
    old, new = dict(before), dict(now)
    can_be_mended = len(old) * len(new) <= _MOST_COMPARED
    for was, words in old.items():
        if words == new.get(was):
            continue
        is_gone = can_be_mended and not _is_like(words, new.get(was))
        for number, others in new.items():
            if number == was or others == old.get(number):
                continue
            if words == others or (is_gone and _is_like(words, others) and not _is_like(others, old.get(number))):
                yield words, was, number


def cloze_warnings(loaded: Loaded, note: RenderedNote, before: Hides) -> Iterator[Problem]:
    """Yield a warning if words of a cloze have another number than in the last edition."""
    if moves := [*renumbered(before, hidden_words(note))]:
        told = ", ".join(f"'{words}' was c{was} and is c{number}" for words, was, number in moves)
        text = (
            f"{told}: the reviews of a number stay with it, and now belong to other words. Give the words their old numbers"
            " back, and what is new the next free one"
        )
        yield loaded.problem((*note.path, "cloze"), text, Code.CLOZE_RENUMBERED)


def _is_like(one: str, other: str | None) -> bool:
    return other is not None and SequenceMatcher(None, one, other).ratio() >= _LIKE


def added_twice(old: Ledger, loaded: Loaded, notes: Sequence[RenderedNote]) -> Iterator[Problem]:
    """Yield a warning for each note that two branches added: one id, and maybe two notes."""
    for note in notes:
        known = old.versions.get(note.id, ())
        if len({entry.added for entry in known}) > 1 and len({entry.hash for entry in known}) > 1:
            text = (
                f"two branches added '{note.id}', each with a text of its own: learners of either get this one, and it keeps"
                " their reviews of the other. If they are two notes, give both a new id, and put this one under 'retired'"
            )
            yield loaded.problem((*note.path, "id"), text, Code.LEDGER_TWICE)


def clock_warning(entries: Collection[Entry], ledger_file: str, now: int) -> Iterator[Problem]:
    """Yield a warning where the clock is behind the ledger."""
    last = max((entry.mod for entry in entries), default=0)
    if last > now + _CLOCK_SLACK:
        clock, change = (f"{datetime.fromtimestamp(time, UTC):%Y-%m-%d %H:%M}" for time in (now, last))
        text = f"the clock says {clock}, before the ledger's last change at {change} (UTC)"
        yield Problem(file=ledger_file, text=text, code=Code.CLOCK_BEHIND)
