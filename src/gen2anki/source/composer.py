"""YAML's events to plain data: dicts, lists and text, every scalar as typed, with limits.

PyYAML's C parser gives the events; nothing here recurses, so no source can exhaust the stack.
"""

from collections.abc import Callable
from typing import Any, Final

import yaml
from yaml._yaml import CParser

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.finding import Misreading
from gen2anki.diagnostics.problem import Path
from gen2anki.source.pitfalls import (
    empty_block_fault,
    escape_faults,
    key_fault,
    quote_fault,
    starts_with,
    tag_fault,
    unfolded,
)

MAX_DEPTH: Final = 64
# How many nodes all aliases of a file together may stand for. A lesson repeats a list of choices or tags some
# hundred times; a file that passes this doubles itself at every line.
MAX_ALIASED: Final = 1_000_000
_STR_TAG: Final = "tag:yaml.org,2002:str"


class StopReading(Exception):  # noqa: N818 (it ends the reading; the fault is in the report)
    """The source cannot be read on."""


def compose(  # noqa: C901, PLR0912, PLR0915 (one hot loop: a call a node would double its time)
    content: bytes,
    get_text: Callable[[], str],
    faults: list[Misreading],
    members: dict[Path, list[int]],
    anchors: dict[str, tuple[Any, int]],
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
    open_anchors: set[str] = set()
    plain_anchors: list[tuple[str, Misreading]] = []  # of texts without quotes: what to say where nothing repeats them
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
                    raise StopReading
                if style in "|>" and (not value or value.isspace()):
                    faults.append(empty_block_fault(event, get_text()))
                    value = style  # its own text, so that it is no second problem
                if lasts or style == ">" or (style == "|" and not value.isascii()):
                    value = unfolded(event, value, get_text, faults)
            elif (key is not None or not is_map) and event.start_mark.line != event.end_mark.line:
                value = unfolded(event, value, get_text, faults)
            if event.anchor is not None:
                if not style:
                    fault = Misreading(event.start_mark.index, starts_with("&"), Code.FIRST_CHARACTER)
                    if value:
                        plain_anchors.append((event.anchor, fault))
                    else:
                        value = f"&{event.anchor}"
                        faults.append(fault)
                anchors[event.anchor] = value, 1 + len(value) // 100
        elif kind is mapping_start or kind is sequence_start:
            if is_map and key is None:
                faults.append(key_fault(event, get_text()))
                raise StopReading
            if event.tag is not None:
                faults.append(tag_fault(event))
            if event.anchor is not None:
                open_anchors.add(event.anchor)
            if kind is mapping_start and not is_map:
                starts.append(event.start_mark.index)
            stack.append((node, is_map, key, starts, event.anchor, size))
            if len(stack) > MAX_DEPTH:
                text = f"more than {MAX_DEPTH} lists and mappings inside each other"
                faults.append(Misreading(event.start_mark.index, text, Code.TOO_DEEP))
                raise StopReading
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
                faults.append(Misreading(event.start_mark.index, text, Code.ALIAS_BOMB))
                raise StopReading
            if is_map and key is None:
                if not isinstance(value, str):
                    faults.append(key_fault(event, get_text()))
                    raise StopReading
                members.clear()  # read alone, a mapping does not tell what an alias stands for
                members = {}
        elif kind is yaml.DocumentStartEvent:
            documents += 1
            if documents > 1:
                text = "a second document begins here: a file holds one lesson"
                faults.append(Misreading(event.start_mark.index, text, Code.SECOND_DOCUMENT))
                raise StopReading
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
                faults.append(Misreading(event.start_mark.index, "", Code.DUPLICATE_KEY, (*_path(stack), key)))
            elif key == "<<" and kind is scalar and event.implicit[0]:
                text = "merge keys (<<) are not read: write the keys out"
                faults.append(Misreading(event.start_mark.index, text, Code.MERGE_KEY))
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
    event: Any, anchors: dict[str, tuple[Any, int]], open_anchors: set[str], faults: list[Misreading]
) -> tuple[Any, int]:
    """Return what an alias repeats and its size in nodes."""
    name = event.anchor
    if name in open_anchors:
        faults.append(Misreading(event.start_mark.index, f"*{name} stands inside what it repeats", Code.ALIAS_LOOP))
        raise StopReading
    if name not in anchors:
        text = f"nothing above is marked &{name}, so *{name} repeats nothing; a text that begins with * needs quotes"
        faults.append(Misreading(event.start_mark.index, text, Code.UNKNOWN_ALIAS))
        # It reads as its own text, so that it is no second problem.
        return f"*{name}", 1
    return anchors[name]
