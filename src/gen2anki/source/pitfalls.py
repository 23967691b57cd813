"""What YAML reads otherwise than its author meant: tags, escapes, keys, comments, joined lines. Syntax errors are in `syntax`."""

import re
import sys
from collections.abc import Callable, Iterator
from typing import Any, Final

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.finding import Misreading
from gen2anki.source.key_lines import swallows_keys
from gen2anki.source.positions import Places
from gen2anki.source.syntax_errors import CUT_SHORT, GLUED_COMMENT, NEEDS_QUOTES, line_end

# What git leaves in a file that it could not merge. No text of a lesson begins in a line's first column, so that it is no
# YAML, but for a text in quotes. (One mark alone, forgotten between the lines of a list in brackets, goes unseen.)
_MERGE_MARK: Final = re.compile(r"^(?:<{7}|={7}|>{7}|\|{7})(?= |\r?$)", re.MULTILINE)
# Escapes in double quotes: those that nobody means, and those of a line break and a tab, which may begin a LaTeX command.
_ESCAPE: Final = re.compile(
    r"\\(?:(?P<strange>[abefv0NLP_][A-Za-z]*|r[A-Za-z]+|(?:x|u00|U000000)(?:[01][0-9A-Fa-f]|7[Ff]))"
    r"|(?P<blank>[nt][A-Za-z]+)|.)",
    re.DOTALL,
)
# LaTeX commands whose letters behind the first make no word, so that nobody meant a line break or a tab before them.
_COMMAND: Final = re.compile(
    r"n(?:abla|atural|cong|earrow|eq|ewline|geqq?|geqslant|gtr|leqq?|leqslant|[lL]eft(?:right)?arrow|[rR]ightarrow|olimits"
    r"|onumber|ot|otag|otin|prec(?:eq)?|shortmid|su[bp]seteq|succ(?:eq)?|triangle(?:left|right)(?:eq)?|[vV][dD]ash|warrow)"
    r"|t(?:anh|au|binom|ext(?:bf|color|it|normal|rm|sf|style|tt|up)?|frac|herefore|heta|hickapprox|hicksim|hinspace"
    r"|ilde|imes|iny|riangle(?:down|q|(?:left|right)(?:eq)?)?|wohead(?:left|right)arrow)"
)
# Those that are a blank and a word as well, or the letter of a list's entry ("\ne.g.", "\nless", "\ni)"): only in math.
_COMMAND_IN_MATH: Final = re.compile(r"n(?:eg?|exists|i|less|mid|parallel|sim|u)|t(?:ag|an|op?|t)")
# Math in a text in double quotes, as Markdown has it: no blank inside next to a single "$", no digit behind the last.
_MATH: Final = re.compile(r"(?<!\\)\$\$.+?\$\$|(?<!\\)\$(?=[^\s$])[^$]*(?<=[^\s$])\$(?!\d)", re.DOTALL)
# A line break that YAML made of a blank line between two lines of text; those next to an indented line it keeps as they are.
_BLANK_LINE: Final = re.compile(r"^([^ \t\n].*)\n(?=[^ \t\n])", re.MULTILINE)
# A line that looks like the entry of a list, and not like one that begins with a year; and a text with two of them.
_ENTRY: Final = re.compile(r"[\"']?[ \t]*([-*+]|\d{1,3}[.)])[ \t]+\S")
_ENTRIES: Final = re.compile(r"(?:^|\s)(?:([-*+]) .*\s\1|\d{1,3}([.)]) .*\d\2) ", re.DOTALL)

# The same in a file's bytes, which tell at once that it has none.
GLUED_COMMENT_BYTES: Final = re.compile(GLUED_COMMENT.pattern.encode())
# Keys whose values are words, which no '#' goes on.
_WORDS: Final = frozenset({"id", "retired", "tags", "language", "html", "reverse", "typed", "minutes"})


def merge_faults(text: str, start: int = 0, end: int = sys.maxsize) -> list[Misreading]:
    """Return a fault for each line that git wrote, where it could not merge."""
    fault = "a merge left its marks here: keep what is right of the two sides, and delete the marks"
    return [Misreading(found.start(), fault, Code.MERGE_MARK) for found in _MERGE_MARK.finditer(text, start, end)]


def not_allowed(char: str) -> str:
    """Return what to say of a character that no YAML file may hold."""
    return f"the file holds a character that YAML does not allow (U+{ord(char):04X}): delete it"


def key_fault(event: Any, text: str) -> Misreading:
    """Return the fault of a list or a mapping where a key should be; `event` is PyYAML's."""
    index = event.start_mark.index
    if text[max(0, index - 1) : index + 1] == "{{":  # {{c1::…}} without quotes, which YAML reads as two mappings
        return Misreading(index - 1, starts_with("{"), Code.FIRST_CHARACTER)
    return Misreading(index, "a key must be a text, not a list or a mapping", Code.KEY_TYPE)


def starts_with(char: str) -> str:
    """Return what to say of a text whose first character means something to YAML."""
    return f"a text can't begin with '{char}': {NEEDS_QUOTES}"


def escape_faults(event: Any, text: str) -> Iterator[Misreading]:
    r"""Yield the first escape in double quotes that was hardly meant as one: "$\nabla$" has a line break in it."""
    start = event.start_mark.index
    typed = text[start : event.end_mark.index]
    for found in _ESCAPE.finditer(typed):
        word = found["strange"] or found["blank"]
        if found["strange"] or _is_command(found, typed):
            escape = word if word[0] in "xuU" else word[0]
            fault = f"double quotes make another character of '\\{escape}': write '\\\\{word}', or use single quotes"
            yield Misreading(start + found.start(), fault, Code.BAD_ESCAPE)
            return


