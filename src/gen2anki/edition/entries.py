"""What a ledger holds, as values, and what can be wrong with its lines; whatever the format of its file."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.problem import Problem

_RESTORE: Final = "restore the file from your version control"


class Entry(NamedTuple):
    """What the ledger says of one note. A named tuple, because a hundred thousand of them are read and compared.

    `section` is the title of the note's deck, below the lesson's own. `mod` is the epoch second of the build that first
    saw this content. `added` is the epoch millisecond that is the note's id in Anki.
    """

    section: str
    is_cloze: bool
    hash: str
    mod: int
    added: int
    is_retired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The ledger of one lesson: the id and the name of its deck, and an entry for each published note, by id.

    `lines` are the 1-based line numbers of the entries, in their order; empty where the ledger comes from no file.
    """

    deck_id: str
    deck_name: str
    entries: dict[str, Entry]
    lines: Sequence[int] = ()


def parsed(line: str) -> Any:
    """Return what a line of JSON says; None where it is no JSON."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def damaged(file: str, line: int, line_text: str, fault: str) -> Problem:
    """Return the problem of a damaged line: the marks of a merge, or else `fault`, which the last version mends."""
    is_mark = line_text.startswith(("<<<<<<<", "=======", ">>>>>>>", "|||||||"))
    text = (
        "a merge left its marks here: keep the lines of both sides, one for each id, and delete the marks"
        if is_mark
        else f"{fault}: {_RESTORE}"
    )
    return problem_at(file, line, line_text, text, Code.LEDGER_DAMAGED)


def problem_at(file: str, line: int, line_text: str, text: str, code: Code) -> Problem:
    """Return a problem with a line of a ledger."""
    return Problem(file=file, line=line, column=1, text=text, code=code, line_text=line_text.rstrip("\r"))
