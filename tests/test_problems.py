"""docs/problems.md and the code know the same problems, and problems look and sort as they should."""

import re
from pathlib import Path
from typing import Final

import pytest

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.problem import Problem, ProblemsError, ordered
from gen2anki.diagnostics.suggestion import nearest

ROOT: Final = Path(__file__).parent.parent


def _documented() -> list[str]:
    return re.findall(r"^### `(.*)`$", (ROOT / "docs" / "problems.md").read_text(encoding="utf-8"), re.MULTILINE)


def test_every_problem_is_documented_once() -> None:
    """Each code has a heading in docs/problems.md, and each heading a code."""
    assert sorted(_documented()) == sorted(Code)


def test_every_code_in_an_expected_output_is_documented() -> None:
    """What is printed in brackets behind a message is a heading to look for."""
    printed: set[str] = set()
    for file in (ROOT / "tests" / "cases" / "bad").glob("*.txt"):
        printed |= set(
            re.findall(r"^\S+: (?:error|warning): .* \[(.*)\]$", file.read_text(encoding="utf-8"), re.MULTILINE)
        )
    assert printed
    assert printed <= set(_documented())


def test_a_problem_is_printed_with_its_line_and_a_caret() -> None:
    """File, line, column, severity, text and code; then the line, and a caret under the column."""
    problem = Problem(file="a.yaml", line=3, column=5, text="wrong", code=Code.BAD_ID, line_text="    id: ELBO")
    assert str(problem) == "a.yaml:3:5: error: wrong [bad-id]\n        id: ELBO\n        ^"


def test_a_problem_without_a_place_is_one_line() -> None:
    """A file as a whole has no line to show."""
    assert str(Problem(file="a.yaml", text="wrong", code=Code.CANNOT_READ)) == "a.yaml: error: wrong [cannot-read]"


def test_a_long_line_is_cut_around_the_place() -> None:
    """A line of a thousand characters does not fill the screen; the caret still points at its character."""
    source = "a" * 900 + "!" + "b" * 99
    _, shown, caret = str(
        Problem(file="f", line=1, column=901, text="t", code=Code.BAD_ID, line_text=source)
    ).splitlines()
    assert len(shown) <= 104
    assert shown[caret.index("^")] == "!"


def test_the_caret_stands_under_wide_and_combining_characters() -> None:
    """Characters of two cells or none before the place move the caret by as many cells."""
    problem = Problem(file="f", line=1, column=6, text="t", code=Code.BAD_ID, line_text="練習e\u0301: x")
    assert str(problem).splitlines()[2] == "    " + " " * 6 + "^"


@pytest.mark.parametrize(
    ("before", "cells"),
    [
        ("\u0e17\u0e35\u0e48", 1),  # Thai, a vowel and a tone above one letter
        ("\u0939\u093f\u0928\u094d\u0926\u0940", 5),  # Hindi, whose vowels beside a letter take room
        ("\U0001f44d\U0001f3fd", 2),  # an emoji with a skin tone
        ("a\u20dd", 1),  # a letter in a circle
        ("a\u200db", 3),  # a joiner, which is shown as a character that is none
    ],
)
def test_the_caret_stands_under_what_is_drawn(before: str, cells: int) -> None:
    """Marks in any script, and skin tones, take no room of their own."""
    problem = Problem(file="f", line=1, column=len(before) + 1, text="t", code=Code.BAD_ID, line_text=f"{before}!")
    assert str(problem).splitlines()[2] == "    " + " " * cells + "^"


def test_tabs_before_the_place_stay_tabs() -> None:
    """However wide the terminal draws a tab, it is drawn as wide above the caret."""
    problem = Problem(file="f", line=1, column=3, text="t", code=Code.BAD_ID, line_text="\t\tid: x")
    assert str(problem).splitlines()[1:] == ["    \t\tid: x", "    \t\t^"]


def test_control_characters_do_not_reach_the_terminal() -> None:
    """An escape sequence in a lesson can't paint the author's screen."""
    for escape in ("\x1b[31m", "\x9b31m"):
        text = f"{escape}red"
        shown = str(Problem(file=text, line=1, column=1, text=text, code=Code.BAD_ID, line_text=text))
        assert escape not in shown


def test_problems_are_sorted_by_place_and_told_once() -> None:
    """By file, line and column, whatever found them first."""
    one = Problem(file="a", line=2, column=9, text="t", code=Code.BAD_ID)
    two = Problem(file="a", line=10, column=1, text="t", code=Code.BAD_ID)
    assert ordered([two, one, two]) == (one, two)
    assert str(ProblemsError([two, one])) == f"{one}\n{two}"


def test_the_nearest_word_is_offered_and_nothing_far() -> None:
    """Capitals do not matter; a word that is far from all is answered by none."""
    known = ("question", "answer", "why")
    assert [nearest(word, known) for word in ("anwser", "Question", "zzz")] == ["answer", "question", None]


def test_tags_shown_as_typed_are_told_once_a_file() -> None:
    """One cure helps all of them, so the first place is enough."""
    problems = [
        Problem(file=file, line=line, column=1, text="t", code=Code.HTML_TYPED) for file in "ab" for line in (3, 1, 2)
    ]
    assert [(problem.file, problem.line) for problem in ordered(problems)] == [("a", 1), ("b", 1)]
