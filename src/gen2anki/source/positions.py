"""Where everything in a YAML text stands. Read only when there is a problem to report: it costs more than the data."""

import contextlib
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from typing import Any, Final

import yaml
from yaml._yaml import CParser

from gen2anki.diagnostics.problem import Path

_LINE_END: Final = re.compile(r"\r\n|\r|\n")

# Where a node stands: the character indices of its start and its end, and, of a collection, what is in it: each key's
# own index and its value's mark, or the marks of a list's members.
_Mark = tuple[int, int, "dict[str, tuple[int, _Mark]] | list[_Mark] | None"]


class Places:
    """The places of one text. Lines and columns are counted from 1, as editors do; a line ends as a file's does."""

    def __init__(self, text: str, content: bytes, members: Mapping[Path, Sequence[int]]) -> None:
        """Take the text, and the same as UTF-8, which the parser reads with less to do.

        `members` tells of some lists where each member begins: what stands in one is found without reading the rest.
        """
        self._text = text
        self._content = content
        self._members = members
        self._starts = _line_starts(text)
        self._read: dict[Path, _Mark] = {}

    def line(self, index: int) -> tuple[int, int, str]:
        """Return line, column and the text of the line of a character."""
        line = bisect_right(self._starts, index)
        start = self._starts[line - 1]
        end = self._starts[line] if line < len(self._starts) else len(self._text)
        return line, index - start + 1, self._text[start:end].rstrip("\r\n")

    def find(self, path: Path, *, key: bool = False, needle: str = "") -> int:
        """Return the index of what stands at `path`.

        With `key`, of the last key of the path rather than of its value; with `needle`, of the first place of that
        text in the value, where it stands there as typed. The nearest parent stands in for what is missing.
        """
        known, (start, end, children) = self._part_with(path)
        index = start
        for number, step in enumerate(path[known:], known + 1):
            if isinstance(children, dict) and step in children:
                key_index, (start, end, children) = children[step]
                index = key_index if key and number == len(path) else start
            elif isinstance(children, list) and isinstance(step, int) and step < len(children):
                start, end, children = children[step]
                index = start
            else:
                break
        if needle and (found := self._text.find(needle, start, end)) >= 0:
            index = found
        return index

    def has(self, path: Path) -> bool:
        """Say whether something stands at `path`."""
        known, (_, _, children) = self._part_with(path)
        for step in path[known:]:
            if isinstance(children, dict) and step in children:
                children = children[step][1][2]
            elif isinstance(children, list) and isinstance(step, int) and step < len(children):
                children = children[step][2]
            else:
                return False
        return True

    def plain_texts(self, but: frozenset[str]) -> dict[int, int]:
        """Return the end of each text without quotes, and where what it belongs to begins: its key, or its list.

        Left out are the values of some keys.
        """
        return {
            end: owner for key, owner, start, end in self.scalars() if key not in but and not self._is_marked(start)
        }

    def _is_marked(self, start: int) -> bool:
        """Say whether a scalar begins with a quote, or with what makes it a block or an alias."""
        return self._text[start : start + 1] in {'"', "'", "|", ">", "&", "*"}

    def scalars(self) -> Iterator[tuple[str, int, int, int]]:
        """Yield, in no order, each scalar value's key (a list's, for its members), where that begins, start and end."""
        parts: list[tuple[str, int, _Mark]] = [("", 0, self._marks(()))]
        while parts:
            name, owner, (start, end, children) = parts.pop()
            if isinstance(children, dict):
                parts += ((key, index, mark) for key, (index, mark) in children.items())
            elif children is not None:
                parts += ((name, start, mark) for mark in children)
            else:
                yield name, owner, start, end

    def _part_with(self, path: Path) -> tuple[int, _Mark]:
        """Return how many steps of a path lead to the least part that can be read by itself, and the marks of that."""
        if known := self._member(path):
            return known, self._marks(path[:known])
        _, _, above = self._above
        # Its last key has the list that was cut off.
        if isinstance(above, dict) and path and path[0] in [*above][:-1]:
            return 0, self._above
        return 0, self._marks(())

    @cached_property
    def _above(self) -> _Mark:
        """Return the marks of what stands above the first list whose members are known: the deck, in most lessons."""
        end = min((starts[0] for path, starts in self._members.items() if len(path) == 1), default=0)
        return _read_marks(self._text[:end].encode(), 0, end)

    def _member(self, path: Path) -> int:
        """Return how many steps of a path lead to the innermost mapping that can be read by itself."""
        for length in range(len(path) - 1, 0, -1):
            starts, number = self._members.get(path[:length]), path[length]
            if starts and isinstance(number, int) and number < len(starts):
                return length + 1
        return 0

    def _marks(self, path: Path) -> _Mark:
        """Return the marks of what stands at `path`: of a list's member, or, where it is empty, of the whole text."""
        if path not in self._read:
            content, first = self._part(path) if path else (self._content, 0)
            self._read[path] = _read_marks(content, first, self._end(path))
        return self._read[path]

    def _part(self, path: Path) -> tuple[bytes, int]:
        """Return the text of a list's member, indented as in the whole, and the index that its first character has."""
        start = self._members[path[:-1]][int(path[-1])]
        indentation = self.line(start)[1] - 1
        return (" " * indentation + self._text[start : self._end(path)]).encode(), start - indentation

    def _end(self, path: Path) -> int:
        """Return where a list's member has ended: where the next begins, or what the list itself stands in has ended."""
        while path:
            starts, behind = self._members[path[:-1]], int(path[-1]) + 1
            if behind < len(starts):
                return starts[behind]
            path = path[: self._member(path[:-1])]
        return len(self._text)


