"""`check --fix`: what is mended in a source before it is checked, written back or shown."""

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gen2anki.cli.inputs import read_source

if TYPE_CHECKING:
    from gen2anki.diagnostics.problem import Mend, Problem
    from gen2anki.source.document import Document

# A mended slip may have hidden others that can be mended: so often is the source read again, at most.
_ROUNDS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """A source before and after its slips were mended, and what was mended, in this order."""

    name: str
    before: bytes
    after: bytes
    mended: tuple["Problem", ...]

    def lines(self) -> list[str]:
        """Return a line for each thing that was mended, with its place."""
        return [
            f"{one.file}:{one.mend.line}:{one.mend.column}: mended: {one.mend.says}" for one in self.mended if one.mend
        ]

    def as_json(self) -> list[dict[str, Any]]:
        """Return what was mended as plain data."""
        return [
            {
                "file": one.file,
                "line": one.mend.line,
                "column": one.mend.column,
                "code": one.code,
                "text": one.mend.says,
            }
            for one in self.mended
            if one.mend
        ]

    def diff(self) -> str:
        """Return the change as a patch; empty where there is none."""
        from gen2anki.source.document import Document

        before, after = (
            Document(content, self.name).text.splitlines(keepends=True) for content in (self.before, self.after)
        )
        lines = difflib.unified_diff(before, after, f"a/{self.name}", f"b/{self.name}")
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)

    def write(self) -> None:
        """Put the mended source in the place of the old one.

        Raises:
            ProblemsError: it can't be written, or it has changed since it was read.
        """
        from gen2anki.diagnostics.codes import Code
        from gen2anki.diagnostics.problem import failure
        from gen2anki.output.atomic import replacement, writing

        if self.after == self.before:
            return
        with writing(self.name), replacement(self.name) as new:
            new.stream.write(self.after)
            if read_source(self.name) != self.before:
                raise failure(self.name, "was changed while it was mended: run the command again", Code.CANNOT_WRITE)
            new.commit()


def fix(name: str, problems_of: Callable[[bytes], "Sequence[Problem]"]) -> Fixed:
    """Mend what can be mended in a source; `problems_of` tells what is wrong with its bytes.

    Raises:
        ProblemsError: it can't be read.
    """
    from gen2anki.source.document import Document
    from gen2anki.source.mending import mended

    before = after = read_source(name)
    done: list[Problem] = []
    for _ in range(_ROUNDS):
        document = Document(after, name)
        found = _mendable(document, [], [one for one in problems_of(after) if one.mend and one.file == name])
        content = mended(document, _mends(found)) if found else None
        if content is None or content == after:
            break
        after = content
        done += found
    return Fixed(name=name, before=before, after=after, mended=tuple(done))


def _mendable(document: "Document", kept: list["Problem"], found: list["Problem"]) -> list["Problem"]:
    """Return the problems `kept`, and those of `found` that can be mended together with them."""
    from gen2anki.source.mending import mended

    if not found or mended(document, _mends([*kept, *found])) is not None:
        return [*kept, *found]
    if len(found) == 1:
        return kept
    middle = len(found) // 2
    return _mendable(document, _mendable(document, kept, found[:middle]), found[middle:])


def _mends(problems: "Sequence[Problem]") -> "list[Mend]":
    return [problem.mend for problem in problems if problem.mend]
