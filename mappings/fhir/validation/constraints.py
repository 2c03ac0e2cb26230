"""The table of constraints of the guide 0.7.0, with what we add to it and the known defects, as values."""

import re
from functools import cache
from pathlib import Path

import msgspec

DATA = Path(__file__).parent.parent / "data"
_SET = re.compile(r"JDV[_-](J\d+)")


class Binding(msgspec.Struct, frozen=True, rename="camel"):
    """A value set and how strictly it holds."""

    strength: str
    value_set: str

    @property
    def short(self) -> str:
        """The value set by its number (`J17`), else the end of its address."""
        number = _SET.search(self.value_set)
        return number[1] if number is not None else self.value_set.rsplit("/", 1)[-1]

    @property
    def required(self) -> bool:
        """Whether a code outside the value set is a fault rather than a surprise."""
        return self.strength == "required"


class Coded(msgspec.Struct, frozen=True):
    """A fixed code in its system."""

    system: str
    code: str


class Marker(msgspec.Struct, frozen=True, rename="camel"):
    """An extension with a fixed code, that tells a slice."""

    url: str
    value_code: str


class Element(msgspec.Struct, frozen=True, rename="camel"):
    """One row: an element or a slice of a profile."""

    path: str
    min: int = 0
    max: str = "*"
    type: str | None = None
    value_type: str | None = None
    binding: Binding | None = None
    url: str | None = None
    system: str | None = None
    type_coding: Coded | None = None
    id: str | None = None
    description: str | None = None
    extension: tuple[Marker, ...] = ()
    constraint: str | None = None
    target_profile: tuple[str, ...] = ()


class Part(msgspec.Struct, frozen=True):
    """One part of a complex extension."""

    url: str
    min: int
    max: str
    value: str
    binding: Binding | None = None


class Definition(msgspec.Struct, frozen=True, rename="camel"):
    """One extension of the guide; the row of those that were removed has `urls` alone."""

    url: str = ""
    value: str | None = None
    binding: Binding | None = None
    sub_extensions: tuple[Part, ...] = ()
    urls: tuple[str, ...] = ()


class Profile(msgspec.Struct, frozen=True):
    """One profile."""

    type: str
    url: str
    elements: tuple[Element, ...]


class Constraints(msgspec.Struct, frozen=True):
    """The table as published."""

    profiles: dict[str, Profile]
    extensions: tuple[Definition, ...]


class Amendment(msgspec.Struct, frozen=True):
    """What we add to a row, and why. `tolerated` names the aspects whose breach is a warning only."""

    profile: str
    path: str
    reason: str
    systems: tuple[str, ...] = ()
    tolerated: tuple[str, ...] = ()
    patterns: dict[str, tuple[str, str]] = {}
    parts: dict[str, str] = {}
    aliases: tuple[str, ...] = ()
    url: str | None = None


class PartAmendment(msgspec.Struct, frozen=True):
    """The members a part of an extension must have."""

    extension: str
    part: str
    mandatory: tuple[str, ...]
    reason: str


class ToleratedCodes(msgspec.Struct, frozen=True):
    """Codes outside a value set whose use is a warning only."""

    value_set: str
    codes: tuple[tuple[str, str], ...]
    reason: str


class NotApplied(msgspec.Struct, frozen=True):
    """A rule that is published, or said to be, and that is not applied as it stands."""

    path: str
    reason: str


class Amendments(msgspec.Struct, frozen=True):
    """All we add to the table."""

    elements: tuple[Amendment, ...]
    parts: tuple[PartAmendment, ...]
    value_sets: tuple[ToleratedCodes, ...]
    not_applied: tuple[NotApplied, ...]


@cache
def constraints() -> Constraints:
    """The table of the guide."""
    return msgspec.json.decode((DATA / "constraints-0.7.0.json").read_bytes(), type=Constraints)


@cache
def amendments() -> Amendments:
    """What we add to it."""
    return msgspec.json.decode((DATA / "amendments-0.7.0.json").read_bytes(), type=Amendments)


@cache
def definitions() -> dict[str, Definition]:
    """The extensions of the guide by address."""
    return {one.url: one for one in constraints().extensions if one.url}


@cache
def removed_extensions() -> frozenset[str]:
    """Addresses of extensions that earlier versions had."""
    return frozenset(url for one in constraints().extensions for url in one.urls)


def amendment(profile: str, path: str) -> Amendment | None:
    """What we add to a row."""
    return next(
        (one for one in amendments().elements if one.path == path and one.profile in (profile, "*")),
        None,
    )
