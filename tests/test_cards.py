"""What each key does to the card, as real Anki renders it."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from author import Author
from gen2anki.schema.keys import keys_of
from gen2anki.schema.model import Deck, Question, Section
from learner import Learner

LESSON = r"""
deck:
  id: keys
  name: Keys
  source: "[Handbook](https://example.org)"
  tags: [all]
flashcards:
  - id: plain
    question: QUESTION
    answer: ANSWER
    why: WHY
    hint: HINT
  - id: both-ways
    question: FRONT
    answer: BACK
    reverse: true
  - id: by-keyboard
    question: Type it
    answer: EXACTLY
    typed: true
  - id: hidden
    cloze: The {{c1::FIRST}} and the {{c2::SECOND::a clue}}.
    why: WHY
    hint: HINT
    source: https://example.org/page
    tags: [own, all]
practice:
  - id: choose
    title: Choose
    prompt: PROMPT
    choices: [RED, GREEN, "$b$"]
    questions:
      - {id: one-right, question: Which?, answer: GREEN}
      - {id: two-right, question: Which two?, answer: [$b$, RED]}
"""


@pytest.fixture
def collection_of_kinds(author: Author, learner: Learner) -> Learner:
    """Return a learner who has a card of every kind."""
    author.write(LESSON)
    learner.take(author.publish())
    return learner


def sides(learner: Learner, id: str, number: int = 0) -> tuple[str, str]:
    """Return what is on the front and the back of a note's card, without styles and scripts."""
    card = learner.note(id).cards()[number]
    return tuple(  # type: ignore[return-value]
        re.sub(r"<(style|script)\b.*?</\1>", "", html, flags=re.DOTALL) for html in (card.question(), card.answer())
    )


def _texts(record: type) -> list[str]:
    """Return the keys of a record whose values are texts that learners read."""
    return [key.name for key in keys_of(record).values() if key.is_text]


def test_every_text_of_a_note_reaches_a_field(author: Author, learner: Learner) -> None:
    """No key of a note is read and then dropped; a mistake in any of them is told at its place."""
    texts = {key: f"MARK-{key}" for key in _texts(Question)}
    notes: list[dict[str, Any]] = [{key: text for key, text in texts.items() if key not in {"cloze", "choices"}}]
    notes.append({"cloze": "{{c1::MARK-cloze}}"})
    notes.append({"question": "q", "answer": "other", "choices": ["MARK-choices", "other"]})
    lines = [f"  - {json.dumps({'id': f'n{number}', **note})}\n" for number, note in enumerate(notes)]
    author.write("deck: {id: m, name: M}\nflashcards:\n" + "".join(lines))
    learner.take(author.publish())
    fields = "".join(field for id in ("n0", "n1", "n2") for field in learner.note(id).fields)
    assert [text for text in texts.values() if text not in fields] == []
    author.write(author.source.read_text(encoding="utf-8").replace("MARK", "$$ MARK^2"))
    places = [
        author.source.read_text(encoding="utf-8")
        .splitlines()[2 + ["cloze", "choices"].index(key) + 1 if key in {"cloze", "choices"} else 2]
        .index(f"$$ MARK^2-{key}")
        + 1
        for key in texts
    ]
    assert sorted(problem["column"] for problem in author.json("check")["problems"]) == sorted(places)


