"""The rows of the public files: one establishment, its address, its real beds."""

import csv
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from conformance.reference.content.codes import DATA
from conformance.reference.dataset import Address, Position

KIND_OF_CATEGORY = {
    "500": "ehpad",
    "354": "ssiad",
    "189": "cmpp",
    "223": "pmi",
    "214": "chrs",
    "146": "dialysis",
    "141": "dialysis",
}


@dataclass(frozen=True, slots=True)
class Capacity:
    """Beds and places of one establishment by field (SAE 2023), and its flags."""

    beds: dict[str, int]
    places: dict[str, int]
    had: bool = False
    emergency: bool = False
    smur: bool = False
    samu: bool = False


NO_CAPACITY = Capacity({}, {})


@dataclass(frozen=True, slots=True)
class HousingPrices:
    """The price figures of one EHPAD of the CNSA file, in euros."""

    single_room: Decimal
    double_room: Decimal | None
    dependency: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One establishment as the sources give it; `kind` tells which offers to build."""

    finess: str
    legal_entity: str
    name: str
    category: str
    kind: str
    department: str
    region: str
    address: Address
    status: str | None = None
    siret: str | None = None
    telephone: str | None = None
    position: Position | None = None
    capacity: Capacity = NO_CAPACITY
    fields: frozenset[str] = frozenset()
    prices: HousingPrices | None = None
    fictitious: bool = False


def _number(row: dict[str, str], column: str) -> int:
    return int(row[column] or 0)


@cache
def capacities() -> dict[str, Capacity]:
    """Capacity by FINESS number of the establishment."""
    with (DATA / "capacites_sanitaires.csv").open(encoding="utf-8", newline="") as lines:
        return {
            row["finess_eg"]: Capacity(
                beds={
                    "MCO": _number(row, "lits_mco"),
                    "PSY": _number(row, "lits_psy"),
                    "SMR": _number(row, "lits_smr"),
                    "USLD": _number(row, "lits_usld"),
                },
                places={
                    "MCO": _number(row, "places_mco"),
                    "PSY": _number(row, "places_psy"),
                    "SMR": _number(row, "places_smr"),
                },
                had=row["had"] == "1",
                emergency=row["urgences"] == "1",
                smur=row["smur"] == "1",
                samu=row["samu"] == "1",
            )
            for row in csv.DictReader(lines)
        }


def _address(row: dict[str, str]) -> Address:
    return Address(
        post_code=row["code_postal"],
        city=row["commune"],
        insee=row["commune_insee"],
        number=row["numero_voie"] or None,
        street_type=row["type_voie"] or None,
        street=row["libelle_voie"] or None,
        complement=row["complement"] or None,
    )


def _position(row: dict[str, str]) -> Position | None:
    if not row["latitude"]:
        return None
    return Position(Decimal(row["latitude"]), Decimal(row["longitude"]))


@cache
def rows() -> tuple[Row, ...]:
    """Every establishment of the file, in its order."""
    with (DATA / "etablissements.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(
            Row(
                finess=row["finess_eg"],
                legal_entity=row["finess_ej"],
                name=row["raison_sociale"],
                category=row["categorie_code"],
                kind=KIND_OF_CATEGORY.get(row["categorie_code"], "hospital"),
                department=row["departement"],
                region=row["region_code"],
                address=_address(row),
                status=row["statut_juridique_code"] or None,
                siret=row["siret"] or None,
                telephone=row["telephone"] or None,
                position=_position(row),
                capacity=capacities().get(row["finess_eg"], NO_CAPACITY),
                fields=frozenset(row["champs"].split("|")) - {""},
            )
            for row in csv.DictReader(lines)
        )


@cache
def housing_prices() -> dict[str, tuple[tuple[str, HousingPrices], ...]]:
    """The EHPAD prices of each metropolitan region, with the name they were published under."""
    found: dict[str, list[tuple[str, HousingPrices]]] = {}
    with (DATA / "ehpad_tarifs_metropole.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if not row["prix_mensuel_chambre_simple_eur"]:
                continue
            double = row["prix_mensuel_chambre_double_eur"]
            levels = (
                ("01", "tarif_mensuel_gir_1_2_eur"),
                ("02", "tarif_mensuel_gir_3_4_eur"),
                ("03", "tarif_mensuel_gir_5_6_eur"),
            )
            prices = HousingPrices(
                single_room=Decimal(row["prix_mensuel_chambre_simple_eur"]),
                double_room=Decimal(double) if double else None,
                dependency=tuple((level, Decimal(row[column])) for level, column in levels if row[column]),
            )
            found.setdefault(row["region_code"], []).append((row["nom"], prices))
    return {region: tuple(prices) for region, prices in found.items()}
