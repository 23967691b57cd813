r"""LaTeX as Anki's MathJax takes it to LaTeX as math-core does: what only the first has, in words of the second."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from gen2anki.page.chemistry import chemistry

# Environments that number their lines, which MathJax in Anki does not, and one that has another name.
_ENVIRONMENT: Final = re.compile(r"\\(begin|end)\{(align|gather|alignat|flalign|equation|split)\*?\}")
_UNNUMBERED: Final = {
    "align": "aligned",
    "alignat": "aligned",
    "flalign": "aligned",
    "split": "aligned",
    "gather": "gathered",
    "equation": "gathered",
}
_ALIGNAT: Final = re.compile(r"(\\begin\{alignat\*?\})\s*\{\d+\}")
_EQNARRAY: Final = re.compile(r"\\begin\{eqnarray\*?\}(.*?)\\end\{eqnarray\*?\}", re.DOTALL)
_SMALL_MATRIX: Final = re.compile(r"\\begin\{smallmatrix\}(.*?)\\end\{smallmatrix\}", re.DOTALL)
_TAG: Final = re.compile(r"\\tag(\*?)\s*\{\$?([^{}$]*)\$?\}")
_TAGGED: Final = re.compile(r"\\begin\{(align|gather|equation)\*?\}(.*)\\end\{\1\*?\}", re.DOTALL)
_LINE_END: Final = re.compile(r"\\\\(?:\[[^\]]*\])?")
_COLUMN_END: Final = re.compile(r"(?<!\\)&")
_DOLLAR: Final = re.compile(r"(?<!\\)\$")
# What a browser has no use for: MathJax loads packages with the first, and numbers hang on the others.
_IDLE: Final = re.compile(r"\\(?:require|label)\s*\{[^{}]*\}|\\(?:notag|nonumber)(?![A-Za-z])")
_MULTILINE: Final = re.compile(r"\\begin\{multline\}(.*?)\\end\{multline\}", re.DOTALL)
_LIMITS: Final = re.compile(r"\\mathop\s*\{\s*\\(?:mathrm|text|rm)\s*\{([A-Za-z]+)\}\s*\}\s*\\limits(?![A-Za-z])")
# An arrow with a text above it alone: not all browsers stretch it, but all do one with two.
_ARROW: Final = re.compile(r"(\\x(?:left|right|Left|Right|leftright|hook|map|rightleft)[A-Za-z]*)\s*(?=\{)")
_COMMAND: Final = re.compile(r"\\(ce|substack|mbox|text|href|class|cssId)(?![A-Za-z])\s*(?=\{)")


def rewritten(latex: str, *, display: bool) -> str:
    r"""Return a formula in the LaTeX that math-core takes.

    Raises:
        ChemistryError: a `\ce` is written in a way that is not known here.
    """
    if "\\" not in latex:
        return latex
    latex = _with_arguments(latex)
    if "\\begin" in latex or "\\tag" in latex:
        if display and "\\tag" in latex:
            return _tagged(latex)
        latex = _ALIGNAT.sub(r"\1", latex)
        latex = _ENVIRONMENT.sub(lambda found: f"\\{found[1]}{{{_UNNUMBERED[found[2]]}}}", latex)
        latex = _MULTILINE.sub(r"\\begin{multline*}\1\\end{multline*}", latex)
        latex = _EQNARRAY.sub(r"\\begin{array}{rcl}\1\\end{array}", latex)
        latex = _SMALL_MATRIX.sub(_small_matrix, latex)
    latex = _ARROW.sub(r"\1[{}]", _IDLE.sub("", latex))
    latex = latex.replace(r"\widetilde", r"\tilde")  # a tilde over several letters is wide, see `formulas`
    return _LIMITS.sub(r"\\operatorname*{\1}", latex)


def _with_arguments(latex: str) -> str:
    """Rewrite the commands whose argument may hold braces."""
    made, done = "", 0
    for found in _COMMAND.finditer(latex):
        if found.start() < done:
            continue
        end = argument_end(latex, found.end())
        command, argument = found[1], latex[found.end() + 1 : end - 1]
        if command in {"href", "class", "cssId"} and latex.startswith("{", end):  # what it leads to, or is called
            argument = ""
        made += latex[done : found.start()] + _ARGUMENTS[command](argument)
        done = end
    return made + latex[done:]


def argument_end(latex: str, start: int) -> int:
    """Return where the argument in braces that begins at `start` ends."""
    depth = 0
    at = start
    while at < len(latex):
        if latex[at] == "\\":
            at += 1
        elif latex[at] == "{":
            depth += 1
        elif latex[at] == "}":
            depth -= 1
            if not depth:
                return at + 1
        at += 1
    return len(latex)


def _text(argument: str) -> str:
    r"""Return a `\text` with the math in it as math of its own."""
    parts = _DOLLAR.split(argument)
    if len(parts) % 2 == 0:  # one dollar is left over
        parts = [argument]
    return "".join(part if place % 2 else (rf"\text{{{part}}}" if part else "") for place, part in enumerate(parts))


def _substack(argument: str) -> str:
    return rf"\begin{{subarray}}{{c}}{_with_arguments(argument)}\end{{subarray}}"


_ARGUMENTS: Final[dict[str, Callable[[str], str]]] = {
    "ce": lambda argument: f"{{{chemistry(argument)}}}",
    "substack": _substack,
    "mbox": _text,
    "text": _text,
    "href": lambda _: "",
    "class": lambda _: "",
    "cssId": lambda _: "",
}


def _small_matrix(found: re.Match[str]) -> str:
    columns = max(len(_COLUMN_END.findall(line)) for line in _LINE_END.split(found[1])) + 1
    return rf"\begin{{subarray}}{{{'c' * columns}}}{found[1]}\end{{subarray}}"


def _tagged(latex: str) -> str:
    """Return a display formula with its tags, in an environment that can have them; lines without one get no number."""
    inside = _TAGGED.search(latex)
    kind, lines = (inside[1], inside[2]) if inside else ("equation", latex)
    made = r"\\".join(_tagged_lines(_IDLE.sub("", lines)))
    return rf"\begin{{{kind}}}{made}\end{{{kind}}}"


def _tagged_lines(lines: str) -> Iterator[str]:
    for line in _LINE_END.split(lines):
        tag = _TAG.search(line)
        if tag:
            yield _TAG.sub("", line) + rf"\tag{tag[1]}{{{tag[2]}}}"
        else:
            yield line + (r"\notag" if line.strip() else "")
