"""What a check promises where YAML can't be read: every slip is told, once, and nothing that only follows from one."""

import re
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from author import Author
from gen2anki.cli import main
from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.problem import ProblemsError
from gen2anki.edition.reading import read
from gen2anki.source import composer
from gen2anki.source.document import Document

HEAD: Final = "deck: {id: t.slips, name: Slips}\nflashcards:\n"
Told = list[tuple[int, Code]]


def told(content: str | bytes) -> Told:
    """Return the line and the code of each problem that a source has."""
    document = Document(content.encode() if isinstance(content, str) else content, "cards.yaml")
    try:
        problems = ProblemsError(read(document, ".", lambda _: None).problems).problems
    except ProblemsError as error:
        problems = error.problems
    return [(problem.line, problem.code) for problem in problems]


def note(id: str, answer: str = "answer: It is so", indent: str = "    ") -> str:
    """Return a note as YAML; `answer` is the line of its answer."""
    return f"  - id: {id}\n    question: What is {id}?\n{indent}{answer}\n    why: |\n      - id: none\n      a: b: c\n"


# A line for an answer, what is told of it, and by how many lines further down.
SLIPS: Final = {
    "answer: yes: no": Code.COLON_IN_TEXT,
    "answer: **bold** text": Code.FIRST_CHARACTER,
    "answer: @home": Code.FIRST_CHARACTER,
    "answer: {{c1::a}} b": Code.FIRST_CHARACTER,
    "answer: `a` b": Code.FIRST_CHARACTER,
    'answer: "open': Code.UNCLOSED_QUOTE,
    "answer: 'Tis so": Code.UNCLOSED_QUOTE,
    'answer: "a" is b': Code.EARLY_QUOTE,
    r'answer: "a \q"': Code.BAD_ESCAPE,
    "answer: [a, b": Code.UNCLOSED_BRACKET,
    "answer: - a": Code.LIST_INLINE,
    "answer It is so": Code.KEY_COLON,
    "anwser: It is so": Code.UNKNOWN_KEY,
    "answer: !tag x": Code.YAML_TAG,
    "answer: *x": Code.UNKNOWN_ALIAS,
    "answer: It is\u2028so": Code.BAD_CHARACTER,
    "answer: It is\x07so": Code.BAD_CHARACTER,
}
# Further ones, which indent the line otherwise than its neighbours.
INDENTED: Final = {
    "\t": Code.TAB_INDENT,
    "   ": Code.BAD_INDENTATION,
    "      ": Code.BAD_INDENTATION,
}


def test_one_run_tells_all() -> None:
    """Three texts that need quotes, and a mistyped key."""
    lesson = f"""{HEAD}\
  - id: a
    question: One
    answer: yes: no
  - id: b
    question: Two
    answer: **bold** text
  - id: c
    question: Three
    answer: Three words: x
  - id: d
    question: Four
    anwser: typo
"""
    assert told(lesson) == [
        (5, Code.COLON_IN_TEXT),
        (8, Code.FIRST_CHARACTER),
        (11, Code.COLON_IN_TEXT),
        (14, Code.UNKNOWN_KEY),
    ]


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["", "BOM"])
def test_every_kind_of_slip_among_good_notes(ends: str, mark: str) -> None:
    """Each is told at its line, and nothing else is."""
    notes, expected, line = [note("first")], [], 9
    for number, (answer, code, indent) in enumerate(
        [
            *((answer, code, "    ") for answer, code in SLIPS.items()),
            *(("answer: It is so", code, indent) for indent, code in INDENTED.items()),
        ]
    ):
        notes += note(f"bad-{number}", answer, indent), note(f"good-{number}")
        expected.append((line + 2, code))
        line += 12
    assert told((mark + HEAD + "".join(notes)).replace("\n", ends)) == expected


def test_three_hundred_notes_with_twenty_three_slips() -> None:
    """Twenty colons, a quote, a tab and an indentation; what else is wrong is told, too."""
    answers = {number * 14: "answer: so: it is" for number in range(20)}
    answers |= {5: 'answer: "open', 290: "answer: see $\\foo$"}
    indents = {100: "\t", 200: "   "}
    notes = [
        note(f"n{number}", answers.get(number, "answer: It is so"), indents.get(number, "    "))
        for number in range(300)
    ]
    found = told(HEAD + "".join(notes) + "retired: [n14, n1]\n")
    assert [line for line, _ in found[:-2]] == [5 + 6 * number for number in sorted([*answers, *indents])]
    assert [code for _, code in found[-2:]] == [Code.RETIRED_IN_USE] * 2


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("  - {id: a, question: b: c, answer: @d}\n  - {id: e, question: f, answer: g\n  - {id: h, question: *i, answer: j}\n",
         [(3, Code.COLON_IN_TEXT), (3, Code.FIRST_CHARACTER), (4, Code.UNCLOSED_BRACKET), (5, Code.UNKNOWN_ALIAS)]),
        ("  - id: a\n    question: b: c\n    answer: d: e\n    tags: [f\n",
         [(4, Code.COLON_IN_TEXT), (5, Code.COLON_IN_TEXT), (6, Code.UNCLOSED_BRACKET)]),
        ("  -id: a\n   question: b\n   answer: c\n  - {id: d, question: e, answer: f: g}\n", [(3, Code.LIST_DASH), (6, Code.COLON_IN_TEXT)]),
        ("   - id: a\n     question: b\n     answer: c: d\n  - id: e\n    question: f: g\n    answer: h\n",
         [(5, Code.COLON_IN_TEXT), (6, Code.BAD_INDENTATION), (7, Code.COLON_IN_TEXT)]),
        ("  - id: a\n    question: b\n    answer: c\n    id: d\n    question: e: f\n    answer: g\n",
         [(6, Code.DUPLICATE_KEY), (7, Code.COLON_IN_TEXT)]),
        ("  - id: a\n    question: b\n    answer: c\n  id: d\n    question: e: f\n    answer: g\n",
         [(6, Code.BAD_INDENTATION), (7, Code.COLON_IN_TEXT)]),
        ("  - id: a: b\n    question: c\n    answer: d\nretired: [a, b: c: d]\n", [(3, Code.COLON_IN_TEXT), (6, Code.COLON_IN_TEXT)]),
        ("  - id: a\n    question: b\n    answer: c: d\n---\ndeck: e: f\n", [(5, Code.COLON_IN_TEXT), (6, Code.SECOND_DOCUMENT)]),
    ],
    ids=["flow", "one note", "dash", "deeper", "no dash", "dash forgotten", "ids", "two documents"],
)  # fmt: skip
def test_slips_side_by_side(lines: str, expected: Told) -> None:
    """None hides another, and none is told twice."""
    assert told(HEAD + lines) == expected


