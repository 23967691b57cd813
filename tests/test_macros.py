"""`deck.macros` are put into formulas when the deck is built, as LaTeX would, and what is wrong with one is told at its place."""

from itertools import pairwise
from pathlib import Path

import pytest

from author import Author
from gen2anki.math.formulas import findings
from gen2anki.math.macros import Macros

MACROS = Macros(
    {
        r"\R": r"\mathbb{R}",
        r"\E": r"\operatorname{E}\left[#1\right]",
        r"\eps": r"\varepsilon",
        r"\half": r"\frac12",
        r"\norm": r"\lVert #1 \rVert_{#2}",
        r"\T": r"\mathsf{T}",
        r"\1": r"\mathbf{1}",
        r"\dd": r"\mathop{}\!d",
        r"\Var": r"\E{#1^2} - \E{#1}^2",
        r"\bold": r"\mathbb#1",
        r"\pow": r"x^#1",
        r"\defeq": r":=",
        r"\x": r"\mathbf{x}",
    }
)


@pytest.mark.parametrize(
    ("typed", "put_in"),
    [
        (r"x \in \R^n", r"x \in \mathbb{R}^n"),
        (r"\R x", r"\mathbb{R} x"),
        (r"\R{} x", r"\mathbb{R}{} x"),
        (r"\eps y", r"\varepsilon y"),
        (r"\1_A", r"\mathbf{1}_A"),
        (r"a \defeq b", r"a := b"),
        (r"\int f\dd x", r"\int f\mathop{}\!d x"),
        # Another name, and a backslash before letters, are no macro.
        (r"\Rn \Real", r"\Rn \Real"),
        (r"a \\R", r"a \\R"),
        # Arguments: a group, a character, a command, another macro, and one in another.
        (r"\E{X}", r"\operatorname{E}\left[X\right]"),
        (r"\E X", r"\operatorname{E}\left[X\right]"),
        (r"\E\alpha", r"\operatorname{E}\left[\alpha\right]"),
        (r"\E\R", r"\operatorname{E}\left[\mathbb{R}\right]"),
        (r"\E{\E{X} \mid Y}", r"\operatorname{E}\left[\operatorname{E}\left[X\right] \mid Y\right]"),
        (r"\norm{x}{2}", r"\lVert x \rVert_{2}"),
        (r"\norm x2", r"\lVert x \rVert_{2}"),
        (r"\E{a\}b}", r"\operatorname{E}\left[a\}b\right]"),
        # A macro of macros.
        (r"\Var X", r"\operatorname{E}\left[X^2\right] - \operatorname{E}\left[X\right]^2"),
        # What is put in stays together.
        (r"A^\T B", r"A^{\mathsf{T}} B"),
        (r"x^\eps", r"x^\varepsilon"),
        (r"x_\half", r"x_{\frac12}"),
        (r"\frac\half2", r"\frac{\frac12}2"),
        (r"\frac1\half", r"\frac1{\frac12}"),
        (r"\hat x\half", r"\hat x\frac12"),
        (r"\frac{a}\half", r"\frac{a}{\frac12}"),
        (r"\frac{a}{b}\half", r"\frac{a}{b}\frac12"),
        (r"\sqrt[3]\half", r"\sqrt[3]{\frac12}"),
        (r"\hat\x", r"\hat{\mathbf{x}}"),
        (r"\bold{R}", r"\mathbb R"),
        (r"\bold{AB}", r"\mathbb{AB}"),
        (r"\pow{12}", r"x^{12}"),
        # Deletions keep their marks.
        (r"{{c1::\R}} \ni x", r"{{c1::\mathbb{R}}} \ni x"),
        (r"\E{{c1::X}}", r"\operatorname{E}\left[{{c1::X}}\right]"),
        (r"\E{ {{c1::X::a hint}} }", r"\operatorname{E}\left[ {{c1::X::a hint}} \right]"),
    ],
)
def test_macros_are_put_in(typed: str, put_in: str) -> None:
    """Names end where LaTeX ends them, spaces stay, and what stands for one thing is one thing."""
    assert MACROS.put_in(typed) == put_in


def test_a_formula_without_macros_stays_as_it_is() -> None:
    """The same text comes back."""
    formula = r"\frac{a}{b} + \sqrt{x}"
    assert MACROS.put_in(formula) is formula


@pytest.mark.parametrize(
    ("name", "text", "where", "code"),
    [
        ("R", r"\mathbb{R}", "", "math-macro"),
        (r"\R2", r"\mathbb{R}", "", "math-macro"),
        (r"\R n", r"\mathbb{R}", "", "math-macro"),
        (r"\{", r"\mathbb{R}", "", "math-macro"),
        (r"\a", r"\mathbb{R", "", "math-macro"),
        (r"\a", r"R}", "", "math-macro"),
        (r"\a", r"x#0", "#0", "math-macro"),
        (r"\a", r"x#", "#", "math-macro"),
        (r"\a", r"##1", "##", "math-macro"),
        (r"\a", r"#2", "#2", "math-macro"),
        (r"\a", r"#1 + #3", "#3", "math-macro"),
        (r"\a", r"x \a", r"\a", "math-macro"),
        (r"\a", r"\unknown", r"\unknown", "math-command"),
        (r"\a", r"\frca{1}{2}", r"\frca", "math-command"),
    ],
)
def test_a_bad_macro_is_told(name: str, text: str, where: str, code: str) -> None:
    """A name without a backslash, a brace without a partner, a wrong argument, itself in itself, an unknown command."""
    faults = Macros({name: text}).faults
    assert [(fault.where, str(fault.code)) for fault in faults.values()] == [(where, code)]


