"""Where everything in a document stands. Finding out takes longer than reading the data, so only problems ask."""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

import yaml
from yaml._yaml import CParser

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.problem import Path, Problem
from gen2anki.source.document import Document

# What a scalar with a style, an anchor or an alias begins with.
_MARKED: Final = frozenset("\"'|>&*")

# Where a node stands: the character indices of its start and its end. In a collection also its children: for each key its
# own index and its value's mark, or the marks of a list's members.
_Mark = tuple[int, int, "dict[str, tuple[int, _Mark]] | list[_Mark] | None"]


class Places:
    """The places of everything in one document."""

    def __init__(
        self, document: Document, members: Mapping[Path, Sequence[int]], readable: Document | None = None
    ) -> None:
        """Take a document.

        `members` has, by the path of some lists of mappings, the character index at which each member begins: what
        stands in a member is then found without reading the rest. Where the document can't be read, `readable` is one of
        the same length that can.
        """
        self.file = document.file
        self.members = members
        self.readable = readable or document
        self._document = document
        self._read: dict[Path, _Mark] = {}

    def problem(self, path: Path, text: str, code: Code, *, key: bool = False, needle: str = "") -> Problem:
        """Return a problem at what stands at `path` (see `find`)."""
        return self._document.problem(self.find(path, key=key, needle=needle), text, code)

    def place(self, path: Path, *, key: bool = False) -> tuple[int, int, str]:
        """Return line, column (1-based) and the line's text of what stands at `path` (see `find`)."""
        return self._document.line(self.find(path, key=key))

    def find(self, path: Path, *, key: bool = False, needle: str = "") -> int:
        """Return the character index of what stands at `path`, or of its nearest parent where nothing does.

        With `key`, it is the index of the path's last key instead of its value; with `needle`, the first index of that
        text in the value, if the value contains it as typed.
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
        if needle and (found := self._document.text.find(needle, start, end)) >= 0:
            index = found
        return index

    def has(self, path: Path) -> bool:
        """Return True if something stands at `path`."""
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
        """Return, by the index at which each text without quotes ends, the index of its key or of the list it is in.

        The values of the keys `but` are left out.
        """
        text = self._document.text
        return {
            end: owner
            for key, owner, start, end in self._scalars()
            if key not in but and text[start : start + 1] not in _MARKED
        }

    def _scalars(self) -> Iterator[tuple[str, int, int, int]]:
        """Yield, in no order, each scalar value's key, the index of that key or of the list, its start and its end."""
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
        """Return how many steps of a path lead to the smallest part that can be read alone, and that part's marks."""
        if known := self._member(path):
            return known, self._marks(path[:known])
        _, _, above = self._above
        # The last key's value is cut off.
        if isinstance(above, dict) and path and path[0] in [*above][:-1]:
            return 0, self._above
        return 0, self._marks(())

    @cached_property
    def _above(self) -> _Mark:
        """Return the marks of what stands above the first list with known members: in most lessons, the deck."""
        end = min((starts[0] for path, starts in self.members.items() if len(path) == 1), default=0)
        return _read_marks(self.readable.text[:end].encode(), 0, end)

    def _member(self, path: Path) -> int:
        """Return how many steps of a path lead to the innermost mapping that can be read alone."""
        for length in range(len(path) - 1, 0, -1):
            starts, number = self.members.get(path[:length]), path[length]
            if starts and isinstance(number, int) and number < len(starts):
                return length + 1
        return 0

    def _marks(self, path: Path) -> _Mark:
        """Return the marks of the list member at `path`, or of the whole document if the path is empty."""
        if path not in self._read:
            content, first = self._part(path) if path else (self.readable.content, 0)
            self._read[path] = _read_marks(content, first, self._end(path))
        return self._read[path]

    def _part(self, path: Path) -> tuple[bytes, int]:
        """Return a list member's text, indented as in the document, and the index of its first character there."""
        start = self.members[path[:-1]][int(path[-1])]
        indentation = self._document.line(start)[1] - 1
        return (" " * indentation + self.readable.text[start : self._end(path)]).encode(), start - indentation

    def _end(self, path: Path) -> int:
        """Return where a list member has ended: where the next begins, or where the member around the list has ended."""
        while path:
            starts, behind = self.members[path[:-1]], int(path[-1]) + 1
            if behind < len(starts):
                return starts[behind]
            path = path[: self._member(path[:-1])]
        return len(self._document.text)


def _read_marks(content: bytes, first: int, end: int) -> _Mark:  # noqa: C901, PLR0912 (one hot loop, as in `composer`)
    """Return the marks of the first node of a text, as far as it can be read.

    In the document, the text's first character has the index `first`, and the one after its last the index `end`.
    """
    next_event: Callable[[], Any] = CParser(content).get_event
    scalar, mapping_start, sequence_start = yaml.ScalarEvent, yaml.MappingStartEvent, yaml.SequenceStartEvent
    mapping_end, sequence_end = yaml.MappingEndEvent, yaml.SequenceEndEvent
    root: list[_Mark] = []
    children: Any = root  # of the collection being read
    start = key_index = 0
    key: str | None = None  # in a mapping: the key whose value comes next
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
    while stack:  # what a syntax error left open
        mark = (start, end, children)
        children, start, key, key_index = stack.pop()
        if children.__class__ is list:
            children.append(mark)
        elif key is not None:
            children.setdefault(key, (key_index, mark))
    return root[0] if root else (first, end, None)
