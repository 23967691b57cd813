"""What `check --fix` promises: it mends what can only mean one thing, touches nothing else, and says what it did."""

import difflib
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from author import Author
from gen2anki.cli import fixing, inputs, main
from gen2anki.diagnostics.problem import Mend
from gen2anki.source.composer import compose
from gen2anki.source.document import Document
from gen2anki.source.mending import mended

CASES: Final = Path(__file__).parent / "cases" / "bad"
NASTY: Final = sorted(file.stem for file in CASES.glob("*.yaml"))
HEAD: Final = "deck: {id: t.fix, name: Fix}\nflashcards:\n"
# How a file may be written.
FORMS: Final[dict[str, Callable[[str], bytes]]] = {
    "LF": str.encode,
    "CRLF": lambda text: text.replace("\n", "\r\n").encode(),
    "BOM": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "UTF-16": lambda text: text.encode("utf-16"),
}
# What a text may be made of; a low line stands for a blank.
PIECES: Final = [
    piece.replace("_", " ")
    for piece in re.findall(
        r"\S+", r"""a b_c :_ _# # ' " @ * &x_ ! % { } [ ] \log \ ,_ -_ | > “ ” why:_ ? {{c1:: }} ` $ = ~ 5"""
    )
]
# A line of a note, and the same line mended.
MENDED: Final = {
    "answer: yes: no": "answer: 'yes: no'",
    "answer: It's so: yes": "answer: 'It''s so: yes'",
    "answer: **bold** text": "answer: '**bold** text'",
    "answer: @home": "answer: '@home'",
    "answer: `code`": "answer: '`code`'",
    "answer: ![A map](https://example.org/x.png)": "answer: '![A map](https://example.org/x.png)'",
    "answer: [A link](https://example.org), see there": "answer: '[A link](https://example.org), see there'",
    "answer: see #5": "answer: 'see #5'",
    'answer: "ELBO" is a bound': "answer: '\"ELBO\" is a bound'",
    r'answer: "$\log x$"': r"answer: '$\log x$'",
    r'answer: "$\nabla f$"': r"answer: '$\nabla f$'",
    "answer: “so: it is”": 'answer: "so: it is"',
    "anwser: It is so": "answer: It is so",
    "Answer: It is so": "answer: It is so",
    "answer: >-\n      - one\n      - two": "answer: |-\n      - one\n      - two",
    "answer:\n      1. one\n      2. two": "answer: |\n      1. one\n      2. two",
}


def run(*arguments: str | Path) -> Result:
    """Run the command."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


def note(line: str, id: str = "a") -> str:
    """Return a note with a line of one's own."""
    return f"  - id: {id}\n    question: What is {id}?\n    {line}\n    why: Because.  # as it is\n"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("line", MENDED)
def test_what_can_only_mean_one_thing_is_mended(tmp_path: Path, line: str, form: str) -> None:
    """Every other byte stays; `check` has announced it, and finds nothing afterwards."""
    source = tmp_path / "cards.yaml"
    source.write_bytes(FORMS[form](HEAD + note(line) + note("answer: b", "b")))
    told = run("check", source).stderr
    assert told.count("; 'check --fix' mends it [") == 1
    result = run("check", "--fix", source)
    assert result.exit_code == 0, result.output
    assert re.fullmatch(r".*cards.yaml:\d+:\d+: mended: .*\n.*: 2 notes, no errors \(2 new\)\n", result.stdout)
    assert source.read_bytes() == FORMS[form](HEAD + note(MENDED[line]) + note("answer: b", "b"))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", NASTY)
def test_nasty_files(tmp_path: Path, name: str, form: str) -> None:
    """Only the lines that it names change; what check says can be mended is, and no more the second time."""
    source = tmp_path / f"{name}.yaml"
    shutil.copytree(CASES / "media", tmp_path / "media")
    if (CASES / f"{name}.lock").exists():
        shutil.copy(CASES / f"{name}.lock", tmp_path)
    source.write_bytes(FORMS[form]((CASES / source.name).read_bytes().decode("utf-8-sig")))
    before, announced = source.read_bytes(), run("check", source).stderr.count("; 'check --fix' mends it [")
    shown = run("check", "--fix", "--diff", source)
    assert source.read_bytes() == before
    result = run("check", "--fix", source)
    after = source.read_bytes()
    named = {int(line) for line in re.findall(rf"{name}\.yaml:(\d+):\d+: mended: ", result.stdout)}
    assert bool(named) == bool(announced) == (after != before) == bool(shown.stdout)
    texts = [Document(content, "").text.splitlines(keepends=True) for content in (before, after)]
    changed = difflib.SequenceMatcher(None, texts[0], texts[1], autojunk=False).get_opcodes()
    assert all(line + 1 in named for tag, start, end, _, _ in changed if tag != "equal" for line in range(start, end))
    assert "'check --fix' mends it" not in result.stderr
    again = run("check", "--fix", source)
    assert (again.stderr, source.read_bytes()) == (result.stderr, after)
    assert "mended: " not in again.stdout


