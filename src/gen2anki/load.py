"""A source file to a lesson of the right shape, or to every problem of its shape."""

from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from gen2anki import ids
from gen2anki.model import Deck, Lesson, Question, Section, keys, lesson_of
from gen2anki.problem import Problem, ProblemsError, nearest
from gen2anki.source import Path, Source

# Values without which no lesson can be read on: where one is wrong or missing, another stands in for it, so that
# the rest of the file is still checked.
_STAND_INS: Final[dict[str, Any]] = {
    "deck": {"id": "x", "name": "x"},
    "questions": [{"id": "x"}],
    "id": "x",
    "name": "x",
    "title": "x",
}
# Lists of mappings, and the keys of these.
_MEMBERS: Final = {"flashcards": Question, "questions": Question, "practice": Section}


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A lesson, the source it came from and the problems of its shape.

    Where there are problems, the lesson is only good for finding further ones: at each path of `mended` a stand-in
    took the place of what was wrong.
    """

    source: Source
    lesson: Lesson
    problems: tuple[Problem, ...]
    mended: frozenset[Path]

    def sound(self, path: Path) -> bool:
        """Say whether all that stands at `path` is as the author wrote it."""
        return not self.mended or not any(place[: len(path)] == path for place in self.mended)

    def problem(self, path: Path, text: str, code: str, *, key: bool = False, needle: str = "") -> Problem:
        """Return an error at the place of `path` (see `Source.place`)."""
        line, column, excerpt = self.source.place(path, key=key, needle=needle)
        return Problem(file=self.source.file, line=line, column=column, text=text, code=code, source=excerpt)


def load(content: bytes, file: str) -> Loaded:
    """Read a source; `file` is its name in messages.

    Raises:
        ProblemsError: the problems leave nothing to look for further ones in.
    """
    source = Source(content, file)
    data, problems = source.data()
    if data == "":
        raise ProblemsError([source.problem(0, "the file is empty: a lesson begins with 'deck:'", "empty-file")])
    mended: frozenset[Path] = frozenset()
    try:
        lesson = lesson_of(data)
    except ValidationError as error:
        faults = _merged(error)
        problems += (problem for path, kind in faults if (problem := _shape_problem(source, data, path, kind)))
        mended = frozenset(path for path, _ in faults)
        if () in mended:
            raise ProblemsError(problems) from None
        for path, kind in faults:
            _mend(data, path, kind)
        lesson = lesson_of(data)
    return Loaded(source=source, lesson=lesson, problems=tuple(problems), mended=mended)


def _merged(error: ValidationError) -> list[tuple[Path, str]]:
    """Return path and kind of each fault; an answer that is neither a text nor a list of texts is one fault."""
    faults: dict[Path, str] = {}
    for item in error.errors(include_url=False, include_context=False, include_input=False):
        path, kind = item["loc"], item["type"]
        if "answer" in path:  # then comes which of the two it was tried as
            at = path.index("answer") + 1
            path, kind = path[:at] + path[at + 1 :], kind if path[at + 1 :] else "answer_type"
        faults[path] = kind
    inner = {path[:-1] for path in faults if path[-2:-1] == ("answer",)}
    return [(path, kind) for path, kind in faults.items() if path not in inner]


def _shape_problem(source: Source, data: Any, path: Path, kind: str) -> Problem | None:  # noqa: PLR0911
    """Return the problem of one value of the wrong shape; none where another problem already covers it."""
    name = next((step for step in reversed(path) if isinstance(step, str)), "")
    is_member = bool(path) and isinstance(path[-1], int)
    called = f"each of '{name}'" if is_member else f"'{name}'"
    if kind == "missing":
        if "<<" in _at(data, path[:-1]):
            return None
        return _problem(source, path[:-1], f"'{name}' is missing from {_named(path[:-1])}", "missing-key")
    if kind == "extra_forbidden":
        return None if name == "<<" else _unknown_key(source, path)
    value = _at(data, path)
    if kind == "string_pattern_mismatch":
        return _problem(source, path, *_PATTERNS.get(name, (f"{called} is empty", "empty-text")))
    if kind == "too_short":
        text = "a choice needs at least two 'choices'" if name == "choices" else f"'{name}' is empty: a section asks"
        return _problem(source, path, text, "few-choices" if name == "choices" else "no-questions")
    if name == "minutes":
        return _problem(source, path, "'minutes' must be a whole number, 1 or more", "minutes")
    if value == "" and kind != "bool_type":
        return _problem(source, path, f"{called} is empty", "empty-text", key=not is_member)
    wanted = _WANTED.get(kind, "a text")
    if not path:
        return _problem(source, path, f"a lesson is a mapping that begins with 'deck:', not {_kind(value)}", "type")
    return _problem(source, path, f"{called} must be {wanted}, not {_kind(value)}", "type")


_WANTED: Final = {
    "dataclass_type": "a mapping of keys to values",
    "tuple_type": "a list, each on a line that begins with '- '",
    "bool_type": "true or false",
    "answer_type": "a text or a list of texts",
}
_PATTERNS: Final = {
    "id": (f"an id is made of {ids.ID_RULE}", "id"),
    "retired": (f"an id is made of {ids.ID_RULE}", "id"),
    "tags": ("a tag has no spaces or quotes: write machine-learning, or nest with ::", "tag-name"),
    "language": ("'language' is a tag like en, de or pt-BR", "language"),
}


def _kind(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else f"the text '{value[:40]}'"


def _named(path: Path) -> str:
    """Return what the record at `path` is called in a message."""
    if not path:
        return "the file"
    steps = [step for step in path if isinstance(step, str)]
    return {"deck": "'deck'", "flashcards": "this flashcard", "practice": "this section"}.get(
        steps[-1], "this question"
    )


def _unknown_key(source: Source, path: Path) -> Problem:
    *parents, key = path
    steps = [step for step in parents if isinstance(step, str)]
    model = {"deck": Deck, **_MEMBERS}[steps[-1]] if steps else Lesson
    known = keys(model)
    near = nearest(str(key), known)
    advice = f"did you mean '{near}'?" if near else f"the keys of {_named(tuple(parents))} are {', '.join(known)}"
    return _problem(source, path, f"unknown key '{key}': {advice}", "unknown-key", key=True)


def _at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def _mend(data: Any, path: Path, kind: str) -> None:
    """Take the fault at `path` out of the data, in place."""
    *parents, last = path
    parent = _at(data, tuple(parents))
    if isinstance(last, int):
        if parents[-1] == "practice":
            parent[last] = {"id": "x", "title": "x", "questions": [{"id": "x"}]}
        else:
            parent[last] = {"id": "x"} if parents[-1] in _MEMBERS else "x"
    elif kind != "extra_forbidden" and last in _STAND_INS:
        parent[last] = _STAND_INS[last]
    else:
        parent.pop(last, None)


def _problem(source: Source, path: Path, text: str, code: str, *, key: bool = False) -> Problem:
    line, column, excerpt = source.place(path, key=key)
    return Problem(file=source.file, line=line, column=column, text=text, code=code, source=excerpt)
