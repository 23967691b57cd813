r"""A text of a lesson to the HTML of an Anki field, and what is wrong with it.

Math is `\(…\)` and `\[…\]`, which Anki's MathJax takes; pictures and sounds are packed media; a text of one paragraph
has no `<p>`, because learners edit fields by hand. All HTML is written as a browser would write it. Anki's editor stores
what its browser makes of a field, so any other HTML would become an edit, dated now, as soon as a learner looks at the note.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from html import escape, unescape
from typing import Final
from urllib.parse import unquote

from gen2anki.anki.note import FIELD_SEPARATOR
from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.finding import Finding
from gen2anki.markdown.html_tags import wrong_tag
from gen2anki.markdown.line_marks import mark_lines
from gen2anki.markdown.literal_marks import Reader
from gen2anki.markdown.short_way import Common
from gen2anki.markdown.stand_ins import Formula, Parts, sign
from gen2anki.markdown.tables import read_tables
from gen2anki.markdown.writer import Writing, attribute, to_html
from gen2anki.math.formulas import findings as formula_findings
from gen2anki.math.macros import Macros
from gen2anki.text import cloze, cloze_math, lint
from gen2anki.text.media import SOUNDS, MediumError
from gen2anki.text.readings import readings_as_typed, readings_in

_MATHJAX: Final = re.compile(r"\\\((.*?)\\\)|\\\[(.*?)\\\]", re.DOTALL)
_CODE: Final = re.compile(r"(<pre><code.*?</code></pre>|<code>.*?</code>)", re.DOTALL)
_VERBATIM: Final = re.compile(rf"{_CODE.pattern}|{_MATHJAX.pattern}", re.DOTALL)
_NO_TEXT: Final = re.compile(r"(?:<[^>]*>|\s)*")
# A medium that the author's own tags name, with `html: true`.
_RAW_MEDIUM: Final = re.compile(
    r"""(<(?:(?:img|audio|video|source)\b[^>]*?(?<![\w-])src|object\b[^>]*?(?<![\w-])data)\s*=\s*)("[^"]*"|'[^']*'|[^\s>]+)""",
    re.IGNORECASE,
)
_PACKED: Final = re.compile(r'<img src="([^"]*-[0-9a-f]{16}\.\w+)"')
_ELSEWHERE: Final = re.compile(r"(?:https?|data):", re.IGNORECASE)
# How an author can type the separator of fields. YAML refuses the character itself.
_SEPARATOR: Final = re.compile(r"&#(?:0*31|[xX]0*1[fF]);")
_BARE_LINK: Final = re.compile(r"https?://\S+")
_BLOCK: Final = re.compile(r"<(?:p|[uo]l|h[1-6r]|pre|blockquote|table)\b")
# Words and no more, which Markdown leaves as they are. Many texts are so.
_WORDS: Final = re.compile(r"[A-Za-z][A-Za-z0-9 ,.;:?'()/%-]*+(?<! )")
# What begins a list, a heading or a quotation.
_MARKER: Final = re.compile(r"^(\d*)([^\w\s])")
# Elements without an end, which authors of HTML may write with a slash.
_VOID: Final = re.compile(r"(<(?:area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr)\b[^<>]*?) ?/>")

_OF_FORMULAS: Final = frozenset({Code.MATH_SYNTAX, Code.MATH_COMMAND, Code.MATH_CHARACTER, Code.MATH_TEXT})
_NO_ALT: Final = ' alt=""'

# Takes the path of a medium as written in the source; returns its name in Anki or raises MediumError.
FindMedium = Callable[[str], str]


def is_block(html: str) -> bool:
    """Return True if a text's HTML begins with a paragraph, a list or the like, and is not one line."""
    return _BLOCK.match(html) is not None


def code(text: str) -> str:
    """Return the HTML of a text that is shown as code."""
    return f"<code>{escape(text, quote=False)}</code>"


