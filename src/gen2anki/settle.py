"""An edition against the last one: which notes are new, changed, moved or gone, and the ledger that follows."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from itertools import count
from typing import Final

from gen2anki.ledger import Entry, Ledger, content_of
from gen2anki.load import Loaded
from gen2anki.note import Note
from gen2anki.problem import Path, Problem, nearest
from gen2anki.render import Rendered

# What holds notes, or ids of them.
_LISTS: Final = frozenset({"flashcards", "practice", "questions", "retired"})
# How many ids are compared with each other, in all, to guess which new one stands for which that is gone.
_MOST_COMPARED: Final = 100_000
# A clock this many seconds behind the ledger is worth a word; less is two builds in a row.
_CLOCK_SLACK: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What an edition brings to those who have the last one: ids, in source order (`retired` sorted)."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    unchanged: int = 0


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What an edition changes, what is wrong with it, and the ledger that follows.

    `entries` are those of the last ledger that go on, by id; `new` are the notes it does not have, and `titles` those
    of all decks below the lesson's own.
    """

    deck: str
    name: str
    titles: tuple[str, ...]
    entries: dict[str, Entry]
    new: tuple[Note, ...]
    now: int
    changes: Changes
    problems: tuple[Problem, ...]

    @cached_property
    def ledger(self) -> Ledger:
        """Return the next ledger; it is made when it is first asked for, as a check has no use for it."""
        entries = dict(self.entries)
        taken = {entry.added for entry in entries.values()}
        numbers = _free_numbers(taken, self.now * 1000 - len(self.new))
        for note, added in zip(self.new, numbers, strict=False):  # the numbers never end
            entries[note.id] = Entry(note.id, _content(note, self.titles), self.now, added)
        if len(taken) < len(self.entries):
            _number_apart(entries, numbers)
        return Ledger(deck=self.deck, name=self.name, entries=entries)


class ForgetError(ValueError):
    """Say why an id cannot be forgotten."""


def content_hash(note: Note) -> str:
    """Return the hash of what a learner gets: fields (the names of media hold their bytes' hash), tags, note type.

    Left out is the id, so that a note which was only given another id is known again. The colours of code are no part
    of a note yet.
    """
    content = f"{'cloze' if note.cloze else 'card'}\x1e{note.fields[: -len(note.id)]}\x1e{' '.join(note.tags)}"
    return hashlib.blake2b(content.encode(), digest_size=16).hexdigest()


def _content(note: Note, titles: Sequence[str]) -> str:
    return content_of(titles[note.deck], content_hash(note), cloze=note.cloze)


def settle(
    old: Ledger | None,
    rendered: Rendered,
    loaded: Loaded,
    *,
    ledger_file: str,
    now: int,
    forget: Collection[str] = (),
) -> Settled:
    """Compare an edition with the ledger of the last one.

    `now` is in epoch seconds; `forget` are ids of the ledger to drop, unpublished and gone from the source.

    Raises:
        ForgetError: an id to forget is not in the ledger, or still in the source.
    """
    lesson_name = rendered.decks[0].name
    titles = tuple(deck.name[len(lesson_name) + 2 :] for deck in rendered.decks)
    known = _without(old.entries if old else {}, rendered.notes, forget)
    entries: dict[str, Entry] = {}
    new: list[Note] = []
    changed: list[str] = []
    moved: list[Note] = []
    problems: list[Problem] = []
    for note in rendered.notes:
        id = note.id
        entry = known.get(id)
        if entry is None:
            new.append(note)
            continue
        content = _content(note, titles)
        if entry.content == content and not entry.retired:
            entries[id] = entry
            continue
        if entry.retired or entry.cloze != note.cloze:
            problems.append(_misused(loaded, note, entry))
        if entry.section != titles[note.deck]:
            moved.append(note)
        mod = entry.mod
        if entry.hash != content_hash(note):
            changed.append(id)
            # Strictly later, whatever the clock says: an equal one would not arrive.
            mod = max(now, mod + 1)
        entries[id] = Entry(id, content, mod, entry.added)
    retired = tuple(_retire(known, entries, loaded))
    if old:
        if len(entries) < len(known):
            problems += _vanished(old, known, entries, loaded, new, ledger_file)
        problems += _deck_warnings(old, lesson_name, moved, titles, loaded)
        problems += _clock_warning(known, ledger_file, now)
    return Settled(
        deck=loaded.lesson.deck.id,
        name=lesson_name,
        titles=titles,
        entries=entries,
        new=tuple(new),
        now=now,
        changes=Changes(
            new=tuple(note.id for note in new),
            changed=tuple(changed),
            moved=tuple(note.id for note in moved),
            retired=retired,
            unchanged=len(rendered.notes) - len(new) - len(changed),
        ),
        problems=tuple(problems),
    )


def _without(known: dict[str, Entry], notes: Sequence[Note], forget: Collection[str]) -> dict[str, Entry]:
    if not forget:
        return known
    in_use = {note.id for note in notes}
    for id in forget:
        if id in in_use:
            raise ForgetError(f"'{id}' is still in the source: take it out there first")
        if id not in known:
            near = nearest(id, tuple(known))
            raise ForgetError(f"'{id}' is not in the ledger" + (f": did you mean '{near}'?" if near else ""))
    return {id: entry for id, entry in known.items() if id not in forget}


