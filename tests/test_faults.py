"""Files that are no files, builds that were killed, and signals at any moment. `make kills` tries far more of it."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from author import Author
from gen2anki.cli import inputs
from gen2anki.lesson import load
from gen2anki.output import leftovers
from gen2anki.text import media
from lesson import settle_in


@pytest.fixture(autouse=True)
def _lesson(author: Author) -> None:
    settle_in(author.folder)


NO_FILE = "can't be read: it is a pipe or a device, and no file [cannot-read]"


@pytest.mark.parametrize("what", ["cards.yaml", "cards.lock", "old.apkg", "collection.anki2"])
def test_a_pipe_is_told_and_not_waited_for(author: Author, what: str) -> None:
    """It may be a source, a ledger, a package or a collection; nobody writes to it."""
    Path(what).unlink(missing_ok=True)
    os.mkfifo(what)
    commands = {"old.apkg": ["diff", "--against", what], "collection.anki2": ["verify", "--collection", what]}
    result = author.run(*commands.get(what, ["build"]))
    assert (result.exit_code, result.stderr.splitlines()[0]) == (1, f"{what}: error: {NO_FILE}")


def test_a_device_without_end_is_told(author: Author) -> None:
    """It would fill the memory."""
    assert author.run("check", "/dev/zero").stderr.startswith(f"/dev/zero: error: {NO_FILE}")


def test_a_source_larger_than_any_lesson_is_told(author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it is parsed."""
    monkeypatch.setattr(inputs, "MAX_BYTES", author.source.stat().st_size - 1)
    assert author.run("check").stderr.startswith("cards.yaml: error: has more than 0 MiB, the most that a source")


