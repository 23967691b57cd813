"""What an import did to a collection: each note of the edition by its fate, and what is not as it was."""

import os
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gen2anki.anki import frozen, notetypes
from gen2anki.anki.names import tag_keys
from gen2anki.anki.note import FIELD_SEPARATOR, Medium
from gen2anki.anki.notetypes import NoteType
from gen2anki.edition.ledger import is_retired
from gen2anki.edition.pipeline import Edition
from gen2anki.render.anki_fields import stored_fields
from gen2anki.render.rendered import RenderedNote
from gen2anki.text.highlight import plain
from gen2anki.text.media import media_hash
from gen2anki.verify.engine import State, Stored

_SHOWN: Final = re.compile(r"<(?:img|audio|video|svg|object)\b|\[sound:|\[anki:", re.IGNORECASE)
# How much of a note's first field stands for one that has no id of ours.
_NAME: Final = 40
_TAG: Final = re.compile(r"<[^>]*>|&nbsp;")
# Anki's own search for duplicates keeps the file's name of these.
_MEDIUM: Final = re.compile(
    r"""<(?:img|audio|video|object)\b[^>]*?\b(?:src|data)\s*=\s*["']?([^"'>]+)[^>]*>""", re.IGNORECASE
)

# Each kind of thing a report can find, in the order it is told, and what there is to say of it.
KINDS: Final = {
    "new": "",
    "updated": "reviews and due dates stay",
    "unchanged": "",
    "kept": "edited, tagged or marked later in this collection (or of a later edition), and left as they are",
    "refused": "the edition's text does not arrive",
    "redated": "the same as before, but dated anew: what learners edited in them is overwritten",
    "duplicated": "beside an older note that asks the same",
    "left_behind": "not in this edition; they stay with those who have them",
    "lost": "not as they were before the import",
    "empty": "a card's front is empty",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One note (or card, or review) of one kind; `why` says more where it is not plain."""

    id: str
    why: str = ""


class Findings:
    """Compares a collection before and after the import of an edition."""

    def __init__(
        self, edition: Edition, before: State, after: State, earlier: Mapping[str, Stored], *, of_a_learner: bool
    ) -> None:
        """Take `earlier`, the notes of earlier editions as nobody edited them; `of_a_learner`: somebody may have."""
        self._edition = edition
        self._before = before
        self._after = after
        self._earlier = earlier
        self._of_a_learner = of_a_learner
        self._guids = {frozen.guid(edition.deck, note.id): note for note in edition.notes}

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

    def by_kind(self) -> dict[str, tuple[Finding, ...]]:
        """Return what is found, by kind (see KINDS)."""
        found: dict[str, list[Finding]] = {kind: [] for kind in KINDS}
        first_fields = self._first_fields()
        for guid, note in self._guids.items():
            kind, why = self._fate(guid, note)
            found[kind].append(Finding(id=note.id, why=why))
            twin = (
                first_fields.get((notetypes.of(is_cloze=note.is_cloze).id, _first(note.question)))
                if kind == "new"
                else None
            )
            if twin:
                found["duplicated"].append(Finding(id=note.id, why=twin))
        found["left_behind"] = [Finding(id=self._name(self._before.notes[guid])) for guid in self._left_behind()]
        found["lost"] = list(self._lost())
        return {kind: tuple(findings) for kind, findings in found.items()}

    def _fate(self, guid: str, note: RenderedNote) -> tuple[str, str]:
        """Return the kind of what happened to a note of the edition, and why."""
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

    def _is_redated(self, guid: str, note: RenderedNote, before: Stored) -> bool:
        """Say whether a note is dated later than the same one of an earlier edition."""
        added, mod = self._edition.plan.numbers[note.id]
        earlier = self._earlier.get(guid)
        if earlier is None:
            # Of a collection alone nobody can tell whether its text is an edition's or its owner made the same change.
            # But a note that this ledger did not number comes from another.
            earlier = before if before.id != added else None
        # Tags to the letter: in another case they are a change of the author's, though none to Anki.
        return (
            earlier is not None
            and mod > earlier.mod
            and earlier.tags == frozenset(note.tags)
            and _has_content(earlier, note)
        )

    def _is_too_early(self, guid: str, note: RenderedNote) -> bool:
        """Say whether a note's new content is dated no later than an earlier edition's, and so arrives with nobody."""
        earlier = self._earlier.get(guid)
        _, mod = self._edition.plan.numbers[note.id]
        return earlier is not None and mod <= earlier.mod and not _has_content(earlier, note)

    def _why_not(self, note: RenderedNote, before: Stored, *, too_early: bool) -> tuple[str, str]:
        """Return why a note of the edition did not arrive on the one that was there before."""
        _, mod = self._edition.plan.numbers[note.id]
        if before.notetype != notetypes.of(is_cloze=note.is_cloze).id:
            return "refused", "it is of another note type there, and Anki never changes that"
        if not self._has_our_parts(notetypes.of(is_cloze=note.is_cloze)):
            return "refused", "the note type has other fields or templates there: keep 'Merge note types' on"
        if self._of_a_learner and before.mod > mod and not too_early:
            return "kept", ""
        return "refused", "an earlier edition's text is dated as late: was it built with another ledger?"

    def _has_our_parts(self, notetype: NoteType) -> bool:
        """Say whether Anki takes a note type's fields and templates before the import for ours, and so updates its notes."""
        ours = (list(notetype.fields.items()), [(template.name, template.id) for template in notetype.templates])
        return all(map(_match, self._before.parts[notetype.id], ours))

    def _first_fields(self) -> dict[tuple[int, str], str]:
        """Return the lesson's older notes by what Anki tells duplicates by: note type and first field."""
        lesson = self._edition.decks[0].name
        decks = {id: name == lesson or name.startswith(f"{lesson}::") for id, name in self._before.decks.items()}
        # The deck a card is at home in stands last but one where a filtered deck has it.
        here = {card[0] for card in self._before.cards.values() if decks.get(card[-2] or card[1])}
        return {
            (stored.notetype, _first(stored.fields)): f"'{self._name(stored)}' asks the same"
            for guid, stored in self._before.notes.items()
            if guid not in self._guids and (guid in self._earlier or stored.id in here)
        }

    def _left_behind(self) -> Iterable[str]:
        retired = (id for id, line in self._edition.ledger.lines.items() if is_retired(line))
        ours = {*self._earlier, *(frozen.guid(self._edition.deck, id) for id in retired)}
        return (guid for guid in self._before.notes if guid in ours and guid not in self._guids)

    def _name(self, stored: Stored) -> str:
        """Return what to call a note of the collection: its id in the source, or its first field."""
        fields = stored.fields.split(FIELD_SEPARATOR)
        for ours in (notetypes.card(), notetypes.cloze()):
            # A learner may have added fields behind ours, of which the id is the last.
            if stored.notetype == ours.id and len(fields) >= len(ours.fields):
                return fields[len(ours.fields) - 1]
        return "".join(filter(str.isprintable, _TAG.sub("", fields[0])))[:_NAME]

    def _lost(self) -> Iterable[Finding]:
        """Yield what an import must never touch: notes that are gone, learning states and reviews that differ."""
        for guid in self._before.notes.keys() - self._after.notes.keys():
            yield Finding(id=self._name(self._before.notes[guid]), why="the note is gone")
        names = {stored.id: self._name(stored) for stored in self._before.notes.values()}
        for id, card in self._before.cards.items():
            if self._after.cards.get(id) != card:
                yield Finding(id=names.get(card[0], str(id)), why="the card's learning state is not as it was")
        gone = sum(self._after.reviews.get(id) != review for id, review in self._before.reviews.items())
        if gone:
            yield Finding(id="reviews", why=f"{gone:,} of {len(self._before.reviews):,} are not as they were")


def _match(theirs: Sequence[tuple[str, int | None]], ours: Sequence[tuple[str, int]]) -> bool:
    """Say whether fields (or templates) are the same to Anki, which goes by names where it has no ids (before 23.10)."""
    return len(theirs) == len(ours) and all(
        name == our_name if id is None else id == our_id
        for (name, id), (our_name, our_id) in zip(theirs, ours, strict=True)
    )


def _has_content(stored: Stored, note: RenderedNote) -> bool:
    """Say whether a note of a collection is, to Anki, what the edition has."""
    return _text(stored.fields) == _text(stored_fields(note)) and tag_keys(stored.tags) == tag_keys(note.tags)


def _text(fields: str) -> str:
    """Return fields as Anki stores them, but for the colours of code."""
    return unicodedata.normalize("NFC", plain(fields))


def _first(fields: str) -> str:
    """Return what Anki tells duplicates by: the first field's text, and the names of its media."""
    first = _MEDIUM.sub(r" \1 ", plain(fields).partition(FIELD_SEPARATOR)[0])
    return " ".join(_TAG.sub(" ", first).split())


def media_folder(collection: str | None) -> list[str]:
    """Return the folder of a collection's media, where there is one; it is only read."""
    folder = os.path.splitext(collection)[0] + ".media" if collection is not None else ""
    return [folder] if os.path.isdir(folder) else []


def expected_media(edition: Edition, found: dict[str, tuple[Finding, ...]], collection: str | None) -> Iterable[Medium]:
    """Yield what must be there after the import: the media of the edition's notes whose text is there.

    Anki brings along the media of notes that arrive, and no others. Those of unchanged ones lie in the learner's folder,
    where that came with the collection.
    """
    kinds = {"new", "updated", "redated"}
    if not collection or media_folder(collection):
        kinds.add("unchanged")
    there = {finding.id for kind in kinds for finding in found[kind]}
    if len(there) == len(edition.notes):
        yield from edition.media
        return
    fields = "".join(stored_fields(note) for note in edition.notes if note.id in there)
    yield from (medium for medium in edition.media if medium.name in fields)


def missing_media(media: Iterable[Medium], folders: Sequence[str]) -> Iterable[str]:
    """Yield the names of media that are in none of the folders, or there with other bytes."""
    for medium in media:
        file = next(filter(os.path.isfile, (os.path.join(folder, medium.name) for folder in folders)), None)
        if file is None:
            yield medium.name
            continue
        with open(file, "rb") as stream:
            if media_hash(stream.read()) not in medium.name:
                yield medium.name


def empty_fronts(edition: Edition, blank: Mapping[str, Collection[int]]) -> Iterable[Finding]:
    """Yield the edition's notes that ask nothing, and those in `blank`: the numbers of empty cards by guid."""
    for note in edition.notes:
        if not _SHOWN.search(note.question) and not _first(note.question):
            yield Finding(id=note.id, why="the question shows nothing")
        elif empty := blank.get(frozen.guid(edition.deck, note.id)):
            ours = not set(note.ords).isdisjoint(empty)
            why = (
                "its text in this collection has a side less, whose card each import brings back"
                if ours
                else "an edition took a side away that learners have: Tools > Empty Cards removes it"
            )
            yield Finding(id=note.id, why=why)
