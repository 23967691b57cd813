"""The ledger, `cards.lock`: of each published note, the content it had and when an edition last changed it.

Anki takes a note's new text if, and only if, its `mod` is later than the learner's. So an unchanged note keeps its
`mod` (and the learner's edits survive), and a changed one gets a later one (and the change arrives). The file is
JSON Lines sorted by id, so that git merges it: a header, then a line for each note.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, NamedTuple

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.problem import Problem, ProblemsError
from gen2anki.schema import identifiers

FORMAT: Final = 1

_KEYS: Final = ("id", "section", "type", "hash", "mod", "added")
_TYPES: Final = (str, str, str, str, int, int)
_END: Final = "}"
_RETIRED_END: Final = ',"retired":true}'
# No time has more digits before the year 5138; a `mod` in milliseconds has.
_MOD_DIGITS: Final = 11
_ADDED_DIGITS: Final = 14
# A line as `write` makes it, also with the line end of Windows; and the note's id in it.
_LINE: Final = re.compile(
    rf'^(\{{"id":"({identifiers.ID.pattern})",'
    r'"section":"[^"\\\x00-\x1f]*(?:\\["\\][^"\\\x00-\x1f]*)*","type":"(?:card|cloze)","hash":"[0-9a-f]+",'
    rf'"mod":(?:0|[1-9][0-9]{{,{_MOD_DIGITS - 1}}}),"added":[1-9][0-9]{{,{_ADDED_DIGITS - 1}}}(?:,"retired":true)?\}})\r?\n',
    re.MULTILINE,
)
_HASH: Final = re.compile(r"[0-9a-f]+")
# JSON can escape what no file can hold.
_HALF_CHARACTER: Final = re.compile("[\ud800-\udfff]")
_RESTORE: Final = "restore the file from your version control"


class Entry(NamedTuple):
    """What a line says of its note.

    `section` is the title of the note's deck, below the lesson's own; `mod` the epoch second of the build that first
    saw this content; `added` the epoch millisecond that is the note's id in Anki.
    """

    section: str
    cloze: bool
    hash: str
    mod: int
    added: int
    retired: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The ledger of one deck: its id, its name and its notes, the retired ones among them.

    `lines` are the notes' lines by id, without their ends: most are only compared, and written again as they stand.
    `places` are the 1-based numbers of these lines, in their order, where the ledger was read from a file.
    """

    deck: str
    name: str
    lines: dict[str, str]
    places: Sequence[int] = ()

    def entry(self, id: str) -> Entry:
        """Return what the ledger says of a note."""
        return entry_of(self.lines[id])


def content_of(id: str, section: str, hash: str, *, cloze: bool) -> str:
    """Return what a line begins with: id, section, note type and hash of the note as the edition has it."""
    return f'{{"id":"{id}","section":{_quoted(section)},"type":"{"cloze" if cloze else "card"}","hash":"{hash}"'


def line_of(content: str, added: int, mod: int, *, retired: bool = False) -> str:
    """Return a note's line; `content` is what `content_of` returned."""
    return f'{content},"mod":{mod},"added":{added}{_RETIRED_END if retired else _END}'


def numbers_of(line: str) -> tuple[int, int]:
    """Return `added` and `mod`, all that is asked of an unchanged note."""
    head, _, added = line.removesuffix(_RETIRED_END).rstrip(_END).rpartition(',"added":')
    return int(added), int(head.rpartition(":")[2])


def is_retired(line: str) -> bool:
    """Say whether the note is retired."""
    return line.endswith(_RETIRED_END)


def entry_of(line: str) -> Entry:
    """Return all that a line says of its note."""
    row = json.loads(line)
    return Entry(row["section"], row["type"] == "cloze", row["hash"], row["mod"], row["added"], is_retired(line))


def written(id: str, entry: Entry) -> str:
    """Return the line that says this of the note."""
    content = content_of(id, entry.section, entry.hash, cloze=entry.cloze)
    return line_of(content, entry.added, entry.mod, retired=entry.retired)


@cache
def _quoted(section: str) -> str:
    return json.dumps(section, ensure_ascii=False)  # titles are few, notes many


def read(content: bytes, file: str) -> Ledger:
    """Read a ledger; `file` is its name in messages.

    Raises:
        ProblemsError: it is damaged, or of a later gen2anki.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ProblemsError([_damaged(file, line, "", f"this is not UTF-8 text: {_RESTORE}")]) from None
    deck, name = _header(text.partition("\n")[0], file)
    lines, places = _as_written(text) or _line_by_line(text, file)
    return Ledger(deck=deck, name=name, lines=lines, places=places)


def foreign(ledger: Ledger, file: str, deck: str) -> Problem | None:
    """Return the problem of a ledger that is not the deck's of this id."""
    if ledger.deck == deck:
        return None
    text = (
        f"this is the ledger of the deck '{ledger.deck}', not of '{deck}': a deck's id never changes; if the lesson is a"
        " copy, delete the ledger that came with it; any other new deck gets a folder, or a source name, of its own"
    )
    return _problem(file, 1, _first_line(ledger), text, Code.LEDGER_FOREIGN)


