"""Texts as authors type them, read back from real Anki."""

import zipfile
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml
from pygments.formatters.html import HtmlFormatter

from author import Author
from gen2anki.text import highlight, renderer
from learner import Learner

CASES: list[dict[str, str]] = yaml.load(
    (Path(__file__).parent / "cases" / "markup.yaml").read_text(encoding="utf-8"),
    Loader=yaml.BaseLoader,  # noqa: S506 (every scalar as typed)
)


def lesson(cases: list[dict[str, str]], *, html: bool) -> str:
    """Return a source with one note for each case."""
    lines = ["deck:", "  id: markup", "  name: Markup", f"  html: {str(html).lower()}", "flashcards:"]
    for case in cases:
        # The first line stands behind the key, the others below it.
        typed = case["typed"].rstrip("\n").replace("\n", "\n      ")
        lines.append(f"  - id: {case['name']}")
        lines += [f"    cloze: {typed}"] if "cloze" in case else ["    question: q", f"    answer: {typed}"]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("html", [False, True], ids=["text", "html"])
def test_each_text_reaches_ankis_field_as_the_author_meant(author: Author, learner: Learner, html: bool) -> None:
    """Every case of markup.yaml, built and imported at once; all differences are shown together."""
    cases = [case for case in CASES if ("html" in case) is html]
    author.write(lesson(cases, html=html))
    assert learner.take(author.publish()).new == len(cases)
    arrived = {case["name"]: learner.field(case["name"], "Text" if "cloze" in case else "Answer") for case in cases}
    assert arrived == {case["name"]: case["field"] for case in cases}


@pytest.mark.parametrize(
    ("hidden", "shown"),
    [
        ("`Vec::new()`", "<code>Vec:<wbr>:new()</code>"),
        ("`{{ name }}`", "<code>{{ name }<wbr>}</code>"),
        ("`if { g(){{}}}`", "<code>if { g(){{}<wbr>}<wbr>}</code>"),
        ("$f :: A$", r"\(f : : A\)"),
        (r"$\{x_{a_{i}}\}$", r"\(\{x_{a_{i} } \}\)"),
        (r"$\{x\}$::`a::b`", r"\(\{x\}\)"),
    ],
)
def test_a_deletion_hides_its_code_or_math_whole(author: Author, learner: Learner, hidden: str, shown: str) -> None:
    """Anki cuts the field at `::` and `}}`, in code and math too; still the front hides all, and the back shows all."""
    author.write(f"deck: {{id: d, name: D}}\nflashcards:\n  - id: a\n    cloze: 'Is {{{{c1::{hidden}}}}} it?'\n")
    learner.take(author.publish())
    (card,) = learner.note("a").cards()
    hint = "<code>a:<wbr>:b</code>" if hidden.endswith("`a::b`") else "..."
    assert f'data-ordinal="1">[{hint}]</span> it?</div>' in card.question()
    assert f'Is <span class="cloze" data-ordinal="1">{shown}</span> it?</div>' in card.answer()


def test_cases_have_names_of_their_own() -> None:
    """No case hides another."""
    names = [case["name"] for case in CASES]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode("utf-8"),
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("utf-16"),
        lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
        lambda text: text.encode("utf-16-le"),
        lambda text: text.encode("utf-16-be"),
        lambda text: text.replace("\n", "\r\n").encode("utf-8"),
        lambda text: text.replace("\n", "\r\n").encode("utf-16"),
        lambda text: text.replace("\n", "\r").encode("utf-8"),
    ],
    ids=[
        "utf-8",
        "bom",
        "utf-16",
        "utf-16-be",
        "utf-16-le-without-bom",
        "utf-16-be-without-bom",
        "crlf",
        "utf-16-crlf",
        "cr",
    ],
)
def test_encodings_and_line_ends_give_the_same_deck(author: Author, encode: Callable[[str], bytes]) -> None:
    """However an editor saves the source, the same bytes come out."""
    text = lesson([case for case in CASES if "html" not in case], html=False)
    author.write(text)
    expected = author.publish().read_bytes()
    author.ledger.unlink()
    author.now -= 86_400
    author.source.write_bytes(encode(text))
    assert author.publish().read_bytes() == expected


