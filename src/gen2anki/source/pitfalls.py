"""What YAML reads, but not as its author meant it: tags, escapes, comments, joined lines. `syntax_errors` has the rest."""

import re
import sys
from collections.abc import Iterator
from typing import Any, Final

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.finding import Misreading
from gen2anki.schema.keys import WORD_NAMES
from gen2anki.source.document import Document
from gen2anki.source.key_lines import swallows_keys
from gen2anki.source.positions import Places
from gen2anki.source.syntax_errors import CUT_SHORT, GLUED_COMMENT, NEEDS_QUOTES, invisible_line_end

# What git leaves in a file that it could not merge. Only in quotes does a text of a lesson begin in a line's first column,
# so elsewhere these lines are no YAML. (A single mark, forgotten among the lines of a list in brackets, goes unseen.)
_MERGE_MARK: Final = re.compile(r"^(?:<{7}|={7}|>{7}|\|{7})(?= |\r?$)", re.MULTILINE)
# Escapes in double quotes: `strange` ones are never meant; a line break or a tab (`blank`) may begin a LaTeX command.
_ESCAPE: Final = re.compile(
    r"\\(?:(?P<strange>[abefv0NLP_][A-Za-z]*|r[A-Za-z]+|(?:x|u00|U000000)(?:[01][0-9A-Fa-f]|7[Ff]))"
    r"|(?P<blank>[nt][A-Za-z]+)|.)",
    re.DOTALL,
)
# LaTeX commands that make no word without their first letter, so no author meant a line break or a tab before it.
_COMMAND: Final = re.compile(
    r"n(?:abla|atural|cong|earrow|eq|ewline|geqq?|geqslant|gtr|leqq?|leqslant|[lL]eft(?:right)?arrow|[rR]ightarrow|olimits"
    r"|onumber|ot|otag|otin|prec(?:eq)?|shortmid|su[bp]seteq|succ(?:eq)?|triangle(?:left|right)(?:eq)?|[vV][dD]ash|warrow)"
    r"|t(?:anh|au|binom|ext(?:bf|color|it|normal|rm|sf|style|tt|up)?|frac|herefore|heta|hickapprox|hicksim|hinspace"
    r"|ilde|imes|iny|riangle(?:down|q|(?:left|right)(?:eq)?)?|wohead(?:left|right)arrow)"
)
# LaTeX commands that make a word, or the letter of a list entry, without their first letter ("\ne.g.", "\nless", "\ni)"):
# they count only inside math.
_COMMAND_IN_MATH: Final = re.compile(r"n(?:eg?|exists|i|less|mid|parallel|sim|u)|t(?:ag|an|op?|t)")
# Math in double quotes, by the rules of Markdown: no blank inside next to a single "$", and no digit after the last one.
_MATH: Final = re.compile(r"(?<!\\)\$\$.+?\$\$|(?<!\\)\$(?=[^\s$])[^$]*(?<=[^\s$])\$(?!\d)", re.DOTALL)
# The line break that YAML makes of a blank line between two lines of text. It keeps those next to an indented line.
_BLANK_LINE: Final = re.compile(r"^([^ \t\n].*)\n(?=[^ \t\n])", re.MULTILINE)
# A line that looks like the entry of a list (four digits are a year), with the bullets and numbers of any program; or
# like a line of a quotation.
_BULLETS: Final = "-*+•▪▫●○◦‣⁃∙■□▶►➢➤✓✔❖⇒◆◇"
_ENTRY: Final = re.compile(
    rf"[\"']?[ \t]*(?:(>|[{_BULLETS}]|\d{{1,3}}[.)]|\(?[A-Za-z\d]{{1,2}}\))[ \t]+|([・①-⑳])[ \t]*)(?=\S)"
)
# What two entries leave in a text.
_ENTRIES: Final = re.compile(
    rf"(?:^|\s)(?:(>|[{_BULLETS}]) .*\s\1 |\d{{1,3}}([.)]) .*\d\2 |\(?[A-Za-z\d]{{1,2}}\) .*\s\(?[A-Za-z\d]{{1,2}}\) |([・①-⑳]).*[・①-⑳])",
    re.DOTALL,
)
# What no text without entries has, as cheap tests.
_HAS_MARK: Final = (" - ", " * ", " + ", " > ", "2. ", ") ")
# The same in a file's bytes: most files have no such comment, and need not be decoded.
GLUED_COMMENT_BYTES: Final = re.compile(GLUED_COMMENT.pattern.encode())


