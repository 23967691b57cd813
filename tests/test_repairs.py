"""Where a value is wrong, a stand-in takes its place: the rest is checked, and nothing is said of the stand-in."""

import pytest

from author import Author

DECK = "deck: {id: lesson, name: Lesson}\n"


@pytest.mark.parametrize(
    ("section", "code"),
    [
        ("choises: [a, b], questions: [{id: n, question: Q, answer: [a, b]}]", "unknown-key"),
        ("choices: a, questions: [{id: n, question: Q, answer: [a, b]}]", "wrong-type"),
        ("choices: [a, [b]], questions: [{id: n, question: Q, answer: b}]", "wrong-type"),
        ("choices: [a, b], questions: [{id: n, question: Q, answer: [a, {b: c}]}]", "wrong-type"),
        ("choices: [a, b], questions: [{id: n, question: Q, anwser: a}]", "unknown-key"),
        ("questions: [{id: n, question: Q, anwser: a}]", "unknown-key"),
        ("questions: [n]", "wrong-type"),
    ],
)
def test_one_mistake_in_a_section_is_one_problem(author: Author, section: str, code: str) -> None:
    """What depends on the wrong value is not reported as well."""
    author.write(f"{DECK}practice:\n  - {{id: s, title: S, {section}}}\n")
    assert [problem["code"] for problem in author.json("check")["problems"]] == [code]


@pytest.mark.parametrize(
    ("lesson", "codes"),
    [
        ("falshcards:\n  - {id: a, question: Q, answer: A}\n", ["unknown-key"]),
        ("flashcards: [{id: [a], question: Q, answer: A}, {id: [a], question: Q, answer: A}]\n", ["wrong-type"] * 2),
        ("practice:\n" + "  - {id: [s], title: [S], questions: [{id: a, question: Q, answer: A}]}\n" * 2, None),
        (
            "flashcards: [{id: a, question: Q, answer: A}]\nretired: [[a], [a], a]\n",
            ["wrong-type"] * 2 + ["retired-in-use"],
        ),
    ],
    ids=["a list", "ids", "titles", "retired ids"],
)
def test_stand_ins_are_not_duplicates(author: Author, lesson: str, codes: list[str] | None) -> None:
    """Two wrong ids or titles are two problems, and not one more."""
    author.write(DECK + lesson)
    found = [problem["code"] for problem in author.json("check")["problems"]]
    # The sections are written twice, each with two wrong values and a note: only its id is a duplicate.
    assert found == (codes or ["wrong-type"] * 2 + ["wrong-type"] * 2 + ["duplicate-id"])
