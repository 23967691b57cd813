"""A large source in two halves, read at once: the first by a process of its own.

Each half is a lesson by itself (see `Source.halves`), and what is found in it is true of the whole, but for what only both
together can tell. Where that, or anything else, stands in the way, the source is read once more as a whole.
"""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import chain, count, repeat
from typing import Any, Final

from gen2anki.anki.note import Medium
from gen2anki.diagnostics.problem import Path, Problem, ProblemsError
from gen2anki.edition.reading import Reading, read
from gen2anki.lesson.load import NO_ID
from gen2anki.render.rendered import RenderedNote
from gen2anki.source.document import Document

# With fewer bytes in the first half, another process costs as much time as it spares.
LEAST_BYTES: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstHalf:
    """What the first half holds: its notes, as `_columns` has them, and what there is to say of them."""

    columns: list[tuple[Any, ...]]
    media: tuple[Medium, ...]
    tags: dict[str, Path]
    members: dict[Path, list[int]]
    problems: tuple[Problem, ...]
    mended: frozenset[Path]
    touched: frozenset[Path]
    mistyped: frozenset[Path]


@contextmanager
def reader(source: Document, folder: str) -> Iterator[Callable[[Callable[[str], None]], Reading]]:
    """Begin to read a source; what is yielded reads it to the end, as `read` does.

    Raises:
        ProblemsError: as `read` does.
    """
    with ExitStack() as stack:
        halves = source.halves(LEAST_BYTES) if _has_cores() else None
        first = None
        if halves:
            with suppress(OSError):  # there is no room for another process, or for its file
                first = stack.enter_context(_read_meanwhile(halves[0], folder))

        def finish(stage: Callable[[str], None]) -> Reading:
            if halves and first:
                with suppress(ProblemsError):
                    second = read(halves[1], folder, stage)
                    if (found := first()) and (whole := join(source, found, second)):
                        return whole
            return read(source, folder, stage)

        yield finish


def read_first(source: Document, folder: str) -> FirstHalf | None:
    """Read the first half of a source; None where the second may hang on more than stands above it."""
    with suppress(ProblemsError):
        found = read(source, folder, lambda _: None)
        if not source.has_anchors:
            return FirstHalf(
                columns=_columns(found.rendered.notes),
                media=found.rendered.media,
                tags=found.tags,
                members=source.members,
                problems=found.problems,
                mended=found.loaded.mended,
                touched=found.loaded.touched,
                mistyped=found.loaded.mistyped,
            )
    return None


def join(source: Document, first: FirstHalf, second: Reading) -> Reading | None:
    """Return what the whole source holds; its lesson has only the flashcards of the second half.

    None where only the whole can tell: where the halves share an id.
    """
    ids, *_ = first.columns
    loaded, rendered = second.loaded, second.rendered
    others = chain((note.id for note in rendered.notes), loaded.lesson.retired)
    if set(ids).intersection(others) - {NO_ID}:
        return None
    source.members = _both_members(first.members, loaded.source.members, source.shift(loaded.source), len(ids))
    flashcards = len(loaded.lesson.flashcards)
    columns = map(tuple.__add__, first.columns, _columns(rendered.notes[:flashcards]))
    notes = map(RenderedNote, *columns, zip(repeat("flashcards"), count()))
    media = {medium.name: medium for medium in (*first.media, *rendered.media)}

    def both(of_first: frozenset[Path], of_second: frozenset[Path]) -> frozenset[Path]:
        return of_first.union(_moved(path, len(ids)) for path in of_second)

    return Reading(
        loaded=replace(
            loaded,
            source=source,
            problems=(*first.problems, *loaded.problems),  # those of its sense and its texts do no harm here
            mended=both(first.mended, loaded.mended),
            touched=both(first.touched, loaded.touched),
            mistyped=both(first.mistyped, loaded.mistyped),
        ),
        rendered=replace(
            rendered,
            notes=(*notes, *rendered.notes[flashcards:]),
            media=tuple(media[name] for name in sorted(media)),
            problems=(*first.problems, *rendered.problems),
        ),
        tags=first.tags | {tag: _moved(path, len(ids)) for tag, path in second.tags.items() if tag not in first.tags},
        problems=(*first.problems, *second.problems),
    )


def _columns(notes: Sequence[RenderedNote]) -> list[tuple[Any, ...]]:
    """Return all ids of notes, then all of what comes next in each, and so on but for their paths."""
    return list(zip(*(note[:-1] for note in notes), strict=True))


def _both_members(
    first: dict[Path, list[int]], second: dict[Path, list[int]], shift: int, flashcards: int
) -> dict[Path, list[int]]:
    """Return where the members of both halves' lists begin in the whole, in which the second stands so much further on."""
    moved = {_moved(path, flashcards): [start + shift for start in starts] for path, starts in second.items()}
    whole, path = first | moved, ("flashcards",)
    if path in first and path in second:
        whole[path] = first[path] + moved[path]
    else:  # where one half's are not known, nor are all
        whole.pop(path, None)
    return whole


def _moved(path: Path, flashcards: int) -> Path:
    """Return the path of what stands behind so many flashcards more."""
    match path:
        case ("flashcards", int(number), *rest):
            return ("flashcards", number + flashcards, *rest)
    return path


@contextmanager
def _read_meanwhile(source: Document, folder: str) -> Iterator[Callable[[], FirstHalf | None]]:
    """Have the first half read by a process of its own; what is yielded waits for what it holds.

    Raises:
        OSError: no process could be made, or no file.
    """
    # Imported here: a lesson of common size has no use for them.
    import pickle
    from multiprocessing import get_context
    from tempfile import TemporaryFile

    def work() -> None:
        try:
            pickle.dump(read_first(source, folder), stream, pickle.HIGHEST_PROTOCOL)
            stream.flush()
        finally:  # whatever went wrong, the other process sees that this is not all
            os._exit(0)

    def first() -> FirstHalf | None:
        process.join()
        stream.seek(0)
        with suppress(EOFError, pickle.UnpicklingError):
            found: FirstHalf | None = pickle.load(stream)  # noqa: S301 (this program wrote it, where nobody else can)
            return found
        return None

    # A file, not a pipe: so the process is gone, with all it holds in memory, before this one takes its notes.
    with TemporaryFile() as stream:
        process = get_context("fork").Process(target=work)
        process.start()
        try:
            yield first
        finally:
            process.kill()
            process.join()


def _has_cores() -> bool:
    """Say whether another process can work while this one does, and begin with all that this one has."""
    return sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1
