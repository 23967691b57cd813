"""The ledger guards itself: whatever changed in it is told, and what it remembers of clozes, moves and drafts is used."""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from author import DAY, FIRST_BUILD, Author
from gen2anki.diagnostics.problem import ProblemsError
from gen2anki.edition import ledger
from gen2anki.edition.entries import Entry, Ledger
from gen2anki.edition.side_effects import renumbered
from learner import Learner
from lesson import settle_in

SMALL = Ledger(
    deck_id="t.small",
    deck_name="Small “€”",
    entries={
        "a": Entry("Part 1", False, "0a1b2c", 1_760_000_000, 1_759_999_999_999),
        "b": Entry(
            "$\\beta$", True, "9f", 19, 21, other=17, latest=20, hides=((1, "は"), (12, 'a "b"')), is_retired=True
        ),
        "c-2": Entry("", False, "77", 5, 3, moved_to="t.other"),
    },
    forgotten=1234,
)


def _read(content: bytes) -> Ledger | None:
    """Return what a ledger says; None where it is refused."""
    with suppress(ProblemsError):
        return ledger.read(content, "cards.lock")
    return None


def _values(known: Ledger) -> tuple[Any, ...]:
    return known.deck_id, known.deck_name, known.entries, known.versions, known.forgotten


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_each_flipped_bit_is_told_or_changes_nothing(end: bytes) -> None:
    """A bit of a line's end may turn it into a space; nothing else is read as it was."""
    content = ledger.write(SMALL).replace(b"\n", end)
    known = _read(content)
    assert known
    assert _values(known) == _values(SMALL)
    harmless = 0
    for place, bit in product(range(len(content)), range(8)):
        flipped = bytearray(content)
        flipped[place] ^= 1 << bit
        after = _read(bytes(flipped))
        harmless += after is not None
        assert after is None or _values(after) == _values(SMALL), (place, bit)
        assert after is None or content[place] in b"\r\n"
    assert harmless <= 2 * content.count(b"\n")


def test_each_changed_digit_is_told() -> None:
    """A person who edits a number by hand is told, whichever number, and whatever they make of it."""
    content = ledger.write(SMALL).decode()
    for place in [place for place, char in enumerate(content) if char.isdigit()]:
        for digit in set("0123456789") - {content[place]}:
            assert _read((content[:place] + digit + content[place + 1 :]).encode()) is None, (place, digit)


def test_a_number_changed_by_hand_is_told_with_its_line(author: Author) -> None:
    """The message says what to do about it, and nothing is written."""
    settle_in(author.folder)
    author.publish()
    entry = author.ledger_lines()["depth"]
    text = author.ledger.read_text().replace(f'"mod":{entry["mod"]},"added":{entry["added"]}', '"mod":1,"added":2')
    author.ledger.write_text(text)
    (problem,) = author.json("build")["problems"]
    assert (problem["line"], problem["code"], problem["text"]) == (
        4, "ledger-damaged",
        "this line is not as gen2anki wrote it: a number or a letter was changed: restore the file from your version control",
    )  # fmt: skip
    assert author.ledger.read_text() == text


@pytest.mark.parametrize("how", ["lost", "another's", "of another deck"])
def test_lines_that_a_merge_lost_are_told(author: Author, how: str) -> None:
    """Each line is right, and yet they are not those that stood below the header."""
    settle_in(author.folder)
    author.publish()
    header, *lines = author.ledger.read_text(encoding="utf-8").splitlines()
    if how == "lost":
        lines.pop()
    elif how == "another's":
        author.edit_ledger("depth", mod=7)
        lines = author.ledger.read_text(encoding="utf-8").splitlines()[1:]
    else:
        known = ledger.read(author.ledger.read_bytes(), "")
        lines = ledger.write(replace(known, deck_id="t.other")).decode().splitlines()[1:]
    author.ledger.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    told = [(problem["line"], problem["text"].partition(":")[0]) for problem in author.json("check")["problems"]]
    assert (
        told
        == {
            "lost": [(1, "this header is of 8 notes, below it are 7")],
            "another's": [(1, "other lines were below this header")],
            "of another deck": [(line, "this line is not as gen2anki wrote it") for line in range(2, 10)],
        }[how]
    )


@pytest.mark.parametrize("mod", [99_999_999_999, 2_500_000_000])
def test_a_mod_years_ahead_is_an_error(author: Author, mod: int) -> None:
    """Until then no correction would arrive, and no edit of a learner would count; `--frozen` does not pass it either."""
    settle_in(author.folder)
    author.publish()
    author.edit_ledger("depth", mod=mod)
    author.replace("About 11 km", "10,935 m")
    before = author.ledger.read_bytes()
    for arguments in (["check"], ["build"], ["build", "--frozen"]):
        (problem,) = author.json(*arguments)["problems"]
        assert (problem["severity"], problem["code"], problem["line"]) == ("error", "ledger-ahead", 4)
        assert problem["text"].startswith(
            f"'depth' has a 'mod' of the year {2049 if mod < 10**10 else 5138}, more than"
        )
    assert author.ledger.read_bytes() == before


