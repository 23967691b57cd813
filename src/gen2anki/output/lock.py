"""One build of a folder at a time, so that package and ledger are always of one build."""

import contextlib
import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator

# How long to wait before another look, where the system has no lock that waits.
_PAUSE = 0.05


@contextlib.contextmanager
def one_build_in(folder: str) -> Iterator[None]:
    """Wait until no other build writes ledgers in a folder, and keep others waiting.

    Nothing is left behind: the system lifts the lock when the process ends, however it ends. Where a folder can't be
    locked (on some network drives), a build goes on without.
    """
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):
            _lock(folder, stack)
        yield


if sys.platform == "win32":
    import msvcrt

    def _lock(folder: str, stack: contextlib.ExitStack) -> None:
        # Windows locks no folders: the lock is on an empty file of the temporary folder, which stays there.
        name = hashlib.blake2b(os.path.realpath(folder).casefold().encode(), digest_size=8).hexdigest()
        file = os.path.join(tempfile.gettempdir(), f"gen2anki-{name}.lock")
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT)
        stack.callback(os.close, descriptor)
        while True:
            try:
                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            except OSError:
                time.sleep(_PAUSE)
            else:
                return
else:
    import fcntl

    def _lock(folder: str, stack: contextlib.ExitStack) -> None:
        descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        stack.callback(os.close, descriptor)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
