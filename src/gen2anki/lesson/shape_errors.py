"""What is wrong with the shape of a lesson, in an author's words: from a path and pydantic's name of the fault to a problem."""

import re
import unicodedata
from typing import Any, Final

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.problem import Path, Problem
from gen2anki.diagnostics.suggestion import nearest
from gen2anki.schema import identifiers
from gen2anki.schema.model import Deck, Lesson, Question, Section, keys
from gen2anki.source.document import Document
from gen2anki.source.syntax_errors import odd_space

# What pydantic calls an unknown key.
UNKNOWN_KEY: Final = "unexpected_keyword_argument"
# Lists of mappings, and the keys of these.
MEMBERS: Final = {"flashcards": Question, "questions": Question, "practice": Section}
# How much of a wrong text a message repeats.
_SHOWN: Final = 40


def shape_problem(source: Document, data: Any, path: Path, kind: str) -> Problem | None:  # noqa: PLR0911
    """Return the problem of one value of the wrong shape; none where another problem already covers it."""
    name = next((step for step in reversed(path) if isinstance(step, str)), "")
    is_member = bool(path) and isinstance(path[-1], int)
    called = _MEMBER[name] if is_member else f"'{name}'"
    if kind == "missing":
        parent = path[:-1]
        if "<<" in value_at(data, parent):
            return None
        return source.problem_at(parent, f"'{name}' is missing from {_named(parent)}", Code.MISSING_KEY, key=True)
    if kind == UNKNOWN_KEY:
        return None if name == "<<" else _unknown_key(source, path, value_at(data, path))
    value = value_at(data, path)
    if not path:
        return source.problem_at(
            path, f"a lesson is a mapping that begins with 'deck:', not {_kind(value)}", Code.WRONG_TYPE
        )
    if isinstance(value, str) and not value.strip():
        advice = ": write true or false, or take the key out" if kind == "bool_type" else ""
        return source.problem_at(path, f"{called} is empty{advice}", Code.EMPTY_VALUE, key=not is_member)
    if kind == "string_pattern_mismatch":
        return source.problem_at(path, *_pattern_fault(name, value))
    if kind == "too_short":
        return source.problem_at(path, *_TOO_SHORT[name])
    if name == "minutes":
        return source.problem_at(
            path, f"'minutes' must be a whole number, 1 or more, not {_kind(value)}", Code.BAD_MINUTES
        )
    if kind == "tuple_type":
        return _no_list(source, path, called, value)
    wanted = _WANTED.get(kind, "a text")
    advice = _QUOTES.get(type(value), "") if wanted.startswith("a text") else ""
    return source.problem_at(path, f"{called} must be {wanted}, not {_kind(value)}{advice}", Code.WRONG_TYPE)


_WANTED: Final = {
    "dataclass_type": "a mapping of keys to values",
    "bool_type": "true or false",
    "mapping_type": "a mapping of commands to their texts, such as {'\\R': '\\mathbb{R}'}",
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
    "choices": ("'choices' needs at least two to choose from", Code.FEW_CHOICES),
    "questions": ("'questions' is empty: a section needs at least one", Code.NO_QUESTIONS),
}


def _pattern_fault(name: str, value: str) -> tuple[str, Code]:
    """Return message and code for a text that is not made of what it may be made of."""
    if name == "tags":
        advice = re.sub(r'["\s]+', "-", value).strip("-")
        return f"a tag has no spaces or quotes: write '{advice}', or nest tags with '::'", Code.BAD_TAG
    if name == "language":
        return f"'{_short(value)}' is no language tag such as en, de or pt-BR", Code.BAD_LANGUAGE
    if len(value) > identifiers.MAX_LENGTH and identifiers.ID.fullmatch(value[: identifiers.MAX_LENGTH]):
        return f"this id has {len(value)} characters, and an id has at most {identifiers.MAX_LENGTH}", Code.BAD_ID
    ascii_only = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode().lower()
    advice = re.sub(r"[^a-z0-9._-]+", "-", ascii_only).strip("-")[: identifiers.MAX_LENGTH]
    rule = f"an id is made of {identifiers.ID_RULE}"
    return f"{rule}: write '{advice}'" if advice else rule, Code.BAD_ID


def _kind(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else f"the text '{_short(value)}'"


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _no_list(source: Document, path: Path, called: str, value: Any) -> Problem:
    """Return the problem of what should be a list."""
    if isinstance(value, str) and (odd := odd_space(value)):
        return source.problem_at(path, odd.text, odd.code, needle=value[odd.at])
    wanted = "a list: each entry begins with '- '"
    if path[-1] not in MEMBERS:
        wanted = f"a list, such as {_as_list(path[-1], value)}"
    return source.problem_at(path, f"{called} must be {wanted}", Code.WRONG_TYPE)


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
    return keys({"deck": Deck, **MEMBERS}[steps[-1]] if steps else Lesson)


def meant_key(path: Path) -> str | None:
    """Return the key that the unknown one at `path` was most likely meant to be."""
    key, known = str(path[-1]), _keys_beside(path)
    near = nearest(key, known) or _ELSEWHERE.get(key.lower())
    return near if near in known else None


def _unknown_key(source: Document, path: Path, value: Any) -> Problem:
    *parents, key = path
    line, column, excerpt = source.place(path, key=True)
    if odd := odd_space(str(key)):
        column += odd.at
        return Problem(file=source.file, line=line, column=column, text=odd.text, code=odd.code, line_text=excerpt)
    before, after = excerpt[: column - 1].rstrip(), excerpt[column - 1 + len(str(key)) :].lstrip()
    if value == "" and before.endswith(",") and after.startswith((",", "}")):
        text = f"a comma ends a text in {{…}}, so that '{key}' is read as a key: put the whole text in quotes"
    elif near := meant_key(path):
        text = f"unknown key '{key}': did you mean '{near}'?"
    else:
        text = f"unknown key '{key}': the keys of {_named(tuple(parents))} are {', '.join(_keys_beside(path))}"
    return Problem(file=source.file, line=line, column=column, text=text, code=Code.UNKNOWN_KEY, line_text=excerpt)


def value_at(data: Any, path: Path) -> Any:
    """Return what stands at `path` of plain data."""
    for step in path:
        data = data[step]
    return data
