"""What is written is valid R4, keeps the cardinalities, and says in the ledger what it could not carry."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from fhirclient.models.healthcareservice import HealthcareService
from fhirclient.models.location import Location
from fhirclient.models.organization import Organization
from fhirclient.models.practitioner import Practitioner
from fhirclient.models.practitionerrole import PractitionerRole

from mappings.exposition.contact import Contact, Horaire, Telecommunication
from mappings.exposition.lieu import (
    Adresse,
    CapaciteAccueil,
    CapaciteAccueilCrise,
    CapaciteHabitation,
    Comptage,
    DivisionTerritoriale,
    EquipementSpecifique,
    Lieu,
    LigneAdresse,
)
from mappings.exposition.offre import ActiviteOperationnelle, CompetenceRessource, OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique, EntiteJuridique, OrganisationInterne, Tarif
from mappings.exposition.professionnel import Professionnel, SavoirFaire, SituationOperationnelle
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Ajout, Code, Identifiant, Mesure, Metadonnee
from mappings.fhir.addresses import address
from mappings.fhir.datatypes import coded, coding, concept, quantity
from mappings.fhir.encoding import encode
from mappings.fhir.notes import Notes
from mappings.fhir.prices import price
from mappings.fhir.read import read
from mappings.fhir.validation.validator import validate
from mappings.fhir.write import encoded, write
from mappings.fhir.xml import to_xml
from mappings.loss import Ledger, LossKind, Severity

NAT_STRUCT = "urn:oid:1.2.250.1.71.4.2.2"
FINESS = "https://finess.esante.gouv.fr"
SIRENE = "https://sirene.fr"
MODELS = {
    "HealthcareService": HealthcareService,
    "Location": Location,
    "Organization": Organization,
    "Practitioner": Practitioner,
    "PractitionerRole": PractitionerRole,
}
CARDINALITIES = json.loads((Path(__file__).parent / "data" / "cardinalities-0.7.0.json").read_text(encoding="utf-8"))
BARE = Repertoire(
    entites_juridiques=(EntiteJuridique("1010000001"),),
    entites_geographiques=(EntiteGeographique("1010000002"),),
    organisations_internes=(OrganisationInterne("84/OI-1"),),
    offres=(OffreOperationnelle("84/UE-1", organisation="84/OI-1", capacite_accueil=CapaciteAccueil(Comptage(3))),),
    professionnels=(Professionnel("810000000001", offres=("84/UE-1",)),),
)


def written(repertoire: Repertoire) -> tuple[dict[str, Any], dict[str, LossKind]]:
    """The resources as they leave, and what happened by rule."""
    ledger = Ledger()
    resources = {
        reference: json.loads(encode(resource)) for reference, resource in write(repertoire, ledger=ledger).items()
    }
    return resources, {entry.rule: entry.kind for entry in ledger.entries}


def with_offer(region: Repertoire, **changes: Any) -> Repertoire:
    offre = msgspec.structs.replace(region.offres[0], **changes)
    return msgspec.structs.replace(region, offres=(offre,))


def extensions(resource: dict[str, Any], slug: str) -> list[dict[str, Any]]:
    return [part for part in resource.get("extension", []) if part["url"].endswith(f"/{slug}")]


def codes(concepts: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    return [
        (coding["system"].rsplit("/", 1)[-1].split("-")[1], coding.get("code"))
        for concept in concepts
        for coding in concept["coding"]
    ]


def outside(value: int, bounds: list[Any]) -> bool:
    return value < bounds[0] or (bounds[1] != "*" and value > int(bounds[1]))


def complex_faults(part: dict[str, Any]) -> list[str]:
    """The cardinalities that an extension and those inside it break."""
    inside = [sub["url"] for sub in part.get("extension", [])]
    rules = CARDINALITIES["extensions"].get(part["url"], {})
    faults = [f"{part['url']} {url}" for url, bounds in rules.items() if outside(inside.count(url), bounds)]
    return faults + [fault for sub in part.get("extension", []) for fault in complex_faults(sub)]


@pytest.mark.parametrize("bare", [False, True], ids=["rich", "with nothing said"])
def test_every_resource_is_valid_r4_and_keeps_the_cardinalities(region: Repertoire, bare: bool) -> None:
    resources, _ = written(BARE if bare else region)

    for reference, resource in resources.items():
        MODELS[resource["resourceType"]](resource, strict=True)
        rules = CARDINALITIES[resource["resourceType"]]
        urls = [part["url"] for part in resource["extension"]]
        faults = [url for url, bounds in rules["extensions"].items() if outside(urls.count(url), bounds)]
        for name, bounds in rules["elements"].items():
            held = resource.get(name, [])
            if outside(len(held) if isinstance(held, list) else 1, bounds):
                faults.append(name)
        faults += [fault for part in resource["extension"] for fault in complex_faults(part)]
        assert (reference, faults) == (reference, [])


def test_one_care_mode_one_activity_one_type_of_know_how_whatever_the_source_says() -> None:
    resources, rules = written(BARE)

    offer = resources["HealthcareService/84.UE-1"]
    assert codes(offer["characteristic"]) == [("R213", None)]
    assert codes(offer["specialty"]) == [("R211", None)]
    assert codes(offer["type"]) == [("R227", None)]
    assert codes(resources["PractitionerRole/810000000001.84.UE-1"]["specialty"]) == [("R04", None)]
    assert {
        "fhir.offer.care-mode",
        "fhir.offer.activity",
        "fhir.offer.field-of-activity",
        "fhir.offer.sensitive-unit",
        "fhir.offer.age",
        "fhir.role.expertise-type",
        "fhir.role.exercise-mode",
        "fhir.role.profession",
        "fhir.organization.category",
        "fhir.place.commune",
        "fhir.meta.creation-date",
    } <= {rule for rule, kind in rules.items() if kind is LossKind.DEFAULTED}


def test_meta_names_the_region_and_no_host(region: Repertoire) -> None:
    told = Metadonnee(source="https://ror.region.exemple", statut="actif", identifiant="7", region_source="84")

    resources, rules = written(with_offer(region, metadonnee=told))

    meta = resources["HealthcareService/84.UE-0001"]["meta"]
    assert meta["tag"] == [
        {"system": "https://mos.esante.gouv.fr/NOS/TRE_R30-RegionOM/FHIR/TRE-R30-RegionOM", "code": "84"}
    ]
    assert "source" not in meta
    assert "exemple" not in json.dumps(meta)
    assert rules["fhir.meta.record"] is LossKind.DROPPED


def test_organisations_are_linked_upwards(region: Repertoire) -> None:
    resources, _ = written(region)

    chain = []
    reference = resources["HealthcareService/84.UE-0001"]["providedBy"]["reference"]
    while reference:
        chain.append(reference)
        reference = resources[reference].get("partOf", {}).get("reference")
    assert chain == [
        "Organization/84.OI-2",
        "Organization/84.OI-1",
        "Organization/1010000002",
        "Organization/1010000001.EJ",
    ]


@pytest.mark.parametrize(
    ("cle", "identifiants", "expected"),
    [
        pytest.param("1010000002", (), [(NAT_STRUCT, "1010000002"), (FINESS, "010000002")], id="FINESS"),
        pytest.param("2921317258", (), [(NAT_STRUCT, "2921317258"), (SIRENE, "921317258")], id="SIREN"),
        pytest.param("392131725800020", (), [(NAT_STRUCT, "392131725800020"), (SIRENE, "92131725800020")], id="SIRET"),
        pytest.param(
            "1010000002",
            (Identifiant("1.2.250.1.71.1.2.14", "010000002"), Identifiant("1.3.2", "92131725800020")),
            [
                (NAT_STRUCT, "1010000002"),
                (FINESS, "010000002"),
                (SIRENE, "92131725800020"),
            ],
            id="older system restated, SIRET besides",
        ),
    ],
)
def test_the_bare_number_stands_beside_id_nat_struct(
    cle: str, identifiants: tuple[Identifiant, ...], expected: list[tuple[str, str]]
) -> None:
    resources, _ = written(Repertoire(entites_geographiques=(EntiteGeographique(cle, identifiants=identifiants),)))

    (resource,) = resources.values()
    assert [(one["system"], one["value"]) for one in resource["identifier"]] == expected


def test_a_key_good_for_one_answer_is_not_written_as_an_identifier() -> None:
    resources, rules = written(Repertoire(offres=(OffreOperationnelle("LOCAL-84-u1"),)))

    assert "identifier" not in resources["HealthcareService/LOCAL-84-u1"]
    assert rules["fhir.identifier.none"] is LossKind.UNRESOLVED


OLDER = {
    "lieux": (),
    "lieu_unite": Lieu(nom="Bâtiment C"),
    "capacite_accueil": CapaciteAccueil(Comptage(20, 3), Comptage(5, None)),
    "capacites_habitation_unite": (CapaciteHabitation(Code("R242", "01"), 2),),
    "equipements_unite": (EquipementSpecifique(Code("R212", "088")),),
}


def test_a_unit_of_an_older_version_gets_one_place(region: Repertoire) -> None:
    resources, rules = written(with_offer(region, **OLDER))

    place = resources["Location/84.UE-0001.lieu"]
    assert resources["HealthcareService/84.UE-0001"]["location"] == [{"reference": "Location/84.UE-0001.lieu"}]
    assert place["name"] == "Bâtiment C"
    assert "identifier" not in place
    assert codes([extensions(place, "ror-commune-cog")[0]["valueCodeableConcept"]]) == [("R13", "01053")]
    assert len(extensions(place, "ror-location-equipment")) == 1
    assert len(extensions(place, "ror-location-residential-capacity")) == 1
    lines = [
        {sub["url"]: sub for sub in line["extension"]} for line in extensions(place, "ror-location-supported-capacity")
    ]
    assert [
        (
            codes([line["capacityType"]["valueCodeableConcept"]])[0][1],
            codes([line["capacityStatus"]["valueCodeableConcept"]])[0][1],
            line["nbCapacity"]["valueInteger"],
        )
        for line in lines
    ] == [("01", "01", 20), ("01", "02", 3), ("02", "01", 5)]
    assert {line["capacityUpdateDate"]["valueDateTime"] for line in lines} == {"2024-05-06T07:08:09+00:00"}
    assert rules["fhir.capacity.from-totals"] is LossKind.DERIVED
    assert rules["fhir.capacity.source-type"] is LossKind.DEFAULTED
    assert rules["fhir.capacity.update-date"] is LossKind.DERIVED
    assert rules["fhir.place.commune"] is LossKind.DERIVED


def test_the_capacity_of_a_unit_goes_to_its_only_place(region: Repertoire) -> None:
    resources, _ = written(with_offer(region, capacite_accueil=CapaciteAccueil(Comptage(20))))

    assert [reference for reference in resources if reference.startswith("Location/")] == ["Location/84.L-1"]
    assert len(extensions(resources["Location/84.L-1"], "ror-location-supported-capacity")) == 2


HOSPITAL = Code("R213", "28")


@pytest.mark.parametrize(
    ("changes", "expected", "rule"),
    [
        pytest.param({"accueil_sequentiel_accepte": True}, ("R338", "01"), "fhir.offer.older-element", id="sequential"),
        pytest.param(
            {"type_maternite": Code("R253", "01")}, ("R253", "01"), "fhir.offer.older-element", id="maternity"
        ),
        pytest.param(
            {"competence_ressource": CompetenceRessource(professions=(Code("G15", "10"),))},
            ("G15", "10"),
            "fhir.offer.older-element",
            id="professions",
        ),
        pytest.param(
            {"competence_ressource": CompetenceRessource(competences_specifiques=(Code("R243", "07"),))},
            ("R243", "07"),
            "fhir.offer.older-element",
            id="competences",
        ),
    ],
)
def test_what_older_versions_say_otherwise_is_said_and_noted(
    region: Repertoire, changes: dict[str, Any], expected: tuple[str, str], rule: str
) -> None:
    resources, rules = written(with_offer(region, **changes))

    assert expected in codes(resources["HealthcareService/84.UE-0001"]["characteristic"])
    assert rules[rule] is LossKind.DERIVED


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"date_ouverture": date(2000, 1, 1)}, "fhir.offer.opening-date"),
        ({"complements_nom": ("autre",)}, "fhir.offer.additional-name"),
        ({"capacite_accueil_crise": CapaciteAccueilCrise(1, 2)}, "fhir.offer.crisis-capacity"),
        ({"champs_activite": (Code("R227", "01"), Code("R227", "02"))}, "fhir.offer.one-field-of-activity"),
        (
            {"competence_ressource": CompetenceRessource(specialites_ordinales=(Code("R38", "SM04"),))},
            "fhir.offer.ordinal-specialities",
        ),
        ({"accueil_sequentiel_accepte": False}, "fhir.offer.no-sequential-reception"),
        ({"zones_intervention": (DivisionTerritoriale(Code("R201", "2"), Code("G09", "01")),)}, "fhir.territory.type"),
        ({"ajouts": (Ajout("extension/room", "csd", "<room/>"),)}, "fhir.addition.format"),
        ({"identifiants": (Identifiant("1.2.3", "autre"),)}, "fhir.offer.one-identifier"),
    ],
)
def test_what_has_no_slot_is_noted_as_dropped(region: Repertoire, changes: dict[str, Any], rule: str) -> None:
    _, rules = written(with_offer(region, **changes))

    assert rules[rule] is LossKind.DROPPED


def test_several_activities_are_all_written_and_noted(region: Repertoire) -> None:
    activites = (ActiviteOperationnelle(Code("R211", "022")), ActiviteOperationnelle(Code("R211", "023")))

    resources, rules = written(with_offer(region, activites=activites))

    assert codes(resources["HealthcareService/84.UE-0001"]["specialty"]) == [("R211", "022"), ("R211", "023")]
    assert rules["fhir.offer.several-activities"] is LossKind.INCONSISTENT


@pytest.mark.parametrize(("field", "expected"), [("03", [True]), ("01", [])], ids=["psychiatric unit", "another unit"])
def test_the_habilitation_of_an_establishment_is_that_of_its_psychiatric_units(
    region: Repertoire, field: str, expected: list[bool]
) -> None:
    site = msgspec.structs.replace(region.entites_geographiques[0], habilitation_soins_sans_consentement=True)
    offers = with_offer(region, champs_activite=(Code("R227", field),), habilitation_soins_sans_consentement=None)

    resources, rules = written(msgspec.structs.replace(offers, entites_geographiques=(site,)))

    said = extensions(resources["HealthcareService/84.UE-0001"], "ror-healthcareservice-no-consent-habilitation")
    assert [part["valueBoolean"] for part in said] == expected
    assert rules["fhir.offer.no-consent"] is (LossKind.DERIVED if expected else LossKind.DROPPED)


def test_hours_are_one_entry_per_day_and_a_closed_slot_says_so(region: Repertoire) -> None:
    resources, rules = written(with_offer(region, horaires=(Horaire(jours=(1, 7), ouvert=False),)))

    entries = resources["HealthcareService/84.UE-0001"]["availableTime"]
    assert [entry["daysOfWeek"] for entry in entries] == [["mon"], ["sun"]]
    assert [extensions(entry, "ror-available-time-number-days-of-week")[0]["valueInteger"] for entry in entries] == [
        1,
        7,
    ]
    kinds = [extensions(entry, "ror-available-time-type-of-time")[0]["valueCodeableConcept"] for entry in entries]
    assert codes(kinds) == [("R252", "08"), ("R252", "08")]
    assert rules["fhir.hours.open-flag"] is LossKind.DERIVED


def test_a_day_out_of_the_week_is_noted(region: Repertoire) -> None:
    _, rules = written(with_offer(region, horaires=(Horaire(jours=(0, 8)),)))

    assert rules["fhir.hours.day"] is LossKind.UNMAPPED


@pytest.mark.parametrize(
    ("of_contact", "of_telecom", "expected", "rule"),
    [
        pytest.param(
            "2", "1", "2", ("fhir.confidentiality.raised", LossKind.REPAIRED), id="more open than its contact"
        ),
        pytest.param("1", "3", "3", None, id="more protected"),
        pytest.param("2", None, "2", ("fhir.confidentiality.of-contact", LossKind.DERIVED), id="not said"),
        pytest.param(None, "1", "3", ("fhir.confidentiality.absent", LossKind.DEFAULTED), id="contact without level"),
    ],
)
def test_a_telecom_is_never_more_open_than_its_contact(
    region: Repertoire,
    of_contact: str | None,
    of_telecom: str | None,
    expected: str,
    rule: tuple[str, LossKind] | None,
) -> None:
    telecom = Telecommunication(Code("R200", "1"), "06", None, of_telecom and Code("R283", of_telecom))
    contact = Contact(
        "x", niveau_confidentialite=of_contact and Code("R283", of_contact), telecommunications=(telecom,)
    )

    resources, rules = written(with_offer(region, contacts=(contact,)))

    (said,) = extensions(resources["HealthcareService/84.UE-0001"], "ror-healthcareservice-contact")
    (reach,) = extensions(said, "ror-healthcareservice-contact-telecom")
    (level,) = extensions(reach, "ror-telecom-confidentiality-level")
    assert codes([level["valueCodeableConcept"]]) == [("R283", expected)]
    assert rule is None or rules[rule[0]] is rule[1]


def test_a_telecom_without_address_is_noted(region: Repertoire) -> None:
    contact = Contact("x", telecommunications=(Telecommunication(Code("R200", "1")),))

    _, rules = written(with_offer(region, contacts=(contact,)))

    assert rules["fhir.telecom.without-address"] is LossKind.DROPPED


def professional(region: Repertoire, **changes: Any) -> Repertoire:
    changed = msgspec.structs.replace(region.professionnels[0], **changes)
    return msgspec.structs.replace(region, professionnels=(changed,))


def test_a_professional_of_two_units_has_two_roles(region: Repertoire) -> None:
    situations = (
        SituationOperationnelle(mode_exercice=Code("R23", "L")),
        SituationOperationnelle(mode_exercice=Code("R23", "S")),
    )
    resources, _ = written(professional(region, offres=("84/UE-0001", "84/UE-2"), situations=situations))

    roles = [resource for resource in resources.values() if resource["resourceType"] == "PractitionerRole"]
    modes = [extensions(role, "ror-practitionerrole-unit-exercise-mode")[0]["valueCodeableConcept"] for role in roles]
    assert [role["healthcareService"][0]["reference"] for role in roles] == [
        "HealthcareService/84.UE-0001",
        "HealthcareService/84.UE-2",
    ]
    assert codes(modes) == [("R23", "L"), ("R23", "S")]


UNITS = ("84/UE-0001", "84/UE-2", "84/UE-3")


@pytest.mark.parametrize(
    ("ties", "modes", "told"),
    [
        pytest.param({"L": UNITS[:2], "S": UNITS[2:]}, ["L", "L", "S"], False, id="one in two units"),
        pytest.param(
            {"L": UNITS[1:2], "S": UNITS[:1]}, ["S", "L", None], False, id="in another order, one unit without"
        ),
        pytest.param({"L": UNITS[:1], "S": UNITS[:1], "B": UNITS[1:2]}, ["L", "B", None], True, id="two in one unit"),
        pytest.param({"L": (), "S": ()}, ["L", "S", "L"], True, id="nothing tells"),
    ],
)
def test_a_role_has_the_situation_of_its_unit(
    region: Repertoire, ties: dict[str, tuple[str, ...]], modes: list[str | None], told: bool
) -> None:
    situations = tuple(
        SituationOperationnelle(mode_exercice=Code("R23", mode), offres=units) for mode, units in ties.items()
    )

    resources, rules = written(professional(region, offres=UNITS, situations=situations))

    roles = [resource for resource in resources.values() if resource["resourceType"] == "PractitionerRole"]
    (found,) = zip(
        *(extensions(role, "ror-practitionerrole-unit-exercise-mode")[:1] or [{}] for role in roles), strict=True
    )
    codings = [one["valueCodeableConcept"]["coding"][0] if one else {} for one in found]
    assert [one.get("code") for one in codings] == modes
    assert ("fhir.role.situation-of-offer" in rules) is told


@pytest.mark.parametrize(
    ("changes", "rule", "kind"),
    [
        ({"offres": ()}, "fhir.role.without-offer", LossKind.DROPPED),
        ({"professions": (Code("G15", "10"), Code("G15", "21"))}, "fhir.role.one-profession", LossKind.DROPPED),
        ({"entites_geographiques": ("1999999999",)}, "fhir.role.site-without-offer", LossKind.DROPPED),
        ({"situations": (SituationOperationnelle(),) * 3}, "fhir.role.situation-of-offer", LossKind.INCONSISTENT),
        (
            {
                "savoir_faire": (
                    SavoirFaire(Code("R04", "S"), (Code("R38", "SM04"),)),
                    SavoirFaire(Code("R04", "S"), (Code("R38", "SM05"),)),
                )
            },
            "fhir.role.one-value-per-slice",
            LossKind.DROPPED,
        ),
        (
            {"savoir_faire": (SavoirFaire(Code("R04", "S"), (Code("R38", "SM04"),)), SavoirFaire(Code("R04", "FQ")))},
            "fhir.role.one-expertise-type",
            LossKind.DROPPED,
        ),
        ({"savoir_faire": (SavoirFaire(Code("R04", "S"), numero="7"),)}, "fhir.role.credential", LossKind.DROPPED),
        (
            {"situations": (SituationOperationnelle(visite_domicile=False),)},
            "fhir.role.no-home-visit",
            LossKind.DROPPED,
        ),
    ],
)
def test_what_a_role_cannot_say_is_noted(
    region: Repertoire, changes: dict[str, Any], rule: str, kind: LossKind
) -> None:
    _, rules = written(professional(region, **changes))

    assert rules[rule] is kind


def test_a_home_visit_is_a_reception_of_the_offer(region: Repertoire) -> None:
    visiting = professional(region, situations=(SituationOperationnelle(visite_domicile=True),))

    resources, rules = written(
        msgspec.structs.replace(visiting, offres=with_offer(region, modalites_accueil=()).offres)
    )

    assert ("R338", "05") in codes(resources["HealthcareService/84.UE-0001"]["characteristic"])
    assert rules["fhir.offer.older-element"] is LossKind.DERIVED


def test_a_place_of_two_offers_is_written_once_and_a_difference_noted(region: Repertoire) -> None:
    (offre,) = region.offres
    same = msgspec.structs.replace(offre, cle="84/UE-2")
    other = msgspec.structs.replace(
        offre, cle="84/UE-3", lieux=(msgspec.structs.replace(offre.lieux[0], nom_externe_synchro="X"),)
    )

    _, agreed = written(msgspec.structs.replace(region, offres=(offre, same)))
    resources, disagreed = written(msgspec.structs.replace(region, offres=(offre, other)))

    assert "fhir.object.same-key" not in agreed
    assert disagreed["fhir.object.same-key"] is LossKind.INCONSISTENT
    assert resources["Location/84.L-1"]["alias"] == ["CHIR ETAGE 2"]


def test_two_different_objects_of_one_id_are_one_and_the_other_is_told_as_lost(region: Repertoire) -> None:
    (site,) = region.entites_geographiques
    other = msgspec.structs.replace(site, denomination="Autre nom")
    ledger = Ledger()

    resources = write(msgspec.structs.replace(region, entites_geographiques=(site, other)), ledger=ledger)

    assert resources[f"Organization/{site.cle}"]["name"] == site.denomination
    lost = [loss for loss in ledger.entries if loss.rule == "fhir.object.key-taken"]
    assert [(loss.object, loss.kind, loss.severity) for loss in lost] == [(site.cle, LossKind.DROPPED, Severity.ERROR)]


def test_a_closing_type_of_an_older_table_is_said_in_the_newer_one() -> None:
    resources, rules = written(
        Repertoire(entites_juridiques=(EntiteJuridique("1010000001", type_fermeture=Code("R232", "DEF")),))
    )

    (resource,) = resources.values()
    (closing,) = extensions(resource, "ror-organization-closing-type")
    assert codes([closing["valueCodeableConcept"]]) == [("R286", "DEF")]
    assert rules["fhir.organization.closing-type"] is LossKind.WIDENED


def test_a_ledger_never_holds_a_value_of_a_person(region: Repertoire) -> None:
    ledger = Ledger()
    write(professional(region, offres=()), ledger=ledger)

    told = msgspec.json.encode(ledger.entries).decode()
    assert "EXEMPLE" not in told
    assert "Dominique" not in told


@pytest.mark.parametrize(
    ("of_place", "rule", "kind"),
    [
        pytest.param("VILLE", "fhir.organization.address", LossKind.DERIVED, id="the same"),
        pytest.param(None, "fhir.organization.address", LossKind.DERIVED, id="only its own"),
        pytest.param("AUTRE", "fhir.organization.one-address", LossKind.DROPPED, id="another"),
    ],
)
def test_of_two_addresses_that_of_the_place_is_written(of_place: str | None, rule: str, kind: LossKind) -> None:
    own = Adresse((LigneAdresse(localite="VILLE"),))
    lieu = Lieu(adresse=Adresse((LigneAdresse(localite=of_place),)) if of_place else None)

    resources, rules = written(
        Repertoire(entites_geographiques=(EntiteGeographique("1010000002", adresse=own, lieu=lieu),))
    )

    assert resources["Organization/1010000002"]["address"][0]["city"] == (of_place or "VILLE")
    assert rules[rule] is kind


@pytest.mark.parametrize(
    ("other", "written", "kind"),
    [
        pytest.param(None, "Coiffure", LossKind.DERIVED, id="alone"),
        pytest.param("Pédicure", "Pédicure", LossKind.DROPPED, id="beside another name"),
    ],
)
def test_a_service_named_by_a_text_takes_the_other_name(other: str | None, written: str, kind: LossKind) -> None:
    ledger = Ledger()
    tarif = Tarif(
        Code("R246", "04"), None, Decimal(1), nom_prestation=Code("R264", "", "Coiffure"), nom_autre_prestation=other
    )

    made = price(tarif, Notes(ledger, "1010000002"))

    names = [part["valueString"] for part in made["extension"] if part["url"] == "otherAdditionalServiceName"]
    assert names == [written]
    assert not [part for part in made["extension"] if part["url"] == "additionalServiceName"]
    told = [(loss.path, loss.kind) for loss in ledger.entries if loss.rule == "fhir.price.name-in-text"]
    assert told == [("nom_prestation", kind)]


def test_a_line_that_says_its_parts_again_is_told_as_such() -> None:
    ledger = Ledger()
    ligne = LigneAdresse(numero_voie="3", libelle_voie="Bourg", texte="3 Bourg")

    address(Adresse(lignes=(ligne,)), Notes(ledger, "1010000002"))

    told = [(loss.path, loss.rule, loss.severity) for loss in ledger.entries]
    assert told == [("lignes.texte", "fhir.address.restated-line", Severity.INFORMATION)]


def test_what_is_encoded_at_once_is_what_is_written(region: Repertoire) -> None:
    apart, together = Ledger(), Ledger()

    made = write(region, ledger=apart, finish=encoded)

    assert {reference: one.body for reference, one in made.items()} == {
        reference: encode(resource) for reference, resource in write(region, ledger=together).items()
    }
    assert apart.entries == together.entries


def test_what_equal_codes_share_is_not_changed_by_what_is_done_with_resources(region: Repertoire) -> None:
    """One value stands wherever a code does: whoever changed it there would change it everywhere."""
    code, age = Code("R283", "1", "Acc\u00e8s libre"), Mesure(Decimal(18), Code("R247", "a"))
    shared = (coding(code), concept(code), coded("https://exemple.example/niveau", code), quantity(age))
    before = encode(shared)
    resources = write(region, ledger=Ledger())
    once = encode(resources)

    for resource in resources.values():
        to_xml(resource)
        validate(resource)
    read(resources, ledger=Ledger())

    assert encode(resources) == once
    assert encode(write(region, ledger=Ledger())) == once
    assert concept(code) is shared[1]
    assert encode((coding(code), concept(code), coded("https://exemple.example/niveau", code), quantity(age))) == before


@pytest.mark.parametrize(
    ("value", "written_as"),
    [("60", b"60"), ("6E+1", b"60"), ("1.50", b"1.50"), ("-0.5", b"-0.5"), ("0", b"0"), ("1E+15", b"1E+15")],
    ids=["whole", "exponent", "scale", "sign", "zero", "of more digits"],
)
def test_a_measure_is_written_as_the_number_it_is(value: str, written_as: bytes) -> None:
    assert encode(quantity(Mesure(Decimal(value)))) == b'{"value":' + written_as + b"}"
