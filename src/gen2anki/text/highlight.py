"""Code blocks coloured when the deck is built: no script on the card, and the stylesheet has the colours.

The colours are put in last, when a note is packed: they are no part of what a note says. What changes only with the
highlighter is no change of a note, or its upgrade would overwrite learners' edits.
"""

import re
from collections.abc import Callable
from functools import cache
from html import escape, unescape
from typing import Final

from gen2anki.anki.note import FIELD_SEPARATOR
from gen2anki.markdown.writer import inert

# A fenced block that names its language, within one field; its text is escaped.
OPENING: Final = '<pre><code class="language-'
_BLOCK: Final = re.compile(f'({OPENING}([^"]+)">)([^{FIELD_SEPARATOR}]*?)(</code></pre>)')
_SPAN: Final = re.compile(r"</?span\b[^>]*>")


def highlight(fields: str) -> str:
    """Colour the code blocks of a note's fields; one in a language nobody knows stays plain, one with deletions too."""
    return _BLOCK.sub(_coloured, fields) if OPENING in fields else fields


def plain(fields: str) -> str:
    """Return fields without the colours of code, as `highlight` was given them."""
    if OPENING not in fields:
        return fields
    return _BLOCK.sub(_bleached, fields)


def _bleached(block: re.Match[str]) -> str:
    opening, _, coloured, closing = block.groups()
    code = _SPAN.sub("", coloured)
    return f"{opening}{code if '<' in code else escape(unescape(code), quote=False)}{closing}"


def _coloured(block: re.Match[str]) -> str:
    opening, language, code, closing = block.groups()
    # Colours would cut a deletion into pieces; and a tag (such as parts the code in a deletion) is no code.
    is_plain = not code or "{{c" in code or "<" in code
    colour = None if is_plain else _colourer(unescape(language))
    return opening + inert(colour(unescape(code)) if colour else code) + closing


@cache
def _colourer(language: str) -> Callable[[str], str] | None:
    """Return what turns a text in `language` into coloured HTML; None where nobody knows the language."""
    # Imported here: most lessons hold no code.
    import pygments
    from pygments.formatters.html import HtmlFormatter
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        lexer = get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        return None
    formatter = HtmlFormatter(nowrap=True)

    def colour(code: str) -> str:
        # As a browser writes it; some versions of the highlighter escape quotes as well.
        return str(pygments.highlight(code, lexer, formatter)).replace("&quot;", '"').replace("&#39;", "'")

    return colour
