"""The ledger, `cards.lock`: of each published note, the content it had and when an edition last changed it.

Anki takes a note's new text if, and only if, its `mod` is later than the learner's. So an unchanged note keeps its
`mod` (and the learner's edits survive), and a changed one gets a later one (and the change arrives). The file is
JSON Lines sorted by id, so that git merges it: a header, then a line for each note.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from gen2anki import ids
from gen2anki.problem import Problem, ProblemsError

FORMAT: Final = 1

_KEYS: Final = ("id", "section", "type", "hash", "mod", "added")
_TYPES: Final = (str, str, str, str, int, int)
_RETIRED: Final = ',"retired":true'
_RESTORE: Final = "restore the file from your version control"


class Entry(NamedTuple):
    """One note's line.

    `section` is the title of its deck, below the lesson's own; `hash` that of its content; `mod` the epoch second of
    the build that first saw this content; `added` the epoch millisecond that is the note's id in Anki.
    """

    id: str
    section: str
    cloze: bool
    hash: str
    mod: int
    added: int
    retired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The ledger of one deck: its id, its name and its notes by id, the retired ones among them.

    `lines` are the 1-based lines of the entries, in their order, where the ledger was read from a file.
    """

    deck: str
    name: str
    entries: dict[str, Entry]
    lines: tuple[int, ...] = ()


def read(content: bytes, file: str, deck: str) -> Ledger:
    """Read the ledger of a deck; `deck` is the deck's id, `file` the ledger's name in messages.

    Raises:
        ProblemsError: it is damaged, or another deck's, or of a later gen2anki.
    """
    try:
        lines = content.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ProblemsError([_damaged(file, line, "", f"this is not UTF-8 text: {_RESTORE}")]) from None
    header = _header(lines[0], file, deck)
    numbers = [number for number, line in enumerate(lines) if number and line and not line.isspace()]
    try:
        rows = json.loads(f"[{','.join(lines[number] for number in numbers)}]")
    except ValueError:
        rows = []
    if len(rows) != len(numbers):
        rows = [_json(lines[number]) for number in numbers]
    entries: dict[str, Entry] = {}
    problems: list[Problem] = []
    for number, row in zip(numbers, rows, strict=True):
        entry = _entry(row)
        if entry is None:
            problems.append(_damaged(file, number + 1, lines[number], _why(lines[number])))
        elif entry.id in entries:
            text = f"'{entry.id}' has two lines: keep the one with the later 'mod'"
            problems.append(_problem(file, number + 1, lines[number], text, "ledger-twice"))
        else:
            entries[entry.id] = entry
    if problems:
        raise ProblemsError(problems)
    lines_of_entries = tuple(number + 1 for number in numbers)
    return Ledger(deck=deck, name=header["name"], entries=entries, lines=lines_of_entries)


def write(ledger: Ledger) -> bytes:
    """Return the file's bytes."""
    header = {"gen2anki": "ledger", "format": FORMAT, "deck": ledger.deck, "name": ledger.name}
    lines = [json.dumps(header, ensure_ascii=False, separators=(",", ":"))]
    lines += _lines(ledger)
    return ("\n".join(lines) + "\n").encode()


def _lines(ledger: Ledger) -> Iterator[str]:
    quoted: dict[str, str] = {}  # titles are few, notes many
    for id in sorted(ledger.entries):
        _, section, cloze, hash, mod, added, retired = ledger.entries[id]
        if section not in quoted:
            quoted[section] = json.dumps(section, ensure_ascii=False)
        kind, end = "cloze" if cloze else "card", _RETIRED if retired else ""
        yield (
            f'{{"id":"{id}","section":{quoted[section]},"type":"{kind}","hash":"{hash}","mod":{mod},"added":{added}{end}}}'
        )


def _header(line: str, file: str, deck: str) -> dict[str, Any]:
    header = _json(line)
    if not isinstance(header, dict) or header.get("gen2anki") != "ledger" or not isinstance(header.get("name"), str):
        text = f"this is no ledger of gen2anki: {_RESTORE}" if not _conflict(line) else _why(line)
        raise ProblemsError([_damaged(file, 1, line, text)])
    if header.get("format") != FORMAT:
        text = f"a later gen2anki wrote this ledger (format {header.get('format')}): upgrade gen2anki"
        raise ProblemsError([_problem(file, 1, line, text, "ledger-format")])
    if header.get("deck") != deck:
        text = (
            f"this is the ledger of the deck '{header.get('deck')}', not of '{deck}': a deck's id never changes;"
            " a new deck gets a folder, or a source name, of its own"
        )
        raise ProblemsError([_problem(file, 1, line, text, "ledger-foreign")])
    return header


def _json(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None


def _entry(row: Any) -> Entry | None:
    """Return a line's entry, or None where it is damaged."""
    if row.__class__ is not dict:
        return None
    retired = row.pop("retired", False)
    values: Any = tuple(map(row.get, _KEYS))
    if len(row) != len(_KEYS) or tuple(map(type, values)) != _TYPES or retired.__class__ is not bool:
        return None
    id, section, kind, hash, mod, added = values
    if kind not in {"card", "cloze"} or not ids.ID.fullmatch(id) or mod < 0 or added < 1:
        return None
    return Entry(id, section, kind == "cloze", hash, mod, added, retired)


def _conflict(line: str) -> bool:
    return line.startswith(("<<<<<<<", "=======", ">>>>>>>", "|||||||"))


def _why(line: str) -> str:
    if _conflict(line):
        return "a merge left its marks here: keep the lines of both sides, one for each id, and delete the marks"
    return f"this line is no ledger entry: {_RESTORE}"


def _damaged(file: str, line: int, source: str, text: str) -> Problem:
    return _problem(file, line, source, text, "ledger-damaged")


def _problem(file: str, line: int, source: str, text: str, code: str) -> Problem:
    return Problem(file=file, line=line, column=1, text=text, code=code, source=source.rstrip("\r"))
