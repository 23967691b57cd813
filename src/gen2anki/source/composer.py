"""A document to plain data: dicts, lists and texts, each scalar as typed, within limits.

PyYAML's C parser gives the events. Nothing here recurses, so no source can exhaust the stack.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import yaml
from yaml._yaml import CParser

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.finding import Misreading
from gen2anki.diagnostics.problem import Path, Problem, ProblemsError
from gen2anki.source.document import Document
from gen2anki.source.pitfalls import (
    GLUED_COMMENT_BYTES,
    empty_block,
    glued_comments,
    merge_marks,
    misread_escapes,
    misread_key,
    misread_quote,
    misread_tag,
    not_allowed,
    starts_with,
    unfolded,
)
from gen2anki.source.positions import Places
from gen2anki.source.syntax_errors import explain

MAX_DEPTH: Final = 64
# How many nodes all aliases of a file may stand for in total. A lesson repeats a list of choices or tags some hundred
# times; a file beyond this limit doubles itself at every line.
MAX_ALIASED: Final = 1_000_000
# A text counts as one node more for each so many characters.
_NODE_CHARACTERS: Final = 100
_STR_TAG: Final = "tag:yaml.org,2002:str"
# What YAML does not allow in a file (1.1, 5.1): control characters, a byte order mark inside the text.
_NOT_YAML: Final = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A document as plain data, the problems that leave it readable, and where everything in it stands."""

    data: Any
    problems: tuple[Problem, ...]
    places: Places
    has_anchors: bool


def compose(document: Document) -> Composed:
    """Read a document.

    Raises:
        ProblemsError: it is not UTF-8 or not YAML, contains merge marks or a second document, is too deep, or its
            aliases repeat too much.
    """
    misreadings: list[Misreading] = []
    try:
        data, members, has_anchors = _read_events(document, misreadings)
    except yaml.reader.ReaderError:
        misreadings += (
            Misreading(found.start(), not_allowed(found[0]), Code.BAD_CHARACTER)
            for found in _NOT_YAML.finditer(document.text)
        )
        raise ProblemsError(_problems(document, misreadings)) from None
    except yaml.MarkedYAMLError as error:
        slip = explain(error, document.text)
        # What was found after the slip is a consequence of it.
        before = [misreading for misreading in misreadings if misreading.at < slip.at]
        raise ProblemsError(_problems(document, merge_marks(document.text) or [*before, slip])) from None
    except _StopReading:
        # Where git left merge marks, everything else is wrong on one side only.
        raise ProblemsError(_problems(document, merge_marks(document.text) or misreadings)) from None
    places = Places(document, members)
    if document.has(GLUED_COMMENT_BYTES):
        misreadings += glued_comments(document, places)
    problems = tuple(_problems(document, misreadings))
    return Composed(data=data, problems=problems, places=places, has_anchors=has_anchors)


def _problems(document: Document, misreadings: Iterable[Misreading]) -> list[Problem]:
    places = Places(document, {})
    problems = []
    for misreading in misreadings:
        text = misreading.text
        if misreading.first:
            line, column, _ = places.place(misreading.first, key=True)
            text = f"duplicate key '{misreading.first[-1]}', first used at {line}:{column}"
        problems.append(document.problem(misreading.at, text, misreading.code))
    return problems


class _StopReading(Exception):  # noqa: N818 (it ends the reading; the problem is reported already)
    """The document can't be read on."""


