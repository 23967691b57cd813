"""The ledger's rules: it is what keeps a learner's reviews, so nothing in it is lost, overwritten or guessed."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from author import DAY, FIRST_BUILD, Author
from gen2anki.cli import main
from gen2anki.edition import ledger, plan
from gen2anki.edition.entries import Entry, Ledger
from learner import Arrived, Learner
from lesson import CARDS, LESSON, NOTES, add_note, settle_in


@pytest.fixture(autouse=True)
def _lesson(author: Author) -> None:
    settle_in(author.folder)


def _problems(author: Author, *arguments: str) -> list[tuple[str, int | None, str, str]]:
    """Build, and return severity, line, code and text of each problem."""
    found = author.json("build", *arguments)
    return [(p["severity"], p["line"], p["code"], p["text"]) for p in found["problems"]]


def _refused(author: Author, *arguments: str) -> tuple[str, int | None, str, str]:
    """Build in vain: return the one problem, and make sure that nothing was written."""
    before = author.ledger.read_bytes() if author.ledger.exists() else None
    assert author.run("build", *arguments).exit_code == 1
    (problem,) = _problems(author, *arguments)
    assert problem[0] == "error"
    assert (author.ledger.read_bytes() if author.ledger.exists() else None) == before
    assert not list(author.folder.glob("*.apkg"))
    return problem


# --- what it holds


def test_it_is_a_header_and_a_line_for_each_note_sorted_by_id(author: Author) -> None:
    """Git merges it line by line; a person can read it."""
    author.publish()
    header, *lines = author.ledger.read_text(encoding="utf-8").splitlines()
    said = json.loads(header)
    assert [said[key] for key in ("gen2anki", "format", "deck", "name", "notes")] == [
        "ledger", ledger.FORMAT, "seas", "Geography::Seas", NOTES,
    ]  # fmt: skip
    entries = [json.loads(line) for line in lines]
    ids = ["largest", "saltiest", "depth", "salt", "map", "shores", "dead", "caspian"]
    assert [entry["id"] for entry in entries] == sorted(ids)
    # The Anki ids are milliseconds of the week before the build, one after the other, in source order.
    added = {entry["id"]: entry["added"] for entry in entries}
    assert added == {id: added["largest"] + place for place, id in enumerate(ids)}
    assert (FIRST_BUILD - 7 * DAY) * 1000 - NOTES <= added["largest"] < FIRST_BUILD * 1000 - NOTES
    assert {entry["mod"] for entry in entries} == {FIRST_BUILD}
    assert {entry["type"] for entry in entries} == {"card", "cloze"}
    assert {entry["section"] for entry in entries} == {"Flashcards", "Quick questions", "Inland or not"}


def test_an_unchanged_note_keeps_its_mod_and_a_changed_one_gets_the_time_of_the_build(author: Author) -> None:
    """So learners' edits to the first survive, and the change to the second arrives."""
    author.publish()
    author.replace("About 11 km", "10,935 m")
    author.publish()
    mods = {id: entry["mod"] for id, entry in author.ledger_lines().items()}
    assert mods.pop("depth") == FIRST_BUILD + DAY
    assert set(mods.values()) == {FIRST_BUILD}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Which sea is the largest?", "Which sea is the largest"),
        ("answer: The Philippine Sea", "answer: Philippine Sea"),
        ("why: It has", "why: Has"),
        ("hint: Mount", "hint: Even Mount"),
        ("tags: [salt]", "tags: [salty]"),
        ("reverse: true", "reverse: false"),
        (", typed: true", ""),
        ("{{c2::salt}}", "{{c2::salts}}"),
        ("answer: Inland}", "answer: Open}"),
        ("answer: Inland}", "answer: Inland, source: An atlas}"),
    ],
)
def test_whatever_a_learner_would_see_counts_as_content(author: Author, old: str, new: str) -> None:
    """Each part of a note is in its hash: a change to it moves the `mod` of this note, and of no other."""
    author.publish()
    author.replace(old, new)
    author.publish()
    assert sum(entry["mod"] > FIRST_BUILD for entry in author.ledger_lines().values()) == 1


def test_the_bytes_of_media_are_part_of_a_notes_content(author: Author) -> None:
    """A picture replaced by another of the same name moves `mod`."""
    author.publish()
    (author.folder / "media" / "map.png").write_bytes(b"another map")
    author.publish()
    assert [id for id, entry in author.ledger_lines().items() if entry["mod"] > FIRST_BUILD] == ["map"]


def test_layout_comments_and_order_are_no_content(author: Author) -> None:
    """Other YAML for the same texts, or another order of notes, changes no note."""
    author.publish()
    before = author.ledger.read_bytes()
    text = author.text().replace(
        "question: Which sea is the largest?", "question: >-\n      Which sea\n      is the largest?"
    )
    moved = text.index("  - id: saltiest"), text.index("  - id: depth")
    text = text[: moved[0]] + text[moved[1] :].replace("practice:", f"{text[moved[0] : moved[1]]}practice:", 1)
    author.write(f"# a comment\n{text}")
    author.publish()
    assert author.ledger.read_bytes() == before


# --- time


def test_source_date_epoch_stands_for_now(author: Author) -> None:
    """So anyone can repeat a build."""
    author.now = 1_700_000_000
    author.publish()
    assert {entry["mod"] for entry in author.ledger_lines().values()} == {1_700_000_000}


