"""The decks: their names as Anki stores them, and what their pages say."""

import re
from contextlib import nullcontext
from html import unescape

import pytest
from anki.errors import InvalidInput

from author import Author
from gen2anki.anki.frozen import guid
from gen2anki.anki.names import deck_key, tag_key
from gen2anki.lesson import rules
from gen2anki.render.direction import from_right, runs_from_right
from learner import Learner

NOTE = "{id: a, question: q, answer: a}"


def descriptions(learner: Learner) -> dict[str, str]:
    """Return what each deck's page says, by the deck's name."""
    decks = learner.collection.decks
    return {name: decks.by_name(name)["desc"] for name in learner.deck_names()}  # type: ignore[index]


def test_names_are_those_anki_would_make_of_them(author: Author, learner: Learner) -> None:
    """Anki takes quotes and outer spaces out of names, and composes letters; our names need no such change."""
    author.write(
        'deck: {id: names, name: \'A "b"\n\n  c :: C: d* " " _x_ cafe\u0301\'}\n'
        f"flashcards: [{NOTE}]\n"
        "practice:\n"
        "  - id: s\n"
        "    title: 'Say \"hi\" <b> & [x] \\ / #'\n"
        "    questions: [{id: b, question: q, answer: a}]\n"
    )
    built = author.json("build")["decks"]
    learner.take(author.publish())
    assert learner.deck_names() == ["A b c", "A b c::C: d* _x_ caf\u00e9", *built]
    assert built[1] == "A b c::C: d* _x_ caf\u00e9::Say hi <b> & [x] \\ / #"
    assert learner.field("b", "Section") == 'Say "hi" &lt;b&gt; &amp; [x] \\ / #'


@pytest.mark.parametrize("more", [0, 1])
def test_the_deepest_name_that_is_taken_is_the_deepest_that_anki_imports(
    author: Author, learner: Learner, monkeypatch: pytest.MonkeyPatch, more: int
) -> None:
    """With one part more, nothing of the lesson would arrive."""
    monkeypatch.setattr(rules, "MAX_PARTS", rules.MAX_PARTS + more)
    name = "::".join(map(str, range(rules.MAX_PARTS)))
    author.write(f"deck: {{id: deep, name: '{name}'}}\nflashcards: [{NOTE}]\n")
    package = author.publish()
    with pytest.raises(InvalidInput) if more else nullcontext():
        learner.take(package)
    assert len(learner.ids()) == 1 - more


@pytest.mark.parametrize(
    ("name", "other"),
    [("Cafe\u0301", "CAF\u00c9"), ("Straße", "STRASSE"), ("ﬁ", "fi"), ("Σ", "ς"), ("a", "b"), ("a b", "a  b")],
)
def test_names_are_compared_as_anki_compares_them(learner: Learner, name: str, other: str) -> None:
    """Two names are one deck to us if, and only if, they are one deck to Anki."""
    decks = learner.collection.decks
    assert (decks.id(name) == decks.id(other)) is (deck_key(name) == deck_key(other))
    assert (tag_key(name) == tag_key(other)) is (deck_key(name) == deck_key(other))


def test_lesson_of_practice_only(author: Author, learner: Learner) -> None:
    """Without flashcards there is no deck for them."""
    author.write(f"deck: {{id: p, name: P}}\npractice:\n  - {{id: s, title: S, questions: [{NOTE}]}}\n")
    learner.take(author.publish())
    assert learner.deck_names() == ["P", "P::S"]


def test_a_section_may_have_the_id_flashcards(author: Author, learner: Learner) -> None:
    """It does not become the flashcards' deck: both are there, and each has its cards."""
    author.write(
        f"deck: {{id: p, name: P}}\nflashcards: [{NOTE}]\n"
        "practice:\n  - {id: flashcards, title: S, questions: [{id: b, question: q, answer: a}]}\n"
    )
    learner.take(author.publish())
    homes = {id: learner.collection.decks.name(learner.note(id).cards()[0].did) for id in "ab"}
    assert homes == {"a": "P::Flashcards", "b": "P::S"}


