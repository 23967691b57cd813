"""The ledger, `cards.lock`: the content that each published note had, and when an edition last changed it.

Anki takes a note's new text if, and only if, its `mod` is later than the learner's. So an unchanged note keeps its
`mod` (and the learner's edits survive), and a changed one gets a later one (and the change arrives). The file is text:
a header, then a line for each note, sorted by id, so that git merges it.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.problem import Problem, ProblemsError
from gen2anki.edition import ledger_format_1
from gen2anki.edition.entries import Entry, Ledger, damaged, parsed, problem_at
from gen2anki.edition.ledger_format_1 import line_of

# Takes the text of a ledger and the name of its file; returns the entries by id, and the numbers of their lines.
Reader = Callable[[str, str], tuple[dict[str, Entry], Sequence[int]]]

# The format that `write` writes.
FORMAT: Final = 1
# A ledger of every format that was ever released is read. The header line is the same in all of them.
READERS: Final[dict[int, Reader]] = {1: ledger_format_1.read}


def read(content: bytes, file: str) -> Ledger:
    """Read a ledger; `file` is its name in messages.

    Raises:
        ProblemsError: it is damaged, or a later gen2anki wrote it.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ProblemsError([damaged(file, line, "", "this is not UTF-8 text")]) from None
    deck_id, deck_name, reader = _header(text.partition("\n")[0], file)
    entries, lines = reader(text, file)
    return Ledger(deck_id=deck_id, deck_name=deck_name, entries=entries, lines=lines)


def write(ledger: Ledger) -> bytes:
    """Return the file's bytes."""
    lines = (line_of(id, ledger.entries[id]) for id in sorted(ledger.entries))
    return "\n".join([_header_line(ledger), *lines, ""]).encode()


def foreign(ledger: Ledger, file: str, deck_id: str) -> Problem | None:
    """Return the problem of a ledger that belongs to another deck than the one of this id; None where there is none."""
    if ledger.deck_id == deck_id:
        return None
    text = (
        f"this is the ledger of the deck '{ledger.deck_id}', not of '{deck_id}': a deck's id never changes; if the lesson is a"
        " copy, delete the ledger that came with it; any other new deck gets a folder, or a source name, of its own"
    )
    return problem_at(file, 1, _header_line(ledger), text, Code.LEDGER_FOREIGN)


def elsewhere(others: Mapping[str, bytes], file: str, deck_id: str) -> Iterator[Problem]:
    """Yield a warning for each ledger of a deck that lies under another name than `file`, where there is none yet.

    `others` are the first lines of ledgers nearby, by file; `deck_id` is the id of the deck.
    """
    for other, content in others.items():
        line = content.decode("utf-8-sig", errors="replace").rstrip()
        header = parsed(line)
        if isinstance(header, dict) and header.get("gen2anki") == "ledger" and header.get("deck") == deck_id:
            text = (
                f"this is a ledger of the same deck, '{deck_id}'. With a new one, '{file}', this edition would overwrite what"
                f" learners edited. If the lesson is the same, rename this ledger to '{file}'. If it is another lesson (a"
                " translation, say), give it a deck id of its own"
            )
            yield problem_at(other, 1, line, text, Code.LEDGER_ELSEWHERE)


def _header_line(ledger: Ledger) -> str:
    header = {"gen2anki": "ledger", "format": FORMAT, "deck": ledger.deck_id, "name": ledger.deck_name}
    return json.dumps(header, ensure_ascii=False, separators=(",", ":"))


def _header(line: str, file: str) -> tuple[str, str, Reader]:
    """Return the deck's id, its name, and the reader of the ledger's format."""
    header = parsed(line)
    is_ledger = isinstance(header, dict) and header.get("gen2anki") == "ledger"
    if not is_ledger or {type(header.get("deck")), type(header.get("name"))} != {str}:
        raise ProblemsError([damaged(file, 1, line, "this is no ledger of gen2anki")])
    number = header.get("format")
    if number.__class__ is int and number > max(READERS):
        text = f"a later gen2anki wrote this ledger (format {number}): upgrade gen2anki"
        raise ProblemsError([problem_at(file, 1, line, text, Code.LEDGER_FORMAT)])
    if number.__class__ is not int or number not in READERS:
        raise ProblemsError([damaged(file, 1, line, "no gen2anki ever wrote a ledger of this format")])
    return header["deck"], header["name"], READERS[number]
