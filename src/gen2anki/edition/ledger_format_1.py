"""A ledger of format 1: JSON Lines, sorted by id, one for each note below the header."""

import json
import re
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from gen2anki.edition.entries import Entry, Gathered, Ledger, gathered, parsed
from gen2anki.schema import identifiers

_KEYS: Final = ("id", "section", "type", "hash", "mod", "added")
_TYPES: Final = (str, str, str, str, int, int)
# No time has more digits before the year 5138; a `mod` in milliseconds has.
_MOD_DIGITS: Final = 11
_ADDED_DIGITS: Final = 14
# A line as format 1 has it, without its end, which is another in later formats.
ENTRY: Final = (
    rf'\{{"id":"({identifiers.ID.pattern})",'
    r'"section":"([^"\\\x00-\x1f]*(?:\\["\\][^"\\\x00-\x1f]*)*)","type":"(card|cloze)","hash":"([0-9a-f]+)",'
    rf'"mod":(0|[1-9][0-9]{{,{_MOD_DIGITS - 1}}}),"added":([1-9][0-9]{{,{_ADDED_DIGITS - 1}}})'
)
# Also with the line end of Windows.
_LINE: Final = re.compile(rf'^{ENTRY}(,"retired":true)?\}}\r?\n', re.MULTILINE)
_HASH: Final = re.compile(r"[0-9a-f]+")
# JSON can escape what no file can hold.
_HALF_CHARACTER: Final = re.compile("[\ud800-\udfff]")


def read(text: str, file: str, headers: Sequence[tuple[int, dict[str, Any]]]) -> Ledger:
    """Return the ledger of a text; `headers` are its headers with the numbers of their lines.

    Raises:
        ProblemsError: with every line that is damaged.
    """
    found = _as_written(text) or gathered(text, file, [line for line, _ in headers], _entry_of)
    return Ledger(
        deck_id=headers[0][1]["deck"],
        deck_name=max(header["name"] for _, header in headers),
        entries=found.entries,
        lines=found.lines,
        versions=found.versions,
    )


@cache
def unquoted(section: str) -> str:
    """Return what a title in JSON says; titles are few, notes many."""
    return str(json.loads(f'"{section}"'))


def _as_written(text: str) -> Gathered | None:
    """Return the entries of a text that is, to the letter, as gen2anki made its lines; None where it is not."""
    entries = {
        id: Entry(unquoted(section), kind == "cloze", hash, int(mod), int(added), bool(retired))
        for id, section, kind, hash, mod, added, retired in _LINE.findall(text)
    }
    if len(entries) + 1 != text.count("\n") or not text.endswith("\n"):
        return None
    return Gathered(entries=entries, lines=range(2, len(entries) + 2), versions={})


def _entry_of(line: str) -> tuple[str, Entry] | str:
    return entry(parsed(line)) or "this line is no ledger entry"


def entry(row: Any) -> tuple[str, Entry] | None:
    """Return the id and the entry of a line that was read as JSON; None where it is damaged."""
    if row.__class__ is not dict:
        return None
    is_retired = row.pop("retired", False)
    values: Any = tuple(map(row.get, _KEYS))
    if len(row) != len(_KEYS) or tuple(map(type, values)) != _TYPES or is_retired.__class__ is not bool:
        return None
    id, section, kind, hash, mod, added = values
    if kind not in {"card", "cloze"} or not is_mod(mod) or not 0 < added < 10**_ADDED_DIGITS:
        return None
    if not identifiers.ID.fullmatch(id) or not _HASH.fullmatch(hash) or not is_text(section):
        return None
    return id, Entry(section, kind == "cloze", hash, mod, added, is_retired)


def is_mod(value: Any) -> bool:
    """Return True if a value can be a `mod`."""
    return value.__class__ is int and 0 <= value < 10**_MOD_DIGITS


def is_text(value: Any) -> bool:
    """Return True if a value is a text that a file can hold."""
    return value.__class__ is str and not _HALF_CHARACTER.search(value)
