"""Reading on after a syntax error: what can't be read is set aside, and everything else is read.

The lines alone say where a note or a key begins: they are cut there, each piece is read by itself, and a piece that can't
be read becomes a stand-in of the same length. So every place stays true, and the time grows with the file alone.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise
from typing import Final

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.finding import Misreading
from gen2anki.source.key_lines import KEYS
from gen2anki.source.pitfalls import not_allowed

# How many notes are read at a time; only where that fails are they read one by one.
_GROUP: Final = 8
_KEY: Final = r"(?:[\w.-]+|\"[^\"\n]*\"|'[^'\n]*')[ \t]*:(?=[ \t\n]|\Z)"
# What can only be meant as a key, though it may be none.
_AT_EDGE: Final = re.compile(r"^[\w\"'*&%!?]", re.MULTILINE)
# A list entry; one without a space after its dash is a slip.
_DASH: Final = re.compile(rf"^( *)-(?:(?=[\n])|( +)|(?=\t|{KEYS}:))", re.MULTILINE)
# A key whose value begins below it, up to that line, and what that line begins with.
_BELOW: Final = re.compile(
    rf"{_KEY}[ \t]*(?:[&!][^\s]*[ \t]*)?(?:#[^\n]*)?\n(?:[ \t]*(?:#[^\n]*)?\n)*(?=( *)(?:(-)(?:[ \n]|{KEYS}:)|{_KEY}))"
)
_VALUE: Final = re.compile(rf"(?:{_KEY}|-)\s*(?=\S)")
_WORD: Final = re.compile(r"[\"']?([\w.-]*)")
_ID: Final = re.compile(r"(?:^|[\s{,-])[\"']?id[\"']?[ \t]*:")
_ANCHOR: Final = re.compile(r"(?<=[\s,\[{:-])&([^\s,\[\]{}]+)")
_FILLED: Final = re.compile(r"[^\r\n]")
_FLOW_END: Final = re.compile(r"[,\[\]{}\r\n]|\Z")
# After these, the lines below may be right, though they can't belong to anything.
_BREAKS: Final = frozenset({Code.BAD_INDENTATION, Code.TAB_INDENT, Code.KEY_COLON, Code.ODD_SPACE})
# Inside brackets, the text that has one of these ends at the next comma.
_IN_ONE_TEXT: Final = frozenset({Code.COLON_IN_TEXT, Code.FIRST_CHARACTER})
_KEY_LINE: Final = re.compile(rf"^[ \t]*(?:- +)?{KEYS}:(?=\s|$)", re.MULTILINE)

# What YAML does not allow in a file (1.1, 5.1): control characters, a byte order mark inside the text.
_NOT_YAML: Final = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
# What is told of a second document.
SECOND_DOCUMENT: Final = "a second document begins here: a file holds one lesson"
# The first line that is neither empty, a comment, a directive nor the mark of a document; and such a mark.
_CONTENT: Final = re.compile(r"^(?!---(?:\s|\Z))[ \t]*[^\s#%]", re.MULTILINE)
_MARK: Final = re.compile(r"^---(?=\s|\Z)", re.MULTILINE)

# Replaces the text from one index to another by one of the same length.
Edit = tuple[int, int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """What is left of a text when all that can't be read is set aside.

    In `text`, which is as long, the sign `stand_in` stands for each value that is set aside, and in no other. `anchors` are
    the names that were marked in what is set aside. `hides_ids` is true where ids of notes may be among it, and
    `hides_keys` where keys at the top of the file may be. `is_coarse` is true where a whole list had to be set aside.
    """

    text: str
    slips: tuple[Misreading, ...]
    stand_in: str
    anchors: frozenset[str] = frozenset()
    hides_ids: bool = False
    hides_keys: bool = False
    is_coarse: bool = False


def recover(text: str, slip_of: Callable[[str], Misreading | None], *, has_bad_characters: bool) -> Recovery:
    """Find every slip of a text that can't be read as a whole; `slip_of` tells why a piece can't be read, or None."""
    stand_in = next(sign for sign in map(chr, range(0xE000, 0xF8FF)) if sign not in text)
    slips: list[Misreading] = []
    typed = text
    if has_bad_characters:
        slips += (
            Misreading(found.start(), not_allowed(found[0]), Code.BAD_CHARACTER) for found in _NOT_YAML.finditer(text)
        )
        text = _NOT_YAML.sub(stand_in, text)
    second = _second_document(text)
    if second:
        slips.append(second)
        text = text[: second.at] + _FILLED.sub(" ", text[second.at :])
    reader = _Reader(text=text, lines=text.replace("\r", "\n"), stand_in=stand_in, slip_of=slip_of)
    reader.read()
    lost = "\n".join(typed[start:end] for start, end, _ in reader.edits)
    return Recovery(
        text=reader.piece(0, len(text)),
        slips=(*slips, *reader.slips),
        stand_in=stand_in,
        anchors=frozenset(_ANCHOR.findall(lost)),
        hides_ids=bool(_ID.search(lost)),
        hides_keys=reader.hides_keys or second is not None,
    )


def _second_document(text: str) -> Misreading | None:
    """Return where a second document begins, if one does."""
    begun = _CONTENT.search(text) if "\n---" in text or "\r---" in text else None
    found = _MARK.search(text, begun.end()) if begun else None
    return Misreading(found.start(), SECOND_DOCUMENT, Code.SECOND_DOCUMENT) if found else None


def without(recovery: Recovery, slip: Misreading) -> Recovery:
    """Set aside the key at the left edge that has a slip, though all its pieces can be read."""
    text = recovery.text
    lines = text.replace("\r", "\n")
    bounds = [0, *_parts(lines)]
    number = bisect_right(bounds, slip.at, hi=len(bounds) - 1) - 1
    reader = _Reader(text=text, lines=lines, stand_in=recovery.stand_in, slip_of=lambda _: None)
    reader.blank_value(bounds[number], bounds[number + 1])
    return replace(
        recovery,
        text=reader.piece(0, len(text)),
        slips=(*recovery.slips, slip),
        hides_ids=True,
        hides_keys=recovery.hides_keys or reader.hides_keys,
        is_coarse=True,
    )


def _parts(lines: str) -> list[int]:
    """Return where each key at the left edge begins, and where the last ends."""
    return [*(found.start() for found in _AT_EDGE.finditer(lines)), len(lines)]


@dataclass(slots=True, kw_only=True)
class _Reader:
    """Reads one text, piece by piece. `lines` is the text with a line feed for each carriage return."""

    text: str
    lines: str
    stand_in: str
    slip_of: Callable[[str], Misreading | None]
    slips: list[Misreading] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)  # in the order of their places
    hides_keys: bool = False

    def read(self) -> None:
        """Read the keys at the left edge."""
        first, *others = _parts(self.lines)
        if slip := self.slip_of(self.text[:first]):
            self._tell(slip, 0)
            self._blank(0, first)
            self.hides_keys = True
        for key, end in pairwise([first, *others]):
            # What stands below is read piece by piece; the whole of it need not be.
            if not self._read_below(key, end):
                self._read_key(key, end)

    def piece(self, start: int, end: int, since: int = 0) -> str:
        """Return a part of the text as it is now; no edit before the one with the number `since` is in it."""
        parts: list[str] = []
        at = start
        for begin, stop, made in self.edits[since:]:
            if start <= begin and stop <= end:
                parts += self.text[at:begin], made
                at = stop
        return "".join([*parts, self.text[at:end]])

    def _read_below(self, key: int, end: int) -> bool:
        """Read the list or the mapping below a key piece by piece; return False where there is none."""
        below = _BELOW.match(self.lines, key, end)
        column = key - self._line_start(key)
        if below is None or len(below[1]) < column or (len(below[1]) == column and not below[2]):
            return False
        if below[2]:
            self._read_list(below.end(), end, len(below[1]))
        else:
            self._read_mapping(below.end() + len(below[1]), end)
        return True

    def _read_key(self, key: int, end: int) -> None:
        """Read a key with its value; where that can't be read, set aside what is wrong in it."""
        line, edits, told = self._line_start(key), len(self.edits), len(self.slips)
        blanks = " " * (key - line)
        slip = self.slip_of(blanks + self.text[key:end])
        if slip is None:
            return
        if self._read_below(key, end):
            slip = self.slip_of(blanks + self.piece(key, end, edits))
            if slip is None:
                return
        del self.edits[edits:]
        self._tell_all(slip, line, key, end, told)
        self.blank_value(key, end)

    def _read_mapping(self, key: int, end: int) -> None:
        """Read the keys that stand in the column of the one at `key`, each by itself."""
        column, told = key - self._line_start(key), len(self.slips)
        keys = [key, *(found.end() for found in _keys_in(column).finditer(self.lines, key, end))]
        ends = [*(self._line_start(other) for other in keys[1:]), end]
        seen: set[str] = set()
        for begin, stop in zip(keys, ends, strict=True):
            found = _WORD.match(self.lines, begin)
            name = found[1] if found else ""
            self._read_key(begin, stop)
            if name in seen and len(self.slips) > told:  # what came before it had a slip: it is another note's
                while self.edits and self.edits[-1][0] >= begin:
                    self.edits.pop()
                self._blank(begin, stop)
            seen.add(name)

    def _read_list(self, start: int, end: int, indent: int) -> None:
        """Read the members of a list whose dashes are indented by `indent`."""
        starts: list[int] = []
        content = -1  # the column of the last member's keys, where it has any
        for found in _DASH.finditer(self.lines, start, end):
            depth = len(found[1])
            if depth == indent or depth < content:
                starts.append(found.start())
                has_key = found[2] and re.compile(_KEY).match(self.lines, found.end())
                content = found.end() - found.start() if has_key else -1
        bounds = [*starts, end]
        for first in range(0, len(starts), _GROUP):
            self._read_members(bounds[first : first + _GROUP + 1], indent)

    def _read_members(self, bounds: Sequence[int], indent: int) -> None:
        """Read the list members between each of the bounds and the next, in halves where they can't be read together."""
        if self.slip_of(self.text[bounds[0] : bounds[-1]]) is None and len(bounds) > 2:  # noqa: PLR2004
            return
        if len(bounds) > 2:  # noqa: PLR2004
            middle = len(bounds) // 2
            self._read_members(bounds[: middle + 1], indent)
            self._read_members(bounds[middle:], indent)
        else:
            self._read_member(bounds[0], bounds[1], indent)

    def _read_member(self, start: int, end: int, indent: int) -> None:
        """Read one member of a list; where that can't be read, set aside what is wrong in it."""
        edits, told = len(self.edits), len(self.slips)
        dash = _DASH.match(self.lines, start)
        if dash is None:
            return
        is_in_line = len(dash[1]) == indent
        if not is_in_line:
            text = "this line is not indented like the lines it belongs to: indent them alike"
            self.slips.append(Misreading(start + len(dash[1]), text, Code.BAD_INDENTATION))
        slip = self.slip_of(self.text[start:end])
        if slip is None and is_in_line:
            return
        if dash[2] and re.compile(_KEY).match(self.lines, dash.end()):
            self._read_mapping(dash.end(), end)
            slip = self.slip_of(self.piece(start, end, edits))
            if slip is None and is_in_line:
                return
        del self.edits[edits:]
        if slip:
            self._tell_all(slip, start, dash.end(), end, told)
        line_end = self.lines.find("\n", start, end)
        head = f"{' ' * indent}- {self.stand_in}"
        if len(head) <= (line_end if line_end >= 0 else end) - start:
            rest = _FILLED.sub(" ", self.text[start + len(head) : end])
            self.edits.append((start, end, head + rest))
        else:
            value = _VALUE.match(self.lines, start + len(dash[1]), end)
            self._blank(start + len(dash[1]) + 1, end, value.end() if value and is_in_line else -1)

    def _tell_all(self, slip: Misreading, line: int, start: int, end: int, told: int) -> None:
        """Tell a slip of the piece that begins with the line at index `line`, and those behind it that are certain.

        The first `told` slips are other pieces'. What was told of a part of this piece is not told again.
        """
        lines = {self._line_start(one.at) for one in self.slips[told:]}
        if self._line_start(line + slip.at) not in lines:
            self._tell(slip, line)
        value = _VALUE.match(self.lines, start, end)
        first = value.end() if value else start
        if self.text[first : first + 1] in {"{", "["}:
            self._tell_in_brackets(slip, line, start, end)
        elif slip.code in _BREAKS and len(self.slips) > told:
            below = self._line_start(line + slip.at)
            found = _KEY_LINE.search(self.lines, max(below, start), end)
            if found and found.start() > start:
                typed = self.lines[found.start() : end]
                indented = " " * (len(typed) - len(typed.lstrip())) + typed.lstrip()
                if more := self.slip_of(indented):
                    self._tell_all(more, found.start(), found.start(), end, len(self.slips))

    def _tell_in_brackets(self, slip: Misreading, line: int, start: int, end: int) -> None:
        """Tell the slips behind one that concerns a single text inside brackets."""
        typed = " " * (start - line) + self.text[start:end]
        texts: list[range] = []
        more: Misreading | None = slip
        while more and more.code in _IN_ONE_TEXT:
            slip = more
            stop = _FLOW_END.search(typed, slip.at + 1)
            until = stop.start() if stop else len(typed)
            texts.append(range(slip.at, until + 1))
            typed = typed[: slip.at] + self.stand_in * (until - slip.at) + typed[until:]
            more = self.slip_of(typed)
            if more is None or more.code not in _IN_ONE_TEXT or any(more.at in text for text in texts):
                return
            self._tell(more, line)

    def _tell(self, slip: Misreading, line: int) -> None:
        self.slips.append(slip._replace(at=line + slip.at))

    def _blank(self, start: int, end: int, at: int = -1) -> None:
        """Set aside what stands between two indices; the stand-in is put at the index `at`, if that is not negative."""
        if at < 0:
            self.edits.append((start, end, _FILLED.sub(" ", self.text[start:end])))
        else:
            self.edits.append((at, end, self.stand_in + _FILLED.sub(" ", self.text[at + 1 : end])))

    def blank_value(self, key: int, end: int) -> None:
        """Set aside the value of a key; if there is no key, all of it."""
        value = _VALUE.match(self.lines, key, end)
        self._blank(key, end, value.end() if value else -1)
        self.hides_keys = self.hides_keys or (value is None and key == self._line_start(key))

    def _line_start(self, index: int) -> int:
        return self.lines.rfind("\n", 0, index) + 1


@cache
def _keys_in(column: int) -> re.Pattern[str]:
    """Return what matches the blanks before a key in this column."""
    return re.compile(rf"^ {{{column}}}(?={_KEY})", re.MULTILINE)