def lost(others: Mapping[str, bytes], file: str, deck: str) -> Iterator[Problem]:
    """Yield a warning for each ledger of the deck of this id among others.

    `others` are their first lines, by file; the deck has none of its own yet, which would be `file`.
    """
    for other, content in others.items():
        line = content.decode("utf-8-sig", errors="replace").rstrip()
        header = _json(line)
        if isinstance(header, dict) and header.get("gen2anki") == "ledger" and header.get("deck") == deck:
            text = (
                f"this is a ledger of the deck '{deck}', and '{file}' would be a new one, with which this edition"
                " overwrites what learners edited: if the lesson is the same, put the old ledger in the new one's place; if it is"
                " another (a translation, say), give it a deck id of its own"
            )
            yield _problem(other, 1, line, text, Code.LEDGER_ELSEWHERE)


def _as_written(text: str) -> tuple[dict[str, str], Sequence[int]] | None:
    """Return lines that are, to the letter, as `write` makes them, and their places; None where any is not."""
    lines: dict[str, str] = {id: line for line, id in _LINE.findall(text)}
    if len(lines) + 1 != text.count("\n") or not text.endswith("\n"):
        return None
    return lines, range(2, len(lines) + 2)


def _line_by_line(text: str, file: str) -> tuple[dict[str, str], Sequence[int]]:
    """Return, as `write` makes them, lines that a person, an editor or git may have reshaped, and their places.

    Raises:
        ProblemsError: with every line that is damaged, or an id's second.
    """
    lines: dict[str, str] = {}
    places: list[int] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.split("\n"), 1):
        if number == 1 or not line or line.isspace():  # the first is the header
            continue
        id, rewritten = _rewritten(_json(line)) or ("", "")
        if not id:
            problems.append(_damaged(file, number, line, _why(line)))
        elif id in lines:
            problems.append(_problem(file, number, line, _twice(id, lines[id], rewritten), Code.LEDGER_TWICE))
        else:
            lines[id] = rewritten
            places.append(number)
    if problems:
        raise ProblemsError(problems)
    return lines, places


def _twice(id: str, line: str, other: str) -> str:
    """Return what to do about two lines of one note."""
    if line == other:
        return f"'{id}' has this line twice: delete one"
    if numbers_of(line)[1] == numbers_of(other)[1]:
        return f"'{id}' has two lines of one 'mod': keep one, and make its 'mod' greater by 1"
    return f"'{id}' has two lines: keep the one with the later 'mod'"


def write(ledger: Ledger) -> bytes:
    """Return the file's bytes."""
    # By id: the quote that ends one comes before all that an id may be made of.
    return "\n".join([_first_line(ledger), *sorted(ledger.lines.values()), ""]).encode()


def _first_line(ledger: Ledger) -> str:
    header = {"gen2anki": "ledger", "format": FORMAT, "deck": ledger.deck, "name": ledger.name}
    return json.dumps(header, ensure_ascii=False, separators=(",", ":"))


def _header(line: str, file: str) -> tuple[str, str]:
    """Return the deck's id and name."""
    header = _json(line)
    is_ledger = isinstance(header, dict) and header.get("gen2anki") == "ledger"
    if not is_ledger or {type(header.get("deck")), type(header.get("name"))} != {str}:
        text = f"this is no ledger of gen2anki: {_RESTORE}" if not _conflict(line) else _why(line)
        raise ProblemsError([_damaged(file, 1, line, text)])
    if header.get("format") != FORMAT:
        text = f"a later gen2anki wrote this ledger (format {header.get('format')}): upgrade gen2anki"
        raise ProblemsError([_problem(file, 1, line, text, Code.LEDGER_FORMAT)])
    return header["deck"], header["name"]


def _json(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _rewritten(row: Any) -> tuple[str, str] | None:
    """Return a line's id, and the line as `write` makes it; None where it is damaged."""
    if row.__class__ is not dict:
        return None
    retired = row.pop("retired", False)
    values: Any = tuple(map(row.get, _KEYS))
    if len(row) != len(_KEYS) or tuple(map(type, values)) != _TYPES or retired.__class__ is not bool:
        return None
    id, section, kind, hash, mod, added = values
    if kind not in {"card", "cloze"} or not 0 <= mod < 10**_MOD_DIGITS or not 0 < added < 10**_ADDED_DIGITS:
        return None
    if not identifiers.ID.fullmatch(id) or not _HASH.fullmatch(hash) or _HALF_CHARACTER.search(section):
        return None
    return id, written(id, Entry(section, kind == "cloze", hash, mod, added, retired))


def _conflict(line: str) -> bool:
    return line.startswith(("<<<<<<<", "=======", ">>>>>>>", "|||||||"))


def _why(line: str) -> str:
    if _conflict(line):
        return "a merge left its marks here: keep the lines of both sides, one for each id, and delete the marks"
    return f"this line is no ledger entry: {_RESTORE}"


def _damaged(file: str, line: int, source: str, text: str) -> Problem:
    return _problem(file, line, source, text, Code.LEDGER_DAMAGED)


def _problem(file: str, line: int, source: str, text: str, code: Code) -> Problem:
    return Problem(file=file, line=line, column=1, text=text, code=code, line_text=source.rstrip("\r"))