def test_a_ledger_that_cannot_be_looked_at_is_not_taken_for_missing(
    author: Author, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A first edition in its place would overwrite what learners edited."""
    author.publish()
    before = author.ledger.read_bytes()
    real = os.lstat

    def fail(file: str, **options: int) -> os.stat_result:
        if os.path.basename(file) == "cards.lock":
            raise PermissionError(13, "Permission denied", file)
        return real(file, **options)

    monkeypatch.setattr(os, "lstat", fail)
    result = author.run("build")
    assert result.stderr.startswith("cards.lock: error: can't be read: Permission denied [cannot-read]")
    assert author.ledger.read_bytes() == before


@pytest.mark.parametrize("how", ["name", "link", "hard link"])
@pytest.mark.parametrize(("command", "output"), [("build", "x.apkg"), ("page", "x.html")])
@pytest.mark.parametrize("taken", ["cards.yaml", "cards.lock"])
def test_an_output_never_takes_the_place_of_an_input(
    author: Author, how: str, command: str, output: str, taken: str
) -> None:
    """Neither by name nor by a link."""
    author.publish()
    before = {name: Path(name).read_bytes() for name in ("cards.yaml", "cards.lock")}
    if how == "name":
        if command == "build":
            pytest.skip("a package's name ends in .apkg")
        output = f"./{taken}"
    elif how == "link":
        Path(output).symlink_to(taken)
    else:
        os.link(taken, output)
    result = author.run(command, "-o", output)
    assert (result.exit_code, "give another name with -o" in result.stderr) == (2, True)
    assert {name: Path(name).read_bytes() for name in before} == before


def test_an_output_that_is_to_be_the_first_ledger_is_refused(author: Author) -> None:
    """It is not there yet, so no disk can say that both are one file."""
    author.ledger.unlink(missing_ok=True)
    assert author.run("page", "-o", "CARDS.lock").exit_code == 2
    assert not author.ledger.exists()


@pytest.mark.parametrize(
    ("make", "line"),
    [
        (os.mkfifo, "can't be read: it is a pipe or a device, and no file [media-unreadable]"),
        (lambda file: os.symlink("map.png", file), "can't be read: Too many levels of symbolic links [media-unreadable]"),
        (lambda file: os.symlink("nono.png", file), "is a link to a file that is not there [media-missing]"),
    ],
    ids=["a pipe", "a loop", "a dangling link"],
)  # fmt: skip
def test_a_picture_that_is_there_is_not_said_to_be_another(author: Author, make: object, line: str) -> None:
    """Its own name is no advice."""
    Path("media/map.png").unlink()
    make("media/map.png")  # type: ignore[operator]
    assert f"error: 'media/map.png' {line}\n" in author.run("check").stderr


# --- what killed builds leave


def test_the_next_build_removes_what_a_killed_one_left(author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is of another file, another user's or still locked stays."""
    temporary = author.folder.parent / "temporary"
    monkeypatch.setenv("TMPDIR", str(temporary))
    for file in (temporary / "gen2anki-a1b2c3d4.tmp" / "edition.anki2", temporary / "gen2anki-mine" / "notes.txt"):
        file.parent.mkdir(parents=True)
        file.write_bytes(b"x")
    for name in (".seas.apkg.0123abcd.part", ".cards.lock.0123abcd.part", ".other.apkg.0123abcd.part"):
        Path(name).write_bytes(b"x")
    with (
        leftovers.temporary_folder() as living,
        leftovers.temporary_file(str(author.folder / "seas.apkg")) as (_, part),
    ):
        assert author.run("build").exit_code == 0
        assert (os.path.exists(living), os.path.exists(part)) == (True, True)
    assert [file.name for file in temporary.iterdir()] == ["gen2anki-mine"]
    assert sorted(file.name for file in author.folder.iterdir() if file.name.startswith(".")) == [
        ".other.apkg.0123abcd.part"
    ]


def test_a_clean_up_that_fails_is_no_failure(author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both files are in their places; what stays, the next build removes."""
    monkeypatch.setattr(shutil, "rmtree", lambda folder, ignore_errors: None if ignore_errors else os.rmdir(folder))
    assert author.run("build").exit_code == 0


def test_without_a_folder_for_temporary_files_another_is_taken(author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    """TMPDIR may name what is not there."""
    monkeypatch.setenv("TMPDIR", str(author.folder / "nono"))
    assert author.run("build").exit_code == 0


def _killed(author: Author, after: float) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "gen2anki", "build"],
        cwd=author.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        time.sleep(after)
        process.kill()


def test_a_killed_build_costs_nothing(author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next one gives what it would have given, and nothing is left."""
    temporary = author.folder.parent / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(author.now))
    assert author.run("build").exit_code == 0
    names = ("seas.apkg", "cards.lock")
    whole = {name: Path(name).read_bytes() for name in names}
    for _ in range(6):
        for name in names:
            Path(name).unlink(missing_ok=True)
        _killed(author, random.uniform(0.05, 0.5))  # noqa: S311
        assert author.run("build").exit_code == 0
        assert {name: Path(name).read_bytes() for name in names} == whole
        assert list(temporary.iterdir()) == []
        assert {file.name for file in author.folder.iterdir()} == {*names, "cards.yaml", "media"}


# --- signals


def test_a_signal_that_python_loses_is_not_lost() -> None:
    """Python can't raise what a signal raises while it calls back; then the next call does."""
    code = (
        "import os, signal, weakref\n"
        "from gen2anki import __main__\n"
        "leaving = __main__._Leaving()\n"
        "class Thing: pass\n"
        "thing = Thing()\n"
        "ref = weakref.ref(thing, lambda _: os.kill(os.getpid(), signal.SIGINT))\n"
        "del thing\n"
        "print(len('never'))\n"
        "print('reached')\n"
    )
    # What a shell starts in the background ignores Ctrl-C, and so would this.
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=False,
        timeout=60,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert (run.returncode, run.stdout, run.stderr) == (130, b"", b"Aborted!\n")


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_at_any_moment_shows_no_traceback(author: Author, sent: signal.Signals) -> None:
    """From the start of the command line to its end, and the exit code is that of shells."""
    # Python's own start, before the command line's, is none of ours.
    code = (
        "import sys\n"
        "try:\n"
        "    from gen2anki.__main__ import run\n"
        "    sys.argv = ['gen2anki', 'build']\n"
        "    print('.', flush=True)\n"
        "    run()\n"
        "except KeyboardInterrupt:\n"
        "    sys.exit(130)\n"
    )
    for _ in range(4):
        with subprocess.Popen(
            [sys.executable, "-c", code],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=author.folder,
            preexec_fn=lambda: signal.signal(sent, signal.SIG_DFL),  # noqa: PLW1509
        ) as process:
            assert process.stdout is not None
            assert process.stdout.read(1) == b"."
            time.sleep(random.uniform(0, 0.4))  # noqa: S311
            process.send_signal(sent)
            _, stderr = process.communicate(timeout=60)
        assert b"Traceback" not in stderr
        assert b"Exception" not in stderr
        assert process.returncode in {0, 128 + sent, -sent}


# --- limits


def test_a_text_longer_than_any_card_is_told_with_its_place(author: Author) -> None:
    """One of just the most characters is a text."""
    lesson = "deck: {{id: a, name: A}}\nflashcards:\n  - {{id: b, question: q, answer: {}}}\n"
    author.write(lesson.format("ab " * 33_333 + "c"))
    assert author.json("check")["problems"] == []
    author.write(lesson.format("ab " * 33_334 + "c"))
    (problem,) = author.json("check")["problems"]
    assert (problem["line"], problem["column"], problem["code"]) == (3, 34, "too-large")


@pytest.mark.parametrize("limit", [7, 3])
def test_more_notes_than_any_lesson_has_are_told(author: Author, monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    """The place is that of the first note too many, or of the list of sections."""
    monkeypatch.setattr(load, "MAX_NOTES", limit)
    (problem,) = author.json("check")["problems"]
    assert (problem["code"], problem["text"].partition(",")[0]) == ("too-large", f"a lesson has at most {limit} notes")


def test_more_pictures_than_a_package_has_room_for_are_told(author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    """A zip counts its files up to 65,535."""
    monkeypatch.setattr(media, "MAX_MEDIA", 1)
    author.replace("About 11 km", "'![](media/other.png)'")
    problems = author.json("check")["problems"]
    assert ["too-large" in problem["code"] for problem in problems].count(True) == 1
