"""A learner: a collection of real Anki, with what a person does to it between two editions."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anki.cards import Card
from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest
from anki.notes import Note
from anki.scheduler.v3 import CardAnswer


@dataclass(frozen=True)
class Arrived:
    """What Anki says arrived of an import, in notes. `unchanged` is Anki's "duplicate"."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    conflicting: int = 0


class Learner:
    """One learner's collection. Notes are named by their ids in the source."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.collection = Collection(str(file))

    def close(self) -> None:
        """Close the collection."""
        self.collection.close()

    def take(self, package: Path, *, merge_notetypes: bool = False) -> Arrived:
        """Import a package with the options as they are by default, but for `merge_notetypes`."""
        options = ImportAnkiPackageOptions(merge_notetypes=merge_notetypes)
        request = ImportAnkiPackageRequest(package_path=str(package), options=options)
        log = self.collection.import_anki_package(request).log
        counts = (len(log.new), len(log.updated), len(log.duplicate), len(log.conflicting))
        return Arrived(*counts)

    def note(self, id: str) -> Note:
        """Return the one note of an id."""
        (note_id,) = self.collection.find_notes(f'"Id:{id}"')
        return self.collection.get_note(note_id)

    def field(self, id: str, name: str) -> str:
        """Return a field as it is stored."""
        return self.note(id)[name]

    def edit(self, id: str, name: str, text: str) -> None:
        """Change a field, as in Anki's editor."""
        note = self.note(id)
        note[name] = text
        self.collection.update_note(note)

    def tag(self, id: str, tag: str) -> None:
        """Add a tag."""
        note = self.note(id)
        note.tags.append(tag)
        self.collection.update_note(note)

    def review(self, count: int, rating: CardAnswer.Rating.V = CardAnswer.GOOD, deck: str | None = None) -> list[int]:
        """Review cards as the scheduler brings them, those of `deck` and below; return their ids."""
        if deck is not None:
            self.collection.decks.select(self.collection.decks.id_for_name(deck))
        seen = []
        for _ in range(count):
            queue = self.collection.sched.get_queued_cards()
            if not queue.cards:
                break
            card = Card(self.collection, backend_card=queue.cards[0].card)
            card.start_timer()
            answer = self.collection.sched.build_answer(card=card, states=queue.cards[0].states, rating=rating)
            self.collection.sched.answer_card(answer)
            seen.append(card.id)
        return seen

    def scheduling(self) -> dict[tuple[int, int], tuple[Any, ...]]:
        """Return all of each card that learning has made, by note and template: nothing of it may an import change."""
        rows = self.collection.db.all(  # type: ignore[union-attr]
            "select nid, ord, id, did, type, queue, due, ivl, factor, reps, lapses, left, odue, odid, flags, data from cards"
        )
        return {(row[0], row[1]): tuple(row[2:]) for row in rows}

    def reviews(self) -> list[Any]:
        """Return the review log."""
        return self.collection.db.all("select * from revlog order by id")  # type: ignore[union-attr]

    def deck_names(self) -> list[str]:
        """Return the names of all decks but the default one."""
        return [deck.name for deck in self.collection.decks.all_names_and_ids(include_filtered=False) if deck.id != 1]

    def notetype_names(self) -> list[str]:
        """Return the names of gen2anki's note types, and of any copy Anki made of them."""
        names: Iterable[str] = (entry.name for entry in self.collection.models.all_names_and_ids())
        return sorted(name for name in names if name.startswith("gen2anki"))

    def is_sound(self) -> bool:
        """Say whether Anki's own integrity check finds nothing."""
        message, ok = self.collection.fix_integrity()
        return ok and message == "Database rebuilt and optimized."
