"""When it is not the lesson that is wrong: files, disks, terminals and Ctrl-C. One clear line, no traceback, no loss."""

import errno
import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import deflate
import pytest

from author import Author
from gen2anki.cli import main
from gen2anki.output import apkg
from lesson import settle_in

COMMANDS = sorted(main.commands)
SOURCE_COMMANDS = [name for name in COMMANDS if "sources" in {option.name for option in main.commands[name].params}]
NOBODY = 65534


@pytest.fixture(autouse=True)
def _lesson(author: Author) -> None:
    settle_in(author.folder)


@pytest.fixture
def public(author: Author, monkeypatch: pytest.MonkeyPatch) -> Iterator[Author]:
    """Return an author whose folder every user may enter, the current one; temporary folders of tests are private."""
    folder = Path(tempfile.mkdtemp())
    shutil.copytree(author.folder, folder, dirs_exist_ok=True)
    folder.chmod(0o777)
    monkeypatch.chdir(folder)
    yield Author(folder)
    monkeypatch.undo()
    shutil.rmtree(folder)


@contextmanager
def _as_nobody(author: Author) -> Iterator[None]:
    """Give up root's rights for a while: root may read and write everything."""
    if os.geteuid() != 0:
        yield
        return
    author.run("check", "--json")  # what is imported late may not be readable later
    author.run("check", "missing.yaml")
    os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def _published(author: Author) -> dict[str, bytes]:
    """Build an edition, then change the lesson, so that the next build would write; return all files."""
    assert author.run("build", "-o", "deck.apkg").exit_code == 0
    author.replace("About 11 km", "10,935 m")
    return _contents(author.folder)