def _read_events(  # noqa: C901, PLR0912, PLR0915 (one hot loop: a call for each node would double its time)
    document: Document, misreadings: list[Misreading]
) -> tuple[Any, dict[Path, list[int]], bool]:
    """Return a document as plain data, the places of its lists' members, and True if it has anchors.

    The places are the character indices at which the members begin, by the path of each list that contains only
    mappings. What is misread is appended to `misreadings`.
    """
    next_event: Callable[[], Any] = CParser(document.stream()).get_event
    scalar, mapping_start, sequence_start = yaml.ScalarEvent, yaml.MappingStartEvent, yaml.SequenceStartEvent
    mapping_end, sequence_end = yaml.MappingEndEvent, yaml.SequenceEndEvent
    root: list[Any] = []
    node: Any = root  # the collection being filled
    is_map = False
    key: Any = None  # in a mapping: the key whose value comes next
    starts: list[int] = []  # of the mappings in the list being filled
    stack: list[tuple[Any, bool, Any, list[int], str | None, int]] = []
    members: dict[Path, list[int]] = {}
    knows_members = True
    anchors: dict[str, tuple[Any, int]] = {}  # what each repeats, and its size in nodes
    open_anchors: set[str] = set()
    plain_anchors: list[tuple[str, Misreading]] = []  # of texts without quotes: what is wrong if nothing repeats them
    repeated: set[str] = set()
    keys: dict[str, str] = {}
    size = aliased = documents = 0
    while (event := next_event()) is not None:
        kind = event.__class__
        if kind is scalar:
            value = event.value
            if event.tag is not None and event.tag != _STR_TAG:
                misreadings.append(misread_tag(event))
                value = f"{event.tag} {value}"  # as typed: an empty value would be a second problem
            if style := event.style:  # quoted, or a block
                if style == '"' and not value.isprintable():
                    misreadings += misread_escapes(event, document.text)
                lasts = style not in "|>" and event.start_mark.line != event.end_mark.line
                if lasts and (late := misread_quote(event, document.text)):
                    misreadings.append(late)
                    raise _StopReading
                if style in "|>" and (not value or value.isspace()):
                    misreadings.append(empty_block(event, document.text))
                    value = style
                if lasts or style == ">" or (style == "|" and not value.isascii()):
                    value = unfolded(event, value, document, misreadings)
            elif (key is not None or not is_map) and event.start_mark.line != event.end_mark.line:
                value = unfolded(event, value, document, misreadings)
            if event.anchor is not None:
                if not style:
                    no_anchor = Misreading(event.start_mark.index, starts_with("&"), Code.FIRST_CHARACTER)
                    if value:
                        plain_anchors.append((event.anchor, no_anchor))
                    else:
                        value = f"&{event.anchor}"
                        misreadings.append(no_anchor)
                anchors[event.anchor] = value, 1 + len(value) // _NODE_CHARACTERS
        elif kind is mapping_start or kind is sequence_start:
            if is_map and key is None:
                misreadings.append(misread_key(event, document.text))
                raise _StopReading
            if event.tag is not None:
                misreadings.append(misread_tag(event))
            if event.anchor is not None:
                open_anchors.add(event.anchor)
            if kind is mapping_start and not is_map:
                starts.append(event.start_mark.index)
            stack.append((node, is_map, key, starts, event.anchor, size))
            if len(stack) > MAX_DEPTH:
                text = f"more than {MAX_DEPTH} lists and mappings are nested here"
                misreadings.append(Misreading(event.start_mark.index, text, Code.TOO_DEEP))
                raise _StopReading
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
            value, weight = _repeated(event, anchors, open_anchors, misreadings)
            repeated.add(event.anchor)
            size += weight
            aliased += weight
            if aliased > MAX_ALIASED:
                text = f"the aliases repeat more than {MAX_ALIASED:,} values in total"
                misreadings.append(Misreading(event.start_mark.index, text, Code.ALIAS_BOMB))
                raise _StopReading
            if is_map and key is None:
                if not isinstance(value, str):
                    misreadings.append(misread_key(event, document.text))
                    raise _StopReading
                knows_members = False  # read alone, a mapping does not show what an alias stands for
        elif kind is yaml.DocumentStartEvent:
            documents += 1
            if documents > 1:
                text = "a second document begins here: a file holds one lesson"
                misreadings.append(Misreading(event.start_mark.index, text, Code.SECOND_DOCUMENT))
                raise _StopReading
            continue
        else:
            continue
        if not is_map:
            node.append(value)
        elif key is None:
            key = keys.setdefault(value, value)  # one text in memory for all equal keys
            if key in node:
                knows_members = False  # the key's path leads to two places
                misreadings.append(Misreading(event.start_mark.index, "", Code.DUPLICATE_KEY, (*_path(stack), key)))
            elif key == "<<" and kind is scalar and event.implicit[0]:
                text = "merge keys (<<) are not supported: write the keys out"
                misreadings.append(Misreading(event.start_mark.index, text, Code.MERGE_KEY))
        else:
            # Of two equal keys the first counts: the second is the one reported.
            node.setdefault(key, value)
            key = None
    misreadings += (no_anchor for anchor, no_anchor in plain_anchors if anchor not in repeated)
    return root[0] if root else "", members if knows_members else {}, bool(anchors)


def _path(stack: list[tuple[Any, bool, Any, list[int], str | None, int]]) -> Path:
    """Return the path of the collection being filled; `stack` has the collections around it."""
    return tuple(key if is_map else len(node) for node, is_map, key, *_ in stack[1:])


def _repeated(
    event: Any, anchors: dict[str, tuple[Any, int]], open_anchors: set[str], misreadings: list[Misreading]
) -> tuple[Any, int]:
    """Return what an alias repeats, and its size in nodes."""
    name = event.anchor
    if name in open_anchors:
        misreadings.append(
            Misreading(event.start_mark.index, f"*{name} stands inside the value that it repeats", Code.ALIAS_LOOP)
        )
        raise _StopReading
    if name not in anchors:
        text = f"there is no &{name} above, so *{name} repeats nothing: put a text that begins with '*' in quotes"
        misreadings.append(Misreading(event.start_mark.index, text, Code.UNKNOWN_ALIAS))
        # As typed: an empty value would be a second problem.
        return f"*{name}", 1
    return anchors[name]
