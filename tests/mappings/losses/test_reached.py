"""Every row of the table is reached: by the reference content, by documents drawn from the schemas, by the small
objects and documents below, or by a test of the rule itself, which names it. The few that nothing reaches are listed.
"""

import re
import types
import typing
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from lxml import etree

from mappings.csd.dialect import Dialect
from mappings.csd.documents import FORMATS
from mappings.csd.search_2016_answer import MAXIMUM_UNITS, read_answer, write_answer
from mappings.csd.version import Version
from mappings.csd.xml import parse
from mappings.exposition.anomalie import Anomalie, Designation
from mappings.exposition.contact import BoiteLettreMSS, Contact, Horaire, Telecommunication
from mappings.exposition.lieu import (
    CapaciteAccueil,
    CapaciteAccueilOperationnelle,
    CapacitePriseCharge,
    Comptage,
    CoordonneeGeographique,
    Lieu,
    LieuRealisationOffre,
)
from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.organisation import (
    EntiteGeographique,
    EntiteJuridique,
    OrganisationInterne,
    Patientele,
    Tarif,
)
from mappings.exposition.professionnel import Professionnel, SavoirFaire, SituationOperationnelle
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Ajout, Code, Identifiant, Mesure, Metadonnee
from mappings.fhir.tasks import read_task, write_task
from mappings.loss import Ledger, Loss
from mappings.losses.expected import ExpectedLoss, expected_losses, rows_for

TESTS = Path(__file__).parents[2]
CSD = "{urn:ihe:iti:csd:2013}"

# Why nothing reaches a row. It only gets shorter.
NEVER = {
    "csd.default.openFlag": "the flag is deduced before the table can miss it (csd.hours.open-flag)",
    "csd.first.operationalStatus": "a professional takes one entry for each situation",
    "search.radius.centre": "of the federation; tests/gateway/federation knows the search, not yet its ledger",
    "live-search.unit.no-identifier": "of the adapters; no reference solution answers a search without identifiers",
}

EJ, EG, OI, UE, PS = "1019999983", "1019999991", "84/OI", "84/UE", "810000000019"
R246 = "R246"
PRICES = ("basePackageAccomodation", "mealDelivery", "homeDay", "dependencyPrice", "humanHelpPrice", "surchargePrice")
SINCE = datetime(2024, 1, 1, tzinfo=UTC)

PLAIN = {
    str: "texte",
    int: 3,
    Decimal: Decimal("1.5"),
    date: date(2024, 1, 1),
    datetime: SINCE,
    time: time(8),
}


def filled(kind: Any, *, flag: bool, rank: int = 1) -> Any:
    """An object that says everything its class can, twice where it may."""
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        return filled(next(one for one in typing.get_args(kind) if one is not types.NoneType), flag=flag, rank=rank)
    if typing.get_origin(kind) is tuple:
        first, *others = typing.get_args(kind)
        many = ((first, 1), (first, 2)) if others == [Ellipsis] else tuple((one, rank) for one in (first, *others))
        return tuple(filled(one, flag=flag, rank=place) for one, place in many)
    if kind is Code:
        return Code("R999", f"0{rank}", f"Libellé {rank}")
    if kind is Ajout:
        return Ajout("extension", "fhir", '{"url":"x"}')
    if kind is bool:
        return flag
    if kind in PLAIN:
        return f"{PLAIN[kind]} {rank}" if kind is str else PLAIN[kind]
    return kind(**{one.name: filled(one.type, flag=flag, rank=rank) for one in msgspec.structs.fields(kind)})


def everything(*, flag: bool) -> Repertoire:
    """One object of each class, with all that it can say."""

    def made(kind: Any, **identity: Any) -> Any:
        return msgspec.structs.replace(filled(kind, flag=flag), **identity)

    professional = made(Professionnel, cle=PS, offres=(UE,), entites_geographiques=(EG,))
    one_situation = msgspec.structs.replace(professional, situations=professional.situations[:1])
    alone = msgspec.structs.replace(one_situation, cle="810000000027", offres=())
    return Repertoire(
        (made(EntiteJuridique, cle=EJ),),
        (made(EntiteGeographique, cle=EG, entite_juridique=EJ), made(EntiteGeographique, cle="1019999959")),
        (made(OrganisationInterne, cle=OI, parent=EG, entite_geographique=EG),),
        (made(OffreOperationnelle, cle=UE, organisation=OI, entite_geographique=EG),),
        (one_situation, alone),
    )


