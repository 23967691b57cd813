"""A ledger of format 2: as format 1, with a check of each line, the words that a cloze hides, and what merges need."""

import json
import re
from collections.abc import Sequence
from functools import cache, partial
from typing import Any, Final
from zlib import crc32

from gen2anki.diagnostics.problem import ProblemsError
from gen2anki.edition import ledger_format_1
from gen2anki.edition.entries import Entry, Gathered, Ledger, damaged, gathered, parsed
from gen2anki.edition.ledger_format_1 import ENTRY, is_mod, is_text, unquoted
from gen2anki.schema import identifiers

_FORMAT: Final = 2
# A line as `_body` makes it: what is checked, its values, what only some lines have, and the check. Also with the line
# end of Windows.
_LINE: Final = re.compile(rf'^({ENTRY}((?:,"[^\n]*)?)),"check":"([0-9a-f]{{8}})"\}}\r?\n', re.MULTILINE)
_NUMBER: Final = re.compile("[1-9][0-9]{0,2}")
_CHANGED: Final = "is not as gen2anki wrote it: a number or a letter was changed"


def read(text: str, file: str, headers: Sequence[tuple[int, dict[str, Any]]]) -> Ledger:
    """Return the ledger of a text; `headers` are its headers with the numbers of their lines.

    A merge can leave a header of each branch, one of format 1 among them. A single one tells whether lines were lost.

    Raises:
        ProblemsError: with every line that is damaged.
    """
    number, header = headers[0]
    start = crc32(header["deck"].encode())
    checked = [(line, header) for line, header in headers if header["format"] == _FORMAT]
    for line, one in checked:
        if one.pop("check", "") != _check(_text(one)[:-1], start) or not is_mod(one.get("forgotten", 0)):
            raise ProblemsError([damaged(file, line, _text(one), f"this header {_CHANGED}")])
    found, total = _as_written(text, start) or (None, 0)
    if found is None:
        entry_of = partial(_entry_of, start=start, is_checked=len(checked) == len(headers))
        found = gathered(text, file, [line for line, _ in headers], entry_of)
        total = sum(crc32(_body(id, entry).encode(), start) for id, entry in found.entries.items())
    if len(headers) == 1 and (found.versions or header.get("sum") != _hex(total)):
        have, had = len(found.entries), header.get("notes")
        fault = (
            f"this header is of {had} notes, below it are {have}"
            if have != had
            else "other lines were below this header"
        )
        advice = "lines were lost, or come from elsewhere (a merge must keep the lines of both sides, both headers too)"
        raise ProblemsError([damaged(file, number, _text(header), f"{fault}: {advice}")])
    return Ledger(
        deck_id=header["deck"],
        deck_name=max(one["name"] for _, one in headers),
        entries=found.entries,
        lines=found.lines,
        versions=found.versions,
        forgotten=max(one.get("forgotten", 0) for _, one in headers),
    )


def write(ledger: Ledger) -> bytes:
    """Return the bytes of a ledger's file."""
    start = crc32(ledger.deck_id.encode())
    lines, total = [], 0
    for id in sorted(ledger.entries):
        body = _body(id, ledger.entries[id])
        check = crc32(body.encode(), start)
        total += check
        lines.append(f'{body},"check":"{check:08x}"}}')
    header: dict[str, Any] = {"gen2anki": "ledger", "format": _FORMAT, "deck": ledger.deck_id, "name": ledger.deck_name}
    header |= {"notes": len(lines), "sum": _hex(total)}
    header |= {"forgotten": ledger.forgotten} if ledger.forgotten else {}
    body = _text(header)[:-1]
    return "\n".join([f'{body},"check":"{_check(body, start)}"}}', *lines, ""]).encode()


def _check(body: str, start: int) -> str:
    """Return the check of a line: a checksum that tells each change of a digit, a letter or a bit."""
    return _hex(crc32(body.encode(errors="surrogatepass"), start))  # a header by hand may hold half a character


def _hex(number: int) -> str:
    return f"{number & 0xFFFF_FFFF:08x}"


def _body(id: str, entry: Entry) -> str:
    """Return the line of a note, without its check and its end."""
    section, hash, mod, added = _quoted(entry.section), entry.hash, entry.mod, entry.added
    kind = "cloze" if entry.is_cloze else "card"
    body = f'{{"id":"{id}","section":{section},"type":"{kind}","hash":"{hash}","mod":{mod},"added":{added}'
    if entry.other:
        body += f',"other":{entry.other}'
    if entry.latest:
        body += f',"latest":{entry.latest}'
    if entry.hides:
        body += f',"hides":{_text(dict(entry.hides))}'
    if entry.is_retired:
        body += ',"retired":true'
    return f'{body},"moved_to":"{entry.moved_to}"' if entry.moved_to else body


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@cache
def _quoted(section: str) -> str:
    return _text(section)  # titles are few, notes many


def _as_written(text: str, start: int) -> tuple[Gathered, int] | None:
    """Return the entries of a text that is, to the letter, as `write` made it, and the sum of their checks; or None."""
    entries: dict[str, Entry] = {}
    total = 0
    for body, id, section, kind, hash, mod, added, more, check in _LINE.findall(text):
        line_check = crc32(body.encode(), start)
        if line_check != int(check, 16):
            return None
        total += line_check
        entry = Entry(unquoted(section), kind == "cloze", hash, int(mod), int(added))
        if more:
            full = _with_more(entry, parsed(f"{{{more[1:]}}}"))
            if full is None:
                return None
            entry = full
        entries[id] = entry
    if len(entries) + 1 != text.count("\n") or not text.endswith("\n"):
        return None
    return Gathered(entries=entries, lines=range(2, len(entries) + 2), versions={}), total


def _entry_of(line: str, *, start: int, is_checked: bool) -> tuple[str, Entry] | str:
    """Return the id and the entry of a line, or what is wrong with it.

    Only beside a header of format 1 may a line be without a check.
    """
    row = parsed(line)
    if row.__class__ is not dict:
        return "this line is no ledger entry"
    check = row.pop("check", None)
    keys = ("other", "latest", "hides", "retired", "moved_to")
    more = {key: row.pop(key) for key in keys if key in row} if check is not None else {}
    found = ledger_format_1.entry(row)
    entry = found and _with_more(found[1], more)
    if not found or not entry or (check is None and is_checked):
        return "this line is no ledger entry"
    id, _ = found
    if check is not None and check != _check(_body(id, entry), start):
        return f"this line {_CHANGED}"
    return id, entry


def _with_more(entry: Entry, more: Any) -> Entry | None:
    """Return an entry with what only some lines have, as it was read; None where that is damaged."""
    if more.__class__ is not dict:
        return None
    hides, moved_to = more.pop("hides", {}), more.pop("moved_to", "")
    other, latest, is_retired = more.pop("other", 0), more.pop("latest", 0), more.pop("retired", False)
    if more or hides.__class__ is not dict or moved_to.__class__ is not str or is_retired.__class__ is not bool:
        return None
    if not (
        is_mod(other) and is_mod(latest) and (not other or other < entry.mod) and (not latest or entry.mod < latest)
    ):
        return None
    if (moved_to and not identifiers.ID.fullmatch(moved_to)) or not all(
        _NUMBER.fullmatch(number) and is_text(words) for number, words in hides.items()
    ):
        return None
    words = tuple((int(number), words) for number, words in hides.items())
    return entry._replace(is_retired=is_retired, other=other, latest=latest, hides=words, moved_to=moved_to)
