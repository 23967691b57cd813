"""Everything that an author can get wrong, one tiny sample each: what is reported, where, and that nothing else happens.

`cases/bad/NAME.yaml` is a sample, NAME.lock its ledger if it has one, NAME.txt what must be printed. Samples that are
not text, or too large to keep, are made below. After a change of messages, `UPDATE_GOLDENS=1 pytest tests/test_bad.py`
writes the .txt files again: read their diff as an author would.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from author import Author
from gen2anki.cli import main
from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.problem import Problem
from gen2anki.text.media import MAX_BYTES
from learner import Learner

CASES = Path(__file__).parent / "cases" / "bad"
LESSON = """\
deck:
  id: lesson
  name: Lesson
flashcards:
  - id: elbo
    question: Was heißt „ELBO“?
    answer: Evidence lower bound
"""
# The ledger of an edition without notes, for samples that have no ledger of their own.
LEDGER = '{"gen2anki":"ledger","format":1,"deck":"lesson","name":"Lesson"}\n'

# Samples that are not text, or very long.
MADE = {
    "brackets": b"deck: " + b"[" * 100_000,
    "control-character": LESSON.replace("ELBO", "EL\x1b[31mBO").encode(),
    "nested-lists": b"deck: {id: lesson, name: Lesson}\nflashcards: " + b"[" * 100 + b"]" * 100,
    "not-utf-8": LESSON.replace("„", "").replace("“", "").encode("latin-1"),
    "nul": LESSON.replace("bound", "bo\0und").encode(),
    "not-utf-8-and-not-yaml": b'deck: {id: "lesson, name: Lesson}\nflashcards:\n  - {id: a, question: [\xe4, answer: b}\n',
    "utf-8-cut": LESSON.encode().partition(b"\x9f")[0],
    "utf-16-cut": LESSON.encode("utf-16")[:-1],
}


def _link(folder: Path) -> None:
    (folder.parent / "outside.png").write_bytes(b"a picture")
    (folder / "media" / "link.png").symlink_to(folder.parent / "outside.png")


def _pointer(folder: Path) -> None:
    (folder / "media" / "pointer.png").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")


def _large_file(folder: Path) -> None:
    with (folder / "media" / "large.png").open("wb") as stream:
        stream.truncate(MAX_BYTES + 1)  # sparse: it takes no room


# Files that some samples need beside them.
BESIDE: dict[str, Callable[[Path], None]] = {
    "media-symlink": _link,
    "media-oversized": _large_file,
    "media-pointer": _pointer,
}

NAMES = sorted([*MADE, *(file.stem for file in CASES.glob("*.yaml"))])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with the samples' media. It is the current folder."""
    folder = tmp_path / "lesson"
    shutil.copytree(CASES / "media", folder / "media")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1760000000")
    return folder


