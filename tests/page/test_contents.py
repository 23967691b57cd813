"""What becomes of a note's texts on a page: formulas, chemistry, deletions, pictures, words."""

import re
import tomllib
from pathlib import Path
from typing import Final

import pytest
from math_core import LatexToMathML

from gen2anki.anki.note import Medium
from gen2anki.page.chemistry import chemistry
from gen2anki.page.contents import Contents
from gen2anki.page.fonts import faces
from gen2anki.page.formulas import Formulas
from gen2anki.page.rewriting import rewritten
from gen2anki.schema.fixed_words import words
from page.conftest import ROOT

FORMULAS: Final = Path(__file__).with_name("formulas.txt").read_text(encoding="utf-8").splitlines()
# What only MathJax knows, or is no formula.
LEFT_TO_MATHJAX: Final = {
    r"\smash{x} \rule{1em}{1pt} \hspace{1em} y",
    r"\varinjlim \varprojlim \limsup \injlim",
    r"\middle",
    r"\newcommand{\R}{\mathbb{R}} x \in \R",
    r"\bbox[5px]{x}",
    r"\enclose{circle}{x}",
    r"\unicode{x1D538}",
    r"\verb|x_1|",
    r"\begin{CD} A @>f>> B \\ @VVV @VVV \\ C @>>> D \end{CD}",
    r"\llap{x} y \rlap{z}",
    r"\raise 1ex {x} \lower 1ex {y}",
    r"\hdashline",
    r"\ce{A\bond{~-}B}",
}
TABLE: Final = ROOT / "src/gen2anki/schema/fixed_words.toml"


def _left() -> set[str]:
    left = set()
    for formula in FORMULAS:
        formulas = Formulas()
        formulas.set_in(r"\[" + formula.replace("&", "&amp;").replace("<", "&lt;") + r"\]")
        if formulas.has_fallback:
            left.add(formula)
    return left


def test_nearly_all_formulas_become_mathml() -> None:
    """Of 253 kinds, those that were compared with MathJax's by eye in both engines, 13 are left to it."""
    assert len(FORMULAS) == len(set(FORMULAS)) == 253
    assert _left() == LEFT_TO_MATHJAX


@pytest.mark.parametrize(
    ("typed", "as_math_core_has_it"),
    [
        (r"\sum_{\substack{a \\ b}} x", r"\sum_{\begin{subarray}{c}a \\ b\end{subarray}} x"),
        (r"\begin{align} a &= b \end{align}", r"\begin{aligned} a &= b \end{aligned}"),
        (r"\begin{split} a \end{split}", r"\begin{aligned} a \end{aligned}"),
        (
            r"\begin{smallmatrix} a & b \\ c & d \end{smallmatrix}",
            r"\begin{subarray}{cc} a & b \\ c & d \end{subarray}",
        ),
        (r"\mbox{if $x$ is}", r"\text{if }x\text{ is}"),
        (r"\text{costs \$5}", r"\text{costs \$5}"),
        (r"x \tag{1}", r"\begin{equation}x \tag{1}\end{equation}"),
        (r"\begin{align} a \\ b \tag{2} \end{align}", r"\begin{align} a \notag\\ b  \tag{2}\end{align}"),
        (r"\require{mhchem} \label{eq} x", r"  x"),
        (r"\frac{a}{b}", r"\frac{a}{b}"),
    ],
)
def test_what_math_core_lacks_is_said_in_its_words(typed: str, as_math_core_has_it: str) -> None:
    """So that it is set without a script; and math-core takes it."""
    made = rewritten(typed, display=True)
    assert made == as_math_core_has_it
    assert LatexToMathML().convert_with_local_state(made, displaystyle=True).startswith("<math")


@pytest.mark.parametrize(
    ("typed", "latex"),
    [
        ("H2O", r"\mathrm{H}_{2}\mathrm{O}"),
        ("SO4^2-", r"\mathrm{S}\mathrm{O}_{4}{}^{2-}"),
        ("Na+", r"\mathrm{Na}{}^{+}"),
        ("2H2 + O2", r"2\,\mathrm{H}_{2} + \mathrm{O}_{2}"),
        ("A ->[x] B", r"\mathrm{A} \xrightarrow{\mathrm{x}} \mathrm{B}"),
        ("^{14}_{6}C", r"{}^{14}_{6}\mathrm{C}"),
        ("NaCl v", r"\mathrm{Na}\mathrm{Cl}\,\downarrow"),
    ],
)
def test_chemistry_is_plain_latex(typed: str, latex: str) -> None:
    r"""`\ce` as mhchem has it."""
    assert chemistry(typed) == latex