def test_every_text_of_a_deck_and_of_a_section_reaches_anki(author: Author, learner: Learner) -> None:
    """Each is in a field, in a deck's name or on its page; a mistake in any of them is told at its place."""
    deck, section = ({key: f"MARK-{part.__name__}-{key}" for key in _texts(part)} for part in (Deck, Section))
    right = section["choices"]
    question = {"id": "a", "question": "q", "answer": right}
    practice = [{"id": "s", **section, "choices": [right, "other"], "questions": [question]}]
    flashcards = [{"id": "f", "question": "q", "answer": "a"}]
    author.write(json.dumps({"deck": {"id": "m", **deck}, "flashcards": flashcards, "practice": practice}, indent=1))
    learner.take(author.publish())
    arrived = [*learner.note("a").fields, *learner.note("f").fields]
    for name in learner.deck_names():
        arrived += [name, learner.deck_description(name)]
    texts = [*deck.values(), *section.values()]
    assert [text for text in texts if text not in "".join(arrived)] == []
    author.write(author.text().replace("MARK", "$$ MARK^2"))
    lines = author.text().splitlines()
    # A deck's name is no Markdown, and an answer is only compared with the choices.
    places = [
        number for number, line in enumerate(lines, 1) if "$$" in line and "name" not in line and "answer" not in line
    ]
    problems = author.json("check")["problems"]
    assert [problem["line"] for problem in problems if problem["severity"] == "error"] == places


def test_answer_why_and_source_wait_for_the_back(collection_of_kinds: Learner) -> None:
    """The front asks and offers the hint; the back adds the answer, why and source."""
    front, back = sides(collection_of_kinds, "plain")
    assert [word for word in ("QUESTION", "HINT", "ANSWER", "WHY", "Handbook") if word in front] == ["QUESTION", "HINT"]
    assert [word for word in ("QUESTION", "ANSWER", "WHY", "Handbook") if word not in back] == []
    assert re.search(r"<summary[^>]*>", front)


def test_a_bare_address_is_a_link_whatever_stands_in_it(author: Author, learner: Learner) -> None:
    """Signs of HTML in an address are escaped, so that the link leads where the author copied it from."""
    address = 'https://example.org/?a=1&lt=2&b=<"c"'
    note = f"  - id: a\n    question: q\n    answer: a\n    source: {address}\n"
    author.write(f"deck: {{id: l, name: L}}\nflashcards:\n{note}")
    learner.take(author.publish())
    assert learner.field("a", "Source") == (
        '<a href="https://example.org/?a=1&amp;lt=2&amp;b=&lt;&quot;c&quot;">'
        'https://example.org/?a=1&amp;lt=2&amp;b=&lt;"c"</a>'
    )


def test_reverse_asks_the_other_way_too(collection_of_kinds: Learner) -> None:
    """`reverse: true` makes a second card, which shows the answer and asks for the question; other notes make one."""
    counts = {id: len(collection_of_kinds.note(id).cards()) for id in ("plain", "both-ways", "hidden", "one-right")}
    assert counts == {"plain": 1, "both-ways": 2, "hidden": 2, "one-right": 1}
    front, back = sides(collection_of_kinds, "both-ways", 1)
    assert ("BACK" in front, "FRONT" in front, "FRONT" in back) == (True, False, True)


def test_typed_answers_are_compared_by_anki(collection_of_kinds: Learner) -> None:
    """`typed: true` puts Anki's own input on the front; without it there is none."""
    assert "[[type:Typed]]" in sides(collection_of_kinds, "by-keyboard")[0]
    assert "[[type:" not in "".join(sides(collection_of_kinds, "plain"))


