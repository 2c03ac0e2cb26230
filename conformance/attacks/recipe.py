"""A recipe: the few lines from which the bytes of a large attack are made, instead of storing them.

Parts follow one another, each `times` times; `{rank}` in a part that is `ranked` is its number. The whole is then
encoded, and compressed `layers` times.
"""

import gzip
import tomllib
import zlib
from pathlib import Path
from typing import Literal

import msgspec

_COMPRESSED = {"gzip": lambda data: gzip.compress(data, 6, mtime=0), "deflate": zlib.compress}


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text, or bytes written in hexadecimal."""

    text: str = ""
    hex: str = ""
    times: int = 1
    ranked: bool = False


class Recipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is made. `cut` leaves out that many bytes at the end; `head` goes before, as it is."""

    part: tuple[Part, ...]
    encoding: str = "utf-8"
    compression: Literal["gzip", "deflate"] = "gzip"
    layers: int = 0
    cut: int = 0
    head: str = ""


def read_recipe(path: Path) -> Recipe:
    """The recipe of a file."""
    return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Recipe)


def cooked(recipe: Recipe) -> bytes:
    """The bytes of a recipe."""
    data = b"".join(_repeated(part, recipe.encoding) for part in recipe.part)
    for _ in range(recipe.layers):
        data = _COMPRESSED[recipe.compression](data)
    data = data[: len(data) - recipe.cut]
    head = recipe.head.replace("{length}", str(len(data)))
    return head.encode("latin-1") + data


def _repeated(part: Part, encoding: str) -> bytes:
    if part.ranked:
        return "".join(part.text.replace("{rank}", str(rank)) for rank in range(part.times)).encode(encoding)
    return (bytes.fromhex(part.hex) or part.text.encode(encoding)) * part.times
