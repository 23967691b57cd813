"""Bytes to plain data: dicts, lists and text, every scalar as typed.

PyYAML's C parser gives the events; nothing here recurses, so no source can exhaust the stack. Positions cost more
than the data itself, so they are looked up again (`Source.place`) only when there is a problem to report.
"""

import codecs
import re
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, Final

import yaml
from yaml._yaml import CParser

from gen2anki.misread import (
    Fault,
    empty_block_fault,
    escape_faults,
    key_fault,
    merge_faults,
    not_allowed,
    quote_fault,
    starts_with,
    tag_fault,
    unfolded,
)
from gen2anki.places import Places
from gen2anki.problem import Path, Problem, ProblemsError
from gen2anki.syntax import CUT_SHORT, GLUED_COMMENT, explain

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
_NOT_YAML: Final = "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
_GLUED_COMMENT_BYTES: Final = re.compile(GLUED_COMMENT.pattern.encode())
# Keys whose values are words, which no '#' goes on.
_WORDS: Final = frozenset({"id", "retired", "tags", "language", "html", "reverse", "typed", "minutes"})
_STR_TAG: Final = "tag:yaml.org,2002:str"


class Source:
    """One source file: its text, its data, and the place of everything in it."""

    def __init__(self, content: bytes, file: str) -> None:
        """Take `content`, the bytes of `file` (a name for messages only).

        Raises:
            ProblemsError: it begins with a byte order mark, or as UTF-16, and does not go on so.
        """
        self.file = file
        # Where each member of a list of mappings begins, by the list's path: from there it can be read again, alone.
        self._members: dict[Path, list[int]] = {}
        # As UTF-8: the parser takes it as it is, and as text it may need four times the memory.
        self._content = self._as_utf8(content)

    @cached_property
    def text(self) -> str:
        """Return the file's text; only positions need it.

        Raises:
            ProblemsError: it is not UTF-8.
        """
        return self._decoded(self._content, "utf-8")

    def _as_utf8(self, content: bytes) -> bytes:
        encoding = next((name for bom, name in _BOMS if content.startswith(bom)), "utf-8")
        # UTF-16 whose byte order mark an editor left out: every other byte of its first two characters is none.
        if content[1:4:2] == b"\0\0" and b"\0" not in content[:4:2]:
            encoding = "utf-16-le"
        elif content[:4:2] == b"\0\0" and b"\0" not in content[1:4:2]:
            encoding = "utf-16-be"
        return content if encoding == "utf-8" else self._decoded(content, encoding).encode()

    def _decoded(self, content: bytes, encoding: str) -> str:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError as error:
            at = len(content[: error.start].decode(encoding, errors="replace"))
            self._content = content.decode(encoding, errors="replace").encode()
            byte = content[error.start]
            text = f"byte {byte:#04x} is not {encoding.removesuffix('-sig').upper()} text: save the file as UTF-8"
            if error.end == len(content) and error.reason in {"unexpected end of data", "truncated data"}:
                text = "the file ends in the middle of a character: something cut it off"
            raise ProblemsError([self.problem(at, text, "bad-encoding")]) from None

    def problem(self, index: int, text: str, code: str) -> Problem:
        """Return an error at a character of the text."""
        line, column, source = self._places.line(index)
        return Problem(file=self.file, line=line, column=column, text=text, code=code, source=source)

    def problem_at(self, path: Path, text: str, code: str, *, key: bool = False, needle: str = "") -> Problem:
        """Return an error at what stands at `path` (see `Places.find`)."""
        return self.problem(self._places.find(path, key=key, needle=needle), text, code)

    def place(self, path: Path, *, key: bool = False) -> tuple[int, int, str]:
        """Return line, column (1-based) and the text of the line of what stands at `path` (see `Places.find`)."""
        return self._places.line(self._places.find(path, key=key))

    def has(self, path: Path) -> bool:
        """Say whether something stands at `path`."""
        return self._places.has(path)

    @cached_property
    def _places(self) -> Places:
        return Places(self.text, self._content, self._members)

    def data(self) -> tuple[Any, list[Problem]]:
        """Return the file as plain data, and the problems that leave it readable all the same.

        Raises:
            ProblemsError: it is not UTF-8 or not YAML, was not merged to the end, holds more than one document, or is
                too deep or too much to read.
        """
        faults: list[Fault] = []
        try:
            data = _build(self._content, lambda: self.text, faults, self._members)
        except yaml.reader.ReaderError:
            faults += (
                Fault(found.start(), not_allowed(found[0]), "bad-character")
                for found in re.finditer(_NOT_YAML, self.text)
            )
            raise ProblemsError(map(self._problem, faults)) from None
        except yaml.MarkedYAMLError as error:
            slip = Fault(*explain(error, self.text))
            # What was met behind the slip is a part of it, misread.
            faults = [*(fault for fault in faults if fault.index < slip.index), slip]
            raise ProblemsError(map(self._problem, merge_faults(self.text) or faults)) from None
        except _Stop:
            # Where a merge left its marks, whatever else is wrong is one side's or the other's.
            raise ProblemsError(map(self._problem, merge_faults(self.text) or faults)) from None
        if _GLUED_COMMENT_BYTES.search(self._content):
            faults += self._cut_short()
        return data, [self._problem(fault) for fault in faults]

    def _cut_short(self) -> Iterator[Fault]:
        """Yield a fault for each text that ends where the author went on with '#', which begins a comment."""
        texts = self._places.plain_texts(_WORDS)
        for found in GLUED_COMMENT.finditer(self.text):
            end = found.start()
            while end and self.text[end - 1] in " \t\r\n":
                end -= 1
            owner = texts.get(end, -1)
            if owner < 0:
                continue
            line, column, _ = self._places.line(found.start())
            # A line of its own could go on with the text only where it is indented further than what the text belongs to.
            is_deeper = column > self._places.line(owner)[1] and self.text[owner] != "["
            if is_deeper or self._places.line(end)[0] == line:
                yield Fault(found.start(), CUT_SHORT, "comment-in-text")

    def _problem(self, fault: Fault) -> Problem:
        text = fault.text
        if fault.first:
            line, column, _ = self.place(fault.first, key=True)
            text = f"'{fault.first[-1]}' stands here twice: first at {line}:{column}"
        return self.problem(fault.index, text, fault.code)


