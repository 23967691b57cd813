"""An edition against the last one: which notes are new, changed, moved or gone, and the ledger that follows."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count, filterfalse
from typing import Final

from gen2anki.anki.names import deck_key
from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.problem import Path, Problem
from gen2anki.diagnostics.suggestion import nearest
from gen2anki.edition.entries import Entry, Ledger, settled
from gen2anki.edition.side_effects import (
    added_twice,
    clock_warning,
    cloze_warnings,
    deck_warnings,
    hidden_words,
    is_renamed,
)
from gen2anki.lesson.load import Loaded
from gen2anki.render.anki_fields import stored_content
from gen2anki.render.rendered import Rendered, RenderedNote

# How many pairs of ids are compared, at most, to guess which new id stands for one that is gone.
_MOST_COMPARED: Final = 100_000
# New notes are numbered from a moment of the week before now; each deck has another.
_SPREAD_MS: Final = 7 * 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What an edition changes for those who have the last one: ids, in source order (`retired` sorted)."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    unchanged: int = 0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What an edition changes, what is wrong with it, and the ledger that follows.

    `known` are the entries of published notes as this edition leaves them, by id; `new` are the other notes. `titles`
    are the names of all decks below the lesson's own, by their position; `taken` are the numbers of other lessons' notes in
    Anki; `now` is in epoch seconds. `forgotten` is the latest `mod` of all notes that were dropped: one of them that comes
    back needs a later one.
    """

    deck_id: str
    deck_name: str
    titles: tuple[str, ...]
    taken: Collection[int]
    known: Mapping[str, Entry]
    new: tuple[RenderedNote, ...]
    now: int
    forgotten: int
    changes: Changes
    problems: tuple[Problem, ...]

    @cached_property
    def ledger(self) -> Ledger:
        """Return the next ledger; it is made when it is first asked for, because a check has no use for it."""
        free = self._free_numbers()
        entries = _renumbered(self.known, self.taken, free)
        mod = max(self.now, self.forgotten + 1) if self.forgotten else self.now
        for note, added in zip(self.new, free, strict=False):  # the free ones never end
            entries[note.id] = Entry(
                self.titles[note.deck], note.is_cloze, note_hash(note), mod, added, hides=hidden_words(note)
            )
        return Ledger(deck_id=self.deck_id, deck_name=self.deck_name, entries=entries, forgotten=self.forgotten)

    @property
    def withdrawn_numbers(self) -> dict[str, int]:
        """Return the numbers in Anki of the notes that were published and are withdrawn, by id."""
        return {id: entry.added for id, entry in self.known.items() if entry.is_retired}

    def _free_numbers(self) -> Iterator[int]:
        """Yield epoch milliseconds that no note of the deck is numbered by.

        They lie in the past, because an id that lies in the future can spoil an import. They lie away from those of other
        decks built in the same second: a sync takes two notes of one number for one note.
        """
        taken = {entry.added for entry in self.known.values()}.union(self.taken)
        spread = int.from_bytes(hashlib.blake2b(self.deck_id.encode(), digest_size=8).digest()) % _SPREAD_MS
        return filterfalse(taken.__contains__, count(max(1, self.now * 1000 - len(self.new) - spread)))


class ForgetError(ValueError):
    """Say why an id cannot be forgotten."""


def note_hash(note: RenderedNote) -> str:
    """Return the hash of what a learner gets: fields (the names of media hold their bytes' hash), tags, note type.

    The id is left out, so that a note which was only given another id is recognised. The colours of code come later
    than the hash.
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
    taken: Collection[int],
) -> Plan:
    """Compare an edition with the ledger of the last one.

    `now` is in epoch seconds; `forget` are the ids of drafts to drop from the ledger; `taken` are the numbers that the notes
    of other lessons have in Anki.

    Raises:
        ForgetError: an id to forget is not in the ledger, or still in the source.
    """
    deck_name = rendered.decks[0].name
    titles = tuple(deck.name[len(deck_name) + 2 :] for deck in rendered.decks)
    before = _without(_merged(old, rendered.notes) if old else {}, rendered.notes, forget)
    known = dict(before)
    new: list[RenderedNote] = []
    changed: list[str] = []
    moved: list[RenderedNote] = []
    problems: list[Problem] = []
    for note in rendered.notes:
        entry = before.get(note.id)
        if entry is None:
            new.append(note)
            continue
        section, hash = titles[note.deck], note_hash(note)
        if hash == entry.hash and section == entry.section and _is_complete(entry):
            continue
        if entry.is_retired or (entry.is_cloze != note.is_cloze and _is_meant(loaded, note)):
            problems.append(_misused(loaded, note, entry))
        if deck_key(entry.section) != deck_key(section):
            moved.append(note)
        same = Entry(
            section, note.is_cloze, hash, entry.mod, entry.added, False, entry.other, entry.latest, hidden_words(note)
        )
        known[note.id] = same
        if entry.hash != hash:
            changed.append(note.id)
            # Strictly later, whatever the clock says: an equal one would not arrive.
            known[note.id] = same._replace(mod=max(now, entry.last_mod + 1), other=entry.last_mod, latest=0)
            problems += cloze_warnings(loaded, note, entry.hides)
    problems += clock_warning(known.values(), ledger_file, now)
    problems += _number_warning(known, taken, ledger_file)
    gone = before.keys() - {note.id for note in rendered.notes}
    withdrawn = gone.intersection(entry.id for entry in loaded.lesson.retired)
    moved_away = {id for id in gone - withdrawn if before[id].moved_to}
    retired = tuple(sorted(id for id in withdrawn if not known[id].is_retired))
    for id in retired:
        known[id] = known[id]._replace(is_retired=True, moved_to="")
    moved_ids = tuple(note.id for note in moved)
    if old:
        if is_renamed(old, deck_name):
            moved_ids = tuple(note.id for note in rendered.notes if note.id in before)
        problems += _vanished(old, gone - withdrawn - moved_away, loaded, new, ledger_file)
        problems += added_twice(old, loaded, rendered.notes)
        problems += deck_warnings(old, loaded, deck_name, titles, moved)
    return Plan(
        deck_id=loaded.lesson.deck.id,
        deck_name=deck_name,
        titles=titles,
        taken=taken,
        known=known,
        new=tuple(new),
        now=now,
        forgotten=max([old.forgotten, *(old.entries[id].last_mod for id in forget)]) if old else 0,
        changes=Changes(
            new=tuple(note.id for note in new),
            changed=tuple(changed),
            moved=moved_ids,
            retired=retired,
            unchanged=len(rendered.notes) - len(new) - len(changed),
        ),
        problems=tuple(problems),
    )


def _without(entries: dict[str, Entry], notes: Sequence[RenderedNote], forget: Collection[str]) -> dict[str, Entry]:
    """Return the entries but those to forget."""
    if not forget:
        return entries
    in_use = {note.id for note in notes}
    for id in forget:
        if id in in_use:
            raise ForgetError(f"'{id}' is still in the source: take it out there first")
        if id not in entries:
            near = nearest(id, tuple(entries))
            raise ForgetError(f"'{id}' is not in the ledger" + (f": did you mean '{near}'?" if near else ""))
    return {id: entry for id, entry in entries.items() if id not in forget}


def _is_complete(entry: Entry) -> bool:
    """Return True if an entry is that of a note in the lesson, with all that this version knows of one."""
    return not (entry.is_retired or entry.moved_to or (entry.is_cloze and not entry.hides))


def _merged(old: Ledger, notes: Sequence[RenderedNote]) -> dict[str, Entry]:
    """Return the entries, with one that fits the note's content for each of which branches say different things."""
    if not old.versions:
        return old.entries
    contents = {note.id: note_hash(note) for note in notes if note.id in old.versions}
    return old.entries | {id: settled(old.versions[id], hash) for id, hash in contents.items()}


