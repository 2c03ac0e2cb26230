"""Up to 2.4 → 3.0: what moves, what is derived, what is lost (contract section 15.1)."""

from datetime import date
from typing import Any

import pytest

from mappings.csd.answers import read_document, write_document
from mappings.csd.dialect import Dialect
from mappings.csd.schemas import schema
from mappings.csd.version import Version
from mappings.csd.xml import parse
from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.values import Code
from mappings.loss import Ledger, LossKind
from tests.documents import wire
from tests.documents.wire import RECORD

FLAG = "<sensitiveUnit>false</sensitiveUnit>"
LOCATION = (
    f'<location><name>Aile A</name><cityNumber code="73065" codingScheme="1.2.250.1.213.2.23"/>{RECORD}</location>'
)
BEDS = (
    '<accommodationCapacity><beds total="20" avaible="4" updateDate="2026-01-15T07:00:00"/><space total="3"/>'
    f"{RECORD}</accommodationCapacity>"
)
CRISIS = (
    "<crisisAccomodationCapacity><crisisCapacityT0>1</crisisCapacityT0><crisisCapacityT60>2</crisisCapacityT60>"
    f"{RECORD}</crisisAccomodationCapacity>"
)
SKILLS = (
    '<resourcesSkills><profession code="10" codingScheme="1.2.250.1.71.1.2.7"/>'
    '<medicalSpeciality code="SM01" codingScheme="1.2.250.1.213.2.28"/>'
    '<specificSkills code="01" codingScheme="1.2.250.1.213.3.3.37"/></resourcesSkills>'
)
RULES = {
    "nothing to move": (FLAG, []),
    "place": (
        LOCATION + FLAG,
        ["place.unit", "place.external-name", "default.functionLocation"],
    ),
    "capacity without place": (
        BEDS + FLAG,
        [
            "place.from-site",
            "place.unit",
            "place.external-name",
            "capacity.lines",
            *["default.capacitySourceType"] * 2,
            "capacity.date",
            "default.capacitySourceType",
            "default.cityNumber",
            "default.functionLocation",
            # The place made for the unit, and what stands around it, have no record: they repeat that of the unit.
            *["record.created", "record.updated", "record.status"] * 2,
        ],
    ),
    "crisis capacity": (CRISIS + FLAG, ["capacity.crisis"]),
    "skills": (SKILLS + FLAG, ["skills.split", "skills.profession", "skills.speciality"]),
    "skills with a record": (
        SKILLS.replace("</resourcesSkills>", f"{RECORD}</resourcesSkills>") + FLAG,
        ["skills.record", "skills.split", "skills.profession", "skills.speciality"],
    ),
    "no sequential welcome": (f"<receptionMode>false</receptionMode>{FLAG}", ["home-mode.not-sequential"]),
    "figures without a number": (
        f'<accommodationCapacity><beds updateDate="2026-01-15T07:00:00"/>{RECORD}</accommodationCapacity>'
        f"{LOCATION}{FLAG}",
        ["place.unit", "place.external-name", "capacity.lines", "capacity.without-figure", "default.functionLocation"],
    ),
    "sequential welcome": (f"<receptionMode>true</receptionMode>{FLAG}", ["home-mode.sequential"]),
    "maternity": (
        f'<maternityHospitalType code="03" codingScheme="1.2.250.1.213.3.3.52"/>{FLAG}',
        ["expertise.maternity"],
    ),
}


def converted(document: Any, source: Version) -> tuple[OffreOperationnelle, list[str], Any]:
    repertoire = read_document(document, version=source, dialect=Dialect(), ledger=Ledger())
    ledger = Ledger()
    written = parse(write_document(repertoire, version=Version.V3_0, ledger=ledger))
    schema(Version.V3_0).assertValid(written)
    back = read_document(written, version=Version.V3_0, dialect=Dialect(), ledger=Ledger())
    return back.offres[0], [loss.rule.removeprefix("csd-3.0.") for loss in ledger.entries], back


@pytest.mark.parametrize(("extension", "rules"), RULES.values(), ids=RULES)
def test_every_move_is_noted_under_its_rule(extension: str, rules: list[str]) -> None:
    site = wire.organization("EG-1", "1019999991", parent="EJ-1")
    document = wire.document(
        wire.facility("UE", after=extension), organizations=(wire.organization("EJ-1", "1019999983"), site)
    )

    _, noted, _ = converted(document, Version.V2_4)

    assert sorted(noted) == sorted(rules)