@pytest.mark.parametrize("wrong", ["soon", "-1", "1e9", "99999999999", "१७"])
def test_a_source_date_epoch_that_is_no_time_is_wrong_usage(author: Author, wrong: str) -> None:
    """Nothing is built under a time that Anki would refuse."""
    author.now = wrong  # type: ignore[assignment]
    result = author.run("build")
    assert result.exit_code == 2
    assert "SOURCE_DATE_EPOCH" in result.stderr
    assert not author.ledger.exists()


def test_a_clock_set_back_still_gives_a_later_mod(author: Author, learner: Learner) -> None:
    """The change arrives all the same, and the author is told about the clock."""
    learner.take(author.publish())
    author.now = FIRST_BUILD - 30 * DAY
    author.replace("About 11 km", "10,935 m")
    ((severity, line, code, text),) = _problems(author)
    assert (severity, line, code) == ("warning", None, "clock-behind")
    assert text == ("the clock says 2025-09-09 08:53, before the ledger's last change at 2025-10-09 08:53 (UTC)")
    assert author.ledger_lines()["depth"]["mod"] == FIRST_BUILD + 1
    assert learner.take(author.folder / "seas.apkg") == Arrived(updated=1, unchanged=NOTES - 1)


@pytest.mark.parametrize("now", [FIRST_BUILD, 0])
def test_new_notes_are_numbered_in_the_past(author: Author, monkeypatch: pytest.MonkeyPatch, now: int) -> None:
    """An id that lies in the future can spoil an import; so does one before 1970."""
    monkeypatch.setattr(plan, "_SPREAD_MS", 1)  # the nearest to now
    author.now = now
    author.publish()
    added = [entry["added"] for entry in author.ledger_lines().values()]
    assert min(added) > 0
    assert max(added) < max(now * 1000, NOTES + 1)


def test_two_changes_within_a_second_both_arrive(author: Author, learner: Learner) -> None:
    """`mod` counts whole seconds: the second build of one second takes the next."""
    for number, answer in enumerate(["10,935 m", "Nearly 11 km"]):
        author.now = FIRST_BUILD
        learner.take(author.publish())
        author.now = FIRST_BUILD
        author.replace("About 11 km" if number == 0 else "10,935 m", answer)
    author.now = FIRST_BUILD
    learner.take(author.publish())
    assert learner.field("depth", "Answer") == "Nearly 11 km"
    assert author.ledger_lines()["depth"]["mod"] == FIRST_BUILD + 2


# --- the same bytes


def test_the_same_source_and_ledger_give_the_same_bytes_anywhere(author: Author, tmp_path: Path) -> None:
    """In another folder, a day later, under another hash seed, in another time zone and locale."""
    author.publish()
    package = author.publish().read_bytes()
    digests = {hashlib.sha256(package + author.ledger.read_bytes()).hexdigest()}
    for number, environment in enumerate(
        [
            {"PYTHONHASHSEED": "1", "TZ": "Asia/Kathmandu"},
            {"PYTHONHASHSEED": "2", "SOURCE_DATE_EPOCH": str(author.now + 300 * DAY), "LC_ALL": "C"},
        ]
    ):
        folder = tmp_path / f"elsewhere {number}"
        folder.mkdir()
        settle_in(folder)
        (folder / "cards.lock").write_bytes(author.ledger.read_bytes())
        subprocess.run(
            [sys.executable, "-m", "gen2anki", "build", "-o", "deck.apkg"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
            check=True,
            capture_output=True,
        )
        built = (folder / "deck.apkg").read_bytes() + (folder / "cards.lock").read_bytes()
        digests.add(hashlib.sha256(built).hexdigest())
    assert len(digests) == 1


def test_the_ledger_written_again_is_the_same(author: Author) -> None:
    """Reading and writing are a pair, retired notes and odd names included."""
    author.replace("title: Quick questions", 'title: "Quick “questions” ünd more"')
    author.publish()
    author.retire("shores")
    author.publish()
    content = author.ledger.read_bytes()
    assert '"retired":true,' in content.decode()
    assert ledger.write(ledger.read(content, "cards.lock")) == content


# --- lost, damaged, foreign


def test_the_author_is_told_to_commit_a_ledger_that_is_new_or_has_changed(author: Author) -> None:
    """A ledger that stays on one computer would give the next edition wrong dates elsewhere."""
    told = [author.run("build").stdout.partition("\n")[2]]
    assert author.ledger.exists()
    told.append(author.run("build").stdout.partition("\n")[2])
    author.replace("About 11 km", "10,935 m")
    told.append(author.run("build").stdout.partition("\n")[2])
    commit = "commit it together with cards.yaml\n"
    assert told == [f"cards.lock is new: {commit}", "", f"cards.lock has changed: {commit}"]


def test_a_lost_ledger_is_made_anew_with_the_same_identities(author: Author) -> None:
    """A note's guid grows from the ids alone, so a lost ledger doubles no note, though all count as new again."""
    author.publish()
    author.ledger.unlink()
    found = author.json("build")
    assert (found["ok"], len(found["new"]), found["unchanged"]) == (True, NOTES, 0)


def _spoil(lines: list[str], how: str) -> list[str]:
    entry = json.loads(lines[3])
    changed: dict[str, dict[str, Any]] = {
        "a key is missing": {key: value for key, value in entry.items() if key != "mod"},
        "a key too many": entry | {"due": 1},
        "mod is a text": entry | {"mod": str(entry["mod"])},
        "mod is true": entry | {"mod": True},
        "mod is negative": entry | {"mod": -1},
        "mod is in milliseconds": entry | {"mod": entry["mod"] * 1000},
        "added is 0": entry | {"added": 0},
        "added is no time": entry | {"added": 10**20},
        "an unknown type": entry | {"type": "basic"},
        "an id that is none": entry | {"id": "Dépth"},
        "retired is a text": entry | {"retired": "yes"},
        "a hash that is none": entry | {"hash": 'a"\\'},
        "half a character": entry | {"section": "\ud800"},
    }
    other = {
        "an editor's rubbish": "oops",
        "a list": "[]",
        "lists in lists": "[" * 100_000,
        "closed too early": "{}],[{}",
    }
    if how in changed:
        lines[3] = json.dumps(changed[how])
    elif how in other:
        lines[3] = other[how]
    elif how == "cut off":
        lines[3] = lines[3][:40]
    elif how == "a number that is none":
        lines[3] = lines[3].replace('"mod":', '"mod":0')
    elif how == "two entries on a line":
        lines[3] = f"{lines[3]},{lines[4]}"
    elif how == "no UTF-8":
        lines[3] = lines[3].replace("h", "\udcff", 1)
    return lines


@pytest.mark.parametrize(
    "how",
    [
        "a key is missing", "a key too many", "mod is a text", "mod is true", "mod is negative", "mod is in milliseconds",
        "added is 0", "added is no time", "an unknown type", "lists in lists",
        "an id that is none", "retired is a text", "cut off", "an editor's rubbish", "a list", "two entries on a line",
        "closed too early", "no UTF-8", "a hash that is none", "half a character",
        "a number that is none",
    ],
)  # fmt: skip
def test_a_damaged_line_is_named_and_nothing_overwritten(author: Author, how: str) -> None:
    """Whatever damaged the line, the message names its number and says what to do."""
    author.publish()
    lines = _spoil(author.ledger.read_text(encoding="utf-8").split("\n"), how)
    author.ledger.write_bytes("\n".join(lines).encode(errors="surrogateescape"))
    _, line, code, text = _refused(author)
    assert (line, code) == (4, "ledger-damaged")
    assert text == {
        "no UTF-8": "this is not UTF-8 text: restore the file from your version control",
    }.get(how, "this line is no ledger entry: restore the file from your version control")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"{}",
        b"[]",
        b"null",
        b"PK\x03\x04",
        b'{"gen2anki":"ledger","format":1,"deck":"seas"}',
        b"deck:\n  id: seas\n",
    ],
)
def test_a_file_that_is_no_ledger_is_refused(author: Author, content: bytes) -> None:
    """So is an empty file: it may be all that a full disk left of a ledger."""
    author.ledger.write_bytes(content)
    _, line, code, text = _refused(author)
    assert (line, code, text) == (
        1, "ledger-damaged", "this is no ledger of gen2anki: restore the file from your version control",
    )  # fmt: skip


