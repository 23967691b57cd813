"""What an edition changes, note by note and field by field."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from html import unescape
from typing import Final

from gen2anki.anki import frozen, notetypes
from gen2anki.anki.names import deck_key, tag_keys
from gen2anki.anki.package_reader import StoredNote, StoredPackage
from gen2anki.edition.entries import Ledger
from gen2anki.edition.pipeline import Edition
from gen2anki.edition.side_effects import is_renamed, renumbered, words_behind
from gen2anki.render.anki_fields import fields_of
from gen2anki.render.rendered import RenderedNote
from gen2anki.text import cloze
from gen2anki.text.highlight import plain

# How many characters a title has at most.
_TITLE: Final = 60

_TAG: Final = re.compile(r"<[^>]*>")
# Tags between which words do not run together.
_BREAK: Final = re.compile(r"<(?:/?(?:p|div|li|[uo]l|h[1-6]|t[dhr]|table|pre|blockquote)|br|hr|img)\b[^>]*>")

# The kinds of changes, and what each means to a learner who has the last edition.
MEANINGS: Final = {
    "new": "arrive as new cards",
    "changed": "the new text arrives; reviews and due dates stay",
    "moved": "cards that learners have stay in the deck they are in; new learners get them in the new one",
    "retired": "stay with those who have them, and come to nobody else",
    "refused": "do not arrive",
    "redated": "the same as before, but with a later date: what learners edited in them is overwritten",
    "described": "the deck's new description arrives, in place of whatever learners have there",
    "unchanged": "what learners edited in them stays",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field (or "Tags") of a note, before and after, as HTML."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One note that changes, or one deck. `title` is the note's first field in short; `why` says more of some.

    `id` is the note's id, or the name of a deck that has another description.
    """

    id: str
    title: str = ""
    fields: tuple[FieldChange, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What an edition changes, by kind (those of MEANINGS, except the unchanged), each in source order.

    `against` names what it was compared with; it is empty where there is no earlier edition.
    """

    name: str
    against: str
    kinds: dict[str, tuple[Change, ...]]
    unchanged: int
    hint: str = ""


def with_ledger(edition: Edition, old: Ledger | None, ledger_file: str) -> Difference:
    """Compare an edition with the ledger of the last one, which knows the notes that changed but not their texts."""
    changes, notes = edition.changes, {note.id: note for note in edition.notes}
    name = edition.decks[0].name
    # The name of the lesson's own deck is told only if it changed.
    was, now = (f"{old.deck_name}::", f"{name}::") if old and is_renamed(old, name) else ("", "")
    moved = (
        Change(
            id=id,
            title=_title(notes[id].question),
            why=f"from '{was}{old.entries[id].section}' to '{now}{edition.ledger.entries[id].section}'",
        )
        for id in changes.moved
        if old
    )
    kinds = {
        "new": tuple(Change(id=id, title=_title(notes[id].question)) for id in changes.new),
        "changed": tuple(Change(id=id, title=_title(notes[id].question)) for id in changes.changed),
        "moved": tuple(moved),
        "retired": tuple(Change(id=id, why=_why_withdrawn(edition, id)) for id in changes.retired),
        "refused": (),
        "redated": (),
        "described": (),
    }
    return Difference(name=name, against=ledger_file if old else "", kinds=kinds, unchanged=changes.unchanged)


def with_package(edition: Edition, old: StoredPackage, file: str) -> Difference:
    """Compare an edition with a package, field by field: what changes for those who have imported the package."""
    kinds: dict[str, list[Change]] = {kind: [] for kind in MEANINGS if kind != "unchanged"}
    guids: set[str] = set()
    unchanged = 0
    for note in edition.notes:
        guid = frozen.guid(edition.deck_id, note.id)
        guids.add(guid)
        before = old.notes.get(guid)
        change = Change(id=note.id, title=_title(note.question))
        if before is None:
            kinds["new"].append(change)
            continue
        deck = edition.decks[note.deck].name
        if before.deck and deck_key(before.deck) != deck_key(deck):
            kinds["moved"].append(replace(change, why=f"from '{printable(before.deck)}' to '{deck}'"))
        kind, change = _compared(
            edition, note, before, replace(change, fields=tuple(field_changes(note, before.fields, before.tags)))
        )
        if kind == "unchanged":
            unchanged += 1
        else:
            kinds[kind].append(change)
    gone = [note for guid, note in old.notes.items() if guid not in guids]
    kinds["retired"] = [_withdrawn(edition, note) for note in gone]
    kinds["described"] = list(_described(edition, old))
    hint = ""
    if old.notes and len(gone) == len(old.notes):
        hint = f"{file} and this edition have no note in common: to Anki they are two decks"
    return Difference(
        name=edition.decks[0].name,
        against=file,
        kinds={kind: tuple(changes) for kind, changes in kinds.items()},
        unchanged=unchanged,
        hint=hint,
    )


def _withdrawn(edition: Edition, note: StoredNote) -> Change:
    id = note.fields.get("Id", note.guid)
    return Change(id=printable(id).strip(), title=_title(note.first_field), why=_why_withdrawn(edition, id))


def _why_withdrawn(edition: Edition, id: str) -> str:
    """Return why a note is withdrawn, as plain text, and which other to see; empty where the lesson does not say."""
    told = next((note for note in edition.withdrawn if note.id == id), None)
    if not told:
        return ""
    return "; ".join(filter(None, [_plain(told.why), told.see and f"see '{told.see}'"]))


def _described(edition: Edition, old: StoredPackage) -> Iterator[Change]:
    """Yield the decks whose description changes. Anki ignores an empty one, and so keeps the old."""
    before = {deck_key(name): description for name, description in old.descriptions.items()}
    for deck in edition.decks:
        was = before.get(deck_key(deck.name), deck.description)
        if deck.description not in {"", was}:
            fields = (FieldChange(name="Description", old=was, new=deck.description),)
            yield Change(id=printable(deck.name), fields=fields)


def _compared(edition: Edition, note: RenderedNote, before: StoredNote, change: Change) -> tuple[str, Change]:
    """Return the kind of a note's change, and the change with its reason."""
    if before.notetype != notetypes.of(is_cloze=note.is_cloze).id:
        return "refused", replace(change, why="it is of another note type there, and Anki never changes that")
    later = edition.ledger.entries[note.id].mod > before.mod
    if not change.fields:
        return "redated" if later else "unchanged", change
    if not later:
        return "refused", replace(change, why="its date is no later than there: was another ledger used?")
    whys = [_sides(note, before), _renumbered(note, before) if note.is_cloze else ""]
    return "changed", replace(change, why="; ".join(filter(None, whys)))


def _sides(note: RenderedNote, before: StoredNote) -> str:
    """Return which cards an updated note makes that it did not make before, and which it makes no longer."""
    if note.is_cloze:
        had, name = {number - 1 for number in cloze.numbers(before.first_field)}, "the card of c{}"
    else:
        had, name = {0, 1} if before.fields.get("Reverse") else {0}, "the reverse card"
    ways = {"arrives as new": {*note.ords} - had, "goes empty": had - {*note.ords}}
    return "; ".join(
        f"{way}: {', '.join(name.format(ord + 1) for ord in sorted(ords))}" for way, ords in ways.items() if ords
    )


def _renumbered(note: RenderedNote, before: StoredNote) -> str:
    """Return which deletions of a cloze have another number than before: reviews stay with the number."""
    moves = (
        f"'{_title(words)}' was c{was} and is c{now}"
        for words, was, now in renumbered(words_behind(plain(before.first_field)), words_behind(note.question))
    )
    told = ", ".join(moves)
    return f"{told}: reviews stay with the number" if told else ""


def field_changes(note: RenderedNote, before: Mapping[str, str], tags: tuple[str, ...]) -> Iterator[FieldChange]:
    """Yield the fields (and "Tags") in which a note differs from what it was; colours of code are no difference.

    `before` holds the HTML of the fields by name.
    """
    after = fields_of(note)
    was = dict(before)
    if tag_keys(note.tags) != tag_keys(tags):
        after["Tags"], was["Tags"] = " ".join(note.tags), " ".join(tags)
    for name in dict.fromkeys([*after, *was]):
        old, new = plain(was.get(name, "")), plain(after.get(name, ""))
        if old != new:
            yield FieldChange(name=name, old=old, new=new)


def _title(html: str) -> str:
    """Return a field as one short line of plain text."""
    text = _plain(html)
    return text if len(text) <= _TITLE else f"{text[: _TITLE - 1].rstrip()}…"


def _plain(html: str) -> str:
    """Return HTML as a line of plain text."""
    return " ".join(printable(unescape(_TAG.sub("", _BREAK.sub(" ", html)))).split())


def printable(text: str) -> str:
    """Return a text with a space in place of each character that a terminal would take for a command."""
    return "".join(char if char.isprintable() else " " for char in text)