@pytest.mark.parametrize("source", [Version.V1_5, Version.V1_6, Version.V2_4])
def test_the_final_closing_of_a_unit_has_its_reason(source: Version) -> None:
    flag = FLAG if source is Version.V2_4 else ""
    document = wire.document(wire.facility("UE", before="<finalClosingDate>2026-05-01</finalClosingDate>", after=flag))
    ledger = Ledger()

    (offre,) = read_document(document, version=source, dialect=Dialect(), ledger=ledger).offres

    assert (offre.type_fermeture, offre.date_fermeture) == (Code("R286", "DEF"), date(2026, 5, 1))
    assert [(loss.rule, loss.kind, loss.path) for loss in ledger.entries] == [
        (f"csd-{source}.closing.final", LossKind.DERIVED, "extension/finalClosingDate")
    ]


def test_a_unit_that_is_not_closed_has_no_reason() -> None:
    (offre,) = read_document(
        wire.document(wire.facility("UE", after=FLAG)), version=Version.V2_4, dialect=Dialect(), ledger=Ledger()
    ).offres

    assert offre.type_fermeture is None


def test_figures_become_lines() -> None:
    offre, _, _ = converted(wire.document(wire.facility("UE", after=BEDS + LOCATION + FLAG)), Version.V2_4)

    (place,) = offre.lieux
    (group,) = place.capacites_prise_charge
    lines = [(line.nature_capacite.code, line.statut_capacite.code, line.nombre_capacite) for line in group.capacites]
    assert lines == [("01", "01", 20), ("01", "02", 4), ("02", "01", 3)]
    assert {line.temporalite_capacite.code for line in group.capacites} == {"01"}
    assert place.nom_externe_synchro == "Aile A"


def test_modes_levels_and_skills_move() -> None:
    extension = (
        f"{SKILLS}<receptionMode>true</receptionMode>"
        f'<maternityHospitalType code="03" codingScheme="1.2.250.1.213.3.3.52"/>{FLAG}'
    )

    offre, _, _ = converted(wire.document(wire.facility("UE", after=extension)), Version.V2_4)

    assert offre.modalites_accueil == (Code("R338", "01"),)
    assert offre.niveaux_expertise == (Code("R253", "03"),)
    assert offre.competences_specifiques == (Code("R243", "01"),)
    assert offre.professions_ressource == ()


@pytest.mark.parametrize(
    ("flag", "kind", "meant", "rules"),
    [
        pytest.param("true", "", None, [], id="open"),
        pytest.param("false", "", "08", ["hours.closing-type"], id="closed"),
        pytest.param("false", "01", "08", ["hours.closing-type"], id="closed, of another type"),
        pytest.param("false", "08", "08", [], id="closed already"),
    ],
)
def test_closed_hours_become_a_type_of_hours(flag: str, kind: str, meant: str | None, rules: list[str]) -> None:
    coded = (
        '<extension type="ror" urn="urn:asip:ror">'
        f'<operatingHoursType code="{kind}" codingScheme="1.2.250.1.213.3.3.50"/>{RECORD}</extension>'
        if kind
        else ""
    )
    hours = (
        f"<operatingHours><openFlag>{flag}</openFlag><dayOfTheWeek>1</dayOfTheWeek>"
        f"<beginEffectiveDate>2024-03-01</beginEffectiveDate>{coded}</operatingHours>"
    )

    offre, noted, _ = converted(wire.document(wire.facility("UE", hours=hours)), Version.V2_4)

    (slot,) = offre.horaires
    assert (slot.type_plage_horaire.code if slot.type_plage_horaire else None) == meant
    assert [rule for rule in noted if rule.startswith("hours.")] == rules


def test_care_without_consent_goes_down_to_the_units() -> None:
    extension = "<careWithoutPatientApproval>true</careWithoutPatientApproval>"
    document = wire.document(
        wire.facility("UE"),
        organizations=(
            wire.organization("EJ-1", "1019999983"),
            wire.organization("EG-1", "1019999991", parent="EJ-1", extension=extension),
        ),
    )

    offre, noted, _ = converted(document, Version.V2_4)

    assert offre.habilitation_soins_sans_consentement is True
    assert noted == ["approval.site-or-unit", "approval.site-or-unit"]


def test_a_unit_of_1_6_is_written_as_not_sensitive_and_that_is_noted() -> None:
    offre, noted, _ = converted(wire.document(wire.facility("UE", after="")), Version.V1_6)

    assert offre.unite_sensible is False
    assert noted == ["default.sensitiveUnit"]