LINE = CapaciteAccueilOperationnelle(Code("R329", "01"), Code("R330", "01"), Code("R331", "01"), 3)
BARE = Repertoire(
    (EntiteJuridique(EJ, lieu=Lieu(), contacts=(Contact(),), metadonnee=Metadonnee(date_creation=SINCE)),),
    (
        EntiteGeographique(
            EG,
            entite_juridique=EJ,
            identifiants=(Identifiant("1.2.250.1.213.3.2", EG[1:]),),
            lieu=Lieu(coordonnee=CoordonneeGeographique(Decimal(1), Decimal(2), Decimal(3))),
            tarifs=(
                Tarif(Code(R246, "02"), None, Decimal(1)),
                *(Tarif(Code(R246, "02"), None, Decimal(1), variante=name) for name in PRICES),
                Tarif(
                    Code(R246, "04"),
                    None,
                    Decimal(1),
                    variante="surchargePriceResidential",
                    condition_tarifaire=Code("R250", "01"),
                ),
                Tarif(
                    Code(R246, "04"),
                    None,
                    Decimal(1),
                    variante="surchargePrice",
                    nom_prestation=Code("R264", "", "Coiffure"),
                    nom_autre_prestation="Pédicure",
                ),
            ),
            contacts=(Contact(telecommunications=(Telecommunication(Code("R200", "1")),)),),
            metadonnee=Metadonnee(date_mise_a_jour=SINCE),
        ),
        EntiteGeographique("1019999959", habilitation_soins_sans_consentement=True),
    ),
    (
        OrganisationInterne(
            OI,
            parent=EG,
            entite_geographique=EG,
            identifiants=(Identifiant("1.2.3", OI),),
            boites_lettres_mss=(BoiteLettreMSS(),),
        ),
    ),
    (
        OffreOperationnelle(
            UE,
            organisation=OI,
            entite_geographique=EG,
            horaires=(Horaire(),),
            patientele=Patientele(age_min=Mesure(Decimal("1.5"))),
            lieux=(
                LieuRealisationOffre(
                    "84/L",
                    Lieu(coordonnee=CoordonneeGeographique(Decimal(1), Decimal(2))),
                    nom_externe_synchro="Aile A",
                    capacites_prise_charge=(CapacitePriseCharge(capacites=(LINE,)), CapacitePriseCharge()),
                ),
            ),
        ),
        OffreOperationnelle("84/UE-2", capacite_accueil=CapaciteAccueil(lits=Comptage(date_maj=SINCE))),
    ),
    (
        Professionnel(
            PS, savoir_faire=(SavoirFaire(Code("R04", "S")),), situations=(SituationOperationnelle(),), offres=(UE,)
        ),
        Professionnel("810000000027"),
    ),
)

# Elements that make no object once emptied.
EMPTIED = (
    "organization/{0}contactPoint",
    "provider/{0}credential",
    "{0}crisisAccomodationCapacity",
    "deviceDirectory/{0}device",
    "{0}geoCoordinates",
    "{0}limitCharacteristicEquipment",
    "{0}locationRealizedOffer",
    "{0}patientTypeAgeMin",
    "{0}demographic/{0}name",
    "{0}operationalAccommodationCapacity",
    "{0}extension/{0}price",
    "{0}residentialCapactity",
    "serviceDirectory/{0}service",
    "{0}interventionZone",
)


def damaged(document: etree._Element, version: Version) -> Iterator[etree._Element]:
    """Copies of a document, each wrong in one way."""
    for way in EMPTIED:
        copy = parse(etree.tostring(document))
        for found in copy.iterfind(f".//{CSD}{way.format(CSD)}".replace(f"{CSD}{CSD}", CSD)):
            for child in list(found):
                found.remove(child)
        yield copy
    copy = parse(etree.tostring(document))
    for found in copy.iterfind(f".//{CSD}facility/{CSD}codedType"):
        found.text = "Un libellé de la source"
    for found in copy.iter(f"{CSD}careMode"):
        found.set("code", "")
        found.set("displayName", "x")
        found.text = "Un libellé sans code"
    for found in copy.iter(f"{CSD}supportedPatient"):
        found.set("displayName", "x")
    for found in copy.iter(f"{CSD}sensitiveUnit"):
        found.text = "true"
    yield copy