class Renderer:
    """Renders one lesson's texts. What is wrong with them is kept in `findings` until the caller takes it."""

    def __init__(
        self, find_medium: FindMedium, *, html: bool, macros: Macros | None = None, language: str = ""
    ) -> None:
        """Show tags as typed, or take them as HTML with `html`; `macros` are the lesson's own LaTeX commands.

        `language` is the tag of the lesson's: signs have readings in some.
        """
        self._find_medium = find_medium
        self._html = html
        self._macros = macros
        self._language = language
        self._find_reading = readings_in(language)
        self.findings: list[Finding] = []
        self._common = Common(lru_cache(maxsize=20_000)(self._common_formula))  # a lesson's formulas are much the same
        self._text = Writing(formula=self._formula, media=self._medium, html=html)
        self._line = Writing(formula=self._formula, media=self._medium, has_breaks=False, html=html)
        self._cloze = Writing(formula=self._formula_in_cloze, media=self._medium, html=html)

    def take_findings(self) -> list[Finding]:
        """Return what is wrong with the texts rendered since the last time."""
        findings, self.findings = self.findings, []
        return findings

    def field(self, text: str) -> str:
        """Return a text's HTML."""
        if not text or _WORDS.fullmatch(text):
            return text
        html = None if self._html else self.common(text)
        return self.uncommon(text) if html is None else html

    def common(self, text: str) -> str | None:
        """Return the HTML of a common text, with which nothing is wrong; None for any other."""
        html = self._common.html(text)
        return None if html is None else _stored(_unwrapped(html))

    def uncommon(self, text: str) -> str:
        """Return the HTML of any text."""
        return self._markdown(text, self._text)

    def line(self, text: str) -> str:
        """Return the HTML of a title, prompt or choice: one line, in which `#` begins no heading and `>` no quotation."""
        if not text or _WORDS.fullmatch(text):
            return text
        html = self._markdown(text, self._line)
        if is_block(html):
            text = text.strip()
            if "\n" in text or "\r" in text:
                fault = "this is shown as one line, so paragraphs, lists and blocks of code can't be in it"
                self.findings.append(Finding(fault, Code.ONE_LINE))
            else:
                html = self._markdown(_MARKER.sub(lambda mark: mark[1] + sign(mark[2]), text), self._line)
        return html

    def description(self, text: str) -> str:
        """Return the HTML of a deck's description. Anki's page for it has no MathJax, so LaTeX is shown as it is."""
        return _MATHJAX.sub(lambda math: f"<i>{math[1] or math[2]}</i>", self.field(text))

    def cloze(self, text: str) -> tuple[str, tuple[int, ...]]:
        """Return the HTML of a text with deletions, and the numbers of its cards, from 0, in order."""
        html = self._markdown(text, self._cloze)
        if "<code" in html:
            html = cloze.part_code(_CODE.split(html))
        numbers = cloze.numbers(html)
        self.findings += cloze.odd_hints(text)
        fault = cloze.fault(text, html, numbers) or ("\\" in html and cloze_math.fault(html))
        if fault:  # a formula that a deletion tears is no problem of its own
            self.findings = [finding for finding in self.findings if finding.code not in _OF_FORMULAS]
        if fault and not any(other.code is Code.TABLE_CELLS for other in self.findings):  # which may cut a deletion off
            self.findings.append(fault)
        return html, tuple(number - 1 for number in numbers)

    def link(self, text: str) -> str:
        """Return the HTML of a source: a bare address becomes a link."""
        if _BARE_LINK.fullmatch(text.strip()):
            shown = unicodedata.normalize("NFC", escape(text.strip(), quote=False))
            address = shown.replace('"', "&quot;")
            return f'<a href="{address}">{shown}</a>'
        return self.field(text)

    def _markdown(self, text: str, writing: Writing) -> str:
        reader = Reader(text, html=self._html, find_reading=self._find_reading)
        read = reader.read()
        findings = reader.findings
        if "[" in read or "\\" in text:
            prose = reader.parts.restore_prose(reader.prose)
            findings += lint.find(prose)
            if not prose.isascii():
                findings += readings_as_typed(prose, self._language)
        if "|" in read:
            read, wrong_tables = read_tables(read)
            findings += wrong_tables
        html, wrong_marks = to_html(mark_lines(read), reader.parts, writing)
        findings += wrong_marks
        if findings:
            self._tell(findings, reader.parts)
        for latex, is_display in reader.parts.formulas:
            is_cloze = writing is self._cloze
            self.findings += formula_findings(latex, self._macros, display=is_display, cloze=is_cloze)
        html = _unwrapped(html)
        if (not html or html[0] == "<") and not self._html and _shows_nothing(html):
            # `-`, `1.` or `#` alone is an answer, not an empty list or heading.
            html = escape(text.strip(), quote=False)
        if self._html and "<" in text:
            html = self._raw_html(html)
        if FIELD_SEPARATOR in html and (found := _SEPARATOR.search(text)):
            message = "with this character Anki separates fields: delete it"
            self.findings.append(Finding(message, Code.BAD_CHARACTER, found[0]))
        if "**" in html and not html.isascii() and "\\*" not in text:
            self.findings += lint.shown(_VERBATIM.sub("", html))
        return _stored(html)

    def _tell(self, findings: list[Finding], parts: Parts) -> None:
        """Keep the first finding of each code, with the part to point at as it was typed."""
        first: dict[Code, Finding] = {}
        for finding in findings:
            first.setdefault(finding.code, finding._replace(where=parts.restore(finding.where)))
        if Code.MATH_UNCLOSED in first:  # its LaTeX is no second problem
            first.pop(Code.MATH_DELIMITER, None)
        self.findings += first.values()

    def _raw_html(self, html: str) -> str:
        """Return the HTML of a text, with the media packed that the author's own tags name."""
        if finding := wrong_tag(html):
            self.findings.append(finding)

        # Media that Markdown named are packed already.
        packed = set(_PACKED.findall(html))

        def raw(match: re.Match[str]) -> str:
            address = unescape(match[2].strip("\"'"))
            if _ELSEWHERE.match(address) or address in packed:
                return match[0]
            name = self._packed_name(address)
            return match[0] if name is None else f'{match[1]}"{name}"'

        return _RAW_MEDIUM.sub(raw, _VOID.sub(r"\1>", html))

    def _medium(self, address: str, alt: str, title: str, width: str) -> str:
        """Return the HTML of a picture or sound, by its packed name or by its address on the web."""
        name = None if _ELSEWHERE.match(unquote(address)) else self._packed_name(address)
        if name and name.endswith(SOUNDS):
            if width:
                self.findings.append(Finding("a sound or film has no width", Code.MEDIA_SYNTAX, address))
            return f"[sound:{name}]"
        tail = f"{attribute('title', title)}{attribute('width', width)}"
        return f"<img{attribute('src', name or address)}{attribute('alt', alt) or _NO_ALT}{tail}>"

    def _formula(self, formula: Formula) -> str:
        return _delimited(escape(self._latex(formula), quote=False), is_display=formula.is_display)

    def _formula_in_cloze(self, formula: Formula) -> str:
        html = cloze.part(escape(self._latex(formula), quote=False), " ")
        return _delimited(html, is_display=formula.is_display)

    def _common_formula(self, latex: str, is_display: bool) -> str | None:
        """Return the HTML of a formula; None where anything is wrong with it."""
        if formula_findings(latex, self._macros, display=is_display):
            return None
        return self._formula(Formula(latex, is_display))

    def _latex(self, formula: Formula) -> str:
        return self._macros.put_in(formula.latex) if self._macros else formula.latex

    def _packed_name(self, address: str) -> str | None:
        """Return the name in Anki of a medium; None where it can't be packed.

        A file's name may have a `%20` in it, so both readings of the address are tried.
        """
        missing: MediumError | None = None
        for path in dict.fromkeys((unquote(address), address)):
            try:
                return self._find_medium(path)
            except MediumError as error:
                if error.code != Code.MEDIA_MISSING:
                    missing = error
                    break
                missing = missing or error
        if missing:
            self.findings.append(Finding(str(missing), missing.code, address))
        return None


def _unwrapped(html: str) -> str:
    """Return the HTML of a text; without its tags where it is one paragraph."""
    is_paragraph = html.startswith("<p>") and html.find("</p>") == len(html) - 5
    return html[3:-5] if is_paragraph else html.removesuffix("\n")


def _stored(html: str) -> str:
    """Return HTML as a browser writes it and Anki stores it."""
    return html if html.isascii() else unicodedata.normalize("NFC", html).replace("\xa0", "&nbsp;")


def _delimited(latex: str, *, is_display: bool) -> str:
    # Anki's editor removes line ends next to the delimiters.
    return "\\[" + latex.strip("\n") + "\\]" if is_display else f"\\({latex}\\)"


def _shows_nothing(html: str) -> bool:
    return "<img" not in html and _NO_TEXT.fullmatch(html) is not None
