"""Fail where gen2anki has become much slower, for CI: never by seconds.

Two kinds of measure. Calls of functions, counted (bench/calls.py): the same on every machine, so the limits lie close.
Ratios of CPU time within this run, the least of a few processes each: unsure, so the limits lie at one and a half times
to twice what was measured when they were set. `make bench` measures what the project promises.
"""

import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from cold import GEN2ANKI, HERE, spawn

RUNS: Final = 2

Finding = tuple[str, float, float]


def _generate(folder: Path, count: int, name: str, faults: int = 0) -> None:
    spawn([sys.executable, str(HERE / "generate.py"), str(count), "--faults", str(faults), "-o", name], folder)


def _counts(folder: Path, command: Sequence[str], expected: int = 0) -> dict[str, int]:
    sample = spawn([sys.executable, str(HERE / "calls.py"), *command], folder, expected)
    counts: dict[str, int] = json.loads(sample.output)
    return counts


def _least(folder: Path, command: Sequence[str]) -> float:
    return min(spawn(command, folder).cpu for _ in range(RUNS))


def counted(folder: Path) -> Iterator[Finding]:
    """Yield what is counted, each with its limit. Differences leave out what a run costs whatever its size."""
    builds, faulty = [], []
    for count in (1000, 2000, 4000):
        _generate(folder, count, f"{count}.yaml")
        _generate(folder, count, f"{count}-faulty.yaml", faults=count)
        builds.append(_counts(folder, ["build", f"{count}.yaml", "-o", "deck.apkg"]))
        faulty.append(_counts(folder, ["check", f"{count}-faulty.yaml"], expected=1)["calls"])
    calls = [build["calls"] for build in builds]
    yield "calls for each note built", (calls[2] - calls[1]) / 2000, 235
    yield "calls for each fault found", (faulty[2] - faulty[1]) / 2000, 310
    # Twice the notes: twice the calls, and four times where something grows with their square.
    yield "growth of a build's calls", (calls[2] - calls[1]) / (calls[1] - calls[0]), 2.2
    yield "growth of the calls for faults", (faulty[2] - faulty[1]) / (faulty[1] - faulty[0]), 2.2
    yield "garbage collections for 2,000 notes more", builds[2]["collections"] - builds[1]["collections"], 2


def timed(folder: Path) -> Iterator[Finding]:
    """Yield ratios of CPU time, each with its limit."""
    _generate(folder, 10_000, "cards.yaml")
    click = _least(folder, [sys.executable, "-c", "import click"])
    start = _least(folder, [*GEN2ANKI, "--help"])
    by_hand = _least(folder, [sys.executable, str(HERE / "by_hand.py"), "cards.yaml", "-o", "hand.apkg"])
    # The second and third run find the ledger of the first: the least is that of any build.
    build = _least(folder, [*GEN2ANKI, "build", "cards.yaml", "-o", "deck.apkg"])
    check = _least(folder, [*GEN2ANKI, "check", "cards.yaml"])
    yield "--help / import click", start / click, 2.2
    yield "build of 10,000 notes / by hand", build / by_hand, 0.6
    yield "check of 10,000 notes / build", check / build, 1.2


def main() -> None:
    """Print each finding with its limit; exit 1 beyond any."""
    with tempfile.TemporaryDirectory() as name:
        findings = [*counted(Path(name)), *timed(Path(name))]
    for text, value, limit in findings:
        print(f"{text}: {value:.2f}, at most {limit:g}{'' if value <= limit else '  <-- too slow'}")
    sys.exit(any(value > limit for _, value, limit in findings))


if __name__ == "__main__":
    main()
