"""Run a command as a process of its own and measure it."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
GEN2ANKI: Final = (sys.executable, "-m", "gen2anki")

# ru_maxrss counts kilobytes, but bytes on macOS.
_RSS_UNIT: Final = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What one process took: seconds on the clock and of the CPU, bytes of memory at its peak."""

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
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        if process.returncode != expected:
            shown = errors.read(2000).decode(errors="replace")
            sys.exit(f"{' '.join(command)}: exit code {process.returncode}, expected {expected}\n{shown}")
        text = output.read(10_000).decode(errors="replace")
    return Sample(wall=wall, cpu=usage.ru_utime + usage.ru_stime, peak=usage.ru_maxrss * _RSS_UNIT, output=text)
