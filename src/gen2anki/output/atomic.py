"""Files replaced whole: a reader sees the old file or the new one, and nothing is left beside it."""

import contextlib
import errno
import os
from collections.abc import Iterator
from typing import BinaryIO

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.problem import failure
from gen2anki.output.leftovers import temporary_file
from gen2anki.text.media import MediumError


class Replacement:
    """A new version of a file, written beside it; `commit` puts it in its place."""

    def __init__(self, file: str, temporary: str, stream: BinaryIO) -> None:
        self.stream = stream
        self._file = file
        self._temporary = temporary

    def commit(self, *, lasting: bool = False) -> None:
        """Put the new version in the place of the old one, at once. A `lasting` one also outlives a loss of power."""
        self.stream.flush()
        if lasting:
            os.fsync(self.stream.fileno())
        self.stream.close()
        os.replace(self._temporary, self._file)


@contextlib.contextmanager
def replacement(file: str) -> Iterator[Replacement]:
    """Open a new version of `file`, which need not exist; a version that is not committed is removed in the end.

    A link stays a link: its target is replaced. Permissions stay as they were.

    Raises:
        OSError: the file's folder can't be written, or the disk is full.
    """
    target = os.path.realpath(file)
    if os.path.isdir(target):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), file)
    if os.path.exists(target) and not os.path.isfile(target):
        raise OSError(errno.EINVAL, "it is a device or a pipe, and no file", file)
    if os.path.exists(target) and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), file)
    with temporary_file(target) as (descriptor, temporary):
        stream = open(descriptor, "wb")  # noqa: SIM115 (an error when it is closed must not hide the first one)
        try:
            with contextlib.suppress(OSError):
                os.chmod(temporary, os.stat(target).st_mode & 0o7777)
            yield Replacement(target, temporary, stream)
        finally:
            # On a full disk, closing tries to write the rest once more, and fails again.
            with contextlib.suppress(OSError):
                stream.close()


@contextlib.contextmanager
def writing(file: str) -> Iterator[None]:
    """Turn what goes wrong while `file` is written into a problem.

    Raises:
        ProblemsError: that problem.
    """
    try:
        yield
    except OSError as error:
        raise failure(file, f"can't be written: {error.strerror or error}", Code.CANNOT_WRITE) from None
    except MediumError as error:
        raise failure(file, str(error), error.code) from None