def test_ids_are_written_in_the_style_of_their_note(tmp_path: Path) -> None:
    """In front of the other keys, and they stay when the question is reworded."""
    source = tmp_path / "cards.yaml"
    source.write_bytes(
        b"deck: {id: t.fix, name: Fix}\r\nflashcards:\r\n- question: What is A?  # the first\r\n  answer: a\r\n"
        b"- {question: B, answer: b}\r\n-\r\n  question: C\r\n  answer: c\r\npractice:\r\n  - title: D\r\n    questions:\r\n"
        b"    - { question: E, answer: e}\r\n"
    )
    result = run("check", "--fix", source)
    assert result.exit_code == 0
    assert result.stdout.count("which stays even when the text is reworded") == 5
    assert source.read_bytes() == (
        b"deck: {id: t.fix, name: Fix}\r\nflashcards:\r\n- id: what-is-a\r\n  question: What is A?  # the first\r\n  answer: a\r\n"
        b"- {id: b, question: B, answer: b}\r\n-\r\n  id: c\r\n  question: C\r\n  answer: c\r\npractice:\r\n  - id: d\r\n    title: D\r\n"
        b"    questions:\r\n    - {id: e,  question: E, answer: e}\r\n"
    )


@pytest.mark.parametrize(
    "line",
    [
        "answer: 'Tis so",
        'answer: "open',
        "answer: - a",
        "answer: *kinds",
        "answer: b\n    tags: c: d",
        "answer: yes: no # or is it",
        "answer: so: it is\n      and goes on",
        r'answer: "$\log x$\n$\log y$"',
        r'answer: "say \"x\" and \q"',
        "anwser: a\n    asnwer: b",
        "answr: a\n    answer: b",
        "remark: a\n    answer: b",
        "answer: [a, b: c: d, e]",
    ],
)
def test_what_may_mean_two_things_is_left_alone(tmp_path: Path, line: str) -> None:
    """It stays a problem, and its message announces nothing."""
    source = tmp_path / "cards.yaml"
    source.write_text(HEAD + note(line), encoding="utf-8")
    before = source.read_bytes()
    result = run("check", "--fix", source)
    assert (result.exit_code, result.stdout, source.read_bytes()) == (1, "", before)
    assert "--fix" not in result.stderr


def test_in_brackets(tmp_path: Path) -> None:
    """A text goes to the next key or to the end of the note."""
    source = tmp_path / "cards.yaml"
    source.write_text(f"{HEAD}  - {{id: a, question: b: c, answer: d}}\n  - {{id: e, question: f, answer: @g}}  # h\n")
    assert run("check", "--fix", source).exit_code == 1  # a comment follows
    assert source.read_text() == (
        f"{HEAD}  - {{id: a, question: 'b: c', answer: d}}\n  - {{id: e, question: f, answer: @g}}  # h\n"
    )


def test_tabs_become_spaces(tmp_path: Path) -> None:
    """As many as the keys above have."""
    source = tmp_path / "cards.yaml"
    lesson = f"{HEAD}  -\tid: a\n    question: b\n\tanswer: c\n  \twhy: d\n"
    source.write_text(lesson)
    assert run("check", "--fix", source).exit_code == 0
    assert source.read_text() == lesson.replace("-\t", "- ").replace("  \t", "    ").replace("\t", "    ")


def test_a_tab_below_a_text_that_looks_like_keys_is_left_alone(tmp_path: Path) -> None:
    """The line might become a part of that text."""
    source = tmp_path / "cards.yaml"
    lesson = f"{HEAD}  - id: a\n    question: |\n      id: b\n\tanswer: c\n"
    source.write_text(lesson)
    assert "--fix" not in run("check", "--fix", source).stderr
    assert source.read_text() == lesson


def test_published_ids_stay(tmp_path: Path) -> None:
    """Those in the file, and those that only the ledger has."""
    author = Author(tmp_path)
    author.source.write_text(HEAD + note("answer: x", "what-is-a"))
    assert run("build", author.source, "-o", tmp_path / "a.apkg").exit_code == 0
    author.source.write_text(HEAD + note("answer: x: y", "what-is-a") + "  - {question: What is A?, answer: b}\n")
    assert run("check", "--fix", author.source).exit_code == 0
    text = author.source.read_text()
    assert ("id: what-is-a\n" in text, "{id: what-is-a-2, " in text) == (True, True)


