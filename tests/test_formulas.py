"""Formulas are checked as Anki's MathJax reads them; tests/cards/test_mathjax.py holds the same against the real one."""

import itertools
import time

import pytest

import formulas
from gen2anki.diagnostics.codes import Code
from gen2anki.math.deletions import sides
from gen2anki.math.formulas import findings, is_plain
from gen2anki.math.macros import Macros
from gen2anki.math.mathjax.reader import Reader


def _told(latex: str, macros: Macros | None = None, *, cloze: bool = False) -> list[tuple[str, str]]:
    """Return where a formula is wrong, and with which code."""
    found = findings(latex, macros, display=True, cloze=cloze)
    return [(finding.where, str(finding.code)) for finding in found]


def test_there_are_enough_formulas() -> None:
    """The files are read: an empty one would test nothing."""
    assert len(formulas.right()) >= 300
    assert len(formulas.wrong()) >= 150


@pytest.mark.parametrize("display", [True, False])
def test_no_formula_of_a_course_is_refused(display: bool) -> None:
    """What Anki sets right is let pass, in a line and on a line of its own."""
    assert [latex for latex in formulas.right() if findings(latex, display=display)] == []


def test_each_faulty_formula_is_told_with_its_place() -> None:
    """The first finding points at the part that is wrong, with its code."""
    assert [_told(wrong.latex)[:1] for wrong in formulas.wrong()] == [[(w.where, w.code)] for w in formulas.wrong()]


def test_the_short_cut_agrees_with_the_reader() -> None:
    """What math-core is believed in, whole or broken, the reader lets pass, too."""
    made = formulas.Random(7)
    latex = [made.formula() for _ in range(1500)] + [made.broken() for _ in range(3000)]
    plain = [formula for formula in latex if is_plain(formula, display=True)]
    assert [formula for formula in plain if Reader(formula).read()] == []
    assert len(plain) > 500


@pytest.mark.parametrize("latex", [r"\log p(x)", r"\int_{-\infty}^\infty e^{-x^2}\,dx = \sqrt{\pi}", r"\frac{a}{b}"])
def test_a_usual_formula_takes_the_short_cut(latex: str) -> None:
    """Most formulas are not read twice."""
    assert is_plain(latex, display=False)


def test_the_part_pointed_at_stands_nowhere_before() -> None:
    """Where the same part stands before, more is given, so that the first place found is the right one."""
    assert [(latex, latex.index(_told(latex)[0][0])) for latex in ("x^2 y^2^2", "(a) \\left(a", "{a}{b}{c")] == [
        ("x^2 y^2^2", 6),
        ("(a) \\left(a", 4),
        ("{a}{b}{c", 6),
    ]


def test_all_unknown_commands_of_a_formula_are_told() -> None:
    """MathJax goes on behind what it does not know."""
    assert _told(r"\foo + \bar x = \baz") == [(r"\foo", "math-command"), (r"\baz", "math-command")]


@pytest.mark.parametrize(
    ("latex", "said"),
    [
        (r"\alhpa", r"write \alpha"),
        (r"\bm x", r"write \boldsymbol"),
        (r"\argmax f", r"write \operatorname*{arg\,max}"),
        (r"\R", "name it in deck.macros"),
        (r"\foo", "name it in deck.macros"),
        (r"\begin{tabular}a\end{tabular}", "write {array}"),
        (r"\begin{algin}a\end{algin}", "write {align}"),
        (r"5\,€", r"write \text{€}"),
        (r"\text{50\%}", "write '%' alone"),
        (r"x &lt; 3", "write <"),
        (r"\hat\mathbf{x}", r"\hat{\mathbf …}"),
        (r"e^\sin x", r"write ^{\sin …}"),
    ],
)
def test_the_message_names_the_cure(latex: str, said: str) -> None:
    """A command that is mistyped is answered by the nearest, one of another package by what does the same."""
    assert said in findings(latex, display=False)[0].text


def test_a_comment_at_the_end_of_a_line_is_one() -> None:
    """In a formula of several lines, LaTeX's remarks are left out, as they are meant."""
    assert _told("a % first\n+ b") == []
    assert _told("a\n+ b % last") == [("% last", "math-percent")]


