"""What `make fuzz` has found, as small as it could be made, and what must come of it."""

import pytest

from author import Author

HEAD = "deck: {id: a, name: A}\n"


@pytest.mark.parametrize(
    ("lesson", "codes"),
    [
        # A merge key in quotes was taken for a problem that is told already, and told by nobody.
        ('{"deck": {"id": "a", "name": "A"}, "<<": "b"}', ["merge-key"]),
        # A title with a carriage return in it was read as two lines, and a character of a private plane as a sign.
        (HEAD + 'flashcards: [{id: b, question: "\U000f0000\\r>", answer: c, choices: ["\U000f0000\\r>", c]}]', ["one-line"]),
        # What is left after a slip of YAML's syntax may be a list, a text, or a line that is told again and again.
        ("s:\n- {", ["missing-key", "unknown-key", "unclosed-bracket"]),
        ('\x7f"', ["bad-character"]),
        ("o\nquestion:\u00a0\n:", ["odd-space"]),
    ],
)  # fmt: skip
def test_a_lesson_that_was_a_traceback_is_told(author: Author, lesson: str, codes: list[str]) -> None:
    """Each has a problem with its place."""
    author.write(lesson)
    assert [problem["code"] for problem in author.json("check")["problems"]] == codes
