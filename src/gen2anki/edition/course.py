"""Several lessons side by side: what is wrong with them together, though each alone is right."""

import unicodedata
from collections.abc import Callable, Collection, Iterator

from gen2anki.anki.names import deck_key, tag_key
from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.problem import Path, Problem
from gen2anki.edition.pipeline import Edition

# Makes a problem at a path of the source that is looked at.
_Place = Callable[[Path, str, Code], Problem]


class Course:
    """The lessons seen so far. Learners who have several get all of them into one collection."""

    def __init__(self) -> None:
        """Begin without a lesson."""
        # By what Anki compares: the source that has it, and how it is spelled there.
        self._deck_ids: dict[str, str] = {}
        self._decks: dict[str, tuple[str, str]] = {}
        self._tags: dict[str, tuple[str, str]] = {}
        self._numbers: set[int] = set()

    @property
    def numbers(self) -> Collection[int]:
        """Return the numbers that the notes of all lessons so far have in Anki."""
        return self._numbers

    def add(self, source: str, edition: Edition, place: _Place) -> Iterator[Problem]:
        """Take a lesson, and yield what is wrong with it beside those before."""
        other = self._deck_ids.setdefault(edition.deck_id, source)
        if other != source:
            text = (
                f"{other} has the deck id '{edition.deck_id}' too: learners would get the notes of one in place of the other's;"
                " give one of them another id"
            )
            yield place(("deck", "id"), text, Code.DUPLICATE_ID)
            return
        yield from self._shared_decks(source, edition, place)
        yield from self._spellings(source, edition, place)
        self._numbers.update(entry.added for entry in edition.ledger.entries.values())

    def _shared_decks(self, source: str, edition: Edition, place: _Place) -> Iterator[Problem]:
        """Yield a warning if a deck with cards has the name of another lesson's."""
        used = {note.deck for note in edition.notes}
        for number, deck in enumerate(edition.decks):
            if number not in used:
                continue
            other, name = self._decks.setdefault(deck_key(deck.name), (source, deck.name))
            if other != source:
                text = (
                    f"'{deck.name}' is a deck of {other} too ('{name}'): its cards and those of this lesson would be in one"
                    if name != deck.name
                    else f"'{deck.name}' is a deck of {other} too: its cards and those of this lesson would be in one"
                )
                yield place(("deck", "name"), text, Code.DECK_SHARED)
                return

    def _spellings(self, source: str, edition: Edition, place: _Place) -> Iterator[Problem]:
        """Yield a warning for each tag that another lesson spells otherwise."""
        for tag, path in edition.tags.items():
            parts = unicodedata.normalize("NFC", tag).split("::")
            for length, part in enumerate(parts, 1):
                key = tag_key("::".join(parts[:length]))
                other, spelled = self._tags.setdefault(key, (source, part))
                if spelled != part and other != source:
                    text = (
                        f"'{part}' and '{spelled}' (in {other}) are the same tag to Anki, which keeps the spelling that came"
                        " first: write both alike"
                    )
                    yield place(path, text, Code.TAG_CASE)
                    break
