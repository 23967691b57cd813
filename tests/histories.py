"""Histories nobody would write by hand: an author and a learner, each doing what they like, for years.

`History` is the state machine that hypothesis drives. The author's lesson is kept as plain values, from which the
source is written and, on its own, what Anki must end up with is worked out: `Lesson.expected` says what each note
holds, `Ledger` when it was last changed, and `predict` what an import does to a learner's collection. None of the
three asks the product. What must hold after every import, whatever went before, is in `INVARIANTS`.
"""
# ruff: noqa: D401 (an invariant states what holds)

import hashlib
import json
import os
import random
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import anki.collection  # noqa: F401 (Anki's modules import each other: this one must come first)
import hypothesis.strategies as st
from anki.scheduler.v3 import CardAnswer
from hypothesis import note as tell
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from author import DAY, FIRST_BUILD, Author
from learner import Arrived, Learner, Learning

CARD, CLOZE = "gen2anki Card", "gen2anki Cloze"
CHOICES = ("Yes", "No", "Perhaps")
# What was lived through, for `make soak` to tell.
LIVED: Counter[str] = Counter()
# Where a folder costs no disk: thousands of collections are opened, and each waits for the disk many times.
_IN_MEMORY: Final = "/dev/shm"  # noqa: S108 (folders of random names below it)


# --- the author's side, as it is meant


@dataclass(frozen=True)
class Item:
    """One note of the source. Its text is plain words, so that what Anki must hold of it needs no Markdown."""

    id: str
    cloze: bool
    text: str
    answer: str = "a"
    why: str = ""
    tags: frozenset[str] = frozenset()
    reverse: bool = False
    picture: bool = False


@dataclass(frozen=True)
class Content:
    """What Anki must hold of a note: its note type, fields (choices as pairs), tags, the numbers of its cards, and its deck."""

    kind: str
    fields: tuple[Any, ...]
    tags: frozenset[str]
    ords: tuple[int, ...]
    deck: str


@dataclass
class Section:
    """One section of the source. The flashcards are one, too; they have no title of their own."""

    id: str
    title: str
    prompt: str = ""
    choices: bool = False
    items: list[Item] = field(default_factory=list)


@dataclass
class Lesson:
    """The author's lesson. `sections[0]` are the flashcards."""

    name: str = "World::Seas"
    tags: frozenset[str] = frozenset({"sea"})
    source: str = ""
    picture: bytes = b"picture 0"
    sections: list[Section] = field(default_factory=lambda: [Section("", "Flashcards")])
    retired: list[str] = field(default_factory=list)

    def items(self) -> list[tuple[Section, int]]:
        """Return the place of every note."""
        return [(section, place) for section in self.sections for place in range(len(section.items))]

    def text(self) -> str:
        """Return the source, as JSON, which is YAML."""
        deck: dict[str, Any] = {"id": "seas", "name": self.name, "tags": sorted(self.tags)}
        if self.source:
            deck["source"] = self.source
        lesson: dict[str, Any] = {"deck": deck}
        flashcards, *others = self.sections
        if flashcards.items:
            lesson["flashcards"] = [_written(item) for item in flashcards.items]
        practice = [
            {"id": section.id, "title": section.title}
            | ({"prompt": section.prompt} if section.prompt else {})
            | ({"choices": list(CHOICES)} if section.choices else {})
            | {"questions": [_written(item) for item in section.items]}
            for section in others
            if section.items
        ]
        if practice:
            lesson["practice"] = practice
        if self.retired:
            living = next(item.id for section in self.sections for item in section.items)
            lesson["retired"] = [
                id if place % 3 else {"id": id, "why": f"Why {place}?", "see": living}
                for place, id in enumerate(self.retired)
            ]
        return json.dumps(lesson, indent=1)

    def expected(self) -> dict[str, Content]:
        """Return what Anki must hold, by note id."""
        return {item.id: self._content(section, item) for section in self.sections for item in section.items}

    def _content(self, section: Section, item: Item) -> Content:
        text = item.text
        if item.picture:
            text += f' <img src="p-{hashlib.sha256(self.picture).hexdigest()[:16]}.png" alt="">'
        deck = f"{self.name}::{section.title}"
        tags = self.tags | item.tags
        if item.cloze:
            fields: tuple[Any, ...] = (text, item.why, "", self.source, section.title, section.prompt)
            fields += ("", "en", "", "", "", item.id)
            return Content(CLOZE, fields, tags, (0, 1), deck)
        choices = tuple((choice, choice == item.answer) for choice in CHOICES) if section.choices else ()
        fields = (text, item.answer, item.why, "", choices, self.source, section.title, section.prompt, "en")
        fields += ("", "", "1" if item.reverse else "", "", "", "", item.id)
        return Content(CARD, fields, tags, (0, 1) if item.reverse else (0,), deck)


