"""What stands in a document made from a schema: everything, one way and what it cannot do without, or a draw."""

import random
from collections.abc import Sequence
from typing import Protocol

Way = tuple[str, ...]
Particle = tuple[str, str]

# What ties objects together stands in every document: an activity or an equipment that no unit uses has no place.
TIES = frozenset(
    {"organizations", "organization", "service", "equipment", "locationRealizedOffer", "specificEquipment"}
)


def tied(way: Way) -> int:
    """1 for what every document has: the ties of its objects, and the extension of a facility."""
    ties = way[-1] in TIES and way[0] in {"OI", "UE"}
    return int(ties or way in {("OI", "extension"), ("UE", "extension")})


class Choice(Protocol):
    """What stands in a document. `way` is where: the object, then the names of the elements."""

    def count(self, way: Way, particle: Particle, least: int, most: int) -> int:
        """How many elements, between two bounds."""

    def branch(self, way: Way, names: Sequence[str]) -> str:
        """Which of several."""

    def value(self, way: Way, values: Sequence[str]) -> str:
        """Which value."""

    def says(self, way: Way, particle: Particle) -> bool:
        """Whether what may be left out is there: an attribute, a label, an element without namespace."""


class Everything:
    """Every element, twice those that repeat."""

    def count(self, way: Way, particle: Particle, least: int, most: int) -> int:
        return most

    def branch(self, way: Way, names: Sequence[str]) -> str:
        return names[0]

    def value(self, way: Way, values: Sequence[str]) -> str:
        return values[0]

    def says(self, way: Way, particle: Particle) -> bool:
        return True


class OneWay(Everything):
    """One element or attribute, and what a document cannot do without."""

    def __init__(self, way: Way) -> None:
        self.way = way

    def count(self, way: Way, particle: Particle, least: int, most: int) -> int:
        if way == self.way:
            return most
        return max(least, tied(way), int(way == self.way[: len(way)]))

    def branch(self, way: Way, names: Sequence[str]) -> str:
        wanted = self.way[len(way)] if self.way[: len(way)] == way and len(self.way) > len(way) else ""
        return wanted if wanted in names else names[0]

    def says(self, way: Way, particle: Particle) -> bool:
        return way == self.way


class Drawn(Everything):
    """Some of the particles, in some of their places: shrinks to the smallest document, then to the first values."""

    def __init__(self, particles: frozenset[Particle], seed: int) -> None:
        self.particles = particles
        self.seed = seed

    def __repr__(self) -> str:
        return f"Drawn({len(self.particles)} particles, {self.seed})"

    def _dice(self, way: Way) -> random.Random:
        return random.Random(f"{self.seed}/{way}")  # noqa: S311 - no secret

    def count(self, way: Way, particle: Particle, least: int, most: int) -> int:
        if particle not in self.particles:
            return max(least, tied(way))
        return max(least, 1) if self.seed == 0 else max(tied(way), self._dice(way).randint(least, most))

    def branch(self, way: Way, names: Sequence[str]) -> str:
        # A contact that is a professional has no place in the model: `person`, the first, is a contact.
        return names[0] if self.seed == 0 or way[-1] == "contact" else self._dice(way).choice(names)

    def value(self, way: Way, values: Sequence[str]) -> str:
        return values[0] if self.seed == 0 else self._dice(way).choice(values)

    def says(self, way: Way, particle: Particle) -> bool:
        return particle in self.particles and (self.seed == 0 or self._dice(way).random() < 0.7)
