"""Bytes to plain data: dicts, lists and text, every scalar as typed.

PyYAML's C parser gives the events; nothing here recurses, so no source can exhaust the stack. Positions cost more
than the data itself, so they are looked up again (`Source.place`) only when there is a problem to report.
"""

import codecs
import contextlib
import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Any, Final

import yaml
from yaml.cyaml import CParser

from gen2anki.problem import Problem, ProblemsError
from gen2anki.syntax import NEEDS_QUOTES, explain

Path = tuple[str | int, ...]

MAX_DEPTH: Final = 64
# How many nodes all aliases of a file together may stand for. A lesson repeats a list of choices or tags some
# hundred times; a file that passes this doubles itself at every line.
MAX_ALIASED: Final = 1_000_000

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What YAML does not allow in a file (1.1, 5.1): control characters, a byte order mark inside the text.
_NOT_YAML: Final = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_STR_TAGS: Final = frozenset({"tag:yaml.org,2002:str", "!"})


# Where a node stands: the character indices of its start and its end, and, of a collection, what is in it: each
# key's own index and its value's mark, or the marks of a list's members.
_Mark = tuple[int, int, "dict[str, tuple[int, _Mark]] | list[_Mark] | None"]


@dataclass(frozen=True, slots=True)
class _Fault:
    """A fault that `_build` met at a character of the text. `first` is the path of the key a second one repeats."""

    index: int
    text: str
    code: str
    first: Path = ()


class Source:
    """One source file: its text, its data, and the place of everything in it."""

    def __init__(self, content: bytes, file: str) -> None:
        """Decode `content`, the bytes of `file` (a name for messages only).

        Raises:
            ProblemsError: it is neither UTF-8 nor UTF-16 with a byte order mark.
        """
        self.file = file
        self._starts: list[int] | None = None
        self._root: _Mark | None = None
        self.text = ""
        self.text = self._decode(content)

    def _decode(self, content: bytes) -> str:
        encoding = next((name for bom, name in _BOMS if content.startswith(bom)), "utf-8")
        if content[1:2] == b"\0" != content[:1]:  # UTF-16 whose byte order mark an editor left out
            encoding = "utf-16-le"
        try:
            return content.decode(encoding)
        except UnicodeDecodeError as error:
            at = len(content[: error.start].decode(encoding, errors="replace"))
            self.text = content.decode(encoding, errors="replace")
            byte = content[error.start]
            text = f"byte {byte:#04x} is not {encoding.removesuffix('-sig').upper()} text: save the file as UTF-8"
            raise ProblemsError([self.problem(at, text, "encoding")]) from None

    def problem(self, index: int, text: str, code: str) -> Problem:
        """Return an error at a character of the text."""
        line, column, source = self._line(index)
        return Problem(file=self.file, line=line, column=column, text=text, code=code, source=source)

    def place(self, path: Path, *, key: bool = False, needle: str = "") -> tuple[int, int, str]:
        """Return line, column (1-based) and the text of the line of what stands at `path`.

        With `key`, the place of the last key of the path rather than of its value; with `needle`, the first place
        of that text in the value, where it stands there as typed. The nearest parent stands in for what is missing.
        """
        start, end, children = self._top()
        index = start
        for number, step in enumerate(path, 1):
            if isinstance(children, dict) and step in children:
                key_index, (start, end, children) = children[step]  # type: ignore[index] # a key of a dict is a str
                index = key_index if key and number == len(path) else start
            elif isinstance(children, list) and isinstance(step, int) and step < len(children):
                start, end, children = children[step]
                index = start
            else:
                break
        if needle and (found := self.text.find(needle, start, end)) >= 0:
            index = found
        return self._line(index)

    def has(self, path: Path) -> bool:
        """Say whether something stands at `path`."""
        _, _, children = self._top()
        for step in path:
            if isinstance(children, dict) and step in children:
                children = children[step][1][2]  # type: ignore[index] # a key of a dict is a str
            elif isinstance(children, list) and isinstance(step, int) and step < len(children):
                children = children[step][2]
            else:
                return False
        return True

    def _top(self) -> _Mark:
        if self._root is None:
            self._root = _marks(self.text)
        return self._root

    def _line(self, index: int) -> tuple[int, int, str]:
        if self._starts is None:
            self._starts = [0, *(match.end() for match in _LINE_END.finditer(self.text))]
        line = bisect_right(self._starts, index)
        start = self._starts[line - 1]
        end = _LINE_END.search(self.text, start)
        return line, index - start + 1, self.text[start : end.start() if end else len(self.text)]

    def data(self) -> tuple[Any, list[Problem]]:
        """Return the file as plain data, and the problems that leave it readable all the same.

        Raises:
            ProblemsError: it is not YAML, or holds more than one document, or is too deep or too much to read.
        """
        faults: list[_Fault] = []
        try:
            data = _build(self.text, faults)
        except yaml.reader.ReaderError:
            faults += (_Fault(found.start(), _not_allowed(found[0]), "character") for found in _NOT_YAML.finditer(self.text))
            raise ProblemsError(map(self._problem, faults)) from None
        except yaml.MarkedYAMLError as error:
            slip = _Fault(*explain(error, self.text))
            # What was met behind the slip is a part of it, misread.
            faults = [*(fault for fault in faults if fault.index < slip.index), slip]
            raise ProblemsError(map(self._problem, faults)) from None
        except _Stop:
            raise ProblemsError(map(self._problem, faults)) from None
        return data, [self._problem(fault) for fault in faults]

    def _problem(self, fault: _Fault) -> Problem:
        text = fault.text
        if fault.first:
            line, column, _ = self.place(fault.first, key=True)
            text = f"'{fault.first[-1]}' stands here twice: first at {line}:{column}"
        return self.problem(fault.index, text, fault.code)


