"""An edition imported into real Anki, in a throw-away collection: what of it arrives with a learner.

The one module that knows Anki's own library (the extra `anki`), which is imported only when it is used.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gen2anki import apkg, notetypes, package
from gen2anki.edition import Edition
from gen2anki.highlight import plain
from gen2anki.media import content_hash
from gen2anki.note import FIELD_SEPARATOR, Medium, Note
from gen2anki.notetypes import NoteType
from gen2anki.problem import Problem, ProblemsError

if TYPE_CHECKING:
    from anki.collection import Collection as AnkiCollection

# How many notes of a kind are named.
_LISTED: Final = 8
# Where SQLite's locks on a database are (its file format, section "locking"), and how many bytes of them.
_LOCKS: Final = 0x40000000
_LOCKS_LENGTH: Final = 512
_SHOWN: Final = re.compile(r"<(?:img|audio|video|svg|object)\b|\[sound:|\[anki:", re.IGNORECASE)
_TAG: Final = re.compile(r"<[^>]*>|&nbsp;")

# Each kind of thing a report can find, in the order it is told, and what there is to say of it.
KINDS: Final = {
    "new": "",
    "updated": "reviews and due dates stay",
    "unchanged": "",
    "kept": "edited later in this collection (or of a later edition), and left as they are",
    "refused": "the edition's text does not arrive",
    "duplicated": "beside an older note that asks the same",
    "left_behind": "not in this edition; they stay with those who have them",
    "lost": "not as they were before the import",
    "empty": "a card's front is empty",
}
_FAILURES: Final = frozenset({"refused", "duplicated", "lost"})

Stage = Callable[[str], None]
# Takes a text and the name of a colour; returns the text as the terminal is to show it.
Paint = Callable[[str, str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One note (or card, or review) of one kind; `why` says more where it is not plain."""

    id: str
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What an import did. `found` is by kind (see KINDS); `integrity` is what Anki's own check complains of."""

    anki: str
    before: str
    found: dict[str, tuple[Finding, ...]]
    decks: tuple[str, ...]
    notetypes: tuple[str, ...]
    media: int
    media_missing: tuple[str, ...]
    integrity: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Say whether nothing was refused, duplicated or lost."""
        return not (any(self.found[kind] for kind in _FAILURES) or self.media_missing or self.integrity)


@dataclass(frozen=True, slots=True)
class _Stored:
    """One note of a collection."""

    id: int
    guid: str
    notetype: int
    mod: int
    tags: frozenset[str]
    fields: str


@dataclass(frozen=True, slots=True)
class _State:
    """A collection at one moment.

    Its notes by guid, the learning state of cards by id, reviews, decks and note types; of ours, the fields' ids.
    """

    notes: dict[str, _Stored]
    cards: dict[int, tuple[Any, ...]]
    reviews: dict[int, tuple[Any, ...]]
    decks: dict[int, str]
    notetypes: frozenset[str]
    fields: dict[int, list[int | None]]


def verify(
    edition: Edition, *, after: Sequence[str], collection: str | None, source: str, stage: Stage = lambda _: None
) -> Report:
    """Import an edition after earlier ones, into an empty collection or a copy of `collection`.

    `collection` itself is read and never opened for writing; `source` is a name for messages.

    Raises:
        ProblemsError: Anki's library is not there, or a package or the collection can't be read.
    """
    try:
        import anki.buildinfo
        import anki.collection
    except ImportError:
        text = "verify needs Anki's own library: pip install 'gen2anki[anki]'"
        raise ProblemsError([Problem(file=source, text=text, code="no-anki")]) from None
    version = anki.buildinfo.version
    with tempfile.TemporaryDirectory(prefix="gen2anki-") as folder:
        copy = os.path.join(folder, "collection.anki2")
        if collection is not None:
            stage("copying the collection")
            _copy(collection, copy)
        with _opened(copy, collection or copy, version) as opened:
            if collection is not None:
                _mend(opened, collection)
            earlier: set[str] = set()
            for file in after:
                _check_readable(file)
                stage(f"importing {os.path.basename(file)}")
                guids = _imported(opened, file, file)
                if not guids:
                    raise _error(file, "is no Anki package, or holds no notes", "package-foreign")
                earlier |= guids
            before = _state(opened)
            stage("importing the edition")
            built = os.path.join(folder, "edition.apkg")
            with open(built, "wb") as stream:
                package.write(edition, stream)
            _imported(opened, built, source)
            stage("comparing")
            findings = _Findings(edition, before, _state(opened), earlier, of_a_learner=collection is not None)
            found = findings.by_kind()
            media = tuple(_expected_media(edition, found, collection))
            media_missing = tuple(_missing_media(media, [opened.media.dir(), *_media_folder(collection)]))
            empty = tuple(_empty(edition, opened))
            stage("checking the collection")
            message, sound = opened.fix_integrity()
    names = [os.path.basename(file) for file in after]
    start = f"a copy of {collection}" if collection is not None else "an empty collection"
    return Report(
        anki=version,
        before=", after ".join([start, *names]),
        found={**found, "empty": empty},
        decks=findings.new_decks,
        notetypes=findings.new_notetypes,
        media=len(media),
        media_missing=media_missing,
        integrity=() if sound else tuple(message.splitlines()[:-1] or [message]),
    )


# --- driving Anki


def _copy(collection: str, copy: str) -> None:
    """Copy a collection, and the log that a crash may have left beside it."""
    try:
        with open(collection, "rb") as original:
            if _is_locked(original.fileno()):
                raise _error(collection, "is open in Anki: close Anki, then verify again", "collection-locked")
            for suffix in ("", "-wal"):
                if os.path.exists(collection + suffix):
                    shutil.copyfile(collection + suffix, copy + suffix)
    except OSError as error:
        raise _error(collection, f"can't be read: {error.strerror or error}", "cannot-read") from None
    # Anki would make a collection of whatever database it is given.
    if not apkg.is_collection(copy):
        raise _error(collection, "is no collection of Anki, or damaged", "collection-foreign")


def _check_readable(file: str) -> None:
    try:
        with open(file, "rb"):
            pass
    except OSError as error:
        raise _error(file, f"can't be read: {error.strerror or error}", "cannot-read") from None


def _mend(opened: "AnkiCollection", collection: str) -> None:
    """Let Anki put right what is wrong with the copy: it is not the edition's doing."""
    opened.fix_integrity()
    message, sound = opened.fix_integrity()
    if not sound:
        raise _error(collection, f"is damaged: {_one_line(message)}", "collection-damaged")


