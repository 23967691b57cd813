"""Random texts, as authors type them: each is seen as it was typed, or as its marks say, or `check` tells of it.

A text is made of pieces whose meaning is known: words, prices, sums, names, paths, sentences of several scripts, and marks around
words. Whatever stands beside them, they must keep it.
"""

import json
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from author import Author
from gen2anki.text.renderer import Renderer
from learner import Learner
from visible import normal, visible

# What is seen as it was typed, wherever it stands in a line.
_AS_TYPED = (
    *(
        "salt",
        "Salt",
        "a",
        "I",
        "the sea",
        "Wasser",
        "l’eau",
        "año",
        "вода",
        "νερό",
        "מים",
        "ماء",
        "水",
        "みず",
        "물",
        "जल",
    ),
    *(
        "5",
        "5.",
        "1066",
        "3.14",
        "-5",
        "+5",
        "±5",
        "5%",
        "100 %",
        "½",
        "10^6",
        "5 < 6",
        "6 > 5",
        "a <= b",
        "x != y",
        "1/2",
    ),
    *("$5", "$5.50", "US$5", "5 $", "$5-$6", "$HOME", "$PATH:/bin", "the =SUM($A$1:$B$2)", "50¢", "€5"),
    *("2**10", "2*3*4", "a*b*c", "5 * 3", "x * y", "a ** b", "R&D", "A&B", "AT&T"),
    *("__init__", "__FILE__", "snake_case_name", "_foo_bar_", "a_1", "x_i", "_"),
    *("List<int>", "vector<int>", "a < b", "->", "=>", "<-", "<=>", "<p>", "</b>", "<!--", "-->", "&c."),
    *(
        "handlers[name](request)",
        "a[0]",
        "a[i][j]",
        "[0](x)",
        "[x]",
        "[ ]",
        "[1]",
        "f(x)",
        "{x}",
        "{{x}}",
        "(a)",
        "[a, b]",
    ),
    *("\\n", "100\\%", "a \\ b", "%20", "~5", "~a~b", "a~b", "~/.ssh"),
    *(
        "#1",
        "#hash",
        "C#",
        "A# minor",
        "@home",
        "e.g.",
        "…",
        "—",
        "–",
        "'",
        '"',
        "“so”",
        "«so»",
        "'tis",
        "!",
        "?",
        ";",
        "a:b",
    ),
    *("!=", "==", "===", "|x|", "a | b", "||", "^", "5'", '5"', "10:30", "1:1", "f'(x)", "i++", "--flag", "-v", "x--"),
)
# What is seen in another way than it was typed.
_MARKED = {
    "*salt*": "salt",
    "**salt**": "salt",
    "_salt_": "salt",
    "***salt***": "salt",
    "~~salt~~": "salt",
    "`salt`": "salt",
    "`a*b`": "a*b",
    "`$x$`": "$x$",
    "`\\n`": "\\n",
    "`<p>`": "<p>",
    "`__init__`": "__init__",
    "$x^2$": "⟪x^2⟫",
    "$p$": "⟪p⟫",
    "$\\frac12$": "⟪\\frac12⟫",
    "$a_i$": "⟪a_i⟫",
    "[salt](https://example.org)": "salt",
    "<https://example.org>": "https://example.org",
    "&amp;": "&",
    "&lt;": "<",
}
# A text that has a path or a regular expression keeps all its backslashes; in any other they take a mark's meaning.
_PATHS = ("C:\\Users\\_me", "\\\\server\\share", "C:\\new\\*.txt")
_ESCAPED = {"\\*": "*", "\\_": "_", "\\$5": "$5", "\\[x\\]": "[x]"}
# Half a pair of marks: one in a text is a sign, two are a pair.
_HALVES = ("*args", "**kwargs", "C*", "p*-value", "_foo", "foo_", "^\\d+\\.\\d*$", "5*", "*", "$$")
# What begins a line and is no mark.
_BEGINNINGS = (
    "",
    "",
    "",
    "",
    "> 5 ",
    ">= ",
    "# 5 ",
    "#",
    "+ 5 ",
    "1066. ",
    "5) ",
    "a) ",
    "(1) ",
    "• ",
    "– ",
    "— ",
    "・",
    ">>> ",
    "$ ",
    "= ",
    "% ",
    "| ",
)
_BOTH = [(text, text) for text in _AS_TYPED] + list(_MARKED.items())
_KINDS = (_BOTH + [(text, text) for text in _PATHS], _BOTH + list(_ESCAPED.items()))
_GAPS = (" ", ", ", " – ", " (", ") ", "; ", ": ", " / ", " = ", " + ")


def _lines(pieces: list[tuple[str, str]]) -> st.SearchStrategy[tuple[str, str]]:
    """Return lines made of pieces, as they are typed and as they are seen."""
    piece = st.sampled_from(pieces)
    others = st.lists(st.tuples(st.sampled_from(_GAPS), piece), max_size=4)
    line = st.tuples(st.sampled_from(_BEGINNINGS), piece, others)
    return st.tuples(st.lists(line, min_size=1, max_size=3), st.sampled_from(("", "", *_HALVES))).map(_joined)


def _joined(text: Any) -> tuple[str, str]:
    lines, half = text
    typed, seen = (
        "\n".join(
            beginning + first[side] + "".join(gap + piece[side] for gap, piece in others)
            for beginning, first, others in lines
        )
        for side in (0, 1)
    )
    return (f"{typed} {half}", f"{seen} {half}") if half else (typed, seen)


_texts = st.one_of(*map(_lines, _KINDS))


def _difference(typed: str, seen: str, html: str) -> str:
    wanted = normal(seen, blank_lines=False)
    got = normal(visible(f'<div class="card">{html}</div>', "card")[0], blank_lines=False)
    return "" if got == wanted else f"\n  typed: {typed!r}\n  wants: {wanted!r}\n  shown: {got!r}\n  html:  {html!r}"


@settings(max_examples=400, deadline=None)
@given(_texts)
def test_a_random_text_is_seen_as_meant_or_told_of(text: tuple[str, str]) -> None:
    """Its pieces keep their meaning beside each other, in a line and in several."""
    typed, seen = text
    renderer = Renderer(str, html=False)
    html = renderer.field(typed)
    if not renderer.take_findings():
        assert not _difference(typed, seen, html)


@settings(
    max_examples=3, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(_texts, min_size=150, max_size=150, unique=True))
def test_anki_shows_random_texts_as_they_are_meant(author: Author, texts: list[tuple[str, str]]) -> None:
    """The same in real Anki, many texts at once: nothing on the way from the file to the card changes them."""
    renderer = Renderer(str, html=False)
    fine = []
    for typed, seen in texts:
        renderer.field(typed)
        if not renderer.take_findings():
            fine.append((typed, seen))
    notes = [{"id": f"t{number}", "question": "q", "answer": typed} for number, (typed, _) in enumerate(fine)]
    author.write(json.dumps({"deck": {"id": "d", "name": "D"}, "flashcards": notes}, ensure_ascii=False, indent=1))
    author.ledger.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as folder, closing(Learner(Path(folder) / "l.anki2")) as learner:
        learner.take(author.publish())
        for number, (typed, seen) in enumerate(fine):
            answer = learner.note(f"t{number}").cards()[0].answer()
            wanted = normal(seen, blank_lines=False)
            assert normal(visible(answer, "answer")[0], blank_lines=False) == wanted, typed