def _not_allowed(char: str) -> str:
    return f"the file holds a character that YAML does not allow (U+{ord(char):04X})"


class _Stop(Exception):  # noqa: N818 (it ends the reading; the fault is in the report)
    """The source cannot be read on."""


def _build(text: str, faults: list[_Fault]) -> Any:  # noqa: C901, PLR0912, PLR0915 (one hot loop: a call a node would double its time)
    """Return the text's one document as plain data, and append what is wrong with it to `faults`."""
    next_event = CParser(text).get_event
    scalar, mapping_start, sequence_start = yaml.ScalarEvent, yaml.MappingStartEvent, yaml.SequenceStartEvent
    mapping_end, sequence_end = yaml.MappingEndEvent, yaml.SequenceEndEvent
    root: list[Any] = []
    node: Any = root  # the collection being filled
    is_map = False
    key: Any = None  # the key that waits for its value, in a mapping
    stack: list[tuple[Any, bool, Any, str | None, int]] = []
    anchors: dict[str, tuple[Any, int]] = {}
    open_anchors: set[str] = set()
    size = aliased = documents = 0
    while (event := next_event()) is not None:
        kind = event.__class__
        if kind is scalar:
            value = event.value
            if event.tag is not None and event.tag not in _STR_TAGS:
                faults.append(_tag_fault(event))
            if event.anchor is not None:
                anchors[event.anchor] = value, 1 + len(value) // 100
        elif kind is mapping_start or kind is sequence_start:
            if is_map and key is None:
                faults.append(_key_fault(event, text))
                raise _Stop
            if event.tag is not None:
                faults.append(_tag_fault(event))
            if event.anchor is not None:
                open_anchors.add(event.anchor)
            stack.append((node, is_map, key, event.anchor, size))
            if len(stack) > MAX_DEPTH:
                text = f"more than {MAX_DEPTH} lists and mappings inside each other"
                faults.append(_Fault(event.start_mark.index, text, "depth"))
                raise _Stop
            is_map = kind is mapping_start
            node = {} if is_map else []
            key = None
            continue
        elif kind is mapping_end or kind is sequence_end:
            value = node
            size += 1 + len(value)
            node, is_map, key, anchor, size_before = stack.pop()
            if anchor is not None:
                open_anchors.discard(anchor)
                anchors[anchor] = value, size - size_before
        elif kind is yaml.AliasEvent:
            value, weight = _repeated(event, anchors, open_anchors, faults)
            size += weight
            aliased += weight
            if aliased > MAX_ALIASED:
                text = f"the aliases repeat more than {MAX_ALIASED:,} values in all"
                faults.append(_Fault(event.start_mark.index, text, "alias-bomb"))
                raise _Stop
            if is_map and key is None and not isinstance(value, str):
                faults.append(_key_fault(event, text))
                raise _Stop
        elif kind is yaml.DocumentStartEvent:
            documents += 1
            if documents > 1:
                text = "a second document begins here: a file holds one lesson"
                faults.append(_Fault(event.start_mark.index, text, "documents"))
                raise _Stop
            continue
        else:
            continue
        if not is_map:
            node.append(value)
        elif key is None:
            key = value
            if key in node:
                path = tuple(frame[2] if frame[1] else len(frame[0]) for frame in stack[1:])
                faults.append(_Fault(event.start_mark.index, "", "duplicate-key", (*path, key)))
            elif key == "<<" and kind is scalar and event.implicit[0]:
                text = "merge keys (<<) are not read: write the keys out"
                faults.append(_Fault(event.start_mark.index, text, "merge-key"))
        else:
            # Of two equal keys the first counts, so that it is the second that is told of.
            node.setdefault(key, value)
            key = None
    return root[0] if root else ""


