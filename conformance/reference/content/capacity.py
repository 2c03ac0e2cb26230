"""Beds and places as lines: installed is the real figure of the source, the rest is made up below it."""

from random import Random

from conformance.reference.content.codes import code
from conformance.reference.content.rhythm import Lives
from conformance.reference.content.templates import BED
from conformance.reference.dataset import CapacityGroup, CapacityLine, Coded

INSTALLED, AVAILABLE, CLOSED, EXTRA = "01", "02", "05", "06"
NOW, IN_ONE_HOUR, IN_A_DAY = "01", "02", "03"


class Count:
    """Makes the capacity lines of one place."""

    def __init__(self, dice: Random, lives: Lives, nature: str, key: str) -> None:
        self._dice = dice
        self._lives = lives
        self._nature = nature
        self._key = key
        self._made = 0
        self.counted = lives.recently()

    def line(
        self,
        status: str,
        number: int,
        temporality: str = NOW,
        *,
        gender: Coded | None = None,
        closing: Coded | None = None,
        extra_bed: Coded | None = None,
        crisis: Coded | None = None,
    ) -> CapacityLine:
        """One line; what says how the figure was obtained goes with it."""
        self._made += 1
        return CapacityLine(
            nature=code("R329", self._nature),
            status=code("R330", status),
            temporality=code("R331", temporality),
            number=number,
            source=code("R335", self._dice.choice(("01", "02", "03", "04"))),
            counted=self.counted,
            record=self._lives.touched(f"{self._key}-L{self._made}", self.counted),
            gender=gender,
            closing=closing,
            extra_bed=extra_bed,
            crisis=crisis,
        )

    def lines(self, installed: int, *, acute: bool) -> tuple[CapacityLine, ...]:
        """Installed and available for every unit; closed, supplementary, forecast and crisis lines for some."""
        dice = self._dice
        free = dice.randrange(max(1, installed // 4) + 1)
        made = [
            self.line(INSTALLED, installed),
            self.line(AVAILABLE, free, gender=code("R332", dice.choice(("01", "02", "04")))),
        ]
        if self._nature != BED:
            return tuple(made)
        if dice.random() < 0.3:
            kind = code("R333", dice.choice(("01", "02", "03")))
            made.append(self.line(CLOSED, 1 + installed // 12, closing=kind))
        if dice.random() < 0.3:
            kind = code("R334", dice.choice(("01", "02", "03")))
            made.append(self.line(EXTRA, 1 + installed // 15, extra_bed=kind))
        if dice.random() < 0.3:
            made.append(self.line(AVAILABLE, free + dice.randrange(3), IN_A_DAY))
        if acute and dice.random() < 0.5:
            kind = code("R336", "02")
            made.append(self.line(AVAILABLE, 1 + installed // 10, NOW, crisis=kind))
            made.append(self.line(AVAILABLE, 2 + installed // 6, IN_ONE_HOUR, crisis=kind))
        return tuple(made)

    def groups(self, installed: int, *, acute: bool) -> tuple[CapacityGroup, ...]:
        """The usual assignment, and for a few acute units a temporary one without installed beds of its own."""
        usual = CapacityGroup(
            code("R337", "01"), self.lines(installed, acute=acute), self._lives.touched(f"{self._key}-G1", self.counted)
        )
        if self._nature != BED or not acute or self._dice.random() >= 0.1:
            return (usual,)
        isolated = self.line(AVAILABLE, 1 + installed // 20, IN_A_DAY)
        return (
            usual,
            CapacityGroup(code("R337", "02"), (isolated,), self._lives.touched(f"{self._key}-G2", self.counted)),
        )