def _written(item: Item) -> dict[str, Any]:
    text = item.text + (" ![](media/p.png)" if item.picture else "")
    data: dict[str, Any] = {"id": item.id}
    data |= {"cloze": text} if item.cloze else {"question": text, "answer": item.answer}
    data |= {"why": item.why} if item.why else {}
    data |= {"tags": sorted(item.tags)} if item.tags else {}
    return data | ({"reverse": "true"} if item.reverse else {})


@dataclass(frozen=True)
class Dated:
    """A note of an edition: its content, and the epoch second from which that counts as changed."""

    content: Content
    mod: int


@dataclass(frozen=True)
class Edition:
    """One published edition: its package, and what Anki must make of it."""

    package: Path
    notes: dict[str, Dated]


# --- the learner's side, as Anki stores it


@dataclass(frozen=True)
class Stored:
    """A note in the learner's collection."""

    kind: str
    fields: tuple[Any, ...]
    tags: frozenset[str]
    mod: int


@dataclass(frozen=True)
class Snapshot:
    """A collection at one moment: notes by id, cards (note id and number) with their deck, what was learnt."""

    notes: dict[str, Stored]
    cards: dict[tuple[str, int], str]
    learning: Learning
    notetypes: list[str]
    doubled: list[str]


def snapshot(learner: Learner) -> Snapshot:
    """Look at a collection."""
    collection = learner.collection
    kinds = {entry.id: entry.name for entry in collection.models.all_names_and_ids()}
    decks = {entry.id: entry.name for entry in collection.decks.all_names_and_ids()}
    notes: dict[str, Stored] = {}
    names: dict[int, str] = {}
    doubled = []
    for id, kind, mod, tags, joined in learner.rows("select id, mid, mod, tags, flds from notes"):
        fields = tuple(joined.split("\x1f"))
        if kinds[kind].startswith(CARD):
            fields = (*fields[:4], _choices(fields[4]), *fields[5:])
        doubled += [fields[-1]] if fields[-1] in notes else []
        names[id] = fields[-1]
        notes[fields[-1]] = Stored(kinds[kind], fields, frozenset(tags.split()), mod)
    cards = {(names[nid], ord): decks[did] for nid, ord, did in learner.rows("select nid, ord, did from cards")}
    return Snapshot(notes, cards, learner.learning(), learner.notetype_names(), doubled)


def _choices(html: str) -> tuple[tuple[str, bool], ...]:
    return tuple(
        (name, bool(right)) for right, name in re.findall(r'class="choice( right)?"[^>]*>(?:<[^>]*>)*([^<]+)', html)
    )


# --- what an import must do


@dataclass(frozen=True)
class Predicted:
    """What an import must result in."""

    arrived: Arrived
    notes: dict[str, Stored]
    cards: dict[tuple[str, int], str]


