"""`make kills`: kill a build at every call that touches a file, and at random moments; make every such call fail.

python tests/kills.py [ROUNDS]

Each trial is a process of its own, which builds the next edition over an old one. After it, package and ledger must each be
whole, old or new, and never a new package beside an old ledger; and the next build must give what one that nobody disturbed
gives, and leave no other file in the folder and in that of temporary files. An error must be told in one line.
"""
# ruff: noqa: T201 (a command, which prints)

import contextlib
import ctypes
import errno
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
SHIM: Final = "GEN2ANKI_FAULTS"
ERRORS: Final = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EACCES)
PACKAGE, LEDGER = "seas.apkg", "cards.lock"
# What nothing may take.
_SECONDS: Final = 60


@dataclass(frozen=True, kw_only=True)
class Result:
    """How a build ended, what it said, and how many calls it made; the count is 0 where it was killed."""

    code: int
    said: str
    calls: int


@dataclass
class Trials:
    """A lesson with an edition that is published, and one that is to be."""

    folder: Path
    temporary: Path
    old: dict[str, bytes]
    new: dict[str, bytes] = field(default_factory=dict)
    told: Counter[str] = field(default_factory=Counter)

    def reset(self) -> None:
        """Put everything back to what it was before the build."""
        for place in (self.folder, self.temporary):
            for file in place.iterdir():
                if file.is_dir() and file.name != "media":
                    shutil.rmtree(file)
                elif file.is_file():
                    file.unlink()
        for name, content in self.old.items():
            (self.folder / name).write_bytes(content)

    def names(self) -> set[str]:
        """Return the names of all files and folders there are."""
        return {file.name for place in (self.folder, self.temporary) for file in place.iterdir()}

    def check(self, what: str, result: Result, *, is_killed: bool) -> None:
        """Say what is wrong after a trial."""
        files = {name: (self.folder / name).read_bytes() for name in (PACKAGE, LEDGER) if (self.folder / name).exists()}
        states = tuple(
            "new" if files.get(name) == self.new[name] else "old" if files.get(name) == self.old.get(name) else "torn"
            for name in (LEDGER, PACKAGE)
        )
        self.told[f"ledger {states[0]}, package {states[1]}"] += 1
        wrong = []
        if "torn" in states or states == ("old", "new"):
            wrong.append(f"ledger {states[0]}, package {states[1]}")
        if not is_killed:
            if "Traceback" in result.said or "Exception ignored" in result.said or result.code not in {0, 1}:
                wrong.append(f"exit {result.code}: {result.said}")
            elif result.code == 0 and states != ("new", "new"):
                wrong.append("says that all is well")
            elif result.code == 1 and result.said.count(": error: ") < 1 and "can't print" not in result.said:
                wrong.append(f"does not say what is wrong: {result.said}")
        again = build(self)
        if again.code != 0:
            wrong.append(f"the next build fails: {again.said}")
        elif any((self.folder / name).read_bytes() != self.new[name] for name in (PACKAGE, LEDGER)):
            wrong.append("the next build gives something else")
        if left := self.names() - {*self.old, PACKAGE, LEDGER, "media"}:
            wrong.append(f"the next build leaves {', '.join(sorted(left))}")
        for line in wrong:
            self.told["WRONG"] += 1
            print(f"{what}: {line}")


def build(trials: Trials, number: int = 0, error: int = 0, after: float | None = None) -> Result:
    """Build in a process of its own, whose call of this number fails or kills it, or which is killed after some time."""
    shim = ctypes.CDLL(os.environ[SHIM])
    with tempfile.TemporaryFile(dir=trials.folder.parent) as said, tempfile.TemporaryFile() as counted:
        child = os.fork()
        if child == 0:
            os.dup2(said.fileno(), 2)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            _in_child(trials, shim, number, error, counted.fileno())
        if after is not None:
            time.sleep(after)
            os.kill(child, signal.SIGKILL)
        status = _wait(child)
        said.seek(0)
        counted.seek(0)
        return Result(
            code=os.waitstatus_to_exitcode(status), said=said.read().decode(), calls=int(counted.read() or b"0")
        )


def _in_child(trials: Trials, shim: ctypes.CDLL, number: int, error: int, counted: int) -> None:
    import traceback

    from gen2anki.__main__ import run

    code: object = 99
    try:
        os.chdir(trials.folder)
        os.environ |= {"TMPDIR": str(trials.temporary), "SOURCE_DATE_EPOCH": "1760100000"}
        tempfile.tempdir = None
        sys.argv = ["gen2anki", "build"]
        shim.faults_arm(number or 10**9, error)
        try:
            run()
        finally:
            calls = shim.faults_calls()
            shim.faults_arm(-1, 0)
            os.write(counted, str(calls).encode())
    except SystemExit as left:
        code = left.code or 0
        if isinstance(code, str):
            print(code, file=sys.stderr)
            code = 1
    except BaseException:  # noqa: BLE001 (it is what is looked for)
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 98)


