"""A learner: a collection of real Anki, with what a person does to it between two editions."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anki.collection  # noqa: F401 (Anki's modules import each other: this one must come first)
from anki.cards import Card
from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest
from anki.decks import DeckId
from anki.notes import Note
from anki.scheduler.v3 import CardAnswer, Scheduler

# Whatever is dated later was done in this run.
_STARTED = int(time.time()) - 1

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
    """How many notes arrived with an import, as Anki says. `unchanged` is Anki's "duplicate"."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    conflicting: int = 0


@dataclass(frozen=True)
class Learning:
    """What learning has made in a collection: the state of each card, by note and template, and the review log."""

    scheduling: dict[tuple[int, int], tuple[Any, ...]]
    reviews: list[Any]

    def of(self, earlier: "Learning") -> "Learning":
        """Return the part that concerns the cards of an earlier state."""
        return Learning(
            {card: state for card, state in self.scheduling.items() if card in earlier.scheduling}, self.reviews
        )


class Learner:
    """One learner's collection. Notes are named by their ids in the source."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.collection = Collection(str(file))

    def close(self) -> None:
        """Close the collection."""
        self.collection.close()

    def take(self, package: Path, *, merge_notetypes: bool = False) -> Arrived:
        """Import a package with Anki's default options, except for `merge_notetypes`."""
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
        return {row[0]: tuple(row[1:]) for row in self.rows("select guid, flds, tags, mod, mid from notes")}

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
            self._execute("update notes set mod = ? where id = ?", at, note_id)

    def rows(self, query: str) -> list[Any]:
        """Return what a query of the database finds."""
        return self.collection.db.all(query)  # type: ignore[union-attr]

    def review(self, count: int, rating: "CardAnswer.Rating.V" = CardAnswer.GOOD, deck: str | None = None) -> list[int]:
        """Review cards as the scheduler brings them, those of `deck` (the first there is) and below; return their ids."""
        chosen = self.collection.decks.id_for_name(deck or self.deck_names()[0])
        assert chosen is not None
        self.collection.decks.select(chosen)
        scheduler = self.collection.sched
        assert isinstance(scheduler, Scheduler)
        seen: list[int] = []
        for _ in range(count):
            queue = scheduler.get_queued_cards()
            if not queue.cards:
                break
            card = Card(self.collection, backend_card=queue.cards[0].card)
            card.start_timer()
            answer = scheduler.build_answer(card=card, states=queue.cards[0].states, rating=rating)
            # Two reviews in one millisecond Anki dates apart, in the log but not on the card, and may complain of later.
            ((last,),) = self.rows("select coalesce(max(id), 0) from revlog")
            answer.answered_at_millis = max(answer.answered_at_millis, last + 1)
            scheduler.answer_card(answer)
            seen.append(card.id)
        return seen

    def sleep(self, days: int) -> None:
        """Let days go by: every date in the collection, in days or seconds, becomes so much older."""
        self._execute("update col set crt = crt - ?", days * 86_400)
        self._execute("update cards set due = due - ? where queue = 1", days * 86_400)
        self.collection.close()
        self.collection.reopen()

    def date_edits(self, at: int) -> None:
        """Give the notes that were changed just now, as the clock says, the date `at` instead."""
        self._execute("update notes set mod = ? where mod > ?", at, _STARTED)

    def _execute(self, query: str, *values: int) -> None:
        self.collection.db.execute(query, *values)  # type: ignore[union-attr]

    def ids(self) -> list[str]:
        """Return the ids of all notes, as they stand in the source."""
        return sorted(fields.rpartition("\x1f")[2] for (fields,) in self.rows("select flds from notes"))

    def change_notetype(self, change: str) -> None:
        """Add a field or template to "gen2anki Card", take one out, or edit its first template."""
        models = self.collection.models
        model = models.by_name("gen2anki Card")
        assert model is not None
        if change == "a field more":
            models.add_field(model, models.new_field("Mine"))
        elif change == "a field less":
            models.remove_field(model, next(field for field in model["flds"] if field["name"] == "Notice"))
        elif change == "a template more":
            template = models.new_template("Mine")
            template["qfmt"] = "{{Why}}"
            models.add_template(model, template)
        elif change == "a template less":
            models.remove_template(model, model["tmpls"][1])
        else:
            model["tmpls"][0]["qfmt"] += "mine"
        models.update_dict(model)

    def remove_empty_cards(self) -> int:
        """Remove the cards that Tools > Empty Cards finds; return how many they were."""
        cards = [card for note in self.collection.get_empty_cards().notes for card in note.card_ids]
        self.collection.remove_cards_and_orphaned_notes(cards)
        return len(cards)

    def rename_deck(self, name: str, other: str) -> None:
        """Rename a deck."""
        deck = self.collection.decks.id_for_name(name)
        assert deck is not None
        self.collection.decks.rename(deck, other)

    def handle(self, id: str, what: str) -> None:
        """Do something with the cards of a note that Anki's browser can do."""
        cards = [card.id for card in self.note(id).cards()]
        schedule = self.collection.sched
        if what == "suspend":
            schedule.suspend_cards(cards)
        elif what == "unsuspend":
            schedule.unsuspend_cards(cards)
        elif what == "bury":
            schedule.bury_cards(cards)
        elif what == "flag":
            self.collection.set_user_flag_for_cards(3, cards)
        elif what == "forget":
            schedule.schedule_cards_as_new(cards)
        elif what == "due":
            schedule.set_due_date(cards, "0-3")
        elif what == "move":
            deck = self.collection.decks.id("My own deck")
            assert deck is not None
            self.collection.set_deck(cards, deck)

    def cram(self) -> None:
        """Gather cards in a filtered deck."""
        deck = self.collection.sched.get_or_create_filtered_deck(DeckId(0))
        del deck.config.search_terms[1:]
        deck.config.search_terms[0].search = "deck:*"
        deck.config.search_terms[0].limit = 3
        deck.allow_empty = True
        self.collection.sched.add_or_update_filtered_deck(deck)

    def scheduling(self) -> dict[tuple[int, int], tuple[Any, ...]]:
        """Return what learning has made of each card, by note and template. No import may change it."""
        rows = self.rows(
            "select nid, ord, id, did, type, queue, due, ivl, factor, reps, lapses, left, odue, odid, flags, data from cards"
        )
        return {(row[0], row[1]): tuple(row[2:]) for row in rows}

    def reviews(self) -> list[Any]:
        """Return the review log."""
        return self.rows("select id, cid, ease, ivl, lastIvl, factor, time, type from revlog order by id")

    def learning(self) -> Learning:
        """Return what learning has made in the collection."""
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
        return str(name)

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
        """Return the names of all decks except the default one."""
        return [deck.name for deck in self.collection.decks.all_names_and_ids(include_filtered=False) if deck.id != 1]

    def settings(self) -> dict[str, Any]:
        """Return what no import may change: the collection's settings, its presets and the default deck."""
        config = {key: value for key, value in self.collection.all_config().items() if key not in _MOVES}
        return {
            "config": config,
            "presets": self.collection.decks.all_config(),
            "default": self.collection.decks.get(DeckId(1)),
        }

    def notetype_names(self) -> list[str]:
        """Return the names of gen2anki's note types, and of any copy Anki made of them."""
        names: Iterable[str] = (entry.name for entry in self.collection.models.all_names_and_ids())
        return sorted(name for name in names if name.startswith("gen2anki"))

    def complaints(self) -> str:
        """Return what Anki's own integrity check complains of; empty where it finds nothing."""
        message, ok = self.collection.fix_integrity()
        return "" if ok and message == "Database rebuilt and optimized." else message

    def is_sound(self) -> bool:
        """Return True if Anki's own integrity check finds nothing."""
        return not self.complaints()
