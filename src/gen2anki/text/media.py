"""Pictures and sounds: from the path in a text to a file that can be packed, under a name that holds its hash.

Anki never replaces a file of the same name unless the note itself is updated, so a name stands for its bytes.
"""

import errno
import hashlib
import os
import posixpath
import re
import unicodedata
from pathlib import Path
from typing import Final

from gen2anki.anki.note import Medium
from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.files import not_a_file
from gen2anki.diagnostics.suggestion import nearest

MAX_BYTES: Final = 100 * 2**20  # a larger file does not sync
MAX_MEDIA: Final = 60_000  # the files of a zip are counted up to 65,535

# What Anki plays with [sound:…], which includes films.
SOUNDS: Final = (
    ".3gp", ".aac", ".avi", ".flac", ".flv", ".m4a", ".m4v", ".mkv", ".mov", ".mp3", ".mp4", ".mpeg", ".mpg", ".oga",
    ".ogg", ".ogv", ".opus", ".spx", ".wav", ".webm",
)  # fmt: skip
PICTURES: Final = (".avif", ".bmp", ".gif", ".ico", ".jpeg", ".jpg", ".png", ".svg", ".tif", ".tiff", ".webp")

_HASH_DIGITS: Final = 16
# Anki takes some punctuation out of names and cuts them at 120 bytes; a name it changed would no longer be found.
_NOT_IN_NAMES: Final = re.compile(r"[^\w.-]+")
_STEM_BYTES: Final = 80
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_ADDRESS: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+:")
# What stands in a file's place until it is fetched.
_LFS_POINTER: Final = b"version https://git-lfs"


class MediumError(Exception):
    """Say why a picture or sound cannot be packed. `code` is the problem's."""

    def __init__(self, text: str, code: Code) -> None:
        """Take the problem's text and code."""
        super().__init__(text)
        self.code = code


