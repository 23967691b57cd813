"""Errors of a lesson's shape, in an author's words. What is said of a type or a key stands beside it in the model."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from pydantic import ValidationError

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.problem import Mend, Path, Problem
from gen2anki.diagnostics.suggestion import is_one_letter_off, nearest
from gen2anki.schema.keys import LIST_OR_ONE_NAMES, Key, key_at, keys_of, record_at
from gen2anki.schema.model import Question, Section
from gen2anki.schema.values import shortened
from gen2anki.source.positions import Places
from gen2anki.source.syntax_errors import odd_space


class ShapeError(NamedTuple):
    """One error of the shape: its path, pydantic's name for its kind, and how many members a short list needs."""

    path: Path
    kind: str
    least: int = 0

    @property
    def is_unknown_key(self) -> bool:
        """Return True if `path` leads to a key that the model does not have."""
        return self.kind == "unexpected_keyword_argument"

    @property
    def is_missing(self) -> bool:
        """Return True if nothing stands at `path`."""
        return self.kind == "missing"

    @property
    def is_missing_id(self) -> bool:
        """Return True if a note or a section has no id."""
        return self.is_missing and self.path[-1] == "id" and record_at(self.path[:-1]) in {Question, Section}


def shape_errors(error: ValidationError, data: Any) -> list[ShapeError]:
    """Return what pydantic found, each error once."""
    errors: dict[Path, ShapeError] = {}
    covered: set[Path] = set()
    for item in error.errors(include_url=False, include_input=False):
        path, kind = item["loc"], item["type"]
        if not LIST_OR_ONE_NAMES.isdisjoint(path):
            path, kind = _without_branch(path, kind)
            if isinstance(path[-1], int):  # the list itself was tried as a single value, too
                covered.add(path[:-1])
        errors[path] = ShapeError(path, kind, item.get("ctx", {}).get("min_length", 0))
    for path in [path for path, found in errors.items() if found.kind == _TOO_SHORT]:
        # pydantic counts only the members that are right.
        if len(value_at(data, path)) >= errors[path].least:
            covered.add(path)
        else:
            covered.update(longer for longer in errors if longer[:-1] == path)
    return [found for path, found in errors.items() if path not in covered]


def _without_branch(path: Path, kind: str) -> tuple[Path, str]:
    """Return an error's path and kind without the step by which pydantic tells a single value from a list."""
    at = next(number for number, step in enumerate(path, 1) if step in LIST_OR_ONE_NAMES)
    key = key_at(path[:at])
    if not key or not key.may_be_list or at == len(path):
        return path, kind
    behind = path[at + 1 :]
    return path[:at] + behind, kind if behind else _NO_BRANCH


def missing_ids(errors: Sequence[ShapeError], data: Any) -> list[Path]:
    """Return the path of each note and section without an id, in source order."""
    misspelled = _misspelled(errors)
    paths = (error.path for error in errors if error.is_missing_id)
    return sorted(path[:-1] for path in paths if path not in misspelled and "<<" not in value_at(data, path[:-1]))


def _misspelled(errors: Sequence[ShapeError]) -> Counter[Path]:
    """Return the path that each unknown key was most likely meant to have, with the number of keys that were meant so."""
    return Counter((*error.path[:-1], meant_key(error.path) or "") for error in errors if error.is_unknown_key)


def shape_problems(errors: Sequence[ShapeError], data: Any, places: Places) -> Iterator[Problem]:
    """Yield the problem of each error, unless another problem covers it; of ids, `missing_ids` tells."""
    misspelled = _misspelled(errors)
    for error in errors:
        if error.is_unknown_key:
            yield from _unknown_key(error.path, value_at(data, error.path[:-1]), misspelled, places)
        elif error.is_missing:
            # A key that is there, but misspelled, is not missing.
            is_known = error.is_missing_id or error.path in misspelled
            if not is_known and "<<" not in value_at(data, error.path[:-1]):
                yield _missing_key(error.path, places)
        elif key := key_at(error.path):
            yield _wrong_value(error, key, value_at(data, error.path), places)
        else:
            text = f"a lesson is a mapping that begins with 'deck:', not {_kind(data)}"
            yield places.problem(error.path, text, Code.WRONG_TYPE)


def _missing_key(path: Path, places: Places) -> Problem:
    parent = path[:-1]
    return places.problem(parent, f"'{path[-1]}' is missing from {_named(parent)}", Code.MISSING_KEY, key=True)