def _is_command(found: re.Match[str], typed: str) -> bool:
    """Say whether the escape of a blank begins a LaTeX command."""
    word = found["blank"] or ""
    if not _COMMAND_IN_MATH.fullmatch(word):
        return bool(_COMMAND.fullmatch(word))
    # Who doubles a backslash in the same formula knows what one alone means.
    return any(math.start() < found.start() < math.end() and "\\\\" not in math[0] for math in _MATH.finditer(typed))


def quote_fault(event: Any, text: str) -> Misreading | None:
    """Return the fault of a text in quotes that holds marks of a merge; or keys, as only a later quote closes it."""
    start, end = event.start_mark, event.end_mark
    if merged := merge_faults(text, start.index, end.index):
        return merged[0]
    if not swallows_keys(text, start.index, end.index):
        return None
    fault = (
        f"this quote is closed only by the one at {end.line + 1}:{end.column}, with other keys or entries in between:"
        " close it where its text ends, or put the whole text in quotes of the other kind"
    )
    return Misreading(start.index, fault, Code.UNCLOSED_QUOTE)


def unfolded(event: Any, value: str, get_text: Callable[[], str], faults: list[Misreading]) -> str:
    """Return a text of several lines with a paragraph for each blank line, where YAML has joined the lines.

    To `faults` is appended a list in such a text; and a character that only YAML takes for the end of a line.
    """
    start, end, style = event.start_mark.index, event.end_mark.index, event.style
    if not value.isascii() and ("\u2028" in value or "\u2029" in value):  # U+0085 makes a space, or a line break
        found = re.compile("[\u2028\u2029]").finditer(get_text(), start, end)
        faults += (line_end(get_text(), char.start()) for char in found)
    if style == "|":
        return value
    if style == '"' and "\\n" in get_text()[start:end].replace("\\\\", ""):
        return value  # its author broke the lines where they should break
    # What two entries leave in it: a cheap test first, and the whole file as text, which takes much memory, last.
    has_mark = " - " in value or " * " in value or " + " in value or "2. " in value or "2) " in value
    if has_mark and _ENTRIES.search(_MATH.sub("$", value)):
        at = _joined_list(get_text()[start:end], is_block=style == ">")
        if at >= 0:
            fault = "YAML joins the lines of this text, so that no list begins here: write the text below a '|'"
            faults.append(Misreading(start + at, fault, Code.FOLDED_LIST))
    return _BLANK_LINE.sub(r"\1\n\n", value) if "\n" in value else value


def _joined_list(typed: str, *, is_block: bool) -> int:
    """Return where, in a text as typed, a list begins whose lines YAML joins; -1 where there is none."""
    lines = list(re.finditer("^.*$", typed, re.MULTILINE))
    depth = min((len(line[0]) - len(line[0].lstrip()) for line in lines[1:] if line[0].strip()), default=0)
    maths = [math.span() for math in _MATH.finditer(typed)]  # which go on in the next line with "+" or "-"
    # By the mark of the entry that comes next: where the list begins, and whether a line of it is joined with one above.
    lists: dict[str, tuple[int, bool]] = {}
    joins = False
    for line in lines:
        # In a block, YAML keeps lines that are indented further, and the breaks next to them.
        is_kept = is_block and line[0][depth : depth + 1] in {" ", "\t"}
        if not line[0].strip():
            lists.clear()
        elif not is_kept and (found := _ENTRY.match(typed, line.start())):
            begin, mark = found.start(1), found[1]
            if not any(left < begin < right for left, right in maths):
                first, is_joined = lists.pop(mark, (begin, False))
                is_joined = is_joined or joins
                if first < begin and is_joined:
                    return first
                following = mark if mark in "-*+" else f"{int(mark[:-1]) + 1}{mark[-1]}"
                lists[following] = first, is_joined
        joins = not is_kept and bool(line[0].strip())
    return -1


def empty_block_fault(event: Any, text: str) -> Misreading:
    """Return the fault of a '|' or '>' with no text below it: the author's text may begin with it."""
    fault = (
        f"no text stands below this '{event.style}': write it there, indented, or, if it is what the text begins with, put"
        " the whole text in quotes"
    )
    return Misreading(text.index(event.style, event.start_mark.index), fault, Code.FIRST_CHARACTER)


def tag_fault(event: Any) -> Misreading:
    """Return the fault of a tag, which is hardly ever meant as one; `event` is PyYAML's."""
    if event.tag == "!":
        return Misreading(event.start_mark.index, starts_with("!"), Code.FIRST_CHARACTER)
    text = f"YAML takes '{event.tag}' for a tag, and none is read here: a text that begins with '!' needs quotes"
    return Misreading(event.start_mark.index, text, Code.YAML_TAG)


def comment_faults(text: str, places: Places) -> Iterator[Misreading]:
    """Yield a fault for each text that ends where the author went on with '#', which begins a comment."""
    texts = places.plain_texts(_WORDS)
    for found in GLUED_COMMENT.finditer(text):
        end = found.start()
        while end and text[end - 1] in " \t\r\n":
            end -= 1
        owner = texts.get(end, -1)
        if owner < 0:
            continue
        line, column, _ = places.line(found.start())
        # A line of its own could go on with the text only where it is indented further than what the text belongs to.
        is_deeper = column > places.line(owner)[1] and text[owner] != "["
        if is_deeper or places.line(end)[0] == line:
            yield Misreading(found.start(), CUT_SHORT, Code.COMMENT_IN_TEXT)