def test_other_colours_are_no_change(author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    """An upgrade of the highlighter changes no note, so it overwrites nothing that learners edited."""
    author.write(
        "deck: {id: code, name: Code}\nflashcards:\n  - id: a\n    question: q\n    answer: |\n      ```python\n      x\n      ```\n"
    )
    author.publish()
    before = author.ledger.read_bytes()
    monkeypatch.setattr(HtmlFormatter, "_get_css_class", lambda *_: "other")
    monkeypatch.setattr(highlight, "_colourer", highlight._colourer.__wrapped__)  # no colourer made before
    with zipfile.ZipFile(author.publish()) as archive:
        assert b'class="other"' in archive.read("collection.anki2")
    assert author.ledger.read_bytes() == before


@pytest.mark.parametrize(
    "code",
    [
        "x = 'one' + \"two\"\n",
        "if a < b &amp;&amp; c:\n\n\n",
        "\n  indented\n",
        "\ttab\u00a0\n",
        "{{c1::x}} = 1\n",
        "a:<wbr>:b\n",
        "\\[x\\]\n",
        "",
    ],
)
def test_colours_taken_out_leave_the_code_as_it_was(code: str) -> None:
    """Colours count neither as a change nor as damage."""
    code = code.replace("<", "&lt;").replace("&lt;wbr>", "<wbr>")
    fields = "".join(
        f'q\x1f<pre><code class="language-{language}">{code}</code></pre>\x1fx'
        for language in ("python", "c++", "none")
    )
    coloured = highlight.highlight(fields)
    assert ("<span" in coloured) is bool(code.strip() and "{{c" not in code and "<wbr>" not in code)
    assert highlight.plain(coloured) == highlight.plain(fields) == fields


def test_text_normalised_by_anki_is_normalised_before(author: Author, learner: Learner) -> None:
    """A source typed in NFD and one in NFC are the same: the second edition changes nothing."""
    source = (
        "deck: {id: nfc, name: Nfce\u0301, description: e\u0301, tags: [e\u0301::a], source: https://example.org/e\u0301}\n"
        "flashcards:\n  - {id: a, question: cafe\u0301?, answer: e\u0301, tags: [cafe\u0301, caf\u00e9]}\n"
        "practice:\n  - id: p\n    title: 1. e\u0301\n    prompt: '- e\u0301'\n    choices: ['#e\u0301', '>']\n"
        "    questions:\n      - {id: b, question: '-', answer: '#e\u0301', source: 'e\u0301'}\n"
    )
    author.write(source)
    learner.take(author.publish())
    before = author.ledger.read_bytes()
    assert "\u0301".encode() not in before
    author.write(source.replace("e\u0301", "\u00e9"))
    changes: dict[str, Any] = author.json("build")
    assert (changes["changed"], learner.field("a", "Answer"), learner.field("b", "Section")) == (
        [],
        "\u00e9",
        "1. \u00e9",
    )
    assert learner.note("a").tags == ["caf\u00e9", "\u00e9::a"]
    assert author.ledger.read_bytes() == before


def test_an_answer_is_its_choice_in_either_unicode_form(author: Author, learner: Learner) -> None:
    """Editors save accents in one form or the other; nobody sees which."""
    author.write(
        "deck: {id: nfc, name: Nfc}\npractice:\n  - id: p\n    title: P\n    choices: [Caf\u00e9, The\u0301]\n    questions:\n"
        "      - {id: a, question: a, answer: Cafe\u0301}\n      - {id: b, question: b, answer: [Th\u00e9, Cafe\u0301]}\n"
    )
    learner.take(author.publish())
    assert [(learner.field(id, "Answer"), learner.field(id, "Choices").count("right")) for id in "ab"] == [
        ("Caf\u00e9", 1),
        ("Caf\u00e9<br>Th\u00e9", 2),
    ]


def test_words_come_out_as_markdown_would_have_them() -> None:
    """A text that is taken for words alone, and not read as Markdown, would be the same if it were read."""
    allowed = {char for char in map(chr, range(128)) if renderer._WORDS.fullmatch(f"a{char}a")}
    signs = sorted(char for char in allowed if not char.isalnum())
    texts = ["".join(chars) for length in range(1, 5) for chars in product(["a", "1", *signs], repeat=length)]
    words = [text for start in texts for text in (start, f"a {start}") if renderer._WORDS.fullmatch(text)]
    assert len(words) > 10_000
    assert [text for text in words if renderer.Renderer(str, html=False).field(f"{text}*") != f"{text}*"] == []
