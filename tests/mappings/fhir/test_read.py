"""Resources as the national server writes them: technical ids, absent members, mistakes; then what is refused."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from mappings.exposition.contact import Horaire
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Ajout, Code
from mappings.fhir.datatypes import Extensions, read_coding
from mappings.fhir.encoding import decode, encode
from mappings.fhir.read import read
from mappings.fhir.shape import MalformedResource
from mappings.fhir.write import write
from mappings.loss import Ledger, Loss, LossKind, Severity
from mappings.nomenclatures.systems import url

ROR = "https://interop.esante.gouv.fr/ig/fhir/ror/StructureDefinition/"


def concept(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": url(system), "code": code}]}


NATIONAL: dict[str, dict[str, Any]] = {
    "Organization/1111": {
        "resourceType": "Organization",
        "id": "1111",
        "identifier": [
            {"type": concept("G07", "2"), "system": "http://sirene.fr", "value": "921317258"},
            {"type": concept("G07", "40"), "system": "urn:oid:1.2.250.1.71.4.2.2", "value": "2921317258"},
        ],
        "type": [concept("R72", "72"), concept("R69", "2200")],
        "name": "Société de l'exemple",
        "active": True,
    },
    "Organization/2424": {
        "resourceType": "Organization",
        "id": "2424",
        "identifier": [{"system": "https://finess.esante.gouv.fr", "value": "920000001"}],
        "type": [concept("R66", "460")],
        "name": "Site de l'exemple",
        "address": [{"line": ["45 rue du Général"], "city": "VILLE", "postalCode": "92270"}],
        "partOf": {"reference": "https://national.exemple/ws-diffusion-fhir/Organization/1111"},
        "endpoint": [{"reference": "Endpoint/9"}],
    },
    "Organization/3536": {
        "resourceType": "Organization",
        "id": "3536",
        "identifier": [{"type": concept("R345", "42"), "system": "http://oi.esante.gouv.fr", "value": "11/OI-7"}],
        "type": [concept("R207", "1")],
        "name": "Pôle",
        "partOf": {"reference": "Organization/2424/_history/3"},
    },
    "HealthcareService/9597": {
        "resourceType": "HealthcareService",
        "id": "9597",
        "text": {"status": "generated", "div": "<div>…</div>"},
        "meta": {
            "lastUpdated": "2025-04-08T13:05:27.000+00:00",
            "tag": [{"system": url("R30"), "code": "11"}, {"system": "urn:other", "code": "x"}],
        },
        "extension": [
            {"url": f"{ROR}ror-healthcareservice-sensitive-unit", "valueBoolean": False},
            {"url": f"{ROR}ror-meta-creation-date", "valueDateTime": "2017-11-27"},
            {"url": "https://autre.exemple/StructureDefinition/inconnue", "valueString": "gardée"},
        ],
        "identifier": [{"type": concept("R355", "35"), "value": "11/UE-9"}],
        "providedBy": {"reference": "Organization/3536"},
        "type": [concept("R227", "05")],
        "specialty": [concept("R211", "298"), concept("R211", "299"), concept("R265", "019"), concept("R999", "1")],
        "location": [{"reference": "Location/654"}, {"reference": "Location/655"}],
        "characteristic": [
            concept("R213", "59"),
            concept("R213", "28"),
            {"coding": [{"system": "urn:inconnu", "code": "9"}]},
            concept("R210", "0784"),
        ],
        "availableTime": [
            {"daysOfWeek": ["mon", "tue"], "allDay": True, "availableStartTime": "09:00:00"},
        ],
        "notAvailable": [{"description": "Congés", "during": {"start": "2026-08-01"}}],
        "appointmentRequired": True,
    },
    "Location/654": {
        "resourceType": "Location",
        "id": "654",
        "extension": [{"url": f"{ROR}ror-commune-cog", "valueCodeableConcept": concept("R13", "92009")}],
        "managingOrganization": {"reference": "Organization/2424"},
    },
    "Practitioner/2524": {
        "resourceType": "Practitioner",
        "id": "2524",
        "identifier": [{"system": "urn:oid:1.2.250.1.71.4.2.1", "value": "11111573474"}],
        "name": [{"family": "CIVIL", "given": ["Andrea"], "prefix": ["MME"]}],
        "gender": "female",
    },
    "PractitionerRole/1": {
        "resourceType": "PractitionerRole",
        "id": "1",
        "extension": [
            {
                "url": f"{ROR}RORPractitionerRoleName",
                "extension": [{"url": "exerciseLastName", "valueString": "USAGE"}],
            }
        ],
        "practitioner": {"reference": "Practitioner/2524"},
        "code": [concept("G15", "60")],
        "specialty": [concept("R04", "S"), concept("R38", "SM04"), concept("R40", "CEX22")],
        "healthcareService": [{"reference": "HealthcareService/9597"}],
    },
}


def read_back(resources: dict[str, dict[str, Any]]) -> tuple[Repertoire, dict[str, LossKind]]:
    ledger = Ledger()
    repertoire = read({reference: decode(encode(one)) for reference, one in resources.items()}, ledger=ledger)
    return repertoire, {entry.rule: entry.kind for entry in ledger.entries}


def test_objects_are_known_by_their_national_identifiers_not_by_technical_ids() -> None:
    repertoire, _ = read_back(NATIONAL)

    (ej,), (eg,), (oi,) = (
        repertoire.entites_juridiques,
        repertoire.entites_geographiques,
        repertoire.organisations_internes,
    )
    (offre,), (professionnel,) = repertoire.offres, repertoire.professionnels
    assert (ej.cle, eg.cle, oi.cle, offre.cle, professionnel.cle) == (
        "2921317258",
        "1920000001",
        "11/OI-7",
        "11/UE-9",
        "811111573474",
    )
    assert eg.entite_juridique == ej.cle
    assert (oi.parent, oi.entite_geographique) == (eg.cle, eg.cle)
    assert (offre.organisation, offre.entite_geographique) == (oi.cle, eg.cle)
    assert professionnel.offres == (offre.cle,)
    assert offre.lieux[0].cle == "11/UE-9/lieu-654"


def test_the_offer_is_read_with_its_record_and_what_it_says() -> None:
    repertoire, rules = read_back(NATIONAL)

    (offre,) = repertoire.offres
    assert offre.metadonnee is not None
    assert offre.metadonnee.region_source == "11"
    assert offre.metadonnee.date_mise_a_jour == datetime(2025, 4, 8, 13, 5, 27, tzinfo=UTC)
    assert offre.metadonnee.date_creation == datetime(2017, 11, 26, 23, 0, tzinfo=UTC)
    assert offre.unite_sensible is False
    assert [activite.activite.code for activite in offre.activites] == ["298", "299"]
    assert offre.activites[0].familles == (Code("R265", "019"),)
    assert offre.mode_prise_en_charge == Code("R213", "59")
    assert offre.actes_specifiques == (Code("R210", "0784"),)
    assert [horaire.jours for horaire in offre.horaires] == [(1, 2)]
    assert rules["fhir-read.offer.family-of-activity"] is LossKind.INCONSISTENT


def test_what_the_model_has_no_place_for_is_kept_beside_the_object_and_written_again() -> None:
    repertoire, rules = read_back(NATIONAL)

    (offre,) = repertoire.offres
    kept = {ajout.chemin for ajout in offre.ajouts}
    assert kept == {"extension", "specialty", "characteristic", "notAvailable", "appointmentRequired"}
    again, _ = read_back(write(repertoire, ledger=Ledger()))
    assert set(again.offres[0].ajouts) == set(offre.ajouts)
    written = write(repertoire, ledger=Ledger())["HealthcareService/11.UE-9"]
    assert written["appointmentRequired"] is True
    assert {"url": "https://autre.exemple/StructureDefinition/inconnue", "valueString": "gardée"} in written[
        "extension"
    ]
    assert {"system": "urn:other", "code": "x"} in written["meta"]["tag"]
    assert rules["fhir-read.resource.narrative"] is LossKind.DROPPED


def test_a_member_that_names_technical_ids_is_dropped_and_noted() -> None:
    repertoire, rules = read_back(NATIONAL)

    assert rules["fhir-read.addition.reference"] is LossKind.DROPPED
    assert all("Endpoint" not in ajout.contenu for eg in repertoire.entites_geographiques for ajout in eg.ajouts)
    assert [ajout.chemin for ajout in repertoire.entites_juridiques[0].ajouts] == ["active"]


def test_a_place_that_is_not_in_the_set_is_noted() -> None:
    repertoire, rules = read_back(NATIONAL)

    assert len(repertoire.offres[0].lieux) == 1
    assert rules["fhir-read.offer.place"] is LossKind.UNRESOLVED


def test_the_name_in_use_is_that_of_the_role_the_civil_one_is_kept() -> None:
    repertoire, _ = read_back(NATIONAL)

    (professionnel,) = repertoire.professionnels
    assert [(nom.nom, nom.civilite) for nom in professionnel.noms_exercice] == [("USAGE", Code("R81", "MME"))]
    assert {ajout.chemin for ajout in professionnel.ajouts} == {"name", "gender"}
    assert [skill.type_savoir_faire.code for skill in professionnel.savoir_faire] == ["S", "CEX"]


@pytest.mark.parametrize(
    ("reference", "changes", "path"),
    [
        ("HealthcareService/9597", {"characteristic": {"coding": []}}, "characteristic"),
        ("HealthcareService/9597", {"name": 7}, "name"),
        ("HealthcareService/9597", {"meta": {"lastUpdated": "hier"}}, "lastUpdated"),
        ("HealthcareService/9597", {"extension": [{"url": 3}]}, "url"),
        ("HealthcareService/9597", {"providedBy": "Organization/3536"}, "providedBy"),
        ("HealthcareService/9597", {"identifier": "11/UE-9"}, "identifier"),
        ("Location/654", {"position": {"latitude": "nord"}}, "latitude"),
        ("Organization/2424", {"address": "rue"}, "address"),
        ("Organization/3536", {"partOf": {"reference": 2424}}, "reference"),
        ("PractitionerRole/1", {"practitioner": ["Practitioner/2524"]}, "practitioner"),
        ("Practitioner/2524", {"name": [{"given": "Andrea"}]}, "given"),
        ("PractitionerRole/1", {"code": [None, 3]}, "code"),
    ],
)
def test_a_resource_of_the_wrong_shape_is_left_out_alone_and_noted(
    reference: str, changes: dict[str, Any], path: str
) -> None:
    ledger = Ledger()

    repertoire = read({**NATIONAL, reference: {**NATIONAL[reference], **changes}}, ledger=ledger)

    assert any(entry.rule == "fhir-read.resource.malformed" and entry.path == path for entry in ledger.entries)
    assert len(repertoire.entites_juridiques) == 1


@pytest.mark.parametrize(
    ("gone", "rule"),
    [
        pytest.param("Organization/3536", "fhir-read.reference.unresolved", id="provider"),
        pytest.param("HealthcareService/9597", "fhir-read.place.free", id="offer of a place"),
        pytest.param("HealthcareService/9597", "fhir-read.role.unplaced", id="offer of a role"),
        pytest.param("Practitioner/2524", "fhir-read.role.unplaced", id="professional of a role"),
    ],
)
def test_a_link_that_leads_nowhere_is_noted(gone: str, rule: str) -> None:
    _, rules = read_back({reference: one for reference, one in NATIONAL.items() if reference != gone})

    assert rule in rules


def test_a_resource_without_identifier_has_a_key_for_this_answer_only() -> None:
    repertoire, rules = read_back({"HealthcareService/9": {"resourceType": "HealthcareService", "id": "9"}})

    assert repertoire.offres[0].cle == "LOCAL-9"
    assert rules["fhir-read.identifier.none"] is LossKind.UNRESOLVED


def test_a_resource_of_another_type_is_noted() -> None:
    repertoire, rules = read_back({"Task/1": {"resourceType": "Task", "id": "1"}})

    assert len(repertoire) == 0
    assert rules["fhir-read.resource.type"] is LossKind.DROPPED


def test_ids_written_here_lead_to_objects_that_are_not_in_the_set(region: Repertoire) -> None:
    alone = msgspec.structs.replace(region, entites_juridiques=(), entites_geographiques=(), organisations_internes=())

    repertoire, rules = read_back(write(alone, ledger=Ledger()))

    assert repertoire.offres[0].organisation == "84/OI-2"
    assert repertoire.professionnels[0].entites_geographiques == ("1010000002",)
    # The id of an EG is its idNat_Struct: a technical id could look so.
    assert rules == {"fhir-read.reference.by-id": LossKind.DERIVED}


LONG = "112233445566"
OF_NOBODY = {"reference": f"Practitioner/{LONG}"}
RPPS = {"system": "urn:oid:1.2.250.1.71.4.2.1", "value": "11111573474"}


@pytest.mark.parametrize(
    ("link", "found", "told"),
    [
        pytest.param(OF_NOBODY, (), {"fhir-read.reference.unresolved", "fhir-read.role.unplaced"}, id="a long id"),
        pytest.param(
            {**OF_NOBODY, "identifier": {"system": "urn:other", "value": LONG}},
            (),
            {"fhir-read.reference.unresolved", "fhir-read.role.unplaced"},
            id="an identifier of another system",
        ),
        pytest.param({**OF_NOBODY, "identifier": RPPS}, ("811111573474",), set(), id="an idNat_PS that is stated"),
        pytest.param({"identifier": RPPS}, ("811111573474",), set(), id="the identifier alone"),
        pytest.param({}, (), {"fhir-read.role.unplaced"}, id="no link"),
    ],
)
def test_an_absent_practitioner_is_a_professional_by_a_stated_identifier_only(
    link: dict[str, Any], found: tuple[str, ...], told: set[str]
) -> None:
    role = {**NATIONAL["PractitionerRole/1"], "practitioner": link}
    without = {reference: one for reference, one in NATIONAL.items() if reference != "Practitioner/2524"}
    ledger = Ledger()

    repertoire = read({**without, "PractitionerRole/1": role}, ledger=ledger)

    assert tuple(one.cle for one in repertoire.professionnels) == found
    rules = {"fhir-read.reference.unresolved", "fhir-read.role.unplaced"}
    assert {entry.rule for entry in ledger.entries if entry.object == "PractitionerRole/1"} & rules == told


@pytest.mark.parametrize(
    ("link", "key", "told"),
    [
        pytest.param({"reference": "Organization/2123456789"}, "2123456789", "by-id", id="an id like an idNat_Struct"),
        pytest.param({"reference": "Organization/2123456789.EJ"}, "2123456789", None, id="an id written here"),
        pytest.param({"reference": "Organization/77777777777777"}, None, "unresolved", id="an id like nothing"),
        pytest.param(
            {"reference": "Organization/2123456789", "identifier": {"value": "920000001"}},
            "1920000001",
            None,
            id="an identifier that is stated",
        ),
    ],
)
def test_an_absent_organisation_followed_by_a_doubtful_id_is_told(
    link: dict[str, Any], key: str | None, told: str | None
) -> None:
    ledger = Ledger()

    repertoire = read({"Organization/2424": {**NATIONAL["Organization/2424"], "partOf": link}}, ledger=ledger)

    assert repertoire.entites_geographiques[0].entite_juridique == key
    start = "fhir-read.reference."
    rules = {entry.rule.removeprefix(start) for entry in ledger.entries if entry.rule.startswith(start)}
    assert rules == ({told} if told else set())


def test_professionals_of_one_situation_in_many_offers_come_back_so(region: Repertoire) -> None:
    (one,) = region.professionnels
    shared = msgspec.structs.replace(one.situations[0], identifiant=None)
    of_two = msgspec.structs.replace(one, offres=("84/UE-0001", "84/UE-2"), situations=(shared,))
    two = msgspec.structs.replace(
        of_two, situations=(shared, msgspec.structs.replace(shared, mode_exercice=Code("R23", "L")))
    )

    for professionnel in (of_two, two):
        back, _ = read_back(write(msgspec.structs.replace(region, professionnels=(professionnel,)), ledger=Ledger()))
        assert len(back.professionnels[0].situations) == len(professionnel.situations)
        assert back.professionnels[0].offres == professionnel.offres


def test_days_of_the_same_hours_are_gathered_again() -> None:
    resource = {
        **NATIONAL["HealthcareService/9597"],
        "availableTime": [
            {"extension": [{"url": f"{ROR}ror-available-time-number-days-of-week", "valueInteger": number}]}
            for number in (1, 2, 3)
        ]
        + [{"availableEndTime": "12:00:00"}],
    }

    repertoire, _ = read_back({"HealthcareService/9597": resource})

    assert [horaire.jours for horaire in repertoire.offres[0].horaires] == [(1, 2, 3), ()]
    assert isinstance(repertoire.offres[0].horaires[0], Horaire)


def test_a_closing_is_read_by_the_id_of_its_slice() -> None:
    resource = {
        **NATIONAL["HealthcareService/9597"],
        "notAvailable": [
            {"description": "x", "during": {"start": "2026"}},
            {"id": "closingReopeningDate", "description": "y", "during": {"start": "2026-07", "end": "2026-09-01"}},
        ],
    }

    repertoire, _ = read_back({"HealthcareService/9597": resource})

    (offre,) = repertoire.offres
    assert (offre.date_fermeture, offre.date_previsionnelle_reouverture) == (date(2026, 7, 1), date(2026, 9, 1))
    assert [ajout.chemin for ajout in offre.ajouts if ajout.chemin == "notAvailable"] == ["notAvailable"]


def test_additions_of_another_format_are_not_written_as_fhir(region: Repertoire, addition: Ajout) -> None:
    (offre,) = region.offres
    told = msgspec.structs.replace(region, offres=(msgspec.structs.replace(offre, ajouts=(addition,)),))

    resources = write(told, ledger=Ledger())

    assert resources["HealthcareService/84.UE-0001"] == write(region, ledger=Ledger())["HealthcareService/84.UE-0001"]


# Two resources of one object ------------------------------------------------------------------------------------------


def twice(reference: str, **changes: Any) -> dict[str, dict[str, Any]]:
    """The national set and a resource of it once more, under another technical id."""
    again = f"{reference}0"
    return {**NATIONAL, again: {**NATIONAL[reference], "id": again.partition("/")[2], **changes}}


REPEATED = "fhir-read.resource.repeated"


@pytest.mark.parametrize(
    ("reference", "key", "field"),
    [
        pytest.param("Organization/1111", "2921317258", "entites_juridiques", id="legal entity"),
        pytest.param("Organization/2424", "1920000001", "entites_geographiques", id="site"),
        pytest.param("Organization/3536", "11/OI-7", "organisations_internes", id="internal organisation"),
        pytest.param("HealthcareService/9597", "11/UE-9", "offres", id="offer"),
        pytest.param("Practitioner/2524", "811111573474", "professionnels", id="professional"),
    ],
)
@pytest.mark.parametrize(
    ("changes", "kind", "severity"),
    [
        pytest.param({"language": "fr"}, LossKind.DROPPED, Severity.ERROR, id="another"),
        pytest.param({}, LossKind.INCONSISTENT, Severity.INFORMATION, id="the same"),
    ],
)
def test_of_two_resources_of_one_object_the_first_is_read_and_the_other_named(
    reference: str, key: str, field: str, changes: dict[str, Any], kind: LossKind, severity: Severity
) -> None:
    ledger, plain = Ledger(), Ledger()

    repertoire = read(twice(reference, **changes), ledger=ledger)

    assert getattr(repertoire, field) == getattr(read(NATIONAL, ledger=plain), field)
    assert set(ledger.entries) - set(plain.entries) == {
        Loss(key, f"{reference}0", REPEATED, kind, severity, "resource")
    }


def test_what_refers_to_the_second_resource_of_an_object_refers_to_the_object() -> None:
    resources = twice("Organization/3536", name="Autre")
    resources["HealthcareService/9597"] = {
        **NATIONAL["HealthcareService/9597"],
        "providedBy": {"reference": "Organization/35360"},
    }

    repertoire = read(resources, ledger=Ledger())

    assert [(oi.cle, oi.nom) for oi in repertoire.organisations_internes] == [("11/OI-7", "Pôle")]
    assert repertoire.offres[0].organisation == "11/OI-7"


def test_a_place_described_twice_is_kept_as_each_offer_describes_it() -> None:
    identified = {"identifier": [{"type": concept("R354", "25"), "value": "11/L-1"}]}
    service = NATIONAL["HealthcareService/9597"]
    resources = {
        **NATIONAL,
        "Location/654": {**NATIONAL["Location/654"], **identified},
        "Location/6540": {**NATIONAL["Location/654"], **identified, "id": "6540", "name": "Autre"},
        "HealthcareService/8": {
            **service,
            "id": "8",
            "identifier": [{"type": concept("R355", "35"), "value": "11/UE-8"}],
            "location": [{"reference": "Location/6540"}],
        },
    }
    ledger = Ledger()

    repertoire = read(resources, ledger=ledger)

    assert [[place.lieu.nom for place in offre.lieux] for offre in repertoire.offres] == [[None], ["Autre"]]
    assert [(entry.path, entry.kind) for entry in ledger.entries if entry.rule == REPEATED] == [
        ("Location/6540", LossKind.INCONSISTENT)
    ]


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        pytest.param({"telecom": [{"value": "01"}]}, LossKind.DROPPED, id="another situation"),
        pytest.param({}, LossKind.INCONSISTENT, id="the same situation"),
    ],
)
def test_of_two_roles_in_one_offer_the_first_situation_is_kept(changes: dict[str, Any], kind: LossKind) -> None:
    ledger = Ledger()

    repertoire = read(twice("PractitionerRole/1", code=[concept("G15", "10")], **changes), ledger=ledger)

    (professionnel,) = repertoire.professionnels
    assert professionnel.offres == ("11/UE-9",)
    assert [code.code for code in professionnel.professions] == ["60", "10"]
    told = [entry for entry in ledger.entries if entry.rule == "fhir-read.role.repeated"]
    assert [(entry.object, entry.kind) for entry in told] == [(professionnel.cle, kind)]


def test_extensions_are_taken_first_come_and_left_in_their_order() -> None:
    parts = [("a/x", 1), ("b/y", 2), ("c/x", 3), ("z", 4), ("a/x", 5)]
    extensions = Extensions({"extension": [{"url": slug, "valueInteger": rank} for slug, rank in parts]})

    taken = [extensions.take("other/x"), *extensions.take_all("y"), extensions.take("missing")]

    assert [part.get("valueInteger") for part in taken] == [1, 2, None]
    assert [decode(kept.contenu.encode())["valueInteger"] for kept in extensions.left] == [3, 4, 5]


@pytest.mark.parametrize("strange", [5, True, [], {}, ["x"], 1.0], ids=repr)
@pytest.mark.parametrize("name", ["system", "code", "display"])
def test_a_part_of_a_code_that_is_no_text_is_refused_however_often_it_comes(name: str, strange: Any) -> None:
    coding = {"system": url("R66"), "code": "1", "display": "Un", name: strange}

    for _ in range(2):
        with pytest.raises(MalformedResource):
            read_coding(coding)
