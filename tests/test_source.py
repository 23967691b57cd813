"""What the reading of a source promises: it ends, whatever the file; it reports everything; and questions change nothing."""

from pathlib import Path
from typing import Final

import pytest

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.problem import Problem, ProblemsError
from gen2anki.edition.parallel import halves
from gen2anki.lesson.load import load
from gen2anki.source.composer import MAX_ALIASED, MAX_DEPTH, Composed, compose
from gen2anki.source.document import Document

ROOT: Final = Path(__file__).parent.parent


def _compose(text: str) -> Composed:
    return compose(Document(text.encode(), "cards.yaml"))


def _codes(text: str) -> list[Code]:
    """Return the codes of a source's problems, whether they leave it readable or not."""
    problems: tuple[Problem, ...]
    try:
        problems = _compose(text).problems
    except ProblemsError as error:
        problems = error.problems
    return [problem.code for problem in problems]


@pytest.mark.parametrize(("depth", "expected"), [(64, []), (65, [Code.TOO_DEEP])])
def test_lists_are_nested_64_deep_and_no_deeper(depth: int, expected: list[Code]) -> None:
    """A list in a list and so on, in brackets and below each other."""
    assert MAX_DEPTH == 64
    assert _codes("[" * depth + "a" + "]" * depth) == expected
    assert _codes("- " * depth + "a") == expected
    assert _codes("".join(f"{' ' * number}a:\n" for number in range(depth)) + " " * depth + "b") == expected


@pytest.mark.parametrize(("length", "weight"), [(9_999, 100), (10_000, 101)])
def test_a_long_text_weighs_more_behind_an_alias(length: int, weight: int) -> None:
    """One node for the text, and one for each hundred characters: repeated, they fill the memory as lists do."""
    most = MAX_ALIASED // weight
    lesson = f"a: &a {'x' * length}\nb: [{{}}]"
    assert _codes(lesson.format(", ".join(["*a"] * most))) == []
    assert _codes(lesson.format(", ".join(["*a"] * (most + 1)))) == [Code.ALIAS_BOMB]


def test_what_an_alias_repeats_counts_with_all_in_it() -> None:
    """A list of ten, repeated ten times, and so on: the sixth such line passes the limit."""
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 7)]
    assert _codes("\n".join(lines[:6])) == []
    assert _codes("\n".join(lines)) == [Code.ALIAS_BOMB]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("- !tag a\n", Code.YAML_TAG),
        ("- a #b\n", Code.COMMENT_IN_TEXT),
        ('- "\\P"\n', Code.BAD_ESCAPE),
        ("- {a: b, a: c}\n", Code.DUPLICATE_KEY),
        ("- a\x07\n", Code.BAD_CHARACTER),
        ("- *a\n", Code.UNKNOWN_ALIAS),
        ("- &a b\n", Code.FIRST_CHARACTER),
        ("- a\n<<<<<<< ours\n", Code.MERGE_MARK),
    ],
    ids=lambda value: value if isinstance(value, Code) else "",
)
def test_a_mistake_made_a_thousand_times_is_reported_a_thousand_times(line: str, code: Code) -> None:
    """No kind of mistake stops after the first few."""
    assert _codes(line * 1000) == [code] * 1000


def test_a_document_is_not_changed_by_questions() -> None:
    """Read twice, halved and asked for its lines, it stays the same."""
    content = (ROOT / "cards.yaml").read_bytes()
    document = Document(content, "cards.yaml")
    first = compose(document)
    both = halves(document, 1)
    assert both is not None
    assert document.content == content
    assert document.text == content.decode()
    assert document.characters == len(document.text)
    second = compose(document)
    assert (second.data, second.problems, second.places.members) == (first.data, first.problems, first.places.members)
    assert content.startswith(both.first.content)
    assert len(both.second.text) < len(document.text)
    assert document.line(0) == both.first.line(0) == both.second.line(0)


