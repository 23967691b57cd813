"""A line on the terminal that says what a long command is doing, and vanishes at the end."""

import sys
import threading
import time
from types import TracebackType
from typing import Final, Self

# A command that takes less time shows no line.
_QUIET_SECONDS: Final = 1.0
_EVERY_SECONDS: Final = 0.2


class Progress:
    """Shows what a command is doing and how long it has run; on a terminal only."""

    def __init__(self) -> None:
        self._stage = ""
        self._done = threading.Event()
        # A thread, so that the work need not stop for it; it wakes five times a second at most.
        self._thread = threading.Thread(target=self._show, daemon=True) if sys.stderr and sys.stderr.isatty() else None

    def stage(self, name: str) -> None:
        """Take the name of what the command does now."""
        self._stage = name

    def __enter__(self) -> Self:
        if self._thread:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._thread:
            self._done.set()
            self._thread.join()

    def _show(self) -> None:
        start = time.monotonic()
        pause = _QUIET_SECONDS
        while not self._done.wait(pause):
            pause = _EVERY_SECONDS
            sys.stderr.write(f"\r\x1b[K{self._stage} … {time.monotonic() - start:.0f} s")
            sys.stderr.flush()
        if pause == _EVERY_SECONDS:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
