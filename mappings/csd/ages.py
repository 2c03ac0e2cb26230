"""Ages as the search of 2016 says them: a number in a unit of TRE_R215, or classes of TRE_R208 (contract section 16).

TRE_R215 is not UCUM: `m` is a month and `j` a day. Inside, an age is a number of years.
"""

from decimal import Decimal

from mappings.exposition.organisation import Patientele
from mappings.exposition.values import Code, Mesure

UNITS = "R215"
CLASSES = "R208"
UCUM = "R247"

_DAY = Decimal(1) / Decimal("365.25")
YEARS_PER_UCUM: dict[str, Decimal] = {
    "a": Decimal(1),
    "mo": Decimal(1) / 12,
    "wk": _DAY * 7,
    "d": _DAY,
    "h": _DAY / 24,
    "min": _DAY / 1440,
    "s": _DAY / 86400,
    "ms": _DAY / 86_400_000,
}
UCUM_OF_UNIT = {"a": "a", "m": "mo", "j": "d", "h": "h", "mn": "min", "s": "s", "ms": "ms"}

# Lower bound included, upper bound excluded, in years; the last class has no upper bound.
BOUNDS: dict[str, tuple[Decimal, Decimal]] = {
    "01": (Decimal(0), _DAY * 28),
    "02": (_DAY * 28, Decimal(2)),
    "03": (Decimal(2), Decimal(12)),
    "04": (Decimal(12), Decimal(16)),
    "05": (Decimal(16), Decimal(22)),
    "06": (Decimal(22), Decimal(65)),
    "10": (Decimal(65), Decimal(75)),
    "11": (Decimal(75), Decimal("Infinity")),
}


def years(value: Decimal, ucum: str) -> Decimal | None:
    """A duration in years; None when the unit is not one of time."""
    factor = YEARS_PER_UCUM.get(ucum)
    return (value * factor).quantize(Decimal("0.000001")).normalize() if factor is not None else None


def spelling(age: Decimal) -> tuple[str, str]:
    """An age in the largest unit of TRE_R215 that says it as a whole number, days at the finest."""
    if age == age.to_integral_value():
        return str(int(age)), "a"
    months = age * 12
    if abs(months - months.to_integral_value()) < Decimal("0.0001"):
        return str(int(months.to_integral_value())), "m"
    return str(int((age / _DAY).to_integral_value())), "j"


def classes(patientele: Patientele) -> tuple[Code, ...]:
    """The classes that the ages received overlap; none when the source gives no age."""
    lowest, highest = _years(patientele.age_min), _years(patientele.age_max)
    if lowest is None and highest is None:
        return ()
    return tuple(
        Code(CLASSES, code)
        for code, (low, high) in BOUNDS.items()
        if (lowest is None or lowest < high) and (highest is None or highest >= low)
    )


def _years(mesure: Mesure | None) -> Decimal | None:
    if mesure is None:
        return None
    return years(mesure.valeur, mesure.unite.code if mesure.unite is not None else "a")