def merge_marks(text: str, start: int = 0, end: int = sys.maxsize) -> list[Misreading]:
    """Return each line that git wrote because it could not merge."""
    advice = "git left this mark because it could not merge: keep what is right of both sides, and delete the marks"
    return [Misreading(found.start(), advice, Code.MERGE_MARK) for found in _MERGE_MARK.finditer(text, start, end)]


def not_allowed(char: str) -> str:
    """Return the message for a character that no YAML file may contain."""
    return f"YAML does not allow this character (U+{ord(char):04X}): delete it"


def starts_with(char: str) -> str:
    """Return the message for a text whose first character means something to YAML."""
    return f"a text can't begin with '{char}': {NEEDS_QUOTES}"


def misread_key(event: Any, text: str) -> Misreading:
    """Return what is wrong with a list or a mapping in place of a key; `event` is PyYAML's."""
    index = event.start_mark.index
    if text[max(0, index - 1) : index + 1] == "{{":  # {{c1::…}} without quotes is two mappings to YAML
        return Misreading(index - 1, starts_with("{"), Code.FIRST_CHARACTER)
    return Misreading(index, "a key must be a text, not a list or a mapping", Code.KEY_TYPE)


def misread_escapes(event: Any, text: str) -> Iterator[Misreading]:
    r"""Yield the first escape in double quotes that its author hardly meant: "$\nabla$" contains a line break."""
    start = event.start_mark.index
    typed = text[start : event.end_mark.index]
    for found in _ESCAPE.finditer(typed):
        word = found["strange"] or found["blank"]
        if found["strange"] or _is_command(found, typed):
            escape = word if word[0] in "xuU" else word[0]
            message = (
                f"in double quotes, '\\{escape}' becomes another character: write '\\\\{word}', or use single quotes"
            )
            yield Misreading(start + found.start(), message, Code.BAD_ESCAPE)
            return


def is_command(word: str) -> bool:
    """Return True if a word is a LaTeX command that makes no word without its first letter."""
    return bool(_COMMAND.fullmatch(word))


def _is_command(found: re.Match[str], typed: str) -> bool:
    """Return True if the escape of a line break or a tab begins a LaTeX command."""
    word = found["blank"] or ""
    if not _COMMAND_IN_MATH.fullmatch(word):
        return is_command(word)
    # An author who doubles a backslash in the same formula knows what a single one means.
    return any(math.start() < found.start() < math.end() and "\\\\" not in math[0] for math in _MATH.finditer(typed))


def misread_quote(event: Any, text: str) -> Misreading | None:
    """Return what is wrong with a quoted text: it contains merge marks, or keys, because only a later quote closes it."""
    start, end = event.start_mark, event.end_mark
    if marks := merge_marks(text, start.index, end.index):
        return marks[0]
    if not swallows_keys(text, start.index, end.index):
        return None
    message = (
        f"this quote is only closed at {end.line + 1}:{end.column}, and there are other keys or entries in between: close it"
        " where its text ends, or put the whole text in the other kind of quotes"
    )
    return Misreading(start.index, message, Code.UNCLOSED_QUOTE)


def unfolded(event: Any, value: str, document: Document, misreadings: list[Misreading]) -> str:
    """Return a text of several lines with a paragraph for each blank line, though YAML has joined the lines.

    Two mistakes in such a text are appended to `misreadings`: a list, and a character that ends a line only for YAML.
    """
    start, end, style = event.start_mark.index, event.end_mark.index, event.style
    if not value.isascii() and ("\u2028" in value or "\u2029" in value):  # U+0085 has become a space or a line break
        found = re.compile("[\u2028\u2029]").finditer(document.text, start, end)
        misreadings += (invisible_line_end(document.text, char.start()) for char in found)
    if style == "|":
        return value
    if style == '"' and "\\n" in document.text[start:end].replace("\\\\", ""):
        return value  # its author broke the lines where they should break
    # Two entries leave these in the value. This test is cheap; the file as text costs much memory.
    has_mark = any(mark in value for mark in _HAS_MARK) or not value.isascii()
    if has_mark and _ENTRIES.search(_MATH.sub("$", value)):
        at = _joined_list(document.text[start:end], is_block=style == ">")
        if at >= 0:
            message = "YAML joins the lines of this text, so this does not become a list: write the text below a '|'"
            misreadings.append(Misreading(start + at, message, Code.FOLDED_LIST))
    return _BLANK_LINE.sub(r"\1\n\n", value) if "\n" in value else value


