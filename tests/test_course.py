"""Several lessons at once: each as if it were alone, what is wrong with them together, and one package of all."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from author import Author
from gen2anki.edition import ledger
from learner import Learner

LESSON = (
    "deck: {{id: {id}, name: 'Course::{name}'}}\n"
    "flashcards:\n- {{id: first, question: What is {id}?, answer: {answer}}}\n- {{id: second, question: And?, answer: b}}\n"
)


def write(author: Author, id: str, answer: str = "a", name: str = "") -> str:
    """Write a lesson; return the name of its file."""
    file = f"{id}.yaml"
    (author.folder / file).write_text(LESSON.format(id=id, name=name or id, answer=answer), encoding="utf-8")
    return file


def contents(learner: Learner) -> list[tuple[str, str, str]]:
    """Return each note's id, answer and deck."""
    query = "SELECT n.guid, n.flds, c.did FROM notes n JOIN cards c ON c.nid = n.id ORDER BY n.guid, c.ord"
    names = {deck.id: deck.name for deck in learner.collection.decks.all_names_and_ids()}
    return [(guid, fields.split("\x1f")[1], names[did]) for guid, fields, did in learner.rows(query)]


def test_each_lesson_is_told_of_as_if_it_were_alone(author: Author) -> None:
    """A fault in one keeps no other from being checked."""
    files = [write(author, "seas"), write(author, "lakes"), write(author, "rivers")]
    (author.folder / "lakes.yaml").write_text(LESSON.format(id="lakes", name="l", answer='""'), encoding="utf-8")
    result = author.run("check", *files)
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [f"{file}: 2 notes, no errors (2 new)" for file in (files[0], files[2])]
    found = json.loads(author.run("check", *files, "--json").stdout)
    assert [(one["source"], one["ok"]) for one in found["sources"]] == list(
        zip(files, [True, False, True], strict=True)
    )
    assert [problem["file"] for problem in found["problems"]] == ["lakes.yaml"]


def test_one_error_keeps_all_packages_and_ledgers_as_they_were(author: Author) -> None:
    """A course is published whole or not at all."""
    files = [write(author, "seas"), write(author, "lakes")]
    assert author.run("build", *files).exit_code == 0
    before = {file.name: file.read_bytes() for file in author.folder.iterdir() if file.is_file()}
    write(author, "seas", answer="corrected")
    (author.folder / "lakes.yaml").write_text(LESSON.format(id="lakes", name="l", answer='""'), encoding="utf-8")
    result = author.run("build", *files)
    assert (result.exit_code, result.stdout) == (1, "")
    after = {file.name: file.read_bytes() for file in author.folder.iterdir() if file.is_file()}
    assert {name for name in before if before[name] != after[name]} == {"seas.yaml", "lakes.yaml"} - {
        name for name in before if before[name] == after[name]
    }
    assert before.keys() == after.keys()
    assert before["seas.apkg"] == after["seas.apkg"]
    assert before["seas.lock"] == after["seas.lock"]


@pytest.mark.parametrize("held", ["lessons", "course"])
def test_a_course_merges_as_its_lessons_do(author: Author, new_learner: Callable[[], Learner], held: str) -> None:
    """Who holds the lessons takes the course on top, and the other way round: both end with the same, and reviews stay."""
    ids = ("seas", "lakes", "rivers")
    files = [write(author, id) for id in ids]
    author.now += 100
    assert author.run("build", *files, "-o", "course.apkg").exit_code == 0
    assert author.run("build", *files).exit_code == 0
    learner, other = new_learner(), new_learner()
    first = [Path("course.apkg")] if held == "course" else [Path(f"{id}.apkg") for id in ids]
    for package in first:
        learner.take(author.folder / package)
    note = learner.collection.find_cards("")[0]
    assert learner.collection.db
    learner.collection.db.execute("UPDATE cards SET reps = 7, ivl = 30 WHERE id = ?", note)
    write(author, "lakes", answer="corrected")
    author.now += 100
    assert author.run("build", *files, "-o", "course.apkg").exit_code == 0
    assert author.run("build", *files).exit_code == 0
    second = [Path(f"{id}.apkg") for id in ids] if held == "course" else [Path("course.apkg")]
    arrived = [learner.take(author.folder / package) for package in second]
    assert (sum(one.new for one in arrived), sum(one.updated for one in arrived)) == (0, 1)
    other.take(author.folder / "course.apkg")
    assert contents(learner) == contents(other)
    assert learner.rows("SELECT reps, ivl FROM cards WHERE reps") == [[7, 30]]


