"""A note's HTML, as Anki has it, to what stands on a page: media in the page itself, formulas set, styles by number."""

import re
from base64 import b64encode
from collections.abc import Iterable
from html import escape, unescape
from typing import Final

from markupsafe import Markup

from gen2anki.anki.note import Medium
from gen2anki.page.formulas import DELETION, DELETION_END, Formulas
from gen2anki.text.cloze import START
from gen2anki.text.highlight import highlight
from gen2anki.text.media import packed

_SOUND: Final = re.compile(r"\[sound:([^\]\[<>]*)\]")
_SOURCE: Final = re.compile(r"""(\ssrc\s*=\s*)("[^"]*"|'[^']*'|[^\s>]+)""", re.IGNORECASE)
_PICTURE_ELSEWHERE: Final = re.compile(r"<img\b[^>]*?\ssrc=[\"']?(https?:[^\"'\s>]*)[^>]*>", re.IGNORECASE)
_ALT: Final = re.compile(r"""\salt=("[^"]*"|'[^']*')""", re.IGNORECASE)
# A tag with a style of its own, which the page's policy allows to none.
_STYLE: Final = re.compile(r"""(<[a-zA-Z][^<>]*?\s)style\s*=\s*("[^"]*"|'[^']*')""")
_MENCLOSE: Final = re.compile(r'<menclose notation="([^"]*)">(.*?)</menclose>', re.DOTALL)
_MARKS: Final = re.compile(rf"{START.pattern}|}}}}")
_FILMS: Final = (".3gp", ".avi", ".flv", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".ogv", ".webm")
_TYPES: Final = {
    ".svg": "image/svg+xml", ".jpg": "image/jpeg", ".ico": "image/x-icon", ".tif": "image/tiff", ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4", ".oga": "audio/ogg", ".ogg": "audio/ogg", ".opus": "audio/ogg", ".spx": "audio/ogg",
    ".ogv": "video/ogg", ".mpg": "video/mpeg", ".mov": "video/quicktime", ".m4v": "video/mp4",
}  # fmt: skip
_KINDS: Final = {
    "image": (".avif", ".bmp", ".gif", ".jpeg", ".png", ".tiff", ".webp"),
    "audio": (".aac", ".flac", ".wav"),
}


class Contents:
    """Makes the contents of one page. `formulas` and `styles` then know what they need of font and stylesheet."""

    def __init__(self, media: Iterable[Medium], sound: str) -> None:
        """Take the media that texts name; `sound` is the word for one."""
        self._files = {medium.name: medium.file for medium in media}
        self._data: dict[str, str] = {}
        self._sound = escape(sound)
        self.formulas = Formulas()
        self.styles: dict[str, int] = {}  # by what they say

    def of(self, html: str) -> Markup:
        """Return what the HTML of a field is on the page.

        Raises:
            OSError: a picture or sound can't be read.
        """
        if "<" not in html and "\\" not in html and "[" not in html:
            return _trusted(html)
        return self._placed(highlight(html))

    def cloze(self, html: str, number: int | None) -> tuple[Markup, Markup]:
        """Return both sides of a card that asks for the deletions of a number; for all where there is none."""
        html = highlight(html)  # which leaves code with deletions alone
        front, back = (_deleted(html, number, is_front=is_front) for is_front in (True, False))
        return self._placed(front), self._placed(back)

    def _placed(self, html: str) -> Markup:
        """Return a text's HTML with all in the page that it names."""
        html = self.formulas.set_in(html)
        if DELETION in html:
            html = html.replace(DELETION, '<span class="cloze">').replace(DELETION_END, "</span>")
        if "[sound:" in html:
            html = _SOUND.sub(self._player, html)
        if "src" in html:
            html = _SOURCE.sub(self._embedded, _PICTURE_ELSEWHERE.sub(_link, html))
        if "<menclose" in html:
            html = _MENCLOSE.sub(_enclosed, html)
        return _trusted(_STYLE.sub(self._numbered, html) if "style" in html else html)

    def _player(self, found: re.Match[str]) -> str:
        name = unescape(found[1])
        if name not in self._files:
            return found[0]
        kind = "video" if name.endswith(_FILMS) else "audio"
        return f'<{kind} controls preload="metadata" aria-label="{self._sound}" src="{self._address(name)}"></{kind}>'

    def _embedded(self, found: re.Match[str]) -> str:
        name = unescape(found[2].strip("\"'"))
        return f'{found[1]}"{self._address(name)}"' if name in self._files else found[0]

    def _address(self, name: str) -> str:
        """Return a medium as an address that holds all of it."""
        if name not in self._data:
            suffix = name[name.rfind(".") :]
            kind = _TYPES.get(suffix) or next(
                (f"{kind}/{suffix[1:]}" for kind, suffixes in _KINDS.items() if suffix in suffixes),
                f"video/{suffix[1:]}",
            )
            self._data[name] = f"data:{kind};base64,{b64encode(packed(self._files[name])).decode()}"
        return self._data[name]

    def _numbered(self, found: re.Match[str]) -> str:
        """Give a tag the number of its style, which stands in the page's stylesheet."""
        style = unescape(found[2][1:-1]).strip()
        return f'{found[1]}data-s="{self.styles.setdefault(style, len(self.styles))}"'


def _trusted(html: str) -> Markup:
    """Return what a template takes as it is: `text.renderer` has escaped it, or the lesson wants its HTML."""
    return Markup(html)  # noqa: S704 (see above)


def _link(found: re.Match[str]) -> str:
    """Return a link to a picture that is elsewhere: the page loads nothing."""
    alt = _ALT.search(found[0])
    shown = alt[1][1:-1] if alt else ""
    return f'<a href="{found[1]}">{shown or found[1]}</a>'


def _enclosed(found: re.Match[str]) -> str:
    """Return what is crossed out or framed as a row that the stylesheet draws: not all browsers know the element."""
    return f'<mrow class="{found[1]}">{found[2]}</mrow>'


def _deleted(html: str, number: int | None, *, is_front: bool) -> str:
    """Return a text with its deletions: those asked for hidden or marked, the others as they are."""
    parts: list[tuple[int, str]] = [(0, "")]  # the number of each deletion that is open, and its text so far
    done = 0

    def add(text: str) -> None:
        parts[-1] = (parts[-1][0], parts[-1][1] + text)

    for mark in _MARKS.finditer(html):
        add(html[done : mark.start()])
        done = mark.end()
        if mark[1]:
            parts.append((int(mark[1]), ""))
        elif len(parts) > 1:
            own, inside = parts.pop()
            text, _, hint = inside.partition("::")
            asked = number is None or own == number
            if asked:
                text = DELETION + (f"[{hint or '…'}]" if is_front else text) + DELETION_END
            add(text)
        else:
            add(mark[0])
    add(html[done:])
    return "".join(text for _, text in parts)