def _joined_list(typed: str, *, is_block: bool) -> int:
    """Return the index of a list whose lines YAML joins, in a text as typed; -1 if there is none."""
    lines = list(re.finditer("^.*$", typed, re.MULTILINE))
    depth = min((len(line[0]) - len(line[0].lstrip()) for line in lines[1:] if line[0].strip()), default=0)
    maths = [math.span() for math in _MATH.finditer(typed)]  # a formula may go on in the next line with "+" or "-"
    # By the mark that the next entry must have: where the list begins, and whether one of its lines was joined to another.
    lists: dict[str, tuple[int, bool]] = {}
    joins = False
    for line in lines:
        # In a block, YAML keeps lines that are indented further, and the line breaks around them.
        is_kept = is_block and line[0][depth : depth + 1] in {" ", "\t"}
        if not line[0].strip():
            lists.clear()
        elif not is_kept and (found := _ENTRY.match(typed, line.start())):
            mark = found[1] or found[2]
            begin = found.start(1) if found[1] else found.start(2)
            if not any(left < begin < right for left, right in maths):
                first, is_joined = lists.pop(mark, (begin, False))
                is_joined = is_joined or joins
                if first < begin and is_joined:
                    return first
                lists[_following(mark)] = first, is_joined
        joins = not is_kept and bool(line[0].strip())
    return -1


def _following(mark: str) -> str:
    """Return the mark of the entry that comes next in a list."""
    sign = mark.strip("().")
    if sign.isascii() and sign.isdigit():
        return mark.replace(sign, str(int(sign) + 1))
    if sign.isascii() and sign.isalpha() and len(sign) == 1:
        return mark.replace(sign, chr(ord(sign) + 1))
    return chr(ord(mark) + 1) if "①" <= mark <= "⑳" else mark


def empty_block(event: Any, text: str) -> Misreading:
    """Return what is wrong with a '|' or '>' that has no text below it: it may be the first character of a text."""
    message = (
        f"there is no text below this '{event.style}': write it there, indented; or put the text in quotes if it begins with"
        f" '{event.style}'"
    )
    return Misreading(text.index(event.style, event.start_mark.index), message, Code.FIRST_CHARACTER)


def misread_tag(event: Any) -> Misreading:
    """Return what is wrong with a YAML tag, which its author hardly meant; `event` is PyYAML's."""
    if event.tag == "!":
        return Misreading(event.start_mark.index, starts_with("!"), Code.FIRST_CHARACTER)
    text = f"YAML takes '{event.tag}' for a tag, and gen2anki has none: put a text that begins with '!' in quotes"
    return Misreading(event.start_mark.index, text, Code.YAML_TAG)


def glued_comments(document: Document, places: Places) -> Iterator[Misreading]:
    """Yield each '#' that ends a text for YAML, though its author went on with the text."""
    text = document.text
    owners = places.plain_texts(WORD_NAMES)
    for found in GLUED_COMMENT.finditer(text):
        end = found.start()
        while end and text[end - 1] in " \t\r\n":
            end -= 1
        owner = owners.get(end, -1)
        if owner < 0:
            continue
        line, column, _ = document.line(found.start())
        # On a line of its own, it could go on with the text only if it is indented further than the text's key.
        is_deeper = column > document.line(owner)[1] and text[owner] != "["
        if is_deeper or document.line(end)[0] == line:
            yield Misreading(found.start(), CUT_SHORT, Code.COMMENT_IN_TEXT)
