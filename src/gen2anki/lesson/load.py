"""A document to a lesson of the right shape, or to every problem of its shape."""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import ValidationError

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.problem import Path, Problem, ProblemsError
from gen2anki.lesson.repairs import Repairs, repair
from gen2anki.lesson.shape_errors import shape_errors, shape_problems
from gen2anki.schema.fixed_words import words
from gen2anki.schema.keys import whole
from gen2anki.schema.model import Lesson, Question, Section, lesson_of
from gen2anki.source.composer import compose
from gen2anki.source.document import Document
from gen2anki.source.positions import Places


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A lesson, where everything in it stands, and the problems of its shape.

    Where there are `repairs`, the lesson is only good for finding more problems. `has_anchors` is true of a file that
    marks a value to repeat it elsewhere.
    """

    lesson: Lesson
    places: Places
    problems: tuple[Problem, ...]
    repairs: Repairs
    has_anchors: bool

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
    repairs = Repairs()
    try:
        lesson = lesson_of(data)
    except ValidationError as error:
        errors = shape_errors(error, data)
        # Where YAML has misread a value, its wrong type is no second problem.
        misread = {(problem.line, problem.column) for problem in problems}
        found = shape_problems(errors, data, composed.places)
        problems += tuple(problem for problem in found if (problem.line, problem.column) not in misread)
        if any(not error.path for error in errors):
            raise ProblemsError(problems) from None
        repairs = repair(data, errors)
        lesson = lesson_of(data)
    return Loaded(
        lesson=lesson,
        places=composed.places,
        problems=problems,
        repairs=repairs,
        has_anchors=composed.has_anchors,
    )
