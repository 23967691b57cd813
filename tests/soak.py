"""`make soak`: thousands of histories (see histories.py), in several processes, with a count of what was lived through.

python tests/soak.py [HISTORIES] [PROCESSES] [SEED]
"""
# ruff: noqa: T201 (a command, which prints)

import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Final

from hypothesis import HealthCheck, Phase, settings
from hypothesis import seed as seeded
from hypothesis.stateful import run_state_machine_as_test

from branches import live_all
from histories import INVARIANTS, LIVED, History

HISTORIES: Final = 2_000
# Many small lots: each has a seed of its own, is told of, and can be run again alone.
_LOT: Final = 50
_STEPS: Final = 40


def live(lot: int, seed: int) -> Counter[str]:
    """Live through one lot of histories; return what was lived through."""
    LIVED.clear()

    @seeded(seed * 1_000_003 + lot)
    class Seeded(History):
        """The same history, with a seed."""

    run_state_machine_as_test(
        Seeded,
        settings=settings(
            max_examples=_LOT,
            stateful_step_count=_STEPS,
            deadline=None,
            database=None,
            print_blob=False,
            report_multiple_bugs=False,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        ),
    )
    return Counter(LIVED)


def main(histories: int, processes: int, seed: int) -> None:
    """Live through at least so many histories and say how many, and what was in them."""
    start = time.monotonic()
    lived: Counter[str] = Counter()
    print(f"seed {seed}, {processes} processes, at least {histories:,} histories", flush=True)
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        lot = 0
        while lived["histories"] < histories:
            lots = [pool.submit(live, number, seed) for number in range(lot, lot + processes * 2)]
            lot += len(lots)
            for one in lots:
                lived += one.result()
            print(f"  {_told(lived)}, {time.monotonic() - start:,.0f} s", flush=True)
    print(f"{_told(lived)}: all {len(INVARIANTS)} invariants held after every import.")
    forks = [
        range(first, first + _LOT) for first in range(seed * 1_000_003, seed * 1_000_003 + histories * 3 // 20, _LOT)
    ]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        merged = sum(pool.map(live_all, forks), Counter[str]())
    told = ", ".join(f"{number:,} {kind}" for kind, number in merged.items())
    print(f"Of branches that git merged, {told}, {time.monotonic() - start:,.0f} s: nothing lost.")


def _told(lived: Counter[str]) -> str:
    kinds = ("histories", "editions", "imports", "reviews", "slips refused")
    return ", ".join(f"{lived[kind]:,} {kind}" for kind in kinds)


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    main(*(given + [HISTORIES, os.cpu_count() or 1, int(time.time())][len(given) :]))