def _is_locked(file: int) -> bool:
    """Say whether another program holds the collection open; Anki then holds all of SQLite's locks."""
    try:
        import fcntl
    except ImportError:  # Windows: there the copy is taken as it is
        return False
    try:
        fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB, _LOCKS_LENGTH, _LOCKS)
        fcntl.lockf(file, fcntl.LOCK_UN, _LOCKS_LENGTH, _LOCKS)
    except OSError:
        return True
    return False


@contextmanager
def _opened(copy: str, original: str, version: str) -> "Iterator[AnkiCollection]":
    from anki.collection import Collection
    from anki.errors import AnkiException

    try:
        opened = Collection(copy)
    except AnkiException as error:
        if "FileTooNew" in str(error):
            text = f"was written by a newer Anki than the one here ({version}): pip install --upgrade anki"
            raise _error(original, text, "collection-too-new") from None
        raise _error(original, f"can't be opened by Anki: {_one_line(error)}", "collection-damaged") from None
    try:
        yield opened
    finally:
        opened.close()


def _imported(opened: "AnkiCollection", package_file: str, name: str) -> set[str]:
    """Import a package with the options as they are by default; return the guids of its notes."""
    from anki.collection import ImportAnkiPackageOptions, ImportAnkiPackageRequest
    from anki.errors import AnkiException

    request = ImportAnkiPackageRequest(package_path=package_file, options=ImportAnkiPackageOptions())
    try:
        log = opened.import_anki_package(request).log
    except AnkiException as error:
        raise _error(name, f"can't be imported by Anki: {_one_line(error)}", "package-damaged") from None
    ids = {note.id.nid for notes in (log.new, log.updated, log.duplicate, log.conflicting) for note in notes}
    return {guid for id, guid in _rows(opened, "SELECT id, guid FROM notes") if id in ids}


def _rows(opened: "AnkiCollection", query: str) -> Sequence[Sequence[Any]]:
    return opened.db.all(query) if opened.db else ()  # it has none only when it is closed


