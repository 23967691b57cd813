"""Stand-ins for what is wrong with a lesson's shape, so that everything else in it is still checked."""

from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass
from typing import Any

from gen2anki.diagnostics.problem import Path
from gen2anki.lesson.shape_errors import ShapeError
from gen2anki.schema.keys import ID_NAMES, key_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Repairs:
    """Where a lesson is not as its author wrote it.

    At each path of `replaced` a stand-in took the place of a wrong value, or the key was deleted; `touched` are these
    paths and those of everything around them. The records at `misspelled` have an unknown key, or one that can't be read.
    What could not be read may have ids in it (`hides_ids`), or whole lists (`hides_notes`).
    """

    replaced: frozenset[Path] = frozenset()
    touched: frozenset[Path] = frozenset()
    misspelled: frozenset[Path] = frozenset()
    hides_ids: bool = False
    hides_notes: bool = False

    def __bool__(self) -> bool:
        """Return True if anything was replaced."""
        return bool(self.replaced)

    def is_intact(self, path: Path) -> bool:
        """Return True if everything at `path` is as its author wrote it."""
        return path not in self.touched and self.is_kept(path)

    def is_kept(self, path: Path) -> bool:
        """Return True if no stand-in took the place of `path`, or of what is around it; there may be one inside."""
        for length in range(1, len(path) + 1):
            part = path[:length]
            if part not in self.touched:  # nothing in it was replaced, either
                return True
            if part in self.replaced:
                return False
        return True

    def has_unknown_key(self, path: Path) -> bool:
        """Return True if the record at `path` has an unknown key: it may be a known one, misspelled."""
        return path in self.misspelled

    def may_hide_notes(self) -> bool:
        """Return True if whole lists may be missing: a key at the top of the file was replaced."""
        return self.hides_notes or any(len(path) == 1 for path in self.replaced)

    def may_hide_ids(self, but: str = "") -> bool:
        """Return True if a replaced value may have contained ids of notes; the key `but` of the lesson is left out."""
        others = (path for path in self.replaced if path[0] != but)
        return self.hides_ids or self.may_hide_notes() or any(not ID_NAMES.isdisjoint(path[-2:]) for path in others)

    def joined(self, other: "Repairs", moved: Callable[[Path], Path] = lambda path: path) -> "Repairs":
        """Return these repairs and those of `other`, whose paths become what `moved` makes of them."""
        return Repairs(
            replaced=self.replaced.union(map(moved, other.replaced)),
            touched=self.touched.union(map(moved, other.touched)),
            misspelled=self.misspelled.union(map(moved, other.misspelled)),
            hides_ids=self.hides_ids or other.hides_ids,
            hides_notes=self.hides_notes or other.hides_notes,
        )


def repair(data: Any, errors: Iterable[ShapeError]) -> Repairs:
    """Take what is wrong out of plain data, in place, and return where that was."""
    copied: set[Path] = set()
    replaced: list[Path] = []
    misspelled: list[Path] = []
    for error in errors:
        _replace(data, error.path, copied)
        replaced.append(error.path)
        if error.is_unknown_key:
            misspelled.append(error.path[:-1])
    return Repairs(
        replaced=frozenset(replaced),
        touched=frozenset(path[:length] for path in replaced for length in range(1, len(path) + 1)),
        misspelled=frozenset(misspelled),
    )


def _replace(data: Any, path: Path, copied: set[Path]) -> None:
    """Put a stand-in at `path` if a value is required there; otherwise delete the key.

    What an alias repeats is one value in several places, and is wrong in each. So the collections on the way are copied
    first, once; `copied` has their paths.
    """
    *parents, last = path
    parent = data
    for length, step in enumerate(parents, 1):
        if path[:length] not in copied:
            copied.add(path[:length])
            parent[step] = copy(parent[step])
        parent = parent[step]
    key = key_at(path)
    if key and isinstance(last, int):
        parent[last] = key.member_stand_in()
    elif key and key.is_required:
        parent[last] = key.stand_in()
    elif isinstance(parent, dict):  # a list that no key has goes with what is above it
        parent.pop(last, None)