def resources() -> dict[str, Any]:
    """Resources that say more, or less, than the model has places for."""
    activity = {"coding": [{"system": "https://mos.esante.gouv.fr/NOS/TRE_R265-X/FHIR/TRE-R265-X", "code": "01"}]}
    return {
        "Organization/1": {
            "resourceType": "Organization",
            "id": "1",
            "identifier": [{"system": "urn:oid:1.2.250.1.71.4.2.2", "value": EG}],
            "type": [{"coding": [{"system": "https://x/TRE_R66-C/FHIR/TRE-R66-C", "code": "355"}]}],
            "alias": ["Un", "Deux"],
            "address": [{"city": "A"}, {"city": "B"}],
        },
        "HealthcareService/2": {
            "resourceType": "HealthcareService",
            "id": "2",
            "identifier": [{"value": UE}],
            "category": [activity, activity],
            "specialty": [activity],
            "providedBy": {"reference": "Organization/1"},
        },
        "HealthcareService/3": {
            "resourceType": "HealthcareService",
            "id": "3",
            "identifier": [{"value": UE}],
            "providedBy": {"reference": "Organization/1"},
        },
    }


def searched(repertoire: Repertoire) -> Iterator[tuple[str, Loss]]:
    """What the search of 2016 says of objects, written then read."""
    units = tuple(msgspec.structs.replace(BARE.offres[0], cle=f"84/{rank}") for rank in range(MAXIMUM_UNITS + 1))
    for offres in (repertoire.offres, units):
        there, back = Ledger(), Ledger()
        answer = write_answer(msgspec.structs.replace(repertoire, offres=offres), ledger=there)
        answer.find(".//facilityDirectory").append(answer.find(".//facility"))
        first = answer.find(".//facility")
        answer.find(".//facilityDirectory").append(parse(etree.tostring(first)))
        read_answer(answer, ledger=back)
        yield from (("exposition→search-2016", loss) for loss in there.entries)
        yield from (("search-2016→exposition", loss) for loss in back.entries)


def anomalies() -> Iterator[tuple[str, Loss]]:
    """What an anomaly that says little loses."""
    there, back = Ledger(), Ledger()
    for created in (None, SINCE):
        written = write_task(
            Anomalie("1", "requested", Designation("HealthcareService"), date_creation=created), ledger=there
        )
        read_task({**written, "meta": {"versionId": "3"}}, ledger=back)
    yield from (("exposition→fhir", loss) for loss in there.entries)
    yield from (("fhir→exposition", loss) for loss in back.entries)


def small(reference: Any) -> Iterator[tuple[str, Loss]]:
    """What the objects and documents above lose."""
    traveller = reference.Traveller("84")
    for repertoire in (everything(flag=True), everything(flag=False), BARE):
        for version in FORMATS:
            traveller.write(repertoire, version)
        traveller.from_fhir(traveller.to_fhir(repertoire))
        yield from searched(repertoire)
    traveller.from_fhir(resources())
    for version in FORMATS:
        for document in damaged(reference.document(version), version):
            traveller.read(document, version)
    traveller.dialect = Dialect(unite_sensible=True)
    traveller.read(reference.document(Version.V1_6), Version.V1_6)
    yield from ((entry.passage, entry.loss) for entry in traveller.entries)
    yield from anomalies()


def met(reference: Any) -> Iterator[tuple[str, Loss]]:
    for member in reference.MEMBERS:
        journeys = reference.journeys(member)
        yield from told([*reference.national_entries(member), *(one for way in journeys for one in way.entries)])
    for version in FORMATS:
        yield from told(entry for way in reference.drawn_journeys(version, 0) for entry in way.entries)


def told(entries: Iterable[Any]) -> Iterator[tuple[str, Loss]]:
    return ((entry.passage, entry.loss) for entry in entries)


def named_by_a_test(row: ExpectedLoss, texts: str) -> bool:
    return re.search(rf"[\"'.]{re.escape(row.rule.removeprefix('csd.'))}[\"' ]", texts) is not None


def test_small_objects_lose_only_what_is_expected(reference: Any) -> None:
    unexpected = {
        (passage, loss.rule, loss.kind) for passage, loss in small(reference) if not any(rows_for(loss, passage))
    }

    assert unexpected == set()


def test_every_row_is_reached(reference: Any) -> None:
    reached = {id(row) for passage, loss in (*met(reference), *small(reference)) for row in rows_for(loss, passage)}
    texts = "\n".join(
        path.read_text(encoding="utf-8") for path in TESTS.rglob("*.py") if path.parent != Path(__file__).parent
    )

    left = {row.rule for row in expected_losses() if id(row) not in reached and not named_by_a_test(row, texts)}

    assert left == set(NEVER)
