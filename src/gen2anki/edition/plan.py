"""An edition against the last one: which notes are new, changed, moved or gone, and the ledger that follows."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import count, filterfalse, repeat
from typing import Final

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.problem import Path, Problem
from gen2anki.diagnostics.suggestion import nearest
from gen2anki.edition.ledger import Entry, Ledger, content_of, entry_of, is_retired, line_of, numbers_of, written
from gen2anki.lesson.load import Loaded
from gen2anki.render.anki_fields import stored_content
from gen2anki.render.rendered import Rendered, RenderedNote

# How many ids are compared with each other, in all, to guess which new one stands for which that is gone.
_MOST_COMPARED: Final = 100_000
# New notes are numbered from some moment of the week before now, each deck from another.
_SPREAD_MS: Final = 7 * 86_400_000
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
class Plan:
    """What an edition changes, what is wrong with it, and the ledger that follows.

    `numbers` has, by id, each note's id in Anki and its `mod`, the retired ones' too. `lines`
    are those of the last ledger's notes, by id, as they are now; `new` are the notes it does not have, and `titles`
    those of all decks below the lesson's own.
    """

    deck: str
    name: str
    titles: tuple[str, ...]
    numbers: dict[str, tuple[int, int]]
    lines: dict[str, str]
    new: tuple[RenderedNote, ...]
    changes: Changes
    problems: tuple[Problem, ...]

    @cached_property
    def ledger(self) -> Ledger:
        """Return the next ledger; it is made when it is first asked for, as a check has no use for it."""
        lines = dict(self.lines)
        for note in self.new:
            content = content_of(note.id, self.titles[note.deck], note_hash(note), cloze=note.is_cloze)
            lines[note.id] = line_of(content, *self.numbers[note.id])
        return Ledger(deck=self.deck, name=self.name, lines=lines)


class ForgetError(ValueError):
    """Say why an id cannot be forgotten."""


def note_hash(note: RenderedNote) -> str:
    """Return the hash of what a learner gets: fields (the names of media hold their bytes' hash), tags, note type.

    Left out is the id, so that a note which was only given another id is known again. The colours of code are no part
    of a note yet.
    """
    content = f"{'cloze' if note.is_cloze else 'card'}\x1e{stored_content(note)}\x1e{' '.join(note.tags)}"
    return hashlib.blake2b(content.encode(), digest_size=16).hexdigest()


def make_plan(
    old: Ledger | None,
    rendered: Rendered,
    loaded: Loaded,
    *,
    ledger_file: str,
    now: int,
    forget: Collection[str],
) -> Plan:
    """Compare an edition with the ledger of the last one.

    `now` is in epoch seconds; `forget` are ids of the ledger to drop, unpublished and gone from the source.

    Raises:
        ForgetError: an id to forget is not in the ledger, or still in the source.
    """
    lesson_name = rendered.decks[0].name
    titles = tuple(deck.name[len(lesson_name) + 2 :] for deck in rendered.decks)
    known = _without(old.lines if old else {}, rendered.notes, forget)
    lines = dict(known)
    numbers: dict[str, tuple[int, int]] = {}
    new: list[RenderedNote] = []
    changed: list[str] = []
    moved: list[RenderedNote] = []
    problems: list[Problem] = []
    for note in rendered.notes:
        id = note.id
        line = known.get(id)
        if line is None:
            new.append(note)
            continue
        numbers[id] = numbers_of(line)
        section, hash = titles[note.deck], note_hash(note)
        content = content_of(id, section, hash, cloze=note.is_cloze)
        if line.startswith(content) and not is_retired(line):
            continue
        entry = entry_of(line)
        if entry.retired or (entry.cloze != note.is_cloze and _is_meant(loaded, note)):
            problems.append(_misused(loaded, note, entry))
        if entry.section.casefold() != section.casefold():  # as Anki tells decks apart
            moved.append(note)
        if entry.hash != hash:
            changed.append(id)
            # Strictly later, whatever the clock says: an equal one would not arrive.
            numbers[id] = entry.added, max(now, entry.mod + 1)
        lines[id] = line_of(content, *numbers[id])
    gone = known.keys() - numbers.keys()
    numbers |= {id: numbers_of(known[id]) for id in gone}
    problems += _clock_warning(numbers.values(), ledger_file, now)
    _number(loaded.lesson.deck.id, new, numbers, lines, now)
    withdrawn = gone.intersection(loaded.lesson.retired)
    retired = tuple(sorted(id for id in withdrawn if not is_retired(known[id])))
    for id in retired:
        lines[id] = written(id, entry_of(lines[id])._replace(retired=True))
    moved_ids = tuple(note.id for note in moved)
    if old:
        if old.name.casefold() != lesson_name.casefold():
            moved_ids = tuple(note.id for note in rendered.notes if note.id in known)
        problems += _vanished(old, gone - withdrawn, loaded, new, ledger_file)
        problems += _deck_warnings(old, lesson_name, moved, titles, loaded)
    return Plan(
        deck=loaded.lesson.deck.id,
        name=lesson_name,
        titles=titles,
        numbers=numbers,
        lines=lines,
        new=tuple(new),
        changes=Changes(
            new=tuple(note.id for note in new),
            changed=tuple(changed),
            moved=moved_ids,
            retired=retired,
            unchanged=len(rendered.notes) - len(new) - len(changed),
        ),
        problems=tuple(problems),
    )


def _without(known: dict[str, str], notes: Sequence[RenderedNote], forget: Collection[str]) -> dict[str, str]:
    if not forget:
        return known
    in_use = {note.id for note in notes}
    for id in forget:
        if id in in_use:
            raise ForgetError(f"'{id}' is still in the source: take it out there first")
        if id not in known:
            near = nearest(id, tuple(known))
            raise ForgetError(f"'{id}' is not in the ledger" + (f": did you mean '{near}'?" if near else ""))
    return {id: line for id, line in known.items() if id not in forget}


def _is_meant(loaded: Loaded, note: RenderedNote) -> bool:
    """Return True if a note has the note type that its author meant: no key is misspelled, and no `cloze` is empty."""
    if not loaded.repairs.is_intact(note.path) or loaded.repairs.has_unknown_key(note.path):
        return False
    return note.is_cloze or not loaded.places.has((*note.path, "cloze"))


def _misused(loaded: Loaded, note: RenderedNote, entry: Entry) -> Problem:
    path: Path = (*note.path, "id")
    if entry.retired:
        text = (
            f"'{note.id}' was published and retired: some learners have it still, so a new note needs a new id. (For the same"
            f" note again, take it out, build with --forget {note.id}, and put it back)"
        )
        return loaded.problem(path, text, Code.RETIRED_REUSED)
    was, is_now = ("cloze", "question") if entry.cloze else ("question", "cloze")
    text = (
        f"'{note.id}' was published as a {was} and is a {is_now} now: Anki never turns one into the other."
        f" Give it a new id, and put '{note.id}' under 'retired'"
    )
    return loaded.problem(path, text, Code.NOTE_TYPE)


def _vanished(
    old: Ledger, gone: Collection[str], loaded: Loaded, new: list[RenderedNote], ledger_file: str
) -> Iterator[Problem]:
    """Yield a problem for each id that is gone from the source, and name the new id it was likely given."""
    # Where a note, or its id, could not be read, or stands in another for want of a dash, none can be said to be gone.
    doubled = any(problem.code == Code.DUPLICATE_KEY for problem in loaded.problems)
    if not gone or doubled or loaded.repairs.may_hide_ids():
        return
    places = dict(zip(old.lines, old.places, strict=True))
    candidates = {note.id: note for note in new}
    same_content = {note_hash(note): note for note in new}
    for id in sorted(gone):
        entry = old.entry(id)
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
                line, _, _ = loaded.places.place((*renamed.path, "id"))
                guess = f" Was it renamed to '{renamed.id}' (line {line})? Give it back its id, or every learner loses its reviews."
            text = (
                f"'{id}' was built before and is gone from {loaded.places.file}.{guess} To withdraw it, put it under"
                f" 'retired'. If nobody has imported it, build with --forget {id}"
            )
        yield Problem(
            file=ledger_file, line=places[id], column=1, text=text, code=Code.ID_GONE, line_text=f'{{"id":"{id}",…'
        )


def _number(
    deck: str, new: Sequence[RenderedNote], numbers: dict[str, tuple[int, int]], lines: dict[str, str], now: int
) -> None:
    """Give the new notes numbers; and others, in `lines` too, to notes that merged branches numbered alike.

    New notes get consecutive milliseconds, in source order: in the past, as an id that lies in the future can spoil an
    import; and away from those of other decks built in the same second, as two notes of one number, imported on two
    devices, are one note to their synchronisation.
    """
    taken = {added for added, _ in numbers.values()}
    spread = int.from_bytes(hashlib.blake2b(deck.encode(), digest_size=8).digest()) % _SPREAD_MS
    free = filterfalse(taken.__contains__, count(max(1, now * 1000 - len(new) - spread)))
    if len(taken) < len(numbers):
        seen: set[int] = set()
        for id in sorted(numbers):
            added, mod = numbers[id]
            if added in seen:  # the first by id keeps it
                added = next(free)
                numbers[id] = added, mod
                lines[id] = written(id, entry_of(lines[id])._replace(added=added))
            seen.add(added)
    numbers.update(zip((note.id for note in new), zip(free, repeat(now)), strict=False))  # the free ones never end


def _deck_warnings(
    old: Ledger, name: str, moved: list[RenderedNote], titles: Sequence[str], loaded: Loaded
) -> Iterator[Problem]:
    """Yield a warning for each renamed deck, and one for all notes moved from one deck to another."""
    stays = "cards that learners have stay where they are, in"
    if old.name.casefold() != name.casefold() and loaded.repairs.is_intact(("deck", "name")):
        text = f"the deck was '{old.name}': {stays} the deck of that name"
        yield loaded.problem(("deck", "name"), text, Code.DECK_RENAMED)
    moved = [
        note for note in moved if note.path[0] != "practice" or loaded.repairs.is_intact((*note.path[:2], "title"))
    ]
    if not moved:
        return
    entries = map(entry_of, old.lines.values())
    before = {entry.section for entry in entries if not entry.retired}
    ways = [(old.entry(note.id).section, titles[note.deck]) for note in moved]
    for (was, is_now), times in Counter(ways).items():
        first = moved[ways.index((was, is_now))]
        if was not in titles and is_now not in before and first.path[0] == "practice":
            text = f"this section's deck was '{was}': {stays} the deck of that name"
            path: Path = (*first.path[:2], "title")
        else:
            notes = "this note" if times == 1 else f"{times:,} notes, of which this is the first,"
            text = f"{notes} moved here from '{was}': {stays} that deck"
            path = (*first.path, "id")
        code = Code.SECTION_RENAMED if path[-1] == "title" else Code.NOTE_MOVED
        yield loaded.problem(path, text, code)


def _clock_warning(numbers: Collection[tuple[int, int]], ledger_file: str, now: int) -> Iterator[Problem]:
    last = max((mod for _, mod in numbers), default=0)
    if last > now + _CLOCK_SLACK:
        behind = datetime.fromtimestamp(now, UTC), datetime.fromtimestamp(last, UTC)
        text = "the clock says {:%Y-%m-%d %H:%M}, before the ledger's last change at {:%Y-%m-%d %H:%M} (UTC)".format(
            *behind
        )
        yield Problem(file=ledger_file, text=text, code=Code.CLOCK_BEHIND)