def _misused(loaded: Loaded, note: Note, entry: Entry) -> Problem:
    path: Path = (*note.path, "id")
    if entry.retired:
        text = f"'{note.id}' was published and retired: some learners have it still, so a new note needs a new id"
        return loaded.problem(path, text, "retired-reused")
    was, is_now = ("cloze", "question") if entry.cloze else ("question", "cloze")
    text = (
        f"'{note.id}' was published as a {was} and is a {is_now} now: Anki never turns one into the other."
        f" Give it a new id, and put '{note.id}' under 'retired'"
    )
    return loaded.problem(path, text, "note-type")


def _retire(known: dict[str, Entry], entries: dict[str, Entry], loaded: Loaded) -> Iterator[str]:
    """Carry the retired ids over into the entries; yield, sorted, those that are so only now."""
    for id in sorted(known.keys() & set(loaded.lesson.retired)):
        if id not in entries:
            entries[id] = known[id]._replace(retired=True)
            if not known[id].retired:
                yield id


def _hides_ids(path: Path) -> bool:
    """Say whether what is wrong at `path` may keep ids of notes from being read."""
    return len(path) == 1 or path[-1] == "id" or not _LISTS.isdisjoint(path[-2:])


def _vanished(
    old: Ledger, known: dict[str, Entry], entries: dict[str, Entry], loaded: Loaded, new: list[Note], ledger_file: str
) -> Iterator[Problem]:
    """Yield a problem for each id of the ledger that is gone, and name the new id it was likely given."""
    if any(map(_hides_ids, loaded.mended)):
        # Where a note, or its id, could not be read, none can be said to be gone.
        return
    gone = sorted(known.keys() - entries.keys())
    lines = dict(zip(old.entries, old.lines, strict=True))
    candidates = {note.id: note for note in new}
    same_content = {content_hash(note): note for note in new}
    for id in gone:
        entry = known[id]
        if entry.retired:
            text = f"'{id}' was retired and is gone from 'retired': it must stay there, or another note might take it"
        else:
            renamed = same_content.get(entry.hash)
            if not renamed and len(gone) * len(new) <= _MOST_COMPARED and (near := nearest(id, tuple(candidates))):
                renamed = candidates[near]
            if not renamed and len(gone) == len(new) == 1:
                renamed = new[0]
            guess = ""
            if renamed:
                line, _, _ = loaded.source.place((*renamed.path, "id"))
                guess = f" Was it renamed to '{renamed.id}' (line {line})? Give it back its id, or every learner loses its reviews."
            text = (
                f"'{id}' was built before and is gone from {loaded.source.file}.{guess} To withdraw it, put it under"
                f" 'retired'. If nobody has imported it, build with --forget {id}"
            )
        yield Problem(file=ledger_file, line=lines[id], column=1, text=text, code="id-gone", source=f'{{"id":"{id}",…')


def _free_numbers(taken: Collection[int], first: int) -> Iterator[int]:
    """Yield numbers that are not taken, from `first` on.

    New notes get the milliseconds up to now, in source order: an id that lies in the future can spoil an import.
    """
    return (number for number in count(max(1, first)) if number not in taken)


def _number_apart(entries: dict[str, Entry], numbers: Iterator[int]) -> None:
    """Give notes that merged branches numbered alike numbers of their own; the first by id keeps its."""
    seen: set[int] = set()
    for id in sorted(entries):
        if entries[id].added in seen:
            entries[id] = entries[id]._replace(added=next(numbers))
        seen.add(entries[id].added)


def _deck_warnings(
    old: Ledger, name: str, moved: list[Note], titles: Sequence[str], loaded: Loaded
) -> Iterator[Problem]:
    """Yield a warning for each renamed deck, and one for all notes moved from one deck to another."""
    stays = "cards that learners have stay where they are, in"
    known = old.entries
    if old.name != name and loaded.sound(("deck", "name")):
        text = f"the deck was '{old.name}': {stays} the deck of that name"
        yield replace(loaded.problem(("deck", "name"), text, "deck-renamed"), severity="warning")
    if not moved:
        return
    before = {entry.section for entry in known.values() if not entry.retired}
    pairs = Counter((known[note.id].section, titles[note.deck]) for note in moved)
    for (was, is_now), times in pairs.items():
        first = next(note for note in moved if (known[note.id].section, titles[note.deck]) == (was, is_now))
        if was not in titles and is_now not in before and first.path[0] == "practice":
            text = f"this section's deck was '{was}': {stays} the deck of that name"
            path: Path = (*first.path[:2], "title")
        else:
            notes = "this note" if times == 1 else f"{times:,} notes, of which this is the first,"
            text = f"{notes} moved here from '{was}': {stays} that deck"
            path = (*first.path, "id")
        code = "section-renamed" if path[-1] == "title" else "note-moved"
        yield replace(loaded.problem(path, text, code), severity="warning")


def _clock_warning(known: dict[str, Entry], ledger_file: str, now: int) -> Iterator[Problem]:
    last = max((entry.mod for entry in known.values()), default=0)
    if last > now + _CLOCK_SLACK:
        behind = datetime.fromtimestamp(now, UTC), datetime.fromtimestamp(last, UTC)
        text = "the clock says {:%Y-%m-%d %H:%M}, before the ledger's last change at {:%Y-%m-%d %H:%M} (UTC)".format(
            *behind
        )
        yield Problem(file=ledger_file, severity="warning", text=text, code="clock-behind")
