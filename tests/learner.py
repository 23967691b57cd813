"""A learner: a collection of real Anki, with what a person does to it between two editions."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anki.collection  # noqa: F401 (Anki's modules import each other: this one must come first)
from anki.cards import Card
from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest
from anki.notes import Note
from anki.scheduler.v3 import CardAnswer


# What any import writes: the last note type used, the place of the next new card, the options of the import and, as
# any look at the day, the hour at which one begins (4, which it was anyway).
_MOVES = {
    "curModel",
    "nextPos",
    "rollover",
    "mergeNotetypes",
    "updateNotes",
    "updateNotetypes",
    "withDeckConfigs",
    "withScheduling",
}


@dataclass(frozen=True)
class Arrived:
    """What Anki says arrived of an import, in notes. `unchanged` is Anki's "duplicate"."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    conflicting: int = 0


@dataclass(frozen=True)
class Learning:
    """All that learning has made in a collection: the state of each card, by note and template, and the review log."""

    scheduling: dict[tuple[int, int], tuple[Any, ...]]
    reviews: list[Any]

    def of(self, earlier: "Learning") -> "Learning":
        """Return what this says of the cards that there were earlier."""
        return Learning({card: state for card, state in self.scheduling.items() if card in earlier.scheduling}, self.reviews)


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

    def texts(self) -> dict[str, tuple[Any, ...]]:
        """Return fields, tags and `mod` of every note by its guid."""
        return {row[0]: tuple(row[1:]) for row in self._all("select guid, flds, tags, mod, mid from notes")}

    def edit(self, id: str, name: str, text: str, *, at: int | None = None) -> None:
        """Change a field, as in Anki's editor, `at` a time (epoch seconds) or now."""
        note = self.note(id)
        note[name] = text
        self.collection.update_note(note)
        self._date(note.id, at)

    def tag(self, id: str, tag: str, *, at: int | None = None) -> None:
        """Add a tag, `at` a time (epoch seconds) or now."""
        note = self.note(id)
        note.tags.append(tag)
        self.collection.update_note(note)
        self._date(note.id, at)

    def _date(self, note_id: int, at: int | None) -> None:
        # Anki dates what is edited by the clock; a test lives through months in a second.
        if at is not None:
            self.collection.db.execute("update notes set mod = ? where id = ?", at, note_id)  # type: ignore[union-attr]

    def _all(self, query: str) -> list[Any]:
        return self.collection.db.all(query)  # type: ignore[union-attr]

    def review(self, count: int, rating: "CardAnswer.Rating.V" = CardAnswer.GOOD, deck: str | None = None) -> list[int]:
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
        rows = self._all(
            "select nid, ord, id, did, type, queue, due, ivl, factor, reps, lapses, left, odue, odid, flags, data from cards"
        )
        return {(row[0], row[1]): tuple(row[2:]) for row in rows}

    def reviews(self) -> list[Any]:
        """Return the review log."""
        return self._all("select * from revlog order by id")

    def learning(self) -> Learning:
        """Return all that learning has made."""
        return Learning(self.scheduling(), self.reviews())

    def new_cards(self, deck: str) -> list[tuple[str, int]]:
        """Return id and template number of a deck's new cards, in the order in which they will be shown."""
        cards = map(self.collection.get_card, self.collection.find_cards(f'deck:"{deck}" is:new', order="c.due, c.ord"))
        return [(card.note()["Id"], card.ord) for card in cards]

    def media(self) -> list[str]:
        """Return the names of all media files."""
        return sorted(file.name for file in Path(self.collection.media.dir()).iterdir())

    def medium_name(self, html: str) -> str:
        """Return the name of the one media file that a field names."""
        model = self.collection.models.by_name("gen2anki Card")
        assert model is not None
        (name,) = self.collection.media.files_in_str(model["id"], html)
        return name

    def medium(self, html: str) -> bytes:
        """Return the bytes of the one media file that a field names."""
        return (Path(self.collection.media.dir()) / self.medium_name(html)).read_bytes()

    def deck_description(self, name: str) -> str:
        """Return a deck's description."""
        deck = self.collection.decks.by_name(name)
        assert deck is not None
        return str(deck["desc"])

    def schema_stamp(self) -> int:
        """Return when the collection last changed so that only a full sync will do (epoch ms)."""
        return int(self.collection.db.scalar("select scm from col"))  # type: ignore[union-attr]

    def deck_names(self) -> list[str]:
        """Return the names of all decks but the default one."""
        return [deck.name for deck in self.collection.decks.all_names_and_ids(include_filtered=False) if deck.id != 1]

    def settings(self) -> dict[str, Any]:
        """Return what a deck must leave alone: the collection's settings, its presets and the default deck."""
        config = {key: value for key, value in self.collection.all_config().items() if key not in _MOVES}
        return {"config": config, "presets": self.collection.decks.all_config(), "default": self.collection.decks.get(1)}

    def notetype_names(self) -> list[str]:
        """Return the names of gen2anki's note types, and of any copy Anki made of them."""
        names: Iterable[str] = (entry.name for entry in self.collection.models.all_names_and_ids())
        return sorted(name for name in names if name.startswith("gen2anki"))

    def is_sound(self) -> bool:
        """Say whether Anki's own integrity check finds nothing."""
        message, ok = self.collection.fix_integrity()
        return ok and message == "Database rebuilt and optimized."