class MediaFolder:
    """The pictures and sounds of one source, which stand in its folder or below. Each is read once."""

    def __init__(self, folder: str) -> None:
        """Look for media in `folder`, the folder of the source."""
        self._folder = folder
        self._real = os.path.realpath(folder)
        # By path, as texts name it; a wrong one is repeated in many notes as often as a right one.
        self._found: dict[str, Medium | MediumError] = {}
        self._listed: dict[str, tuple[str, ...]] = {}

    @property
    def media(self) -> tuple[Medium, ...]:
        """Return all media found so far, by name."""
        media = {found.name: found for found in self._found.values() if isinstance(found, Medium)}
        return tuple(media[name] for name in sorted(media))

    def find(self, path: str) -> str:
        """Return the name in Anki of the file at `path`, as a text names it.

        Raises:
            MediumError: there is no such file, or none that can be packed.
        """
        if path not in self._found:
            if len(self._found) == MAX_MEDIA:
                text = f"a lesson names at most {MAX_MEDIA:,} pictures and sounds: make several lessons of it"
                raise MediumError(text, Code.TOO_LARGE)
            self._found[path] = self._read_or_fault(path)
        found = self._found[path]
        if isinstance(found, MediumError):
            raise found.with_traceback(None)
        return found.name

    def _read_or_fault(self, path: str) -> Medium | MediumError:
        try:
            return self._read(path)
        except MediumError as error:
            return error
        except UnicodeEncodeError as error:
            text = f"'{path}' can't be looked up: names of files are {error.encoding} here (set LC_ALL to C.UTF-8)"
            return MediumError(text, Code.MEDIA_UNREADABLE)

    def _look_up(self, path: str) -> str:
        """Return the file at `path`, which is there, and of a kind that Anki shows."""
        if _CONTROL.search(path):
            raise MediumError("this path has a control character in it", Code.MEDIA_MISSING)
        if "\\" in path:
            raise MediumError(f"'{path}': write the path with '/'", Code.MEDIA_MISSING)
        # The text is NFC; the file's name on disk may be typed in another form.
        file = next(
            (
                name
                for form in ("NFC", "NFD")
                if os.path.lexists(name := os.path.join(self._folder, unicodedata.normalize(form, path)))
            ),
            os.path.join(self._folder, path),
        )
        real = os.path.realpath(file)
        if os.path.isabs(path) or os.path.commonpath([self._real, real]) != self._real:
            raise MediumError(
                f"'{path}' is outside the folder of the source, so it can't be packed", Code.MEDIA_OUTSIDE
            )
        if os.path.isdir(real):
            raise MediumError(f"'{path}' is a folder, not a picture or sound", Code.MEDIA_MISSING)
        if not os.path.isfile(real):
            if _ADDRESS.match(path):
                text = f"'{path}' can't be packed: a picture or sound is a file in the folder of the source or below"
                raise MediumError(text, Code.MEDIA_OUTSIDE)
            raise self._missing(path, file)
        if os.path.splitext(file)[1].lower() not in SOUNDS + PICTURES:
            raise MediumError(f"'{path}' is no picture or sound that Anki shows", Code.MEDIA_TYPE)
        return file

    def _read(self, path: str) -> Medium:
        file = self._look_up(path)
        self._check_capitals(path)
        real = os.path.realpath(file)
        try:
            size = os.path.getsize(real)
            if size == 0:
                raise MediumError(f"'{path}' is empty", Code.MEDIA_EMPTY)
            if size > MAX_BYTES:
                text = f"'{path}' has {size / 2**20:.1f} MiB, and Anki syncs none of more than {MAX_BYTES >> 20} MiB"
                raise MediumError(text, Code.MEDIA_SIZE)
            content = packed(real)
        except OSError as error:
            raise MediumError(f"'{path}' can't be read: {error.strerror}", Code.MEDIA_UNREADABLE) from None
        if content.startswith(_LFS_POINTER):
            raise MediumError(f"'{path}' is only what Git LFS keeps in its place: run 'git lfs pull'", Code.MEDIA_EMPTY)
        stem, suffix = os.path.splitext(os.path.basename(file))
        # Small letters: Anki looks for a name without regard to capitals. And a leading '_' means "keep for ever" to it.
        stem = _NOT_IN_NAMES.sub("_", unicodedata.normalize("NFC", stem)).strip("._") or "medium"
        stem = stem.encode()[:_STEM_BYTES].decode(errors="ignore")
        return Medium(name=f"{stem.lower()}-{media_hash(content)}{suffix.lower()}", file=real)

    def _missing(self, path: str, file: str) -> MediumError:
        """Return why there is no such file: because of its name, or of what is there."""
        try:
            if reason := not_a_file(file):
                return MediumError(f"'{path}' can't be read: {reason}", Code.MEDIA_UNREADABLE)
        except OSError as error:
            if os.path.islink(file) and error.errno == errno.ENOENT:
                return MediumError(f"'{path}' is a link to a file that is not there", Code.MEDIA_MISSING)
            if error.errno not in {errno.ENOENT, errno.ENOTDIR}:
                return MediumError(f"'{path}' can't be read: {error.strerror}", Code.MEDIA_UNREADABLE)
        return MediumError(f"there is no file '{path}'{self._advice(path)}", Code.MEDIA_MISSING)

    def _advice(self, path: str) -> str:
        folder, name = os.path.split(path)
        try:
            there = tuple(sorted(os.listdir(os.path.join(self._folder, folder))))
        except OSError:
            return f": there is no folder '{folder}'"
        near = nearest(name, there)
        return f": did you mean '{posixpath.join(folder, near)}'?" if near else ""

    def _check_capitals(self, path: str) -> None:
        """Refuse a path that only a disk which ignores capitals takes for its file's: others would not find it."""
        folder, true = self._folder, []
        for part in path.split("/"):
            there = self._names_in(folder)
            names = {unicodedata.normalize("NFC", name) for name in there}
            if part not in {"", ".", ".."} and unicodedata.normalize("NFC", part) not in names:
                part = next((name for name in there if name.casefold() == part.casefold()), part)  # noqa: PLW2901
            true.append(part)
            folder = os.path.join(folder, part)
        if (name := "/".join(true)) != path and name.casefold() == path.casefold():
            text = f"the file's name is '{name}', with other capitals, which many systems tell apart: write it so"
            raise MediumError(text, Code.MEDIA_MISSING)

    def _names_in(self, folder: str) -> tuple[str, ...]:
        if folder not in self._listed:
            try:
                self._listed[folder] = tuple(os.listdir(folder))
            except OSError:
                self._listed[folder] = ()
        return self._listed[folder]


def packed(file: str) -> bytes:
    """Return the bytes of a picture or sound as they are packed.

    git may give the lines of an SVG, which is a text, the ends of each system: it is the same picture on all of them.

    Raises:
        OSError: the file could not be read.
    """
    content = Path(file).read_bytes()
    return content.replace(b"\r\n", b"\n") if file.lower().endswith(".svg") else content


def media_hash(content: bytes) -> str:
    """Return what of the SHA-256 of a medium's bytes stands in its name in Anki."""
    return hashlib.sha256(content).hexdigest()[:_HASH_DIGITS]
