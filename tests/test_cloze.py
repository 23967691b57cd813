"""Where a deletion ends for Anki, and where its author meant it to end: its braces decide."""

import pytest

from author import Author


@pytest.mark.parametrize(
    "cloze",
    [
        "A {{c1::set {1, 2} }} is small",
        "A {{c1::body {}} and {{ name }} follow",
        "A {{c1::body {}} and {{{{ name }}}} follow",
        "One {{c1::{{{c2::in}}} }} another",
        "A {{c1::body {}} and the end `}}`",
    ],
    ids=["a space between", "braces in pairs behind", "more pairs behind", "one in braces in another", "code behind"],
)
def test_a_deletion_that_ends_where_it_was_meant_to_is_fine(author: Author, cloze: str) -> None:
    """Braces in it may be left open if nothing behind it closes them."""
    author.write(f"deck: {{id: braces, name: Braces}}\nflashcards:\n  - id: a\n    cloze: '{cloze}'\n")
    assert author.json("check")["problems"] == []


@pytest.mark.parametrize(
    "cloze",
    [
        "A {{c1::set {1, 2}}} is small",
        "Jinja writes {{c1::{{ name }} here}} so",
        "A {{c1::{ body}} and {more}} follow",
        "A {{c1::{ body}} and {{ name }} and {more}} follow",
        "One {{c1::{a {{c2::b}} c}}} in another",
    ],
    ids=["at its end", "far behind", "one brace behind", "a pair and a brace behind", "around another"],
)
def test_a_deletion_that_anki_ends_too_early_is_reported(author: Author, cloze: str) -> None:
    """Anki ends it at its first `}}`, though that closes a brace inside it."""
    author.write(f"deck: {{id: braces, name: Braces}}\nflashcards:\n  - id: a\n    cloze: '{cloze}'\n")
    (problem,) = author.json("check")["problems"]
    assert (problem["code"], problem["column"]) == ("cloze-deletion", cloze.index("{{c1::") + 13)
    assert "Anki ends a deletion at its first '}}'" in problem["text"]
