"""A source file: its text, whatever its encoding, its plain data, and where everything in it stands.

Positions cost more than the data itself, so they are looked up again (`Source.place`) only when there is a problem to
report.
"""

import codecs
import re
from contextlib import suppress
from functools import cached_property
from typing import Any, Final

import yaml

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.finding import Misreading
from gen2anki.diagnostics.problem import Path, Problem, ProblemsError
from gen2anki.source.composer import StopReading, compose
from gen2anki.source.pitfalls import GLUED_COMMENT_BYTES, comment_faults, merge_faults, not_allowed
from gen2anki.source.positions import Places
from gen2anki.source.syntax_errors import explain

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_FIRST_FLASHCARD: Final = re.compile(rb"^flashcards:(?:[ \t]*(?:#[^\r\n]*)?\r?\n)+(?=( *)- )", re.MULTILINE)
# What stands at the left edge and is neither in a list nor a comment.
_BEHIND_FLASHCARDS: Final = re.compile(rb"\n[^\s#-]")
# The beginning of what an alias may repeat. Where this is not all that can be one, or is none, only time is lost.
_ANCHOR: Final = re.compile(rb"&(?:(?<=[:,\[{-] &)|(?<=[,\[{]&))\w")
# What YAML does not allow in a file (1.1, 5.1): control characters, a byte order mark inside the text.
_NOT_YAML: Final = "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"


