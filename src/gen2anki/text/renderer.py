r"""Markdown with math to the HTML of an Anki field. The only place that escapes, but for the colours of code.

Math is `\(…\)` and `\[…\]`, which Anki's MathJax takes; pictures and sounds are packed media; a text of one paragraph
has no `<p>`, because learners edit fields by hand. All is written as a browser would write it: Anki's editor stores what
its browser makes of a field, so that anything else would be an edit, dated now, as soon as a learner looks at the note.
"""

import re
import unicodedata
from collections.abc import Callable
from html import escape, unescape
from typing import Final
from urllib.parse import unquote

from gen2anki.anki.note import FIELD_SEPARATOR
from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.finding import Finding
from gen2anki.text import cloze, cloze_math, lint
from gen2anki.text.highlight import OPENING, not_math
from gen2anki.text.markdown import as_meant, lost_cells, to_html
from gen2anki.text.media import SOUNDS, MediumError

# What the Markdown library makes of math; its contents are escaped.
_MATH: Final = re.compile(r'<span class="math math-(inline|display)">(.*?)</span>', re.DOTALL)
_MATHJAX: Final = re.compile(r"\\\((.*?)\\\)|\\\[(.*?)\\\]", re.DOTALL)
_CODE: Final = re.compile(r"(<pre><code.*?</code></pre>|<code>.*?</code>)", re.DOTALL)
_VERBATIM: Final = re.compile(rf"{_CODE.pattern}|{_MATHJAX.pattern}", re.DOTALL)
_NO_TEXT: Final = re.compile(r"(?:<[^>]*>|\s)*")
# With `html: true`, a medium may also be named by the author's own tags.
_RAW_MEDIUM: Final = re.compile(
    r"""(<(?:img|audio|video|source)\b[^>]*?\bsrc\s*=\s*)("[^"]*"|'[^']*'|[^\s>]+)""", re.IGNORECASE
)
_IMAGE: Final = re.compile(r'<img src="([^"]*)" alt="[^"]*"(?: title="[^"]*")? />')
_ENCODED_LETTERS: Final = re.compile(r"(?:%[89A-F][0-9A-F])+")
_ELSEWHERE: Final = re.compile(r"(?:https?|data):", re.IGNORECASE)
# What stands for the separator of fields; typed as it is, it is no YAML.
_SEPARATOR: Final = re.compile(r"&#(?:0*31|[xX]0*1[fF]);")
_BARE_LINK: Final = re.compile(r"https?://\S+")
_OPEN_DISPLAY: Final = re.compile(r"(?<!\\)\$\$")
# A dollar sign before a LaTeX command, or before a formula with spaces around it.
_OPEN_INLINE: Final = re.compile(r"\$ ?\\[A-Za-z]+|(?<!\d)(?<!\d )\$ [^$]*[\^_=][^$]* \$(?!\w)")
_BLOCK: Final = re.compile(r"<(?:p|[uo]l|h[1-6r]|pre|blockquote|table)\b")
# Words and no more, which Markdown leaves as they are: so is many a text.
_WORDS: Final = re.compile(r"[A-Za-z][A-Za-z0-9 ,.;:?'()/%-]*+(?<! )")
# What one line begins with where Markdown would see a quotation, or a list of one entry: `>5`, `- 5`, `1. January`.
_SIGN: Final = re.compile(r">(?:>| ?[=~$€£¥]| ?[-+\u2212\u2013]?\.?[\d½¼¾])|(?:[-+*]|[0-9]{1,9}[.)])[ \t]")
# What begins a list, a heading or a quotation.
_MARKER: Final = re.compile(r"^(\d*)([^\w\s])")
# Written with a slash at the end: by the Markdown library, and with `html: true` by authors.
_VOID: Final = re.compile(r"(<(?:area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr)\b[^<>]*?) ?/>")
# Where the Markdown library escapes quotes that need no escape.
_QUOTES: Final = re.compile(
    r'<span class="math [^>]*>[^<]*|<(?:a href|code class|img src)="[^"]*"(?: (?:alt|title)="[^"]*")*'
)


# Takes the path of a medium as written in the source; returns its name in Anki or raises MediumError.
FindMedium = Callable[[str], str]


def is_block(html: str) -> bool:
    """Say whether a text's HTML holds paragraphs, lists and the like, rather than one line."""
    return _BLOCK.match(html) is not None


def code(text: str) -> str:
    """Return the HTML of a text that is shown as it is, as code is."""
    return f"<code>{escape(text, quote=False)}</code>"


