"""The corpora of attacks as data: one file of bytes or one recipe per attack, one row of an index that says what must
come of it. Nothing here knows the implementation that is attacked.
"""

import tomllib
from enum import StrEnum
from pathlib import Path

import msgspec

from conformance.attacks.recipe import cooked, read_recipe

INDEX = "index.toml"
ENDED = "exchange_ended"
REFUSED = "request_refused"


class Sending(StrEnum):
    """How the bytes leave: at once, or in a way that is itself the attack."""

    WHOLE = "whole"
    WAITING = "waiting"
    """Then nothing: the caller waits for what never comes."""
    TRICKLING = "trickling"
    """Then one byte after another, for ever."""
    CUT = "cut"
    """Then the connection is torn down, without the end of TLS."""
    ALERT = "alert"
    """Then bytes that are no record of TLS, below it."""


class Expected(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One answer, and the one line of the log that tells it; `answered` is false when nobody is left to answer."""

    status: int
    code: str
    event: str = ENDED
    fault: str = ""
    security: str = ""
    cause: str = ""
    answered: bool = True


class Attack(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row. `file` is a whole request when its name says `.http`, else the body of a good one to `path`.

    `decoded` is the code by which the reading of FHIR refuses the same bytes, when a member answers with them; `slow`
    ones are for the long proof.
    """

    id: str
    file: str
    fr: str
    en: str
    source: str
    expect: tuple[Expected, ...]
    door: str = ""
    path: str = ""
    headers: dict[str, str] = {}
    sending: Sending = Sending.WHOLE
    slow: bool = False
    decoded: str = ""
    folder: Path = Path()

    @property
    def name(self) -> str:
        """The corpus and the attack."""
        return f"{self.folder.name}-{self.id}"

    def content(self) -> bytes:
        """What the file holds, or what its recipe makes."""
        path = self.folder / self.file
        return cooked(read_recipe(path)) if path.suffix == ".toml" else path.read_bytes()

    def request(self, values: dict[str, bytes]) -> bytes:
        """The bytes to send; `values` stand where the file names them in braces."""
        content = self.content()
        for name, value in values.items():
            content = content.replace(b"{%s}" % name.encode(), value)
        return content if ".http" in Path(self.file).suffixes else self._around(content)

    def _around(self, body: bytes) -> bytes:
        headers = {"Content-Type": "application/soap+xml", "Content-Length": str(len(body)), "Connection": "close"}
        lines = "".join(f"{name}: {value}\r\n" for name, value in {**headers, **self.headers}.items())
        return f"POST {self.path} HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n".encode("latin-1") + body


class _Index(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An index: what its rows share, then the rows."""

    door: str
    path: str
    attack: tuple[Attack, ...]


def read_corpus(folder: Path) -> tuple[Attack, ...]:
    """The attacks of one folder, in the order of its index."""
    index = msgspec.convert(tomllib.loads((folder / INDEX).read_text(encoding="utf-8")), _Index)
    return tuple(
        msgspec.structs.replace(row, folder=folder, door=row.door or index.door, path=row.path or index.path)
        for row in index.attack
    )


def read_corpora(root: Path) -> tuple[Attack, ...]:
    """The attacks of every folder that has an index."""
    return tuple(attack for index in sorted(root.glob(f"*/{INDEX}")) for attack in read_corpus(index.parent))
