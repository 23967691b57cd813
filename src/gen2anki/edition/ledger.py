"""The ledger, `cards.lock`: the content that each published note had, and when an edition last changed it.

Anki takes a note's new text if, and only if, its `mod` is later than the learner's. So an unchanged note keeps its
`mod` (and the learner's edits survive), and a changed one gets a later one (and the change arrives). The file is text:
a header, then a line for each note, sorted by id, so that git merges it.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.problem import Problem, ProblemsError
from gen2anki.edition import ledger_format_1, ledger_format_2
from gen2anki.edition.entries import Ledger, damaged, first_line, parsed, problem_at

# A header, and the number of its line.
Header = tuple[int, dict[str, Any]]
# Takes the text of a ledger, the name of its file, and its headers.
Reader = Callable[[str, str, Sequence[Header]], Ledger]

# The format that `write` writes.
FORMAT: Final = 2
write: Final = ledger_format_2.write
# A ledger of every format that was ever released is read. These keys of the header are the same in all of them.
READERS: Final[dict[int, Reader]] = {1: ledger_format_1.read, 2: ledger_format_2.read}

_HEADER: Final = re.compile(r'^[ \t]*\{[ \t]*"gen2anki"[^\n]*', re.MULTILINE)


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
    headers = _headers(text, file)
    # Where branches were built by two versions of gen2anki, the newer can read both.
    return READERS[max(header["format"] for _, header in headers)](text, file, headers)


def foreign(ledger: Ledger, file: str, deck_id: str) -> Problem | None:
    """Return the problem of a ledger that belongs to another deck than the one of this id; None where there is none."""
    if ledger.deck_id == deck_id:
        return None
    text = (
        f"this is the ledger of the deck '{ledger.deck_id}', not of '{deck_id}': a deck's id never changes; if the lesson is a"
        " copy, delete the ledger that came with it; any other new deck gets a folder, or a source name, of its own"
    )
    return problem_at(file, 1, f'{{"gen2anki":"ledger","deck":"{ledger.deck_id}",…', text, Code.LEDGER_FOREIGN)


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


def _headers(text: str, file: str) -> list[Header]:
    """Return the headers of a ledger: one, or one of each merged branch.

    Raises:
        ProblemsError: the first line is none, or one is damaged or of a later gen2anki.
    """
    first, line = first_line(text)
    found = [(text.count("\n", 0, match.end()) + 1, match[0]) for match in _HEADER.finditer(text)]
    if not found or found[0][0] != first:
        raise ProblemsError([damaged(file, first, line, "this is no ledger of gen2anki")])
    headers: list[Header] = []
    for number, line in found:
        header = parsed(line)
        is_ledger = isinstance(header, dict) and header.get("gen2anki") == "ledger"
        if not is_ledger or {type(header.get("deck")), type(header.get("name"))} != {str}:
            raise ProblemsError([damaged(file, number, line, "this is no ledger of gen2anki")])
        format = header.get("format")
        if format.__class__ is int and format > max(READERS):
            fault = f"a later gen2anki wrote this ledger (format {format}): upgrade gen2anki"
            raise ProblemsError([problem_at(file, number, line, fault, Code.LEDGER_FORMAT)])
        if format.__class__ is not int or format not in READERS:
            raise ProblemsError([damaged(file, number, line, "no gen2anki ever wrote a ledger of this format")])
        if headers and header["deck"] != headers[0][1]["deck"]:
            raise ProblemsError([damaged(file, number, line, "this header is of another deck than the first")])
        headers.append((number, header))
    return headers
