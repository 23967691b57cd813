"""The lines of a ledger of format 1: JSON Lines, sorted by id, one for each note."""

import json
import re
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.problem import Problem, ProblemsError
from gen2anki.edition.entries import Entry, damaged, parsed, problem_at
from gen2anki.schema import identifiers

_KEYS: Final = ("id", "section", "type", "hash", "mod", "added")
_TYPES: Final = (str, str, str, str, int, int)
# No time has more digits before the year 5138; a `mod` in milliseconds has.
_MOD_DIGITS: Final = 11
_ADDED_DIGITS: Final = 14
# A line as `line_of` makes it, also with the line end of Windows.
_LINE: Final = re.compile(
    rf'^\{{"id":"({identifiers.ID.pattern})",'
    r'"section":"([^"\\\x00-\x1f]*(?:\\["\\][^"\\\x00-\x1f]*)*)","type":"(card|cloze)","hash":"([0-9a-f]+)",'
    rf'"mod":(0|[1-9][0-9]{{,{_MOD_DIGITS - 1}}}),"added":([1-9][0-9]{{,{_ADDED_DIGITS - 1}}})(,"retired":true)?\}}\r?\n',
    re.MULTILINE,
)
_HASH: Final = re.compile(r"[0-9a-f]+")
# JSON can escape what no file can hold.
_HALF_CHARACTER: Final = re.compile("[\ud800-\udfff]")


def read(text: str, file: str) -> tuple[dict[str, Entry], Sequence[int]]:
    """Return the entries of a ledger's text by id, and the 1-based numbers of their lines.

    Raises:
        ProblemsError: with every line that is damaged, or repeats an id.
    """
    return _as_written(text) or _line_by_line(text, file)


def line_of(id: str, entry: Entry) -> str:
    """Return the line of a note, without its end."""
    section, hash, mod, added = _quoted(entry.section), entry.hash, entry.mod, entry.added
    kind, end = "cloze" if entry.is_cloze else "card", ',"retired":true}' if entry.is_retired else "}"
    return f'{{"id":"{id}","section":{section},"type":"{kind}","hash":"{hash}","mod":{mod},"added":{added}{end}'


@cache
def _quoted(section: str) -> str:
    return json.dumps(section, ensure_ascii=False)  # titles are few, notes many


@cache
def _unquoted(section: str) -> str:
    return str(json.loads(f'"{section}"'))


def _as_written(text: str) -> tuple[dict[str, Entry], Sequence[int]] | None:
    """Return the entries of a text that is, to the letter, as `line_of` makes its lines; None where it is not."""
    entries = {
        id: Entry(_unquoted(section), kind == "cloze", hash, int(mod), int(added), bool(retired))
        for id, section, kind, hash, mod, added, retired in _LINE.findall(text)
    }
    if len(entries) + 1 != text.count("\n") or not text.endswith("\n"):
        return None
    return entries, range(2, len(entries) + 2)


def _line_by_line(text: str, file: str) -> tuple[dict[str, Entry], Sequence[int]]:
    """Return the entries of lines that a person, an editor or git may have reshaped.

    Raises:
        ProblemsError: with every line that is damaged, or repeats an id.
    """
    entries: dict[str, Entry] = {}
    lines: list[int] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.split("\n"), 1):
        if number == 1 or not line or line.isspace():  # the first is the header
            continue
        id, entry = _entry(parsed(line)) or ("", None)
        if entry is None:
            problems.append(damaged(file, number, line, "this line is no ledger entry"))
        elif id in entries:
            problems.append(problem_at(file, number, line, _repeated(id, entries[id], entry), Code.LEDGER_TWICE))
        else:
            entries[id] = entry
            lines.append(number)
    if problems:
        raise ProblemsError(problems)
    return entries, lines


def _repeated(id: str, first: Entry, second: Entry) -> str:
    """Return what to do about two lines of one note."""
    if first == second:
        return f"'{id}' has this line twice: delete one"
    if first.mod == second.mod:
        return f"'{id}' has two lines of one 'mod': keep one, and make its 'mod' greater by 1"
    return f"'{id}' has two lines: keep the one with the later 'mod'"


def _entry(row: Any) -> tuple[str, Entry] | None:
    """Return the id and the entry of a line that was read as JSON; None where it is damaged."""
    if row.__class__ is not dict:
        return None
    is_retired = row.pop("retired", False)
    values: Any = tuple(map(row.get, _KEYS))
    if len(row) != len(_KEYS) or tuple(map(type, values)) != _TYPES or is_retired.__class__ is not bool:
        return None
    id, section, kind, hash, mod, added = values
    if kind not in {"card", "cloze"} or not 0 <= mod < 10**_MOD_DIGITS or not 0 < added < 10**_ADDED_DIGITS:
        return None
    if not identifiers.ID.fullmatch(id) or not _HASH.fullmatch(hash) or _HALF_CHARACTER.search(section):
        return None
    return id, Entry(section, kind == "cloze", hash, mod, added, is_retired)
