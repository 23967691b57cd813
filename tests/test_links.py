"""With `html: false`, no text becomes an element that its author did not write, and no link leads to what could run."""

import re
from html import unescape
from html.parser import HTMLParser

import pytest

from author import Author
from gen2anki.text.renderer import Renderer

SAFE = re.compile(r"(?:https?|mailto|tel):|(?![a-z][a-z0-9+.-]*:)", re.IGNORECASE)
# As many spellings of one address as browsers read, and some that they do not.
SPELLINGS = (
    "javascript:alert(1)", "JavaScript:alert(1)", "java\tscript:alert(1)", "java\nscript:alert(1)", "java\rscript:alert(1)",
    "\x01javascript:alert(1)", "\x1fjavascript:alert(1)", " javascript:alert(1)", "\u00a0javascript:alert(1)", "javascript&colon;alert(1)",
    "javascript&#58;alert(1)", "javascript&#x3A;alert(1)", "&#106;avascript:alert(1)", "&#x6A;&#x61;vascript:alert(1)", "java&Tab;script:alert(1)",
    "java&NewLine;script:alert(1)", "java&#10;script:alert(1)", "java&#13;script:alert(1)", "java&#x09;script:alert(1)", "&#1;javascript:alert(1)",
    "javascript\\:alert(1)", "\\javascript:alert(1)", "j\\avascript:alert(1)", "javascript%3Aalert(1)", "%6Aavascript:alert(1)",
    "javascript://a.b/%0aalert(1)", "vbscript:msgbox(1)", "VBSCRIPT:msgbox(1)", "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD4=", "DATA:text/html,a", "file:///etc/passwd", "blob:http://a/b", "about:blank", "view-source:http://a",
    "intent://a#Intent;end", "x-apple.systempreferences:a", "ms-settings:a", "jar:http://a!/b", "feed:javascript:alert(1)", "\u200bjavascript:alert(1)",
    "javascript\u200b:alert(1)", "ｊavascript:alert(1)", "javascript：alert(1)", "java\x00script:alert(1)",
)  # fmt: skip
PLACES = (
    "[a]({})", "[a](<{}>)", "[a]({} 'title')", "[a][b]\n\n[b]: {}", "[a][b]\n\n[b]: <{}>", "[b]\n\n[b]: {}", "<{}>", "![a]({})", "![a](<{}>)",
    "![a][b]\n\n[b]: {}", "[![a](http://a.b/c.png)]({})", "[a]( {} )", "| a |\n|---|\n| [a]({}) |", "- [a](<{}>)", "> [a]({})", "**[a]({})**", "{}",
    "a](<{}>", "](<{}>)", "[a](<{}>){{{{c1::b}}}}",
)  # fmt: skip


class _Links(HTMLParser):
    """Keeps what a browser would follow, and what it would run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.odd: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "href":
                # Browsers leave out blanks and control characters around an address, and tabs and line ends in it.
                self.found.append(re.sub(r"[\t\r\n]", "", (value or "").strip("".join(map(chr, range(33))))))
            elif name.startswith("on") or name == "srcdoc":
                self.odd.append(name)
        if tag in {"script", "iframe", "object", "embed", "form", "base", "meta", "link", "style", "svg"}:
            self.odd.append(tag)


def _read(html: str) -> _Links:
    links = _Links()
    links.feed(html)
    links.close()
    return links


@pytest.mark.parametrize("place", PLACES)
def test_no_spelling_of_an_address_gets_past(place: str) -> None:
    """It is a problem, or no link, in each place where a text may have one."""
    for spelling in SPELLINGS:
        typed = place.format(spelling)
        for way in ("field", "line", "description", "link", "cloze"):
            renderer = Renderer(str, html=False)
            made = getattr(renderer, way)(typed)
            if renderer.take_findings():
                continue
            links = _read(made if isinstance(made, str) else made[0])
            assert links.odd == [], (typed, made)
            assert [one for one in links.found if not SAFE.match(unescape(one))] == [], (typed, made)


@pytest.mark.parametrize(
    "typed",
    [
        "](<script>alert(1)</script>", "](<img src=x onerror=alert(1)>", "a](<b>", "[a](<img src=x onerror=alert(1)>", "![](<img src=x>",
        "[a]: <script>", "[x][](<svg onload=alert(1)>", "`a](<b>", "$a](<b>$ ](<i>", "\\](<b>", "- ](<b>", "| ](<b> |\n|---|\n| ](<i> |",
    ],
)  # fmt: skip
def test_a_tag_behind_a_link_is_shown_as_typed(typed: str) -> None:
    """`](<` begins an address in angle brackets only where a link is before it."""
    renderer = Renderer(str, html=False)
    for made in (renderer.field(typed), renderer.line(typed), renderer.cloze(typed)[0], renderer.description(typed)):
        links = _read(made)
        assert links.odd == []
        assert not re.search(r"<(?:script|img src=.?x|svg|b>|i>)", made) or renderer.findings


@pytest.mark.parametrize("scheme", ["http", "HTTPS", "mailto", "tel", "doi", "geo", "magnet"])
def test_links_to_pages_people_and_places_are_links(scheme: str) -> None:
    """Relative ones, too."""
    renderer = Renderer(str, html=False)
    assert renderer.field(f"[a]({scheme}:b)") == f'<a href="{scheme}:b">a</a>'
    assert renderer.take_findings() == []


def test_a_link_that_could_run_has_its_place(author: Author) -> None:
    """In a text, a source, a description."""
    author.write(
        "deck: {id: a, name: A, description: '[x](file:///a)'}\nflashcards:\n"
        "  - {id: b, question: '[x](intent:a)', answer: '<javascript://a>', source: '[x](vbscript:a)'}\n"
    )
    problems = author.json("check")["problems"]
    assert [(one["line"], one["code"]) for one in problems] == [(1, "link-address")] + 3 * [(3, "link-address")]
