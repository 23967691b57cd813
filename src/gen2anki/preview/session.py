"""One run of the preview: the last good edition, what is wrong with the source now, and who waits for news."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from threading import Condition
from typing import Any, Final

from gen2anki.anki import notetypes
from gen2anki.anki.note import AnkiDeck
from gen2anki.diagnostics.problem import Path, Problem, ProblemsError
from gen2anki.edition.pipeline import Edition
from gen2anki.preview import cards, editor, files
from gen2anki.preview.fates import Fates, Published
from gen2anki.preview.rows import Row, row
from gen2anki.render.rendered import RenderedNote
from gen2anki.source.composer import compose
from gen2anki.source.document import Document

# Makes the edition of the source as it is now; returns it with the bytes of its ledger, if there is one.
Make = Callable[[], tuple[Edition, bytes | None]]
# Reads the source.
Read = Callable[[], bytes]

# After these, a file that is put in its place mends the lesson.
_OF_MEDIA: Final = "media-"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What is to be seen at one moment. `version` counts the states; 0 is before the first.

    `problems` are those of the source as it is now. If they are errors (`is_behind`), the rest is that of the last
    edition without any.
    """

    version: int = 0
    name: str = ""
    decks: tuple[AnkiDeck, ...] = ()
    notes: Mapping[str, RenderedNote] = field(default_factory=dict)
    rows: Mapping[str, Row] = field(default_factory=dict)
    media: Mapping[str, str] = field(default_factory=dict)
    fates: Fates = field(default_factory=Fates)
    problems: tuple[Problem, ...] = ()
    is_behind: bool = False


class Session:
    """Keeps the state, makes the next one, and tells those who wait for it. Any thread may ask it."""

    def __init__(
        self, source: str, ledger_file: str, *, make: Make, read: Read, published: Published, editor: str
    ) -> None:
        """Take the names of the source and its ledger; `editor` is the pattern of the editor's addresses."""
        self._source, self._ledger_file = source, ledger_file
        self._make, self._read, self._published, self._editor = make, read, published, editor
        self._news = Condition()
        self._state = State()
        self._places: tuple[bytes, Any] = (b"", None)
        self.refresh()

    @property
    def state(self) -> State:
        """Return the newest state."""
        return self._state

    def refresh(self) -> None:
        """Read the source again."""
        old = self._state
        try:
            edition, last = self._make()
        except ProblemsError as error:
            new = replace(old, version=old.version + 1, problems=error.problems, is_behind=True)
        else:
            new = self._next(edition, last)
        with self._news:
            self._state = new
            self._news.notify_all()

    def _next(self, edition: Edition, last: bytes | None) -> State:
        old, version = self._state, self._state.version + 1
        fates = self._published.fates(edition, last, self._ledger_file)
        rows: dict[str, Row] = {}
        for note in edition.notes:
            was, kinds = old.rows.get(note.id), fates.of(note.id)
            if was is None or note[:-1] != old.notes[note.id][:-1]:  # the last is the path
                was = row(note, kinds, version)
            rows[note.id] = was if was.kinds == kinds else was._replace(kinds=kinds)
        return State(
            version=version,
            name=edition.decks[0].name,
            decks=edition.decks,
            notes={note.id: note for note in edition.notes},
            rows=rows,
            media={medium.name: medium.file for medium in edition.media},
            fates=fates,
            problems=edition.warnings,
        )

    def wait(self, known: State | None, seconds: float) -> State | None:
        """Return the newest state as soon as it is not the one that is known; None if that takes too long."""
        with self._news:
            self._news.wait_for(lambda: self._state is not known, seconds)
            return self._state if self._state is not known else None

    def watched(self) -> list[str]:
        """Return the files whose change may change the state."""
        found = [self._source, self._ledger_file, *self._state.media.values()]
        if any(problem.code.startswith(_OF_MEDIA) for problem in self._state.problems):
            found += files.folders(os.path.dirname(self._source) or ".")
        return found

    def news(self, known: State | None, now: State) -> dict[str, Any]:
        """Return what a page that shows a state needs to show another, as plain data."""
        before = known.rows if known else {}
        data: dict[str, Any] = {
            "version": now.version,
            "rows": [line._asdict() for id, line in now.rows.items() if before.get(id) is not line],
            "order": list(now.rows) if not known or list(before) != list(now.rows) else None,
            "edited": [id for id, line in now.rows.items() if line.version > known.version] if known else [],
            "problems": [editor.listed(problem, self._editor) for problem in now.problems],
            "behind": now.is_behind,
            "against": now.fates.against,
            "retired": now.fates.retired,
            "name": now.name,
            "sections": [deck.name.removeprefix(f"{now.name}::") for deck in now.decks],
        }
        if not known:
            data |= {"css": notetypes.card().css, "source": os.path.basename(self._source)}
        return data

    def note(self, id: str) -> dict[str, Any] | None:
        """Return a note's cards and fate as plain data; None where there is no such note."""
        state = self._state
        note = state.notes.get(id)
        if note is None:
            return None
        return {"id": id, "version": state.rows[id].version, "cards": cards.cards(note), "fate": state.fates.told(id)}

    def back(self, id: str, ord: int, typed: str) -> str | None:
        """Return the back of a card on whose front a text was typed; None where there is no such card."""
        note = self._state.notes.get(id)
        return cards.back(note, ord, typed) if note and ord in note.ords else None

    def place(self, id: str) -> dict[str, Any]:
        """Return the line of a note and the address that opens the editor there; line 0 where it can't be told."""
        note = self._state.notes.get(id)
        line, column = self._find(note.path) if note else (0, 0)
        return {"line": line, "editor": editor.address(self._editor, self._source, line, column)}

    def _find(self, path: Path) -> tuple[int, int]:
        try:
            content = self._read()
            if content != self._places[0]:
                self._places = (content, compose(Document(content, self._source)).places)
            line, column, _ = self._places[1].place(path)
        except ProblemsError:
            return 0, 0
        return line, column