class Document:
    """One source file: its text, its data, and the place of everything in it."""

    def __init__(self, content: bytes, file: str) -> None:
        """Take `content`, the bytes of `file` (a name for messages only).

        Raises:
            ProblemsError: it begins with a byte order mark, or as UTF-16, and does not go on so.
        """
        self.file = file
        # Where each member of a list of mappings begins (character indices), by the list's path: from there it can be read
        # again, alone.
        self.members: dict[Path, list[int]] = {}
        self._anchors: dict[str, tuple[Any, int]] = {}
        # As UTF-8: the parser takes it as it is, and as text it may need four times the memory. `_rest` is the second half
        # of a text that was cut, which holds it.
        self._rest = memoryview(b"")
        self._content = self._as_utf8(content)

    @cached_property
    def text(self) -> str:
        """Return the file's text; only positions need it.

        Raises:
            ProblemsError: it is not UTF-8.
        """
        return self._decoded(self.content, "utf-8")

    @property
    def content(self) -> bytes:
        """Return the file's text as UTF-8."""
        return self._content + self._rest if self._rest else self._content

    def halves(self, least: int) -> "tuple[Document, Document] | None":
        """Cut a lesson between two flashcards: the second half, too, begins with all that stands above the first of them.

        Each line has the number that it has in the whole, whose text lies in its halves from then on. None where no `least`
        bytes of flashcards can be cut off, where anything in these may be marked to be repeated, or where more than `deck`
        stands above them.
        """
        content = self.content
        if not (first := _FIRST_FLASHCARD.search(content)):
            return None
        start = first.end()
        behind = _BEHIND_FLASHCARDS.search(content, start, len(content) // 2)
        cut = content.rfind(b"\n" + first[1] + b"- ", start, behind.start() + 1 if behind else len(content) // 2) + 1
        if cut - start < least or _ANCHOR.search(content, start, cut):
            return None
        # Lines are padded with what ends most of them; where a few end otherwise, they would be counted wrong.
        if b"\r" in content and content.count(b"\r") != content.count(b"\r\n"):
            return None
        with suppress(ProblemsError):
            above, _ = Document(content[:start], self.file).data()
            # Read alone, it shows that the list begins here: this is no line of a text.
            if isinstance(above, dict) and list(above) == ["deck", "flashcards"]:
                view, padding = memoryview(content), b"\n" * content.count(b"\n", start, cut)
                second = Document(b"".join((view[:start], padding, view[cut:])), self.file)
                self._content, self._rest = content[:cut], memoryview(second.content)[start + len(padding) :]
                return Document(self._content, self.file), second
        return None

    def shift(self, second: "Document") -> int:
        """Return how many characters further on than in its second half something stands in a text that was cut."""
        return len(self._content.decode()) - len(second.content[: -len(self._rest)].decode())

    @property
    def has_anchors(self) -> bool:
        """Say whether anything in it was marked, when it was read, to be repeated."""
        return bool(self._anchors)

    def _as_utf8(self, content: bytes) -> bytes:
        encoding = next((name for bom, name in _BOMS if content.startswith(bom)), "utf-8")
        # UTF-16 whose byte order mark an editor left out: every other byte of its first two characters is none.
        if content[1:4:2] == b"\0\0" and b"\0" not in content[:4:2]:
            encoding = "utf-16-le"
        elif content[:4:2] == b"\0\0" and b"\0" not in content[1:4:2]:
            encoding = "utf-16-be"
        return content if encoding == "utf-8" else self._decoded(content, encoding).encode()

    def _decoded(self, content: bytes, encoding: str) -> str:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError as error:
            at = len(content[: error.start].decode(encoding, errors="replace"))
            self._content = content.decode(encoding, errors="replace").encode()
            byte = content[error.start]
            text = f"byte {byte:#04x} is not {encoding.removesuffix('-sig').upper()} text: save the file as UTF-8"
            if error.end == len(content) and error.reason in {"unexpected end of data", "truncated data"}:
                text = "the file ends in the middle of a character: something cut it off"
            raise ProblemsError([self.problem(at, text, Code.BAD_ENCODING)]) from None

    def problem(self, index: int, text: str, code: Code) -> Problem:
        """Return an error at a character of the text."""
        line, column, line_text = self._places.line(index)
        return Problem(file=self.file, line=line, column=column, text=text, code=code, line_text=line_text)

    def problem_at(self, path: Path, text: str, code: Code, *, key: bool = False, needle: str = "") -> Problem:
        """Return an error at what stands at `path` (see `Places.find`)."""
        return self.problem(self._places.find(path, key=key, needle=needle), text, code)

    def place(self, path: Path, *, key: bool = False) -> tuple[int, int, str]:
        """Return line, column (1-based) and the text of the line of what stands at `path` (see `Places.find`)."""
        return self._places.line(self._places.find(path, key=key))

    def has(self, path: Path) -> bool:
        """Say whether something stands at `path`."""
        return self._places.has(path)

    @cached_property
    def _places(self) -> Places:
        return Places(self.text, self.content, self.members)

    def data(self) -> tuple[Any, list[Problem]]:
        """Return the file as plain data, and the problems that leave it readable all the same.

        Raises:
            ProblemsError: it is not UTF-8 or not YAML, was not merged to the end, holds more than one document, or is
                too deep or too much to read.
        """
        faults: list[Misreading] = []
        try:
            data = compose(self.content, lambda: self.text, faults, self.members, self._anchors)
        except yaml.reader.ReaderError:
            faults += (
                Misreading(found.start(), not_allowed(found[0]), Code.BAD_CHARACTER)
                for found in re.finditer(_NOT_YAML, self.text)
            )
            raise ProblemsError(map(self._problem, faults)) from None
        except yaml.MarkedYAMLError as error:
            slip = explain(error, self.text)
            # What was met behind the slip is a part of it, misread.
            faults = [*(fault for fault in faults if fault.at < slip.at), slip]
            raise ProblemsError(map(self._problem, merge_faults(self.text) or faults)) from None
        except StopReading:
            # Where a merge left its marks, whatever else is wrong is one side's or the other's.
            raise ProblemsError(map(self._problem, merge_faults(self.text) or faults)) from None
        if GLUED_COMMENT_BYTES.search(self.content):
            faults += comment_faults(self.text, self._places)
        return data, [self._problem(fault) for fault in faults]

    def _problem(self, fault: Misreading) -> Problem:
        text = fault.text
        if fault.first:
            line, column, _ = self.place(fault.first, key=True)
            text = f"'{fault.first[-1]}' stands here twice: first at {line}:{column}"
        return self.problem(fault.at, text, fault.code)
