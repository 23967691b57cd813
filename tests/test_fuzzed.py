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
    ],
)  # fmt: skip
def test_a_lesson_that_was_a_traceback_is_told(author: Author, lesson: str, codes: list[str]) -> None:
    """Each has a problem with its place."""
    author.write(lesson)
    assert [problem["code"] for problem in author.json("check")["problems"]] == codes
