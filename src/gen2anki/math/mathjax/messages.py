"""What to say about a name that Anki's MathJax does not know."""

from typing import Final

from gen2anki.diagnostics.suggestion import nearest
from gen2anki.math.mathjax.tables import TABLES

# What is meant by commands that other packages of LaTeX have.
_MEANT: Final = {
    "bm": "\\boldsymbol",
    "argmax": "\\operatorname*{arg\\,max}",
    "argmin": "\\operatorname*{arg\\,min}",
    "AA": "\\mathring{A}",
    "euro": "\\text{€}",
    "textsuperscript": "^{…}",
    "textsubscript": "_{…}",
    "slashed": "\\not",
    "sgn": "\\operatorname{sgn}",
    "diag": "\\operatorname{diag}",
    "tr": "\\operatorname{tr}",
    "Tr": "\\operatorname{Tr}",
    "rank": "\\operatorname{rank}",
    "dv": "\\frac{d…}{d…}",
    "pdv": "\\frac{\\partial …}{\\partial …}",
    "SI": "\\pu{…}",
    "si": "\\pu{…}",
    "qty": "\\pu{…}",
    "unit": "\\pu{…}",
    "mathds": "\\mathbb",
    "mathbbm": "\\mathbb",
    "emph": "\\textit",
    "textsc": "\\textrm",
    "ensuremath": "nothing around it",
}
# Shorter names than this resemble too many others.
_LEAST: Final = 3


def unknown_command(name: str) -> str:
    """Return what to say about a command that MathJax does not know."""
    likely = _MEANT.get(name)
    if likely is None and len(name) >= _LEAST:
        near = nearest(name, tuple(TABLES.commands)) or ""
        # Others resemble it by chance.
        likely = f"\\{near}" if near[:1].lower() == name[0].lower() else None
    text = f"Anki's MathJax knows no \\{name}"
    return f"{text}: write {likely}, or name it in deck.macros" if likely else f"{text}: name it in deck.macros"


def unknown_environment(name: str) -> str:
    """Return what to say about an environment that MathJax does not know."""
    text = f"Anki's MathJax knows no environment {{{name}}}"
    if name.startswith("tabular"):
        return f"{text}: write {{array}}, or a table in Markdown"
    likely = nearest(name, tuple(TABLES.environments))
    return f"{text}: write {{{likely}}}" if likely else text


def shown_in_words(word: str) -> str:
    """Return what to say about an escape or a command in the words of a formula."""
    if len(word) == 2 and not word[1].isalpha():  # noqa: PLR2004
        return f"in \\text, MathJax shows the backslash of '{word}': write '{word[1]}' alone"
    return f"in \\text, MathJax shows '{word}' as it is typed: end \\text before it, and go on behind"
