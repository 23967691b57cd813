"""Signs inside a line that Markdown must not see: formulas, tags, and the backslashes of paths and regular expressions.

The text is read once, from its beginning to its end. Each character belongs to the first thing that begins at it: a block
of code, code in a line, a formula, an escape, a tag.
"""

import re
from collections.abc import Callable
from typing import Final

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.finding import Finding
from gen2anki.markdown.dollars import COMMON, is_display, is_formula
from gen2anki.markdown.html_tags import PASTED
from gen2anki.markdown.stand_ins import Formula, Parts, Reading, sign
from gen2anki.math.mathjax.tables import TABLES

# Where one of them may begin: a fence, backticks, dollars, a backslash, a tag.
_BEGINNING: Final = re.compile(
    r"^[ \t>]*(?:(?:[-+*]|\d{1,9}[.)])[ \t]+)*(?P<fence>`{3,}(?=[^`\n]*$)|~{3,})|(?P<ticks>`+)|(?P<dollars>\$+)|\\|<",
    re.MULTILINE,
)
# The same where a bracket may hold a reading.
_BEGINNING_OR_READING: Final = re.compile(rf"{_BEGINNING.pattern}|\[", re.MULTILINE)
# The same in a text without a fence.
_BEGINNING_IN_LINE: Final = re.compile(r"(?P<ticks>`+)|(?P<dollars>\$+)|\\|<")
_EMPTY_LINE: Final = re.compile(r"\n[ \t>]*\n")
# What is no part of a formula on lines of its own: empty lines, and the marks of a quotation around it.
_LINE_IN_FORMULA: Final = re.compile(r"\n(?:[ \t>]*\n)*(?:[ \t]*>[ \t]?)*")
_FENCE: Final = 3
_DISPLAY: Final = 2
# An address in angle brackets, which Markdown makes a link of.
_AUTOLINK: Final = re.compile(
    r"<(?:(?:[a-z][a-z0-9+.-]*://|(?:mailto|tel|doi|urn|magnet):)[^\s<>]*|[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+)>",
    re.IGNORECASE,
)
# A backslash takes their meaning from these marks; before all others it is a sign.
_ESCAPED: Final = frozenset("\\`*_[]#+-!|~$<>\n")
# Before these, two backslashes are one that is shown.
_AFTER_TWO: Final = frozenset("()[]*_`${}")
# A number that would begin a list: `1\. January`.
_NUMBER: Final = re.compile(r"(?:^|\n)[ \t>]*\d{1,9}$")
# What only a path or a regular expression has: a backslash before a letter, a digit, a slash; a set of characters.
_CODE_LIKE: Final = re.compile(r"\\[A-Za-z0-9/?^@\"']|\\\.(?!$)|^/.+/[a-z]*[,;.]?$|\[\^")
_LATEX: Final = re.compile(r"\\[A-Za-z]{2,}")
# What stands before the backslash of a path, or of a name.
_IN_NAMES: Final = frozenset(":\\/._")
# Marks of a regular expression that may be the beginning of a command's name.
_REGEX: Final = re.compile(r"\\[bBdDwWsS](?![A-Za-z])")
_WORD_END: Final = re.compile(r"\s|$")
_LINE_END: Final = re.compile(r"\n|$")
# A path that may have blanks in it: it goes on to the line's end.
_PATH: Final = re.compile(r"[\"'(]*(?:[A-Za-z]:\\|\\\\\w)")
# A formula that was meant, by what it begins with, or by a blank next to its dollar.
_COMMAND: Final = re.compile(r" ?\\[A-Za-z]{2,}")
_BEHIND_AMOUNT: Final = re.compile(r"\d ?$")
_FORMULA_SIGN: Final = re.compile(r"[\^_=]")
_LATEX_SIGN: Final = re.compile(r"\\[A-Za-z]|[\^_]")
# A formula whose backslash a text in double quotes made a blank of, which is a problem by itself.
_TORN: Final = re.compile(r"\$[\n\t\r]")
# Two dollars that are a shell's or Perl's: `$$ref`, and `$$` alone, with no operator behind it.
_VARIABLE: Final = re.compile(r"[\w\[{(]|[.,;:!?)]?(?: (?!.{0,200}[=+<>*/])|$)", re.MULTILINE)

# Takes a text, where its last part has ended, and where a bracket opens behind that; returns the reading that it holds.
FindReading = Callable[[str, int, int], Reading | None]


