"""Readings in brackets stand above their signs in Japanese and Chinese lessons, and nowhere else."""

import re
from pathlib import Path
from typing import Final

import pytest

from author import Author
from gen2anki.diagnostics.codes import Code
from gen2anki.text.renderer import Renderer
from learner import Learner
from test_format import in_code

DOCS: Final = Path(__file__).parent.parent / "docs" / "format.md"
HEAD: Final = "| rule | language | typed | shown |\n|---|---|---|---|\n"
RUBY: Final = re.compile(r"<ruby>([^<]*)<rp>\(</rp><rt>([^<]*)</rt><rp>\)</rp></ruby>")


def _shown(language: str, typed: str) -> str:
    """Return a text's HTML, without the brackets that no browser shows, and without code's tags."""
    html = Renderer(str, html=False, language=language).field(typed)
    return RUBY.sub(r"<ruby>\1<rt>\2</rt></ruby>", html).replace("<code>", "").replace("</code>", "")


def _rules() -> list[tuple[str, str, str]]:
    """Return the language, the text and what is shown of each example in the manual's table."""
    rows = DOCS.read_text(encoding="utf-8").partition(HEAD)[2].partition("\n\n")[0].splitlines()
    examples = []
    for row in rows:
        _, language, typed, shown = (cell.strip() for cell in row.strip("| ").split(" | "))
        texts = in_code(typed)
        results = shown.split(", ") if shown != "as typed" else ["as typed"] * len(texts)
        examples += [
            (language.strip("`"), text, text if result == "as typed" else result)
            for text, result in zip(texts, results, strict=True)
        ]
    return examples


@pytest.mark.parametrize(("language", "typed", "shown"), _rules())
def test_each_rule_of_the_manual_holds(language: str, typed: str, shown: str) -> None:
    """The table of rules says what is typed and what is shown."""
    assert _shown(language, typed) == shown


@pytest.mark.parametrize(
    ("language", "typed", "shown"),
    [
        ("ja", "目の前[まえ]", "目の<前|まえ>"),
        ("ja", "木の実[このみ]と一ヶ月[いっかげつ]", "<木の実|このみ>と<一ヶ月|いっかげつ>"),
        ("ja", "言[い]い違[ちが]い", "<言|い>い<違|ちが>い"),
        ("ja", "タバコの 煙[ケムリ]", "タバコの<煙|ケムリ>"),
        ("ja", "日本[にほん] 語[ご]", "<日本|にほん><語|ご>"),
        ("ja", "か\u3099学[か\u3099く]", "が<学|がく>"),
        ("ja", "**食[た]べる**", "<strong><食|た>べる</strong>"),
        ("ja", "[食[た]べる](https://example.org)", '<a href="https://example.org"><食|た>べる</a>'),
        ("ja", "![食[た]べる](https://example.org/a.png)", '<img src="https://example.org/a.png" alt="食(た)べる">'),
        ("ja", "$食[た]$ <https://example.org/食[た]>", None),
        ("ja", "「食べ[たべ]」食[ ]食[]食[た", "「食べ[たべ]」食[ ]食[]食[た"),
        ("ja-Latn", "食[taberu]", "食[taberu]"),
        ("zh-Hant-TW", "西安[Xī'ān]，旅館[lǚguǎn]", "<西安|Xī'ān>，<旅館|lǚguǎn>"),
        ("zh", "一点儿[yìdiǎnr]女儿[nǚ'ér]", "<一点儿|yìdiǎnr><女儿|nǚ'ér>"),
        ("zh", "我 想[xiǎng]", "我<想|xiǎng>"),
        ("zh", "图[fig1]世卫[WHO]注[note]咖啡馆[café]好[nǐ hǎo]", "图[fig1]世卫[WHO]注[note]咖啡馆[café]好[nǐ hǎo]"),
        ("zh", "食[た]", "食[た]"),
        ("nan", "食飯[tsia\u030dh-pn\u0304g]", "<食飯|tsia\u030dh-pn\u0304g>"),
        ("zh-HK", "你好[nei5 hou2]", "<你好|nei5 hou2>"),
        ("ko", "食[た]", "食[た]"),
        ("en", "食[た]", "食[た]"),
    ],
)
def test_a_reading_finds_its_signs(language: str, typed: str, shown: str | None) -> None:
    """What else is in brackets, math, an address and a medium's description are left alone."""
    html = Renderer(str, html=False, language=language).field(typed)
    if shown is None:
        assert "<ruby" not in html
    else:
        assert RUBY.sub(r"<\1|\2>", html) == shown.replace("か\u3099", "が")


