"""A source file to a lesson of the right shape, or to every problem of its shape."""

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.problem import Path, Problem, ProblemsError
from gen2anki.lesson.shape_errors import MEMBERS, UNKNOWN_KEY, meant_key, shape_problem, value_at
from gen2anki.schema import identifiers
from gen2anki.schema.model import Lesson, Question, Section, lesson_of
from gen2anki.source.document import Document

# Values without which no lesson can be read on: where one is wrong or missing, another stands in for it, so that
# the rest of the file is still checked. An id that no author chooses: one in use would be taken for the note that has it.
NO_ID: Final = "." * identifiers.MAX_LENGTH
_STAND_INS: Final[dict[str, Any]] = {
    "deck": {"id": NO_ID, "name": "x"},
    "questions": [{"id": NO_ID}],
    "id": NO_ID,
    "name": "x",
    "title": "x",
}
_FEWEST: Final[dict[str | int, int]] = {"choices": 2, "questions": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A lesson, the source it came from and the problems of its shape.

    Where there are problems, the lesson is only good for finding further ones: at each path of `mended` a stand-in
    took the place of what was wrong; `touched` are these paths, and those of all they stand in; `mistyped` those of the
    records that hold an unknown key.
    """

    source: Document
    lesson: Lesson
    problems: tuple[Problem, ...]
    mended: frozenset[Path]
    touched: frozenset[Path]
    mistyped: frozenset[Path]

    def is_intact(self, path: Path) -> bool:
        """Say whether all that stands at `path` is as the author wrote it."""
        return not self.mended or (path not in self.touched and self.kept(path))

    def kept(self, path: Path) -> bool:
        """Say whether no stand-in took the place of `path`, though there may be one in it."""
        return not self.mended or not any(path[:length] in self.mended for length in range(1, len(path) + 1))

    def questions(self) -> Iterator[tuple[Path, Question, Section | None]]:
        """Yield each note's path, itself and its section (None for a flashcard), in source order."""
        for number, flashcard in enumerate(self.lesson.flashcards):
            yield ("flashcards", number), flashcard, None
        for place, section in enumerate(self.lesson.practice):
            for number, question in enumerate(section.questions):
                yield ("practice", place, "questions", number), question, section

    def problem(self, path: Path, text: str, code: Code, needle: str = "", *, key: bool = False) -> Problem:
        """Return an error at what stands at `path` (see `Places.find`)."""
        return self.source.problem_at(path, text, code, key=key, needle=needle)


def load(source: Document) -> Loaded:
    """Read a source.

    Raises:
        ProblemsError: the problems leave nothing to look for further ones in.
    """
    data, problems = source.data()
    if data == "":
        raise ProblemsError([source.problem(0, "the file is empty: a lesson begins with 'deck:'", Code.EMPTY_FILE)])
    mended: frozenset[Path] = frozenset()
    mistyped: frozenset[Path] = frozenset()
    try:
        lesson = lesson_of(data)
    except ValidationError as error:
        faults = _merged(error, data)
        # Where a value itself is misread, its wrong type is no second problem.
        misread = {(problem.line, problem.column) for problem in problems}
        meant = {(*path[:-1], meant_key(path)) for path, kind in faults if kind == UNKNOWN_KEY}
        # Where a mistyped key is told of, the one that it was meant to be is not missing.
        told = [(path, kind) for path, kind in faults if kind != "missing" or path not in meant]
        found = [problem for path, kind in told if (problem := shape_problem(source, data, path, kind))]
        problems += (problem for problem in found if (problem.line, problem.column) not in misread)
        mended = frozenset(path for path, _ in faults)
        mistyped = frozenset(path[:-1] for path, kind in faults if kind == UNKNOWN_KEY)
        if () in mended:
            raise ProblemsError(problems) from None
        own: set[Path] = set()
        for path, kind in faults:
            _mend(data, path, kind, own)
        lesson = lesson_of(data)
    touched = frozenset(path[:length] for path in mended for length in range(1, len(path) + 1))
    return Loaded(
        source=source, lesson=lesson, problems=tuple(problems), mended=mended, touched=touched, mistyped=mistyped
    )


def _merged(error: ValidationError, data: Any) -> list[tuple[Path, str]]:
    """Return path and kind of each fault; an answer that is neither a text nor a list of texts is one fault."""
    faults: dict[Path, str] = {}
    for item in error.errors(include_url=False, include_context=False, include_input=False):
        path, kind = item["loc"], item["type"]
        if "answer" in path and kind != UNKNOWN_KEY:  # then comes which of the two it was tried as
            at = path.index("answer") + 1
            path, kind = path[:at] + path[at + 1 :], kind if path[at + 1 :] else "answer_type"
        faults[path] = kind
    covered = {path[:-1] for path in faults if path[-2:-1] == ("answer",)}
    for path in [path for path, kind in faults.items() if kind == "too_short"]:
        # pydantic counts only the members that are right.
        if len(value_at(data, path)) >= _FEWEST[path[-1]]:
            covered.add(path)
        else:
            covered.update(longer for longer in faults if longer[:-1] == path)
    return [(path, kind) for path, kind in faults.items() if path not in covered]


def _mend(data: Any, path: Path, kind: str, own: set[Path]) -> None:
    """Take the fault at `path` out of the data, in place.

    What an alias repeats is one value at many places, with faults of its own at each: so the collections on the way
    are copied first, once, which `own` remembers.
    """
    *parents, last = path
    parent = data
    for length, step in enumerate(parents, 1):
        if path[:length] not in own:
            own.add(path[:length])
            parent[step] = copy(parent[step])
        parent = parent[step]
    if isinstance(last, int):
        if parents[-1] == "practice":
            parent[last] = {key: _STAND_INS[key] for key in ("id", "title", "questions")}
        else:
            parent[last] = {"id": NO_ID} if parents[-1] in MEMBERS else NO_ID
    elif kind != UNKNOWN_KEY and last in _STAND_INS:
        parent[last] = _STAND_INS[last]
    else:
        parent.pop(last, None)
