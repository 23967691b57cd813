"""What the next edition makes of each note for the learners who have the last one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gen2anki import diff
from gen2anki.anki.package_reader import StoredPackage
from gen2anki.edition import ledger
from gen2anki.edition.entries import Ledger
from gen2anki.edition.pipeline import Edition
from gen2anki.edition.plan import note_hash
from gen2anki.render.anki_fields import fields_of
from gen2anki.render.rendered import RenderedNote

_UNCHANGED: Final = ("unchanged",)
# What each kind of change means to a learner who has the last edition, said of one note.
_MEANINGS: Final = {
    "new": "it arrives as new",
    "changed": "the new text arrives; reviews and due dates stay",
    "moved": "who has it keeps it in the deck it was in; new learners get it in the new one",
    "refused": "the change does not arrive",
    "redated": "nothing changed but its date: what learners edited in it is overwritten",
    "unchanged": "what learners edited in it stays",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fates:
    """What becomes of the notes, by id: their kinds (those of `diff`), except the unchanged, and the changes.

    A changed note that is not among `changes` was other than it is, but how is not known. `retired` are the ids of notes
    that are withdrawn. `against` names what the edition is compared with; it is empty for the first edition.
    """

    kinds: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    changes: Mapping[str, diff.Change] = field(default_factory=dict)
    retired: tuple[str, ...] = ()
    against: str = ""

    def of(self, id: str) -> tuple[str, ...]:
        """Return a note's kinds."""
        return self.kinds.get(id, _UNCHANGED)

    def told(self, id: str) -> dict[str, Any]:
        """Return what is known of a note's fate, as plain data; `words` is null where they changed and are not known."""
        kinds, change = self.of(id), self.changes.get(id)
        fields = change.fields if change else ()
        is_known = bool(fields) or "changed" not in kinds
        return {
            "kinds": kinds,
            "meanings": [_MEANINGS[kind] for kind in kinds],
            "why": change.why if change else "",
            "words": [[field.name, list(diff.word_runs(field))] for field in fields] if is_known else None,
        }


class Published:
    """What learners have, as far as a session can know it.

    A ledger holds no words, only their hash. So a published note's words are known once the session has seen the note as
    it was published; or from a package.
    """

    def __init__(self, package: StoredPackage | None = None, package_file: str = "") -> None:
        """Take the package to compare with, if there is one, and the name of its file."""
        self._package, self._package_file = package, package_file
        self._content: bytes | None = None
        self._ledger: Ledger | None = None
        self._seen: dict[str, RenderedNote] = {}

    def fates(self, edition: Edition, last: bytes | None, ledger_file: str) -> Fates:
        """Return what becomes of an edition's notes; `last` holds the bytes of its ledger, if there is one."""
        if self._package is not None:
            return _fates(diff.with_package(edition, self._package, self._package_file), {})
        if last != self._content:
            self._content = last
            self._ledger = ledger.read(last, ledger_file) if last is not None else None
        changed = set(edition.changes.changed)
        apart = changed.union(edition.changes.new)
        self._seen |= {note.id: note for note in edition.notes if note.id not in apart}
        fields = {
            note.id: tuple(diff.field_changes(note, fields_of(was), was.tags))
            for note in edition.notes
            if note.id in changed and (was := self._as_published(note.id))
        }
        return _fates(diff.with_ledger(edition, self._ledger, ledger_file), fields)

    def _as_published(self, id: str) -> RenderedNote | None:
        """Return a note as learners have it; None where that is not known."""
        note = self._seen.get(id)
        entry = self._ledger.entries.get(id) if self._ledger else None
        return note if note and entry and note_hash(note) == entry.hash else None


def _fates(difference: diff.Difference, fields: Mapping[str, tuple[diff.FieldChange, ...]]) -> Fates:
    kinds: dict[str, tuple[str, ...]] = {}
    changes: dict[str, diff.Change] = {}
    for kind, found in difference.kinds.items():
        if kind in {"retired", "described"}:  # these are no notes of the edition
            continue
        for change in found:
            kinds[change.id] = (*kinds.get(change.id, ()), kind)
            old = changes.get(change.id, diff.Change(id=change.id))
            changes[change.id] = diff.Change(
                id=change.id,
                fields=old.fields or change.fields or fields.get(change.id, ()),
                why="; ".join(filter(None, (old.why, change.why))),
            )
    return Fates(
        kinds=kinds,
        changes=changes,
        retired=tuple(change.id for change in difference.kinds["retired"]),
        against=difference.against,
    )
