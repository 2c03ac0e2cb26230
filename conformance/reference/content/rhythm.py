"""Chance and dates, seeded per object: the same object is the same whoever asks, in whatever order."""

from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from conformance.reference.dataset import Record

PARIS = ZoneInfo("Europe/Paris")
# how far back, in days, the last change of an establishment lies: one in four within a week, and so on
SPREAD = (7, 60, 365, 1200)
FIRST_RECORDS = date(2019, 1, 7)


def chance(seed: int, *path: str) -> Random:
    """A generator of its own for one object."""
    return Random("/".join((str(seed), *path)))  # noqa: S311  reference content, not a secret


def midnight(day: date) -> datetime:
    """The start of a day in French legal time."""
    return datetime(day.year, day.month, day.day, tzinfo=PARIS)


def last_change(seed: int, finess: str, reference: date) -> datetime:
    """When the establishment, or anything below it, last changed: always before the reference date."""
    dice = chance(seed, finess, "change")
    back = dice.uniform(0, dice.choice(SPREAD))
    return midnight(reference) - timedelta(seconds=1 + int(back * 86400))


class Lives:
    """Hands out the records of one establishment: nothing below it changed after it did (RG_EXP_024)."""

    def __init__(self, dice: Random, latest: datetime) -> None:
        self._dice = dice
        self._latest = latest

    def record(self, key: str, *, comment: str | None = None) -> Record:
        """A record somewhere in the past; one in three never changed since its creation (RG_EXP_023)."""
        span = int((self._latest - midnight(FIRST_RECORDS)).total_seconds())
        created = self._latest - timedelta(seconds=self._dice.randrange(span // 2, span))
        if self._dice.random() < 1 / 3:
            return Record(created, created, key, comment)
        updated = created + timedelta(seconds=self._dice.randrange(int((self._latest - created).total_seconds())))
        return Record(created, updated, key, comment)

    def newest(self, key: str, *, comment: str | None = None) -> Record:
        """A record whose last change is that of the establishment itself."""
        return self.touched(key, self._latest, comment=comment)

    def touched(self, key: str, moment: datetime, *, comment: str | None = None) -> Record:
        """A record whose last change is the moment given."""
        span = int((moment - midnight(FIRST_RECORDS)).total_seconds())
        return Record(moment - timedelta(seconds=self._dice.randrange(span)), moment, key, comment)

    def recently(self) -> datetime:
        """A moment of the day before the last change: when beds were counted."""
        return self._latest - timedelta(minutes=self._dice.randrange(5, 1440))

    def day(self) -> date:
        """An opening day, long before any record."""
        return date(1998, 1, 5) + timedelta(days=self._dice.randrange(7300))
