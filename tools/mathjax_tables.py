"""Write src/gen2anki/math/mathjax/tables.json: what Anki's MathJax knows. Needs node, npm and the network.

Run `python tools/mathjax_tables.py` when Anki takes another MathJax. The npm package is the one that Anki bundles, so
that the names come from MathJax itself; what each command takes is found by running it (mathjax_tables.mjs).
"""

import json
import subprocess
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

_VERSION: Final = "3.2.2"
_HERE: Final = Path(__file__).parent
_TARGET: Final = _HERE.parent / "src/gen2anki/math/mathjax/tables.json"
# What no probe can show, because the command stands only in some place, or is read in a way of its own. None: Anki's
# MathJax stops at it, as mathtools is loaded twice there.
_TAKES: Final[dict[str, str | None]] = (
    dict.fromkeys(("shoveleft", "shoveright", "Aboxed", "vdotswithin", "pmb", "braket", "Braket", "set", "Set"), "m")
    | dict.fromkeys(("cellcolor", "rowcolor", "columncolor", "unicode", "xmathstrut"), "or")
    | dict.fromkeys(("usetagform", "mathtoolsset", "require", "uproot", "leftroot"), "r")
    | dict.fromkeys(("raise", "lower", "moveleft", "moveright"), "l")
    | dict.fromkeys(("Newextarrow", "definecolor"), "rrr")
    | dict.fromkeys(("AxiomC", "UnaryInfC", "BinaryInfC", "TrinaryInfC", "QuaternaryInfC", "QuinaryInfC"), "t")
    | dict.fromkeys(("AXC", "UIC", "BIC", "TIC", "RL", "LL", "RightLabel", "LeftLabel"), "t")
    | {"adjustlimits": None, "prescript": None, "toggle": None, "empheql": None, "empheqr": None}
    | {
        "cfrac": "omm",
        "texttip": "mr",
        "genfrac": "rrrrmm",
        "shortvdotswithin": "sm",
        "ArrowBetweenLines": "so",
        "MoveEqLeft": "o",
    }
    | {"abovewithdelims": "ddl", "tag": "st", "mmlToken": "ror", "DeclareMathOperator": "srr", "overunderset": "mmm"}
)


def _tables(folder: str) -> dict[str, Any]:
    """Return what the script prints about the npm package, which is put into a folder for it."""
    subprocess.run(["npm", "install", "--prefix", folder, f"mathjax-full@{_VERSION}"], check=True, stdout=2)
    package = f"{folder}/node_modules/mathjax-full"
    printed = subprocess.run(["node", _HERE / "mathjax_tables.mjs", package], check=True, stdout=subprocess.PIPE)
    made: dict[str, Any] = json.loads(printed.stdout)
    return made


def _joined(names: list[str]) -> str:
    return " ".join(sorted(names))


def _grouped(takes: dict[str, str | None]) -> dict[str, str]:
    """Return names by what they take: the names of each group in one string, in order."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name, kinds in takes.items():
        groups[kinds or ""].append(name)
    return {kinds: _joined(groups[kinds]) for kinds in sorted(groups)}


def main() -> None:
    """Write the data file."""
    with tempfile.TemporaryDirectory() as folder:
        found = _tables(folder)
    commands = {name: _TAKES.get(name, kinds) for name, kinds in found["commands"].items()}
    commands = {name: kinds for name, kinds in commands.items() if name not in _TAKES or _TAKES[name] is not None}
    flags, uses = found["flags"], found["uses"]
    data = {
        "mathjax": _VERSION,
        "commands": _grouped(commands),
        "environments": _grouped(found["environments"]),
        "needs_braces": _joined([name for name in commands if "b" in flags.get(name, "")]),
        "operators": _joined([name for name in commands if "p" in flags.get(name, "")]),
        "silent": _joined([name for name in commands if "n" in flags.get(name, "") and "x" not in flags[name]]),
        "transparent": _joined([name for name in commands if "k" in flags.get(name, "")]),
        "with_superscript": _joined([name for name in commands if "x" in flags.get(name, "")]),
        "with_subscript": _joined([name for name in commands if "y" in flags.get(name, "")]),
        "proofs": _joined(found["proofs"]),
        "without_cells": _joined(
            [name for name, faults in uses.items() if faults[1] in {"Misplaced", "MultlineRowsOneCol"}]
        ),
        "without_tags": _joined([name for name, faults in uses.items() if faults[3] == "CommandNotAllowedInEnv"]),
        "equations": _joined([name for name, faults in uses.items() if faults[6] == "ErroneousNestingEq"]),
        "delimiters": _joined(found["delimiters"]),
    }
    _write(data | {"differs": ""})
    # The tables are read by what compares the two.
    _write(data | {"differs": _joined(_differing(commands))})


def _write(data: dict[str, Any]) -> None:
    _TARGET.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _differing(commands: dict[str, str | None]) -> list[str]:
    """Return the commands that math-core takes somewhere where MathJax does not."""
    from math_core import LatexError, LatexToMathML

    from gen2anki.math.mathjax.reader import Reader

    converter = LatexToMathML(fancy_error=False)

    def both(latex: str) -> bool:
        try:
            converter.convert_with_local_state(latex, displaystyle=True)
        except LatexError:
            return True
        return not Reader(latex).read()

    # A length behind `\\\\` is looked for in each formula.
    names = [name for name in commands if name != "\\"]
    return [name for name in names if not all(map(both, _trials(name, commands[name] or "")))]


def _trials(name: str, takes: str) -> list[str]:
    """Return formulas with one command, right ones and wrong ones."""
    command = f"\\{name}"
    examples = {"m": "{x}", "t": "{x}", "r": "{1}", "d": "(", "D": "(", "l": "{1pt}", "o": "", "O": "", "s": ""}
    whole = command + "".join(examples[kind] for kind in takes) + " "
    cut = [command + "".join(examples[kind] for kind in takes[:count]) for count in range(len(takes))]
    trials = [
        whole,
        *cut,
        f"{command} x y z",
        f"{command} [3]{{x}}{{y}}",
        f"{command}[{{x}}{{y}}",
        f"{command}{{}}{{}}",
        f"{command}*{{x}}{{y}}",
    ]
    trials += [
        f"{whole}^2_3'",
        f"{whole}'^2",
        f"x_{{{whole}}}",
        f"{{{whole}}}^2",
        f"\\left({whole}\\right)",
        f"{whole}\\limits_2^3",
    ]
    trials += [
        f"{whole}^2^3",
        f"{whole}_2_3",
        f"x^2{whole}^3",
        f"{whole}&",
        f"{whole}\\\\ x",
        f"({whole}",
        f"a {whole} b",
    ]
    head, last, tail = whole.rpartition("{x}")
    trials += [f"{head}{argument}{tail}" for argument in ("{\\end{matrix}}", "{x_1}_2", "{x^1}^2", "{x^1}'") if last]
    return [
        *trials,
        f"{{{command}}}{{x}}{{x}}{{x}}{{x}}",
        f"\\frac{{{whole}}}{{{whole}}}",
        f"\\begin{{matrix}}{whole} & {whole}\\end{{matrix}}",
    ]


if __name__ == "__main__":
    main()
