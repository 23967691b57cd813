"""What a ledger holds, as values, and what can be wrong with its lines; whatever the format of its file."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.problem import Problem, ProblemsError

_RESTORE: Final = "restore the file from your version control"
# What git leaves around the two sides of a conflict. What stands below `_BASE` is older than both.
_MARKS: Final = ("<<<<<<<", "=======", ">>>>>>>")
_BASE: Final = "|||||||"


class Entry(NamedTuple):
    """What the ledger says of one note. A named tuple, because a hundred thousand of them are read and compared.

    `section` is the title of the note's deck, below the lesson's own. `mod` is the epoch second of the build that first
    saw this content. `added` is the epoch millisecond that is the note's id in Anki. `other` is the latest `mod` that
    another content of this note had; 0 if there was none. `latest` is the latest `mod` that it had on any branch; 0 if that
    is `mod`. `hides` are the words behind each number of a cloze; empty where an older ledger did not tell. `moved_to` is
    the id of the deck that the note moved to; empty if it did not.
    """

    section: str
    is_cloze: bool
    hash: str
    mod: int
    added: int
    is_retired: bool = False
    other: int = 0
    latest: int = 0
    hides: tuple[tuple[int, str], ...] = ()
    moved_to: str = ""

    @property
    def last_mod(self) -> int:
        """Return the latest `mod` that any learner may have of this note."""
        return max(self.mod, self.latest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The ledger of one lesson: the id and the name of its deck, and an entry for each published note, by id.

    `lines` are the 1-based line numbers of the entries, in their order; empty where the ledger comes from no file.
    `versions` are the entries of each note of which merged branches say different things. `forgotten` is the latest `mod`
    of all notes that `--forget` dropped.
    """

    deck_id: str
    deck_name: str
    entries: dict[str, Entry]
    lines: Sequence[int] = ()
    versions: Mapping[str, Sequence[Entry]] = field(default_factory=dict)
    forgotten: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The entries of a ledger's lines, as `Ledger` has them."""

    entries: dict[str, Entry]
    lines: Sequence[int]
    versions: Mapping[str, Sequence[Entry]]


def settled(versions: Sequence[Entry], hash: str) -> Entry:
    """Return the one entry of a note of which merged branches say different things; `hash` is its content now.

    Learners of every branch must get this content. Those who have it keep their edits. So its `mod` is the first that
    it had after every other content. Where it had none, the entry is that of another content, so that this one counts as
    changed.
    """
    same = [entry for entry in versions if entry.hash == hash]
    rest = [entry for entry in versions if entry.hash != hash]
    other = max([0, *(entry.last_mod for entry in rest), *(entry.other for entry in versions)])
    latest = max(entry.last_mod for entry in versions)
    fitting = [entry for entry in same if entry.mod > other]
    chosen = min(fitting, key=_order) if fitting else max(rest or same, key=_order)
    return chosen._replace(
        added=min(entry.added for entry in versions),
        is_retired=all(entry.is_retired for entry in versions),
        other=other if fitting else chosen.other,
        latest=latest if latest > chosen.mod else 0,
        moved_to=chosen.moved_to if all(entry.moved_to for entry in versions) else "",
    )


def _order(entry: Entry) -> tuple[int, tuple[Any, ...]]:
    return entry.mod, entry


def gathered(
    text: str, file: str, header_lines: Sequence[int], entry_of: Callable[[str], tuple[str, Entry] | str]
) -> Gathered:
    """Return the entries of lines that a person, an editor or git may have reshaped.

    `header_lines` are the numbers of the headers. `entry_of` returns the id and the entry of a line, or what is wrong with it.

    Raises:
        ProblemsError: with every line that is damaged.
    """
    entries: dict[str, Entry] = {}
    lines: dict[str, int] = {}
    versions: dict[str, list[Entry]] = {}
    problems: list[Problem] = []
    for number, line in _both_sides(text):
        if number in header_lines:
            continue
        found = entry_of(line)
        if isinstance(found, str):
            problems.append(damaged(file, number, line, found))
            continue
        id, entry = found
        if id not in entries:
            entries[id], lines[id] = entry, number
        elif entry not in (known := versions.setdefault(id, [entries[id]])):
            known.append(entry)
    if problems:
        raise ProblemsError(problems)
    different = {id: tuple(sorted(known)) for id, known in versions.items() if len(known) > 1}
    entries |= {id: settled(known, max(known, key=_order).hash) for id, known in different.items()}
    return Gathered(entries=entries, lines=[*lines.values()], versions=different)


def _both_sides(text: str) -> Iterator[tuple[int, str]]:
    """Yield number and text of each line that is not blank, without the marks of a conflict and the older lines in them."""
    is_older = False
    for number, line in enumerate(text.split("\n"), 1):
        mark = line[:7] if line[7:8] in {"", " ", "\r"} else ""
        if mark == _BASE:
            is_older = True
        elif mark in _MARKS:
            is_older = False
        elif not is_older and line and not line.isspace():
            yield number, line


def first_line(text: str) -> tuple[int, str]:
    """Return number and text of the first line that says something; line 1 where there is none."""
    return next(_both_sides(text), (1, ""))


def parsed(line: str) -> Any:
    """Return what a line of JSON says; None where it is no JSON."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def damaged(file: str, line: int, line_text: str, fault: str) -> Problem:
    """Return the problem of a damaged line, which the last version mends."""
    return problem_at(file, line, line_text, f"{fault}: {_RESTORE}", Code.LEDGER_DAMAGED)


def problem_at(file: str, line: int, line_text: str, text: str, code: Code) -> Problem:
    """Return a problem with a line of a ledger."""
    return Problem(file=file, line=line, column=1, text=text, code=code, line_text=line_text.rstrip("\r"))


def far_ahead(old: Ledger, ledger_file: str, latest: int) -> Iterator[Problem]:
    """Yield a problem if the ledger holds a time that no build can have had; it stands at the first."""
    far = [
        (line, id, entry.last_mod)
        for line, (id, entry) in zip(old.lines, old.entries.items(), strict=True)
        if entry.last_mod > latest
    ]
    if old.forgotten > latest:
        far.insert(0, (1, "forgotten", old.forgotten))
    if far:
        line, id, mod = far[0]
        more = f" (and {len(far) - 1:,} more)" if len(far) > 1 else ""
        text = (
            f"'{id}'{more} has a 'mod' of the year {_year(mod)}, more than a year ahead of the clock: Anki would take no"
            " correction before. If the clock is wrong, set it right; else restore the file from your version control"
        )
        yield problem_at(ledger_file, line, f'{{"id":"{id}",…', text, Code.LEDGER_AHEAD)


def _year(time: int) -> int:
    return 1970 + int(time / 31_556_952)  # a ledger may hold times that `datetime` does not
