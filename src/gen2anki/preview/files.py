"""Which files a preview depends on, and whether any of them has changed."""

import gc
import os
from collections.abc import Callable, Iterable
from threading import Event
from typing import Final

# What is known of files without reading them; None of one that is not there.
Stamps = dict[str, tuple[int, int, int] | None]

# How often the files are looked at, in seconds, and how soon again after a change, to see whether it is whole.
_EVERY: Final = 0.04
_AGAIN: Final = 0.01
# After how many looks without a change there is time to tidy up: the page has asked for its card by then.
_QUIET: Final = 12
# How long a file may be gone or empty while an editor saves it, in looks.
_LOOKS: Final = 10
# A folder with more folders below it than this is not watched for new pictures.
_MOST_FOLDERS: Final = 200


def stamps(files: Iterable[str]) -> Stamps:
    """Return what tells whether one of these files has changed."""
    return {file: _stamp(file) for file in files}


def has_changed(before: Stamps, now: Stamps) -> bool:
    """Return True if a file that was known before has changed."""
    return any(file in before and before[file] != stamp for file, stamp in now.items())


def _stamp(file: str) -> tuple[int, int, int] | None:
    try:
        found = os.stat(file)
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def watch(source: str, watched: Callable[[], list[str]], refresh: Callable[[], None], done: Event) -> None:
    """Call `refresh` whenever one of the files changes that `watched` names, the source among them, until `done` is set."""
    seen, quiet = stamps(watched()), 0
    while not done.wait(_EVERY):
        quiet += 1
        if has_changed(seen, stamps(watched())):
            _settle(source, done)
            seen = stamps(watched())
            refresh()
            # Other files may count now; one that changed while it was read is seen at the next look.
            seen, quiet = stamps(watched()) | seen, 0
        elif quiet == _QUIET:
            gc.collect()  # the command line runs without a collector, but this is no short run


def _settle(source: str, done: Event) -> None:
    """Wait until a source that changes is whole: the same at two looks, and not empty unless it stays so."""
    before = _stamp(source)
    for _ in range(_LOOKS):
        done.wait(_AGAIN)
        now = _stamp(source)
        if now == before and now and now[1]:
            return
        before = now


def folders(folder: str) -> list[str]:
    """Return a folder and those below it, where a missing picture may yet be put; hidden ones are left out."""
    found = [folder]
    for place, names, _ in os.walk(folder):
        names[:] = sorted(name for name in names if not name.startswith("."))
        found += (os.path.join(place, name) for name in names)
        if len(found) > _MOST_FOLDERS:
            return found[:_MOST_FOLDERS]
    return found