def _key_fault(event: yaml.NodeEvent, text: str) -> _Fault:
    index = event.start_mark.index
    if text[max(0, index - 1) : index + 1] == "{{":  # {{c1::…}} without quotes, which YAML reads as two mappings
        return _Fault(index - 1, f"a text can't begin with '{{': {NEEDS_QUOTES}", "first-character")
    return _Fault(index, "a key must be a text, not a list or a mapping", "key-type")


def _tag_fault(event: yaml.NodeEvent) -> _Fault:
    text = f"tags ({event.tag}) are not read: every value is text as typed"
    return _Fault(event.start_mark.index, text, "tag")


def _repeated(
    event: yaml.AliasEvent, anchors: dict[str, tuple[Any, int]], open_anchors: set[str], faults: list[_Fault]
) -> tuple[Any, int]:
    """Return what an alias repeats and its size in nodes."""
    name = event.anchor
    if name in open_anchors:
        faults.append(_Fault(event.start_mark.index, f"*{name} stands inside what it repeats", "alias-loop"))
        raise _Stop
    if name not in anchors:
        text = f"nothing above is marked &{name}, so *{name} repeats nothing; a text that begins with * needs quotes"
        faults.append(_Fault(event.start_mark.index, text, "unknown-alias"))
        # It reads as its own text, so that it is no second problem.
        return f"*{name}", 1
    return anchors[name]


def _marks(text: str) -> _Mark:
    """Return the marks of the text's first document, as far as it can be read."""
    parser = CParser(text)
    root: list[_Mark] = []
    stack: list[_Open] = [_Open(0, root)]
    anchors: dict[str, Any] = {}
    with contextlib.suppress(yaml.YAMLError):
        while (event := parser.get_event()) is not None and len(stack) <= MAX_DEPTH + 1:
            if isinstance(event, yaml.CollectionStartEvent):
                children: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
                stack.append(_Open(event.start_mark.index, children))
            elif isinstance(event, yaml.CollectionEndEvent):
                opened = stack.pop()
                stack[-1].add("", (opened.index, event.end_mark.index, opened.children))
            elif isinstance(event, yaml.ScalarEvent):
                if event.anchor:
                    anchors[event.anchor] = event.value
                stack[-1].add(event.value, (event.start_mark.index, event.end_mark.index, None))
            elif isinstance(event, yaml.AliasEvent):
                value = anchors.get(event.anchor, f"*{event.anchor}")
                stack[-1].add(value, (event.start_mark.index, event.end_mark.index, None))
    while len(stack) > 1:  # what a fault left open
        opened = stack.pop()
        stack[-1].add("", (opened.index, len(text), opened.children))
    return root[0] if root else (0, len(text), None)


class _Open:
    """A collection whose marks are being read."""

    __slots__ = ("children", "index", "key", "key_index")

    def __init__(self, index: int, children: Any) -> None:
        self.index = index
        self.children = children
        self.key: str | None = None
        self.key_index = 0

    def add(self, text: str, mark: _Mark) -> None:
        """Take the next node: of a mapping in turn a key, whose text counts, and its value."""
        if isinstance(self.children, list):
            self.children.append(mark)
        elif self.key is None:
            self.key, self.key_index = text, mark[0]
        else:
            self.children.setdefault(self.key, (self.key_index, mark))
            self.key = None