def _wrong_value(error: ShapeError, key: Key, value: Any, places: Places) -> Problem:
    path, about = error.path, key.value
    is_member = isinstance(path[-1], int)
    called = key.a_member if is_member else f"'{key.name}'"
    if isinstance(value, str) and not value.strip():
        return places.problem(path, f"{called} is empty{about.if_empty}", Code.EMPTY_VALUE, key=not is_member)
    if error.kind == "string_pattern_mismatch" and about.mismatch:
        text, code, _ = about.mismatch(value)
        return places.problem(path, text, code)
    if error.kind == _TOO_SHORT and key.about.too_few:
        text, code, _ = key.about.too_few
        return places.problem(path, text, code)
    if key.is_list and not is_member:
        return _no_list(path, key, value, places)
    must_be = about.must_be
    if error.kind == _NO_BRANCH:
        must_be += f" or a list of {must_be.removeprefix('a ')}s"
    advice = _QUOTES.get(type(value), "") if must_be.startswith("a text") else ""
    return places.problem(path, f"{called} must be {must_be}, not {_kind(value)}{advice}", about.code)


# What we call a value that could not be read.
SET_ASIDE: Final = "set_aside"
# What pydantic calls a list with too few members.
_TOO_SHORT: Final = "too_short"
# What we call a value that is neither of the two that its key may have: a single one, or a list of them.
_NO_BRANCH: Final = "no_branch"
# The advice for an author who meant a text, but typed a collection.
_QUOTES: Final[dict[type, str]] = {
    dict: ": put a text in quotes if it begins with '{' or contains ': '",
    list: ": put a text in quotes if it begins with '[' or '- '",
}


def _kind(value: Any) -> str:
    """Return what a value is, for a message."""
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else f"the text '{shortened(value)}'"


def _no_list(path: Path, key: Key, value: Any, places: Places) -> Problem:
    """Return the problem of what should be a list."""
    if isinstance(value, str) and (odd := odd_space(value)):
        return places.problem(path, odd.text, odd.code, needle=value[odd.at])
    wanted = (
        ": each entry begins with '- '" if key.record and not key.about.alone else f", such as {_as_list(key, value)}"
    )
    return places.problem(path, f"'{key.name}' must be a list{wanted}", Code.WRONG_TYPE)


def _as_list(key: Key, value: Any) -> str:
    """Return the list that an author may have meant with a text."""
    if key.is_text or not isinstance(value, str):
        return "[one, another]"
    # Words have no spaces.
    parts = value.split("," if "," in value else None)
    words = ["-".join(re.findall(r"[^\s\"'#\[\]{}]+", part)) for part in parts]
    return f"[{shortened(', '.join(filter(None, words)) or 'one, another')}]"


def _named(path: Path) -> str:
    """Return what a message calls the record at `path`."""
    key = key_at(path)
    if not key:
        return "the file"
    return f"this {key.about.member}" if key.is_list else f"'{key.name}'"


def meant_key(path: Path) -> str | None:
    """Return the key that its author most likely meant with the unknown one at `path`."""
    unknown, known = str(path[-1]), keys_of(record_at(path[:-1]))
    others = {name: key.name for key in known.values() for name in key.about.elsewhere}
    return nearest(unknown, tuple(known)) or others.get(unknown.lower())


def _unknown_key(path: Path, record: Any, misspelled: Counter[Path], places: Places) -> Iterator[Problem]:
    name, value = str(path[-1]), record[path[-1]]
    mend = None
    if name == "<<":  # a merge key is a problem already
        return
    line, column, line_text = places.place(path, key=True)
    if odd := odd_space(name):
        yield Problem(
            file=places.file, line=line, column=column + odd.at, text=odd.text, code=odd.code, line_text=line_text
        )
        return
    before, after = line_text[: column - 1].rstrip(), line_text[column - 1 + len(name) :].lstrip()
    if value == "" and before.endswith(",") and after.startswith((",", "}")):
        text = f"inside {{…}}, a comma ends a text, so '{name}' is read as a key: put the whole text in quotes"
    elif near := meant_key(path):
        text = f"unknown key '{name}': did you mean '{near}'?"
        is_only = near not in record and misspelled[*path[:-1], near] == 1
        if is_only and is_one_letter_off(name, near) and line_text[column - 1 :].startswith(f"{name}:"):
            mend = Mend(line, column, column + len(name), near, f"'{near}' for '{name}'")
    else:
        known = ", ".join(keys_of(record_at(path[:-1])))
        text = f"unknown key '{name}': the keys of {_named(path[:-1])} are {known}"
    problem = Problem(file=places.file, line=line, column=column, text=text, code=Code.UNKNOWN_KEY, line_text=line_text)
    yield problem.mended_by(mend)


def value_at(data: Any, path: Path) -> Any:
    """Return what stands at `path` of plain data."""
    for step in path:
        data = data[step]
    return data