@pytest.mark.parametrize(
    ("answer", "typed", "right"),
    [
        ("It *is* `a < b`, [so](https://example.org) & **so**", "It is a < b, so & so", True),
        ("$5 or \\(c), `\\(d`", "$5 or \\(c), \\(d", True),
        ("![](https://example.org/x.png) A dog", "A dog", True),
        ("Cafe\u0301\n\n    tea", "Caf\u00e9 tea", True),
        ("3. Oktober 1990", "3. Oktober 1990", True),
        ("`__init__` is *not* `2*3*4`", "__init__ is not 2*3*4", True),
        ("__init__", "__init__", True),
        ("2*3*4", "2*3*4", True),
        ("1. Cats\n    2. dogs", "1. Cats 2. dogs", False),
        ("# include", "# include", True),
        ("# Include", "# Include", False),
        ("\ufb01sh", "fish", False),
        ("\u2068fish", "fish", False),
        ("\u6771\u3000\u4eac", "\u6771\u3000\u4eac", True),
        ("Cats and\n\n    - dogs\n    - mice", "Cats and dogs mice", False),
        ("$x$", "x", False),
        ("a\u00a0b", "a b", True),
        ("a\u2009b", "a b", True),
        ("l\u2019eau \u2013 “so”…", 'l\'eau - "so"...', True),
        ("\u22125 \u00b0C", "-5 \u00b0C", True),
        ("a  b", "a b", False),
        ("| a | b |\n    |---|---|\n    | c | d |", "a b c d", False),
        ("![A dog](https://example.org/x.png)", "A dog", False),
    ],
)
def test_typed_answers_are_those_that_can_be_typed(
    author: Author, learner: Learner, answer: str, typed: str, right: bool
) -> None:
    """An answer that Anki would call wrong, whatever the learner types, is an error."""
    note = f"- id: a\n  question: q\n  answer: |-\n    {answer}\n  typed: true\n"
    author.write(f"deck: {{id: d, name: D}}\nflashcards:\n{note}")
    assert [problem["code"] for problem in author.json("check")["problems"]] == ([] if right else ["typed-answer"])
    if right:
        learner.take(author.publish())
        compared = learner.collection.compare_answer(learner.field("a", "Typed"), typed)
        assert "typeBad" not in compared
        assert "typeMissed" not in compared


def test_cloze_hides_one_deletion_a_card(collection_of_kinds: Learner) -> None:
    """Each card hides its own deletion, with its clue, and shows the others."""
    first, second = sides(collection_of_kinds, "hidden", 0), sides(collection_of_kinds, "hidden", 1)
    visible = [re.sub(r"<[^>]*>", "", front) for front, _ in (first, second)]
    assert ("FIRST" in visible[0], "SECOND" in visible[0]) == (False, True)
    assert ("FIRST" in visible[1], "SECOND" in visible[1], "[a clue]" in visible[1]) == (True, False, True)
    assert all("WHY" in back and '<a href="https://example.org/page">' in back for _, back in (first, second))


def test_choices_are_on_both_sides_and_the_right_ones_marked(collection_of_kinds: Learner) -> None:
    """The buttons are the same for one right answer or several, in source order; their class tells the right ones."""
    fields = {id: collection_of_kinds.field(id, "Choices") for id in ("one-right", "two-right")}
    assert {id: re.findall(r'class="choice( right)?">(.*?)<', html) for id, html in fields.items()} == {
        "one-right": [("", "RED"), (" right", "GREEN"), ("", r"\(b\)")],
        "two-right": [(" right", "RED"), ("", "GREEN"), (" right", r"\(b\)")],
    }
    assert collection_of_kinds.field("two-right", "Answer") == r"RED<br>\(b\)"
    front, back = sides(collection_of_kinds, "one-right")
    assert front.count("<button") == back.count("<button") == 3
    assert "PROMPT" in front


def test_a_text_in_hebrew_may_begin_with_math(author: Author, learner: Learner) -> None:
    """The deck's language decides the direction, not the first letter; a text without a letter of that language is left alone."""
    lesson = (
        "deck: {id: l, name: L, language: he}\n"
        "flashcards:\n"
        "  - {id: a, question: '$p(x)$ הוא', answer: 'הוא $x$', why: \"- GAN הוא\\n- הוא\", hint: 'x'}\n"
        "  - {id: b, question: '`x` הוא', answer: 'GAN הוא', typed: true, hint: \"```\\nx\\n```\\nהוא\"}\n"
        "  - {id: c, cloze: '{{c1::GAN}} הוא'}\n"
        "practice:\n"
        "  - {id: s, title: S, prompt: 'GAN הוא', choices: [GAN, הוא], questions: [{id: d, question: 5, answer: GAN}]}\n"
    )
    author.write(lesson)
    learner.take(author.publish())
    mark = "\u200f"
    choices = f'<button type="button" class="choice right">{mark}GAN</button><button type="button" class="choice">הוא</button>'
    card = ["Question", "Answer", "Why", "Hint", "Prompt", "Choices"]
    assert [[learner.field(id, name) for name in card] for id in ("a", "b", "d")] == [
        [rf"{mark}\(p(x)\) הוא", r"הוא \(x\)", f"<ul>\n<li>{mark}GAN הוא</li>\n<li>הוא</li>\n</ul>", "x", "", ""],
        [f"{mark}<code>x</code> הוא", f"{mark}GAN הוא", "", "<pre><code>x\n</code></pre>\n<p>הוא</p>", "", ""],
        ["5", "GAN", "", "", f"{mark}GAN הוא", choices],
    ]
    assert learner.field("c", "Text") == f"{mark}{{{{c1::GAN}}}} הוא"
    author.write(lesson.replace("language: he", "language: en"))
    learner.take(author.publish())
    assert learner.field("a", "Question") == r"\(p(x)\) הוא"


