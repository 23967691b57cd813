"""Signs at a line's beginning: each is a mark of Markdown only where a mark makes sense.

- `- words` begins a list if another entry of the same mark follows. Signs before numbers, below a line of text, are none.
- `> Words` is a quotation if it begins like a sentence: with a capital letter, a quotation mark, or a letter of a script
  without capitals. So is `# Words` a heading, if it stands by itself.
- A line of `-` or `*` is a rule between paragraphs, with empty lines around it. No line of `-` or `=` makes a heading of the
  one above.
- `[x]: address` is an address if some text links `[x]`.
- Blanks at a line's beginning are shown; they make no code.

A line that is not indented ends the list, or the quotation, above it.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

from gen2anki.markdown.stand_ins import sign

# What is worth a look: a line that begins with one of these signs, or with a number.
_MARK: Final = r"[ \t]*(?:[-+*>#=_\[]|\d{1,9}[.)])"
_FIRST: Final = re.compile(rf"{_MARK}|[ \t]+\S")
_LATER: Final = re.compile(rf"\n(?:{_MARK}|[ \t]*\n[ \t]+\S)")
_INDENT: Final = re.compile(r"[ \t]*")
_ENTRY: Final = re.compile(r"([-+*]|\d{1,9}[.)])([ \t]+)(?=\S)")
_EMPTY_ENTRY: Final = re.compile(r"([-+*]|\d{1,9}[.)])[ \t]*$")
_QUOTE: Final = re.compile(r">[> \t]*")
_PROMPT: Final = re.compile(r">[ \t]?>")
_HEADING: Final = re.compile(r"(#{1,6})(?:[ \t]+(.*))?$")
_FENCE: Final = re.compile(r"[ \t>]*(?:(?:[-+*]|\d{1,9}[.)])[ \t]+)*(`{3,}(?=[^`]*$)|~{3,})")
_RULE: Final = re.compile(r"(?:-[ \t]*)+|(?:\*[ \t]*){3,}|(?:_[ \t]*)+|=+[ \t]*")
_RULE_LENGTH: Final = 3
_DEFINITION: Final = re.compile(r"\[([^\]\[]+)\]:[ \t]*(\S*)")
_LABEL: Final = re.compile(r"\[([^\]\[]+)\](?!:)")
# What looks like an address, of a link or of a definition.
_ADDRESS: Final = re.compile(
    r"<|#\w|www\.|[a-z][a-z0-9+.-]*:(?!:)\S|\.{0,2}/\S"
    r"|.+\.(?:html?|pdf|md|txt|png|jpe?g|gif|svg|webp|mp[34]|og[gv]|wav|webm|docx?|pptx?|xlsx?|csv|json|ya?ml|zip|apkg"
    r"|org|com|net|edu|gov|info|eu|io|de|at|ch|fr|es|it|pt|br|ru|gr|uk|nl|pl|jp|cn|kr|in)(?:[?#]\S*)?$",
    re.IGNORECASE,
)
# A path, or an address without its beginning: in code, a division.
_PATH: Final = re.compile(r"\w\S*/")
# What may stand before the first letter of a sentence: marks of emphasis, brackets, the beginning of a deletion.
_OPENING: Final = re.compile(r"(?:[*_~`(\[!]|\{\{c[0-9]+::)*")
_QUOTES: Final = frozenset("\"'“„«»‚‘「『《¿¡")
# What a plus or a minus stands before; and a number without words.
_NUMBER: Final = re.compile(r"[~≈<>=±€$£¥]*\s?[.,]?[\d½¼¾∞]")
_BARE_NUMBER: Final = re.compile(r"[.,]?[\d½¼¾∞][\d.,/]*\s?(?:°[CFK]?|%|‰)?$")
_TAB: Final = 4


def is_address(target: str, *, is_call: bool = False) -> bool:
    """Return True if a link may lead to `target`; with `is_call`, what is linked stands directly behind a name."""
    return _ADDRESS.match(target) is not None or (not is_call and _PATH.match(target) is not None)


def mark_lines(text: str) -> str:
    """Return a text in which Markdown sees no sign at a line's beginning but those that are marks."""
    return _Lines(text).written() if _FIRST.match(text) or _LATER.search(text) else text


def outside_code(lines: Sequence[str]) -> Iterator[tuple[int, str, bool]]:
    """Yield each line that is not inside a block of code, with its number; the last is True where such a block begins."""
    fence = ""
    for number, line in enumerate(lines):
        if fence:
            stripped = line.strip(" \t>")
            if stripped.startswith(fence) and not stripped.strip(fence[0]):
                fence = ""
            continue
        if found := _FENCE.match(line):
            fence = found[1]
        yield number, line, bool(fence)


