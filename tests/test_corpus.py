"""Texts as authors type them: check, build and real Anki show each as it was typed, or say what is wrong with it.

A file of tests/corpus is a lesson's worth of texts. `language` is the lesson's; each of `texts` is a text alone, which must
be seen as it was typed, or has these keys:

  typed:  what stands below `|` in the source
  cloze:  the same for a cloze, of which the back is seen
  below:  the sign that the text stands below instead: `>-`
  shows:  what is seen instead, as `visible` writes it, where marks are meant to vanish
  told:   the code of the problem that `check` reports, as no rule can know what is meant; with a warning, `shows` may stand

To add a text, add an entry. `pytest tests/test_corpus.py -k german` tries one file.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from author import Author
from gen2anki.diagnostics.codes import Code
from learner import Learner
from visible import normal, visible

FILES: Final = sorted((Path(__file__).parent / "corpus").glob("*.yaml"))
# A warning that stands once in a lesson, whichever text is the first.
ONCE: Final = "html-typed"
# A picture and a sound that texts may name.
MEDIA: Final = {"map.png": b"\x89PNG\r\n\x1a\n\0", "word.mp3": b"ID3\4\0"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One text of the corpus."""

    typed: str = ""
    cloze: str = ""
    below: str = "|"
    shows: str = ""
    told: str = ""

    @property
    def source(self) -> str:
        """Return the text as it stands in the lesson."""
        return self.typed or self.cloze

    def lines(self, key: str) -> str:
        """Return the text as it stands below a key of a note."""
        sign = f"{self.below}2" if self.source[0] in " \n" else self.below
        lines = (f"      {line}" if line else "" for line in self.source.split("\n"))
        return f"    {key}: {sign}\n" + "\n".join(lines) + "\n"

    def __str__(self) -> str:
        return "⏎".join(self.source.split("\n"))


def read(file: Path) -> tuple[str, list[Text]]:
    """Return the language and the texts of a file of the corpus."""
    data: dict[str, Any] = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)  # noqa: S506 (as typed)
    entries = [{"typed": entry} if isinstance(entry, str) else entry for entry in data["texts"]]
    texts = [Text(**{key: value.rstrip("\n") for key, value in entry.items()}) for entry in entries]
    return data["language"], texts


def notes(texts: list[Text]) -> list[dict[str, Text]]:
    """Return the texts by key of a note: a question and an answer each, or a cloze."""
    pairs = [text for text in texts if not text.cloze]
    made = [dict(zip(("question", "answer"), pairs[at : at + 2], strict=False)) for at in range(0, len(pairs), 2)]
    return made + [{"cloze": text} for text in texts if text.cloze]


def lesson(language: str, texts: list[Text]) -> tuple[str, list[Text]]:
    """Return a source of notes with these texts, and for each of its lines the text that stands there."""
    source = f"deck: {{id: corpus, name: Corpus, language: {language}}}\nflashcards:\n"
    owners = [texts[0]] * 2
    for number, note in enumerate(notes(texts)):
        source += f"  - id: t{number}\n"
        owners.append(next(iter(note.values())))
        for key, text in note.items():
            lines = text.lines(key)
            source += lines
            owners += [text] * lines.count("\n")
        if note.keys() == {"question"}:
            source += "    answer: the last\n"
            owners.append(note["question"])
    return source, owners


def told(author: Author, language: str, texts: list[Text]) -> dict[Text, list[Code]]:
    """Return what `check` says of each text."""
    source, owners = lesson(language, texts)
    author.write(source)
    said: dict[Text, list[Code]] = {}
    for problem in author.json("check")["problems"]:
        said.setdefault(owners[problem["line"] - 1], []).append(Code(problem["code"]))
    return said


def shown(author: Author, learner: Learner, language: str, texts: list[Text]) -> dict[Text, tuple[str, bool]]:
    """Return what a learner sees of each text, as `visible` does."""
    author.write(lesson(language, texts)[0])
    learner.take(author.publish())
    seen: dict[Text, tuple[str, bool]] = {}
    for number, note in enumerate(notes(texts)):
        card = learner.note(f"t{number}").cards()[0]
        for key, text in note.items():
            side = card.question() if key == "question" else card.answer()
            seen[text] = visible(side, "answer" if key == "answer" else "question")
    return seen


