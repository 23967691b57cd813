"""What scripts and site generators may call. It does what the commands do, and returns values in place of printing them.

Nothing else of the package is public: modules, functions and classes may change from release to release.
"""

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gen2anki.cli.commands.build import Job, build_all
from gen2anki.cli.commands.page import write_pages
from gen2anki.cli.inputs import Given, ledger_file_of, make_edition, read_if_there
from gen2anki.diagnostics.problem import Problem, ProblemsError

if TYPE_CHECKING:
    from gen2anki.diff import Difference
    from gen2anki.edition.pipeline import Edition

__all__ = ["Problem", "ProblemsError", "Result", "build", "check", "diff", "page"]

_Path = str | os.PathLike[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a build made: the files, and how many notes they have and change. `warnings` may be looked at.

    `new`, `changed`, `moved` and `retired` are ids of notes, in the order of the source.
    """

    deck: str
    package: str
    ledger: str
    notes: int
    cards: int
    decks: tuple[str, ...]
    media: int
    new: tuple[str, ...]
    changed: tuple[str, ...]
    moved: tuple[str, ...]
    retired: tuple[str, ...]
    unchanged: int
    warnings: tuple[Problem, ...]


def check(source: _Path) -> list[Problem]:
    """Return every problem of a lesson, errors and warnings, in the order of the file; write nothing."""
    try:
        return list(_edition(source).warnings)
    except ProblemsError as error:
        return list(error.problems)


def build(source: _Path, output: _Path | None = None, *, frozen: bool = False) -> Result:
    """Write a lesson's package and its ledger.

    The package is DECK-ID.apkg in the current folder, or `output`. With `frozen`, the ledger must not change.

    Raises:
        ProblemsError: the lesson has errors, or a file can't be written. Nothing was written then.
    """
    target = None if output is None else os.fspath(output)
    (result,) = build_all(Job(sources=(os.fspath(source),), output=target, frozen=frozen, forget=()), _ignored)
    if result.outcome is None:
        raise ProblemsError(result.problems)
    data = result.outcome.data
    return Result(
        warnings=result.problems,
        decks=tuple(data["decks"]),
        **{name: data[name] for name in Result.__dataclass_fields__ if name not in {"warnings", "decks"}},
    )


def page(source: _Path, output: _Path | None = None, *, deck: str | None = None) -> str:
    """Write a lesson's study page, and return the name of its file.

    It is DECK-ID.html in the current folder, or `output`. `deck` is the address at which the deck is to be had.

    Raises:
        ProblemsError: the lesson has errors, or the file can't be written.
    """
    target = None if output is None else os.fspath(output)
    outcome = write_pages((os.fspath(source),), target, None, deck, _ignored)
    file: str = outcome.data["pages"][0]["page"]
    return file


def diff(source: _Path, against: _Path | None = None) -> "Difference":
    """Return what the next edition changes for those who have the last one, or the package `against`.

    Raises:
        ProblemsError: the lesson, its ledger or the package has errors.
    """
    from gen2anki.anki import package_reader
    from gen2anki.diff import with_ledger, with_package
    from gen2anki.edition import ledger

    edition = _edition(source)
    if against is not None:
        package = os.fspath(against)
        return with_package(edition, package_reader.read(package), package)
    ledger_file = ledger_file_of(os.fspath(source))
    last = read_if_there(ledger_file)
    return with_ledger(edition, ledger.read(last, ledger_file) if last is not None else None, ledger_file)


def _edition(source: _Path) -> "Edition":
    name = os.fspath(source)
    return make_edition(Given(name), read_if_there(ledger_file_of(name)), _ignored)


def _ignored(_: str) -> None:
    """Take the name of a step, and show it to nobody."""