def test_in_sections_and_above_the_notes() -> None:
    """A slip in the deck, in a section and in one of its questions."""
    lesson = """\
# yaml-language-server: $schema=cards.schema.json
deck:
  id: t.slips
  name: Slips: all
practice:
  - id: one
    title: "One
    choices: [a, b
    questions:
      - {id: a, question: b, answer: c: d}
      - id: b
        question: e: f
        answer: a
  - id: two
    title: Two
    choices:
      - x: y: z
      - '*z'
    questions:
    - {id: c, question: d, answer: "*z"}
    - {id: e, question: f, answer: nowhere}
    - {id: c, question: g, answer: '*z'}
"""
    assert told(lesson) == [
        (4, Code.COLON_IN_TEXT),
        (7, Code.UNCLOSED_QUOTE),
        (8, Code.UNCLOSED_BRACKET),
        (10, Code.COLON_IN_TEXT),
        (12, Code.COLON_IN_TEXT),
        (17, Code.COLON_IN_TEXT),
        (22, Code.DUPLICATE_ID),
    ]


def test_what_is_repeated_from_a_note_that_is_set_aside() -> None:
    """Its alias is no problem of its own."""
    notes = "  - {id: a, question: b: c, tags: &t [x], answer: d}\n  - {id: e, question: f, answer: g, tags: *t}\n"
    assert told(HEAD + notes) == [(3, Code.COLON_IN_TEXT)]


def test_the_ledger_misses_no_note_that_is_set_aside(tmp_path: Path) -> None:
    """Neither one whose id can't be read, nor one that only lacks its answer."""
    author = Author(tmp_path)
    notes = "".join(note(f"n{number}") for number in range(4))
    author.source.write_text(HEAD + notes)
    runner = CliRunner()
    assert runner.invoke(main, ["build", str(author.source), "-o", str(tmp_path / "a.apkg")]).exit_code == 0
    for slip in ("id: n1: x", "{id: n1, question: a: b}", "id: n1\n    question: a: b"):
        author.source.write_text((HEAD + notes).replace("id: n1", slip))
        problems = runner.invoke(main, ["check", str(author.source)]).stderr
        assert re.findall(r"\[([\w-]+)\]$", problems, re.MULTILINE) == ["colon-in-text"]
    author.source.write_text((HEAD + notes).replace("- id: n1", "id: n1"))
    problems = runner.invoke(main, ["check", str(author.source)]).stderr
    assert re.findall(r"\[([\w-]+)\]$", problems, re.MULTILINE) == ["bad-indentation"]


def test_a_thousand_slips_are_no_more_work_than_a_few_readings(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is given to the parser, in characters, grows with the file alone."""
    given: list[int] = []
    slip = composer._slip

    def counted(text: str) -> object:
        given.append(len(text))
        return slip(text)

    monkeypatch.setattr(composer, "_slip", counted)
    lines = list(SLIPS)[:10]
    content = HEAD + "".join(note(f"n{n}", lines[n % 10] if n % 5 == 0 else "answer: x") for n in range(5_000))
    assert len(told(content)) == 1_000
    assert sum(given) < 8 * len(content)


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, Told]:
    """Return a lesson with slips, and the lines and codes of these."""
    notes, expected, line = [], [], 3
    for number in range(draw(st.integers(1, 12))):
        slip = draw(st.none() | st.sampled_from(sorted(SLIPS)))
        indent = "    " if slip else draw(st.sampled_from(["    "] * 4 + sorted(INDENTED)))
        notes.append(note(f"n{number}", slip or "answer: It is so", indent))
        if slip or indent != "    ":
            expected.append((line + 2, SLIPS[slip] if slip else INDENTED[indent]))
        line += 6
    return HEAD + "".join(notes), expected


@settings(max_examples=150, deadline=None)
@given(damaged())
def test_whatever_slips_a_lesson_has(lesson: tuple[str, Told]) -> None:
    """Every one is told at its line, none twice, and nothing else."""
    content, expected = lesson
    assert told(content) == expected
