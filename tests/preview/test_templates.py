"""Our rendering of the templates is Anki's own, for every kind of card and both sides; so is the comparison of what was typed."""

import random
from html import escape
from pathlib import Path

import pytest
from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest

from author import Author
from gen2anki.anki import notetypes
from gen2anki.anki.notetypes import Template
from gen2anki.preview.sides import cloze, is_filled, sides
from gen2anki.preview.typed import compared
from lesson import settle_in

TESTS = Path(__file__).parents[1]


def _sides(package: Path, folder: Path) -> list[tuple[str, tuple[str, str], tuple[str, str]]]:
    """Return the name of each card of a package, Anki's sides and ours."""
    collection = Collection(str(folder / "collection.anki2"))
    request = ImportAnkiPackageRequest(package_path=str(package), options=ImportAnkiPackageOptions())
    collection.import_anki_package(request)
    found = []
    for id in collection.find_cards(""):
        card = collection.get_card(id)
        fields = dict(card.note().items())
        notetype = notetypes.of(is_cloze="Text" in fields)
        ours = sides(notetype.templates[0 if notetype.cloze else card.ord], fields, card.ord)
        output = card.render_output()
        name = f"{fields['Id']}/{card.ord + 1}"
        found.append((name, (output.question_text, output.answer_text), (ours.front, ours.back)))
    collection.close(downgrade=False)
    return found


def test_every_kind_of_card_is_rendered_as_anki_renders_it(kinds: Author, tmp_path: Path) -> None:
    """All cards of all kinds, front and back, letter by letter."""
    found = _sides(kinds.folder / "editions" / "1.apkg", tmp_path)
    assert len(found) > 35
    assert [(name, theirs) for name, theirs, _ in found] == [(name, ours) for name, _, ours in found]


def test_the_lessons_of_the_tests_too(author: Author, tmp_path: Path) -> None:
    """A reversed card, a typed one, a cloze in a sentence, a picture."""
    settle_in(author.folder)
    found = _sides(author.publish(), tmp_path)
    assert [(name, theirs) for name, theirs, _ in found] == [(name, ours) for name, _, ours in found]


@pytest.mark.parametrize(
    ("text", "number", "front"),
    [
        ("a {{c1::b}}", 2, ""),
        ("{{c1::a {{c2::b}} c}}", 2, None),
        ("{{c1::a {{c2::b}} c}}", 1, None),
        ("{{c1,2::a}} b", 2, None),
        ("{{c1::a::<b>h</b>}}", 1, None),
        (r"\({{c1::a}} + {{c2::b}}\)", 1, None),
        ("{{c1::a}} }} {{c2::b", 1, None),
        ("{{c1::é & < ü}}", 1, None),
    ],
)
def test_odd_deletions_are_rendered_as_anki_renders_them(
    tmp_path: Path, text: str, number: int, front: str | None
) -> None:
    """Deletions in deletions, of two numbers, in formulas, never closed."""
    collection = Collection(str(tmp_path / "collection.anki2"))
    notetype = collection.models.by_name("Cloze")
    assert notetype
    note = collection.new_note(notetype)
    note["Text"] = text
    template = {"qfmt": "{{cloze:Text}}", "afmt": "{{cloze:Text}}", "name": "", "ord": 0}
    card = note.ephemeral_card(number - 1, custom_template=template)
    output = card.render_output()
    collection.close(downgrade=False)
    ours = [cloze(text, number, is_front=True), cloze(text, number, is_front=False)]
    if front is None:
        assert ours == [output.question_text, output.answer_text]
    else:
        assert ours[0] == front


@pytest.mark.parametrize("html", ["", " ", "\n", "<br>", "<div></div>", "<br />x", "<b></b>", "0", "<div> <br></div>"])
def test_a_field_is_empty_to_a_condition_when_it_is_to_anki(tmp_path: Path, html: str) -> None:
    """Blanks and empty lines are nothing; an empty tag is something."""
    collection = Collection(str(tmp_path / "collection.anki2"))
    notetype = collection.models.by_name("Basic")
    assert notetype
    note = collection.new_note(notetype)
    note["Front"] = html
    template = {"qfmt": "-{{#Front}}yes{{/Front}}", "afmt": "", "name": "", "ord": 0}
    output = note.ephemeral_card(0, custom_template=template).render_output()
    collection.close(downgrade=False)
    assert is_filled(html) == ("yes" in output.question_text)


def test_what_a_template_uses_and_we_do_not_know_is_an_error() -> None:
    """So that a new kind of mark in a template can't be forgotten here."""
    with pytest.raises(ValueError, match="can't render"):
        sides(Template(id=1, name="", front="{{tts de_DE:Front}}", back=""), {"Front": "a"}, 0)


def test_what_was_typed_is_compared_as_anki_compares_it(tmp_path: Path) -> None:
    """Letters missing, wrong and too many; accents, spaces and signs."""
    collection = Collection(str(tmp_path / "collection.anki2"))
    chance = random.Random(7)  # noqa: S311 (it guards nothing)
    signs = ("a", "b", "c", " ", "&", "<", "é", "e\u0301", "B", "ß", "\u00a0", "-", "'", '"')
    for _ in range(500):
        expected, typed = ("".join(chance.choices(signs, k=chance.randint(least, 8))) for least in (1, 0))
        field = escape(expected, quote=False)
        assert compared(field, typed) == collection.compare_answer(field, typed), (expected, typed)
    collection.close(downgrade=False)
