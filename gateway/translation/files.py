"""The files of a translation: an input that can be read twice, outputs that appear whole or not at all."""

import errno
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, BinaryIO, TextIO

_START = 64 * 1024
_MARK = b"\xef\xbb\xbf"
# UTF-16 with its mark or without: FHIR has no other JSON than UTF-8.
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"\x00<")
_STANDARD = "-"


class FileRefused(Exception):
    """A file cannot be opened. `code` is `unreadable` or `unwritable`, `cause` what the system says."""

    def __init__(self, code: str, path: Path | str, cause: str | None) -> None:
        super().__init__(f"{code}: {path} ({cause})")
        self.code = code
        self.path = path
        self.cause = cause


@contextmanager
def opened(path: Path | None) -> Iterator[BinaryIO]:
    """The input; what flows only once, standard input or a pipe, is kept in a temporary file."""
    with ExitStack() as files:
        given = files.enter_context(_readable(path)) if path is not None else _standard(sys.stdin, "unreadable")
        if path is None or not given.seekable():
            kept = files.enter_context(tempfile.TemporaryFile())
            shutil.copyfileobj(given, kept)
            given = kept
        yield given  # type: ignore[misc]  # a file of bytes


@contextmanager
def whole(path: Path | None) -> Iterator[BinaryIO]:
    """An output. A file takes its name once all that follows has succeeded; what stood there stays otherwise.

    Standard output, a device or a pipe has no name to take: it is written as it comes.
    """
    if path is None:
        yield _standard(sys.stdout, "unwritable")  # type: ignore[misc]  # a file of bytes
        return
    place, stream = _writable(path)
    with stream:
        try:
            yield stream  # type: ignore[misc]  # a file of bytes
            stream.close()
            if place is not None:
                Path(stream.name).replace(place)
        finally:
            if place is not None:
                Path(stream.name).unlink(missing_ok=True)


def one_file(first: Path, second: Path) -> bool:
    """Whether two names lead to one file."""
    return first.resolve() == second.resolve()


def is_xml(source: BinaryIO) -> bool:
    """Whether a document is XML rather than JSON, by its first byte that says something."""
    source.seek(0)
    start = source.read(_START)
    return start.startswith(_WIDE) or start.removeprefix(_MARK).lstrip().startswith(b"<")


def _standard(stream: TextIO | None, code: str) -> IO[bytes]:
    """A standard stream, which the caller may have closed."""
    if stream is None:
        raise FileRefused(code, _STANDARD, os.strerror(errno.EBADF))
    return stream.buffer


def _readable(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as error:
        raise FileRefused("unreadable", path, error.strerror) from None


def _writable(path: Path) -> tuple[Path | None, IO[bytes]]:
    """The place that a file takes at the end, None for a device or a pipe, and what is written."""
    try:
        if path.exists() and not path.is_file():
            return None, path.open("wb")
        place = path.resolve()
        written = tempfile.NamedTemporaryFile(dir=place.parent, prefix=f".{place.name}.", delete=False)  # noqa: SIM115
    except OSError as error:
        raise FileRefused("unwritable", path, error.strerror) from None
    return place, written
