r"""The formulas of chemistry, `\ce{…}`, to plain LaTeX: the notation of the mhchem package, as far as lessons use it."""

import re
from typing import Final

_ARROWS: Final = {
    "<=>": "rightleftharpoons",
    "<=>>": "rightleftharpoons",
    "<<=>": "rightleftharpoons",
    "<->": "leftrightarrow",
    "<-->": "leftrightarrow",
    "->": "rightarrow",
    "-->": "rightarrow",
    "<-": "leftarrow",
}
_ARROW: Final = re.compile(r"(<<=>|<=>>|<=>|<-->|<->|-->|->|<-)(?:\[([^\[\]]*)\])?(?:\[([^\[\]]*)\])?")
# One part of a formula, in the order in which they are tried.
_PART: Final = re.compile(
    r"""
      (?P<math>\$[^$]*\$)
    | (?P<state>\((?:s|l|g|aq|cr|am)\))
    | (?P<element>[A-Z][a-z]?|[a-z](?![a-z]))
    | (?P<number>\d+)
    | (?P<index>[_^])(?:\{(?P<group>[^{}]*)\}|(?P<bare>\d*[+-]|\d+|[A-Za-z+-]))
    | (?P<bond>[-=#](?=[A-Z(\[]))
    | (?P<charge>[+-](?=$|\((?:s|l|g|aq)\)))
    | (?P<dot>[*.](?=[A-Z\d(]))
    | (?P<bracket>[()\[\]])
    | (?P<command>\\[A-Za-z]+|\\[{}])
    """,
    re.VERBOSE,
)
_AMOUNT: Final = re.compile(r"(\d+/\d+|\d+(?:\.\d+)?|[a-z](?=[A-Z(\[]))(?=[A-Z(\[\\]|$)")
_BONDS: Final = {"-": "{-}", "=": "{=}", "#": "{\\equiv}"}


_SIGNS: Final = {"+": "+", "-": "-", "v": r"\downarrow", "(v)": r"\downarrow", "^": r"\uparrow", "(^)": r"\uparrow"}


class ChemistryError(Exception):
    r"""A `\ce` is written in a way that is not known here."""


def chemistry(text: str) -> str:
    r"""Return plain LaTeX for what stands in a `\ce{…}`.

    Raises:
        ChemistryError: it is written in a way that is not known here.
    """
    made, done = [], 0
    for arrow in _ARROW.finditer(text):
        made += [_side(text[done : arrow.start()]), _arrow(arrow)]
        done = arrow.end()
    return " ".join([*made, _side(text[done:])]).strip()


def _arrow(found: re.Match[str]) -> str:
    sign, above, below = found.groups()
    if not (above or below):
        return rf"\mathrel{{\long{_ARROWS[sign]}}}" if "harpoon" not in _ARROWS[sign] else r"\rightleftharpoons"
    return rf"\x{_ARROWS[sign]}{f'[{chemistry(below)}]' if below else ''}{{{chemistry(above or '')}}}"


def _side(text: str) -> str:
    """Return what stands on one side of an arrow: substances, with signs between them."""
    return r"\,".join(filter(None, map(_word, text.split()))).replace(r"\,+\,", " + ").replace(r"\,-\,", " - ")


def _word(word: str) -> str:
    if word in _SIGNS:
        return _SIGNS[word]
    if re.fullmatch(r"\d+(?:\.\d+)?|\d+/\d+", word):
        return _amount(word)
    if re.fullmatch(r"[a-z]{2,}|°C", word):  # a word above an arrow
        return rf"\text{{{word}}}"
    amount = _AMOUNT.match(word)
    if amount:
        return _amount(amount[1]) + r"\," + _substance(word[amount.end() :])
    return _substance(word)


def _amount(text: str) -> str:
    above, slash, below = text.partition("/")
    return rf"\tfrac{{{above}}}{{{below}}}" if slash else text


def _substance(text: str) -> str:
    r"""Return one substance, such as `[Cu(NH3)4]^2+`; what is an index hangs on what stands before it."""
    made, done, is_open = "", 0, True  # open: at the start, or behind what can bear no index
    while done < len(text):
        part = _PART.match(text, done)
        if not part:
            raise ChemistryError(text)
        done = part.end()
        made += _latex(part, is_open=is_open)
        is_open = part.lastgroup in {"bond", "dot"} or part["bracket"] in {"(", "["}
    return made


def _latex(part: re.Match[str], *, is_open: bool) -> str:  # noqa: PLR0911
    if part["math"]:
        return f"{{{part['math'][1:-1]}}}"
    if part["state"]:
        return ("" if is_open else r"\,") + rf"\text{{{part['state']}}}"
    if part["element"]:
        return rf"\mathrm{{{part['element']}}}"
    if part["number"]:
        return part["number"] + r"\," if is_open else f"_{{{part['number']}}}"
    if part["index"]:
        what = part["group"] if part["group"] is not None else part["bare"]
        what = what if re.fullmatch(r"[\d+-]*", what) else rf"\mathrm{{{what}}}"
        # A charge stands behind an index, not above it.
        return f"{{}}{part['index']}{{{what}}}" if part["index"] == "^" or is_open else f"_{{{what}}}"
    if part["charge"]:
        return f"{{}}^{{{part['charge']}}}"
    if part["bond"]:
        return _BONDS[part["bond"]]
    if part["dot"]:
        return r"\cdot "
    return part["bracket"] or part["command"] + " "
