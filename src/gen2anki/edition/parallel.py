"""A large document, read in two halves at once, the first of them by another process.

Each half is a lesson of its own, and what is found in it is true of the whole document, except what only both halves
together can show. Where that, or anything else, is in the way, the document is read again as a whole.
"""

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, count, repeat
from typing import Any, Final

from gen2anki.anki.note import Medium
from gen2anki.diagnostics.files import temporary_place
from gen2anki.diagnostics.problem import Path, Problem, ProblemsError
from gen2anki.edition.reading import Reading, read
from gen2anki.lesson.load import MAX_NOTES
from gen2anki.lesson.offered_ids import Nameless
from gen2anki.lesson.repairs import Repairs
from gen2anki.render.rendered import RenderedNote
from gen2anki.schema.values import NO_ID
from gen2anki.source.composer import compose, is_readable
from gen2anki.source.document import Document
from gen2anki.source.positions import Places

# With fewer bytes in the first half, another process takes as much time as it saves.
LEAST_BYTES: Final = 1_000_000
# The line of the key, and everything up to the first flashcard, whose indentation is the group.
_FIRST_FLASHCARD: Final = re.compile(rb"^flashcards:(?:[ \t]*(?:#[^\r\n]*)?\r?\n)+(?=( *)- )", re.MULTILINE)
# What stands at the left edge and is neither in a list nor a comment.
_AFTER_FLASHCARDS: Final = re.compile(rb"\n[^\s#-]")
# What may be the beginning of an anchor. A wrong guess only costs time: the parser finds the anchors that this misses.
_ANCHOR: Final = re.compile(rb"&(?:(?<=[:,\[{-] &)|(?<=[,\[{]&))\w")


@dataclass(frozen=True, slots=True, kw_only=True)
class Halves:
    """A document cut in two. In both halves, each line has the number that it has in the whole.

    Both begin with everything above the first flashcard. In the second half empty lines follow, in place of the first
    half's notes: so far, it has `above` characters.
    """

    first: Document
    second: Document
    above: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstHalf:
    """What the first half contains: its notes, as `_columns` has them, its problems, and its length in characters.

    Where YAML can't read it, `readable` is its text with stand-ins.
    """

    columns: list[tuple[Any, ...]]
    media: tuple[Medium, ...]
    tags: dict[str, Path]
    members: Mapping[Path, Sequence[int]]
    problems: tuple[Problem, ...]
    repairs: Repairs
    characters: int
    readable: bytes | None
    nameless: tuple[Nameless, ...]


