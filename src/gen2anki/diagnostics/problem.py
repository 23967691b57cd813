"""What is wrong with an input: one type, one order, one way to print it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from gen2anki.diagnostics.codes import Code, Severity
from gen2anki.diagnostics.excerpt import excerpt, printable, word_length

# Where something stands in a source: the keys of mappings and, from 0, the places in lists that lead to it.
Path = tuple[str | int, ...]


# The end of a message of what can be mended.
_MENDS: Final = "; 'check --fix' mends it"


class Mend(NamedTuple):
    """What is to stand in a line of a file from one column to another (1-based, the second one excluded).

    A line feed in the `text` stands for the file's own end of a line. `says` tells the author what was done.
    """

    line: int
    column: int
    end: int
    text: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One fault of an input. `text` says what is wrong and what to do.

    `line` and `column` are 1-based; 0 where the fault has no place in the file. `line_text` is the line of the file at
    that place, without its end. `mend` is the way to mend it, where there is only one; the text says so.
    """

    file: str
    line: int = 0
    column: int = 0
    text: str
    code: Code
    line_text: str = ""
    mend: Mend | None = None

    @property
    def severity(self) -> Severity:
        """Return the severity, which hangs on the code alone."""
        return self.code.severity

    @property
    def end_column(self) -> int:
        """Return the column behind the word or the quoted text at the place; 0 where there is no place."""
        return self.column + word_length(self.line_text[self.column - 1 :]) if self.line else 0

    def __str__(self) -> str:
        """Render as `FILE:LINE:COLUMN: error: text [code]`, then the line and a caret where there is a place."""
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        head = printable(f"{place}: {self.severity}: {self.text} [{self.code}]")
        return f"{head}\n{excerpt(self.line_text, self.column)}" if self.line else head

    def mended_by(self, mend: Mend | None) -> "Problem":
        """Return the problem with the way to mend it."""
        return replace(self, text=self.text + _MENDS, mend=mend) if mend else self

    def as_json(self) -> dict[str, Any]:
        """Return the problem as plain data; its places are null where there is none."""
        return {
            "file": self.file,
            "line": self.line or None,
            "column": self.column or None,
            "end_line": self.line or None,
            "end_column": self.end_column or None,
            "severity": self.severity,
            "code": self.code,
            "text": self.text,
        }


class ProblemsError(Exception):
    """Carries every problem of one run; it is raised once, when all of them are known."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        super().__init__()
        self.problems = ordered(problems)

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


def failure(file: str, text: str, code: Code) -> ProblemsError:
    """Return the exception to raise for a whole file, such as one that can't be read or written."""
    return ProblemsError([Problem(file=file, text=text, code=code)])


def ordered(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems by file and place, each once; of some codes, only the first in a file."""
    unique = sorted(dict.fromkeys(problems), key=lambda p: (p.file, p.line, p.column, p.severity, p.code, p.text))
    first: dict[tuple[str, Code], Problem] = {}
    return tuple(
        problem
        for problem in unique
        if not problem.code.is_told_once or first.setdefault((problem.file, problem.code), problem) is problem
    )
