r"""The common formula: letters, numbers and symbols, with scripts, groups and accents that are all in braces.

MathJax sets it right whatever it says, so that neither a table of commands nor a parser is asked. Any doubt makes a formula
another. A test holds this to what reads them all.
"""

import re
from typing import Final

_NAMES: Final = """
    alpha beta gamma delta epsilon varepsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau phi varphi chi psi
    omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega infty partial nabla ell hbar forall exists emptyset cdot times
    pm mp leq geq le ge neq ne approx sim equiv propto ll gg in notin subset subseteq cup cap mid to mapsto rightarrow
    Rightarrow leftarrow iff implies circ cdots ldots dots sum prod int log ln exp sin cos tan max min arg lim det quad top
    ast star , ; |
"""
_ACCENTS: Final = "hat|bar|vec|tilde|dot|overline|mathbb|mathbf|mathcal|mathrm|sqrt"
_KNOWN: Final = frozenset(f"\\{name}" for name in (*_NAMES.split(), *_ACCENTS.split("|"), "frac"))
_COMMAND: Final = re.compile(r"\\(?:[A-Za-z]+|.)", re.DOTALL)
# A group that was read stands as this.
_READ: Final = "\x01"
_SCRIPT: Final = rf"(?:[A-Za-z0-9{_READ}]|\\(?:alpha|beta|theta|phi|infty|top|ast|star)(?![A-Za-z]))"
_UNIT: Final = (
    rf"(?:[A-Za-z0-9()+\-*/=.,<>\[\]:;|!{_READ}]|\\(?:{_ACCENTS}){_READ}|\\frac{_READ}{_READ}"
    rf"|\\(?!(?:{_ACCENTS}|frac)(?![A-Za-z]))[A-Za-z]++|\\[,;|])"
)
# (?>…) keeps a group whole: before Python 3.11.5 a group repeated with '++' may match what it should not.
_SCRIPTS: Final = rf"(?>(?:_{_SCRIPT}(?:\^{_SCRIPT})?|\^{_SCRIPT}(?:_{_SCRIPT})?)?)"
_FORMULA: Final = re.compile(rf"(?>(?:[ \n]|{_UNIT}{_SCRIPTS})+)")
_GROUP: Final = re.compile(rf"(?<!\\)\{{({_FORMULA.pattern})\}}")
# How deep groups may stand in one another.
_DEPTH: Final = 5


def is_common(latex: str) -> bool:
    """Return True if a formula is common, and so is right."""
    if _READ in latex or not _KNOWN.issuperset(_COMMAND.findall(latex)):
        return False
    for _ in range(_DEPTH):
        if "{" not in latex:
            break
        latex = _GROUP.sub(_READ, latex)
    return _FORMULA.fullmatch(latex) is not None
