"""What all tests share: the command line as a user runs it, an author with a folder, and learners with real Anki."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from author import Author
from learner import Learner


@pytest.fixture
def author(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Author:
    """Return an author whose lesson is in a folder of its own, which is the current one."""
    folder = tmp_path / "author"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    return Author(folder)


@pytest.fixture
def new_learner(tmp_path: Path) -> Iterator[Callable[[], Learner]]:
    """Return what makes a learner, each with an empty collection of real Anki."""
    made: list[Learner] = []

    def make() -> Learner:
        learner = Learner(tmp_path / f"learner{len(made)}.anki2")
        made.append(learner)
        return learner

    yield make
    for learner in made:
        learner.close()


@pytest.fixture
def learner(new_learner: Callable[[], Learner]) -> Learner:
    """Return a learner with an empty collection of real Anki."""
    return new_learner()