@pytest.mark.parametrize(
    ("language", "minutes", "intro", "expected"),
    [
        ("en", 8, "Think.", "<p>Think.</p>\n<p>About 8 minutes.</p>"),
        ("en-GB", 1, "", "About 1 minute."),
        ("de", 8, "Denk nach.", "<p>Denk nach.</p>\n<p>Etwa 8 min</p>"),
        (
            "en",
            8,
            "- Think.\\n- Write.",
            "<ul>\n<li>Think.</li>\n<li>Write.</li>\n</ul>\n<p>About 8 minutes.</p>",
        ),
        ("en", 8, "It has 8 questions.", "<p>It has 8 questions.</p>\n<p>About 8 minutes.</p>"),
        ("en", 8, "What is 8 minus 3?", "<p>What is 8 minus 3?</p>\n<p>About 8 minutes.</p>"),
        ("en", 8, "Rest for 18 minutes.", "<p>Rest for 18 minutes.</p>\n<p>About 8 minutes.</p>"),
        ("en", 8, "Think for 8 minutes.", "Think for 8 minutes."),
        ("en", 8, "An 8-minute test (8–10 minutes).", "An 8-minute test (8–10 minutes)."),
        ("de", 8, "Dauert ≈\u00a08\u00a0Min.", "Dauert ≈&nbsp;8&nbsp;Min."),
        ("pt", 8, "De 8 a 10 minutos: **8** minutos", "De 8 a 10 minutos: <strong>8</strong> minutos"),
        ("ja", 8, "約8分です", "約8分です"),
        ("ru", 8, "8-10 минут", "8-10 минут"),
    ],
    ids=[
        "added",
        "one",
        "other-language",
        "below-a-list",
        "another-number",
        "minus",
        "other-minutes",
        "said-already",
        "as-a-range",
        "in-german",
        "in-portuguese",
        "in-japanese",
        "in-russian",
    ],
)
def test_minutes_are_on_the_sections_page(
    author: Author, learner: Learner, language: str, minutes: int, intro: str, expected: str
) -> None:
    """They stand below the introduction, unless that names them itself."""
    author.write(
        f"deck: {{id: m, name: M, language: {language}}}\n"
        f'practice:\n  - {{id: s, title: S, minutes: {minutes}, intro: "{intro}", questions: [{NOTE}]}}\n'
    )
    learner.take(author.publish())
    assert descriptions(learner)["M::S"] == expected


def test_math_on_a_page_is_shown_as_latex(author: Author, learner: Learner) -> None:
    """Anki's page of a deck has no MathJax: the delimiters would stand there."""
    author.write(
        "deck: {id: d, name: D, description: 'The score $s(x)$ is $$\\nabla \\log p(x)$$, not `$x$` or \\$5.'}\n"
        f"practice:\n  - {{id: s, title: S, intro: 'About $p(x)$.', questions: [{NOTE}]}}\n"
    )
    learner.take(author.publish())
    assert descriptions(learner) == {
        "D": "The score <i>s(x)</i> is <i>\\nabla \\log p(x)</i>, not <code>$x$</code> or $5.",
        "D::S": "About <i>p(x)</i>.",
    }


def test_page_tells_how_to_find_withdrawn_notes(author: Author, learner: Learner) -> None:
    """The lesson's page says what to search for, and the search finds the note in a collection that has it."""
    source = (
        "deck: {id: r, name: R, description: All about *r*.}\n"
        f"flashcards:\n  - {NOTE}\n  - {{id: old_one, question: q, answer: a}}\n"
    )
    author.write(source)
    learner.take(author.publish())
    author.write(source.replace("  - {id: old_one, question: q, answer: a}\n", "") + "retired: [old_one]\n")
    learner.take(author.publish())
    page = descriptions(learner)["R"]
    assert page.startswith("<p>All about <em>r</em>.</p>\n<p>Withdrawn from this deck")
    search = page.partition("<code>")[2].partition("</code>")[0]
    (found,) = learner.collection.find_notes(search)
    assert learner.collection.get_note(found)["Id"] == "old_one"


def test_page_says_why_a_note_is_withdrawn_and_which_takes_its_place(author: Author, learner: Learner) -> None:
    """It says so for each that the lesson says it of; the id of the other note finds that note."""
    source = "deck: {id: r, name: R}\nflashcards: [%s{id: new_one, question: q, answer: a}]\n"
    author.write(source % "".join(f"{{id: {id}, question: q, answer: a}}, " for id in ("a", "b-", "c_", "d")))
    learner.take(author.publish())
    author.write(
        source % "" + "retired:\n"
        "  - {id: a, why: 'The *name* of $x < y$ & more.', see: new_one}\n"
        "  - {id: b-, see: new_one}\n"
        '  - {id: c_, why: "For:\\n\\n- one\\n- two"}\n'
        "  - d\n"
    )
    learner.take(author.publish())
    page = descriptions(learner)["R"]
    added = [author.ledger_lines()[id]["added"] for id in ("a", "b-", "c_", "d")]
    assert page == (
        "<p>Withdrawn from this deck: to find such cards of an earlier edition, search in Browse for"
        f" <code>nid:{','.join(map(str, added))} (Id:a OR Id:b- OR Id:c\\_ OR Id:d)</code></p>\n"
        "<ul>\n"
        "<li><code>Id:a</code>: The <em>name</em> of <i>x &lt; y</i> &amp; more. See <code>Id:new\\_one</code>.</li>\n"
        "<li><code>Id:b-</code>: See <code>Id:new\\_one</code>.</li>\n"
        "<li><code>Id:c\\_</code>: <p>For:</p>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul></li>\n"
        "</ul>"
    )
    (search, *others) = map(unescape, re.findall("<code>(.*?)</code>", page))
    found = [learner.collection.get_note(id)["Id"] for id in learner.collection.find_notes(search)]
    assert sorted(found) == ["a", "b-", "c_", "d"]
    found = [learner.collection.get_note(id)["Id"] for id in learner.collection.find_notes(others[1])]
    assert found == ["new_one"]


