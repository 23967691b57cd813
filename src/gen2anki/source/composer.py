"""A document to plain data: dicts, lists and texts, each scalar as typed, within limits.

PyYAML's C parser gives the events. Nothing here recurses, so no source can exhaust the stack.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final

import yaml
from yaml._yaml import CParser

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.finding import Misreading
from gen2anki.diagnostics.problem import Path, Problem, ProblemsError
from gen2anki.source.document import Document
from gen2anki.source.mends import mend
from gen2anki.source.pitfalls import (
    GLUED_COMMENT_BYTES,
    empty_block,
    glued_comments,
    merge_marks,
    misread_escapes,
    misread_key,
    misread_quote,
    misread_tag,
    starts_with,
    unfolded,
)
from gen2anki.source.positions import Places
from gen2anki.source.recovery import SECOND_DOCUMENT, Recovery, recover, without
from gen2anki.source.syntax_errors import explain

MAX_DEPTH: Final = 64
# How many nodes all aliases of a file may stand for in total. A lesson repeats a list of choices or tags some hundred
# times; a file beyond this limit doubles itself at every line.
MAX_ALIASED: Final = 1_000_000
# No card has a longer text. Up to here, each takes less than a second.
MAX_TEXT: Final = 100_000
# A text counts as one node more for each so many characters.
_NODE_CHARACTERS: Final = 100
_STR_TAG: Final = "tag:yaml.org,2002:str"


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A document as plain data, what YAML makes wrong in it, and where everything in it stands.

    Where something can't be read, `recovery` says what stands in its place.
    """

    data: Any
    problems: tuple[Problem, ...]
    places: Places
    has_anchors: bool
    recovery: Recovery | None = None


def compose(document: Document) -> Composed:
    """Read a document; where it can't be read, read everything around that place.

    Raises:
        ProblemsError: it is not UTF-8, contains merge marks, repeats too much by its aliases, or nothing in it can be read.
    """
    misreadings: list[Misreading] = []
    try:
        data, members, has_anchors = _read_events(document, misreadings)
    except (yaml.YAMLError, _StopReading) as error:
        # Where git left merge marks, everything else is wrong on one side only.
        if marks := merge_marks(document.text):
            raise ProblemsError(_problems(document, marks)) from None
        return _compose_rest(document, has_bad_characters=isinstance(error, yaml.reader.ReaderError))
    places = Places(document, members)
    if document.has(GLUED_COMMENT_BYTES):
        misreadings += glued_comments(document, places)
    problems = tuple(_problems(document, misreadings))
    return Composed(data=data, problems=problems, places=places, has_anchors=has_anchors)


def _compose_rest(document: Document, *, has_bad_characters: bool) -> Composed:
    """Read what can be read of a document, and tell of all else."""
    recovery = recover(document.text, _slip, has_bad_characters=has_bad_characters)
    while True:
        readable = Document.of_pieces((recovery.text.encode(),), document.file)
        misreadings: list[Misreading] = []
        try:
            data, members, has_anchors = _read_events(readable, misreadings, recovery)
            break
        except (yaml.MarkedYAMLError, _StopReading) as error:
            slip = _slip_of(error, misreadings, readable.text)
            before, recovery = recovery, without(recovery, slip)
            # What an alias bomb is made of stands in several places.
            if slip.code == Code.ALIAS_BOMB or recovery.text == before.text:
                raise ProblemsError(_problems(document, recovery.slips)) from None
    if data == recovery.stand_in:
        raise ProblemsError(_problems(document, recovery.slips))
    places = Places(document, members, readable)
    if readable.has(GLUED_COMMENT_BYTES):
        misreadings += glued_comments(readable, places)
    problems = tuple(_problems(document, [*recovery.slips, *misreadings], places))
    return Composed(
        data=data,
        problems=problems,
        places=places,
        has_anchors=has_anchors or bool(recovery.anchors),
        recovery=recovery,
    )


def is_readable(document: Document) -> bool:
    """Return True if nothing in a document need be set aside."""
    try:
        _read_events(document, [])
    except (yaml.YAMLError, _StopReading):
        return False
    return True


def _slip(text: str) -> Misreading | None:
    """Return why a piece of a document can't be read; None if it can."""
    misreadings: list[Misreading] = []
    try:
        _read_events(Document.of_pieces((text.encode(),), ""), misreadings)
    except (yaml.MarkedYAMLError, _StopReading) as error:
        return _slip_of(error, misreadings, text)
    return None


def _slip_of(error: Exception, misreadings: list[Misreading], text: str) -> Misreading:
    return explain(error, text) if isinstance(error, yaml.MarkedYAMLError) else misreadings[-1]


def _problems(document: Document, misreadings: Iterable[Misreading], places: Places | None = None) -> list[Problem]:
    places = places or Places(document, {})
    problems = []
    for misreading in sorted(misreadings, key=attrgetter("at")):
        text = misreading.text
        if misreading.first:
            line, column, _ = places.place(misreading.first, key=True)
            text = f"duplicate key '{misreading.first[-1]}', first used at {line}:{column}"
        problems.append(document.problem(misreading.at, text, misreading.code).mended_by(mend(document, misreading)))
    return problems


class _StopReading(Exception):  # noqa: N818 (it ends the reading; the problem is reported already)
    """The document can't be read on."""


def _read_events(  # noqa: C901, PLR0912, PLR0915 (one hot loop: a call for each node would double its time)
    document: Document, misreadings: list[Misreading], recovery: Recovery | None = None
) -> tuple[Any, dict[Path, list[int]], bool]:
    """Return a document as plain data, the places of its lists' members, and True if it has anchors.

    The places are the character indices at which the members begin, by the path of each list that contains only
    mappings. What is misread is appended to `misreadings`. Of what was set aside, `recovery` tells.
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
            if len(value) > MAX_TEXT:
                text = f"this text has {len(value):,} characters, and a text has at most {MAX_TEXT:,}"
                misreadings.append(Misreading(event.start_mark.index, text, Code.TOO_LARGE))
                value = value[:1]  # what else is wrong with it is no matter
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
            value, weight = _repeated(event, anchors, open_anchors, misreadings, recovery)
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
                misreadings.append(Misreading(event.start_mark.index, SECOND_DOCUMENT, Code.SECOND_DOCUMENT))
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
            elif key == "<<" and kind is scalar:
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
    event: Any,
    anchors: dict[str, tuple[Any, int]],
    open_anchors: set[str],
    misreadings: list[Misreading],
    recovery: Recovery | None,
) -> tuple[Any, int]:
    """Return what an alias repeats, and its size in nodes."""
    name = event.anchor
    if name in open_anchors:
        misreadings.append(
            Misreading(event.start_mark.index, f"*{name} stands inside the value that it repeats", Code.ALIAS_LOOP)
        )
        raise _StopReading
    if name not in anchors and recovery and name in recovery.anchors:
        return recovery.stand_in, 1
    if name not in anchors:
        text = f"there is no &{name} above, so *{name} repeats nothing: put a text that begins with '*' in quotes"
        misreadings.append(Misreading(event.start_mark.index, text, Code.UNKNOWN_ALIAS))
        # As typed: an empty value would be a second problem.
        return f"*{name}", 1
    return anchors[name]
