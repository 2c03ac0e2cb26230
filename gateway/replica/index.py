"""What the replica writes beside the objects of an establishment so that searches find them: rows of its tables."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from gateway.federation.codes import CODES
from gateway.federation.criteria import (
    Surroundings,
    name_of,
    places_of,
    postal_codes_of,
    region_of,
    updated,
    years,
)
from gateway.federation.selection import region_of_object, sought
from gateway.replica.payload import Kind, encode, of_kind
from mappings.exposition.demandes import TypeObjet
from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.repertoire import Objet, Repertoire
from mappings.fhir.ids import fhir_id, legal_entity_id
from mappings.nomenclatures.territory import region_of_department

Row = dict[str, Any]

POSTAL_CODES = "codes_postaux"


class Rows(msgspec.Struct, frozen=True):
    """The rows of one establishment, by table."""

    objects: tuple[Row, ...]
    offers: tuple[Row, ...]
    codes: tuple[Row, ...]
    places: tuple[Row, ...]
    owners: tuple[Row, ...]
    parts: tuple[Row, ...]


def rows(member: str, eg: str, repertoire: Repertoire) -> Rows:
    """Everything the replica keeps of the reading of one establishment."""
    around = Surroundings(repertoire)
    return Rows(
        objects=tuple(_object(member, eg, kind, objet) for kind, objet in of_kind(repertoire)),
        offers=tuple(_offer(member, eg, offre, around) for offre in repertoire.offres),
        codes=tuple(row for offre in repertoire.offres for row in _codes(member, offre, around)),
        places=tuple(row for offre in repertoire.offres for row in _places(member, offre, around)),
        owners=tuple(
            {"member": member, "key": offre.cle, "owner": owner}
            for offre in repertoire.offres
            for owner in sorted(around.owners(offre))
        ),
        parts=tuple(_parts(member, eg, repertoire)),
    )


def _object(member: str, eg: str, kind: Kind, objet: Objet) -> Row:
    region = region_of(objet, member) if isinstance(objet, OffreOperationnelle) else region_of_object(objet, member)
    return {
        "member": member,
        "eg": eg,
        "kind": kind.value,
        "key": objet.cle,
        "fhir_id": legal_entity_id(objet.cle) if kind is Kind.EJ else fhir_id(objet.cle),
        "region": region,
        "updated": instant(updated(objet)),
        "payload": encode(objet),
    }


def _offer(member: str, eg: str, offre: OffreOperationnelle, around: Surroundings) -> Row:
    establishment = around.establishment(offre)
    patientele = offre.patientele
    return {
        "member": member,
        "key": offre.cle,
        "eg": eg,
        "region": region_of(offre, member),
        "category": establishment.categorie.code if establishment and establishment.categorie else None,
        "name": name_of(offre),
        "updated": instant(updated(offre)),
        "age_min": number(years(patientele.age_min)) if patientele is not None else None,
        "age_max": number(years(patientele.age_max)) if patientele is not None else None,
        "sensitive": int(bool(offre.unite_sensible)),
    }


def _codes(member: str, offre: OffreOperationnelle, around: Surroundings) -> Iterator[Row]:
    said = {group.name: {code.cle for code in group.of(offre)} for groups in CODES.values() for group in groups}
    said[POSTAL_CODES] = {("", code) for code in postal_codes_of(offre, around.establishment(offre))}
    for criterion, codes in said.items():
        for system, code in sorted(codes):
            yield {"member": member, "key": offre.cle, "criterion": criterion, "system": system, "code": code}


def _places(member: str, offre: OffreOperationnelle, around: Surroundings) -> Iterator[Row]:
    for place in places_of(offre, around.establishment(offre)):
        yield {
            "member": member,
            "key": offre.cle,
            "commune": place.commune,
            "department": place.department,
            "region": region_of_department(place.department) if place.department is not None else None,
            "latitude": number(place.latitude),
            "longitude": number(place.longitude),
        }


def _parts(member: str, eg: str, repertoire: Repertoire) -> Iterator[Row]:
    for objet in (TypeObjet.LIEU, TypeObjet.SITUATION):
        for found in sought(repertoire, objet, member):
            yield {
                "member": member,
                "eg": eg,
                "kind": objet.value,
                "key": found.key,
                "fhir_id": fhir_id(found.key),
                "region": found.region,
                "updated": instant(updated(found.held_by)),
                "holder": found.held_by.cle,
            }


def instant(at: datetime | None) -> float | None:
    """An instant as the replica orders them: seconds since 1970."""
    return at.timestamp() if at is not None else None


def number(value: Decimal | None) -> float | None:
    """A figure as SQL compares it."""
    return float(value) if value is not None else None
