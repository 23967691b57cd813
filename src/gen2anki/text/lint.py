"""Marks of LaTeX, Obsidian and Anki that authors type from habit, and that would be shown as plain text here."""

import re
from collections.abc import Iterator
from typing import Final

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.finding import Finding
from gen2anki.text.media import PICTURES, SOUNDS

_MEDIUM: Final = re.compile(rf"[^()<>]*\.(?:{'|'.join(suffix[1:] for suffix in SOUNDS + PICTURES)})>?$", re.IGNORECASE)
# What Anki acts on; each with what to write instead.
_ANKI_MARKS: Final = (
    (re.compile(r"\[sound:", re.IGNORECASE), "a sound is written like a picture: ![](file.mp3)", Code.MEDIA_SYNTAX),
    (
        re.compile(r"\[(latex|\$\$?)\]", re.IGNORECASE),
        "Anki would make a picture of this: math is $…$ here, and to show the marks, put them in backticks",
        Code.ANKI_MARK,
    ),
    (
        re.compile(r"\[/?anki:", re.IGNORECASE),
        "Anki would act on this and not show it: to show the marks, put them in backticks",
        Code.ANKI_MARK,
    ),
    (
        re.compile(r"\[\[type:", re.IGNORECASE),
        "Anki would put a field to type in here: write 'typed: true', or put the marks in backticks",
        Code.ANKI_MARK,
    ),
)
# Escaped brackets around words, \(such as\) these or \[sic\]: letters and marks, with one word that can be said.
_SAID: Final = re.compile(
    r"[^\\\d_^=+<>|]*?(?:[aeiouy][^\W\d_]{2}|[^\W\d_][aeiouy][^\W\d_]|[^\W\d_]{2}[aeiouy]|[^\x00-\x7f])"
)
_ION: Final = re.compile(r"\s*[A-Za-z0-9()]+[+\-−]$")
_MATH_SIGN: Final = re.compile(r"[\\^_=+<>]")
_WIKI_PICTURE: Final = re.compile(r"!\[\[[^\[\]]+\]\]")
# A picture or a link, up to the bracket before its path.
_LABEL: Final = re.compile(r"(?<!\\)(!?)\[[^\[\]]*\]( *)\((?!\()")
_TARGET: Final = re.compile(r"\s*(?:<[^<>\n]*>|[^\s<>]*)(?:\s+(?:\"[^\"]*\"|'[^']*'))?\s*")
_SCHEME: Final = re.compile(r"<?(?:[A-Za-z][A-Za-z0-9+.-]*:|//)")
_LONGEST_TARGET: Final = 1000
# Marks of bold next to a letter of a script without spaces.
_CJK: Final = r"[\u3000-\u30ff\u3400-\u9fff\uac00-\ud7af\uff00-\uffef]"
_BOLD: Final = re.compile(rf"(?<={_CJK})\*\*|\*\*(?={_CJK})")


def find(prose: str) -> list[Finding]:
    """Return what is wrong with a text, given without its code and its math; of each kind of problem the first."""
    found: dict[Code, Finding] = {}
    if "[" in prose:
        for finding in _bracket_findings(prose):
            found.setdefault(finding.code, finding)
    if "\\(" in prose or "\\[" in prose:
        for finding in _math_findings(prose):
            found.setdefault(finding.code, finding)
    return list(found.values())


def _bracket_findings(prose: str) -> Iterator[Finding]:
    for mark, text, code in _ANKI_MARKS:
        found = mark.search(prose)
        # A pair of marks does nothing without its second.
        if found and (not found.groups() or f"[/{found[1].lower()}]" in prose.lower()):
            yield Finding(text, code, found[0])
    if found := _WIKI_PICTURE.search(prose):
        yield Finding("a picture is written ![](file.png)", Code.MEDIA_SYNTAX, found[0])
    if "](" not in prose and "] " not in prose:
        return
    for label in _LABEL.finditer(prose):
        end = prose.find(")", label.end(), label.end() + _LONGEST_TARGET)
        target = prose[label.end() : end] if end >= 0 else ""
        typed = prose[label.start() : end + 1]
        is_picture, is_apart = label[1] == "!", bool(label[2])
        if is_apart and is_picture and _MEDIUM.match(target):
            text = "no space stands between the brackets of a picture or sound: ![…](…)"
        elif is_apart or "\n" in target:
            continue
        elif is_picture and " " in target.strip() and not _TARGET.fullmatch(target):
            text = "a path with a space in it stands in angle brackets: ![…](<…>)"
        elif not is_picture and _MEDIUM.match(target.split(" ")[0]) and not _SCHEME.match(target):
            text = "a picture or sound begins with '!': ![…](…); this is a link, and leads nowhere"
        else:
            continue
        yield Finding(text, Code.MEDIA_SYNTAX, typed)


def _math_findings(prose: str) -> Iterator[Finding]:
    for inner in _between(prose, "\\(", "\\)"):
        if "\\" in inner or not _SAID.match(inner):
            yield Finding("math is $…$ here, not \\(…\\); code stands in backticks", Code.MATH_DELIMITER, "\\(")
            break
    for inner in _between(prose, "\\[", "\\]"):
        if _MATH_SIGN.search(inner) and not _ION.match(inner):
            text = "math on a line of its own is $$…$$ here, not \\[…\\]; code stands in backticks"
            yield Finding(text, Code.MATH_DELIMITER, "\\[")
            break


def _between(text: str, opening: str, closing: str) -> Iterator[str]:
    """Yield each text between two marks that is not empty."""
    start = text.find(opening)
    while start >= 0:
        end = text.find(closing, start + len(opening))
        if end < 0:
            return
        if text[start - 1 : start] != "\\" and end > start + len(opening):
            yield text[start + len(opening) : end]
            start = text.find(opening, end)
        else:
            start = text.find(opening, start + len(opening))


def shown(html: str) -> Iterator[Finding]:
    """Yield what is wrong with a text, given as HTML without its code and its math, by the marks that are left in it."""
    if found := _BOLD.search(html):
        text = "this '**' makes nothing bold: put it next to letters, inside of quotes, brackets and stops, or a space outside"
        yield Finding(text, Code.BOLD_MARKS, found[0])
