r"""The macros of a lesson, `deck.macros`: put into its formulas when the deck is built, so that Anki needs none.

A macro takes as many arguments as its text names, `#1` to `#9`. It may use others; they are put into its text once, so
that a macro which leads back to itself is found there, and a formula takes one pass.
"""

import re
from collections.abc import Mapping
from typing import Final

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.finding import Finding
from gen2anki.math.expansion import COMMAND, Braces, Expansion, Macro, TooMuchError, takes_next
from gen2anki.math.mathjax.messages import unknown_command
from gen2anki.math.mathjax.tables import TABLES

_NAME: Final = re.compile(r"\\(?:[A-Za-z]+|[0-9])")
_ARGUMENT: Final = re.compile(r"\\.|#([1-9]?)", re.DOTALL)


class Macros:
    """The macros of a lesson. What is wrong with some is in `faults`, by their names: those are put in nowhere."""

    def __init__(self, typed: Mapping[str, str]) -> None:
        """Take each macro's text by its name, as typed."""
        self._macros: dict[str, Macro] = {}
        self.faults: dict[str, Finding] = {}
        for name, text in typed.items():
            if fault := _fault(name, text):
                self.faults[name] = fault
        self._resolve({name: text for name, text in typed.items() if name not in self.faults})
        for name, text in typed.items():
            if name not in self.faults and (fault := self._unknown(text)):
                self.faults[name] = fault

    def are_in(self, latex: str) -> bool:
        """Return True if a formula has a macro in it."""
        return "\\" in latex and not self._macros.keys().isdisjoint(COMMAND.findall(latex))

    def has_faulty(self, latex: str) -> bool:
        """Return True if a formula has a macro in it that something is wrong with."""
        return bool(self.faults) and not self.faults.keys().isdisjoint(COMMAND.findall(latex))

    def put_in(self, latex: str) -> str:
        """Return a formula with its macros put in; as typed where they come to too much, which `findings` tells."""
        if not self.are_in(latex):
            return latex
        try:
            return self.expansion(latex).made.text
        except TooMuchError:
            return latex

    def expansion(self, latex: str) -> Expansion:
        """Return a formula with its macros put in, and the way back; raise TooMuchError where they come to too much."""
        return Expansion(latex, self._macros)

    def _resolve(self, texts: dict[str, str]) -> None:
        """Put the macros into one another: each when those that it uses are done."""
        uses = {name: [word for word in COMMAND.findall(text) if word in texts] for name, text in texts.items()}
        for first in texts:
            way = [first]  # from a macro to one that it uses, and so on
            while way:
                name = way[-1]
                other = next(
                    (word for word in uses[name] if word not in self._macros and word not in self.faults), None
                )
                if name in self._macros or name in self.faults:
                    way.pop()
                elif other is None:
                    self._add(name, texts[name])
                elif other in way:
                    loop = " → ".join([*way[way.index(other) :], other])
                    self.faults[other] = Finding(f"this macro leads back to itself: {loop}", Code.MATH_MACRO, other)
                else:
                    way.append(other)

    def _add(self, name: str, text: str) -> None:
        if self.has_faulty(text):
            wrong = next(word for word in COMMAND.findall(text) if word in self.faults)
            self.faults[name] = Finding(f"this macro uses {wrong}, which is not right itself", Code.MATH_MACRO, wrong)
            return
        try:
            expansion = self.expansion(text)
        except TooMuchError:
            fault = "this macro comes to too much: others in it make it too long"
            self.faults[name] = Finding(fault, Code.MATH_MACRO, text)
            return
        if expansion.missing:
            missing = expansion.missing[0]
            self.faults[name] = Finding(missing_arguments(missing.name, missing.count), Code.MATH_MACRO, missing.name)
            return
        self._macros[name] = _compiled(expansion.made.text)

    def _unknown(self, text: str) -> Finding | None:
        """Return what is wrong with the commands in a macro."""
        for word in COMMAND.findall(text):
            if word[1:] not in TABLES.commands and word not in self._macros and word not in self.faults:
                return Finding(unknown_command(word[1:]), Code.MATH_COMMAND, word)
        return None


def missing_arguments(name: str, count: int) -> str:
    """Return what to say about a macro that lacks arguments."""
    return f"the macro {name} needs {'an argument' if count == 1 else f'{count} arguments'}, {{…}}"


def _fault(name: str, text: str) -> Finding | None:
    """Return what is wrong with a macro's name or text; none where it is right, or uses what may not be."""
    if not _NAME.fullmatch(name):
        better = re.sub(r"[^A-Za-z]", "", name)
        cure = f"'\\{better}'" if better else "'\\R'"
        return Finding(f"a macro is named by a backslash and letters, such as {cure}", Code.MATH_MACRO)
    if not Braces(text).are_paired:
        return Finding("a brace in this macro has no partner", Code.MATH_MACRO)
    numbers = set()
    for found in _ARGUMENT.finditer(text):
        if found[0] == "#":
            wrong = text[found.start() : found.start() + 2]
            return Finding("an argument of a macro is #1 to #9, and the sign itself is \\#", Code.MATH_MACRO, wrong)
        if found[1]:
            numbers.add(int(found[1]))
    if numbers and (gap := set(range(1, max(numbers))) - numbers):
        return Finding(f"this macro has #{max(numbers)} and no #{min(gap)}", Code.MATH_MACRO, f"#{max(numbers)}")
    return None


def _compiled(text: str) -> Macro:
    """Return a macro by its text."""
    braces = Braces(text)
    parts: list[str | tuple[int, bool]] = []
    done = count = 0
    for found in _ARGUMENT.finditer(text):
        if found[1]:
            parts += (text[done : found.start()], (int(found[1]), takes_next(text, found.start(), braces)))
            done, count = found.end(), max(count, int(found[1]))
    parts.append(text[done:])
    return Macro(count, tuple(part for part in parts if part != ""))