def test_data_that_was_changed_is_read_again_as_it_was() -> None:
    """A caller may change the data: the document and its places stay the same."""
    document = Document(b"a: [{b: c}, {b: d}]\n", "cards.yaml")
    composed = compose(document)
    composed.data["a"].clear()
    assert compose(document).data == {"a": [{"b": "c"}, {"b": "d"}]}
    assert composed.places.has(("a", 1, "b"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: b #c\n", [Code.COMMENT_IN_TEXT]),
        ("a: b # c\n", []),
        ("a: b\n#c\nd: e\n", []),
        ("a: b\n #c\nd: e\n", [Code.COMMENT_IN_TEXT]),
        ("- a: b\n  #c\n  d: e\n", []),
        ("- a: b\n   #c\n  d: e\n", [Code.COMMENT_IN_TEXT]),
        ("a:\n  - b\n  #c\n  - d\n", []),
        ("a:\n  - b\n    #c\n  - d\n", [Code.COMMENT_IN_TEXT]),
        ("a: [b,\n    #c\n    d]\n", []),
        ("a: [b\n    #c\n    , d]\n", []),
        ("a: [b #c\n    , d]\n", [Code.COMMENT_IN_TEXT]),
    ],
)
def test_a_comment_on_its_own_line_continues_a_text_only_if_it_is_indented_further(
    text: str, expected: list[Code]
) -> None:
    """It must be further right than the text's key, or than the dash of its list. Inside brackets it never does."""
    assert _codes(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a:\n  - one # x\n   two\n", Code.COMMENT_IN_TEXT),
        ("a:\n  - one # x\n  two b: c\n", Code.BAD_INDENTATION),
        ("a:\n  - b: one # x\ntwo\n", Code.KEY_COLON),
    ],
    ids=["further right", "as far right", "further left"],
)
def test_a_line_below_a_comment_continues_the_text_only_if_it_is_indented_further(text: str, expected: Code) -> None:
    """Otherwise the comment is not the mistake."""
    assert _codes(text) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r'"\nabla f"', [Code.BAD_ESCAPE]),
        (r'"one\nless"', []),
        (r'"$a \ne b$"', [Code.BAD_ESCAPE]),
        (r'"$a$ \ne b"', []),
        (r'"$\\alpha \ne b$"', []),
        (r'"$\\alpha$ and $a \ne b$"', [Code.BAD_ESCAPE]),
        (r'"a\tb"', []),
        (r'"a\Pb"', [Code.BAD_ESCAPE]),
    ],
)
def test_an_escape_that_may_be_a_word_is_a_command_only_in_math(text: str, expected: list[Code]) -> None:
    """Unless its author doubles other backslashes in the same formula."""
    assert _codes(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: !b c\nd: {e: !f g} h\n", [Code.YAML_TAG, Code.FIRST_CHARACTER]),
        ("- !a b\n- {c: d} e\n<<<<<<< ours\n", [Code.MERGE_MARK]),
        ("a: !b c\n---\nd: e\n", [Code.YAML_TAG, Code.SECOND_DOCUMENT]),
        ("a: !b c\n---\n<<<<<<< ours\nd: e\n", [Code.MERGE_MARK]),
    ],
    ids=["a syntax error", "merge marks, too", "a second document", "with merge marks"],
)
def test_what_ends_the_reading_is_reported_with_what_is_above_it(text: str, expected: list[Code]) -> None:
    """What is misread further down follows from it; and where git left merge marks, they are reported alone."""
    assert _codes(text) == expected


def test_what_a_merge_key_may_bring_is_not_missing() -> None:
    """The merge key itself is the problem."""
    lesson = (
        "deck: {id: a, name: A}\nflashcards:\n  - &one {id: b, question: Q, answer: A}\n  - {<<: *one, answer: B}\n"
    )
    assert [problem.code for problem in load(Document(lesson.encode(), "cards.yaml")).problems] == [Code.MERGE_KEY]
