"""Colours of code blocks, put in when the deck is built: the card has no script, and the stylesheet has the colours.

They are put in last, when a note is packed, because they are no part of what a note says. If they were, an upgrade of the
highlighter would change notes, and overwrite what learners edited.
"""

import re
from collections.abc import Callable
from functools import cache
from html import escape, unescape
from typing import Final

from gen2anki.anki.note import FIELD_SEPARATOR
from gen2anki.markdown.writer import inert

# The beginning of a fenced block that names its language.
OPENING: Final = '<pre><code class="language-'
_BLOCK: Final = re.compile(f'({OPENING}([^"]+)">)([^{FIELD_SEPARATOR}]*?)(</code></pre>)')
_SPAN: Final = re.compile(r"</?span\b[^>]*>")


def highlight(fields: str) -> str:
    """Return a note's fields with their code blocks coloured.

    A block in an unknown language stays plain, and so does one with deletions.
    """
    return _BLOCK.sub(_coloured, fields) if OPENING in fields else fields


def plain(fields: str) -> str:
    """Return a note's fields without colours, as they were before `highlight`."""
    if OPENING not in fields:
        return fields
    return _BLOCK.sub(_bleached, fields)


def _bleached(block: re.Match[str]) -> str:
    opening, _, coloured, closing = block.groups()
    code = _SPAN.sub("", coloured)
    return f"{opening}{code if '<' in code else escape(unescape(code), quote=False)}{closing}"


def _coloured(block: re.Match[str]) -> str:
    opening, language, code, closing = block.groups()
    # Colours would cut a deletion into pieces. A tag, such as the one that `cloze.part_code` puts in, is no code.
    is_plain = not code or "{{c" in code or "<" in code
    colour = None if is_plain else _colourer(unescape(language))
    coloured = colour(unescape(code)) if colour else code
    # A highlighter that adds or drops a character would make every later edition another text.
    return opening + inert(coloured if _SPAN.sub("", coloured) == code else code) + closing


@cache
def _colourer(language: str) -> Callable[[str], str] | None:
    """Return a function from code in `language` to coloured HTML; None where the language is unknown."""
    # Imported here because most lessons hold no code.
    import pygments
    from pygments.formatters.html import HtmlFormatter
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None
    formatter = HtmlFormatter(nowrap=True)

    def colour(code: str) -> str:
        # As a browser writes it; some versions of the highlighter escape quotes as well.
        return str(pygments.highlight(code, lexer, formatter)).replace("&quot;", '"').replace("&#39;", "'")

    return colour