def predict(before: Snapshot, edition: Edition) -> Predicted:
    """Return what importing an edition must do: a later `mod` wins, note by note, and never across note types."""
    counts: Counter[str] = Counter()
    notes, cards = dict(before.notes), dict(before.cards)
    for id, dated in edition.notes.items():
        content, had = dated.content, before.notes.get(id)
        if had is not None and had.kind != content.kind:
            counts["conflicting"] += 1
            continue
        if had is not None and had.mod >= dated.mod:
            counts["unchanged"] += 1
        else:
            counts["new" if had is None else "updated"] += 1
            notes[id] = Stored(content.kind, content.fields, content.tags, dated.mod)
        for ord in content.ords:
            cards.setdefault((id, ord), content.deck)
    return Predicted(Arrived(**counts), notes, cards)


@dataclass(frozen=True)
class Import:
    """One import, with all that the invariants need. Where `is_newest`, the learner never had a later edition."""

    edition: Edition
    before: Snapshot
    after: Snapshot
    arrived: Arrived
    predicted: Predicted
    last: dict[str, Dated]
    edited: dict[str, int]
    is_newest: bool
    ledger_was_lost: bool
    complaints: str


def nothing_learnt_changes(it: Import) -> bool:
    """No review and no scheduling state changes: no card is moved, reset, or gone."""
    return it.after.learning.of(it.before.learning) == it.before.learning


def one_note_per_id(it: Import) -> bool:
    """No note is ever there twice."""
    return not it.after.doubled


def one_note_type_per_kind(it: Import) -> bool:
    """No copy of a note type appears, and none goes."""
    kinds = {note.kind for note in it.after.notes.values()} | {*it.before.notetypes}
    return it.after.notetypes == sorted(kinds) and kinds <= {CARD, CLOZE}


def counts_are_as_predicted(it: Import) -> bool:
    """The counts of new, updated and unchanged are what the reference model says."""
    return it.arrived == it.predicted.arrived


def notes_are_as_predicted(it: Import) -> bool:
    """Every field, tag and date of every note is what the reference model says. Other notes stay as they are."""
    return it.after.notes == it.predicted.notes


def cards_are_as_predicted(it: Import) -> bool:
    """Every old card is still there, in its deck. The new cards are in the decks that the edition names."""
    return it.after.cards == it.predicted.cards


def what_the_author_left_alone_stays_the_learners(it: Import) -> bool:
    """A note that no edition changed since the learner's last keeps the learner's text and tags.

    One that was changed and changed back counts as changed: others have had it the other way. And not where the author lost the ledger: then every note counts as changed.
    """
    return it.ledger_was_lost or all(
        it.after.notes[id] == had
        for id, had in it.before.notes.items()
        if id in it.edition.notes and id in it.last and it.last[id].mod == it.edition.notes[id].mod
    )


def what_the_author_changed_arrives(it: Import) -> bool:
    """A changed note carries the newest text, unless the learner's own edit is later than the change.

    Not where the learner imports an older edition than one they have, nor where the ledger was lost.
    """
    if it.ledger_was_lost or not it.is_newest:
        return True
    return all(
        (it.after.notes[id].fields, it.after.notes[id].tags) == (dated.content.fields, dated.content.tags)
        for id, dated in it.edition.notes.items()
        if id in it.last and it.last[id].mod != dated.mod and it.edited.get(id, 0) < dated.mod
    )


def what_was_deleted_comes_back_only_with_the_edition(it: Import) -> bool:
    """A note that the learner deleted comes back as new if the edition holds it, and otherwise never."""
    return it.after.notes.keys() == it.before.notes.keys() | it.edition.notes.keys()


def the_collection_is_sound(it: Import) -> bool:
    """Anki's own integrity check finds nothing."""
    return not it.complaints


INVARIANTS: Final[tuple[Callable[[Import], bool], ...]] = (
    nothing_learnt_changes,
    one_note_per_id,
    one_note_type_per_kind,
    counts_are_as_predicted,
    notes_are_as_predicted,
    cards_are_as_predicted,
    what_the_author_left_alone_stays_the_learners,
    what_the_author_changed_arrives,
    what_was_deleted_comes_back_only_with_the_edition,
    the_collection_is_sound,
)