class _Stop(Exception):  # noqa: N818 (it ends the reading; the fault is in the report)
    """The source cannot be read on."""


def _build(  # noqa: C901, PLR0912, PLR0915 (one hot loop: a call a node would double its time)
    content: bytes, get_text: Callable[[], str], faults: list[Fault], members: dict[Path, list[int]]
) -> Any:
    """Return the one document of a file as plain data.

    What is wrong with it is appended to `faults`; to `members` is added, of each list that holds only mappings, where
    they begin (character indices).
    """
    next_event: Callable[[], Any] = CParser(content).get_event
    scalar, mapping_start, sequence_start = yaml.ScalarEvent, yaml.MappingStartEvent, yaml.SequenceStartEvent
    mapping_end, sequence_end = yaml.MappingEndEvent, yaml.SequenceEndEvent
    root: list[Any] = []
    node: Any = root  # the collection being filled
    is_map = False
    key: Any = None  # the key that waits for its value, in a mapping
    starts: list[int] = []  # of the mappings in the list being filled
    stack: list[tuple[Any, bool, Any, list[int], str | None, int]] = []
    anchors: dict[str, tuple[Any, int]] = {}
    open_anchors: set[str] = set()
    plain_anchors: list[tuple[str, Fault]] = []  # of texts without quotes: what to say where nothing repeats them
    repeated: set[str] = set()
    keys: dict[str, str] = {}
    size = aliased = documents = 0
    while (event := next_event()) is not None:
        kind = event.__class__
        if kind is scalar:
            value = event.value
            if event.tag is not None and event.tag != _STR_TAG:
                faults.append(tag_fault(event))
                value = f"{event.tag} {value}"  # its own text, so that it is no second problem
            if style := event.style:  # quoted, or a block
                if style == '"' and not value.isprintable():
                    faults += escape_faults(event, get_text())
                lasts = style not in "|>" and event.start_mark.line != event.end_mark.line
                if lasts and (fault := quote_fault(event, get_text())):
                    faults.append(fault)
                    raise _Stop
                if style in "|>" and (not value or value.isspace()):
                    faults.append(empty_block_fault(event, get_text()))
                    value = style  # its own text, so that it is no second problem
                if lasts or style in "|>":
                    value = unfolded(event, value, get_text, faults)
            elif (key is not None or not is_map) and event.start_mark.line != event.end_mark.line:
                value = unfolded(event, value, get_text, faults)
            if event.anchor is not None:
                if not style:
                    fault = Fault(event.start_mark.index, starts_with("&"), "first-character")
                    if value:
                        plain_anchors.append((event.anchor, fault))
                    else:
                        value = f"&{event.anchor}"
                        faults.append(fault)
                anchors[event.anchor] = value, 1 + len(value) // 100
        elif kind is mapping_start or kind is sequence_start:
            if is_map and key is None:
                faults.append(key_fault(event, get_text()))
                raise _Stop
            if event.tag is not None:
                faults.append(tag_fault(event))
            if event.anchor is not None:
                open_anchors.add(event.anchor)
            if kind is mapping_start and not is_map:
                starts.append(event.start_mark.index)
            stack.append((node, is_map, key, starts, event.anchor, size))
            if len(stack) > MAX_DEPTH:
                text = f"more than {MAX_DEPTH} lists and mappings inside each other"
                faults.append(Fault(event.start_mark.index, text, "too-deep"))
                raise _Stop
            is_map = kind is mapping_start
            node = {} if is_map else []
            key = None
            starts = []
            continue
        elif kind is mapping_end or kind is sequence_end:
            value = node
            size += 1 + len(value)
            if starts and len(starts) == len(value):
                members[_path(stack)] = starts
            node, is_map, key, starts, anchor, size_before = stack.pop()
            if anchor is not None:
                open_anchors.discard(anchor)
                anchors[anchor] = value, size - size_before
        elif kind is yaml.AliasEvent:
            value, weight = _repeated(event, anchors, open_anchors, faults)
            repeated.add(event.anchor)
            size += weight
            aliased += weight
            if aliased > MAX_ALIASED:
                text = f"the aliases repeat more than {MAX_ALIASED:,} values in all"
                faults.append(Fault(event.start_mark.index, text, "alias-bomb"))
                raise _Stop
            if is_map and key is None:
                if not isinstance(value, str):
                    faults.append(key_fault(event, get_text()))
                    raise _Stop
                members.clear()  # read alone, a mapping does not tell what an alias stands for
                members = {}
        elif kind is yaml.DocumentStartEvent:
            documents += 1
            if documents > 1:
                text = "a second document begins here: a file holds one lesson"
                faults.append(Fault(event.start_mark.index, text, "second-document"))
                raise _Stop
            continue
        else:
            continue
        if not is_map:
            node.append(value)
        elif key is None:
            key = keys.setdefault(value, value)  # one text for all the keys that are alike
            if key in node:
                members.clear()  # its path leads to two places
                members = {}
                faults.append(Fault(event.start_mark.index, "", "duplicate-key", (*_path(stack), key)))
            elif key == "<<" and kind is scalar and event.implicit[0]:
                text = "merge keys (<<) are not read: write the keys out"
                faults.append(Fault(event.start_mark.index, text, "merge-key"))
        else:
            # Of two equal keys the first counts, so that it is the second that is told of.
            node.setdefault(key, value)
            key = None
    faults += (fault for anchor, fault in plain_anchors if anchor not in repeated)
    return root[0] if root else ""


def _path(stack: list[tuple[Any, bool, Any, list[int], str | None, int]]) -> Path:
    """Return the path of the collection being filled, from those that it stands in."""
    return tuple(key if is_map else len(node) for node, is_map, key, *_ in stack[1:])


def _repeated(
    event: Any, anchors: dict[str, tuple[Any, int]], open_anchors: set[str], faults: list[Fault]
) -> tuple[Any, int]:
    """Return what an alias repeats and its size in nodes."""
    name = event.anchor
    if name in open_anchors:
        faults.append(Fault(event.start_mark.index, f"*{name} stands inside what it repeats", "alias-loop"))
        raise _Stop
    if name not in anchors:
        text = f"nothing above is marked &{name}, so *{name} repeats nothing; a text that begins with * needs quotes"
        faults.append(Fault(event.start_mark.index, text, "unknown-alias"))
        # It reads as its own text, so that it is no second problem.
        return f"*{name}", 1
    return anchors[name]
