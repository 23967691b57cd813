r"""Formulas in a text's HTML, `\(…\)` and `\[…\]`, to MathML, which browsers show without a script."""

import re
from html import escape, unescape
from typing import Final

from math_core import LatexError, LatexToMathML

from gen2anki.page.chemistry import ChemistryError
from gen2anki.page.rewriting import rewritten

# A tag, or a formula with the brackets and punctuation next to it, which stay on its line.
_FORMULA: Final = re.compile(r"(<[^<>]*>)|([(\[“‘«„]*)(?:\\\((.*?)\\\)|\\\[(.*?)\\\])([.,;:!?)\]’”»“-]*)", re.DOTALL)
# The same in the words for a picture, where it stays LaTeX.
_IN_TAG: Final = re.compile(r"\\[(\[](.*?)\\[)\]]")
_TAG: Final = re.compile(r"<[^>]*>")
# A formula in a line of so many signs may be wider than a phone.
_WIDE: Final = 14
# Which of two script alphabets is meant; the font has one.
_VARIATION: Final = re.compile("[\ufe00\ufe01]")
# Lines and accents over several letters, which stretch.
_LINES: Final = {
    '<mo stretchy="true">\N{COMBINING LOW LINE}</mo></mover>': "overline",
    '<mo stretchy="true">\N{COMBINING LOW LINE}</mo></munder>': "underline",
}
_SCRIPTED: Final = re.compile(r"<(/?)(?:mover|munder)\b[^>]*>")
_WIDE_TILDE: Final = re.compile("</mrow><mo[^>]*>[~\N{SMALL TILDE}]</mo></mover>")
_STRETCHED: Final = re.compile("<mo[^>]*>([~\N{COMBINING CIRCUMFLEX ACCENT}→←↔⏞⏠⎴])</mo></mover>")
# The part of a text that a deletion hides is marked by these until its formulas are made.
DELETION: Final = "\ue000"
DELETION_END: Final = "\ue001"


class Formulas:
    """Sets the formulas of one page; `characters` are those they are made of, `has_fallback` if one is left to MathJax."""

    def __init__(self) -> None:
        self._converter = LatexToMathML(fancy_error=False)
        self._made: dict[tuple[str, bool], str] = {}  # most lessons name the same few again and again
        self.characters: set[str] = set()
        self.has_fallback = False

    def set_in(self, html: str) -> str:
        """Return a text's HTML with its formulas as MathML."""
        if "\\(" not in html and "\\[" not in html:
            return html
        return _FORMULA.sub(self._formula, html)

    def _formula(self, found: re.Match[str]) -> str:
        tag, before, inline, block, behind = found.groups()
        if tag:
            return _IN_TAG.sub(r"\1", tag) if "\\" in tag else tag
        display = inline is None
        key = block if display else inline, display
        made = self._made.get(key)
        if made is None:
            latex = unescape(key[0]).replace(DELETION, "").replace(DELETION_END, "")
            made = self._made[key] = self._mathml(latex, display=display)
        if not display and (before or behind):
            return f'<span class="keep">{before}{made}{behind}</span>'
        return f"{before}{made}{behind}"

    def _mathml(self, latex: str, *, display: bool) -> str:
        try:
            made = self._converter.convert_with_local_state(rewritten(latex, display=display), displaystyle=display)
        except (LatexError, ChemistryError):
            self.has_fallback = True
            return f'<span class="tex{" display" if display else ""}">{escape(latex, quote=False)}</span>'
        made = _VARIATION.sub("", made).replace("&ApplyFunction;", "\N{FUNCTION APPLICATION}")
        made = _with_lines(made)
        made = _WIDE_TILDE.sub('</mrow><mo stretchy="true">~</mo></mover>', made)
        made = _STRETCHED.sub(r'<mo class="stretched" stretchy="true">\1</mo></mover>', made)
        self.characters.update(made)
        if display:
            return f'<span class="block">{made}</span>'
        return f'<span class="wide">{made}</span>' if len(_TAG.sub("", made)) > _WIDE else made


def _with_lines(mathml: str) -> str:
    """Return a formula with what has a line over or under it as a row that the stylesheet gives one.

    No two browsers set such a line alike, nor all of its length.
    """
    for end, name in _LINES.items():
        while (at := mathml.find(end)) >= 0:
            opened: list[re.Match[str]] = []
            for tag in _SCRIPTED.finditer(mathml, 0, at):
                if tag[1]:
                    opened.pop()
                else:
                    opened.append(tag)
            start = opened[-1]
            row = f'<mrow class="{name}">{mathml[start.end() : at]}</mrow>'
            mathml = f"{mathml[: start.start()]}{row}{mathml[at + len(end) :]}"
    return mathml