def test_an_align_has_no_numbers() -> None:
    """MathJax in Anki writes none either."""
    assert "(1)" not in Formulas().set_in(r"\[\begin{align} a &amp;= b \\ c &amp;= d \end{align}\]")


def test_a_formula_keeps_its_punctuation_and_a_wide_one_scrolls() -> None:
    """No line begins with the comma behind a formula."""
    formulas = Formulas()
    assert re.fullmatch(
        r'so <span class="keep">\(<math>.*</math>\),</span> it is', formulas.set_in(r"so (\(x\)), it is")
    )
    wide = formulas.set_in(r"\(p(x_1, x_2, x_3) = p(x_1)\,p(x_2)\,p(x_3)\)")
    assert wide.startswith('<span class="wide"><math>')


def test_a_formula_in_the_words_for_a_picture_stays_latex() -> None:
    """They can hold no element."""
    made = Formulas().set_in(r'<img src="a.png" alt="of \(x^2\) here"> and \(y\)')
    assert made == '<img src="a.png" alt="of x^2 here"> and <math><mi>y</mi></math>'


def test_a_page_carries_the_pieces_of_the_font_that_it_needs() -> None:
    """None without formulas, one for most, another for another alphabet."""
    assert faces("") == ("", "")
    assert faces("x+∑∫")[1] == '"math core"'
    assert faces("xℝ𝐱")[1] == '"math core", "math bold", "math double"'
    assert len(faces("x")[0]) < 76_000


def test_a_cloze_card_asks_for_its_number_and_shows_the_rest() -> None:
    """With its hint; inside another deletion, a formula and code, too."""
    contents = Contents((), "Sound")
    text = r"{{c1::a {{c2::b::hint}}}} \(x = {{c1::y }}\)"
    front, back = contents.cloze(text, 2)
    assert front.startswith('a <span class="cloze">[hint]</span> <math>')
    assert back.startswith('a <span class="cloze">b</span> <math>')
    assert "<mi>y</mi>" in front
    front, back = contents.cloze(text, 1)
    assert front.startswith('<span class="cloze">[…]</span> <math>')
    assert "<mi>y</mi>" not in front
    code = '<pre><code class="language-python">x = {{c1::1}}</code></pre>'
    assert (
        contents.cloze(code, 1)[1] == '<pre><code class="language-python">x = <span class="cloze">1</span></code></pre>'
    )
    assert contents.cloze("{{c1::no}} tags", 1)[1] == '<span class="cloze">no</span> tags'


def test_a_picture_elsewhere_is_a_link_and_a_style_a_number() -> None:
    """The page loads nothing, and its policy allows no style of an element's own."""
    contents = Contents((), "Sound")
    assert (
        contents.of('<img src="https://example.org/a.png" alt="A ship">')
        == '<a href="https://example.org/a.png">A ship</a>'
    )
    assert contents.of('<td style="text-align: center">x</td>') == '<td data-s="0">x</td>'
    assert contents.styles == {"text-align: center": 0}


def test_a_picture_keeps_its_width(tmp_path: Path) -> None:
    """It is no style, so the page's policy lets it pass."""
    file = tmp_path / "a.png"
    file.write_bytes(b"png")
    contents = Contents([Medium(name="a.png", file=str(file))], "Sound")
    assert contents.of('<img src="a.png" alt="" width="50%">') == (
        '<img src="data:image/png;base64,cG5n" alt="" width="50%">'
    )


def test_the_table_of_words_is_whole() -> None:
    """Each language has every word, and no other; regions and old tags find theirs, an unknown language English."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    assert len(table) >= 20
    for language, own in table.items():
        assert set(own) == set(table["en"]), language
        assert all(text.strip() for text in own.values()), language
        assert own["minutes"].count("{}") == 1
        assert words(language) == own
    assert words("de-AT") is not None
    assert words("zh-TW")["hint"] == table["zh-hant"]["hint"]
    assert words("no")["print"] == table["nb"]["print"]
    assert words("tlh") == table["en"]
