"""What an import did to a collection: the fate of each note of the edition, and what is no longer as it was."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Final

from gen2anki.anki import frozen, notetypes
from gen2anki.anki.names import deck_key, tag_keys
from gen2anki.anki.notetypes import NoteType
from gen2anki.edition.pipeline import Edition
from gen2anki.render.anki_fields import fields_of
from gen2anki.render.rendered import RenderedNote
from gen2anki.text.highlight import plain
from gen2anki.verify.engine import CollectionNote, CollectionState

_SHOWN: Final = re.compile(r"<(?:img|audio|video|svg|object)\b|\[sound:|\[anki:", re.IGNORECASE)
# How many characters of its first field name a note that has no id of ours.
_NAME: Final = 40
_TAG: Final = re.compile(r"<[^>]*>|&nbsp;")
# Anki's own search for duplicates keeps the names of these files.
_MEDIUM: Final = re.compile(
    r"""<(?:img|audio|video|object)\b[^>]*?\b(?:src|data)\s*=\s*["']?([^"'>]+)[^>]*>""", re.IGNORECASE
)

# The kinds of fates, in the order of the report, and what the report says of each.
KINDS: Final = {
    "new": "",
    "updated": "reviews and due dates stay",
    "unchanged": "",
    "kept": "edited, tagged or marked later in this collection (or of a later edition), and left as they are",
    "refused": "the edition's text does not arrive",
    "redated": "the same as before, but with a later date: what learners edited in them is overwritten",
    "duplicated": "beside an older note that asks the same",
    "left_behind": "not in this edition; they stay with those who have them",
    "lost": "not as they were before the import",
    "empty": "a card's front is empty",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of one note (or card, or review); `why` says more where the kind does not say it all."""

    id: str
    why: str = ""


class Fates:
    """Compares a collection before and after the import of an edition."""

    def __init__(
        self,
        edition: Edition,
        before: CollectionState,
        after: CollectionState,
        earlier: Sequence[Mapping[str, CollectionNote]],
        *,
        of_a_learner: bool,
    ) -> None:
        """Take the two states, and the notes after each earlier edition, by guid, as they were before anybody edited them.

        `of_a_learner` tells that the collection is a learner's own, in which notes may have been edited.
        """
        self._edition = edition
        self._before = before
        self._after = after
        self._earlier = earlier[-1] if earlier else {}
        self._states = earlier
        self._of_a_learner = of_a_learner
        self._by_guid = {frozen.guid(edition.deck_id, note.id): note for note in edition.notes}

    @property
    def new_decks(self) -> tuple[str, ...]:
        """Return the names of the decks that the import made."""
        return tuple(sorted({*self._after.decks.values()} - {*self._before.decks.values()}))

    @property
    def described(self) -> tuple[str, ...]:
        """Return the names of the decks that were there and have another description now."""
        after = self._after.descriptions
        return tuple(sorted(name for name, text in self._before.descriptions.items() if after.get(name, text) != text))

    @property
    def new_notetypes(self) -> tuple[str, ...]:
        """Return the names of the note types that the import made."""
        return tuple(sorted(self._after.notetypes - self._before.notetypes))

    def by_kind(self) -> dict[str, tuple[Fate, ...]]:
        """Return the fates by kind (see KINDS)."""
        fates: dict[str, list[Fate]] = {kind: [] for kind in KINDS}
        older = self._older_notes()
        for guid, note in self._by_guid.items():
            kind, why = self._fate(guid, note)
            fates[kind].append(Fate(id=note.id, why=why))
            twin = older.get((notetypes.of(is_cloze=note.is_cloze).id, _duplicate_key(note.question)))
            if kind == "new" and twin:
                fates["duplicated"].append(Fate(id=note.id, why=f"'{_name(twin)}' asks the same"))
        fates["left_behind"] = [Fate(id=_name(self._before.notes[guid])) for guid in self._left_behind()]
        fates["lost"] = list(self._lost())
        return {kind: tuple(found) for kind, found in fates.items()}

    def _fate(self, guid: str, note: RenderedNote) -> tuple[str, str]:
        """Return the kind of a note's fate, and why."""
        before, after = self._before.notes.get(guid), self._after.notes.get(guid)
        if after is None:
            return "refused", "Anki did not take it"
        if before is None:
            return "new", ""
        if self._is_redated(guid, note, before):
            return "redated", ""
        too_early = self._is_too_early(guid, note)
        if not too_early and (_has_content(after, note) or after.mod > before.mod):
            changed = (before.fields, before.tags) != (after.fields, after.tags)
            return "updated" if changed else "unchanged", ""
        return self._why_not(note, before, too_early=too_early)

    def _is_redated(self, guid: str, note: RenderedNote, before: CollectionNote) -> bool:
        """Return True if a note has a later date than the same note of an earlier edition."""
        entry = self._edition.ledger.entries[note.id]
        earlier = self._same_since(guid, note)
        if guid not in self._earlier:
            # A collection alone does not tell whether a note has an edition's text or its owner made the same change. But a
            # note that has another number than in this ledger comes from another.
            earlier = before if before.id != entry.added else None
        return earlier is not None and entry.mod > earlier.mod and _is_same(earlier, note)

    def _same_since(self, guid: str, note: RenderedNote) -> CollectionNote | None:
        """Return a note as the first of the earlier editions had it that all had this content since; None if none had.

        Some learners have that one, and skipped those in between.
        """
        found = [state[guid] for state in self._states if guid in state]
        same = [*takewhile(lambda stored: _is_same(stored, note), reversed(found))]
        return same[-1] if same else None

    def _is_too_early(self, guid: str, note: RenderedNote) -> bool:
        """Return True if a note's new content has no later date than an earlier edition's, and so reaches nobody."""
        earlier = self._earlier.get(guid)
        return (
            earlier is not None
            and self._edition.ledger.entries[note.id].mod <= earlier.mod
            and not _has_content(earlier, note)
        )

    def _why_not(self, note: RenderedNote, before: CollectionNote, *, too_early: bool) -> tuple[str, str]:
        """Return the kind of the fate of a note that did not replace the one that was there, and why."""
        notetype = notetypes.of(is_cloze=note.is_cloze)
        if before.notetype != notetype.id:
            return "refused", "it is of another note type there, and Anki never changes that"
        if not self._has_our_parts(notetype):
            return "refused", "the note type has other fields or templates there: keep 'Merge note types' on"
        if self._of_a_learner and before.mod > self._edition.ledger.entries[note.id].mod and not too_early:
            return "kept", ""
        return "refused", "an earlier edition's text has a date as late: was it built with another ledger?"

    def _has_our_parts(self, notetype: NoteType) -> bool:
        """Return True if Anki takes the fields and templates of a note type, before the import, for ours."""
        ours = (list(notetype.fields.items()), [(template.name, template.id) for template in notetype.templates])
        return all(map(_match, self._before.parts[notetype.id], ours))

    def _older_notes(self) -> dict[tuple[int, str], CollectionNote]:
        """Return the lesson's notes that this edition lacks, by what Anki tells duplicates by."""
        lesson = deck_key(self._edition.decks[0].name)
        keys = {id: deck_key(name) for id, name in self._before.decks.items()}
        decks = {id for id, key in keys.items() if key == lesson or key.startswith(f"{lesson}::")}
        here = {card.note for card in self._before.cards.values() if card.home in decks}
        return {
            (note.notetype, _duplicate_key(note.first_field)): note
            for guid, note in self._before.notes.items()
            if guid not in self._by_guid and (guid in self._earlier or note.id in here)
        }

    def _left_behind(self) -> Iterator[str]:
        """Yield the guids of the lesson's notes in the collection that this edition lacks."""
        deck_id, entries = self._edition.deck_id, self._edition.ledger.entries
        retired = (frozen.guid(deck_id, id) for id, entry in entries.items() if entry.is_retired)
        ours = {*self._earlier, *retired}
        return (guid for guid in self._before.notes if guid in ours and guid not in self._by_guid)

    def _lost(self) -> Iterator[Fate]:
        """Yield what an import must never touch: notes that are gone, learning states and reviews that differ."""
        before, after = self._before, self._after
        for guid in before.notes.keys() - after.notes.keys():
            yield Fate(id=_name(before.notes[guid]), why="the note is gone")
        names = {note.id: _name(note) for note in before.notes.values()}
        for id, card in before.cards.items():
            if after.cards.get(id) != card:
                yield Fate(id=names.get(card.note, str(id)), why="the card's learning state is not as it was")
        gone = sum(after.reviews.get(id) != review for id, review in before.reviews.items())
        if gone:
            yield Fate(id="reviews", why=f"{gone:,} of {len(before.reviews):,} are not as they were")


def empty_fronts(edition: Edition, blank: Mapping[str, Collection[int]]) -> Iterator[Fate]:
    """Yield the edition's notes that ask nothing, and those in `blank`: the numbers of empty cards by guid."""
    for note in edition.notes:
        if not _SHOWN.search(note.question) and not _duplicate_key(note.question):
            yield Fate(id=note.id, why="the question shows nothing")
        elif empty := blank.get(frozen.guid(edition.deck_id, note.id)):
            is_ours = not set(note.ords).isdisjoint(empty)
            why = (
                "its text in this collection lacks a side, whose card each import brings back"
                if is_ours
                else "an edition took away a side that learners have: Tools > Empty Cards removes its card"
            )
            yield Fate(id=note.id, why=why)


def _name(note: CollectionNote) -> str:
    """Return what to call a note of the collection: its id in the source, or the beginning of its first field."""
    is_ours = note.notetype in {notetype.id for notetype in notetypes.both()}
    if is_ours and (id := note.fields.get("Id")):
        return id
    return "".join(filter(str.isprintable, _TAG.sub("", note.first_field)))[:_NAME]


def _match(theirs: Sequence[tuple[str, int | None]], ours: Sequence[tuple[str, int]]) -> bool:
    """Return True if fields (or templates) are the same to Anki, which goes by names where it has no ids (before 23.10)."""
    return len(theirs) == len(ours) and all(
        name == our_name if id is None else id == our_id
        for (name, id), (our_name, our_id) in zip(theirs, ours, strict=True)
    )


def _has_content(stored: CollectionNote, note: RenderedNote) -> bool:
    """Return True if a note of a collection is, to Anki, what the edition has."""
    fields = fields_of(note)
    same_text = stored.fields == fields or _as_stored(stored.fields) == _as_stored(fields)
    return same_text and tag_keys(stored.tags) == tag_keys(note.tags)


def _is_same(stored: CollectionNote, note: RenderedNote) -> bool:
    """Return True if the author changed nothing; tags to the letter: other capitals are a change, though none to Anki."""
    return stored.tags == frozenset(note.tags) and _has_content(stored, note)


def _as_stored(fields: Mapping[str, str]) -> dict[str, str]:
    """Return fields as Anki stores them, but for the colours of code."""
    return {name: unicodedata.normalize("NFC", plain(html)) for name, html in fields.items()}


def _duplicate_key(html: str) -> str:
    """Return what Anki tells duplicates by: the text of a first field, and the names of its media."""
    return " ".join(_TAG.sub(" ", _MEDIUM.sub(r" \1 ", plain(html))).split())