def test_a_draft_that_was_forgotten_comes_back_with_a_later_mod(author: Author, learner: Learner) -> None:
    """Somebody imported it after all, and the clock has gone back: what was corrected since arrives all the same."""
    settle_in(author.folder)
    learner.take(author.publish())
    cut = author.cut("depth")
    author.publish("--forget", "depth")
    author.add_flashcard(cut.replace("About 11 km", "10,935 m"))
    author.now = FIRST_BUILD - 3 * DAY
    learner.take(author.publish())
    assert learner.field("depth", "Answer") == "10,935 m"
    assert author.ledger_lines()["depth"]["mod"] == FIRST_BUILD + 1


def test_a_note_that_moved_away_is_neither_gone_nor_withdrawn(author: Author) -> None:
    """The ledger remembers where it is, with its hash, `mod` and `added`."""
    settle_in(author.folder)
    author.publish()
    author.cut("depth")
    was = author.ledger_lines()["depth"]
    author.edit_ledger("depth", moved_to="t.other")
    author.publish()
    now = author.ledger_lines()["depth"]
    assert now == was | {"moved_to": "t.other", "check": now["check"]}
    author.publish("--frozen")


# --- what the numbers of a cloze hide


def _publish_cloze(author: Author, *texts: str) -> list[str]:
    """Publish a cloze, text after text; return what `check` says of the last."""
    for text in texts:
        author.write(json.dumps({"deck": {"id": "t", "name": "T"}, "flashcards": [{"id": "a", "cloze": text}]}))
        said = [problem["text"] for problem in author.json("check")["problems"]]
        assert [problem["text"] for problem in author.json("diff")["problems"]] == said
        assert [problem["text"] for problem in author.json("build")["problems"]] == said
    return said


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("私{{c1::は}}学生{{c2::です}}", "{{c1::私}}{{c2::は}}学生{{c3::です}}", ["'は' was c1 and is c2", "'です' was c2 and is c3"]),
        ("{{c1::salt}} and {{c2::ice}}", "{{c2::salt}} and {{c1::ice}}", ["'salt' was c1 and is c2", "'ice' was c2 and is c1"]),
        ("{{c1::salt}}, {{c2::ice}}, {{c3::fog}}", "{{c1::ice}}, {{c2::fog}}", ["'ice' was c2 and is c1", "'fog' was c3 and is c2"]),
        ("{{c1::1910}} to {{c2::1911}}", "{{c1::1911}} to {{c2::1910}}", ["'1910' was c1 and is c2", "'1911' was c2 and is c1"]),
        ("{{c1::natrium}}, {{c2::clor}}", "{{c2::natrium}}, {{c1::chlor}}", ["'natrium' was c1 and is c2", "'clor' was c2 and is c1"]),
        ("{{c1::**salt**::hint}} {{c2::ice}}", "{{c2::salt}} {{c1::ice}}", ["'salt' was c1 and is c2", "'ice' was c2 and is c1"]),
    ],
)  # fmt: skip
def test_clozes_numbered_anew_are_a_warning(author: Author, old: str, new: str, told: Sequence[str]) -> None:
    """Check, build and diff say which words have another number, before the reviews belong to other words."""
    (text,) = _publish_cloze(author, old, new)
    assert text.partition(": the reviews")[0] == ", ".join(told)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{{c1::salt}} and {{c2::ice}}", "{{c3::snow}}, {{c1::salt}} and {{c2::ice}}"),  # a number more
        ("{{c1::natriun}} and {{c2::ice}}", "{{c1::natrium}} and {{c2::ice}}"),  # a slip mended
        ("{{c1::teh}} and {{c2::the}}", "{{c1::the}} and {{c2::the}}"),
        ("{{c1::salt}} and {{c2::ice}}", "{{c1::sodium chloride}} and {{c2::ice}}"),  # other words
        ("{{c1::salt}} and {{c2::ice}}", "{{c1::salt}} and ice"),  # a number less
        ("{{c1::salt}} and {{c2::ice}}", "{{c2::ice}} and {{c1::salt}}"),  # another order
        ("{{c1::salt}} and {{c2::ice}}", "{{c1::salt::NaCl?}} and {{c2::*ice*}}"),  # a hint, emphasis
        ("{{c1::1910}} to {{c2::1920}}", "{{c1::1911}} to {{c2::1921}}"),
        ("{{c1::salt}} and {{c2::salt}}", "{{c1::salt}} and {{c2::salts}}"),
    ],
)
def test_a_cloze_that_is_mended_or_grows_is_no_warning(author: Author, old: str, new: str) -> None:
    """The reviews of each number still belong to its words."""
    assert _publish_cloze(author, old, new) == []


def test_an_older_ledger_learns_what_each_number_hides(author: Author) -> None:
    """It is filled in with the next build, and no note changes."""
    settle_in(author.folder)
    author.publish()
    mod = author.ledger_lines()["salt"]["mod"]
    author.edit_ledger("salt", hides=())
    assert author.json("build")["unchanged"] == 8
    assert author.ledger_lines()["salt"]["hides"] == {"1": "3.5 %", "2": "salt"}
    assert author.ledger_lines()["salt"]["mod"] == mod


def test_of_two_numbers_that_hide_the_same_words_the_one_that_changed_is_told() -> None:
    """`c3` takes over what `c2` hid, which hides something else now."""
    assert [*renumbered([(1, "A"), (2, "A")], [(1, "A"), (2, "B"), (3, "A")])] == [("A", 2, 3)]