def _wait(child: int) -> int:
    end = time.monotonic() + _SECONDS
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return 99 << 8


def editions(folder: Path, *, is_first: bool) -> Trials:
    """Return a lesson before its first edition, or with one that is published and another that is to be."""
    from lesson import settle_in

    place, temporary = folder / "lesson", folder / "temporary"
    place.mkdir()
    temporary.mkdir()
    settle_in(place)
    trials = Trials(folder=place, temporary=temporary, old={})
    if not is_first:
        assert build(trials).code == 0
        text = (place / "cards.yaml").read_text(encoding="utf-8")
        (place / "cards.yaml").write_text(text.replace("About 11 km", "10,935 m"), encoding="utf-8")
    trials.old = {file.name: file.read_bytes() for file in place.iterdir() if file.is_file()}
    assert build(trials).code == 0
    trials.new = {name: (place / name).read_bytes() for name in (PACKAGE, LEDGER)}
    trials.reset()
    return trials


def attempt(trials: Trials, name: str, rounds: int) -> int:
    """Try all ways; return how many trials there were."""
    start = time.monotonic()
    calls = build(trials).calls
    seconds = time.monotonic() - start
    done = 0
    for number in range(1, calls + 1):
        for error in (0, *ERRORS):
            trials.reset()
            result = build(trials, number, error)
            label = errno.errorcode.get(error, "killed")
            trials.check(f"{name}, call {number}, {label}", result, is_killed=not error)
            done += 1
    for number in range(rounds):
        trials.reset()
        result = build(trials, after=random.uniform(0, seconds))  # noqa: S311
        trials.check(f"{name}, random moment {number}", result, is_killed=True)
        done += 1
    print(f"{name}: {calls} calls, {done:,} trials: {', '.join(f'{n:,} {what}' for what, n in trials.told.items())}")
    return done


def interrupt(folder: Path, rounds: int) -> int:
    """Send Ctrl-C to a command at random moments, from its start to its end; return how many trials went wrong."""
    from lesson import settle_in

    settle_in(folder)
    command = [os.path.join(os.path.dirname(sys.executable), "gen2anki"), "build"]
    environment = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
    start = time.monotonic()
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    seconds = time.monotonic() - start
    codes: Counter[int] = Counter()
    wrong = 0
    for number in range(rounds):
        with subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 (it may be ignored here)
        ) as process:
            time.sleep(random.uniform(0, 1.2 * seconds))  # noqa: S311
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=_SECONDS)
        codes[process.returncode] += 1
        left = [file.name for file in folder.iterdir() if file.name.endswith(".part")]
        # Before the command line has begun, Python itself answers. Where all was done already, there is nothing to break off.
        is_ours = str(HERE.parent / "src").encode() in said or b"Traceback" not in said
        if (
            is_ours
            and (b"Exception" in said or b"Traceback" in said or process.returncode not in {130, -signal.SIGINT, 0})
        ) or left:
            wrong += 1
            print(f"Ctrl-C {number}: exit {process.returncode}, {left}: {said.decode()}")
    print(f"Ctrl-C: {rounds:,} trials, exit codes {dict(codes)}")
    return wrong


def main() -> None:
    """Build the shim, start again with it, and try; exit 1 where anything is wrong."""
    if SHIM not in os.environ:
        with tempfile.TemporaryDirectory() as folder:
            shim = os.path.join(folder, "faults.so")
            subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", shim, HERE / "faults.c", "-ldl"], check=True)
            sys.exit(
                subprocess.run(
                    [sys.executable, *sys.argv], env=os.environ | {SHIM: shim, "LD_PRELOAD": shim}, check=False
                ).returncode
            )
    rounds = int(sys.argv[1]) if sys.argv[1:] else 200
    done = wrong = 0
    for is_first, name in ((False, "the next edition"), (True, "the first edition")):
        with tempfile.TemporaryDirectory() as folder:
            # In this process, so that those that it forks have imported everything.
            with contextlib.chdir(folder), contextlib.redirect_stdout(None):
                _warm_up()
            os.mkdir(os.path.join(folder, "trials"))
            trials = editions(Path(folder) / "trials", is_first=is_first)
            done += attempt(trials, name, rounds)
            wrong += trials.told["WRONG"]
    with tempfile.TemporaryDirectory() as folder:
        done += rounds
        wrong += interrupt(Path(folder), rounds)
    print(f"{done:,} trials, {wrong} findings")
    sys.exit(wrong > 0)


def _warm_up() -> None:
    from gen2anki.cli import main as command
    from lesson import settle_in

    settle_in(Path())
    for _ in range(2):
        command(["build"], standalone_mode=False)


if __name__ == "__main__":
    main()
