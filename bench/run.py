"""Measure gen2anki against a script written by hand and against the floor; `make bench`.

Every figure is the median of several cold processes. The commands take turns, so that a slow minute of the machine
slows them all. `--write` keeps the tables in bench/RESULTS.md.
"""

import argparse
import json
import os
import platform
import re
import shutil
import sqlite3
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Final

from cold import GEN2ANKI, HERE, Sample, spawn

LESSON: Final = HERE.parent / "cards.yaml"
RESULTS: Final = HERE / "RESULTS.md"
LIBRARIES: Final = ("PyYAML", "pydantic", "pyromark", "genanki", "deflate", "markdown-it-py", "mdit-py-plugins", "anki")
FLOOR_PARTS: Final = ("scan", "markdown", "insert", "deflate")

# The size that the targets speak of.
STATED_FOR: Final = 100_000

# Two medians this close to each other are called equal: so much do repeated runs differ.
NOISE: Final = 1.05


@dataclass(slots=True, kw_only=True)
class Case:
    """One command at one size: how to run it afresh, and what its runs took."""

    size: str
    name: str
    run: Callable[[], Sample]
    deck: Path | None = None
    samples: list[Sample] = field(default_factory=list)
    deck_bytes: int | None = None

    def measure(self) -> None:
        """Run once more."""
        self.samples.append(self.run())
        if self.deck is not None:
            self.deck_bytes = self.deck.stat().st_size

    @property
    def wall(self) -> float:
        """Seconds on the clock: the median."""
        return median(sample.wall for sample in self.samples)

    @property
    def cpu(self) -> float:
        """Seconds of the CPU: the median."""
        return median(sample.cpu for sample in self.samples)

    @property
    def peak(self) -> float:
        """Bytes of memory at the peak: the most of all runs, for between two looks (see cold) it may have been more."""
        return max(sample.peak for sample in self.samples)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One promise of the project about its speed: a ratio and its limit; `cpu` is the same ratio of CPU times."""

    text: str
    value: float
    limit: float
    cpu: float | None = None
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Say whether the promise was kept in this run."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit


def _script(name: str, *arguments: object) -> list[str]:
    return [sys.executable, str(HERE / name), *map(str, arguments)]


def _generate(target: Path, count: int, *options: str) -> None:
    # In a process of its own, for this one must stay small (see cold.spawn).
    spawn(_script("generate.py", count, "-o", target, *options))


def _parts(sample: Sample) -> Sample:
    """Return a sample of the seconds that the process measured itself (see floor.py and anki_import.py)."""
    wall, cpu = (sum(json.loads(sample.output)[clock].values()) for clock in ("wall", "cpu"))
    return Sample(wall=wall, cpu=cpu, peak=sample.peak, output=sample.output)


def _fresh(folder: Path, source: Path, ledger: Path | None) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    shutil.copyfile(source, folder / "cards.yaml")
    if (source.parent / "media").is_dir():
        shutil.copytree(source.parent / "media", folder / "media")
    if ledger is not None:
        shutil.copyfile(ledger, folder / "cards.lock")


class _Bench:
    """The sources, decks and ledgers of one size, in a folder of their own, and the commands measured on them."""

    def __init__(self, folder: Path, size: str, count: int | None) -> None:
        folder.mkdir()
        self.folder, self.size, self.count = folder, size, count
        self.source, self.next = folder / "first.yaml", folder / "next.yaml"
        if count is None:
            shutil.copyfile(LESSON, self.source)
            if (LESSON.parent / "media").is_dir():
                shutil.copytree(LESSON.parent / "media", folder / "media")
            lesson = self.source.read_text(encoding="utf-8")
            reworded = re.sub(r"( question: (?:[>|]-?\n +)?)(?=[A-Za-z])", r"\1Well, ", lesson, count=1)
            self.next.write_text(reworded, encoding="utf-8")
        else:
            _generate(self.source, count)
            _generate(self.next, count, "--change", "1")
        self.deck, self.hand_deck = folder / "first" / "deck.apkg", folder / "hand.apkg"
        # The first run of all is not counted: it compiles bytecode and warms the page cache.
        self.first_build()
        self.ledger = shutil.copyfile(folder / "first" / "cards.lock", folder / "first.lock")
        self.by_hand()
        self.rows = folder / "rows.pickle"
        spawn(_script("floor.py", "prepare", self.source, self.deck, self.rows))

    def first_build(self) -> Sample:
        return self._build("first", self.source, None)

    def rebuild(self) -> Sample:
        return self._build("again", self.next, self.ledger)

    def _build(self, name: str, source: Path, ledger: Path | None) -> Sample:
        _fresh(self.folder / name, source, ledger)
        return spawn([*GEN2ANKI, "build", "cards.yaml", "-o", "deck.apkg"], self.folder / name)

    def by_hand(self) -> Sample:
        return spawn(_script("by_hand.py", self.source, "-o", self.hand_deck))

    def floor(self) -> Sample:
        return _parts(spawn(_script("floor.py", "time", self.source, self.rows)))

    def check(self) -> Sample:
        _fresh(self.folder / "check", self.source, None)
        return spawn([*GEN2ANKI, "check", "cards.yaml"], self.folder / "check")

    def check_faults(self) -> Sample:
        faulty = self.folder / "faulty.yaml"
        if not faulty.exists() and self.count is not None:
            _generate(faulty, self.count, "--faults", str(self.count // 10))
        _fresh(self.folder / "faulty", faulty, None)
        return spawn([*GEN2ANKI, "check", "cards.yaml"], self.folder / "faulty", expected=1)

    def cases(self) -> Iterator[Case]:
        yield Case(size=self.size, name="build, first", run=self.first_build, deck=self.deck)
        yield Case(
            size=self.size, name="build, 1 % changed", run=self.rebuild, deck=self.folder / "again" / "deck.apkg"
        )
        yield Case(size=self.size, name="by hand", run=self.by_hand, deck=self.hand_deck)
        yield Case(size=self.size, name="floor", run=self.floor)
        yield Case(size=self.size, name="check", run=self.check)
        if self.count is not None:
            yield Case(size=self.size, name=f"check, {self.count // 10:,} faults", run=self.check_faults)

    def imports(self) -> Iterator[Case]:
        same_deck = self.folder / "same.apkg"
        spawn(_script("same_notes.py", self.deck, "-o", same_deck))
        decks = {
            "import of gen2anki's deck": self.deck,
            "import of its notes by genanki": same_deck,
            "import of the deck by hand": self.hand_deck,
        }
        for name, deck in decks.items():
            command = _script("anki_import.py", deck, self.count)
            yield Case(size=self.size, name=name, run=lambda command=command: _parts(spawn(command)))  # type: ignore[misc]  # a default binds


def _start_cases() -> Iterator[Case]:
    for name, command in (
        ("gen2anki --help", (*GEN2ANKI, "--help")),
        ("gen2anki --version", (*GEN2ANKI, "--version")),
        ("import click", (sys.executable, "-c", "import click")),
        ("import genanki, click, yaml", (sys.executable, "-c", "import genanki, click, yaml")),
    ):
        yield Case(size="start", name=name, run=lambda command=command: spawn(command))  # type: ignore[misc]  # a default binds


def _measure(cases: Sequence[Case], runs: int) -> None:
    # What is soon done is run twice each time round: a moment of other work weighs more there. The second time backwards,
    # so that none always follows the same other.
    again = [case for case in reversed(cases) if case.name != "by hand"]
    for number in range(runs):
        for case in (*cases, *again):
            _progress(f"{case.size}: {case.name}, {number + 1} of {runs}")
            case.measure()
    _progress("")


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


def _of(text: str, case: Case, other: Case, limit: float, *, at_least: bool = False) -> Target:
    return Target(text=text, value=case.wall / other.wall, limit=limit, cpu=case.cpu / other.cpu, at_least=at_least)


def _targets(cases: Sequence[Case], sizes: Sequence[int]) -> Iterator[Target]:
    found = {(case.size, case.name): case for case in cases}
    large = f"{sizes[-1]:,}"
    first, again = found[large, "build, first"], found[large, "build, 1 % changed"]
    hand, floor, check = found[large, "by hand"], found[large, "floor"], found[large, "check"]
    faulty = found[large, f"check, {sizes[-1] // 10:,} faults"]
    yield _of("1. by hand / first build", hand, first, 5, at_least=True)
    yield _of("1. first build / floor", first, floor, 3)
    yield Target(text="1. peak memory, first build / by hand", value=first.peak / hand.peak, limit=0.55)
    size = (first.deck_bytes or 0) / (hand.deck_bytes or 1)
    yield Target(text="1. deck, first build / by hand", value=size, limit=0.25)
    yield _of("2. build with 1 % changed / first build", again, first, NOISE)
    if len(sizes) > 1:
        times = sizes[-1] / sizes[-2]
        text = f"3. first build, {large} notes / {sizes[-2]:,}"
        yield _of(text, first, found[f"{sizes[-2]:,}", "build, first"], 1.1 * times)
    libraries, click = found["start", "import genanki, click, yaml"], found["start", "import click"]
    if ("lesson", "build, first") in found:
        yield _of("4. lesson / `import genanki, click, yaml`", found["lesson", "build, first"], libraries, 2.5)
    for option in ("--help", "--version"):
        yield _of(f"4. {option} / `import click`", found["start", f"gen2anki {option}"], click, 1.5)
    yield _of("5. check / first build", check, first, 0.6)
    yield _of(f"5. {faulty.name} / first build", faulty, first, 1)
    if (large, "import of gen2anki's deck") in found:
        ours = found[large, "import of gen2anki's deck"]
        same, by_hand = found[large, "import of its notes by genanki"], found[large, "import of the deck by hand"]
        yield _of("6. Anki's import, our deck / its notes by genanki", ours, same, NOISE)
        yield _of("6. Anki's import, our deck / by hand, of fewer fields", ours, by_hand, NOISE)


def _machine() -> Iterator[str]:
    model = platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists() and (line := re.search(r"model name\s*: (.+)", cpuinfo.read_text(encoding="utf-8"))):
        model = line[1]
    yield f"{model}, {os.cpu_count()} cores, {platform.system()}"
    yield (
        f"{platform.python_implementation()} {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"zlib {zlib.ZLIB_RUNTIME_VERSION}"
    )
    yield ", ".join(f"{library} {version(library)}" for library in LIBRARIES if _installed(library))


def _installed(library: str) -> bool:
    try:
        version(library)
    except PackageNotFoundError:
        return False
    return True


def _seconds(value: float) -> str:
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.0f} ms"


def _bytes(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value / 1e6:.1f} MB" if value >= 1e5 else f"{value / 1e3:.1f} kB"


def _report(cases: Sequence[Case], targets: Sequence[Target], runs: int, load: float) -> Iterator[str]:
    yield "# Results of `make bench`"
    yield ""
    yield from (f"- {line}" for line in _machine())
    yield (
        f"- {time.strftime('%Y-%m-%d', time.gmtime())}; medians of {runs} cold processes or more, taking turns; "
        f"load before the run {load:.1f}, after it {os.getloadavg()[0]:.1f}"
    )
    yield ""
    yield "| size | what | wall | from - to | CPU | peak memory | deck | wall / floor | by hand / wall |"
    yield "|---|---|---:|---:|---:|---:|---:|---:|---:|"
    walls = {(case.size, case.name): case.wall for case in cases}
    for case in cases:
        lowest, highest = min(s.wall for s in case.samples), max(s.wall for s in case.samples)
        own_clock = case.name.startswith(("floor", "import of"))
        floor, hand = walls.get((case.size, "floor")), walls.get((case.size, "by hand"))
        compared = not case.name.startswith("import of")
        cells = (
            case.size,
            case.name,
            _seconds(case.wall),
            f"{_seconds(lowest)} - {_seconds(highest)}",
            _seconds(case.cpu),
            "" if own_clock else _bytes(case.peak),
            _bytes(case.deck_bytes),
            f"{case.wall / floor:.2f}" if floor and compared else "",
            f"{hand / case.wall:.2f}" if hand and compared else "",
        )
        yield f"| {' | '.join(cells)} |"
    yield ""
    yield "`floor` is what the bare libraries need for the same rows, timed by bench/floor.py itself, without the start"
    yield "of Python; so is Anki's import (bench/anki_import.py). All else is a whole process, from start to exit."
    yield "Where a process has another work with it, wall is its own, CPU and peak memory are those of both."
    yield "The notes that genanki writes again (bench/same_notes.py) have all our fields. Those by hand have 8 for our 13,"
    yield "and their package is not deflated, so Anki has less to do there (docs/design.md)."
    yield ""
    yield from _floor_parts(cases)
    yield "| target | limit | measured | by the clock | of CPU time |"
    yield "|---|---:|---:|---|---:|"
    for target in targets:
        sign = "at least" if target.at_least else "at most"
        cpu = "" if target.cpu is None else f"{target.cpu:.3f}"
        verdict = "met" if target.met else "**not met**"
        yield f"| {target.text} | {sign} {target.limit:g} | {target.value:.3f} | {verdict} | {cpu} |"
    yield ""
    if not any(case.size == f"{STATED_FOR:,}" for case in cases):
        yield f"The targets are promises for {STATED_FOR:,} notes, which this run left out: these figures say little."
    yield "Where clock and CPU tell different stories, the machine had other work: see the load, and run it again."
    yield "A Python built without optimisation, as pyenv builds it unless told, slows all but the floor: take the system's."
    yield f"Limits of {NOISE:g} stand for 'no more than': so far do medians of the same thing differ."


def _floor_parts(cases: Sequence[Case]) -> Iterator[str]:
    yield f"| floor, by parts | {' | '.join(FLOOR_PARTS)} |"
    yield f"|---|{'---:|' * len(FLOOR_PARTS)}"
    for case in cases:
        if case.name == "floor":
            outputs = [json.loads(sample.output) for sample in case.samples]
            parts = (_seconds(median(output["wall"][part] for output in outputs)) for part in FLOOR_PARTS)
            yield f"| {case.size} | {' | '.join(parts)} |"
    yield ""


def main() -> None:
    """Measure, print, and fail only where a command fails: a missed target is a finding."""
    parser = argparse.ArgumentParser(description="Measure gen2anki against a script by hand and the floor.")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000], metavar="N", help="notes")
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="rounds: two processes of each, one by hand")
    parser.add_argument("--quick", action="store_true", help="sizes 1,000 and 10,000, three rounds, no Anki")
    parser.add_argument("--write", action="store_true", help="keep the tables in bench/RESULTS.md")
    options = parser.parse_args()
    sizes, runs = ([1000, 10_000], 3) if options.quick else (sorted(options.sizes), options.runs)
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="gen2anki-bench-") as folder:
        cases = list(_start_cases())
        _measure(cases, 3 * runs)
        if LESSON.exists():
            lesson = list(_Bench(Path(folder, "lesson"), "lesson", None).cases())
            _measure(lesson, runs)
            cases += lesson
        else:
            print("No cards.yaml beside bench/: the lesson is left out.", file=sys.stderr)
        for size in sizes:
            bench = _Bench(Path(folder, str(size)), f"{size:,}", size)
            measured = list(bench.cases())
            if size == sizes[-1] and not options.quick and find_spec("anki"):
                measured += bench.imports()
            _measure(measured, runs)
            cases += measured
            shutil.rmtree(bench.folder)
    report = "\n".join(_report(cases, list(_targets(cases, sizes)), runs, load)) + "\n"
    print(report, end="")
    if options.write:
        RESULTS.write_text(report, encoding="utf-8")


if __name__ == "__main__":
    main()
