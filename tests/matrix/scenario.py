"""Three editions and a learner between them, in whatever Anki this Python has. Depends on `anki` alone.

    python scenario.py FOLDER

FOLDER holds 1.apkg, 2.apkg, 3.apkg and editions.json, which says when each was built and what it changes. Prints one
line; where something is not as promised, what it is, and exits with 1.
"""
# ruff: noqa: T201 (a command, which prints)
# mypy: ignore-errors

import json
import os
import sys
import tempfile
import time
from typing import Any

import anki.collection
from anki.collection import Collection
from anki.notes import Note

# Since then an update leaves a note with the date of the edition; before, with that of the import.
KEEPS_DATES = (25, 2)


def version() -> tuple[int, ...]:
    """Return Anki's version as numbers: 2.1.54 and 24.11 are (2, 1, 54) and (24, 11)."""
    from anki.buildinfo import version as text

    return tuple(int(part) for part in text.split("."))


class Learner:
    """A collection, and what a person does to it, in words that every Anki knows."""

    def __init__(self, folder: str) -> None:
        self.collection = Collection(os.path.join(folder, "collection.anki2"))
        if not self.collection.v3_scheduler():  # what older ones begin with
            if self.collection.sched_ver() == 1:
                self.collection.upgrade_to_v2_scheduler()
            self.collection.set_v3_scheduler(True)

    def take(self, package: str) -> list[int]:
        """Import a package as people do; return how many notes were new, updated, unchanged, refused."""
        request: Any = package
        if hasattr(anki.collection, "ImportAnkiPackageOptions"):
            options = anki.collection.ImportAnkiPackageOptions()
            request = anki.collection.ImportAnkiPackageRequest(package_path=package, options=options)
        elif hasattr(anki.collection, "ImportAnkiPackageRequest"):  # 23.10
            request = anki.collection.ImportAnkiPackageRequest(package_path=package)
        log = self.collection.import_anki_package(request).log
        return [len(log.new), len(log.updated), len(log.duplicate), len(log.conflicting)]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return [tuple(row) for row in self.collection.db.all(query)]

    def note(self, id: str) -> Note:
        """Return the note of an id."""
        (note,) = self.collection.find_notes(f'"Id:{id}"')
        return self.collection.get_note(note)

    def review(self, count: int) -> None:
        """Review as many cards with "Good"."""
        self.collection.decks.select(self.collection.decks.id_for_name("Geography"))
        for _ in range(count):
            self.collection.sched.answerCard(self.collection.sched.getCard(), 3)

    def edit(self, id: str, name: str, text: str) -> None:
        """Edit a field."""
        note = self.note(id)
        note[name] = text
        self.collection.update_note(note)

    def tag(self, id: str, tag: str) -> None:
        """Add a tag."""
        note = self.note(id)
        note.tags.append(tag)
        self.collection.update_note(note)

    def cards(self) -> dict[tuple[int, int], tuple[Any, ...]]:
        """Return the state of each card, by note and number."""
        query = (
            "select nid, ord, id, did, type, queue, due, ivl, factor, reps, lapses, left, odue, odid, flags from cards"
        )
        return {row[:2]: row for row in self.rows(query)}

    def reviews(self) -> list[tuple[Any, ...]]:
        """Return the review log."""
        return self.rows("select * from revlog order by id")

    def medium(self, html: str) -> bytes:
        """Return the bytes of the one file a field names."""
        start = html.index('src="') + 5
        with open(os.path.join(self.collection.media.dir(), html[start : html.index('"', start)]), "rb") as stream:
            return stream.read()

    def date_back(self, since: int, to: int) -> int:
        """Give what was changed since a time the date it has in this story; return how many notes that were."""
        changed = self.collection.db.scalar("select count() from notes where mod >= ?", since)
        self.collection.db.execute("update notes set mod = ? where mod >= ?", to, since)
        return int(changed)


def live(folder: str, home: str, faults: list[str]) -> None:
    """Live through the editions; report what is not as promised."""
    learner = Learner(home)
    with open(os.path.join(folder, "editions.json"), encoding="utf-8") as stream:
        editions = json.load(stream)
    started = int(time.time())

    def expect(what: str, got: object, wanted: object) -> None:
        if got != wanted:
            faults.append(f"{what}: {got!r}, not {wanted!r}")

    for number, edition in enumerate(editions, 1):
        # Of two reviews in one millisecond Anki dates the second anew, and may complain of it: no import's doing.
        learner.collection.fix_integrity()
        cards, reviews = learner.cards(), learner.reviews()
        package = os.path.join(folder, f"{number}.apkg")
        expect(f"edition {number}", learner.take(package), edition["arrived"])
        # The import is an hour after the build, as in life; here all of it is done in a second.
        dated_by_import = 0 if number == 1 or version() >= KEEPS_DATES else edition["arrived"][1]
        expect("dated by the import", learner.date_back(started, edition["built"] + 3600), dated_by_import)
        # A package leaves both to Anki: by them it sorts notes and finds duplicates.
        unfit = learner.rows("select id from notes where sfld = '' or csum = 0")
        expect("notes without a sort field or checksum", unfit, [])
        now = learner.cards()
        expect("cards", {key: now.get(key) for key in cards}, cards)
        expect("reviews", learner.reviews(), reviews)
        for id, fields in edition["fields"].items():
            for name, text in fields.items():
                expect(f"{name} of {id} in edition {number}", learner.note(id)[name], text)
        expect("the picture", learner.medium(learner.note("map")["Question"]).decode("latin-1"), edition["picture"])
        expect(f"edition {number} again", learner.take(package), [0, 0, edition["notes"], 0])
        if number == 1:
            learner.edit("shores", "Answer", "The one of the eels")
            learner.tag("dead", "mine")
        else:
            expect("the edit", learner.note("shores")["Answer"], "The one of the eels")
            expect("the tag", "mine" in learner.note("dead").tags, True)
            expect("the first edition again", learner.take(os.path.join(folder, "1.apkg"))[:2], [0, 0])
        kinds = [entry.name for entry in learner.collection.models.all_names_and_ids() if "gen2anki" in entry.name]
        expect("note types", sorted(kinds), ["gen2anki Card", "gen2anki Cloze"])
        expect("integrity", learner.collection.fix_integrity()[1], True)
        learner.review(3)
        learner.date_back(started, edition["built"] + 7200)
        expect(f"reviews after edition {number}", len(learner.reviews()), 3 * number)
    learner.collection.close()


def main() -> None:
    """Live through it and tell."""
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as home:
        live(sys.argv[1], home, faults)
    by_import = "" if version() >= KEEPS_DATES else " (it dates an update by the import)"
    print(f"Anki {'.'.join(map(str, version()))}: {'; '.join(faults) or f'all as promised{by_import}'}")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