class Reader:
    """Reads one text once. Each step appends to what is made and returns where the next one begins."""

    def __init__(self, text: str, *, html: bool, find_reading: FindReading | None = None) -> None:
        """Take a text as typed; with `html`, tags are meant as HTML; `find_reading` knows the readings of its language."""
        self.parts = Parts()
        self.findings: list[Finding] = []
        self._text = self.parts.hide(text)
        self._html = html
        self._find_reading = find_reading
        self._made: list[str] = []
        self._word_end = 0  # of the last word with a backslash, and whether it is a path or a regular expression
        self._is_code = False
        self._is_regex = False
        self._has_latex = False
        self._no_ticks: dict[str, int] = {}  # up to where no other backticks close these
        self._code_pieces: set[int] = set()  # which pieces of `_made` are code

    @property
    def prose(self) -> str:
        """Return what `read` returned, without the code."""
        if not self._code_pieces:
            return "".join(self._made)
        return "".join("`" if number in self._code_pieces else piece for number, piece in enumerate(self._made))

    def read(self) -> str:
        """Return the text as Markdown may read it."""
        text, done = self._text, 0
        has_reading = self._find_reading is not None and "[" in text
        if not has_reading and not any(sign in text for sign in ("$", "`", "\\", "<", "~~~")):
            self._made.append(text)
            return text
        has_fence = "```" in text or "~~~" in text
        beginning = _BEGINNING_OR_READING if has_reading else _BEGINNING if has_fence else _BEGINNING_IN_LINE
        search = beginning.search
        while found := search(text, done):
            start = found.start()
            char = text[start]
            if char == "[":
                done = self._reading(done, start)
                continue
            self._made.append(text[done:start])
            if has_fence and found["fence"]:
                done = self._fence(start, found.start("fence"), found["fence"])
            elif char == "`":
                done = self._code(start, found["ticks"])
            elif char == "$":
                done = self._math(start, found.end() - start)
            elif char == "\\":
                done = self._backslash(start)
            else:
                done = self._tag(start)
        self._made.append(text[done:])
        return "".join(self._made)

    def _keep(self, start: int, end: int) -> int:
        self._made.append(self._text[start:end])
        return end

    def _reading(self, done: int, bracket: int) -> int:
        """Take a reading out, with the signs before its bracket; leave any other bracket as it is."""
        reading = self._find_reading and self._find_reading(self._text, done, bracket)
        if not reading:
            return self._keep(done, bracket + 1)
        typed = reading.typed()
        begin = bracket + 1 - typed.index("[") - 1
        self._made += (self._text[done:begin], self.parts.add(reading))
        return begin + len(typed)

    def _keep_code(self, start: int, end: int) -> int:
        self._code_pieces.add(len(self._made))
        return self._keep(start, end)

    def _fence(self, start: int, marks_start: int, marks: str) -> int:
        """Keep a block of code."""
        text = self._text
        closing = re.compile(rf"^[ \t>]*{marks[0]}{{{len(marks)},}}[ \t]*$", re.MULTILINE)
        if found := closing.search(text, marks_start + len(marks)):
            return self._keep_code(start, found.end())
        line = text[marks_start:].partition("\n")[0]
        message = f"this block of code is never closed: write a line of '{marks}' alone below it"
        self.findings.append(Finding(message, Code.CODE_FENCE, line))
        return self._keep_code(start, len(text))

    def _code(self, start: int, ticks: str) -> int:
        """Keep code in a line, or backticks that no others close."""
        text, end = self._text, start + len(ticks)
        if self._no_ticks.get(ticks, 0) <= start:
            paragraph = _EMPTY_LINE.search(text, end)
            limit = paragraph.start() if paragraph else len(text)
            if found := re.compile(rf"(?<!`){ticks}(?!`)").search(text, end, limit):
                if len(ticks) >= _FENCE and self._is_line_start(start):
                    message = "a block of code begins and ends with a line of its own: write the text below a '|'"
                    self.findings.append(Finding(message, Code.CODE_FENCE, ticks))
                return self._keep_code(start, found.end())
            self._no_ticks[ticks] = limit
        return self._keep(start, end)

    def _math(self, start: int, dollars: int) -> int:
        """Take a formula out, or leave dollars as they are."""
        end = start + dollars
        if dollars == 1 and (common := COMMON.match(self._text, start)):
            self._made.append(self.parts.add(Formula(self.parts.restore(common[1]), is_display=False)))
            return common.end()
        if dollars <= _DISPLAY:
            closing = self._closing(end, dollars)
            if closing >= 0 and (formula := self._formula(start, closing, dollars)):
                self._made.append(self.parts.add(formula))
                return closing + dollars
        if dollars == 1 and (found := self._meant(end)):
            message = "this '$' begins no math: math is $…$, with no space inside next to the '$'"
            self.findings.append(Finding(message, Code.MATH_UNCLOSED, found))
        elif dollars == _DISPLAY and not self._is_variable(end):
            message = "this '$$' has no partner: math is $$…$$, and two dollar signs are \\$\\$"
            self.findings.append(Finding(message, Code.MATH_UNCLOSED, "$$"))
        return self._keep(start, end)

    def _meant(self, start: int) -> str:
        """Return what behind one dollar was evidently meant as a formula, and is none; empty where nothing was."""
        text = self._text
        if found := _COMMAND.match(text, start):
            return f"${found[0]}"
        if not text.startswith(" ", start) or _BEHIND_AMOUNT.search(text, max(0, start - 3), start - 1):
            return ""
        end = text.find("$", start)
        if end < 0 or text[end - 1] != " " or text[end + 1 : end + 2].isalnum():
            return ""
        return text[start - 1 : end + 1] if _FORMULA_SIGN.search(text, start, end) else ""

    def _is_variable(self, start: int) -> bool:
        """Return True if two dollars are a shell's or Perl's own, and no formula that is never closed."""
        text = self._text
        if not _VARIABLE.match(text, start):
            return False
        end = _LINE_END.search(text, start)
        return not _LATEX_SIGN.search(text, start, end.start() if end else len(text))

    def _is_line_start(self, place: int) -> bool:
        """Return True if nothing but blanks, and marks of a quotation, stands before a character in its line."""
        while place and self._text[place - 1] in " \t>":
            place -= 1
        return place == 0 or self._text[place - 1] == "\n"

    def _closing(self, start: int, dollars: int) -> int:
        """Return where the next dollars stand that no backslash escapes; -1 where they are others, or none."""
        text = self._text
        place = text.find("$", start)
        while place >= 0 and _is_escaped(text, place):
            place = text.find("$", place + 1)
        if place < 0 or not text.startswith("$" * dollars, place):
            return -1
        return -1 if dollars == 1 and text.startswith("$$", place) else place

    def _formula(self, start: int, closing: int, dollars: int) -> Formula | None:
        text = self._text
        inner, behind = text[start + dollars : closing], closing + dollars
        if dollars == 1:
            is_math = is_formula(text[start - 1 : start] if start else "", inner, text[behind : behind + 1])
            return Formula(self.parts.restore(inner), is_display=False) if is_math else None
        if not inner or not is_display(inner):
            return None
        if "\n" in inner:
            has_own_lines = self._is_line_start(start) and inner.startswith("\n")
            if not has_own_lines and _EMPTY_LINE.search(inner):
                return None
            inner = _LINE_IN_FORMULA.sub("\n", inner) if has_own_lines else inner
        return Formula(self.parts.restore(inner), is_display=True)

    def _backslash(self, start: int) -> int:
        """Leave an escape to Markdown; any other backslash is meant as it stands."""
        text = self._text
        following = text[start + 1 : start + 2]
        if not following:
            return self._keep(start, start + 1)
        if self._in_code(start):
            self._find_latex(start)
            # Nothing in a path or a regular expression is a mark.
            is_sign = following.isascii() and not following.isalnum() and not following.isspace()
            self._made.append(sign(f"\\{following}" if is_sign and following != "$" else "\\", is_code=True))
            return start + 1 + (is_sign and following != "$")
        if following == "\\":
            if text[start + 2 : start + 3] in _AFTER_TWO:
                return self._keep(start, start + 2)
            self._made.append(sign("\\\\"))
            return start + 2
        is_escape = following in _ESCAPED or (following == "." and _NUMBER.search(text, max(0, start - 12), start))
        if following == "\n" and text[start + 2 : start + 3] in {" ", "\t"}:
            is_escape = False  # a command of a shell that goes on in the next line
        if is_escape:
            return self._keep(start, start + 2)
        self._made.append(sign("\\"))
        return start + 1

    def _find_latex(self, start: int) -> None:
        """Find a command of LaTeX that is no part of a path, of a name or of a regular expression; the first is enough."""
        text = self._text
        found = None if self._has_latex or self._is_regex else _LATEX.match(text, start)
        before = text[start - 1 : start] if start else ""
        if not found or not _is_latex(found[0][1:]) or before.isalpha() or before in _IN_NAMES:
            return
        self._has_latex = True
        if not _TORN.search(text):
            message = "LaTeX stands in $…$ or $$…$$, and code in backticks"
            self.findings.append(Finding(message, Code.MATH_DELIMITER, found[0]))

    def _in_code(self, start: int) -> bool:
        """Return True if a backslash stands in a word that is evidently a path or a regular expression."""
        text = self._text
        if start >= self._word_end:
            behind = self._word_end  # of the last word: none begins before
            first = max(behind - 1, *(text.rfind(blank, behind, start) for blank in " \n\t")) + 1
            end = _WORD_END.search(text, start)
            if is_path := _PATH.match(text, first) is not None:
                end = _LINE_END.search(text, start)
            self._word_end = end.start() if end else len(text)
            word = text[first : self._word_end]
            self._is_code = is_path or _CODE_LIKE.search(word) is not None
            self._is_regex = _REGEX.search(word) is not None
        return self._is_code

    def _tag(self, start: int) -> int:
        """Hide the bracket of a tag that is shown as typed."""
        text = self._text
        if found := _AUTOLINK.match(text, start):
            return self._keep(start, found.end())
        if not self._html and not text.startswith("](", start - 2):
            if found := PASTED.match(text, start):
                message = "tags are shown as typed: write 'html: true' in the deck, or put code in backticks"
                self.findings.append(Finding(message, Code.HTML_TYPED, found[0]))
            self._made.append(sign("<"))
            return start + 1
        return self._keep(start, start + 1)


def _is_latex(name: str) -> bool:
    """Return True if a command stands in formulas, or in texts of LaTeX."""
    return (name in TABLES.commands and name != "newline") or name in {"emph", "textsc", "item"}


def _is_escaped(text: str, place: int) -> bool:
    """Return True if an odd number of backslashes stands before a character."""
    start = place
    while start and text[start - 1] == "\\":
        start -= 1
    return (place - start) % 2 == 1
