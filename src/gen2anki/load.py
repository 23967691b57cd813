"""A source file to a lesson of the right shape, or to every problem of its shape."""

import re
import unicodedata
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from gen2anki import ids
from gen2anki.model import Deck, Lesson, Question, Section, keys, lesson_of
from gen2anki.problem import Path, Problem, ProblemsError, nearest
from gen2anki.source import Source
from gen2anki.syntax import odd_space

# Values without which no lesson can be read on: where one is wrong or missing, another stands in for it, so that
# the rest of the file is still checked. An id that no author chooses: one in use would be taken for the note that has it.
_NO_ID: Final = "." * ids.MAX_LENGTH
_STAND_INS: Final[dict[str, Any]] = {
    "deck": {"id": _NO_ID, "name": "x"},
    "questions": [{"id": _NO_ID}],
    "id": _NO_ID,
    "name": "x",
    "title": "x",
}
# Lists of mappings, and the keys of these.
_MEMBERS: Final = {"flashcards": Question, "questions": Question, "practice": Section}
_FEWEST: Final[dict[str | int, int]] = {"choices": 2, "questions": 1}
# How much of a wrong text a message repeats.
_SHOWN: Final = 40
# What pydantic calls an unknown key.
_UNKNOWN: Final = "unexpected_keyword_argument"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A lesson, the source it came from and the problems of its shape.

    Where there are problems, the lesson is only good for finding further ones: at each path of `mended` a stand-in
    took the place of what was wrong; `touched` are these paths, and those of all they stand in; `mistyped` those of the
    records that hold an unknown key.
    """

    source: Source
    lesson: Lesson
    problems: tuple[Problem, ...]
    mended: frozenset[Path]
    touched: frozenset[Path]
    mistyped: frozenset[Path]

    def sound(self, path: Path) -> bool:
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

    def problem(self, path: Path, text: str, code: str, needle: str = "", *, key: bool = False) -> Problem:
        """Return an error at what stands at `path` (see `Places.find`)."""
        return self.source.problem_at(path, text, code, key=key, needle=needle)


def load(source: Source) -> Loaded:
    """Read a source.

    Raises:
        ProblemsError: the problems leave nothing to look for further ones in.
    """
    data, problems = source.data()
    if data == "":
        raise ProblemsError([source.problem(0, "the file is empty: a lesson begins with 'deck:'", "empty-file")])
    mended: frozenset[Path] = frozenset()
    mistyped: frozenset[Path] = frozenset()
    try:
        lesson = lesson_of(data)
    except ValidationError as error:
        faults = _merged(error, data)
        # Where a value itself is misread, its wrong type is no second problem.
        misread = {(problem.line, problem.column) for problem in problems}
        meant = {(*path[:-1], _meant_key(path)) for path, kind in faults if kind == _UNKNOWN}
        # Where a mistyped key is told of, the one that it was meant to be is not missing.
        told = [(path, kind) for path, kind in faults if kind != "missing" or path not in meant]
        found = [problem for path, kind in told if (problem := _shape_problem(source, data, path, kind))]
        problems += (problem for problem in found if (problem.line, problem.column) not in misread)
        mended = frozenset(path for path, _ in faults)
        mistyped = frozenset(path[:-1] for path, kind in faults if kind == _UNKNOWN)
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
        if "answer" in path and kind != _UNKNOWN:  # then comes which of the two it was tried as
            at = path.index("answer") + 1
            path, kind = path[:at] + path[at + 1 :], kind if path[at + 1 :] else "answer_type"
        faults[path] = kind
    covered = {path[:-1] for path in faults if path[-2:-1] == ("answer",)}
    for path in [path for path, kind in faults.items() if kind == "too_short"]:
        # pydantic counts only the members that are right.
        if len(_at(data, path)) >= _FEWEST[path[-1]]:
            covered.add(path)
        else:
            covered.update(longer for longer in faults if longer[:-1] == path)
    return [(path, kind) for path, kind in faults.items() if path not in covered]


def _shape_problem(source: Source, data: Any, path: Path, kind: str) -> Problem | None:  # noqa: PLR0911
    """Return the problem of one value of the wrong shape; none where another problem already covers it."""
    name = next((step for step in reversed(path) if isinstance(step, str)), "")
    is_member = bool(path) and isinstance(path[-1], int)
    called = _MEMBER[name] if is_member else f"'{name}'"
    if kind == "missing":
        parent = path[:-1]
        if "<<" in _at(data, parent):
            return None
        return source.problem_at(parent, f"'{name}' is missing from {_named(parent)}", "missing-key", key=True)
    if kind == _UNKNOWN:
        return None if name == "<<" else _unknown_key(source, path, _at(data, path))
    value = _at(data, path)
    if not path:
        return source.problem_at(
            path, f"a lesson is a mapping that begins with 'deck:', not {_kind(value)}", "wrong-type"
        )
    if isinstance(value, str) and not value.strip():
        advice = ": write true or false, or take the key out" if kind == "bool_type" else ""
        return source.problem_at(path, f"{called} is empty{advice}", "empty-value", key=not is_member)
    if kind == "string_pattern_mismatch":
        return source.problem_at(path, *_pattern_fault(name, value))
    if kind == "too_short":
        return source.problem_at(path, *_TOO_SHORT[name])
    if name == "minutes":
        return source.problem_at(
            path, f"'minutes' must be a whole number, 1 or more, not {_kind(value)}", "bad-minutes"
        )
    if kind == "tuple_type":
        return _no_list(source, path, called, value)
    wanted = _WANTED.get(kind, "a text")
    advice = _QUOTES.get(type(value), "") if wanted.startswith("a text") else ""
    return source.problem_at(path, f"{called} must be {wanted}, not {_kind(value)}{advice}", "wrong-type")


_WANTED: Final = {
    "dataclass_type": "a mapping of keys to values",
    "bool_type": "true or false",
    "answer_type": "a text or a list of texts",
}
_QUOTES: Final[dict[type, str]] = {
    dict: "; a text that begins with '{', or has ': ' in it, needs quotes",
    list: "; a text that begins with '[' or '- ' needs quotes",
}
# What a member of each list is called.
_MEMBER: Final = {
    "answer": "an answer",
    "choices": "a choice",
    "flashcards": "a flashcard",
    "practice": "a section",
    "questions": "a question",
    "retired": "a retired id",
    "tags": "a tag",
}
# What some keys are called in Anki, or elsewhere.
_ELSEWHERE: Final = {
    "front": "question",
    "back": "answer",
    "explanation": "why",
    "comment": "why",
    "name": "title",
    "title": "name",
    "text": "cloze",
    "options": "choices",
    "cards": "flashcards",
    "sections": "practice",
}
_TOO_SHORT: Final = {
    "choices": ("'choices' needs at least two to choose from", "few-choices"),
    "questions": ("'questions' is empty: a section needs at least one", "no-questions"),
}


def _pattern_fault(name: str, value: str) -> tuple[str, str]:
    """Return message and code for a text that is not made of what it may be made of."""
    if name == "tags":
        advice = re.sub(r'["\s]+', "-", value).strip("-")
        return f"a tag has no spaces or quotes: write '{advice}', or nest tags with '::'", "bad-tag"
    if name == "language":
        return f"'{_short(value)}' is no language tag such as en, de or pt-BR", "bad-language"
    if len(value) > ids.MAX_LENGTH and ids.ID.fullmatch(value[: ids.MAX_LENGTH]):
        return f"this id has {len(value)} characters, and an id has at most {ids.MAX_LENGTH}", "bad-id"
    ascii_only = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode().lower()
    advice = re.sub(r"[^a-z0-9._-]+", "-", ascii_only).strip("-")[: ids.MAX_LENGTH]
    rule = f"an id is made of {ids.ID_RULE}"
    return f"{rule}: write '{advice}'" if advice else rule, "bad-id"


def _kind(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else f"the text '{_short(value)}'"


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _no_list(source: Source, path: Path, called: str, value: Any) -> Problem:
    """Return the problem of what should be a list."""
    if isinstance(value, str) and (odd := odd_space(value)):
        index, text, code = odd
        return source.problem_at(path, text, code, needle=value[index])
    wanted = "a list: each entry begins with '- '"
    if path[-1] not in _MEMBERS:
        wanted = f"a list, such as {_as_list(path[-1], value)}"
    return source.problem_at(path, f"{called} must be {wanted}", "wrong-type")


def _as_list(name: str | int, value: Any) -> str:
    """Return what a text may have been meant as, written as a list."""
    if name == "choices" or not isinstance(value, str):
        return "[one, another]"
    # Tags and ids have no spaces.
    parts = value.split("," if "," in value else None)
    words = ["-".join(re.findall(r"[^\s\"'#\[\]{}]+", part)) for part in parts]
    return f"[{_short(', '.join(filter(None, words)) or 'one, another')}]"


def _named(path: Path) -> str:
    """Return what the record at `path` is called in a message."""
    if not path:
        return "the file"
    steps = [step for step in path if isinstance(step, str)]
    return {"deck": "'deck'", "flashcards": "this flashcard", "practice": "this section"}.get(
        steps[-1], "this question"
    )


def _keys_beside(path: Path) -> tuple[str, ...]:
    """Return the keys that may stand where `path` ends."""
    steps = [step for step in path[:-1] if isinstance(step, str)]
    return keys({"deck": Deck, **_MEMBERS}[steps[-1]] if steps else Lesson)


def _meant_key(path: Path) -> str | None:
    """Return the key that the unknown one at `path` was most likely meant to be."""
    key, known = str(path[-1]), _keys_beside(path)
    near = nearest(key, known) or _ELSEWHERE.get(key.lower())
    return near if near in known else None


def _unknown_key(source: Source, path: Path, value: Any) -> Problem:
    *parents, key = path
    line, column, excerpt = source.place(path, key=True)
    if odd := odd_space(str(key)):
        index, text, code = odd
        return Problem(file=source.file, line=line, column=column + index, text=text, code=code, source=excerpt)
    before, after = excerpt[: column - 1].rstrip(), excerpt[column - 1 + len(str(key)) :].lstrip()
    if value == "" and before.endswith(",") and after.startswith((",", "}")):
        text = f"a comma ends a text in {{…}}, so that '{key}' is read as a key: put the whole text in quotes"
    elif near := _meant_key(path):
        text = f"unknown key '{key}': did you mean '{near}'?"
    else:
        text = f"unknown key '{key}': the keys of {_named(tuple(parents))} are {', '.join(_keys_beside(path))}"
    return Problem(file=source.file, line=line, column=column, text=text, code="unknown-key", source=excerpt)


def _at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


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
            parent[last] = {"id": _NO_ID} if parents[-1] in _MEMBERS else _NO_ID
    elif kind != _UNKNOWN and last in _STAND_INS:
        parent[last] = _STAND_INS[last]
    else:
        parent.pop(last, None)