class _List:
    """One list: how deep it stands, its mark (a number's is what stands behind it), and its entries."""

    def __init__(
        self, depth: int, mark: str, *, is_below_text: bool, is_comment: bool, is_nested: bool, is_behind_list: bool
    ) -> None:
        self.depth = depth
        self.is_behind_list = is_behind_list
        self.mark = mark
        self.entries: list[tuple[int, int]] = []  # by line and column of the mark
        self._is_comment = is_comment  # of a programming language, whose lines begin with stars
        self._is_nested = is_nested
        # A plus or a minus before numbers is a sign: below a line of text, or where the numbers are all there is.
        self._number = _NUMBER if mark == "+" or (mark == "-" and is_below_text) else _BARE_NUMBER
        self._are_numbers = mark in "+-"

    def add(self, line: int, column: int, words: str) -> None:
        self.entries.append((line, column))
        self._are_numbers = self._are_numbers and self._number.match(words) is not None

    @property
    def is_list(self) -> bool:
        """Return True if its marks begin entries; False if they are signs that stand before something."""
        # A number with a bracket would be shown with a stop.
        is_several = len(self.entries) > 1 or self._is_nested
        return is_several and not self._are_numbers and not self._is_comment and self.mark != ")"


class _Lines:
    """Reads the lines of one text once and hides the signs that are no marks."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._labels: set[str] | None = None
        self._lists: list[_List] = []
        self._quotation: list[int] = []
        self._hidden: dict[int, set[int]] = {}  # columns, by line
        self._parted: set[int] = set()  # lines that an empty one must stand before
        self._indented: list[
            tuple[int, int, int]
        ] = []  # lines that show how deep they stand: column and depth of the words
        self._read()

    def written(self) -> str:
        """Return the text."""
        lines = self._lines
        for number, columns in self._hidden.items():
            chars = list(lines[number])
            for column in columns:
                chars[column] = sign(chars[column])
            lines[number] = "".join(chars)
        for number, column, depth in self._indented:
            lines[number] = "\xa0" * depth + lines[number][column:]
        for number in self._parted:
            lines[number] = f"\n{lines[number]}"
        return "\n".join(lines)

    def _read(self) -> None:
        for number, line, is_fence in outside_code(self._lines):
            words = line.lstrip(" \t")
            if not words.startswith(">"):
                self._end_quotation(number)
            if words:
                self._line(number, len(line) - len(words), words, is_fence=is_fence)
        self._end_lists(-1, len(self._lines))
        self._end_quotation(len(self._lines))

    def _line(self, number: int, column: int, words: str, *, is_fence: bool) -> None:
        depth = len(self._lines[number][:column].expandtabs(_TAB))
        entry = _ENTRY.match(words)
        is_shown = depth >= _TAB or (depth > 0 and not entry)
        if is_shown and not is_fence and not self._lists and not self._is_text(number - 1):
            self._indented.append((number, column, depth))
        if entry and not _RULE.fullmatch(words):
            self._entry(number, column, depth, entry)
            return
        self._end_lists(depth, number)
        if _RULE.fullmatch(words):
            self._rule(number, column, words)
        elif not is_fence:
            self._mark(number, column, is_whole_line=True)

    def _entry(self, number: int, column: int, depth: int, entry: re.Match[str]) -> None:
        """Take what looks like the entry of a list, and what stands in it."""
        mark = entry[1][-1]
        is_behind_list = False
        while self._lists and (self._lists[-1].depth > depth or self._is_other(self._lists[-1], depth, mark)):
            ended = self._lists.pop()
            self._end_list(ended, number)
            is_behind_list = ended.is_list and self._is_text(number - 1)
        if not self._lists or self._lists[-1].depth < depth:
            above = self._lines[number - 1].lstrip() if number else ""
            made = _List(
                depth,
                mark,
                is_below_text=self._is_below_text(number),
                is_comment=mark == "*" and above.startswith("/*"),
                is_nested=bool(self._lists) and self._lists[-1].depth < depth and self._lists[-1].mark != ")",
                is_behind_list=is_behind_list,
            )
            self._lists.append(made)
        line, behind = self._lines[number], column + entry.end()
        self._lists[-1].add(number, column + len(entry[1]) - 1, line[behind:])
        if inner := _ENTRY.match(line, behind):  # no list begins in an entry's own line
            self._hide(number, behind + len(inner[1]) - 1, 1)
        elif _RULE.fullmatch(line, behind):
            self._hide(number, behind, len(line) - behind)
        else:
            self._mark(number, behind, is_whole_line=False)

    @staticmethod
    def _is_other(last: _List, depth: int, mark: str) -> bool:
        return last.depth == depth and last.mark != mark

    def _end_lists(self, depth: int, number: int) -> None:
        """End the lists that a line at this depth is no part of."""
        while self._lists and self._lists[-1].depth >= depth:
            self._end_list(self._lists.pop(), number)

    def _end_list(self, ended: _List, number: int) -> None:
        if not ended.is_list:
            for line, column in ended.entries:
                self._hide(line, column, 1)
            if ended.is_behind_list:
                self._parted.add(ended.entries[0][0])
        elif (
            self._is_text(number) and self._is_text(number - 1) and not _ENTRY.match(self._lines[number].lstrip(" \t"))
        ):
            self._parted.add(number)

    def _mark(self, number: int, column: int, *, is_whole_line: bool) -> None:
        """Take a quotation, a heading or an address that begins there."""
        line = self._lines[number]
        if line.startswith(">", column):
            if _PROMPT.match(line, column):
                self._hide_quotation(number)
            elif is_whole_line:
                self._quotation.append(number)
            elif not _begins_sentence(line[column:].lstrip("> \t")):
                self._hide_quotation(number)
        elif line.startswith("#", column):
            heading = _HEADING.match(line, column)
            if heading and not self._is_heading(number, heading[2] or "", is_whole_line=is_whole_line):
                self._hide(number, column, len(heading[1]))
        elif line.startswith("[", column) and (found := _DEFINITION.match(line, column)):
            if not is_address(found[2], is_call=True) or not self._is_linked(found[1]):
                self._hide(number, column, 1)
        elif empty := _EMPTY_ENTRY.match(line, column):
            self._hide(number, column + len(empty[1]) - 1, 1)

    def _is_heading(self, number: int, words: str, *, is_whole_line: bool) -> bool:
        if "#" in words or not _begins_sentence(words):
            return False
        if not is_whole_line:
            return True
        above = not self._is_text(number - 1) or _HEADING.match(self._lines[number - 1]) is not None
        below = self._lines[number + 1] if self._is_text(number + 1) else ""
        return above and not below[:1].islower() and not below[:1].isspace()

    def _is_linked(self, label: str) -> bool:
        if self._labels is None:
            self._labels = {found.casefold() for line in self._lines for found in _LABEL.findall(line)}
        return label.casefold() in self._labels

    def _rule(self, number: int, column: int, words: str) -> None:
        is_alone = not self._is_text(number - 1) and not self._is_text(number + 1)
        stands_between = any(map(self._is_text, range(number))) and any(
            map(self._is_text, range(number + 1, len(self._lines)))
        )
        if (
            words[0] in "=_"
            or not is_alone
            or not stands_between
            or len(words.replace(" ", "").replace("\t", "")) < _RULE_LENGTH
        ):
            self._hide(number, column, len(words))

    def _end_quotation(self, number: int) -> None:
        if not self._quotation:
            return
        first = self._lines[self._quotation[0]].lstrip("> \t")
        if not _begins_sentence(first):
            for line in self._quotation:
                self._hide_quotation(line)
        elif self._is_text(number):
            self._parted.add(number)
        self._quotation.clear()

    def _hide_quotation(self, number: int) -> None:
        line = self._lines[number]
        column = line.index(">")
        found = _QUOTE.match(line, column)
        self._hide(number, column, (found.end() if found else column + 1) - column)

    def _hide(self, number: int, column: int, length: int) -> None:
        line = self._lines[number]
        shown = {place for place in range(column, min(column + length, len(line))) if line[place] not in " \t"}
        self._hidden.setdefault(number, set()).update(place for place in shown if line[place].isascii())

    def _is_text(self, number: int) -> bool:
        """Return True if something stands in a line of this number."""
        return 0 <= number < len(self._lines) and not self._lines[number].isspace() and bool(self._lines[number])

    def _is_below_text(self, number: int) -> bool:
        """Return True if a line of text stands above, which announces no list."""
        return self._is_text(number - 1) and not self._lines[number - 1].rstrip().endswith((":", "："))


def _begins_sentence(words: str) -> bool:
    """Return True if a text begins as a sentence does, and not as a comment or a part of a program."""
    found = _OPENING.match(words)
    first = words[found.end() :][:1] if found else ""
    if words[:1] in _QUOTES or first in _QUOTES:
        return bool(first)
    return (first.isalpha() and not first.islower()) or unicodedata.category(first or " ") == "So"  # an emoji
