"""Temporary files and folders, and those that killed builds left behind.

A build locks what it makes. The system lifts the lock when the process ends, however it ends. So what is called as a
temporary file of ours and is not locked has no owner, and the next build removes it. (On Windows, it stays.)
"""

import contextlib
import os
import re
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from typing import Final

from gen2anki.diagnostics.files import temporary_place

_FOLDER: Final = re.compile(r"gen2anki-[a-z0-9_]{8}\.tmp")
# How much of a file's name is in that of its temporary file. A character has up to 4 bytes, a name up to 255.
_NAME: Final = 50


@contextlib.contextmanager
def temporary_folder() -> Iterator[str]:
    """Make a folder for the time of a build.

    Raises:
        OSError: no folder can be made.
    """
    place = temporary_place()
    _remove_dead(place, _FOLDER)
    is_ours = False
    while not is_ours:
        folder = tempfile.mkdtemp(prefix="gen2anki-", suffix=".tmp", dir=place)
        try:
            with _claimed(folder) as is_ours:
                if is_ours:
                    yield folder
        finally:
            # When all else is done, a folder that stays is no failure: the next build removes it.
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def temporary_file(target: str) -> Iterator[tuple[int, str]]:
    """Make a file beside another, which it is to replace; yield its descriptor, which the caller closes, and its name.

    Raises:
        OSError: no file can be made.
    """
    remove_dead_beside(target)
    folder, name = os.path.split(target)
    is_ours = False
    while not is_ours:
        temporary = os.path.join(folder, f".{name[:_NAME]}.{secrets.token_hex(4)}.part")
        # Not tempfile, which lets nobody else read the file. Here the user's umask decides, as for any file they write.
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        try:
            with _claimed(temporary) as is_ours:
                if is_ours:
                    yield descriptor, temporary
                else:
                    os.close(descriptor)
        finally:
            with contextlib.suppress(OSError):  # it has its final name; or else, the next build removes it
                os.unlink(temporary)


def remove_dead_beside(target: str) -> None:
    """Remove what killed builds left of new versions of a file."""
    folder, name = os.path.split(target)
    _remove_dead(folder or ".", re.compile(rf"\.{re.escape(name[:_NAME])}\.[0-9a-f]{{8}}\.part"))


if sys.platform == "win32":

    @contextlib.contextmanager
    def _claimed(_path: str) -> Iterator[bool]:
        yield True

    def _remove_dead(folder: str, name: re.Pattern[str]) -> None:
        pass
else:
    import fcntl

    @contextlib.contextmanager
    def _claimed(path: str) -> Iterator[bool]:
        """Lock what was just made; yield False if another build took it for dead before it was locked."""
        with contextlib.ExitStack() as stack:
            is_ours = True
            try:
                descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
                stack.callback(os.close, descriptor)
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                is_ours = False
            except OSError:  # there are no locks here, so nothing is taken for dead
                pass
            yield is_ours and os.path.lexists(path)

    def _remove_dead(folder: str, name: re.Pattern[str]) -> None:
        """Remove what is called so, is ours, and has no owner."""
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                if name.fullmatch(entry.name):
                    with contextlib.suppress(OSError):
                        _remove_if_dead(entry)

    def _remove_if_dead(entry: "os.DirEntry[str]") -> None:
        is_folder = entry.is_dir(follow_symlinks=False)
        if (
            not (is_folder or entry.is_file(follow_symlinks=False))
            or entry.stat(follow_symlinks=False).st_uid != os.getuid()
        ):
            return
        descriptor = os.open(entry.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if is_folder:
                shutil.rmtree(entry.path, ignore_errors=True)
            else:
                os.unlink(entry.path)
        finally:
            os.close(descriptor)
