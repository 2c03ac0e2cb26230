"""Fictional people and ways to reach them: names marked as such, numbers of the ranges kept for fiction."""

from random import Random

from conformance.reference.content.codes import code
from conformance.reference.content.rhythm import Lives
from conformance.reference.dataset import Contact, SecureMailbox, Telecom

FORENAMES = ("Alix", "Camille", "Claude", "Dominique", "Elie", "Frédérique", "Lou", "Maxence", "Noa", "Sacha")
SURNAMES = ("AUBEPINE", "BRUYERE", "CEDRE", "EGLANTIER", "FOUGERE", "GENEVRIER", "MELEZE", "NOISETIER", "SORBIER")
MARK = "FICTIF"
# ranges the regulator keeps for works of fiction, by zone of the national numbering plan
ZONES = {
    "01 99 00": ("11",),
    "02 61 91": ("04", "06", "24", "28", "52", "53"),
    "03 53 01": ("27", "32", "44"),
    "04 65 71": ("84", "93", "94"),
    "05 36 49": ("01", "02", "03", "75", "76"),
}
RANGE_OF_REGION = {region: digits for digits, regions in ZONES.items() for region in regions}
MOBILE_RANGE = "06 39 98"
MOBILE, LAND_LINE, EMAIL, WEB, FAX, ALERT = "1", "2", "3", "4", "6", "8"


def _number(dice: Random, digits: str) -> str:
    return f"{digits} {dice.randrange(100):02d} {dice.randrange(100):02d}"


def surname(dice: Random) -> str:
    """A family name nobody can mistake for a real one."""
    return f"{dice.choice(SURNAMES)}-{MARK}"


def full_name(dice: Random) -> str:
    """A forename and a fictional family name."""
    return f"{dice.choice(FORENAMES)} {surname(dice)}"


class Directory:
    """Makes the contacts of one establishment."""

    def __init__(self, dice: Random, lives: Lives, region: str, finess: str) -> None:
        self._dice = dice
        self._lives = lives
        self._range = RANGE_OF_REGION[region]
        self._domain = f"e{finess.lower()}.fictif.example"
        self._finess = finess

    def telecom(self, channel: str, level: int, key: str, *, value: str | None = None) -> Telecom:
        """One telecom, in the fictional range of its channel unless a published value is given."""
        if value is None:
            value = self._value(channel)
        return Telecom(code("R200", channel), value, level, self._lives.record(key))

    def _value(self, channel: str) -> str:
        if channel == EMAIL:
            return f"contact{self._dice.randrange(1000)}@{self._domain}"
        if channel == WEB:
            return f"https://{self._domain}/"
        return _number(self._dice, MOBILE_RANGE if channel == MOBILE else self._range)

    def desk(self, nature: str, level: int, channels: tuple[tuple[str, int], ...], key: str) -> Contact:
        """A desk: a nature, neither name nor function (RG_EXP_040)."""
        return Contact(
            level=level,
            nature=code("R287", nature),
            telecoms=self._telecoms(level, channels, key),
            record=self._lives.record(key),
        )

    def person(self, function: str, level: int, channels: tuple[tuple[str, int], ...], key: str) -> Contact:
        """A person: a function and a name, no nature (RG_EXP_041)."""
        return Contact(
            level=level,
            name=full_name(self._dice),
            function=code("R251", function),
            description="Personne fictive",
            telecoms=self._telecoms(level, channels, key),
            record=self._lives.record(key),
        )

    def _telecoms(self, level: int, channels: tuple[tuple[str, int], ...], key: str) -> tuple[Telecom, ...]:
        """A telecom is at least as confidential as its contact (RG_EXP_034)."""
        return tuple(
            self.telecom(channel, max(level, own), f"{key}-T{index}")
            for index, (channel, own) in enumerate(channels, start=1)
        )

    def mailbox(self, key: str) -> SecureMailbox:
        """A secure mailbox."""
        return SecureMailbox(f"{key.lower()}@e{self._finess.lower()}.mssante.example", self._lives.record(key))

    def of_establishment(self, published: str | None) -> tuple[Contact, ...]:
        """Switchboard (free), direction (restricted), round-the-clock alert (very restricted)."""
        switchboard = Contact(
            level=1,
            nature=code("R287", "06"),
            telecoms=(
                self.telecom(LAND_LINE, 1, "C1-T1", value=published),
                self.telecom(EMAIL, 2, "C1-T2"),
                self.telecom(ALERT, 3, "C1-T3"),
            ),
            record=self._lives.record("C1"),
        )
        return (
            switchboard,
            self.person("01", 2, ((LAND_LINE, 2), (MOBILE, 3)), "C2"),
            self.desk("13", 3, ((ALERT, 3),), "C3"),
        )

    def of_offer(self, key: str, *, sensitive: bool) -> tuple[Contact, ...]:
        """Secretariat, head nurse, doctor on call; all very restricted when the unit is sensitive (RG_EXP_039)."""
        levels = (3, 3, 3) if sensitive else (1, 2, 3)
        return (
            self.desk("07", levels[0], ((LAND_LINE, 1), (EMAIL, 2)), f"{key}-C1"),
            self.person("03", levels[1], ((LAND_LINE, 2),), f"{key}-C2"),
            self.desk("14", levels[2], ((MOBILE, 3),), f"{key}-C3"),
        )
