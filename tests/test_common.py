"""The short ways of common texts and formulas, held to the long ones: the same HTML, and nothing to tell."""

from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gen2anki.diagnostics.codes import Code
from gen2anki.math.mathjax.reader import Reader
from gen2anki.math.short_way import is_common
from gen2anki.text.media import MediumError
from gen2anki.text.renderer import Renderer

HERE: Final = Path(__file__).parent
# What texts are made of: each mark, next to what gives it a meaning or takes it away.
PIECES: Final = (
    *"$`*_~\\<>&[](){}#|-+=.,;:!?\"'/%@1a日é ",
    *("**", "***", "__", "``", "$$", "\n", "\n\n", "\n- ", "- ", "\n1. ", "> ", "# ", "\t", "  \n", "---"),
    *("word", "Words of a line.", "snake_case", "$x^2$", "$\\alpha$", "$\\frac{a}{b}$", "$\\oops$", "$_2$", "`code`"),
    *(
        "$$\nx = y\n$$",
        "$$\n\\sum_i x_i\n\\le y\n$$",
        "```\ncode\n```",
        "**bold**",
        "*so*",
        "word, *",
        "** word",
        "`\\(x`",
    ),
    *(
        "&amp;",
        "&nbsp;",
        "&#91;",
        "&lbrack;sound:a.mp3]",
        "&#42;",
        "&#31;",
        "\xa0",
        "\u0301",
        "\x7f",
        "\U00100000",
        "\U000f0024",
    ),
)
LATEX: Final = (
    *"{}{}{}^_^_xn12 +,|<[]'&#%~!\\\x01",
    *("\\alpha", "\\sum", "\\log ", "\\hat", "\\sqrt", "\\frac", "\\mathbb", "\\,", "\\|", "\\left", "\\infty", "\\\\"),
    *("{x}", "{\\theta}_i", "\\hat{x}", "\\frac{a}{b}", "_{i=1}", "^{n}", "x_i", "^\\top", "_\\phi", "\\sqrt[3]{x}"),
)


def _missing(_: str) -> str:
    raise MediumError("it is not there", Code.MEDIA_MISSING)


def _both(text: str) -> tuple[str | None, str]:
    """Return a text's HTML the short way, None where the text is uncommon, and the long way, with what is told."""
    renderer = Renderer(_missing, html=False)
    short = renderer.common(text)
    assert renderer.findings == []
    long = renderer.uncommon(text)
    return short, f"{long}{renderer.findings or ''}"


def _strings(data: Any) -> list[str]:
    """Return all texts in data of a YAML file."""
    if isinstance(data, str):
        return [data]
    parts = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return [text for part in parts for text in _strings(part)]


def _texts() -> list[str]:
    files = (*(HERE / "corpus").glob("*.yaml"), HERE / "cases" / "markup.yaml", HERE / "cards" / "kinds.yaml")
    return [text for file in files for text in _strings(yaml.load(file.read_bytes(), yaml.CBaseLoader))]  # noqa: S506


def test_texts_of_authors_are_written_the_same_both_ways() -> None:
    """Each text of the corpus that takes the short way comes out as by the long one; and many do take it."""
    both = [(text, *_both(text)) for text in _texts() if text]
    common = [one for one in both if one[1] is not None]
    assert [one for one in common if one[1] != one[2]] == []
    assert len(common) > 1500


@settings(max_examples=2000, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=12).map("".join))
@example("日本** word")
@example("&lbrack;sound:a.mp3] *so*")
def test_marks_in_any_order_are_written_the_same_both_ways(text: str) -> None:
    """No order of marks makes the two ways differ."""
    short, long = _both(text)
    assert short in {None, long}


@settings(max_examples=1000, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=3).map("".join))
def test_few_marks_in_a_common_text_are_written_the_same_both_ways(marks: str) -> None:
    """Marks among words, where most of a text is common."""
    for text in (
        f"Words{marks}",
        f"Words {marks} words.",
        f"*Words*\n\n- one {marks}\n- two `x`\n\n$$\nx\n$$\n\n{marks}",
    ):
        short, long = _both(text)
        assert short in {None, long}


@settings(max_examples=3000, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(LATEX), min_size=1, max_size=9).map("".join))
@example("\\hat{\\bar{\\alpha}_t} = \\frac{1}{2} \\sum_{i=1}^{n} x_i^2")
def test_nothing_is_wrong_with_a_common_formula(latex: str) -> None:
    """What reads every formula as MathJax does finds nothing in a common one."""
    assert not is_common(latex) or Reader(latex).read() == []


@pytest.mark.parametrize(
    "latex", [r"\hat{\bar{x}_t} = \frac{1}{2}", r"\sum_{i=1}^{n} {w}_i \mathbb{E}[x^2]", r"q_\phi(z \mid x)"]
)
def test_usual_formulas_are_common(latex: str) -> None:
    """A formula of letters, symbols, scripts and accents takes the short way."""
    assert is_common(latex)


@pytest.mark.parametrize(
    "latex", ["x_a_b", "x^", r"\hat x", r"\frac{a}", r"\frac{a}b", r"\oops", "{x", "x}", r"x_\sum", "a & b"]
)
def test_faulty_formulas_are_not_common(latex: str) -> None:
    """Where anything may be wrong, a formula is read as MathJax reads it."""
    assert not is_common(latex)