def test_the_new_cards_of_a_course_come_lesson_after_lesson(author: Author, learner: Learner) -> None:
    """In the order in which the lessons are named."""
    files = [write(author, "seas"), write(author, "lakes")]
    author.run("build", *files, "-o", "course.apkg")
    learner.take(author.folder / "course.apkg")
    query = "SELECT n.flds FROM cards c JOIN notes n ON n.id = c.nid ORDER BY c.due"
    assert [fields.split("\x1f")[0] for (fields,) in learner.rows(query)] == [
        "What is seas?",
        "And?",
        "What is lakes?",
        "And?",
    ]


def test_two_lessons_of_one_deck_id_are_an_error(author: Author) -> None:
    """Their notes would take each other's places."""
    write(author, "seas")
    (author.folder / "copy.yaml").write_text((author.folder / "seas.yaml").read_text(), encoding="utf-8")
    found = json.loads(author.run("check", "seas.yaml", "copy.yaml", "--json").stdout)
    assert [(one["file"], one["line"], one["column"], one["code"]) for one in found["problems"]] == [
        ("copy.yaml", 1, 12, "duplicate-id")
    ]


def test_decks_and_tags_that_fall_together_are_told(author: Author) -> None:
    """Anki ignores capitals in both."""
    (author.folder / "a.yaml").write_text(
        "deck: {id: a, name: Seas, tags: [Water]}\nflashcards: [{id: x, question: q, answer: a}]\n", encoding="utf-8"
    )
    (author.folder / "b.yaml").write_text(
        "deck: {id: b, name: seas, tags: [water::salt]}\nflashcards: [{id: x, question: q, answer: a}]\n",
        encoding="utf-8",
    )
    found = json.loads(author.run("check", "a.yaml", "b.yaml", "--json").stdout)
    assert [(one["file"], one["column"], one["code"]) for one in found["problems"]] == [
        ("b.yaml", 21, "deck-shared"),
        ("b.yaml", 34, "tag-case"),
    ]
    assert found["ok"]


def test_a_number_that_another_lesson_has_is_changed(author: Author) -> None:
    """A sync takes two notes of one number for one note."""
    files = [write(author, "seas"), write(author, "lakes")]
    author.run("build", *files)
    seas, lakes = (author.folder / f"{id}.lock" for id in ("seas", "lakes"))
    numbers = [json.loads(line)["added"] for line in seas.read_text().splitlines()[1:]]
    known = ledger.read(lakes.read_bytes(), "lakes.lock")
    taken = {id: known.entries[id]._replace(added=number) for id, number in zip(known.entries, numbers, strict=True)}
    lakes.write_bytes(ledger.write(replace(known, entries=taken)))
    result = author.run("build", *files, "-o", "course.apkg")
    assert (result.exit_code, "[number-shared]" in result.stderr) == (0, True)
    after = [json.loads(line)["added"] for line in lakes.read_text().splitlines()[1:]]
    assert set(after).isdisjoint(numbers)
    assert author.run("check", *files).stderr == ""


def test_a_deck_id_never_has_two_low_lines_in_a_row(author: Author) -> None:
    """Deck `a` with note `b__c` would have the guid of deck `a__b` with note `c`."""
    author.write("deck: {id: a__b, name: A}\nflashcards: [{id: c, question: q, answer: a}]\n")
    found = json.loads(author.run("check", "--json").stdout)
    assert [(one["code"], "write 'a_b'" in one["text"]) for one in found["problems"]] == [("bad-id", True)]