def test_page_tells_only_of_notes_that_were_published(author: Author, learner: Learner) -> None:
    """Nobody has the others, and another lesson's note may have such an id."""
    author.write(f"deck: {{id: r, name: R}}\nflashcards:\n  - {NOTE}\nretired: [{{id: never, why: A draft.}}]\n")
    learner.take(author.publish())
    assert descriptions(learner)["R"] == ""


@pytest.mark.parametrize("name", ["Seas", "current", "filtered", r"A & B::C \* _x_ <b> -(1) it's: d", "C*", "S_as"])
def test_search_for_withdrawn_notes_finds_no_others(author: Author, learner: Learner, name: str) -> None:
    """It finds no note of another lesson or note type that has the same id, in whatever deck."""
    source = "deck: {id: %s, name: '%s'}\nflashcards: [%s{id: b-, question: q, answer: a}, {id: c, question: q, answer: a}]\n"
    own = name.replace("'", "''")
    for id, deck in (("r", own), ("same", own), ("longer", f"{own}es"), ("below", f"{own}::Flashcards::x")):
        author.write(source % (id, deck, "{id: a, question: q, answer: a}, "))
        learner.take(author.publish())
        author.ledger.rename(author.folder / f"{id}.lock")
    collection = learner.collection
    foreign = collection.models.copy(collection.models.by_name("Basic"))  # type: ignore[arg-type]
    collection.models.add_field(foreign, collection.models.new_field("ID"))
    collection.models.update_dict(foreign)
    note = collection.new_note(foreign)
    note.fields[:] = ["q", "a", "a"]
    collection.add_note(note, collection.decks.id(f"{name}::Flashcards"))  # type: ignore[arg-type]
    # The learner looks at another deck, and has moved one of the cards.
    collection.decks.select(collection.decks.id(f"{name}es::Flashcards"))  # type: ignore[arg-type]
    (author.folder / "r.lock").rename(author.ledger)
    author.write(source.replace("{id: b-, question: q, answer: a}, ", "") % ("r", own, "") + "retired: [a, b-]\n")
    mine = {guid("r", id) for id in ("a", "b-")}
    added = author.ledger_lines()["a"]["added"]
    collection.set_deck(collection.get_note(added).card_ids(), collection.decks.id("My own"))  # type: ignore[arg-type]
    learner.take(author.publish())
    search = unescape(descriptions(learner)[name].partition("<code>")[2].partition("</code>")[0])
    assert {collection.get_note(id).guid for id in collection.find_notes(search)} == mine


def test_titles_and_prompts_are_lines(author: Author, learner: Learner) -> None:
    """A title that begins like a list stays a title; math and emphasis in it work."""
    author.write(
        "deck: {id: t, name: T}\n"
        "practice:\n"
        "  - {id: s, title: '1. The score $s(x)$', prompt: '- *Which* one?', choices: ['1. a', 'b'], questions: ["
        "{id: a, question: q, answer: 1. a}]}\n"
    )
    learner.take(author.publish())
    note = learner.note("a")
    assert (note["Section"], note["Prompt"], note["Answer"]) == (
        "1. The score \\(s(x)\\)",
        "- <em>Which</em> one?",
        "1. a",
    )


def test_the_notice_of_withdrawn_notes_is_in_the_language_of_the_lesson(author: Author, learner: Learner) -> None:
    """With its search, and why."""
    lesson = "deck: {{id: d, name: D, language: de}}\nflashcards: [{{id: a, question: q, answer: a}}{}]\n"
    author.write(lesson.format(", {id: b, question: r, answer: b}"))
    learner.take(author.publish())
    author.write(lesson.format("") + "retired: [{id: b, why: Falsch., see: a}]\n")
    learner.take(author.publish())
    description = learner.deck_description("D")
    assert "Aus diesem Stapel zurückgezogen" in description
    assert "Falsch. Siehe <code>Id:a</code>." in description


def test_all_languages_written_from_the_right_are_known() -> None:
    """By their tag, or by the script that it names."""
    right = (
        "ar",
        "he",
        "fa",
        "ur",
        "ckb",
        "dv",
        "ps",
        "sd",
        "ug",
        "yi",
        "nqo",
        "syr",
        "pnb",
        "az-Arab",
        "ku-Arab",
        "ff-Adlm",
        "rhg",
    )
    left = ("en", "ku", "az", "ur-Latn", "he-Latn", "tr", "ru", "hi")
    assert [language for language in right if not runs_from_right(language)] == []
    assert [language for language in left if runs_from_right(language)] == []


def test_every_letter_written_from_the_right_is_known() -> None:
    """Unicode says which; a Latin word before one gets a mark."""
    for letter in "אﬠعۀދߐ𞤀ࠀࡀ𐴀𐡀":
        assert from_right(f"GAN {letter}") == f"\N{RIGHT-TO-LEFT MARK}GAN {letter}"
