"""The files of a translation: an input that can be read twice, outputs that appear whole or not at all."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


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