@pytest.mark.parametrize(
    ("language", "marked"),
    [("ar-EG", True), ("ur", True), ("UR-latn-PK", False), ("az", False), ("az-Arab", True), ("sd-Deva", False)],
)
def test_the_script_of_a_language_tag_tells_which_way_a_text_runs(
    author: Author, learner: Learner, language: str, marked: bool
) -> None:
    """A tag without a script stands for the script that the language is mostly written in."""
    author.write(
        f"deck: {{id: l, name: L, language: {language}}}\nflashcards: [{{id: a, question: GAN הוא, answer: b}}]\n"
    )
    learner.take(author.publish())
    assert learner.field("a", "Question").startswith("\u200f") == marked


def test_tags_are_the_decks_and_the_notes_own(collection_of_kinds: Learner) -> None:
    """A tag of both stands there once."""
    assert collection_of_kinds.note("hidden").tags == ["all", "own"]
    assert collection_of_kinds.note("plain").tags == ["all"]


def test_no_card_is_empty(collection_of_kinds: Learner) -> None:
    """Anki's own search for empty cards finds none."""
    assert list(collection_of_kinds.collection.get_empty_cards().notes) == []


def test_the_last_number_of_a_deletion_makes_a_card(author: Author, learner: Learner) -> None:
    """Anki makes a card for c500."""
    author.write("deck: {id: m, name: M}\n" + 'flashcards: [{id: a, cloze: "{{c500::x}}"}]\n')
    learner.take(author.publish())
    assert [card.ord for card in learner.note("a").cards()] == [499]


def test_a_prompt_is_not_asked_the_other_way_round(author: Author, learner: Learner) -> None:
    """A prompt asks for the answer, and a reverse card shows the answer."""
    author.write(
        "deck: {id: m, name: M}\n"
        "practice: [{id: s, title: S, prompt: PROMPT, questions: [{id: a, question: Q, answer: A, reverse: true}]}]\n"
    )
    learner.take(author.publish())
    card, reverse = learner.note("a").cards()
    assert ["PROMPT" in side for side in (card.question(), card.answer(), reverse.question(), reverse.answer())] == [
        True, True, False, False,
    ]  # fmt: skip


def test_turning_a_card_plays_only_the_sounds_of_the_answer(author: Author, learner: Learner) -> None:
    """The question's were heard on the front; of a cloze, the back adds what the deletion hides."""
    for name in ("q", "a", "text", "hidden"):
        (author.folder / f"{name}.mp3").write_bytes(name.encode())
    author.write(
        "deck: {id: l, name: L}\n"
        "flashcards:\n"
        "  - {id: both, question: 'Listen ![](q.mp3)', answer: 'This ![](a.mp3)', reverse: true}\n"
        "  - {id: cloze, cloze: 'Hear ![](text.mp3) and {{c1::say ![](hidden.mp3)}}.'}\n"
        "practice:\n"
        "  - {id: s, title: S, choices: [x, y], questions: [{id: choice, question: 'Which? ![](q.mp3)', answer: x}]}\n"
    )
    learner.take(author.publish())
    played = {
        (id, card.ord): tuple(
            [str(getattr(tag, "filename", "")).partition("-")[0] for tag in tags]
            for tags in (card.question_av_tags(), card.answer_av_tags())
        )
        for id in ("both", "cloze", "choice")
        for card in learner.note(id).cards()
    }
    assert played == {
        ("both", 0): (["q"], ["a"]),
        ("both", 1): (["a"], ["q"]),
        ("cloze", 0): (["text"], ["hidden"]),
        ("choice", 0): (["q"], []),
    }


