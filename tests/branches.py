"""Histories that fork and merge: two branches of one lesson, real git, real Anki, and learners of either branch.

Each branch is edited, built and published by itself. Then git merges them, the next build settles the ledger, and every
learner imports that edition on top of whatever they had.
"""

import os
import random
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from author import DAY, FIRST_BUILD, Author
from gen2anki.edition import ledger
from histories import Item, Lesson, Section, snapshot
from learner import Learner, Learning

# What was lived through.
MERGED: Counter[str] = Counter()
# What one branch writes the other may write too: then both made the same change.
_WORDS: Final = ("salt", "ice", "fog")
_IN_MEMORY: Final = "/dev/shm"  # noqa: S108 (folders of random names below it)
_GIT: Final = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_{what}": "x@y" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}


@dataclass(frozen=True)
class Published:
    """An edition: its package, and what it holds of each note: the item, the section it is in, its `mod`."""

    package: Path
    notes: dict[str, tuple[Item, str, int]]


@dataclass
class Person:
    """A learner of one branch, or of both: what each note was when it arrived, and when they edited it since."""

    learner: Learner
    follows: str
    had: dict[str, tuple[Item, str, int]] = field(default_factory=dict)
    edited: dict[str, int] = field(default_factory=dict)


class Fork:
    """One lesson with two branches, `a` and `b`, and three learners."""

    def __init__(self, chance: random.Random, folder: Path) -> None:
        """Publish the first edition, which all learners take."""
        self.chance = chance
        self.folder = folder
        self.now = FIRST_BUILD
        self.author = Author(folder / "lesson")
        self.author.folder.mkdir()
        self.editions: list[Published] = []
        self.clock = {"main": 0, "a": 0, "b": -chance.choice([0, 0, 3]) * DAY}
        # Each content of each note that any branch published, with its `mod`.
        self.dated: dict[str, set[tuple[Item, str, int]]] = {}
        self.people = [Person(Learner(folder / f"{name}.anki2"), name) for name in ("a", "b", "ab")]
        self.lessons = {"main": Lesson()}
        items = self.lessons["main"].sections[0].items
        items += [
            Item(f"n{number}", number == 2, "{{c1::one}} {{c2::two}}" if number == 2 else f"q{number}")
            for number in range(chance.randint(2, 5))
        ]
        self.lessons["main"].sections.append(Section("s", "Part", items=[Item("p", False, "q")]))
        self._git("init", "-q", "-b", "main")
        if chance.random() < 0.7:
            (self.author.folder / ".gitattributes").write_text("*.lock merge=union\n")
            self.is_union = True
        else:
            self._git("config", "merge.conflictStyle", chance.choice(["merge", "diff3", "zdiff3"]))
            self.is_union = False
        self._publish("main", "a", "b", "ab")

    def close(self) -> None:
        """Close the collections."""
        for person in self.people:
            person.learner.close()

    def live(self) -> None:
        """Fork and merge, once or twice; in the end, one more edition changes a note."""
        for round in range(self.chance.randint(1, 2)):
            base = self.lessons["main"]
            for branch in ("a", "b"):
                self._git("branch", "-f", branch, "main")
                self.lessons[branch] = deepcopy(base)
            for _ in range(self.chance.randint(2, 5)):
                self._go_on(self.chance.choice("ab"), round)
            self._merge(base)
        MERGED["histories"] += 1

    # One branch.

    def _go_on(self, branch: str, round: int) -> None:
        """Change the lesson on a branch, and publish it there; learners edit what they have."""
        self._git("switch", "-q", branch)
        for _ in range(self.chance.randint(0, 3)):
            self._change(self.lessons[branch], branch, round)
        followers = [
            person.follows for person in self.people if branch in person.follows and self.chance.random() < 0.8
        ]
        self._publish(branch, *followers)
        for person in self.people:
            if person.had and self.chance.random() < 0.5:
                self.now += 60
                id = self.chance.choice(sorted(person.had))
                person.learner.edit(id, "Why", f"mine {self.now}", at=self.now)
                person.edited[id] = self.now

    def _change(self, lesson: Lesson, branch: str, round: int) -> None:
        section = self.chance.choice(lesson.sections)
        word = self.chance.choice(_WORDS)
        what = self.chance.choice(["text", "text", "tags", "retire", "move", "new", "one new id", "deck"])
        if what == "new":
            text = "{{c1::new}} {{c2::q}}" if word == "ice" else "q"
            section.items.append(Item(f"{branch}{self.now}-{word}-{self.chance.getrandbits(30)}", word == "ice", text))
        elif what == "one new id":
            if f"both{round}" not in {*_items(lesson), *lesson.retired}:
                section.items.insert(0, Item(f"both{round}", False, word))
        elif what == "deck":
            lesson.name = f"World::{word}"
        elif section.items:
            self._change_note(lesson, section, word, what)

    def _change_note(self, lesson: Lesson, section: Section, word: str, what: str) -> None:
        place = self.chance.randrange(len(section.items))
        item = section.items[place]
        if what == "text":
            text = f"{{{{c1::{word}}}}} {{{{c2::two}}}}" if item.cloze else word
            section.items[place] = replace(item, text=text)
        elif what == "tags":
            section.items[place] = replace(item, tags=frozenset({word}))
        elif sum(len(one.items) for one in lesson.sections) > 2:
            section.items.pop(place)
            if what == "move":
                self.chance.choice(lesson.sections).items.append(item)
            elif item.id in ledger.read(self.author.ledger.read_bytes(), "").entries:
                lesson.retired.append(item.id)

    def _publish(self, branch: str, *followers: str) -> None:
        self.now += 3600
        lesson = self.lessons[branch]
        self.author.write(lesson.text())
        self.author.now = self.now + self.clock[branch]
        package = self.folder / f"{len(self.editions)}.apkg"
        found = self.author.json("build", str(self.author.source), "-o", str(package))
        assert found["ok"], found["problems"]
        assert self.author.json("build", str(self.author.source), "-o", str(self.folder / "again.apkg"), "--frozen")[
            "ok"
        ]
        self._git("add", "-A")
        self._git("commit", "-q", "--allow-empty", "-m", "x")
        entries = ledger.read(self.author.ledger.read_bytes(), "").entries
        assert len({entry.added for entry in entries.values()}) == len(entries)
        notes = {
            item.id: (item, section.title, entries[item.id].mod)
            for section in lesson.sections
            for item in section.items
        }
        for id, note in notes.items():
            self.dated.setdefault(id, set()).add(note)
        self.editions.append(Published(package, notes))
        MERGED["editions"] += 1
        for person in self.people:
            if person.follows in followers:
                self._take(person, self.editions[-1], is_merged=branch == "main")

    # The merge.

    def _merge(self, base: Lesson) -> None:
        """Let git merge the branches, and settle the lesson as an author would; all learners take the edition."""
        self._git("switch", "-q", "main")
        self._git("merge", "-q", "--ff-only", "a")
        done = self._git("merge", "--no-commit", "--no-ff", "b", is_checked=False)
        stopped = self._git("diff", "--name-only", "--diff-filter=U").split()
        assert not self.is_union or "cards.lock" not in stopped, done
        MERGED["stopped at the ledger"] += "cards.lock" in stopped
        self.lessons["main"] = self._both(base)
        before = self.author.ledger.read_bytes()
        MERGED["ledgers with two headers"] += before.count(b'"gen2anki"') > 1
        MERGED["ledgers with conflict marks"] += b"<<<<<<<" in before
        self._publish("main", "a", "b", "ab")
        MERGED["merges"] += 1

    def _both(self, base: Lesson) -> Lesson:
        """Return the merged lesson. Where both branches changed a note, either is right, or a third text."""
        ours, theirs = self.lessons["a"], self.lessons["b"]
        was, one, other = map(_items, (base, ours, theirs))
        merged = Lesson(sections=[Section("", "Flashcards"), Section("s", "Part")])
        merged.name = theirs.name if theirs.name != base.name else ours.name
        merged.retired = [*dict.fromkeys(ours.retired + theirs.retired)]
        for id in dict.fromkeys([*one, *other]):
            if id in merged.retired:
                if id in one and id in other:
                    continue
                if (one.get(id) or other.get(id)) in (None, was.get(id)) or self.chance.random() < 0.5:
                    continue
                merged.retired.remove(id)  # the author of the merge keeps the note that a branch withdrew
            left, right = one.get(id), other.get(id)
            chosen = left or right
            if left and right and left != right:
                chosen = (
                    right
                    if left == was.get(id)
                    else left
                    if right == was.get(id)
                    else self.chance.choice([left, right])
                )
                if was.get(id) not in (left, right) and self.chance.random() < 0.3:
                    item, title = chosen
                    chosen = replace(item, why="of both"), title
            assert chosen
            item, title = chosen
            merged.sections[title == "Part"].items.append(item)
        return merged

    # Learners.

    def _take(self, person: Person, edition: Published, *, is_merged: bool) -> None:
        """Import an edition; a merged one must bring everything, and take nothing."""
        learner = person.learner
        if person.had:
            learner.review(1)
        learner.date_edits(self.now)
        before = snapshot(learner)
        learner.take(edition.package)
        after = snapshot(learner)
        MERGED["imports"] += 1
        assert not after.doubled
        assert after.learning.of(before.learning) == before.learning
        assert _unlost(before.learning, after.learning)
        for id, note in edition.notes.items():
            if is_merged:
                self._judge(person, id, note, before.notes.get(id), after.notes[id])
            if id not in before.notes or after.notes[id].mod != before.notes[id].mod:
                person.had[id] = note
                person.edited.pop(id, None)
        assert not is_merged or not learner.complaints()

    def _judge(self, person: Person, id: str, note: tuple[Item, str, int], before: object, after: object) -> None:
        item, title, _ = note
        has_it = _is_shown(after, item, title)
        edited, had = person.edited.get(id), person.had.get(id)
        if edited is None or had is None:
            MERGED["notes that must arrive"] += 1
            assert has_it, (person.follows, id, note, before, after)
        elif had[:2] == (item, title):
            others = [mod for one, where, mod in self.dated[id] if (one, where) != (item, title)]
            if all(mod < had[2] for mod in others):
                MERGED["edits that must stay"] += 1
                assert after == before, (person.follows, id, note, before, after)
        elif edited < min(mod for one, where, mod in self.dated[id] if (one, where) == (item, title)):
            MERGED["corrections of edited notes"] += 1
            assert has_it, (person.follows, id, note, before, after)

    def _git(self, *arguments: str, is_checked: bool = True) -> str:
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.author.folder,
            env={**os.environ, **_GIT},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0 or not is_checked, (arguments, done.stdout, done.stderr)
        return done.stdout + (done.stderr if done.returncode else "")