def _state(opened: "AnkiCollection") -> _State:
    from anki.models import NotetypeId

    notes = _rows(opened, "SELECT id, guid, mid, mod, tags, flds FROM notes")
    columns = "id, nid, did, ord, type, queue, due, ivl, factor, reps, lapses, left, odue, odid, flags"
    return _State(
        notes={
            guid: _Stored(id, guid, notetype, mod, frozenset(tags.split()), fields)
            for id, guid, notetype, mod, tags, fields in notes
        },
        cards={row[0]: tuple(row[1:]) for row in _rows(opened, f"SELECT {columns} FROM cards")},  # noqa: S608
        reviews={row[0]: tuple(row[1:]) for row in _rows(opened, "SELECT * FROM revlog")},
        decks={deck.id: deck.name for deck in opened.decks.all_names_and_ids()},
        notetypes=frozenset(kind.name for kind in opened.models.all_names_and_ids()),
        fields={
            kind.id: [field["id"] for field in model["flds"]]
            for kind in (notetypes.card(), notetypes.cloze())
            if (model := opened.models.get(NotetypeId(kind.id)))
        },
    )


def _one_line(error: object) -> str:
    return " ".join(str(error).split())


def _error(file: str, text: str, code: str) -> ProblemsError:
    return ProblemsError([Problem(file=file, text=text, code=code)])


# --- what the import did


class _Findings:
    """Compares a collection before and after the import of an edition."""

    def __init__(
        self, edition: Edition, before: _State, after: _State, earlier: Collection[str], *, of_a_learner: bool
    ) -> None:
        """Take `earlier`, the guids of earlier editions; `of_a_learner`: somebody may have edited notes."""
        self._edition = edition
        self._before = before
        self._after = after
        self._earlier = earlier
        self._of_a_learner = of_a_learner
        self._guids = {package.guid(edition.deck, note.id): note for note in edition.notes}

    @property
    def new_decks(self) -> tuple[str, ...]:
        return tuple(sorted({*self._after.decks.values()} - {*self._before.decks.values()}))

    @property
    def new_notetypes(self) -> tuple[str, ...]:
        return tuple(sorted(self._after.notetypes - self._before.notetypes))

    def by_kind(self) -> dict[str, tuple[Finding, ...]]:
        found: dict[str, list[Finding]] = {kind: [] for kind in KINDS}
        first_fields = self._first_fields()
        for guid, note in self._guids.items():
            kind, why = self._fate(guid, note)
            found[kind].append(Finding(id=note.id, why=why))
            twin = first_fields.get((self._notetype(note).id, _first(note.fields))) if kind == "new" else None
            if twin:
                found["duplicated"].append(Finding(id=note.id, why=twin))
        found["left_behind"] = [Finding(id=self._name(self._before.notes[guid])) for guid in self._left_behind()]
        found["lost"] = list(self._lost())
        return {kind: tuple(findings) for kind, findings in found.items()}

    def _fate(self, guid: str, note: Note) -> tuple[str, str]:
        """Return the kind of what happened to a note of the edition, and why."""
        before, after = self._before.notes.get(guid), self._after.notes.get(guid)
        if after is None:
            return "refused", "Anki did not take it"
        if before is None:
            return "new", ""
        same = plain(after.fields) == plain(note.fields) and after.tags == frozenset(note.tags)
        if after.notetype == self._notetype(note).id and (same or after.mod > before.mod):
            changed = (before.fields, before.tags) != (after.fields, after.tags)
            return "updated" if changed else "unchanged", ""
        return self._why_not(note, before)

    def _why_not(self, note: Note, before: _Stored) -> tuple[str, str]:
        """Return why a note of the edition did not arrive on the one that was there before."""
        mod = self._edition.ledger.entries[note.id].mod
        if before.notetype != self._notetype(note).id:
            return "refused", "it is of another note type there, and Anki never changes that"
        if self._before.fields[before.notetype] != list(self._notetype(note).fields.values()):
            return "refused", "the note type has other fields there: import once with 'Merge note types' on"
        if self._of_a_learner and before.mod > mod:
            return "kept", ""
        return "refused", "an earlier edition's text is dated as late: was it built with another ledger?"

    def _notetype(self, note: Note) -> NoteType:
        return notetypes.cloze() if note.cloze else notetypes.card()

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
        retired = (id for id, entry in self._edition.ledger.entries.items() if entry.retired)
        ours = {*self._earlier, *(package.guid(self._edition.deck, id) for id in retired)}
        return (guid for guid in self._before.notes if guid in ours and guid not in self._guids)

    def _name(self, stored: _Stored) -> str:
        """Return what to call a note of the collection: its id in the source, or its first field."""
        if stored.notetype in {notetypes.card().id, notetypes.cloze().id}:
            return stored.fields.rpartition(FIELD_SEPARATOR)[2]
        return _TAG.sub("", stored.fields.partition(FIELD_SEPARATOR)[0])[:40]

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
            yield Finding(id="reviews", why=f"{gone:,} reviews are not as they were")