@pytest.mark.parametrize("text", [r"\#", r"\\", "", "5", r"\text{#1}", r"#1#2#3#4#5#6#7#8#9", r"\left(", r"\frac"])
def test_a_macro_may_hold_what_it_likes(text: str) -> None:
    """A sign, nothing, half of a pair, a command that takes what follows."""
    assert Macros({r"\a": text}).faults == {}


def test_macros_that_lead_back_are_told_once() -> None:
    """The loop is named; what only uses it is told that it does."""
    macros = Macros({r"\a": r"\b", r"\b": r"\c x", r"\c": r"\a", r"\d": r"\a", r"\e": r"\R", r"\R": r"\mathbb{R}"})
    assert {name: fault.text.partition(":")[0] for name, fault in macros.faults.items()} == {
        r"\a": "this macro leads back to itself",
        r"\c": r"this macro uses \a, which is not right itself",
        r"\b": r"this macro uses \c, which is not right itself",
        r"\d": r"this macro uses \a, which is not right itself",
    }
    assert macros.put_in(r"\e") == r"\mathbb{R}"


def test_a_macro_that_lacks_the_arguments_of_another_is_told() -> None:
    """It is wrong wherever it stands."""
    faults = Macros({r"\E": r"[#1]", r"\a": r"x \E"}).faults
    assert {name: (fault.where, fault.text) for name, fault in faults.items()} == {
        r"\a": (r"\E", r"the macro \E needs an argument, {…}")
    }


def test_a_macro_of_its_own_package_may_be_named_anew() -> None:
    """The lesson's meaning of a command comes first."""
    assert Macros({r"\epsilon": r"\varepsilon"}).put_in(r"\epsilon_0") == r"\varepsilon_0"


def test_missing_arguments_are_told_at_the_macro() -> None:
    """The formula stays as it is typed."""
    assert MACROS.put_in(r"x + \norm{a}") == r"x + \norm{a}"
    assert [(f.where, f.text) for f in findings(r"x + \norm{a}", MACROS, display=False)] == [
        (r"\norm", r"the macro \norm needs 2 arguments, {…}")
    ]


def test_a_formula_is_checked_with_its_macros_put_in() -> None:
    """Right ones are right, and a finding points at what is typed: at the part, or at the macro that it comes from."""
    assert findings(r"\E{X} \in \R", MACROS, display=False) == []
    assert [f.where for f in findings(r"\R + x^2^3", MACROS, display=False)] == ["^3"]
    assert [f.where for f in findings(r"\E{x^2^3}", MACROS, display=False)] == ["^3"]
    assert [f.where for f in findings(r"\E{\foo}", MACROS, display=False)] == [r"\foo"]
    assert [f.where for f in findings(r"\R + \half_1_2", MACROS, display=False)] == ["_2"]
    assert [f.where for f in findings(r"a + \half \over b \over c", Macros({r"\half": r"\over"}), display=False)] == [
        r"\over"
    ]


def test_a_formula_with_a_bad_macro_is_told_once() -> None:
    """The fault is the macro's own."""
    assert findings(r"\a", Macros({r"\a": "}"}), display=False) == []


def test_macros_come_to_an_end() -> None:
    """Each may double the next: what would be too long is told, where it is named or where it is used."""
    names = [f"\\{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"]
    macros = Macros({name: f"{other}{other}" for name, other in pairwise(names)} | {names[-1]: "x"})
    assert "too much" in macros.faults[r"\k"].text
    double = Macros({r"\d": "#1#1"})
    deep = r"\d{" * 30 + "x" + "}" * 30
    assert double.put_in(deep) == deep
    assert [f.code for f in findings(deep, double, display=False)] == ["math-macro"]


LESSON = r"""deck:
  id: lesson
  name: Lesson
  macros:
    '\R': '\mathbb{R}'
    'E': '\operatorname{E}'
    '\loop': 'x \loop'
    '\typo': '\mathbbb{R}'
flashcards:
  - {id: a, question: Q, answer: A}
"""


def test_each_bad_macro_of_a_lesson_has_its_place(author: Author) -> None:
    """A bad name is pointed at, and the part of a text that is wrong."""
    author.write(LESSON)
    found = [(p["line"], p["column"], p["code"]) for p in author.json("check")["problems"]]
    assert found == [(6, 5, "math-macro"), (7, 17, "math-macro"), (8, 15, "math-command")]


@pytest.mark.parametrize(
    ("macros", "text"),
    [
        ("[a]", "'macros' must be a mapping of commands to their texts, such as {'\\R': '\\mathbb{R}'}, not a list"),
        ("{'\\R': [a]}", "'\\R' must be a text, not a list: put a text in quotes if it begins with '[' or '- '"),
    ],
)
def test_macros_of_the_wrong_shape_are_told(author: Author, macros: str, text: str) -> None:
    """As with every other key."""
    author.write(
        f"deck: {{id: lesson, name: Lesson, macros: {macros}}}\nflashcards:\n  - {{id: a, question: Q, answer: A}}\n"
    )
    problems = author.json("check")["problems"]
    assert [(problem["code"], problem["text"]) for problem in problems] == [("wrong-type", text)]


def test_a_lesson_with_macros_builds(author: Author) -> None:
    """Right macros are no problem."""
    author.write(
        LESSON.replace("    'E': '\\operatorname{E}'\n    '\\loop': 'x \\loop'\n    '\\typo': '\\mathbbb{R}'\n", "")
    )
    assert author.run("build").exit_code == 0
    assert Path("lesson.apkg").is_file()