def halves(document: Document, least: int) -> Halves | None:
    """Cut a document between two flashcards.

    Return None where the flashcards have no `least` bytes to cut off, where one of these may have an anchor, or where
    more than `deck` stands above them.
    """
    content = document.content
    if not (found := _FIRST_FLASHCARD.search(content)):
        return None
    start = found.end()
    end = _AFTER_FLASHCARDS.search(content, start, len(content) // 2)
    cut = content.rfind(b"\n" + found[1] + b"- ", start, end.start() + 1 if end else len(content) // 2) + 1
    if cut - start < least or _ANCHOR.search(content, start, cut):
        return None
    # The notes that are cut off become empty lines. Where some lines end in "\r" alone, they would be counted wrong.
    if b"\r" in content and content.count(b"\r") != content.count(b"\r\n"):
        return None
    view = memoryview(content)
    above = content[:start]
    with suppress(ProblemsError):
        data = compose(Document.of_pieces((above,), document.file)).data
        # Read alone, it shows that the list begins here and not in a text.
        if isinstance(data, dict) and list(data) == ["deck", "flashcards"]:
            padding = b"\n" * content.count(b"\n", start, cut)
            return Halves(
                first=Document.of_pieces((view[:cut],), document.file),
                second=Document.of_pieces((above, padding, view[cut:]), document.file),
                above=len(above.decode()) + len(padding),
            )
    return None


@contextmanager
def reader(document: Document, folder: str) -> Iterator[Callable[[Callable[[str], None]], Reading]]:
    """Begin to read a document; what is yielded reads it to the end, as `read` does.

    Raises:
        ProblemsError: as `read` does.
    """
    with ExitStack() as stack:
        both = halves(document, LEAST_BYTES) if _has_cores() else None
        first = None
        if both:
            with suppress(OSError):  # there is no room for another process, or for its file
                first = stack.enter_context(_read_meanwhile(both.first, folder))

        def finish(stage: Callable[[str], None]) -> Reading:
            if both and first:
                with suppress(ProblemsError):
                    second = read(both.second, folder, stage)
                    if (found := first()) and (whole := join(document, found, second, both.above)):
                        return whole
            return read(document, folder, stage)

        yield finish


def read_first(document: Document, folder: str) -> FirstHalf | None:
    """Read the first half of a document; None where the second may depend on more than stands above its notes."""
    with suppress(ProblemsError):
        found = read(document, folder, lambda _: None)
        recovery = found.loaded.recovery
        if not found.loaded.has_anchors and not (recovery and (recovery.is_coarse or recovery.hides_keys)):
            return FirstHalf(
                columns=_columns(found.rendered.notes),
                media=found.rendered.media,
                tags=found.tags,
                members=found.loaded.places.members,
                problems=found.problems,
                repairs=found.loaded.repairs,
                characters=document.characters,
                readable=recovery.text.encode() if recovery else None,
                nameless=found.loaded.nameless,
            )
    return None


def join(document: Document, first: FirstHalf, second: Reading, above: int) -> Reading | None:
    """Return what the whole document contains; its lesson has only the flashcards of the second half.

    In the second half, `above` characters stand for the first. None where only the whole can show what is wrong: where the
    halves share an id, where one names the other's, or where what can't be read in halves may be read as a whole.
    """
    ids, *_ = first.columns
    loaded, rendered = second.loaded, second.rendered
    retired = loaded.lesson.retired
    others = chain((note.id for note in rendered.notes), *((one.id, one.see) for one in retired))
    if set(ids).intersection(others) - {NO_ID} or (loaded.recovery and loaded.recovery.is_coarse):
        return None
    if len(ids) + len(rendered.notes) > MAX_NOTES:
        return None
    readable = None
    if first.readable or loaded.recovery:
        if is_readable(document):
            return None
        end = loaded.places.readable.text[above:].encode()
        begin = first.readable or document.text[: first.characters].encode()
        readable = Document.of_pieces((begin, end), document.file)
    shift = first.characters - above
    moved = partial(_moved, flashcards=len(ids))
    members = _both_members(first.members, loaded.places.members, shift, moved)
    flashcards = len(loaded.lesson.flashcards)
    columns = map(tuple.__add__, first.columns, _columns(rendered.notes[:flashcards]))
    notes = map(RenderedNote, *columns, zip(repeat("flashcards"), count()))
    media = {medium.name: medium for medium in (*first.media, *rendered.media)}

    return Reading(
        loaded=replace(
            loaded,
            places=Places(document, members, readable),
            problems=(*first.problems, *loaded.problems),  # the first half's others come twice, and are told once
            repairs=first.repairs.joined(loaded.repairs, moved),
            nameless=(*first.nameless, *(one._replace(path=moved(one.path)) for one in loaded.nameless)),
        ),
        rendered=replace(
            rendered,
            notes=(*notes, *rendered.notes[flashcards:]),
            media=tuple(media[name] for name in sorted(media)),
            problems=(*first.problems, *rendered.problems),
        ),
        tags=first.tags | {tag: moved(path) for tag, path in second.tags.items() if tag not in first.tags},
        problems=(*first.problems, *second.problems),
    )


def _columns(notes: Sequence[RenderedNote]) -> list[tuple[Any, ...]]:
    """Return the ids of all notes, then each of their other fields in turn, without the paths."""
    return list(zip(*(note[:-1] for note in notes), strict=True))


def _both_members(
    first: Mapping[Path, Sequence[int]],
    second: Mapping[Path, Sequence[int]],
    shift: int,
    moved: Callable[[Path], Path],
) -> dict[Path, Sequence[int]]:
    """Return where the members of both halves' lists begin in the whole document."""
    shifted: dict[Path, Sequence[int]] = {
        moved(path): [start + shift for start in starts] for path, starts in second.items()
    }
    whole, path = {**first, **shifted}, ("flashcards",)
    if path in first and path in second:
        whole[path] = [*first[path], *shifted[path]]
    else:  # where one half's members are unknown, so are the whole's
        whole.pop(path, None)
    return whole


def _moved(path: Path, flashcards: int) -> Path:
    """Return the path that something in the second half has in the whole, after so many `flashcards` of the first."""
    match path:
        case ("flashcards", int(number), *rest):
            return ("flashcards", number + flashcards, *rest)
    return path


@contextmanager
def _read_meanwhile(document: Document, folder: str) -> Iterator[Callable[[], FirstHalf | None]]:
    """Have another process read the first half; what is yielded waits for it and returns what it found.

    Raises:
        OSError: no process could be made, or no file.
    """
    # Imported here: a lesson of common size does not need them.
    import pickle
    from multiprocessing import get_context
    from tempfile import TemporaryFile

    def work() -> None:
        try:
            pickle.dump(read_first(document, folder), stream, pickle.HIGHEST_PROTOCOL)
            stream.flush()
        finally:  # whatever went wrong, the other process sees that something is missing
            os._exit(0)

    def first() -> FirstHalf | None:
        process.join()
        stream.seek(0)
        with suppress(EOFError, pickle.UnpicklingError):
            found: FirstHalf | None = pickle.load(stream)  # noqa: S301 (this program wrote it, where nobody else can)
            return found
        return None

    # A file and not a pipe: the process is gone, with all its memory, before this one reads its notes.
    with TemporaryFile(dir=temporary_place()) as stream:
        process = get_context("fork").Process(target=work)
        process.start()
        try:
            yield first
        finally:
            process.kill()
            process.join()


def _has_cores() -> bool:
    """Return True if another process can work beside this one, and begin with everything that this one has."""
    return sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1