def _first(fields: str) -> str:
    return " ".join(_TAG.sub(" ", fields.partition(FIELD_SEPARATOR)[0]).split())


def _media_folder(collection: str | None) -> list[str]:
    """Return the folder of a collection's media, where there is one; it is only read."""
    folder = os.path.splitext(collection)[0] + ".media" if collection is not None else ""
    return [folder] if os.path.isdir(folder) else []


def _expected_media(
    edition: Edition, found: dict[str, tuple[Finding, ...]], collection: str | None
) -> Iterable[Medium]:
    """Yield what must be there after the import: Anki brings along the media of notes that arrive, and no others.

    Those of the others lie in the learner's folder, where that came with the collection.
    """
    if collection is None or _media_folder(collection):
        yield from edition.media
        return
    arrived = {finding.id for kind in ("new", "updated") for finding in found[kind]}
    fields = "".join(note.fields for note in edition.notes if note.id in arrived)
    yield from (medium for medium in edition.media if medium.name in fields)


def _missing_media(media: Iterable[Medium], folders: Sequence[str]) -> Iterable[str]:
    for medium in media:
        file = next(filter(os.path.isfile, (os.path.join(folder, medium.name) for folder in folders)), None)
        if file is None:
            yield medium.name
            continue
        with open(file, "rb") as stream:
            if content_hash(stream.read()) not in medium.name:
                yield medium.name


def _empty(edition: Edition, opened: "AnkiCollection") -> Iterable[Finding]:
    """Yield the edition's notes that ask nothing, and those that have a card whose template shows nothing."""
    ids = {guid: id for id, guid in _rows(opened, "SELECT id, guid FROM notes")}
    blank = {note.note_id: len(note.card_ids) for note in opened.get_empty_cards().notes}
    for note in edition.notes:
        if not _SHOWN.search(note.fields.partition(FIELD_SEPARATOR)[0]) and not _first(note.fields):
            yield Finding(id=note.id, why="the question shows nothing")
        elif blank.get(ids.get(package.guid(edition.deck, note.id), 0)):
            yield Finding(
                id=note.id, why="this edition took a side away that learners have: Tools > Empty Cards removes it"
            )


# --- the forms


def as_text(report: Report, paint: Paint) -> str:
    """Return the report for a person."""
    lines = [f"Imported into Anki {report.anki}, {report.before}:"]
    for kind, findings in report.found.items():
        if not findings:
            continue
        bad = kind in _FAILURES or kind == "empty"
        head = paint(f"{len(findings):,} {kind.replace('_', ' ')}", "red" if bad else "green")
        lines.append(f"  {head}: {KINDS[kind]}" if KINDS[kind] else f"  {head}")
        named = () if kind in {"new", "unchanged"} else findings[:_LISTED]
        lines += (f"    {finding.id}{f': {finding.why}' if finding.why else ''}" for finding in named)
        if named and len(findings) > len(named):
            lines.append(f"    … and {len(findings) - len(named):,} more (--json names all)")
    lines += _list("decks created", report.decks)
    lines += _list("note types created", report.notetypes)
    if report.media:
        lines.append(f"  media: {report.media - len(report.media_missing):,} of {report.media:,} present")
    lines += (f"    {paint('missing', 'red')}: {name}" for name in report.media_missing)
    lines.append(f"  Anki's own check: {'finds nothing' if not report.integrity else '; '.join(report.integrity)}")
    verdict = (
        ("nothing is refused, duplicated or lost", "green") if report.ok else ("not fit for those learners", "red")
    )
    lines.append(paint(*verdict))
    return "\n".join(lines)


def _list(name: str, values: Sequence[str]) -> Iterable[str]:
    if values:
        yield f"  {name}: {', '.join(values[:_LISTED])}{', …' if len(values) > _LISTED else ''}"


def as_json(report: Report) -> dict[str, Any]:
    """Return the report as plain data."""
    return {
        "anki": report.anki,
        **{
            kind: [{"id": finding.id, **({"why": finding.why} if finding.why else {})} for finding in findings]
            for kind, findings in report.found.items()
        },
        "decks": list(report.decks),
        "notetypes": list(report.notetypes),
        "media": report.media,
        "media_missing": list(report.media_missing),
        "integrity": list(report.integrity),
    }
