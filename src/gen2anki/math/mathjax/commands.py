"""Commands that are more than a sign with arguments: what they need around them, and what they do to it."""

from collections.abc import Callable
from typing import Final

from gen2anki.math.mathjax.arguments import LENGTH, WITH_CELLS
from gen2anki.math.mathjax.environments import Environments
from gen2anki.math.mathjax.state import OPERATOR, OVER, UNDER, Call, RefusedError, Scope
from gen2anki.math.mathjax.tables import TABLES

_OVER: Final = frozenset(("over", "atop", "choose", "brace", "brack", "above", "overwithdelims", "atopwithdelims")) | {
    "abovewithdelims"
}
_STYLES: Final = frozenset(
    ("displaystyle", "textstyle", "scriptstyle", "scriptscriptstyle", "color", "tiny", "Tiny")
) | {*("scriptsize", "small", "normalsize", "large", "Large", "LARGE", "huge", "Huge", "require", "buildrel")}
_BOXES: Final = frozenset(("raise", "lower", "moveleft", "moveright"))
_NEED_BRACES: Final = (TABLES.needs_braces | _BOXES) - TABLES.silent
_REFERENCES: Final = frozenset(("ref", "eqref", "refeq"))


class Commands(Environments):
    """Reads commands."""

    def command(self, word: str, start: int) -> None:
        """Take a command."""
        name = word[1:]
        scope = self._scopes[-1]
        if not name:
            raise RefusedError("a backslash can't end a formula", start, start + 1)
        if act := _COMMANDS.get(name):
            act(self, name, start)
            return
        takes = self._takes(name, start)
        if scope.pending in {"^", "_"} and name in _NEED_BRACES and name not in self._own:
            script = self._text[scope.pending_at]
            text = f"\\{name} can't be a script as it stands: write {script}{{\\{name} …}}"
            raise RefusedError(text, scope.pending_at, self._at)
        if name in _OVER:
            if scope.has_over:
                text = f"'\\{name}' stands twice in one group: put braces around one of them"
                raise RefusedError(text, start, self._at)
            scope.has_over = True
        self._arguments(Call(name, start, takes))

    def _called(self, call: Call) -> None:
        """Take what a command makes of its arguments."""
        name, scope = call.name, self._scopes[-1]
        if call.takes and call.name.startswith("{"):  # an environment's
            self._begun(call)
        elif name in _OVER or name in _STYLES:
            scope.scripts = 0
            scope.is_fresh = False
        elif name in _BOXES:
            scope.pending, scope.pending_at = f"\\{name}", call.start
        elif name == "label" or name in _REFERENCES:
            self._label(name, call.start)
        elif name == "tag":
            self._tagged(call.start)
        elif name == "require":
            self._is_open = True
        elif name not in TABLES.silent and not (call.takes == "t" and call.is_empty):
            self._set(call.start, operator=name in TABLES.operators)
            if name in TABLES.transparent:
                scope.scripts = call.scripts
            scope.scripts |= OVER * (name in TABLES.with_superscript) | UNDER * (name in TABLES.with_subscript)

    def _tagged(self, start: int) -> None:
        scope = next((scope for scope in reversed(self._scopes) if _numbers(scope)), self._scopes[0])
        if scope.name in TABLES.without_tags:
            raise RefusedError(f"\\tag can't stand in {{{scope.name}}}: put it behind it", start, start + 4)
        if scope.is_tagged:
            raise RefusedError("a line can have one \\tag", start, start + 4)
        scope.is_tagged = True

    def left(self, name: str, start: int) -> None:
        r"""Take `\left` with its delimiter."""
        self._delimiter(name, start)
        self._push(Scope("left", start))

    def right(self, name: str, start: int) -> None:
        r"""Take `\right` or `\middle` with its delimiter."""
        self._delimiter(name, start)
        scope = self._scopes[-1]
        self._check_pending(scope)
        if scope.kind != "left":
            raise self._without_partner(scope, f"\\{name}", "\\left", start)
        if name == "middle":
            scope.scripts, scope.has_over = 0, False
            return
        self._scopes.pop()
        self._set(scope.start)

    def limits(self, name: str, start: int) -> None:
        r"""Take `\limits` or `\nolimits`."""
        scope = self._scopes[-1]
        if scope.pending or not scope.scripts & OPERATOR:
            raise RefusedError(f"\\{name} can stand only behind an operator, such as \\sum", start, self._at)

    def end_row(self, name: str, start: int) -> None:
        r"""Take `\\` or `\cr`, with a length in brackets."""
        scope = self._scopes[-1]
        self._check_pending(scope)
        if name == "\\":
            self._at += self._text.startswith("*", self._at)
            if self._text.startswith("[", self._at):
                here = self._at
                self._brackets(Call("\\", start, "o"), here, in_math=False)
                inside = self._text[here + 1 : self._at - 1]
                if inside and not LENGTH.match(inside):
                    text = "behind \\\\ MathJax takes […] for a length: write \\\\{} […]"
                    raise RefusedError(text, start, self._at)
        elif name == "cr" and not scope.has_cells:
            raise RefusedError("\\cr ends a row, and here is no table: write \\\\", start, self._at)
        self._next_cell(scope)
        scope.is_fresh = True
        scope.is_tagged = False

    def line(self, name: str, start: int) -> None:
        r"""Take `\hline`, `\hfill` and the like, which stand only in tables."""
        scope = self._scopes[-1]
        if scope.pending or not scope.has_cells or (not scope.is_fresh and "line" in name):
            where = "at the beginning of a row of a table" if "line" in name else "in a table"
            raise RefusedError(f"\\{name} can stand only {where}", start, self._at)

    def verb(self, name: str, start: int) -> None:
        r"""Take `\verb|…|`."""
        here = self._behind_space()
        end = self._text.find(self._text[here : here + 1], here + 1, self._scopes[-1].limit)
        if end < 0:
            raise RefusedError(f"\\{name} stands between two signs that are the same, as in \\verb|x|", start, self._at)
        self._at = end + 1
        self._set(start)

    def table(self, name: str, start: int) -> None:
        r"""Take a table in braces, `\matrix{a & b}`."""
        if not self._text.startswith("{", self._behind_space()):
            raise self._missing(Call(name, start, "m"))
        self._arguments(Call(name, start, "m"))

    def root(self, name: str, start: int) -> None:
        r"""Take `\root n \of x`."""
        of = self._text.find("\\of", self._at, self._scopes[-1].limit)
        if of < 0:
            raise RefusedError(f"\\{name} needs \\of: write \\sqrt[3]{{x}}", start, self._at)
        self._at = of + 3
        self._arguments(Call(name, start, "m"))


def _numbers(scope: Scope) -> bool:
    return scope.kind == "begin" and (scope.name in TABLES.equations or scope.name in TABLES.without_tags)


_COMMANDS: Final[dict[str, Callable[[Commands, str, int], None]]] = {
    **dict.fromkeys(("right", "middle"), Commands.right),
    **dict.fromkeys(("limits", "nolimits"), Commands.limits),
    **dict.fromkeys(("\\", "newline", "cr"), Commands.end_row),
    **dict.fromkeys(("hline", "hdashline", "hfill", "hfil", "hfilll"), Commands.line),
    **dict.fromkeys(WITH_CELLS - {"substack", "crampedsubstack"}, Commands.table),
    **dict.fromkeys(("def", "let", "newcommand", "renewcommand", "DeclareMathOperator"), Commands.define),
    **dict.fromkeys((f"DeclarePairedDelimiter{kind}" for kind in ("", "X", "XPP", "s", "sX", "sXPP")), Commands.define),
    **dict.fromkeys(("newenvironment", "renewenvironment"), Commands.new_environment),
    "left": Commands.left,
    "begin": Commands.begin,
    "end": Commands.finish,
    "verb": Commands.verb,
    "root": Commands.root,
}