# --- the two of them at it

_NUMBER = st.integers(0, 10**6)
_TAGS = st.frozensets(st.sampled_from(["deep", "salt", "warm", "old::cold"]), max_size=2)
_RATINGS = st.sampled_from([CardAnswer.AGAIN, CardAnswer.HARD, CardAnswer.GOOD, CardAnswer.EASY])


@dataclass(frozen=True)
class Known:
    """What the author's ledger must know of a note."""

    content: Content
    mod: int
    retired: bool = False


class History(RuleBasedStateMachine):
    """One author and one learner. Time only goes forward, except on the author's clock."""

    def __init__(self) -> None:
        super().__init__()
        LIVED["histories"] += 1
        self.folder = Path(
            tempfile.mkdtemp(prefix="history-", dir=_IN_MEMORY if os.access(_IN_MEMORY, os.W_OK) else None)
        )
        self.author = Author(self.folder / "author")
        (self.author.folder / "media").mkdir(parents=True)
        self.learner = Learner(self.folder / "learner.anki2")
        self.now = FIRST_BUILD
        self.clock_is_off_by = 0
        self.lesson = Lesson()
        self.ledger: dict[str, Known] = {}
        self.forgotten = -1  # the latest `mod` of all that was forgotten
        self.editions: list[Edition] = []
        self.made = 0
        # Of the learner: by note id, what an edition last held of it, and when they last edited it themselves.
        self.last: dict[str, Dated] = {}
        self.edited: dict[str, int] = {}
        self.newest_taken = -1
        self.ledger_lost_at = -1

    def teardown(self) -> None:
        """End with one more edition; then close the collection and remove the folder."""
        try:
            if self.editions and sys.exc_info()[0] is None:
                self._publish()
                self._take()
        finally:
            self.learner.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def _later(self, seconds: int = 60) -> None:
        self.now += seconds

    # The author writes.

    @initialize(count=st.integers(2, 5), ratings=st.lists(_RATINGS, min_size=2, max_size=8))
    def begin(self, count: int, ratings: "list[CardAnswer.Rating.V]") -> None:
        """Write some flashcards and publish them; the learner takes and reviews them."""
        for number in range(count):
            self.lesson.sections[0].items.append(self._item(number, cloze=number == 1))
        self._publish()
        self._take()
        self.review(ratings)

    def _item(self, number: int, *, cloze: bool) -> Item:
        self.made += 1
        text = f"{{{{c1::one{number}}}}} and {{{{c2::two}}}}" if cloze else f"q{number}"
        return Item(f"n{self.made}", cloze, text)

    def _pick(self, number: int) -> tuple[Section, int]:
        places = self.lesson.items()
        return places[number % len(places)]

    def _change(self, number: int, **changes: Any) -> None:
        section, place = self._pick(number)
        section.items[place] = replace(section.items[place], **changes)

    @rule(number=_NUMBER, where=_NUMBER, cloze=st.booleans())
    def add_note(self, number: int, where: int, cloze: bool) -> None:
        """Write a note, into any section."""
        section = self.lesson.sections[where % len(self.lesson.sections)]
        item = self._item(number, cloze=cloze and not section.choices)
        section.items.insert(where % (len(section.items) + 1), replace(item, answer="Yes") if section.choices else item)

    @rule(number=_NUMBER, word=_NUMBER, key=st.sampled_from(["text", "answer", "why"]))
    def edit_note(self, number: int, word: int, key: str) -> None:
        """Change a text of a note."""
        section, place = self._pick(number)
        item = section.items[place]
        if key == "text":
            text = (
                re.sub(r"\d+", str(word + 3), item.text, count=1)
                if not item.cloze
                else f"{{{{c1::o{word}}}}} {{{{c2::t}}}}"
            )
            self._change(number, text=text)
        elif key == "answer" and not item.cloze:
            self._change(number, answer=CHOICES[word % 3] if section.choices else f"a{word}")
        else:
            self._change(number, why=f"w{word}" if word % 3 else "")

    @rule(number=_NUMBER, tags=_TAGS)
    def retag_note(self, number: int, tags: frozenset[str]) -> None:
        """Give a note other tags."""
        self._change(number, tags=tags)

    @rule(number=_NUMBER)
    def turn_reverse(self, number: int) -> None:
        """Let a note ask the other way round too, or no longer."""
        section, place = self._pick(number)
        item = section.items[place]
        if not item.cloze and not section.choices:
            self._change(number, reverse=not item.reverse)

    @rule(number=_NUMBER)
    def turn_picture(self, number: int) -> None:
        """Show the picture on a note, or no longer."""
        section, place = self._pick(number)
        self._change(number, picture=not section.items[place].picture)

    @rule(number=_NUMBER)
    def swap_picture(self, number: int) -> None:
        """Put other bytes under the picture's name."""
        self.lesson.picture = f"picture {number % 4}".encode()

    @rule(number=_NUMBER, where=_NUMBER, section=_NUMBER)
    def move_note(self, number: int, where: int, section: int) -> None:
        """Put a note elsewhere, in its section or another."""
        old, place = self._pick(number)
        new = self.lesson.sections[section % len(self.lesson.sections)]
        item = old.items[place]
        if new.choices and item.cloze:
            return
        old.items.pop(place)
        if new.choices:
            item = replace(item, answer="Yes", reverse=False)
        new.items.insert(where % (len(new.items) + 1), item)

    @rule(seed=_NUMBER)
    def reorder(self, seed: int) -> None:
        """Shuffle the flashcards."""
        random.Random(seed).shuffle(self.lesson.sections[0].items)  # noqa: S311 (no secret)

    @rule(number=_NUMBER, choices=st.booleans())
    def add_section(self, number: int, choices: bool) -> None:
        """Begin a section, with one question."""
        if len(self.lesson.sections) < 4:
            self.made += 1
            section = Section(f"s{self.made}", f"Part {self.made}", choices=choices)
            section.items.append(replace(self._item(number, cloze=False), answer="Yes"))
            self.lesson.sections.append(section)

    @rule(number=_NUMBER, key=st.sampled_from(["title", "prompt"]))
    def rename_section(self, number: int, key: str) -> None:
        """Give a section another title, which is its deck's name, or another prompt."""
        if len(self.lesson.sections) > 1:
            self.made += 1
            section = self.lesson.sections[1 + number % (len(self.lesson.sections) - 1)]
            setattr(section, key, f"Part {self.made}")

    @rule(number=_NUMBER, key=st.sampled_from(["name", "tags", "source"]))
    def change_deck(self, number: int, key: str) -> None:
        """Rename the deck, or change what is on every note."""
        values = {
            "name": f"World::Seas {number % 3}",
            "tags": frozenset({f"sea{number % 3}"}),
            "source": f"s{number % 3}",
        }
        setattr(self.lesson, key, values[key])

    @rule(number=_NUMBER)
    def retire_note(self, number: int) -> None:
        """Withdraw a note."""
        if len(self.lesson.items()) > 1:
            section, place = self._pick(number)
            id = section.items.pop(place).id
            self.lesson.retired.append(id)

    @rule(days=st.integers(-40, 3))
    def change_clock(self, days: int) -> None:
        """Set the author's clock wrong, mostly back, or right again."""
        self.clock_is_off_by = min(days, 0) * DAY

    @rule()
    def lose_ledger(self) -> None:
        """Lose the ledger."""
        self.author.ledger.unlink(missing_ok=True)
        self.ledger = {}
        self.forgotten = -1
        self.ledger_lost_at = len(self.editions)

    @rule(how=st.sampled_from(["CRLF", "shuffled", "one number for two"]), seed=_NUMBER)
    def merge_ledger(self, how: str, seed: int) -> None:
        """Let git, or an editor, reshape the ledger."""
        if not self.author.ledger.exists():
            return
        header, *lines = self.author.ledger.read_text(encoding="utf-8").splitlines()
        if how == "shuffled":
            random.Random(seed).shuffle(lines)  # noqa: S311 (no secret)
        elif how == "one number for two":
            ids = [json.loads(line)["id"] for line in lines]
            added = json.loads(lines[seed % 7 % len(lines)])["added"]
            self.author.edit_ledger(ids[seed % len(ids)], added=added)
            header, *lines = self.author.ledger.read_text(encoding="utf-8").splitlines()
        end = "\r\n" if how == "CRLF" else "\n"
        self.author.ledger.write_bytes((end.join([header, *lines]) + end).encode())

    # The author slips, and the product must say no.

    @rule(number=_NUMBER, how=st.sampled_from(["renamed", "gone", "another kind", "retired reused"]))
    def slip(self, number: int, how: str) -> None:
        """Build a source that would cost learners their reviews: it is refused, and nothing changes."""
        section, place = self._pick(number)
        item = section.items[place]
        before = self.author.ledger.read_bytes() if self.author.ledger.exists() else b""
        slipped = Lesson(**vars(self.lesson))
        items = [*section.items]
        if item.id not in self.ledger and how != "retired reused":
            return
        if how == "renamed":
            items[place] = replace(item, id=f"{item.id}-renamed")
        elif how == "gone":
            if len(self.lesson.items()) == 1:
                return
            items.pop(place)
        elif how == "another kind":
            if section.choices:
                return
            items[place] = replace(item, cloze=not item.cloze, text="{{c1::o}} {{c2::t}}", reverse=False)
        else:
            known = [id for id, entry in self.ledger.items() if entry.retired]
            if not known:
                return
            slipped.retired = [id for id in self.lesson.retired if id != known[0]]
            items[place] = replace(item, id=known[0])
        slipped.sections = [replace(one, items=items) if one is section else one for one in self.lesson.sections]
        code = {"renamed": "id-gone", "gone": "id-gone", "another kind": "note-type"}.get(how, "retired-reused")
        self._write(slipped)
        found = self._build()
        assert found["ok"] is False
        assert code in {problem["code"] for problem in found["problems"]}
        assert (self.author.ledger.read_bytes() if before else b"") == before
        LIVED["slips refused"] += 1

    # The author publishes.

    def _write(self, lesson: Lesson) -> None:
        self.author.write(lesson.text())
        (self.author.folder / "media" / "p.png").write_bytes(lesson.picture)

    def _build(self, *arguments: str) -> dict[str, Any]:
        self.author.now = self.now + self.clock_is_off_by
        package = str(self.folder / "built.apkg")
        return self.author.json("build", str(self.author.source), "-o", package, *arguments)

    @rule()
    def publish(self) -> None:
        """Build the next edition."""
        self._publish()

    def _publish(self, *arguments: str) -> None:
        self._later()
        self._write(self.lesson)
        found = self._build(*arguments)
        assert found["ok"], found["problems"]
        self._settle(found)
        package = self.folder / f"{len(self.editions)}.apkg"
        (self.folder / "built.apkg").rename(package)
        dated = {id: Dated(known.content, known.mod) for id, known in self.ledger.items() if not known.retired}
        self.editions.append(Edition(package, {id: dated[id] for id in self.lesson.expected()}))
        LIVED["editions"] += 1

    def _settle(self, found: dict[str, Any]) -> None:
        """Update the reference ledger, and compare what the command said with it."""
        contents, now = self.lesson.expected(), self.now + self.clock_is_off_by
        new = [id for id in contents if id not in self.ledger]
        changed = [id for id in contents if id in self.ledger and not _same(self.ledger[id].content, contents[id])]
        moved = [id for id in contents if id in self.ledger and self.ledger[id].content.deck != contents[id].deck]
        retired = [id for id in self.lesson.retired if id in self.ledger and not self.ledger[id].retired]
        unchanged = len(contents) - len(new) - len(changed)
        said = (found["new"], found["changed"], found["moved"], found["retired"], found["unchanged"])
        assert said == (new, changed, moved, sorted(retired), unchanged)
        for id in retired:
            self.ledger[id] = replace(self.ledger[id], retired=True)
        for id, content in contents.items():
            # A note that comes back after it was forgotten may not be dated before it was.
            mod = max(now, self.forgotten + 1) if id in new else self.ledger[id].mod
            self.ledger[id] = Known(content, max(now, mod + 1) if id in changed else mod)
        entries = self.author.ledger_lines()
        assert {id: entry["mod"] for id, entry in entries.items()} == {id: one.mod for id, one in self.ledger.items()}
        assert len({entry["added"] for entry in entries.values()}) == len(entries)

    @rule(number=_NUMBER)
    def forget_draft(self, number: int) -> None:
        """Build a draft with one more note that nobody gets, and forget its id again."""
        section = self.lesson.sections[0]
        section.items.append(self._item(number, cloze=False))
        self._later()
        self._write(self.lesson)
        self._settle(self._build())
        id = section.items.pop().id
        self.forgotten = max(self.forgotten, self.ledger.pop(id).mod)
        self._publish("--forget", id)

    @rule()
    def build_again(self) -> None:
        """Build the last edition once more, later: the bytes are the same."""
        source, ledger = self.author.source.read_bytes(), self.author.ledger
        if not ledger.exists() or source != self.lesson.text().encode() or not self._is_published():
            return
        before = ledger.read_bytes()
        if b"\r" in before or self._build("--frozen")["ok"] is False:
            return
        assert (self.folder / "built.apkg").read_bytes() == self.editions[-1].package.read_bytes()
        assert ledger.read_bytes() == before

    def _is_published(self) -> bool:
        known = {id: one.content for id, one in self.ledger.items() if not one.retired}
        return known == self.lesson.expected()

    # The learner takes what there is.

    @rule(skip=st.integers(0, 5), merge=st.booleans())
    def take(self, skip: int, merge: bool) -> None:
        """Import the newest edition or an old one, with "merge note types" or without."""
        self._take(skip, merge=merge)

    @rule(merge=st.booleans())
    def next_edition(self, merge: bool) -> None:
        """Publish an edition, which the learner imports at once."""
        self._publish()
        self._take(merge=merge)

    @rule(ratings=st.lists(_RATINGS, min_size=3, max_size=9), merge=st.booleans())
    def next_year(self, ratings: "list[CardAnswer.Rating.V]", merge: bool) -> None:
        """Review a while, then take the next edition."""
        self.sleep(3, ratings)
        self.next_edition(merge)

    def _take(self, skip: int = 0, *, merge: bool = False) -> None:
        self._later()
        number = max(0, len(self.editions) - 1 - skip)
        edition = self.editions[number]
        # What Anki finds amiss in what learners do (a due date set by hand, say) is no import's doing.
        self.learner.complaints()
        before = snapshot(self.learner)
        arrived = self.learner.take(edition.package, merge_notetypes=merge)
        it = Import(
            edition=edition,
            before=before,
            after=snapshot(self.learner),
            arrived=arrived,
            predicted=predict(before, edition),
            last=self.last,
            edited=self.edited,
            is_newest=number >= self.newest_taken,
            ledger_was_lost=self.ledger_lost_at > -1,
            complaints=self.learner.complaints(),
        )
        LIVED["imports"] += 1
        tell(f"took edition {number}: {arrived}")
        for invariant in INVARIANTS:
            assert invariant(it), _broken(invariant, it)
        for id, dated in edition.notes.items():
            if number >= self.newest_taken or id not in self.last:
                self.last[id] = dated
        self.newest_taken = max(number, self.newest_taken)

    # The learner learns, and does what learners do.

    @rule(ratings=st.lists(_RATINGS, min_size=1, max_size=8))
    def review(self, ratings: "list[CardAnswer.Rating.V]") -> None:
        """Review what the scheduler brings."""
        if self.last:
            for rating in ratings:
                LIVED["reviews"] += len(self.learner.review(1, rating))
            self._look()

    @rule(days=st.integers(1, 4), ratings=st.lists(_RATINGS, min_size=1, max_size=4))
    def sleep(self, days: int, ratings: "list[CardAnswer.Rating.V]") -> None:
        """Come back days later, and review."""
        self._later(days * DAY)
        self.learner.sleep(days)
        self.review(ratings)

    def _look(self) -> None:
        """Give what the learner just did a date of this history; Anki took it from the clock."""
        self.learner.date_edits(self.now)

    def _some(self, number: int) -> str | None:
        """Return the id of some note the learner has."""
        ids = self.learner.ids()
        return ids[number % len(ids)] if ids else None

    @precondition(lambda self: self.last)
    @rule(number=_NUMBER, key=st.sampled_from(["first", "Why", "Extra"]))
    def edit(self, number: int, key: str) -> None:
        """Edit a field."""
        self._later()
        if id := self._some(number):
            note = self.learner.note(id)
            name = note.keys()[0] if key == "first" else key
            text = note[name] + f" mine {number}" if key == "first" else f"mine {number}"
            self.learner.edit(id, name, text, at=self.now)
            self.edited[id] = self.now

    @precondition(lambda self: self.last)
    @rule(number=_NUMBER, tag=st.sampled_from(["mine", "hard", "deep"]))
    def tag(self, number: int, tag: str) -> None:
        """Add a tag."""
        self._later()
        if id := self._some(number):
            self.learner.tag(id, tag, at=self.now)
            self.edited[id] = self.now

    @precondition(lambda self: self.last)
    @rule(number=_NUMBER, what=st.sampled_from(["suspend", "bury", "flag", "forget", "due", "move", "unsuspend"]))
    def handle(self, number: int, what: str) -> None:
        """Suspend, bury, flag, reset, reschedule or move the cards of a note."""
        if id := self._some(number):
            self.learner.handle(id, what)
            self._look()

    @precondition(lambda self: self.last)
    @rule(number=_NUMBER)
    def delete(self, number: int) -> None:
        """Delete a note."""
        if id := self._some(number):
            self.learner.collection.remove_notes([self.learner.note(id).id])
            self.last.pop(id, None)
            self.edited.pop(id, None)

    @precondition(lambda self: self.last)
    @rule(number=_NUMBER)
    def rename_deck(self, number: int) -> None:
        """Rename a deck."""
        names = self.learner.deck_names()
        self.learner.rename_deck(names[number % len(names)], f"My deck {number % 5}")

    @precondition(lambda self: self.last)
    @rule()
    def cram(self) -> None:
        """Gather cards in a filtered deck."""
        self.learner.cram()


def _same(one: Content, other: Content) -> bool:
    """Return True if two contents are the same to the learner: the deck is no content, but the section's title is."""
    return replace(one, deck="", ords=()) == replace(other, deck="", ords=())


def _broken(invariant: Callable[[Import], bool], it: Import) -> str:
    """Say what broke an invariant."""
    lines = [str(invariant.__doc__), f"arrived {it.arrived}, predicted {it.predicted.arrived}"]
    for id in sorted(it.after.notes.keys() | it.predicted.notes.keys()):
        got, wanted = it.after.notes.get(id), it.predicted.notes.get(id)
        if got != wanted:
            lines.append(f"{id}: was {it.before.notes.get(id)}\n  is {got}\n  not {wanted}")
    lines += [f"card {card}" for card in sorted(it.after.cards.items() ^ it.predicted.cards.items())]
    before, after = it.before.learning.scheduling, it.after.learning.scheduling
    lines += [
        f"card {card}: was {state}\n  is {after.get(card)}"
        for card, state in before.items()
        if after.get(card) != state
    ]
    return "\n".join([*lines, it.complaints])