def _line_starts(text: str) -> list[int]:
    if "\r" in text:
        return [0, *(match.end() for match in _LINE_END.finditer(text))]
    return [0, *accumulate(map((1).__add__, map(len, text.split("\n"))))][:-1]


def _read_marks(content: bytes, first: int, end: int) -> _Mark:  # noqa: C901, PLR0912 (one hot loop, as in `source`)
    """Return the marks of what a text begins with, as far as it can be read.

    `first` is the index that the text's first character has in the file, `end` that behind its last.
    """
    next_event: Callable[[], Any] = CParser(content).get_event
    scalar, mapping_start, sequence_start = yaml.ScalarEvent, yaml.MappingStartEvent, yaml.SequenceStartEvent
    mapping_end, sequence_end = yaml.MappingEndEvent, yaml.SequenceEndEvent
    root: list[_Mark] = []
    children: Any = root  # of the collection being read
    start = key_index = 0
    key: str | None = None  # the key that waits for its value, in a mapping
    stack: list[tuple[Any, int, str | None, int]] = []
    anchors: dict[str, str] = {}
    with contextlib.suppress(yaml.YAMLError):
        while (event := next_event()) is not None:
            kind = event.__class__
            if kind is scalar:
                name = event.value
                mark: _Mark = (first + event.start_mark.index, first + event.end_mark.index, None)
                if event.anchor is not None:
                    anchors[event.anchor] = name
            elif kind is mapping_start or kind is sequence_start:
                stack.append((children, start, key, key_index))
                children = {} if kind is mapping_start else []
                start, key = first + event.start_mark.index, None
                continue
            elif kind is mapping_end or kind is sequence_end:
                name = ""
                mark = (start, first + event.end_mark.index, children)
                children, start, key, key_index = stack.pop()
            elif kind is yaml.AliasEvent:
                name = anchors.get(event.anchor, f"*{event.anchor}")
                mark = (first + event.start_mark.index, first + event.end_mark.index, None)
            elif root:
                break
            else:
                continue
            if children.__class__ is list:
                children.append(mark)
            elif key is None:
                key, key_index = name, mark[0]
            else:
                children.setdefault(key, (key_index, mark))
                key = None
    while stack:  # what a fault left open
        mark = (start, end, children)
        children, start, key, key_index = stack.pop()
        if children.__class__ is list:
            children.append(mark)
        elif key is not None:
            children.setdefault(key, (key_index, mark))
    return root[0] if root else (first, end, None)