def test_all_damaged_lines_are_reported_at_once(author: Author) -> None:
    """Each is named by its number."""
    author.publish()
    lines = author.ledger.read_text(encoding="utf-8").splitlines()
    author.ledger.write_text("\n".join([*lines[:2], "oops", lines[2], lines[3][:-9], *lines[4:]]))
    found = [(line, code) for _, line, code, _ in _problems(author)]
    assert found == [(3, "ledger-damaged"), (5, "ledger-damaged")]


def test_a_damaged_ledger_is_reported_beside_a_bad_id(author: Author) -> None:
    """Nobody can say then whose ledger it is, but it is damaged all the same."""
    author.publish()
    author.ledger.write_bytes(author.ledger.read_bytes() + b"rubbish\n")
    author.replace("id: seas", "id: Seas!")
    assert [(line, code) for _, line, code, _ in _problems(author)] == [(NOTES + 2, "ledger-damaged"), (2, "bad-id")]


def test_another_decks_ledger_is_refused(author: Author) -> None:
    """A changed `deck.id` would make every note new to every learner."""
    author.publish()
    author.replace("id: seas", "id: oceans")
    assert _refused(author) == (
        "error", 1, "ledger-foreign",
        ("this is the ledger of the deck 'seas', not of 'oceans': a deck's id never changes; if the lesson is a copy, delete the"
        " ledger that came with it; any other new deck gets a folder, or a source name, of its own"),
    )  # fmt: skip


def _set_format(author: Author, format: str) -> None:
    author.ledger.write_text(author.ledger.read_text().replace(f'"format":{ledger.FORMAT}', f'"format":{format}'))


@pytest.mark.parametrize("format", [max(ledger.READERS) + 1, 99])
def test_a_later_gen2ankis_ledger_is_refused(author: Author, format: int) -> None:
    """This version must not rewrite what it does not know."""
    author.publish()
    _set_format(author, str(format))
    assert _refused(author) == (
        "error", 1, "ledger-format", f"a later gen2anki wrote this ledger (format {format}): upgrade gen2anki",
    )  # fmt: skip


@pytest.mark.parametrize("format", ["0", "-1", "1.5", "1.0", "true", "null", '"1"', "[1]"])
def test_a_format_that_never_was_is_damage(author: Author, format: str) -> None:
    """No upgrade would help: the line is not as any gen2anki wrote it."""
    author.publish()
    _set_format(author, format)
    assert _refused(author) == (
        "error", 1, "ledger-damaged",
        "no gen2anki ever wrote a ledger of this format: restore the file from your version control",
    )  # fmt: skip