def test_tags_of_the_author_are_left_alone() -> None:
    """With `html: true` a bracket inside a tag is a part of that tag."""
    renderer = Renderer(str, html=True, language="ja")
    assert renderer.field('<b title="x 食[た]">食[た]</b>') == (
        '<b title="x 食[た]"><ruby>食<rp>(</rp><rt>た</rt><rp>)</rp></ruby></b>'
    )


def test_readings_arrive_in_every_text(author: Author, learner: Learner) -> None:
    """Question, answer, why, hint, cloze, choice and prompt; a typed answer is the signs alone, as a learner types it."""
    ruby = "<ruby>食<rp>(</rp><rt>た</rt><rp>)</rp></ruby>べる"
    author.write(
        "deck: {id: r, name: R, language: ja}\n"
        "flashcards:\n"
        "  - {id: a, question: '食[た]べる', answer: '食[た]べる', why: '食[た]べる', hint: '食[た]べる', typed: true, reverse: true}\n"
        "  - {id: c, cloze: '{{c1:: 食[た]べる::食[た]べる}}', why: '食[た]べる'}\n"
        "practice:\n"
        "  - {id: s, title: T, prompt: '食[た]べる', choices: ['食[た]べる', 見る], questions: [{id: b, question: q, answer: '食[た]べる'}]}\n"
    )
    learner.take(author.publish())
    note = learner.note("a")
    assert {note[name] for name in ("Question", "Answer", "Why", "Hint")} == {ruby}
    assert (note["Typed"], note["TypedReverse"]) == ("食べる", "食べる")
    assert learner.field("c", "Text") == f"{{{{c1::{ruby}::{ruby}}}}}"
    (card, *_) = learner.note("c").cards()
    assert f">{ruby}</span>" in card.answer()
    chosen = learner.note("b")
    assert (chosen["Prompt"], chosen["Answer"]) == (ruby, ruby)
    assert chosen["Choices"].count(ruby) == 1


def test_a_changed_reading_is_told_as_it_is_typed(author: Author) -> None:
    """`diff` compares word by word, with the brackets of the source."""
    source = "deck: {id: r, name: R, language: ja}\nflashcards: [{id: a, question: '市[いち]場', answer: b}]\n"
    author.write(source)
    old = author.publish()
    author.write(source.replace("市[いち]場", "市場[いちば]"))
    said = author.run("diff", "--against", str(old)).output
    assert "ruby" not in said
    assert "場" in said
    assert "[" in said


def test_a_reading_that_is_shown_as_typed_is_told(author: Author) -> None:
    """Once, with its place and the language that it needs; nobody is told of a footnote, or of a bracket that is escaped."""
    author.write(
        "deck: {id: r, name: R}\n"
        "flashcards:\n"
        "  - {id: a, question: '漢字[1] 食\\[た] `食[た]`', answer: '食[た]べる'}\n"
        "  - {id: b, question: '食[た]べる', answer: x}\n"
    )
    (problem,) = author.json("check")["problems"]
    assert (problem["line"], problem["column"], problem["code"]) == (3, 54, Code.READING_TYPED)
    assert "'language: ja'" in problem["text"]
    author.replace("name: R", "name: R, language: ja")
    assert author.json("check")["problems"] == []


def test_long_runs_of_signs_take_no_long_time() -> None:
    """Each bracket looks at a few signs before it, however long the run is."""
    renderer = Renderer(str, html=False, language="ja")
    assert renderer.field("食の" * 50_000 + "食[た]").endswith("<rp>)</rp></ruby>")
    assert renderer.field("食[た" * 30_000).count("ruby") == 0