def difference(text: Text, seen: str, *, only_paragraphs: bool) -> str:
    """Return how what is seen of a text differs from what should be; or nothing."""
    wanted = normal(text.shows or text.source, blank_lines=only_paragraphs)
    got = normal(seen, blank_lines=only_paragraphs)
    if wanted == got:
        return ""
    lines = [f"  typed: {text}", f"  wants: {'⏎'.join(wanted.splitlines())}"] if text.shows else [f"  typed: {text}"]
    return "\n".join([*lines, f"  shown: {'⏎'.join(got.splitlines())}", ""])


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_text_is_seen_as_meant_or_told_of(file: Path, author: Author, learner: Learner) -> None:
    """Every text of a file at once; all differences are shown together."""
    language, texts = read(file)
    for name, content in MEDIA.items():
        (author.folder / name).write_bytes(content)
    said = told(author, language, texts)
    wrong = ""
    for text in texts:
        codes = said.get(text, [])
        if text.told and text.told not in codes:
            wrong += f"  typed: {text}\n  wants: [{text.told}]\n  told:  {codes or 'nothing'}\n"
        elif not text.told and any(code != ONCE for code in codes):
            wrong += f"  typed: {text}\n  told:  {codes}\n"
    fine = [text for text in texts if all(code.severity == "warning" for code in said.get(text, []))]
    for text, (seen, only_paragraphs) in shown(author, learner, language, fine).items():
        if text.shows or not text.told:
            wrong += difference(text, seen, only_paragraphs=only_paragraphs)
    if wrong:
        pytest.fail(f"{wrong.count('  typed: ')} of {len(texts)} texts of {file.name}:\n{wrong}", pytrace=False)


def test_the_corpus_is_large_and_holds_no_text_twice() -> None:
    """At least 3,000 texts in ten languages, each of its own."""
    read_all = [read(file) for file in FILES]
    count = Counter(text.source for _, texts in read_all for text in texts)
    assert [typed for typed, times in count.items() if times > 1] == []
    assert len(count) >= 3_000
    assert len({language for language, _ in read_all}) >= 10


@pytest.mark.parametrize(
    ("html", "seen"),
    [
        ("a<br>b", "a\nb"),
        ("a\nb", "a b"),
        ("a<br>&nbsp; b", "a\n  b"),
        ("a <b>&lt;b&gt;</b> &amp; c", "a <b> & c"),
        ("<p>a</p>\n<p>b</p>", "a\n\nb"),
        ("<ol><li>a</li><li>b</li></ol>", "1. a\n2. b"),
        ('<ol start="5"><li>a</li><li value="14">b</li><li>c</li></ol>', "5. a\n14. b\n15. c"),
        ("<ul>\n<li>a<ul><li>b<br>c</li></ul></li>\n<li><p>d</p></li></ul>", "• a\n  • b\n    c\n• d"),
        ("<ul><li></li></ul>", "• "),
        ("<ul><li><ol><li>a</li><li>b</li></ol></li></ul>", "• 1. a\n  2. b"),
        ("<table><tr><th>a</th><th></th></tr><tr><td>1</td><td>2</td></tr></table>", "a |\n1 | 2"),
        ("<pre><code>if x:\n    <span>y</span>\n\nz\n</code></pre>", "if x:\n    y\n\nz"),
        (r"a \(x &lt; y\) b", "a ⟪x < y⟫ b"),
        (r"a \<span>(</span>x\) b", r"a \(x\) b"),
        (r"<code>\(x\)</code>", r"\(x\)"),
        ("a\n\\[x\n y\\]\nb", "a\n⟪⟪x y⟫⟫\nb"),
        (r"a \[x\] b", "a\n⟪⟪x⟫⟫\nb"),
        ("<p>a</p><hr><p>b</p>", "a\n———\nb"),
        ('<img src="a.png" alt="A"> [anki:play:q:0] [[type:X]]', "⟦picture A⟧ ⟦sound⟧ ⟦input⟧"),
        ("<ruby>食<rt>た</rt></ruby>べる", "食⟨た⟩べる"),
        ("<div>a</div>b", "a\nb"),
        ("a</div><div>b", "a"),
    ],
)
def test_what_a_page_shows_is_read_as_a_learner_sees_it(html: str, seen: str) -> None:
    """Lines, lists with their numbers, cells, code, formulas and marks; nothing outside the element that is asked for."""
    page = f'<style>x</style>y<div class="question">{html}</div>z<div class="question">again</div>'
    assert normal(visible(page, "question")[0], blank_lines=True) == normal(seen, blank_lines=True)