def test_json_lists_what_was_mended(tmp_path: Path) -> None:
    """With the place that it had."""
    source = tmp_path / "cards.yaml"
    source.write_text(HEAD + note("answer: x: y"))
    found = json.loads(run("check", "--fix", "--json", source).stdout)
    assert found["ok"]
    assert found["mended"] == [
        {"file": str(source), "line": 5, "column": 13, "code": "colon-in-text", "text": "quotes round this text"}
    ]


def test_the_change_is_shown_and_nothing_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a patch."""
    monkeypatch.chdir(tmp_path)
    source = Path("cards.yaml")
    source.write_text(HEAD + note("answer: x: y"))
    shown = run("check", "--fix", "--diff").stdout
    assert source.read_text() == HEAD + note("answer: x: y")
    assert [line for line in shown.splitlines() if line[0] in "+-"] == [
        "--- a/cards.yaml",
        "+++ b/cards.yaml",
        "-    answer: x: y",
        "+    answer: 'x: y'",
    ]


def test_what_another_program_writes_meanwhile_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command says so and writes nothing."""
    source = tmp_path / "cards.yaml"
    source.write_text(HEAD + note("answer: x: y"))
    read = inputs.read_source
    contents = iter([read(str(source))])
    monkeypatch.setattr(fixing, "read_source", lambda _: next(contents, b"# saved by an editor\n"))
    result = run("check", "--fix", source)
    assert result.exit_code == 1
    assert "was changed while it was mended: run the command again [cannot-write]" in result.stderr
    assert source.read_text() == HEAD + note("answer: x: y")
    assert [file.name for file in tmp_path.iterdir()] == ["cards.yaml"]


@pytest.mark.parametrize(
    "mend",
    [
        Mend(5, 13, 13, "'", ""),
        Mend(4, 15, 16, "b\n    answer: x", ""),
        Mend(5, 5, 11, "why", ""),
        Mend(3, 9, 10, "z", ""),
        Mend(6, 1, 1, "  - {id: c, question: d, answer: e}\n", ""),
    ],
    ids=["quote", "text", "key", "id", "note"],
)
def test_no_other_text_is_written(mend: Mend) -> None:
    """A mend that changes what the file says is not made."""
    document = Document((HEAD + "  - id: a\n    question: b\n    answer: c d e\n").encode(), "cards.yaml")
    assert mended(document, [mend]) is None


def test_wrong_usage(tmp_path: Path) -> None:
    """The standard input can't be mended, and nothing is shown that was not asked for."""
    assert run("check", "--fix", "-").exit_code == 2
    assert run("check", "--diff", tmp_path / "cards.yaml").exit_code == 2


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.none() | st.sampled_from(sorted(MENDED)), min_size=1, max_size=8), st.sampled_from(sorted(FORMS)))
def test_whatever_is_damaged(tmp_path: Path, lines: list[str | None], form: str) -> None:
    """A damaged lesson says what the undamaged one says, once it is mended."""
    source = tmp_path / "cards.yaml"
    damaged, whole = (
        HEAD + "".join(note(of(line) if line else "answer: a", f"n{n}") for n, line in enumerate(lines))
        for of in (str, MENDED.__getitem__)
    )
    source.write_bytes(FORMS[form](damaged))
    assert run("check", "--fix", source).exit_code == 0
    data, meant = (compose(Document(content, "")).data for content in (source.read_bytes(), FORMS[form](whole)))
    assert data == meant


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.sampled_from(PIECES),
        min_size=1,
        max_size=6,
    ).map("".join),
    st.booleans(),
)
def test_whatever_a_text_looks_like(tmp_path: Path, text: str, in_brackets: bool) -> None:
    """Mended, it says what was typed, or what was typed between its quotes; and its neighbours stay."""
    source = tmp_path / "cards.yaml"
    text = text.strip()
    line = f"{{id: a, question: Q, answer: {text}}}" if in_brackets else f"id: a\n    question: Q\n    answer: {text}"
    source.write_text(f"{HEAD}  - {line}\n{note('answer: b', 'b')}", encoding="utf-8")
    if "mended: " not in run("check", "--fix", source).stdout:
        return
    first, second = compose(Document(source.read_bytes(), "")).data["flashcards"]
    assert first["answer"] in {text, text[1:-1]}
    assert {**first, "answer": ""} == {"id": "a", "question": "Q", "answer": ""}
    assert second == {"id": "b", "question": "What is b?", "answer": "b", "why": "Because."}