def _one_line(author: Author, *arguments: str) -> str:
    """Run a command that fails for one reason; return the line that says so."""
    result = author.run(*arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    head, *rest = result.stderr.splitlines()
    assert rest in ([], ["1 error"])
    return head


def _command(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, "-m", "gen2anki", *arguments]
    return subprocess.run(command, capture_output=True, check=False, timeout=60, env=os.environ | environment)


# --- files


@pytest.mark.parametrize("command", SOURCE_COMMANDS)
def test_a_missing_source_is_one_line(author: Author, command: str) -> None:
    """Every command that reads a source says that it is not there."""
    line = _one_line(author, command, "missing.yaml")
    assert line == "missing.yaml: error: is not there: did you mean 'cards.yaml'? [cannot-read]"


def test_a_folder_is_no_source(author: Author) -> None:
    """A folder given as the source is refused."""
    assert _one_line(author, "build", "media") == "media: error: can't be read: Is a directory [cannot-read]"


def test_a_source_that_may_not_be_read(public: Author) -> None:
    """Without the right to read the source, nothing happens."""
    public.source.chmod(0)
    with _as_nobody(public):
        line = _one_line(public, "build")
    assert line == "cards.yaml: error: can't be read: Permission denied [cannot-read]"


def test_a_ledger_that_is_a_folder(author: Author) -> None:
    """Something else in the ledger's place is never replaced."""
    author.ledger.mkdir()
    assert _one_line(author, "build") == "cards.lock: error: can't be read: Is a directory [cannot-read]"
    assert author.ledger.is_dir()


def test_a_ledger_that_may_not_be_read(public: Author) -> None:
    """A ledger that can't be read does not count as missing."""
    before = _published(public)
    public.ledger.chmod(0)
    with _as_nobody(public):
        line = _one_line(public, "build", "-o", "deck.apkg")
    assert line == "cards.lock: error: can't be read: Permission denied [cannot-read]"
    assert _contents(public.folder) == before


def test_a_damaged_ledger_is_never_overwritten(author: Author) -> None:
    """A ledger that lost a part of a line is reported with its line, and stays as it is."""
    _published(author)
    author.ledger.write_bytes(author.ledger.read_bytes()[:-20])
    before = _contents(author.folder)
    result = author.run("build", "-o", "deck.apkg")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("cards.lock:9:1: error: this line is no ledger entry: ")
    assert _contents(author.folder) == before


def test_a_damaged_ledger_is_reported_beside_a_source_that_cannot_be_read(author: Author) -> None:
    """All problems are reported at once, even if nothing of the source can be read."""
    _published(author)
    author.ledger.write_bytes(author.ledger.read_bytes()[:-20])
    author.replace("id: seas", "id: @seas")
    codes = [problem["code"] for problem in author.json("check")["problems"]]
    assert codes == ["ledger-damaged", "first-character"]


def test_a_picture_that_may_not_be_read(public: Author) -> None:
    """The problem stands where the lesson names the picture."""
    (public.folder / "media" / "map.png").chmod(0)
    with _as_nobody(public):
        result = public.run("check")
    assert result.exit_code == 1
    assert "'media/map.png' can't be read: Permission denied [media-unreadable]" in result.stderr
    assert result.stderr.startswith("cards.yaml:23:")


# --- output


@pytest.mark.parametrize("name", ["deck.zip", "deck", "collection.apkg", "backup-2026.apkg", "Backup-1.APKG", ""])
def test_a_name_that_anki_would_not_import_is_wrong_usage(author: Author, name: str) -> None:
    """The output must end in .apkg, and must not be named like a backup of a whole collection."""
    result = author.run("build", "-o", name)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Invalid value for --output" in result.stderr
    assert sorted(_contents(author.folder)) == ["cards.yaml", "media/map.png"]


@pytest.mark.parametrize("id", ["collection", "backup-2026"])
def test_a_deck_named_like_a_backup_needs_another_output(author: Author, id: str) -> None:
    """Anki would misread the default name, which is made of the deck's id; -o gives another."""
    author.replace("id: seas", f"id: {id}")
    assert author.run("build").exit_code == 2
    assert author.run("build", "-o", "seas.apkg").exit_code == 0


def test_a_folder_in_the_outputs_place(author: Author) -> None:
    """A folder named like the output is never replaced."""
    (author.folder / "deck.apkg").mkdir()
    line = _one_line(author, "build", "-o", "deck.apkg")
    assert line == "deck.apkg: error: can't be written: Is a directory [cannot-write]"
    assert not author.ledger.exists()


def test_a_pipe_in_the_outputs_place(author: Author) -> None:
    """Nothing but a file is ever replaced, whatever a link leads to."""
    os.mkfifo(author.folder / "pipe")
    (author.folder / "deck.apkg").symlink_to("pipe")
    line = _one_line(author, "build", "-o", "deck.apkg")
    assert line == "deck.apkg: error: can't be written: it is a device or a pipe, and no file [cannot-write]"
    assert (author.folder / "pipe").is_fifo()
    assert not author.ledger.exists()


def test_a_folder_that_is_not_there(author: Author) -> None:
    """Folders are not made: a mistyped one is more likely."""
    line = _one_line(author, "build", "-o", "missing/deck.apkg")
    assert line == "missing/deck.apkg: error: can't be written: No such file or directory [cannot-write]"
    assert sorted(_contents(author.folder)) == ["cards.yaml", "media/map.png"]


def test_a_folder_that_may_not_be_written(public: Author) -> None:
    """If the package can't be written, the ledger stays as it was."""
    before = _published(public)
    closed = public.folder / "closed"
    closed.mkdir(mode=0o555)
    with _as_nobody(public):
        line = _one_line(public, "build", "-o", "closed/deck.apkg")
    assert line == "closed/deck.apkg: error: can't be written: Permission denied [cannot-write]"
    assert _contents(public.folder) == before


def test_a_source_whose_folder_may_not_be_written(public: Author) -> None:
    """If the ledger can't be written, there is no package either: without its ledger it would harm learners."""
    before = _published(public)
    (public.folder / "out").mkdir()
    (public.folder / "out").chmod(0o777)
    public.folder.chmod(0o555)
    with _as_nobody(public):
        line = _one_line(public, "build", "-o", "out/deck.apkg")
    assert line == "cards.lock: error: can't be written: Permission denied [cannot-write]"
    assert _contents(public.folder) == before


@pytest.mark.parametrize("name", ["deck.apkg", "cards.lock"])
def test_a_link_in_the_outputs_place_stays_one_and_so_do_permissions(author: Author, name: str) -> None:
    """The link's target is replaced; the author decides who may read it, not a build."""
    before = _published(author)[name]
    (author.folder / "elsewhere").mkdir()
    target = (author.folder / name).rename(author.folder / "elsewhere" / name)
    target.chmod(0o604)  # as no usual umask would have it
    (author.folder / name).symlink_to(f"elsewhere/{name}")
    assert author.run("build", "-o", "deck.apkg").exit_code == 0
    assert (author.folder / name).is_symlink()
    assert (target.read_bytes() != before, target.stat().st_mode & 0o7777) == (True, 0o604)


@pytest.mark.parametrize("name", ["deck.apkg", "cards.lock"])
def test_a_read_only_output_is_respected(public: Author, name: str) -> None:
    """The folder would let a read-only file be replaced, but its owner does not want that."""
    before = _published(public)
    for file in ("deck.apkg", "cards.lock"):
        (public.folder / file).chmod(0o444 if file == name else 0o666)
    with _as_nobody(public):
        line = _one_line(public, "build", "-o", "deck.apkg")
    assert line == f"{name}: error: can't be written: Permission denied [cannot-write]"
    assert _contents(public.folder) == before


@pytest.mark.parametrize(
    ("room", "file"),
    [(1_000, "cards.lock"), (20_000, "deck.apkg"), (500_000, "deck.apkg")],
    ids=["ledger", "collection", "package"],
)
def test_a_full_disk_costs_nothing(author: Author, monkeypatch: pytest.MonkeyPatch, room: int, file: str) -> None:
    """The last edition and its ledger stay whole, and no part of the new edition is left."""
    before = _published(author)
    (author.folder / "media" / "map.png").write_bytes(os.urandom(1_000_000))
    before["media/map.png"] = (author.folder / "media" / "map.png").read_bytes()
    temporary = author.folder.parent / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    # Files may not grow larger than this, which is what a full disk looks like, but for the name of the error.
    code = (
        "import resource, sys\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room}))\n"
        "from gen2anki.cli import main\n"
        "main(['build', '-o', 'deck.apkg'])"
    )
    run = subprocess.run([sys.executable, "-Bc", code], capture_output=True, check=False, timeout=60)
    assert (run.returncode, run.stdout) == (1, b"")
    head, _ = run.stderr.decode().splitlines()
    reason = f"({os.strerror(errno.EFBIG)}|(database or disk is full|disk I/O error) \\(in .*\\))"
    assert re.fullmatch(f"{file}: error: can't be written: {reason} \\[cannot-write\\]", head)
    assert _contents(author.folder) == before
    assert list(temporary.iterdir()) == []


def test_no_room_for_the_ledger_costs_nothing(author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full just when the ledger is put in its place: then the old package stays, too."""
    before = _published(author)

    def no_room(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", no_room)
    line = _one_line(author, "build", "-o", "deck.apkg")
    assert line == "cards.lock: error: can't be written: No space left on device [cannot-write]"
    assert _contents(author.folder) == before


# --- Ctrl-C


@pytest.mark.parametrize(
    ("owner", "name"),
    [(apkg, "write"), (deflate, "deflate_compress"), (os, "fsync")],
    ids=["before the package is written", "while it is packed", "before the ledger is in its place"],
)
def test_ctrl_c_leaves_nothing_behind(
    author: Author, monkeypatch: pytest.MonkeyPatch, owner: ModuleType, name: str
) -> None:
    """Interrupted, a build leaves the last edition whole and no temporary file."""
    before = _published(author)

    real = getattr(owner, name)

    def interrupt(what: object, *rest: object) -> object:
        if isinstance(what, bytes):  # a picture, which is packed before the collection
            return real(what, *rest)
        raise KeyboardInterrupt

    monkeypatch.setattr(owner, name, interrupt)
    result = author.run("build", "-o", "deck.apkg")
    assert (result.exit_code, result.stdout, result.stderr.strip()) == (1, "", "Aborted!")
    assert _contents(author.folder) == before


@pytest.mark.parametrize(
    ("sent", "code", "said"),
    [(signal.SIGINT, 130, b"Aborted!"), (signal.SIGTERM, 143, b""), (signal.SIGHUP, 129, b"")],
    ids=["Ctrl-C", "killed", "terminal closed"],
)
def test_a_signal_in_a_big_build_leaves_nothing_behind(
    author: Author, sent: signal.Signals, code: int, said: bytes
) -> None:
    """The same with a real signal, sent as soon as the build has begun to write."""
    before = _published(author)
    notes = "".join(f"  - {{id: n{number}, question: Q {number}, answer: $x_{number}$}}\n" for number in range(40_000))
    author.write(author.text().replace("practice:\n", f"{notes}practice:\n"))
    before["cards.yaml"] = author.source.read_bytes()
    temporary = author.folder.parent / "temporary"
    temporary.mkdir()
    # Where the machine has other work, the test still sees what the build does in time.
    command = ["nice", "-n", "19", sys.executable, "-m", "gen2anki", "build", "-o", "deck.apkg"]
    environment = os.environ | {"TMPDIR": str(temporary)}
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        # The tests themselves may run under nohup.
        preexec_fn=lambda: signal.signal(sent, signal.SIG_DFL),  # noqa: PLW1509
    ) as process:
        while not list(author.folder.glob(".*.part")):
            assert process.poll() is None
            time.sleep(0.001)
        time.sleep(0.05)
        process.send_signal(sent)
        stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stdout, stderr.strip()) == (code, b"", said)
    assert _contents(author.folder) == before
    assert list(temporary.iterdir()) == []


def test_ctrl_c_before_the_command_line_is_loaded_is_one_word() -> None:
    """There is no traceback, however early the interruption."""
    code = (
        "import sys\n"
        "class Interrupt:\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name == 'click': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupt())\n"
        "from gen2anki.__main__ import run\n"
        "run()"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, timeout=60)
    assert (run.returncode, run.stdout, run.stderr.strip()) == (130, b"", b"")


# --- the command line


@pytest.mark.parametrize("arguments", [[], *([name] for name in COMMANDS)])
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_is_there_for_every_command(author: Author, arguments: list[str], option: str) -> None:
    """Help goes to stdout, and says what the command does."""
    result = author.run(*arguments, option)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("Usage: ")
    what = main.commands[arguments[0]].help if arguments else main.help
    assert what is not None
    assert what.partition("\n")[0] in result.stdout.replace("\n  ", " ")


def test_version(author: Author) -> None:
    """`--version` prints name and version."""
    result = author.run("--version")
    assert result.exit_code == 0
    assert result.stdout.startswith("gen2anki, version ")


@pytest.mark.parametrize(
    "arguments",
    [
        ["bild"],
        ["build", "--fast"],
        ["build", "cards.yaml", "more.yaml", "--forget", "a"],
        ["build", "-o"],
        ["build", "--forget"],
        ["check", "--fast"],
        ["check", "--stdin-filename", "other.yaml"],
        ["build", "--forget", "unknown"],
    ],
)
def test_wrong_usage_exits_with_2(author: Author, arguments: list[str]) -> None:
    """The message says what is wrong with the command, and nothing is done."""
    result = author.run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Error: " in result.stderr
    assert sorted(_contents(author.folder)) == ["cards.yaml", "media/map.png"]


def test_a_build_of_a_day_to_come_is_warned_of(author: Author) -> None:
    """Anki would take what a learner edits before then for older."""
    for ahead, codes in ((0, []), (10, ["clock-ahead"]), (365, ["clock-ahead"])):
        author.now = int(time.time()) + ahead * 86_400
        assert [problem["code"] for problem in author.json("check")["problems"]] == codes


def test_a_build_more_than_a_year_ahead_is_wrong_usage(author: Author) -> None:
    """SOURCE_DATE_EPOCH in milliseconds, say, or a clock that is far off."""
    author.now = int(time.time()) + 367 * 86_400
    result = author.run("build")
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"a time in seconds since 1970, not '{author.now}'" in result.stderr


@pytest.mark.parametrize("epoch", ["yesterday", "-1", "1e9", "٣", "99999999999999999999", "1" * 5000])
def test_a_time_that_is_none_is_wrong_usage(author: Author, epoch: str) -> None:
    """SOURCE_DATE_EPOCH must be a time in seconds, and not far in the future."""
    run = _command("build", SOURCE_DATE_EPOCH=epoch)
    assert (run.returncode, run.stdout) == (2, b"")
    assert b"SOURCE_DATE_EPOCH must be a time in seconds since 1970" in run.stderr
    assert not author.ledger.exists()


def test_no_command_shows_the_help(author: Author) -> None:
    """`gen2anki` alone lists the commands."""
    result = author.run()
    assert all(f"  {name} " in result.output for name in COMMANDS)


# --- terminals and pipes


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
@pytest.mark.parametrize("command", ["build", "check"])
def test_a_terminal_that_knows_few_characters(author: Author, command: str, encoding: str) -> None:
    """A message with other characters is printed all the same, some of them escaped."""
    author.replace("name: Geography::Seas", 'name: "Géographie::🌊 — «mers»"')
    assert _command(command, PYTHONIOENCODING=encoding).returncode == 0
    author.replace("question: Which open sea", "questiön„🌊“: Which open sea")
    run = _command(command, PYTHONIOENCODING=encoding)
    assert (run.returncode, run.stdout) == (1, b"")
    assert run.stderr.startswith(b"cards.yaml:12:5: error: unknown key 'questi")
    assert run.stderr.endswith(b"1 error\n")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_json_is_json_whatever_the_terminal_knows(author: Author, encoding: str) -> None:
    """With --json, an encoding without some character gives JSON all the same."""
    author.replace("name: Geography::Seas", 'name: "Géographie::🌊 — «mers»"')
    run = _command("build", "--json", PYTHONIOENCODING=encoding)
    assert json.loads(run.stdout)["decks"][0] == "Géographie::🌊 — «mers»::Flashcards"


@pytest.mark.parametrize("arguments", [["check"], ["check", "--json"], ["build"], ["schema"], ["--help"]])
def test_a_reader_that_goes_away_is_no_traceback(author: Author, arguments: list[str]) -> None:
    """Piped into `head`, a command ends quietly when nobody reads on."""
    del author
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "gen2anki", *arguments]
    run = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, check=False, timeout=60)
    os.close(write)
    assert run.stderr == b""


def test_closed_streams_are_no_traceback(author: Author) -> None:
    """Started with stdout and stderr closed, a build works."""
    command = f"{sys.executable} -m gen2anki build >&- 2>&-"
    assert subprocess.run(command, shell=True, check=False, timeout=60).returncode == 0  # noqa: S602 (the point)
    assert author.ledger.exists()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a file that is always full")
@pytest.mark.parametrize("command", [["build"], ["check", "--json"], ["schema"], ["--help"]], ids=" ".join)
def test_output_that_finds_no_room_is_one_line(author: Author, command: list[str]) -> None:
    """The output goes to a full disk; what was built before stays built."""
    environment = {**os.environ, "PYTHONUNBUFFERED": ""}
    with open("/dev/full", "wb") as full:
        run = subprocess.run(
            [sys.executable, "-m", "gen2anki", *command],
            stdout=full, stderr=subprocess.PIPE, env=environment, check=False, timeout=60,
        )  # fmt: skip
    reason = os.strerror(errno.ENOSPC)
    assert (run.returncode, run.stderr.decode()) == (1, f"gen2anki: can't print the results: {reason}\n")
    assert author.ledger.exists() == (command == ["build"])


# A build that takes its time.
SLOW = """
import sys, time
from gen2anki.edition import reading
from gen2anki.cli import main
rendered = reading.render
reading.render = lambda *arguments, **named: (time.sleep(1.8), rendered(*arguments, **named))[1]
main(sys.argv[1:])
"""


def _run_on_terminal(command: list[str]) -> tuple[str, str]:
    """Run a command with a terminal as stderr; return what came out of stdout, and what the terminal was sent."""
    terminal, stderr = pty.openpty()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr) as process:
        os.close(stderr)
        sent = b""
        while select.select([terminal], [], [], 60)[0]:
            try:
                sent += os.read(terminal, 4096)
            except OSError:  # the other end is closed
                break
        assert process.stdout is not None
        printed = process.stdout.read()
    os.close(terminal)
    return printed.decode(), sent.decode()


def test_a_slow_build_shows_on_a_terminal_what_it_does(author: Author) -> None:
    """After a second, a line says what the build is doing; the line vanishes in the end."""
    printed, sent = _run_on_terminal([sys.executable, "-c", SLOW, "build"])
    assert printed.startswith("seas.apkg: 8 notes")
    assert "\r\x1b[Krendering … 1 s" in sent
    assert sent.endswith("\r\x1b[K")
    assert author.ledger.exists()


def test_a_quick_command_shows_nothing(author: Author) -> None:
    """A command that is done at once needs no such line."""
    del author
    _, sent = _run_on_terminal([sys.executable, "-m", "gen2anki", "check"])
    assert sent == ""


def test_a_pipe_is_never_shown_progress(author: Author) -> None:
    """A pipe or a log gets no progress, however slow the build."""
    del author
    run = subprocess.run([sys.executable, "-c", SLOW, "check"], capture_output=True, check=False, timeout=60)
    assert (run.returncode, run.stderr) == (0, b"")


def test_progress_is_wiped_before_problems_are_told(author: Author) -> None:
    """On a terminal, the problems of a slow build stand on lines of their own."""
    author.replace("question: Which open sea", "qestion: Which open sea")
    _, sent = _run_on_terminal([sys.executable, "-c", SLOW, "check"])
    plain = re.sub(r"\x1b\[[0-9;]*m", "", sent)
    assert "\r\x1b[Kcards.yaml:12:5: error: unknown key 'qestion'" in plain


# --- places


def test_a_source_elsewhere_has_its_media_and_ledger_beside_it(author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    """Media and ledger belong to the source's folder, the package to the current one."""
    here = author.folder.parent / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    result = author.run("build", "../author/cards.yaml")
    assert result.exit_code == 0, result.output
    assert sorted(_contents(here)) == ["seas.apkg"]
    assert sorted(_contents(author.folder)) == ["cards.lock", "cards.yaml", "media/map.png"]


def test_the_package_goes_where_the_author_wants_it(author: Author) -> None:
    """With -o, the package is written in another folder, the ledger still beside the source."""
    (author.folder / "out").mkdir()
    result = author.run("build", "-o", "out/seas.apkg")
    assert result.exit_code == 0, result.output
    assert sorted(_contents(author.folder)) == ["cards.lock", "cards.yaml", "media/map.png", "out/seas.apkg"]


def test_messages_name_the_source_as_it_was_given(author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    """So a terminal or an editor can follow the place from the current folder."""
    monkeypatch.chdir(author.folder.parent)
    author.replace("question: Which open sea", "qestion: Which open sea")
    assert author.run("check", "author/cards.yaml").stderr.startswith("author/cards.yaml:12:5: error: unknown key ")


def test_a_source_of_another_name_has_a_ledger_of_its_own(author: Author) -> None:
    """Two lessons in one folder do not share a ledger."""
    author.source.rename(author.folder / "seas.yaml")
    assert author.run("build", "seas.yaml").exit_code == 0
    assert sorted(_contents(author.folder)) == ["media/map.png", "seas.apkg", "seas.lock", "seas.yaml"]


def test_a_command_that_nohup_shields_goes_on() -> None:
    """Closing a terminal does not end a command that was started to outlive it."""
    code = (
        "import os, signal, sys\n"
        "from gen2anki.lesson import load\n"
        "from gen2anki.__main__ import run\n"
        "read = load.compose\n"
        "load.compose = lambda document: (os.kill(os.getpid(), signal.SIGHUP), read(document))[1]\n"
        "sys.argv = ['gen2anki', 'check']\n"
        "run()\n"
    )
    result = subprocess.run(
        ["nohup", sys.executable, "-c", code], capture_output=True, stdin=subprocess.DEVNULL, check=False, timeout=60
    )
    assert result.returncode == 0, result.stderr
