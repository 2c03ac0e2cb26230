"""Fictitious establishments: named and numbered as such (`dd9999…`, `dd99…` for copies; `979d…` overseas).

The public files hold hardly any medico-social or city establishment. These stand in for them, at a real commune
of the region, without coordinates and without SIRET.
"""

from dataclasses import replace
from functools import cache

from conformance.reference.content.source import Row, housing_prices, rows
from conformance.reference.dataset import Address

# kind, category (R66, or R02 for a practice), name
CATALOGUE = (
    ("ehpad", "500", "EHPAD LES TILLEULS FICTIF"),
    ("cabinet", "SA07", "CABINET MEDICAL DES SOURCES FICTIF"),
    ("ime", "183", "INSTITUT MEDICO-EDUCATIF LES GENETS FICTIF"),
    ("health_centre", "124", "CENTRE DE SANTE DU MARCHE FICTIF"),
    ("mas", "255", "MAISON D'ACCUEIL SPECIALISEE LES ERABLES FICTIVE"),
    ("ssiad", "354", "SSIAD DU CANTON FICTIF"),
    ("nursing_practice", "SA08", "CABINET INFIRMIER DU PONT FICTIF"),
    ("ehpad", "500", "EHPAD LES ACACIAS FICTIF"),
    ("savs", "446", "SERVICE D'ACCOMPAGNEMENT A LA VIE SOCIALE FICTIF"),
    ("health_house", "603", "MAISON DE SANTE PLURIPROFESSIONNELLE FICTIVE"),
)
OVERSEAS = "97"
FIRST_OF_CATALOGUE = 9900
ENTITY_OF_COPIES = 9899


class ScaleTooLarge(ValueError):
    """More copies were asked for than a department has fictitious numbers."""


def _key(number: str) -> str:
    """The ninth character, so that the number passes the Luhn check (a letter counts as its place in base 36)."""
    total = 0
    for place, character in enumerate(reversed(number)):
        digit = int(character, 36) % 10
        doubled = digit * 2 if place % 2 == 0 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)


def number(department: str, serial: int) -> str:
    """A FINESS number of the fictitious range of a department; serials 9900 and above are those of the catalogue."""
    prefix = f"979{department[-1]}" if department.startswith(OVERSEAS) else f"{department}99"
    head = f"{prefix}{serial:04d}"
    return head + _key(head)


def _places(region: str) -> tuple[Row, ...]:
    """One real row per department of the region, in the order of the file: where a fictitious one may stand."""
    found: dict[str, Row] = {}
    for row in rows():
        if row.region == region:
            found.setdefault(row.department, row)
    return tuple(found.values())


@cache
def fictitious_rows(region: str) -> tuple[Row, ...]:
    """The fictitious establishments of a region, spread over its departments; the first department also has the EJ."""
    places = _places(region)
    priced = housing_prices().get(region, ())
    head = number(places[0].department, 9999)
    made = []
    for index, (kind, category, name) in enumerate(CATALOGUE):
        place = places[index % len(places)]
        made.append(
            Row(
                finess=number(place.department, FIRST_OF_CATALOGUE + index),
                legal_entity=head,
                name=name,
                category=category,
                kind=kind,
                department=place.department,
                region=region,
                address=Address(
                    post_code=place.address.post_code,
                    city=place.address.city,
                    insee=place.address.insee,
                    number=str(index + 1),
                    street_type="R",
                    street="DES EXEMPLES FICTIFS",
                ),
                status="60",
                prices=priced[index % len(priced)][1] if priced and kind == "ehpad" else None,
                fictitious=True,
            )
        )
    return tuple(made)


def copy_of(row: Row, serial: int) -> Row:
    """A copy of an establishment under a fictitious number, to make a region larger than the public files are."""
    if serial >= ENTITY_OF_COPIES:
        raise ScaleTooLarge(f"department {row.department}: {ENTITY_OF_COPIES} copies at most")
    return replace(
        row,
        finess=number(row.department, serial),
        legal_entity=number(row.department, ENTITY_OF_COPIES),
        name=f"{row.name} COPIE FICTIVE {serial:04d}",
        telephone=None,
        siret=None,
        status="60",
        fictitious=True,
    )
