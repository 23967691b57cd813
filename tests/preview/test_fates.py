"""What the preview says of the next edition: from the ledger, from what it saw, or from a package."""

from typing import Any

import pytest

from author import Author
from gen2anki.preview.session import Session
from lesson import NEW_NOTE, settle_in
from preview.conftest import session

OLD, NEW = "The Philippine Sea", "The Philippine Sea, by far"
WORDS = [["Answer", [("", "The Philippine Sea"), ("+", ", by far")]]]


@pytest.fixture
def seen(author: Author) -> Session:
    """Return a session that saw the lesson as it was published."""
    settle_in(author.folder)
    author.publish()
    return session("cards.yaml")


def _fate(session: Session, id: str) -> dict[str, Any]:
    found = session.note(id)
    assert found
    return found["fate"]  # type: ignore[no-any-return]


def _kinds(session: Session) -> dict[str, tuple[str, ...]]:
    return {id: row.kinds for id, row in session.state.rows.items() if row.kinds != ("unchanged",)}


def test_before_the_first_edition_all_is_new(author: Author) -> None:
    """There is no ledger yet."""
    settle_in(author.folder)
    shown = session("cards.yaml")
    assert set(_kinds(shown).values()) == {("new",)}
    assert _fate(shown, "largest")["words"] == []
    assert shown.state.fates.against == ""


def test_new_changed_moved_and_retired(seen: Session, author: Author) -> None:
    """Each by its name, and a note may be two of them."""
    author.replace(OLD, NEW)
    author.replace("practice:\n", f"{NEW_NOTE}practice:\n")
    author.retire("depth")
    seen.refresh()
    assert _kinds(seen) == {"largest": ("changed",), "warmest": ("new",)}
    assert seen.state.fates.retired == ("depth",)
    assert _fate(seen, "largest") == {
        "kinds": ("changed",), "meanings": ["the new text arrives; reviews and due dates stay"], "why": "", "words": WORDS,
    }  # fmt: skip
    author.replace("title: Quick questions", "title: Short questions")
    seen.refresh()
    fate = _fate(seen, "shores")
    assert fate["kinds"] == ("changed", "moved")
    assert fate["why"] == "from 'Quick questions' to 'Short questions'"
    assert [name for name, _ in fate["words"]] == ["Section"]


def test_what_was_not_seen_is_not_made_up(author: Author) -> None:
    """A note that had changed before the session began: the ledger holds no words."""
    settle_in(author.folder)
    author.publish()
    author.replace(OLD, NEW)
    shown = session("cards.yaml")
    assert _fate(shown, "largest")["words"] is None
    author.replace(NEW, OLD)
    shown.refresh()
    author.replace(OLD, NEW)
    shown.refresh()
    assert _fate(shown, "largest")["words"] == WORDS


def test_an_edition_that_somebody_else_built_makes_old_words_unknown(seen: Session, author: Author) -> None:
    """As after a `git pull`: what learners have now, the session never saw."""
    author.replace(OLD, "The Tasman Sea")
    author.publish()
    author.replace("The Tasman Sea", NEW)
    seen.refresh()
    assert _fate(seen, "largest")["kinds"] == ("changed",)
    assert _fate(seen, "largest")["words"] is None


def test_a_package_knows_the_words(author: Author) -> None:
    """Field by field, whatever the session saw."""
    settle_in(author.folder)
    package = author.publish()
    author.replace(OLD, NEW)
    author.replace("hint: Mount Everest would drown in it.", "hint: Mount Everest would vanish in it.")
    shown = session("cards.yaml", str(package))
    assert _kinds(shown) == {"largest": ("changed",), "depth": ("changed",)}
    assert _fate(shown, "largest")["words"] == WORDS
    assert shown.state.fates.against == str(package)


def test_a_page_is_told_only_what_changed(seen: Session, author: Author) -> None:
    """The row of one note; the order only where it is another."""
    known = seen.state
    author.replace(OLD, NEW)
    seen.refresh()
    news = seen.news(known, seen.state)
    assert [row["id"] for row in news["rows"]] == news["edited"] == ["largest"]
    assert news["order"] is None
    assert "css" not in news
    known = seen.state
    author.write(f"# A comment changes no card.\n{author.text()}")
    seen.refresh()
    news = seen.news(known, seen.state)
    assert (news["rows"], news["edited"], news["order"]) == ([], [], None)
    known = seen.state
    author.publish()
    seen.refresh()
    news = seen.news(known, seen.state)
    assert ([row["kinds"] for row in news["rows"]], news["edited"]) == ([("unchanged",)], [])
    known = seen.state
    author.cut("salt")
    author.publish("--forget", "salt")
    seen.refresh()
    assert "salt" not in seen.news(known, seen.state)["order"]


def test_a_page_that_missed_some_saves_is_told_of_all(seen: Session, author: Author) -> None:
    """It is compared with the state that it knows."""
    known = seen.state
    author.replace(OLD, NEW)
    seen.refresh()
    author.replace("About 11 km", "10,935 m")
    seen.refresh()
    assert seen.news(known, seen.state)["edited"] == ["largest", "depth"]


def test_the_place_of_a_note_is_that_of_its_id(seen: Session, author: Author) -> None:
    """It moves with the lines above it; in a source that can't be read there is none."""
    line = author.text().splitlines().index("  - id: depth") + 1
    assert seen.place("depth")["line"] == line
    author.write(f"\n\n{author.text()}")
    seen.refresh()
    assert seen.place("depth")["line"] == line + 2
    assert seen.place("depth")["editor"].endswith(f"/author/cards.yaml:{line + 2}:5")
    author.write("deck: [")
    seen.refresh()
    assert seen.state.is_behind
    assert "depth" in seen.state.rows  # the last good cards stay
    author.source.unlink()
    assert seen.place("depth")["line"] == 0


def test_titles_and_searched_texts_are_plain(seen: Session) -> None:
    """A cloze with what it hides, a formula between dollars, no tags and no marks of sounds."""
    rows = seen.state.rows
    assert rows["salt"].title == "Sea water holds 3.5 % of salt."
    assert "it has $5.7 \\cdot 10^6$ square kilometres." in rows["largest"].text
    assert rows["map"].title == "Which sea is this?"
    assert "geography" in rows["saltiest"].text
    assert (rows["salt"].cards, rows["saltiest"].cards, rows["depth"].cards) == (2, 2, 1)