def _is_meant(loaded: Loaded, note: RenderedNote) -> bool:
    """Return True if a note has the note type that its author meant: no key is misspelled, and no `cloze` is empty."""
    if not loaded.repairs.is_intact(note.path) or loaded.repairs.has_unknown_key(note.path):
        return False
    return note.is_cloze or not loaded.places.has((*note.path, "cloze"))


def _misused(loaded: Loaded, note: RenderedNote, entry: Entry) -> Problem:
    """Return the problem of a note whose id is retired, or was published with the other note type."""
    path: Path = (*note.path, "id")
    if entry.is_retired:
        text = (
            f"'{note.id}' was published and retired: some learners still have it, so a new note needs a new id. (To bring the"
            f" same note back, take it out, build with --forget {note.id}, and put it in again)"
        )
        return loaded.problem(path, text, Code.RETIRED_REUSED)
    was, is_now = ("cloze", "question") if entry.is_cloze else ("question", "cloze")
    text = (
        f"'{note.id}' was published as a {was} and is a {is_now} now: Anki never turns one into the other."
        f" Give it a new id, and put '{note.id}' under 'retired'"
    )
    return loaded.problem(path, text, Code.NOTE_TYPE)


def _vanished(
    old: Ledger, gone: Collection[str], loaded: Loaded, new: Sequence[RenderedNote], ledger_file: str
) -> Iterator[Problem]:
    """Yield a problem for each id that is gone from the source, and name the new id it was likely given."""
    # Where a note, or its id, could not be read, or stands in another for want of a dash, none can be said to be gone.
    doubled = any(problem.code == Code.DUPLICATE_KEY for problem in loaded.problems)
    if not gone or doubled or loaded.repairs.may_hide_ids():
        return
    lines = dict(zip(old.entries, old.lines, strict=True))
    candidates = {note.id: note for note in new}
    same_content = {note_hash(note): note for note in new}
    for id in sorted(gone):
        entry = old.entries[id]
        if entry.is_retired:
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
        line_text = f'{{"id":"{id}",…'
        yield Problem(file=ledger_file, line=lines[id], column=1, text=text, code=Code.ID_GONE, line_text=line_text)


def _renumbered(known: Mapping[str, Entry], taken: Collection[int], free: Iterator[int]) -> dict[str, Entry]:
    """Return the entries, with a free number for each note whose number another has: merged branches can do that."""
    entries = dict(known)
    numbers = {entry.added for entry in known.values()}
    if len(numbers) < len(known) or not numbers.isdisjoint(taken):
        seen = set(taken)
        for id in sorted(known):
            added = known[id].added
            if added in seen:  # the first by id keeps it
                added = next(free)
                entries[id] = known[id]._replace(added=added)
            seen.add(added)
    return entries


def _number_warning(known: Mapping[str, Entry], taken: Collection[int], ledger_file: str) -> Iterator[Problem]:
    """Yield a warning where notes have the number of another lesson's note. A sync takes two such notes for one."""
    shared = sorted(id for id, entry in known.items() if entry.added in taken) if taken else []
    if shared:
        notes = f"'{shared[0]}'" if len(shared) == 1 else f"'{shared[0]}' and {len(shared) - 1:,} more"
        text = f"{notes} had the number in Anki that a note of another lesson has: a build gives another"
        yield Problem(file=ledger_file, text=text, code=Code.NUMBER_SHARED)
