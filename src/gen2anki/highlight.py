"""Code blocks coloured when the deck is built: no script on the card, and the stylesheet has the colours."""

import re
from collections.abc import Callable
from functools import cache
from html import unescape
from typing import Final

# A fenced block that names its language; its text is escaped.
_BLOCK: Final = re.compile(r'(<pre><code class="language-([^"]+)">)(.*?)(</code></pre>)', re.DOTALL)
_SPAN: Final = re.compile(r"</?span\b[^>]*>")


def highlight(html: str) -> str:
    """Colour the code blocks of a text's HTML; one in a language nobody knows stays plain, one with deletions too."""
    return _BLOCK.sub(_coloured, html) if '<pre><code class="language-' in html else html


def plain(html: str) -> str:
    """Return HTML without the colours of code.

    What changes only with the highlighter is no change of a note, or its upgrade would overwrite learners' edits.
    """
    if '<pre><code class="language-' not in html:
        return html
    return _BLOCK.sub(lambda block: block[1] + _SPAN.sub("", block[3]) + block[4], html)


def _coloured(block: re.Match[str]) -> str:
    opening, language, code, closing = block.groups()
    colour = None if "{{c" in code else _colourer(unescape(language))  # colours would cut a deletion into pieces
    return f"{opening}{colour(unescape(code))}{closing}" if colour else block[0]


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
    return lambda code: str(pygments.highlight(code, lexer, formatter))
