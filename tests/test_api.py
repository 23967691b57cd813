"""The functions for scripts: those of the manual, on a real lesson, with real Anki."""

import re
from pathlib import Path

import pytest

from author import Author
from gen2anki import api
from learner import Learner
from lesson import NOTES, settle_in

MANUAL = Path(__file__).parent.parent / "docs" / "api.md"


def test_the_example_of_the_manual_runs(author: Author, capsys: pytest.CaptureFixture[str]) -> None:
    """As it stands there, on a lesson that has changed since its last edition."""
    settle_in(author.folder)
    author.publish().rename("last.apkg")
    author.replace("About 11 km", "10,935 m")
    (author.folder / "site").mkdir()
    (example,) = re.findall(r"```python\n(.*?)```", MANUAL.read_text(encoding="utf-8"), re.DOTALL)
    exec(compile(example, "example", "exec"), {})  # noqa: S102 (ours)
    printed = capsys.readouterr().out.splitlines()
    assert printed[:2] == [f"{NOTES} notes; 1 changed in this edition", "site/lesson.html"]
    assert printed[2].startswith("depth ")
    assert {file.name for file in Path("site").iterdir()} == {"lesson.apkg", "lesson.html"}


def test_a_build_arrives_in_anki(author: Author, learner: Learner) -> None:
    """It is the build of the command."""
    settle_in(author.folder)
    result = api.build(author.source, "deck.apkg")
    assert (result.deck, result.notes, len(result.new), result.warnings) == ("seas", NOTES, NOTES, ())
    assert learner.take(Path(result.package)).new == NOTES
    assert api.build("cards.yaml", "deck.apkg", frozen=True).unchanged == NOTES


def test_errors_are_problems_and_nothing_is_written(author: Author) -> None:
    """`check` returns them, the others raise them."""
    author.write("deck: {id: d, name: D}\nflashcards: [{id: a, question: q, anwser: a}]\n")
    (problem,) = api.check("cards.yaml")
    assert (problem.line, problem.code, problem.severity) == (2, "unknown-key", "error")
    for function in (api.build, api.page, api.diff):
        with pytest.raises(api.ProblemsError) as raised:
            function("cards.yaml")
        assert list(raised.value.problems) == [problem]
    assert [file.name for file in author.folder.iterdir()] == ["cards.yaml"]
