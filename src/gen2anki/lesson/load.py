"""A document to a lesson of the right shape, or to every problem of its shape."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from pydantic import ValidationError

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.problem import Path, Problem, ProblemsError
from gen2anki.lesson.offered_ids import Nameless, nameless
from gen2anki.lesson.repairs import Repairs, repair
from gen2anki.lesson.shape_errors import SET_ASIDE, ShapeError, missing_ids, shape_errors, shape_problems, value_at
from gen2anki.schema.fixed_words import words
from gen2anki.schema.keys import record_at, whole
from gen2anki.schema.model import Lesson, Question, Section, lesson_of
from gen2anki.source.composer import compose
from gen2anki.source.document import Document
from gen2anki.source.positions import Places
from gen2anki.source.recovery import Recovery

# More than any lesson has: ten times as many as the largest decks that are shared.
MAX_NOTES: Final = 250_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A lesson, where everything in it stands, and the problems of its shape.

    Where there are `repairs`, the lesson is only good for finding more problems. `has_anchors` is true of a file that
    marks a value to repeat it elsewhere. `recovery` tells of what YAML can't read, and `nameless` are
    the notes and sections without an id.
    """

    lesson: Lesson
    places: Places
    problems: tuple[Problem, ...]
    repairs: Repairs
    has_anchors: bool
    recovery: Recovery | None = None
    nameless: tuple[Nameless, ...] = ()

    @property
    def flashcards_title(self) -> str:
        """Return the name of the flashcards' deck, which is their heading too."""
        deck = self.lesson.deck
        return deck.flashcards.strip() or words(deck.language)["flashcards"]

    def questions(self) -> Iterator[tuple[Path, Question, Section | None]]:
        """Yield each question's path, itself and its section (None for a flashcard), in source order."""
        for number, flashcard in enumerate(self.lesson.flashcards):
            yield ("flashcards", number), flashcard, None
        for place, section in enumerate(self.lesson.practice):
            for number, question in enumerate(section.questions):
                yield ("practice", place, "questions", number), question, section

    def problem(self, path: Path, text: str, code: Code, needle: str = "", *, key: bool = False) -> Problem:
        """Return a problem at what stands at `path` (see `Places.find`)."""
        return self.places.problem(path, text, code, key=key, needle=needle)


def load(document: Document) -> Loaded:
    """Read a document.

    Raises:
        ProblemsError: the problems leave nothing to check further.
    """
    composed = compose(document)
    data, problems = whole(composed.data), composed.problems
    if data == "":
        raise ProblemsError([document.problem(0, "the file is empty: a lesson begins with 'deck:'", Code.EMPTY_FILE)])
    if composed.recovery and not isinstance(data, dict):  # nothing of a lesson is left
        raise ProblemsError(problems)
    without_id: tuple[Nameless, ...] = ()
    repairs = _set_aside(data, composed.recovery) if composed.recovery else Repairs()
    try:
        lesson = lesson_of(data)
    except ValidationError as error:
        errors = shape_errors(error, data)
        # Where YAML has misread a value, its wrong type is no second problem.
        misread = {(problem.line, problem.column) for problem in problems}
        told = (error for error in errors if not (error.is_missing and repairs.has_unknown_key(error.path[:-1])))
        errors_told = [*told]
        found = shape_problems(errors_told, data, composed.places)
        problems += tuple(problem for problem in found if (problem.line, problem.column) not in misread)
        if any(not error.path for error in errors):
            raise ProblemsError(problems) from None
        without_id = tuple(nameless(path, value_at(data, path)) for path in missing_ids(errors_told, data))
        repairs = repairs.joined(repair(data, errors))
        lesson = lesson_of(data)
    flashcards = len(lesson.flashcards)
    if flashcards + sum(len(section.questions) for section in lesson.practice) > MAX_NOTES:
        path: Path = ("flashcards", MAX_NOTES) if flashcards > MAX_NOTES else ("practice",)
        text = f"a lesson has at most {MAX_NOTES:,} notes, and this one has more: make several lessons of it"
        raise ProblemsError([composed.places.problem(path, text, Code.TOO_LARGE)])
    return Loaded(
        lesson=lesson,
        places=composed.places,
        problems=problems,
        repairs=repairs,
        has_anchors=composed.has_anchors,
        recovery=composed.recovery,
        nameless=without_id,
    )


def _set_aside(data: Any, recovery: Recovery) -> Repairs:
    """Take out of plain data what could not be read, in place, and return where that was."""
    lost: list[Path] = []
    todo: list[tuple[Path, Any]] = [((), data)]
    while todo:
        path, value = todo.pop()
        for step, member in value.items() if isinstance(value, dict) else enumerate(value):
            if not isinstance(member, str):
                todo.append(((*path, step), member))
            elif recovery.stand_in in member:
                lost.append(_known((*path, step)))
    # A key may have been lost together with the one above it.
    repairs = repair(data, (ShapeError(path, SET_ASIDE) for path in dict.fromkeys(lost)))
    around = {path[:-1] for path in lost}
    if recovery.hides_keys:
        around.add(())
    return replace(
        repairs,
        misspelled=repairs.misspelled | around,
        hides_ids=recovery.hides_ids or recovery.hides_keys,
        hides_notes=recovery.hides_keys,
    )


def _known(path: Path) -> Path:
    """Return a path without its last steps that lead into a text: YAML took a part of it for a key."""
    while isinstance(path[-1], str) and record_at(path[:-1]) is None:
        path = path[:-1]
    return path
