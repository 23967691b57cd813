"""What a file is before it is opened, since a pipe or a device may be waited for without end; and where temporary ones go."""

import errno
import os
import stat
import sys
import tempfile


def not_a_file(path: str) -> str:
    """Return why something can't be read although it is there; empty where it is a file, a folder, or nothing.

    Raises:
        OSError: it can't be looked at.
    """
    mode = os.stat(path).st_mode
    return "" if stat.S_ISREG(mode) or stat.S_ISDIR(mode) else "it is a pipe or a device, and no file"


def temporary_place() -> str:
    """Return the folder for temporary files and folders.

    Not by `tempfile`, which tries whether it can write there: a build killed meanwhile would leave its file for ever.

    Raises:
        OSError: there is none.
    """
    if sys.platform == "win32":
        return tempfile.gettempdir()
    for place in (*map(os.environ.get, ("TMPDIR", "TEMP", "TMP")), "/tmp", "/var/tmp", "."):  # noqa: S108
        if place and os.path.isdir(place) and os.access(place, os.W_OK | os.X_OK):
            return os.path.abspath(place)
    raise FileNotFoundError(errno.ENOENT, "there is no folder for temporary files")
