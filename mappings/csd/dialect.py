"""What a source writes in its own way, and what it leaves to be supposed (contract section 15.2)."""

from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import Any, Self
from zoneinfo import ZoneInfo

import msgspec

PARIS = ZoneInfo("Europe/Paris")


class Hierarchie(StrEnum):
    """How a source links its units: each to its parent, all to the EG, or to the EG with `parentFacility`."""

    CHAIN = "chain"
    FLAT = "flat"
    PARENT_FACILITY = "parent-facility"


class DialectRefused(ValueError):
    """An option of the federation document that no dialect has, or a value it cannot take."""


class Habit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A way of a source that was observed, and since when it is known."""

    value: str
    since: date


class Dialect(msgspec.Struct, frozen=True):
    """The spelling of one source. `hierarchie` None accepts every style; the level applies where the version has none.

    `unite_sensible` None leaves the question open up to 1.6. `zone` is that of the instants written without offset.
    """

    hierarchie: Hierarchie | None = None
    niveau_confidentialite: str = "3"
    unite_sensible: bool | None = None
    region: str | None = None
    zone: ZoneInfo = PARIS

    @classmethod
    def from_options(cls, options: dict[str, str]) -> Self:
        """The dialect that the options of a member declare; an unknown name or value is refused."""
        values: dict[str, Any] = {}
        for name, text in options.items():
            if name not in _OPTIONS:
                raise DialectRefused(f"unknown dialect option {name!r}; known: {', '.join(sorted(_OPTIONS))}")
            field, read = _OPTIONS[name]
            try:
                values[field] = read(text)
            except (ValueError, KeyError) as refused:
                raise DialectRefused(f"dialect option {name!r} cannot be {text!r}") from refused
        return cls(**values)


def _level(text: str) -> str:
    if text not in {"1", "2", "3"}:
        raise ValueError(text)
    return text


_OPTIONS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "hierarchy": ("hierarchie", Hierarchie),
    "confidentiality": ("niveau_confidentialite", _level),
    "sensitive-unit": ("unite_sensible", {"true": True, "false": False}.__getitem__),
    "region": ("region", str),
    "timezone": ("zone", ZoneInfo),
}

OPTIONS = tuple(_OPTIONS)