def _lay_out(folder: Path, name: str) -> str:
    """Write a sample into the folder and return its file name."""
    source = folder / f"{name}.yaml"
    source.write_bytes(MADE[name] if name in MADE else (CASES / source.name).read_bytes())
    if (CASES / f"{name}.lock").exists():
        shutil.copy(CASES / f"{name}.lock", folder)
    if name in BESIDE:
        BESIDE[name](folder)
    return source.name


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def _contents(folder: Path) -> dict[str, bytes]:
    # The oversized picture need not be read.
    files = (file for file in folder.rglob("*") if file.is_file() and file.stat().st_size < MAX_BYTES)
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def _expected(name: str) -> str:
    return (CASES / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_a_mistake_is_reported_with_its_place_and_what_to_do(name: str, folder: Path) -> None:
    """`check` prints what the sample's .txt file says to stderr, nothing to stdout, and exits with 1."""
    result = _run("check", _lay_out(folder, name))
    if os.environ.get("UPDATE_GOLDENS"):
        (CASES / f"{name}.txt").write_text(result.stderr, encoding="utf-8")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == _expected(name)


@pytest.mark.parametrize("name", NAMES)
def test_build_reports_the_same_and_writes_nothing(name: str, folder: Path) -> None:
    """`build` fails as `check` does, and leaves no file, not even a temporary one."""
    source = _lay_out(folder, name)
    before = _contents(folder)
    result = _run("build", source)
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", _expected(name))
    assert _contents(folder) == before


@pytest.mark.parametrize("name", NAMES)
def test_a_failed_build_leaves_the_last_edition_alone(name: str, folder: Path) -> None:
    """The ledger and the package of the last edition keep their bytes."""
    source = _lay_out(folder, name)
    ledger = folder / f"{name}.lock"
    if not ledger.exists():
        ledger.write_text(LEDGER, encoding="utf-8")
    (folder / "lesson.apkg").write_bytes(b"the last edition")
    (folder / "given.apkg").write_bytes(b"the last edition, elsewhere")
    before = _contents(folder)
    assert _run("build", source).exit_code == 1
    assert _run("build", source, "-o", "given.apkg").exit_code == 1
    assert _contents(folder) == before


@pytest.mark.parametrize("name", NAMES)
def test_json_has_the_same_problems(name: str, folder: Path) -> None:
    """With --json, stdout has the same problems in the same order, and stderr is empty."""
    result = _run("check", _lay_out(folder, name), "--json")
    assert (result.exit_code, result.stderr) == (1, "")
    found = json.loads(result.stdout)
    assert (found["command"], found["ok"], found["source"]) == ("check", False, f"{name}.yaml")
    severities = [problem.pop("severity") for problem in found["problems"]]
    ends = [(problem.pop("end_line"), problem.pop("end_column")) for problem in found["problems"]]
    problems = [Problem(**problem | {"code": Code(problem["code"])}) for problem in found["problems"]]
    assert all(end > (problem.line, problem.column) for end, problem in zip(ends, problems, strict=True) if end[0])
    assert severities == [problem.severity for problem in problems]
    heads = [str(problem).partition("\n")[0] for problem in problems]
    # Excerpts, carets and the count are left out.
    assert heads == [line for line in _expected(name).splitlines() if re.match(r"[\w.-]+:\d+:\d+: ", line)]


@pytest.mark.parametrize("name", ["alias-bomb", "brackets", "many-faults", "nul", "unknown-key-flashcard"])
def test_the_installed_command_reports_the_same(name: str, folder: Path) -> None:
    """As a program with real streams, it prints the same."""
    command = [sys.executable, "-m", "gen2anki", "build", _lay_out(folder, name)]
    run = subprocess.run(command, capture_output=True, check=False, timeout=60)
    assert (run.returncode, run.stdout, run.stderr.decode()) == (1, b"", _expected(name))


def test_every_expected_output_belongs_to_a_sample() -> None:
    """A renamed sample leaves no .txt or .lock file behind."""
    assert {file.stem for file in CASES.iterdir() if file.is_file()} == set(NAMES)


def test_the_excerpt_shows_the_line_and_the_caret_its_column(folder: Path) -> None:
    """In the output of every sample, the caret is under the column that the message names."""
    del folder
    for name in NAMES:
        lines = _expected(name).splitlines()
        for head, shown, caret in zip(lines, lines[1:], lines[2:], strict=False):
            if (place := re.match(r"[\w.-]+\.yaml:(\d+):(\d+): ", head)) and len(shown) < 100:
                assert caret.index("^") - 4 == int(place[2]) - 1, head


def test_problems_of_all_kinds_are_reported_at_once(folder: Path) -> None:
    """One run reports a duplicate key, wrong shapes, broken rules, bad math and a missing picture."""
    result = _run("check", _lay_out(folder, "many-faults"), "--json")
    codes = [problem["code"] for problem in json.loads(result.stdout)["problems"]]
    assert {"duplicate-key", "unknown-key", "bad-id", "unknown-answer", "math-unclosed", "media-missing"} < set(codes)


def test_problems_of_lesson_and_ledger_are_reported_together(folder: Path) -> None:
    """What the ledger forbids is reported even while the lesson is wrong."""
    result = _run("check", _lay_out(folder, "ledger-and-lesson"), "--json")
    codes = {(problem["file"], problem["code"]) for problem in json.loads(result.stdout)["problems"]}
    assert codes == {
        ("ledger-and-lesson.lock", "id-gone"),
        ("ledger-and-lesson.yaml", "media-missing"),
        ("ledger-and-lesson.yaml", "note-type"),
        ("ledger-and-lesson.yaml", "retired-reused"),
    }


def test_ten_thousand_mistakes_are_all_reported(folder: Path) -> None:
    """A mistake that was copied ten thousand times is reported ten thousand times, and soon."""
    note = "  - id: note-{}\n    question: Q\n    anwser: A\n    reverse: yes\n"
    lesson = "deck: {id: lesson, name: Lesson}\nflashcards:\n" + "".join(map(note.format, range(10_000)))
    (folder / "cards.yaml").write_text(lesson, encoding="utf-8")
    result = _run("check")
    assert result.exit_code == 1
    assert result.stderr.endswith("20,000 errors\n")


def test_a_mistake_that_an_alias_repeats_is_reported_at_each_place(folder: Path) -> None:
    """It is reported where it was typed, and wherever it is repeated."""
    (folder / "cards.yaml").write_text(
        "deck: {id: lesson, name: Lesson}\n"
        "flashcards:\n"
        "  - &first {id: a, question: [x], anwser: y}\n"
        "  - *first\n"
        "practice:\n"
        "  - {id: p, title: P, questions: [*first]}\n",
        encoding="utf-8",
    )
    found = json.loads(_run("check", "--json").stdout)["problems"]
    assert [(p["line"], p["column"], p["code"]) for p in found] == [
        (3, 30, "wrong-type"),
        (3, 35, "unknown-key"),
        (4, 5, "duplicate-id"),
        (4, 5, "unknown-key"),
        (4, 5, "wrong-type"),
        (6, 35, "duplicate-id"),
        (6, 35, "unknown-key"),
        (6, 35, "wrong-type"),
    ]


def test_a_tag_spelled_in_two_ways_is_one_warning(author: Author, learner: Learner) -> None:
    """The warning is at the first note with the second spelling; in Anki, both have the first, and so have nested tags."""
    author.write(
        "deck: {id: tags, name: Tags, tags: [Salt, Straße]}\nflashcards:\n"
        "  - {id: a, question: A?, answer: A, tags: [salt, sea::cafe\u0301]}\n"
        "  - {id: b, question: B?, answer: B, tags: [salt, sea::Caf\u00e9]}\n"
        "  - {id: c, question: C?, answer: C, tags: [STRASSE, Salt, sea::caf\u00e9]}\n"
        "  - {id: d, question: D?, answer: D, tags: [salt::rock, Sea::ice]}\n"
        "  - {id: e, question: E?, answer: E, tags: [SALT::rock::old, Salt::Rock]}\n"
    )
    learner.take(author.publish())
    assert {id: learner.note(id).tags for id in "abcde"} == {
        "a": ["Salt", "sea::caf\u00e9", "Straße"],
        "b": ["Salt", "sea::caf\u00e9", "Straße"],
        "c": ["Salt", "sea::caf\u00e9", "Straße"],
        "d": ["Salt", "Salt::rock", "Sea::ice", "Straße"],
        "e": ["Salt", "Salt::rock", "Salt::rock::old", "Straße"],
    }
    warnings = author.json("check")["problems"]
    assert {problem["severity"] for problem in warnings} == {"warning"}
    assert [(p["code"], p["line"], p["column"], p["text"].partition(" are the same")[0]) for p in warnings] == [
        ("tag-case", 3, 45, "'salt' and 'Salt' (1:37)"),
        ("tag-case", 4, 51, "'Caf\u00e9' and 'caf\u00e9' (3:51)"),
        ("tag-case", 5, 45, "'STRASSE' and 'Straße' (1:43)"),
        ("tag-case", 7, 45, "'SALT' and 'Salt' (1:37)"),
        ("tag-case", 7, 62, "'Rock' and 'rock' (6:45)"),
    ]


def test_a_bad_tag_is_reported_at_each_note_that_has_it(author: Author) -> None:
    """Every spelling is reported, and only as a bad tag."""
    author.write(
        "deck: {id: tags, name: Tags}\nflashcards:\n"
        "  - {id: a, question: A?, answer: A, tags: [fine, leech]}\n"
        "  - {id: b, question: B?, answer: B, tags: [fine, Leech]}\n"
        "  - {id: c, question: C?, answer: C, tags: [leech, Fine]}\n"
    )
    found = [(problem["line"], problem["code"]) for problem in author.json("check")["problems"]]
    assert found == [(3, "bad-tag"), (4, "bad-tag"), (5, "bad-tag"), (5, "tag-case")]
