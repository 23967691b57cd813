"""The formulas of tests/formulas, and random ones made of what MathJax knows."""

import random
from pathlib import Path
from typing import Final, NamedTuple

from gen2anki.math.mathjax.tables import TABLES

_FOLDER: Final = Path(__file__).parent / "formulas"


class Wrong(NamedTuple):
    """A faulty formula: where `check` points, with which code, and what MathJax shows where it sees no error."""

    latex: str
    where: str
    code: str
    shown: str = ""


def _lines(name: str) -> list[str]:
    lines = (_FOLDER / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("# ")]


def right() -> list[str]:
    """Return the formulas that are right."""
    return _lines("right.txt")


def wrong() -> list[Wrong]:
    """Return the formulas that are not."""
    return [Wrong(*line.split("\t")) for line in _lines("wrong.txt")]


# Commands that stand only in some places, define something, or reach beyond their formula.
_ELSEWHERE: Final = """
    let def verb root require begin end left right middle limits nolimits cr hline hdashline hfill hfil hfilll buildrel
    definecolor Newextarrow usetagform mathtoolsset refeq ref eqref unicode mmlToken genfrac Aboxed shoveleft shoveright
    vdotswithin shortvdotswithin MoveEqLeft ArrowBetweenLines cellcolor rowcolor columncolor leftroot uproot bbox ce pu
    empheqbigl empheqbigr enclose skew toggle MTFlushSpaceAbove MTFlushSpaceBelow xmathstrut overwithdelims
    atopwithdelims abovewithdelims Tiny matrix pmatrix cases array eqalign eqalignno leqalignno displaylines raise lower
    moveleft moveright mathchoice class cssId href style
"""
_APART: Final = TABLES.proofs | TABLES.silent | frozenset(_ELSEWHERE.split())
_COMMANDS: Final = sorted(TABLES.commands.keys() - _APART)
_TAKING: Final = [name for name in _COMMANDS if TABLES.commands[name]]
_ENVIRONMENTS: Final = ("matrix", "pmatrix", "cases", "aligned", "gathered", "array", "smallmatrix", "split", "align")
_DELIMITERS: Final = sorted(TABLES.delimiters)
_BREAKS: Final[tuple[str, ...]] = (
    *(
        "{",
        "}",
        "^",
        "_",
        "&",
        "'",
        "#",
        "\\\\",
        "\\left(",
        "\\right)",
        "\\frac",
        "\\hat",
        "\\sqrt",
        "\\limits",
        "\\over",
    ),
    *("\\middle|", "\\hline", "\\end{matrix}", "\\color{blue}"),
)


class Random:
    """Makes formulas at random: all that commands take is there, but scripts and the like may collide."""

    def __init__(self, seed: int) -> None:
        """Make the same formulas for the same seed."""
        self._random = random.Random(seed)  # noqa: S311 (no secret)

    def formula(self, depth: int = 2) -> str:
        """Return a formula."""
        made = ""
        for _ in range(self._random.randint(1, 4)):
            part = self._part(depth)
            made += " " * (made[-1:].isalpha() and part[0].isalpha()) + part
            made += self._random.choice(["", "", "", "", "^{2}", "_i", "^n_k", "'", "_{x+1}", "^\\infty ", "^\\frac12"])
        return made

    def broken(self) -> str:
        """Return a formula with a character too few, or a part too many."""
        made = self.formula()
        place = self._random.randrange(len(made))
        part: str = self._random.choice(["", self._random.choice(_BREAKS)])
        return made[:place] + part + made[place + 1 :]

    def _part(self, depth: int) -> str:
        kind = self._random.random()
        if depth <= 0 or kind < 0.35:
            sign: str = self._random.choice([*"abcxyz123+-=<>,()|!", "\\alpha ", "\\sin ", "\\sum ", "\\to ", "\\,"])
            return sign
        if kind < 0.7:
            return self._command(depth)
        inside = self.formula(depth - 1)
        if kind < 0.8:
            return f"{{{inside}}}"
        if kind < 0.9:
            return f"\\left{self._random.choice(_DELIMITERS)} {inside}\\right{self._random.choice(_DELIMITERS)} "
        name = self._random.choice(_ENVIRONMENTS)
        columns = "{cc}" if name == "array" else ""
        return f"\\begin{{{name}}}{columns}{inside} & {self.formula(depth - 1)} \\\\ {inside}\\end{{{name}}}"

    def _command(self, depth: int) -> str:
        name = self._random.choice(self._random.choice([_COMMANDS, _TAKING]))
        made = f"\\{name}"
        for kind in TABLES.commands[name]:
            made += {
                "m": f"{{{self.formula(depth - 1)}}}",
                "t": "{some words}",
                "r": "{blue}",
                "l": "{1pt}",
                "d": "(",
                "D": "(",
            }.get(kind, "")
        return made + " "