class Renderer:
    """Renders one lesson's texts. What is wrong with a text is left in `faults`, for the caller to take away."""

    def __init__(self, find_medium: FindMedium, *, html: bool) -> None:
        """Render raw HTML as typed, or, with `html`, as HTML."""
        self._find_medium = find_medium
        self._html = html
        self.faults: list[Finding] = []

    def take_faults(self) -> list[Finding]:
        """Return what is wrong with the texts rendered since the last time."""
        faults, self.faults = self.faults, []
        return faults

    def field(self, text: str) -> str:
        """Return a text's HTML."""
        return text if not text or _WORDS.fullmatch(text) else self._markdown(text, cloze=False)

    def line(self, text: str) -> str:
        """Return the HTML of a title, prompt or choice: one line, in which `#` begins no heading, `>` no quotation."""
        html = self.field(text)
        if is_block(html):
            text = text.strip()
            if "\n" in text:
                fault = "this is shown as one line, so paragraphs, lists and blocks of code can't be in it"
                self.faults.append(Finding(fault, Code.ONE_LINE))
            else:
                html = self.field(_MARKER.sub(r"\1\\\2", text))
        return html

    def description(self, text: str) -> str:
        """Return the HTML of a deck's description: Anki's page for it knows no MathJax, so LaTeX is shown as it is."""
        return _MATHJAX.sub(lambda math: f"<i>{math[1] or math[2]}</i>", self.field(text))

    def cloze(self, text: str) -> tuple[str, tuple[int, ...]]:
        """Return the HTML of a text with deletions, and the numbers of its cards, from 0, in order."""
        html = self._markdown(text, cloze=True)
        if "<code" in html:
            html = cloze.part_code(_CODE.split(html))
        numbers = cloze.numbers(html)
        fault = cloze.fault(text, html, numbers) or ("\\" in html and cloze_math.fault(html))
        if fault and not any(other.code == Code.TABLE_CELLS for other in self.faults):  # which may cut a deletion off
            self.faults.append(fault)
        return html, tuple(number - 1 for number in numbers)

    def link(self, text: str) -> str:
        """Return the HTML of a source: a bare address becomes a link."""
        if _BARE_LINK.fullmatch(text.strip()):
            shown = unicodedata.normalize("NFC", escape(text.strip(), quote=False))
            address = shown.replace('"', "&quot;")
            return f'<a href="{address}">{shown}</a>'
        return self.field(text)

    def _markdown(self, text: str, *, cloze: bool) -> str:
        # Most texts hold none of what it takes to be more than words.
        if "$" in text or "<" in text or "[" in text or "\\" in text or "&" in text or "~" in text or "|" in text:
            html = self._more_than_words(text, cloze=cloze)
        else:
            html = to_html(text)
        is_paragraph = html.startswith("<p>") and html.find("</p>") == len(html) - 5
        html = html[3:-5] if is_paragraph else html.removesuffix("\n")
        if not is_paragraph and "\n" not in (line := text.strip()) and _SIGN.match(line):
            return self._markdown(_MARKER.sub(r"\1\\\2", line), cloze=cloze)
        if (not html or html[0] == "<") and not self._html and _shows_nothing(html):
            # `-`, `1.` or `#` alone is an answer, not an empty list or heading.
            html = escape(text.strip(), quote=False)
        if "<" in html and "/>" in html:
            html = _VOID.sub(r"\1>", html)
        if html.isascii():
            return html
        if ("**" in html and "\\*" not in text) or "\n" in html:
            self.faults += (slip for slip in lint.shown(_VERBATIM.sub("", html)))
        return unicodedata.normalize("NFC", html).replace("\xa0", "&nbsp;")

    def _more_than_words(self, text: str, *, cloze: bool) -> str:
        """Return the HTML of a text that may hold math, raw HTML, pictures or sounds."""
        # One character is found five times as fast as two: so it is looked for first.
        typed = text
        brackets = "\\" in text and ("\\(" in text or "\\[" in text)
        entities = "&" in text and ";" in text
        html, text = as_meant(text, html=self._html)
        if "|" in text and "<table" in html and (row := lost_cells(text)):
            fault = "this row has more cells than the table's head, and Markdown drops the last: a '|' in a cell is written '\\|'"
            self.faults.append(Finding(fault, Code.TABLE_CELLS, row if row in typed else ""))
        if entities and FIELD_SEPARATOR in html and (found := _SEPARATOR.search(typed)):
            self.faults.append(
                Finding("with this character Anki separates fields: delete it", Code.BAD_CHARACTER, found[0])
            )
        if "[" in typed or brackets or ("\\" in typed and "$" not in typed):
            self.faults += lint.find(typed)
        is_odd = brackets or "$" in html or (entities and "\\" in html)  # `&bsol;` is one
        if is_odd:
            html = self._outside_math(html, typed)
        if "&" in html and ("&#" in html or "&quot;" in html):
            html = _QUOTES.sub(_unescape_quotes, html)
        if "<span" in html:
            has_display = "math-display" in html
            if "%" in html or (has_display and "\\label" in html):
                self.faults += (fault for math in _MATH.findall(html) for fault in lint.in_math(unescape(math[1])))
            if cloze or is_odd or self._html or has_display:
                html = _MATH.sub(_mathjax_in_cloze if cloze else _mathjax, html)
            else:  # the usual case, at a tenth of the cost: no other element ends in </span>
                html = html.replace('<span class="math math-inline">', r"\(").replace("</span>", r"\)")
        return self._media(html, typed) if "<img" in html or self._html else html

    def _outside_math(self, html: str, typed: str) -> str:
        r"""Take care of what is no math and looks like it: a typed `\(`, and `$$` that no other closes."""
        parts = _MATH.split(html)  # text, kind, math, text, kind, math, … text
        for place in range(0, len(parts), 3):
            pieces = _CODE.split(parts[place])  # text, code, text, …
            for text in pieces[::2]:
                if "$$" in text and _OPEN_DISPLAY.search(typed):
                    fault = "this '$$' has no partner: math is $$…$$, and two dollar signs are \\$\\$"
                    self.faults.append(Finding(fault, Code.MATH_UNCLOSED, "$$"))
                elif (found := _OPEN_INLINE.search(text)) and f"\\{found[0]}" not in typed:
                    fault = "this '$' begins no math: math is $…$, with no space inside next to the '$'"
                    self.faults.append(Finding(fault, Code.MATH_UNCLOSED, found[0]))
            # Where code is coloured, this is done with the colours.
            parts[place] = "".join(piece if piece.startswith(OPENING) else not_math(piece) for piece in pieces)
        for place in range(2, len(parts), 3):
            parts[place - 1] = f'<span class="math math-{parts[place - 1]}">'
            parts[place] += "</span>"
        return "".join(parts)

    def _media(self, html: str, typed: str) -> str:
        """Name each picture and sound as it is packed; leave addresses elsewhere as they are."""
        packed: set[str] = set()

        def name(source: str) -> str | None:
            address = unescape(source)
            path = unquote(address)
            if _ELSEWHERE.match(path) or source in packed:
                return None
            try:
                found = self._find_addressed(address)
            except MediumError as error:
                needle = next((name for name in (path, address) if name in typed), "")
                self.faults.append(Finding(str(error), error.code, needle))
                return None
            packed.add(found)
            return found

        def image(match: re.Match[str]) -> str:
            found = name(match[1])
            if found is None:
                return match[0]
            return f"[sound:{found}]" if found.lower().endswith(SOUNDS) else match[0].replace(match[1], found, 1)

        def raw(match: re.Match[str]) -> str:
            found = name(match[2].strip("\"'"))
            return match[0] if found is None else f'{match[1]}"{found}"'

        html = _IMAGE.sub(image, html)
        return _RAW_MEDIUM.sub(raw, html) if self._html else html

    def _find_addressed(self, address: str) -> str:
        """Return the name in Anki of a medium; its file may really be called `Mona%20Lisa.png`, as its address is."""
        missing: list[MediumError] = []
        # Markdown itself writes letters that are not ASCII so.
        for path in dict.fromkeys((unquote(address), address, _ENCODED_LETTERS.sub(_unquoted, address))):
            try:
                return self._find_medium(path)
            except MediumError as error:
                if error.code != Code.MEDIA_MISSING:
                    raise
                missing.append(error)
        raise missing[0]


def _unquoted(match: re.Match[str]) -> str:
    return unquote(match[0])


def _mathjax(match: re.Match[str]) -> str:
    return _delimited(match[2], match[1])


def _mathjax_in_cloze(match: re.Match[str]) -> str:
    return _delimited(cloze.part(match[2], " "), match[1])


def _delimited(math: str, kind: str) -> str:
    # Anki's editor takes line ends out that stand next to the delimiters.
    return f"\\({math}\\)" if kind == "inline" else "\\[" + math.strip("\n") + "\\]"


def _unescape_quotes(match: re.Match[str]) -> str:
    html = match[0].replace("&#39;", "'").replace("&#x27;", "'")
    return html.replace("&quot;", '"') if html.startswith("<span") else html


def _shows_nothing(html: str) -> bool:
    return "<img" not in html and _NO_TEXT.fullmatch(html) is not None
