"""The files of a translation: an input that can be read twice, outputs that appear whole or not at all."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_START = 64 * 1024
_MARK = b"\xef\xbb\xbf"
# UTF-16 with its mark or without: FHIR has no other JSON than UTF-8.
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"\x00<")


@contextmanager
def opened(path: Path | None) -> Iterator[BinaryIO]:
    """The input; standard input, which flows once, is kept in a temporary file."""
    if path is not None:
        with path.open("rb") as file:
            yield file
        return
    with tempfile.TemporaryFile() as kept:
        shutil.copyfileobj(sys.stdin.buffer, kept)
        yield kept


@contextmanager
def whole(path: Path) -> Iterator[BinaryIO]:
    """A file that takes its name once all that follows has succeeded; nothing is left otherwise."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        written = Path(file.name)
        try:
            yield file  # type: ignore[misc]  # a file of bytes
            file.close()
            written.replace(path)
        finally:
            written.unlink(missing_ok=True)


def is_xml(source: BinaryIO) -> bool:
    """Whether a document is XML rather than JSON, by its first byte that says something."""
    source.seek(0)
    start = source.read(_START)
    return start.startswith(_WIDE) or start.removeprefix(_MARK).lstrip().startswith(b"<")