def test_a_ledger_of_every_format_is_read_by_its_own_reader(author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second format takes one more reader: the ledgers that authors have are still read, and written anew."""

    def read_tabs(text: str, file: str, headers: Sequence[tuple[int, dict[str, Any]]]) -> Ledger:
        assert (file, headers[0][0]) == ("cards.lock", 1)
        rows = [line.split("\t") for line in text.splitlines()[1:]]
        entries = {
            id: Entry(section, kind == "cloze", hash, int(mod), int(added), hides=tuple(eval(hides)))  # noqa: S307
            for id, section, kind, hash, mod, added, hides in rows
        }
        header = headers[0][1]
        return Ledger(deck_id=header["deck"], deck_name=header["name"], entries=entries, lines=range(2, len(rows) + 2))

    author.publish()
    written = author.ledger.read_bytes()
    monkeypatch.setitem(ledger.READERS, max(ledger.READERS) + 1, read_tabs)
    assert author.json("check")["problems"] == []
    keys = ("id", "section", "type", "hash", "mod", "added")
    hides = [str([*one.hides]) for one in ledger.read(written, "").entries.values()]
    lines = (
        "\t".join([*(str(entry[key]) for key in keys), words])
        for entry, words in zip(author.ledger_lines().values(), hides, strict=True)
    )
    header = written.decode().partition("\n")[0].replace(f'"format":{ledger.FORMAT}', f'"format":{max(ledger.READERS)}')
    author.ledger.write_text("\n".join([header, *lines, ""]))
    found = author.json("build")
    assert (found["problems"], found["unchanged"]) == ([], NOTES)
    assert author.ledger.read_text().splitlines()[0] == written.decode().splitlines()[0]


@pytest.mark.parametrize("form", ["CRLF", "unsorted", "blank lines", "no last line end", "BOM"])
def test_a_ledger_that_an_editor_or_git_reshaped_is_read_all_the_same(author: Author, form: str) -> None:
    """Line ends, order and blank lines mean nothing; the next build that changes something puts them in order."""
    author.publish()
    content = author.ledger.read_bytes()
    header, *lines = content.splitlines(keepends=True)
    author.ledger.write_bytes(
        {
            "CRLF": content.replace(b"\n", b"\r\n"),
            "unsorted": header + b"".join(reversed(lines)),
            "blank lines": header + b"\n" + b"\n".join(lines) + b" \n",
            "no last line end": content.rstrip(),
            "BOM": b"\xef\xbb\xbf" + content,
        }[form]
    )
    found = author.json("build")
    assert (found["ok"], found["unchanged"], found["problems"]) == (True, NOTES, [])
    author.write(add_note(author.text()))
    author.publish()
    assert b"\r" not in author.ledger.read_bytes()
    assert list(author.ledger_lines()) == sorted(author.ledger_lines())


def test_a_title_that_json_escapes_is_read_as_it_was_written(author: Author) -> None:
    """A backslash, as in a formula, is two in the file."""
    author.replace("title: Quick questions", "title: What is $\\beta$?")
    author.publish()
    assert '"section":"What is $\\\\beta$?"' in author.ledger.read_text(encoding="utf-8")
    found = author.json("build", "--frozen")
    assert (found["unchanged"], found["moved"], found["problems"]) == (NOTES, [], [])


# --- ids that vanish, change or come back


def test_an_id_that_vanished_is_an_error(author: Author) -> None:
    """The learner's reviews hang on it: the message says how to withdraw it and how to drop a draft."""
    author.publish()
    author.cut("map")
    assert _refused(author) == (
        "error", 6, "id-gone",
        ("'map' was built before and is gone from cards.yaml. To withdraw it, put it under 'retired'. If nobody has imported"
        " it, build with --forget map"),
    )  # fmt: skip


def test_the_line_named_is_the_ids_own_in_the_ledger(author: Author) -> None:
    """The author can look it up in the file."""
    author.publish()
    author.cut("map")
    _, line, _, _ = _refused(author)
    assert line is not None
    assert '"id":"map"' in author.ledger.read_text(encoding="utf-8").splitlines()[line - 1]


@pytest.mark.parametrize("shape", ["forgotten", "unsorted", "blank lines"])
def test_the_line_named_is_right_whatever_stands_above_it(author: Author, shape: str) -> None:
    """Above it, an id may be forgotten, lines out of order, or a line blank."""
    author.publish()
    author.cut("map")
    arguments = []
    if shape == "forgotten":
        author.cut("depth")
        arguments = ["--forget", "depth"]
    else:
        header, *lines = author.ledger.read_text(encoding="utf-8").splitlines()
        lines = lines[::-1] if shape == "unsorted" else ["", *lines]
        author.ledger.write_text("\n".join([header, *lines, ""]))
    _, line, _, _ = _refused(author, *arguments)
    assert line is not None
    assert '"id":"map"' in author.ledger.read_text(encoding="utf-8").splitlines()[line - 1]


@pytest.mark.parametrize(
    ("new", "reworded", "others"),
    [
        ("challenger-deep", False, True),  # the same content
        ("depths", True, True),  # a name nearby
        ("zzz", True, False),  # the only one that is gone, the only one that is new
    ],
)
def test_a_renamed_id_is_an_error_that_names_the_new_one(
    author: Author, new: str, reworded: bool, others: bool
) -> None:
    """It is recognised by its content, by a similar name, or because no other id is new."""
    author.publish()
    author.replace("id: depth", f"id: {new}")
    if reworded:
        author.replace("About 11 km", "10,935 m")
    if others:
        author.write(add_note(author.text()))
    _, line, code, text = _refused(author)
    assert (line, code) == (4, "id-gone")
    assert f"Was it renamed to '{new}' (line 16)? Give it back its id, or every learner loses its reviews." in text


def test_of_too_many_ids_none_is_guessed(author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each that is gone would be compared with each that is new: an hour, where a whole deck got other ids."""
    author.publish()
    author.replace("id: depth", "id: depths")
    author.replace("About 11 km", "10,935 m")
    author.write(add_note(author.text()))
    monkeypatch.setattr(plan, "_MOST_COMPARED", 1)
    _, _, code, text = _refused(author)
    assert (code, "renamed" in text) == ("id-gone", False)


def test_all_ids_that_vanished_are_reported_at_once(author: Author) -> None:
    """Two ids that are gone are two problems."""
    author.publish()
    author.cut("map")
    author.cut("depth")
    assert [(line, code) for _, line, code, _ in _problems(author)] == [(4, "id-gone"), (6, "id-gone")]


def test_a_note_whose_id_cannot_be_read_does_not_count_as_gone(author: Author) -> None:
    """A typing slip in the source must not make the author withdraw notes."""
    author.publish()
    author.replace("id: depth", "id: Depth!")
    assert [code for _, _, code, _ in _problems(author)] == ["bad-id"]


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ("    cloze: Sea", "    clozee: Sea", ["unknown-key"]),
        ("    cloze: Sea", "    cloze: # Sea", ["empty-value"]),
        ("  - id: depth", "    id: depth", ["duplicate-key"] * 3),
        ("name: Geography::Seas", "name: [Geography, Seas]", ["wrong-type"]),
        ("id: seas", "id: Seas!", ["bad-id"]),
        ("title: Quick questions", "titel: Quick questions", ["unknown-key"]),
        ("title: Quick questions", "title: [Quick, questions]", ["wrong-type"]),
        ("flashcards:", "flashcrads:", ["unknown-key"]),
        ("practice:", "practise:", ["unknown-key"]),
    ],
)
def test_a_slip_does_not_count_as_a_note_changed_gone_or_moved(
    author: Author, old: str, new: str, codes: list[str]
) -> None:
    """Else the author might withdraw the note, or give it a new id, and every learner would lose its reviews."""
    author.publish()
    author.replace(old, new)
    assert sorted(code for _, _, code, _ in _problems(author)) == codes


def test_a_retired_id_stays_in_the_ledger_and_leaves_the_package(author: Author, learner: Learner) -> None:
    """It must be known for ever, or another note might take its reviews over."""
    author.publish()
    author.retire("map")
    found = author.json("build")
    assert (found["ok"], found["retired"]) == (True, ["map"])
    assert author.ledger_lines()["map"]["retired"] is True
    assert learner.take(author.folder / "seas.apkg") == Arrived(new=NOTES - 1)
    again = author.json("build")
    assert (again["retired"], again["unchanged"]) == ([], NOTES - 1)


def test_a_retired_id_cannot_be_used_again(author: Author) -> None:
    """Learners who still have the old note would see the new one in its place, with the old reviews."""
    author.publish()
    cut = author.cut("map")
    author.retire("shores")
    author.write(f"{author.text()}  - map\n")
    author.publish()
    author.add_flashcard(cut)
    author.replace("  - map\n", "")
    _, line, code, text = _refused(author)
    assert (line, code) == (22, "retired-reused")
    assert text == (
        "'map' was published and retired: some learners still have it, so a new note needs a new id. (To bring the same note"
        " back, take it out, build with --forget map, and put it in again)"
    )


def test_a_retired_note_comes_back_as_itself(author: Author, learner: Learner) -> None:
    """The author does what the message says: the note's reviews are still there, and nothing is there twice."""
    learner.take(author.publish())
    learner.review(5)
    learnt = learner.learning()
    cut = author.cut("depth")
    author.write(f"{author.text()}retired: [depth]\n")
    learner.take(author.publish())
    author.add_flashcard(cut.replace("About 11 km", "10,935 m"))
    author.replace("retired: [depth]\n", "")
    assert _refused(author)[2] == "retired-reused"
    author.cut("depth")
    author.publish("--forget", "depth")
    author.add_flashcard(cut.replace("About 11 km", "10,935 m"))
    assert learner.take(author.publish()) == Arrived(updated=1, unchanged=NOTES - 1)
    assert (learner.field("depth", "Answer"), learner.learning()) == ("10,935 m", learnt)


def test_an_id_that_is_retired_and_in_use_is_an_error(author: Author) -> None:
    """An id can be one of the two, not both."""
    author.publish()
    author.write(f"{author.text()}retired: [map]\n")
    _, line, code, _ = _refused(author)
    assert (line, code) == (38, "retired-in-use")


def test_a_retired_id_must_stay_in_the_list(author: Author) -> None:
    """The deck's description names it, and without it nothing would warn of using the id again."""
    author.publish()
    author.retire("map")
    author.publish()
    author.replace("retired:\n  - map\n", "")
    _, line, code, text = _refused(author)
    assert (line, code) == (6, "id-gone")
    assert text == "'map' was retired and is gone from 'retired': it must stay there, or another note might take it"


def test_an_unpublished_id_may_be_retired_beforehand(author: Author) -> None:
    """The list may come from elsewhere; it costs nothing."""
    author.write(f"{author.text()}retired: [older-than-the-ledger]\n")
    author.publish()
    assert "older-than-the-ledger" not in author.ledger_lines()


def test_a_note_may_not_change_its_kind_under_its_id(author: Author) -> None:
    """Anki refuses to turn a question into a cloze; whoever has it would never get the change."""
    author.publish()
    author.replace(
        "cloze: Sea water holds {{c1::3.5 %}} of {{c2::salt}}.", "question: How salty is it?\n    answer: 3.5 %"
    )
    assert _refused(author) == (
        "error", 20, "note-type",
        ("'salt' was published as a cloze and is a question now: Anki never turns one into the other. Give it a new id, and put"
        " 'salt' under 'retired'"),
    )  # fmt: skip


# --- --forget


def test_forget_drops_a_draft(author: Author) -> None:
    """Two drafts at once: their lines are gone, and their ids are free."""
    author.publish()
    cut = author.cut("map")
    author.cut("depth")
    arguments = ("--forget", "map", "--forget", "depth")
    assert author.json("build", *arguments)["forgotten"] == ["map", "depth"]
    assert not author.ledger_lines().keys() & {"map", "depth"}
    author.add_flashcard(cut)
    assert author.json("build")["new"] == ["map"]


@pytest.mark.parametrize(
    ("id", "text"),
    [
        ("map", "'map' is still in the source: take it out there first"),
        ("detph", "'detph' is not in the ledger: did you mean 'depth'?"),
        ("xyz", "'xyz' is not in the ledger"),
    ],
)
def test_a_wrong_forget_is_wrong_usage(author: Author, id: str, text: str) -> None:
    """Exit code 2, one line, and nothing changes."""
    author.publish()
    before = author.ledger.read_bytes()
    result = author.run("build", "--forget", id)
    assert result.exit_code == 2
    assert f"Invalid value for --forget: {text}\n" in result.stderr
    assert author.ledger.read_bytes() == before


def test_forget_without_a_ledger_is_wrong_usage(author: Author) -> None:
    """There is nothing to forget."""
    result = author.run("build", "--forget", "gone")
    assert result.exit_code == 2
    assert "'gone' is not in the ledger" in result.stderr


# --- decks


def test_a_renamed_deck_is_a_warning(author: Author) -> None:
    """Anki knows decks by name: the old cards stay in the old deck."""
    author.publish()
    author.replace("name: Geography::Seas", "name: Geography::Seas and oceans")
    assert author.run("build").exit_code == 0
    known = ledger.read(author.ledger.read_bytes(), "cards.lock")
    author.ledger.write_bytes(ledger.write(replace(known, deck_name="Geography::Seas")))
    assert _problems(author) == [
        (
            "warning", 3, "deck-renamed",
            "the deck was 'Geography::Seas': cards that learners have stay where they are, in the deck of that name",
        )
    ]  # fmt: skip
    assert _problems(author) == []


def test_a_renamed_section_is_one_warning_at_its_title(author: Author) -> None:
    """There is one warning, however many notes the section has."""
    author.publish()
    author.replace("title: Quick questions", "title: Short questions")
    assert _problems(author) == [
        (
            "warning", 27, "section-renamed",
            "this section's deck was 'Quick questions': cards that learners have stay where they are, in the deck of that name",
        )
    ]  # fmt: skip
    assert _problems(author) == []


def test_a_deck_renamed_in_capitals_only_is_the_same_deck(author: Author, learner: Learner) -> None:
    """It is so to Anki, too: new notes come to the old deck, so there is nothing to warn of."""
    learner.take(author.publish())
    before = learner.deck_names()
    author.replace("name: Geography::Seas", "name: Geography::SEAS")
    author.replace("title: Quick questions", "title: Quick Questions")
    author.write(add_note(author.text()))
    assert author.json("check")["problems"] == []
    assert learner.take(author.publish()).new == 1
    assert learner.deck_names() == before


def test_a_moved_note_is_a_warning_at_its_id(author: Author) -> None:
    """The cards that learners have stay in their deck."""
    author.publish()
    author.add_flashcard(author.cut("shores"))
    assert _problems(author) == [
        (
            "warning", 25, "note-moved",
            "this note moved here from 'Quick questions': cards that learners have stay where they are, in that deck",
        )
    ]  # fmt: skip


NEW_SECTION = """
  - id: new
    title: Harder ones
    questions: [{id: shores, question: Which sea has no shores?, answer: The Sargasso Sea}]
"""


def test_a_note_moved_to_a_new_section_is_no_renamed_section(author: Author) -> None:
    """The old section is still there, with the rest of its notes."""
    author.publish()
    author.cut("shores")
    author.write(author.text() + NEW_SECTION.lstrip("\n"))
    assert [code for _, _, code, _ in _problems(author)] == ["note-moved"]


@pytest.mark.parametrize("target", ["another section", "the first flashcards"])
def test_notes_of_a_section_that_is_gone_have_moved(author: Author, target: str) -> None:
    """They went to a deck that has a name of its own: no section was renamed."""
    if target == "the first flashcards":
        author.write(re.sub(r"(?ms)^flashcards:.*?(?=^practice:)", "", author.text()))
    author.publish()
    author.write(re.sub(r"(?ms)^  - id: quick.*?(?=^  - id: place)", "", author.text()))
    notes = ["{id: shores, question: A, answer: B}", "{id: dead, question: C, answer: D}"]
    if target == "another section":
        author.write(re.sub(r" *choices: .*\n", "", author.text()))
        author.write(author.text() + "".join(f"      - {note}\n" for note in notes))
    else:
        author.replace("practice:", f"flashcards: [{', '.join(notes)}]\npractice:")
    found = [(code, text.partition(":")[0]) for _, _, code, text in _problems(author)]
    assert found == [("note-moved", "this note and 1 more moved here from 'Quick questions'")]


def test_notes_that_moved_from_different_decks_are_a_warning_for_each(author: Author) -> None:
    """Each stands at the first note that came this way."""
    author.publish()
    author.cut("depth")
    author.add_flashcard(author.cut("shores"))
    author.replace(
        "      - {id: dead,", "      - {id: depth, question: How deep?, answer: About 11 km}\n      - {id: dead,"
    )
    found = [(code, text.partition(":")[0]) for _, _, code, text in _problems(author)]
    assert found == [
        ("note-moved", "this note moved here from 'Quick questions'"),
        ("note-moved", "this note moved here from 'Flashcards'"),
    ]


def test_warnings_come_in_the_order_of_the_file(author: Author) -> None:
    """It is so even if practice stands above the flashcards, which are checked first."""
    head, flashcards, practice = re.split("(?m)^(?=flashcards|practice)", author.text())
    author.write(f"{head}{practice}{flashcards}")
    author.publish()
    cut = author.cut("shores")
    author.write(author.text() + textwrap.indent(cut, "  "))
    author.replace("Inland or not", "Inland?")
    result = author.run("build")
    found = re.findall(r"warning: .*\[(.*)\]$", result.stderr, re.MULTILINE)
    assert (result.exit_code, found) == (0, ["section-renamed", "note-moved"])


def test_a_section_may_take_the_title_of_one_whose_notes_are_all_retired(author: Author) -> None:
    """The lesson no longer has the old deck, so its notes did not move into a deck that was there."""
    author.publish()
    text = author.text()
    section = text[text.index("  - id: quick") : text.index("  - id: place")]
    author.write(text.replace(section, "") + "retired: [shores, dead]\n")
    author.publish()
    author.replace("title: Inland or not", "title: Quick questions")
    assert [code for _, _, code, _ in _problems(author)] == ["section-renamed"]


def test_a_deck_name_with_other_signs_changes_no_note(author: Author) -> None:
    """The deck has another name, but the card's heading is the same HTML: what learners edited must stay."""
    author.replace("title: Quick questions", "title: Quick *questions*")
    author.publish()
    before = author.ledger_lines()
    author.replace("title: Quick *questions*", "title: Quick _questions_")
    built = author.json("build")
    assert (built["moved"], built["changed"]) == (["shores", "dead"], [])
    keys = ("hash", "mod", "added")
    after = author.ledger_lines()
    assert [[after[id][key] for key in keys] for id in before] == [
        [one[key] for key in keys] for one in before.values()
    ]


def test_what_moved_is_in_the_json(author: Author) -> None:
    """For programs that publish an edition."""
    author.publish()
    author.add_flashcard(author.cut("shores"))
    found = author.json("build")
    assert (found["ok"], found["moved"], found["changed"]) == (True, ["shores"], ["shores"])


@pytest.mark.parametrize("way", ["renamed", "linked"])
def test_a_ledger_of_this_deck_that_lies_elsewhere_is_a_warning(author: Author, way: str) -> None:
    """The lesson was renamed, or is built through a link: a new ledger would overwrite what learners edited."""
    author.publish()
    source, found_at = "seas.yaml", "cards.lock"
    if way == "renamed":
        author.source.rename("seas.yaml")
    else:
        Path("links").mkdir()
        source, found_at = "links/cards.yaml", str(author.ledger.resolve())
        Path(source).symlink_to("../cards.yaml")
        shutil.copytree("media", "links/media")
    (problem,) = author.json("check", source)["problems"]
    place = (problem["severity"], problem["file"], problem["line"], problem["code"])
    assert place == ("warning", found_at, 1, "ledger-elsewhere")
    assert f"With a new one, '{source[:-5]}.lock', this edition would overwrite" in problem["text"]
    Path(found_at).rename(f"{source[:-5]}.lock")
    found = author.json("build", source)
    assert (found["unchanged"], found["problems"]) == (NOTES, [])


def test_other_decks_ledgers_and_other_lock_files_are_nothing_to_warn_of(author: Author) -> None:
    """Many folders hold some."""
    author.publish()
    author.write(author.text().replace("id: seas", "id: other"))
    author.source.rename("other.yaml")
    Path("poetry.lock").write_bytes(b"\xff not ours")
    Path("folder.lock").mkdir()
    assert author.json("build", "other.yaml")["problems"] == []


# --- --frozen


def test_frozen_builds_when_the_ledger_stands(author: Author) -> None:
    """The deck is written, the ledger untouched to the byte."""
    author.publish()
    before = author.ledger.read_bytes()
    author.publish("--frozen")
    assert author.ledger.read_bytes() == before


@pytest.mark.parametrize("change", ["changed", "new", "retired", "no ledger", "renamed deck"])
def test_frozen_fails_where_the_ledger_would_change(author: Author, change: str) -> None:
    """So CI publishes only what was committed."""
    author.publish()
    if change == "changed":
        author.replace("About 11 km", "10,935 m")
    elif change == "new":
        author.write(add_note(author.text()))
    elif change == "retired":
        author.retire("map")
    elif change == "renamed deck":
        author.replace("name: Geography::Seas", "name: Seas")
    else:
        author.ledger.unlink()
    before = author.ledger.read_bytes() if author.ledger.exists() else None
    result = author.run("build", "--frozen")
    assert result.exit_code == 1
    assert "build without --frozen, and commit it [ledger-frozen]" in result.stderr
    assert (author.ledger.read_bytes() if author.ledger.exists() else None) == before
    assert not list(author.folder.glob("*.apkg"))


def test_frozen_names_the_notes_for_which_the_ledger_would_change(author: Author) -> None:
    """Each is named once; of many, the first few."""
    author.publish()
    author.add_flashcard(author.cut("shores"))
    author.retire("map")
    author.write(add_note(author.text()))
    (text,) = _frozen(author)
    assert text == (
        "the ledger would change (1 new, 1 changed, 1 moved, 1 retired, 6 unchanged) for warmest, shores, map: build without"
        " --frozen, and commit it"
    )
    author.replace("tags: [geography]", "tags: [geography, seas]")
    (text,) = _frozen(author)
    assert " for warmest, largest, saltiest, depth, salt and 4 more: build" in text


def _frozen(author: Author) -> list[str]:
    problems = author.json("build", "--frozen")["problems"]
    return [problem["text"] for problem in problems if problem["code"] == "ledger-frozen"]


def test_frozen_says_where_only_the_writing_differs(author: Author) -> None:
    """An editor left a space, say: no note changed, and the message names none."""
    author.publish()
    author.ledger.write_bytes(author.ledger.read_bytes().replace(b"}\n", b"} \n"))
    assert _refused(author, "--frozen")[2:] == (
        "ledger-frozen",
        "the ledger would be written in another way, though no note changed: build without --frozen, and commit it",
    )


def test_frozen_takes_a_ledger_with_windows_line_ends(author: Author) -> None:
    """Git on Windows checks it out so."""
    author.publish()
    author.ledger.write_bytes(author.ledger.read_bytes().replace(b"\n", b"\r\n"))
    author.publish("--frozen")


# --- merged by git


def test_two_notes_that_branches_gave_one_number_get_two(author: Author, new_learner: Callable[[], Learner]) -> None:
    """A fixed rule decides, so the authors of both branches get the same file, and learners get both notes."""
    author.publish()
    entries = [*author.ledger_lines().values()]
    taken = entries[0]["added"]
    author.edit_ledger(entries[3]["id"], added=taken)
    header, *in_order = author.ledger.read_text(encoding="utf-8").splitlines()
    ledgers = []
    for lines in (in_order, in_order[::-1]):  # the order of the lines says nothing
        author.ledger.write_text("\n".join([header, *lines, ""]))
        assert new_learner().take(author.publish()) == Arrived(new=NOTES)
        ledgers.append({id: entry["added"] for id, entry in author.ledger_lines().items()})
        author.now -= DAY
    assert ledgers[0] == ledgers[1]
    assert ledgers[0][entries[0]["id"]] == taken  # the first in order keeps it
    assert len(set(ledgers[0].values())) == NOTES


def test_a_note_retired_right_after_such_a_merge_keeps_its_new_number(author: Author) -> None:
    """Its entry changes for two reasons at once."""
    author.publish()
    lines = author.ledger_lines()
    first, second, *_ = lines
    taken = lines[first]["added"]
    author.edit_ledger(second, added=taken)
    author.retire(second)
    author.publish()
    after = author.ledger_lines()
    assert (after[first]["added"], after[second]["retired"]) == (taken, True)
    assert len({entry["added"] for entry in after.values()}) == NOTES


def test_a_note_added_within_the_same_second_gets_a_number_of_its_own(author: Author) -> None:
    """Numbers are milliseconds, and the last edition may have taken all of them up to now."""
    author.publish()
    author.now -= DAY
    author.write(add_note(author.text()))
    author.publish()
    assert len({entry["added"] for entry in author.ledger_lines().values()}) == NOTES + 1


def test_a_merge_of_two_branches_new_notes_needs_no_hand(author: Author) -> None:
    """Each branch added a note; the union of their lines, as git makes it, builds."""
    author.publish()
    base, text = author.ledger.read_bytes(), author.text()
    lines: set[str] = set()
    for id in ("warmest", "coldest"):
        author.ledger.write_bytes(base)
        author.write(add_note(text).replace("warmest", id))
        author.publish()
        lines |= set(author.ledger.read_text().splitlines())
    header = next(line for line in lines if line.startswith('{"gen2anki"'))
    author.ledger.write_text("\n".join([header, *sorted(lines - {header})]) + "\n")
    author.write(add_note(add_note(text).replace("warmest", "coldest")))
    found = author.json("build")
    assert (found["ok"], found["unchanged"]) == (True, NOTES + 2)


def test_the_ledger_bears_the_name_of_its_source(author: Author) -> None:
    """Two lessons in one folder have a ledger each."""
    (author.folder / "other.yaml").write_text(LESSON.replace("id: seas", "id: other"), encoding="utf-8")
    author.publish()
    author.publish("other.yaml")
    assert [file.name for file in sorted(author.folder.glob("*.lock"))] == ["cards.lock", "other.lock"]


def test_without_a_given_time_a_build_is_dated_now(author: Author) -> None:
    """The clock gives the date. It is never in the future, where it would beat what learners edit today."""
    before = int(time.time())
    assert CliRunner().invoke(main, ["build"]).exit_code == 0
    assert {before <= entry["mod"] <= time.time() for entry in author.ledger_lines().values()} == {True}


def test_retired_ids_are_sorted(author: Author) -> None:
    """In --json they are sorted, whatever their order in the lesson."""
    author.publish()
    for id in ("shores", "largest", "depth"):
        author.retire(id)
    assert author.json("build")["retired"] == ["depth", "largest", "shores"]


@pytest.mark.parametrize(("behind", "codes"), [(30, []), (3600, ["clock-behind"])])
def test_a_clock_an_hour_behind_is_a_warning(author: Author, behind: int, codes: list[str]) -> None:
    """Two builds in a row are worth no warning."""
    author.publish()
    author.now = FIRST_BUILD - behind
    assert [problem["code"] for problem in author.json("check")["problems"]] == codes


def test_json_of_build_counts_and_names_what_it_made(author: Author) -> None:
    """It names both files, and counts notes, cards, pictures and sounds."""
    found = author.json("build", "-o", "deck.apkg")
    assert [found[key] for key in ("notes", "cards", "media", "package", "ledger")] == [
        NOTES, CARDS, 1, "deck.apkg", "cards.lock",
    ]  # fmt: skip