def test_a_card_is_marked_with_the_language_of_its_lesson(collection_of_kinds: Learner, author: Author) -> None:
    """Screen readers, glyphs and the card's own words go by it; so do the names of decks and what stands on their pages."""
    assert all('lang="en"' in side for id in ("plain", "hidden") for side in sides(collection_of_kinds, id))
    author.ledger.unlink()
    author.write(
        "deck: {id: fr, name: Mers, language: fr}\n"
        "flashcards: [{id: f, question: q, answer: a, hint: h}]\n"
        "practice: [{id: s, title: Essai, minutes: 5, questions: [{id: p, question: q, answer: a}]}]\n"
    )
    collection_of_kinds.take(author.publish())
    assert all('lang="fr"' in side for side in sides(collection_of_kinds, "f"))
    assert [name for name in collection_of_kinds.deck_names() if "Mers" in name] == [
        "Mers",
        "Mers::Cartes mémoire",
        "Mers::Essai",
    ]
    assert collection_of_kinds.deck_description("Mers::Essai") == "Environ 5 min"


def test_the_words_of_the_cards_are_those_of_the_table() -> None:
    """`make words` writes them; the stylesheet is what it writes."""
    tool = Path(__file__).parent.parent / "tools" / "card_words.py"
    assert subprocess.run([sys.executable, tool, "--check"], check=False).returncode == 0


def test_a_learner_types_the_question_of_a_reversed_card(author: Author, learner: Learner) -> None:
    """`typed` and `reverse` together: each card asks for the other side."""
    author.write(
        "deck: {id: l, name: L}\nflashcards: [{id: a, question: l’eau, answer: water, typed: true, reverse: true}]\n"
    )
    learner.take(author.publish())
    assert "[[type:TypedReverse]]" in sides(learner, "a", 1)[0]
    assert learner.field("a", "TypedReverse") == "l'eau"


def test_a_question_has_choices_of_its_own(author: Author, learner: Learner) -> None:
    """Among flashcards, and in a section whose own choices it does without."""
    author.write(
        "deck: {id: l, name: L}\n"
        "flashcards: [{id: a, question: Capital?, answer: [Paris, Nice], choices: [Paris, Rome, Nice]}]\n"
        "practice: [{id: s, title: S, choices: [x, y], questions: [\n"
        "  {id: b, question: q, answer: v, choices: [u, v]}, {id: c, question: q, answer: y}]}]\n"
    )
    learner.take(author.publish())
    found = {id: re.findall(r'class="choice( right)?">(.*?)<', learner.field(id, "Choices")) for id in ("a", "b", "c")}
    assert found == {
        "a": [(" right", "Paris"), ("", "Rome"), (" right", "Nice")],
        "b": [("", "u"), (" right", "v")],
        "c": [("", "x"), (" right", "y")],
    }


def test_several_typed_answers_are_all_shown_and_the_first_is_compared(author: Author, learner: Learner) -> None:
    """The script of the card, which compares with the nearest, finds what keys type where that differs."""
    author.write(
        "deck: {id: l, name: L}\n"
        "flashcards: [{id: a, question: water, answer: [l’eau, eau], typed: true, reverse: true}]\n"
    )
    learner.take(author.publish())
    assert learner.field("a", "Typed") == "l'eau"
    assert learner.field("a", "Answer") == '<div class="or" data-typed="l\'eau">l’eau</div><div class="or">eau</div>'