def _items(lesson: Lesson) -> dict[str, tuple[Item, str]]:
    return {item.id: (item, section.title) for section in lesson.sections for item in section.items}


def _is_shown(stored: object, item: Item, title: str) -> bool:
    fields = stored.fields  # type: ignore[attr-defined]
    tags = stored.tags  # type: ignore[attr-defined]
    return fields[0] == item.text and item.why in fields and title in fields and tags == item.tags | {"sea"}


def _unlost(before: Learning, after: Learning) -> bool:
    return before.scheduling.keys() <= after.scheduling.keys() and len(before.reviews) == len(after.reviews)


def live(seed: int) -> None:
    """Live through one history; the same seed gives the same."""
    folder = Path(tempfile.mkdtemp(prefix="fork-", dir=_IN_MEMORY if os.access(_IN_MEMORY, os.W_OK) else None))
    fork = None
    try:
        fork = Fork(random.Random(seed), folder)  # noqa: S311 (no secret)
        fork.live()
    finally:
        if fork:
            fork.close()
        shutil.rmtree(folder, ignore_errors=True)


def live_all(seeds: Iterable[int]) -> Counter[str]:
    """Live through many histories; return what was lived through."""
    MERGED.clear()
    for seed in seeds:
        try:
            live(seed)
        except AssertionError as error:
            error.add_note(f"history {seed}")
            raise
    return Counter(MERGED)