@pytest.mark.parametrize(
    ("latex", "told"),
    [
        (r"\frac{ {{c1::x+1}} }{ {{c2::2y}} }", []),
        (r"{{c1::E}} = m{{c2::c^2}}", []),
        (r"{{c1::\frac{a}{b}::a fraction}} + {x}", []),
        (r"{{c1::x {{c2::y}} }}", []),
        (r"\begin{pmatrix} {{c1::a & b \\ c & d}} \end{pmatrix}", []),
        (r"{{c1::x^2^3}}", [("^3", "math-syntax")]),
        (r"a {{c1::b::\foo}}", [(r"{{c1::b::\foo}}", "math-command")]),
        (r"{{c1::\left( x}} \right)", [(r"\right)", "math-syntax")]),
        (r"\sqrt{{c1::x}}", [(r"\sqrt{{c1::x", "math-command")]),
    ],
)
def test_a_cloze_is_read_as_anki_shows_it(latex: str, told: list[tuple[str, str]]) -> None:
    """The answer's side has no marks, and each question's has […] or the hint in the place of what it hides."""
    assert _told(latex, cloze=True) == told


def test_each_side_of_a_cloze_is_what_anki_shows() -> None:
    """A hint stands only where its deletion is hidden, and deletions may stand in one another."""
    answer, questions = sides(r"a {{c1::b::h}} {{c2::\frac{c}{d} {{c3::e}} }}")
    assert (answer.text, {number: side.text for number, side in questions.items()}) == (
        r"a b \frac{c}{d} e ",
        {"1": r"a [h] \frac{c}{d} e ", "2": "a b [...]", "3": r"a b \frac{c}{d} [...] "},
    )


def test_a_cloze_is_read_with_its_macros() -> None:
    """Macros and deletions may stand in one another."""
    macros = Macros({r"\R": r"\mathbb{R}", r"\E": r"\operatorname{E}\left[#1\right]"})
    assert _told(r"\E{{c1::X}} \in {{c2::\R}}", macros, cloze=True) == []
    assert _told(r"\E{ {{c1::X^2^3}} }", macros, cloze=True) == [("^3", "math-syntax")]


def test_what_a_formula_defines_is_known_behind_it() -> None:
    """A formula may bring its own commands."""
    assert _told(r"\newcommand{\R}{\mathbb{R}} \R") == []
    assert _told(r"\R \newcommand{\R}{\mathbb{R}}") == [(r"\R", "math-command")]


def test_nesting_has_a_limit_and_crashes_nothing() -> None:
    """Neither recursion nor the parser's stack ends the process."""
    for opening, closing in (("{", "}"), (r"\left(", r"\right)"), (r"\frac{", "}{1}"), (r"\sqrt{", "}"), ("x^{", "}")):
        assert _told(opening * 60 + "x" + closing * 60) == []
        deep = opening * 20_000 + "x" + closing * 20_000
        assert [code for _, code in _told(deep)] == ["math-syntax"]


_SIGNS = [
    r"{",
    r"}",
    r"^",
    r"_",
    r"&",
    r"'",
    r"\\",
    r"\left(",
    r"\right)",
    r"\frac",
    r"\sqrt[",
    r"[",
    r"]",
    r"\begin{matrix}",
    r"\end{matrix}",
    r"\text{",
    r"$",
    r"\(",
    r"\foo",
    r"€",
    r"\E",
    r"\d{",
    r"{{c1::",
    r"}}",
    r"x",
]


def test_no_formula_takes_more_than_linear_time() -> None:
    """A hundred thousand characters of any two signs are read in a second."""
    macros = Macros({r"\E": r"\operatorname{E}\left[#1\right]", r"\d": "#1#1"})
    slow = []
    for one, other in [
        *((sign, "") for sign in _SIGNS),
        *itertools.pairwise(_SIGNS),
        *zip(_SIGNS, _SIGNS[5:], strict=False),
    ]:
        latex = (one + other) * (100_000 // len(one + other))
        start = time.process_time()
        findings(latex, macros, display=False, cloze=True)
        if time.process_time() - start > 1:
            slow.append((one, other))
    assert slow == []


def test_a_label_is_told() -> None:
    """MathJax takes none twice, and a card shows its question on both sides."""
    assert _told(r"x = 1 \label{a}") == [(r"\label", Code.MATH_LABEL)]
