"""Run a command as a process of its own and measure it."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
GEN2ANKI: Final = (sys.executable, "-m", "gen2anki")

# How often the memory of processes that work together is looked at. The system counts every page: more often, they would
# notice it.
_EVERY_SECONDS: Final = 0.1
# ru_maxrss counts kilobytes, but bytes on macOS.
_RSS_UNIT: Final = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What one process took, with those that it made: seconds on the clock and of the CPU, bytes of memory at the peak."""

    wall: float
    cpu: float
    peak: int
    output: str


def environment() -> Mapping[str, str]:
    """Return what every command is measured in: this checkout's gen2anki, the real clock, cached bytecode."""
    dropped = {"SOURCE_DATE_EPOCH", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH"}
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return {**kept, "PYTHONPATH": str(HERE.parent / "src")}


def spawn(command: Sequence[str], folder: Path | None = None, expected: int = 0) -> Sample:
    """Run `command` in `folder`; stop the bench where its exit code isn't `expected`.

    The parent must stay small: on Linux a child's peak memory starts at what its parent held.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env=environment(), stdout=output, stderr=errors)
        with _together(process.pid) as together:
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        if process.returncode != expected:
            shown = errors.read(2000).decode(errors="replace")
            sys.exit(f"{' '.join(command)}: exit code {process.returncode}, expected {expected}\n{shown}")
        text = output.read(10_000).decode(errors="replace")
    return Sample(
        wall=wall, cpu=usage.ru_utime + usage.ru_stime, peak=max(usage.ru_maxrss * _RSS_UNIT, *together), output=text
    )


@contextmanager
def _together(process: int) -> Iterator[list[int]]:
    """Look, on Linux, at what a process and those that it made hold together, as long as there are such."""
    found, over = [0], threading.Event()

    def look() -> None:
        while not over.wait(_EVERY_SECONDS):
            with suppress(OSError):  # it has come to its end
                if children := Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split():
                    found.append(sum(map(_held, (str(process), *children))))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()


def _held(process: str) -> int:
    """Return the bytes that a process holds: of what it shares with others, its share."""
    for line in Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0
