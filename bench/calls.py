"""Count what one gen2anki command does: `calls.py COMMAND…` prints calls of functions and garbage collections, as JSON.

Equal input gives equal counts on any machine, so they show a loop inside a loop where seconds are too unsure to.
"""

import contextlib
import cProfile
import gc
import io
import json
import runpy
import sys


def _collections() -> int:
    return sum(generation["collections"] for generation in gc.get_stats())


def main() -> None:
    """Run the command, print the counts in place of its output, and exit as it does."""
    profile = cProfile.Profile()
    sys.argv[0] = "gen2anki"
    code: int | str | None = 0
    before = _collections()
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            profile.runcall(runpy.run_module, "gen2anki", run_name="__main__", alter_sys=True)
        except SystemExit as end:
            code = end.code
    calls = sum(entry.callcount for entry in profile.getstats())
    print(json.dumps({"calls": calls, "collections": _collections() - before}))
    sys.exit(code)


if __name__ == "__main__":
    main()
