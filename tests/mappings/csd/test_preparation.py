"""What a version wants of a whole directory."""

from mappings.csd.answers import read_document, write_document
from mappings.csd.dialect import Dialect
from mappings.csd.schemas import schema
from mappings.csd.version import Version
from mappings.csd.xml import parse
from mappings.exposition.lieu import EquipementSpecifique
from mappings.exposition.offre import ActiviteOperationnelle, OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique, EntiteJuridique, OrganisationInterne
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code
from mappings.loss import Ledger
from tests.documents import wire

FIELD = Code("R227", "02")


def bare() -> Repertoire:
    """The least that a source can say: no record, no public, no care mode."""
    return Repertoire(
        entites_juridiques=(EntiteJuridique("1019999983"),),
        entites_geographiques=(EntiteGeographique("1019999991", entite_juridique="1019999983"),),
        organisations_internes=(
            OrganisationInterne("84/P", parent="1019999991", entite_geographique="1019999991"),
            OrganisationInterne("84/S", parent="84/P", entite_geographique="1019999991"),
        ),
        offres=(
            OffreOperationnelle(
                "84/U",
                organisation="84/S",
                entite_geographique="1019999991",
                champs_activite=(FIELD,),
                activites=(ActiviteOperationnelle(Code("R211", "233")),),
                equipements_unite=(EquipementSpecifique(Code("R212", "099")),),
            ),
        ),
    )


def test_the_least_that_can_be_said_is_valid_in_every_version_and_every_default_is_noted() -> None:
    for version in (Version.V1_5, Version.V1_6, Version.V2_4, Version.V3_0):
        ledger = Ledger()

        written = parse(write_document(bare(), version=version, ledger=ledger))

        schema(version).assertValid(written)
        rules = {loss.rule.removeprefix(f"csd-{version}.") for loss in ledger.entries}
        assert {
            "field.descendants",
            "default.patientsType",
            "default.patientTypeAgeMin",
            "default.careMode",
            "record.created",
            "identifier.identity",
        } <= rules


def test_a_level_takes_the_fields_of_its_descendants() -> None:
    written = parse(write_document(bare(), version=Version.V3_0, ledger=Ledger()))
    back = read_document(written, version=Version.V3_0, dialect=Dialect(), ledger=Ledger())

    assert [found.champs_activite for found in back.organisations_internes] == [(FIELD,), (FIELD,)]


def test_care_without_consent_of_any_unit_is_that_of_the_site() -> None:
    flag = "<sensitiveUnit>false</sensitiveUnit><careWithoutPatientApproval>{}</careWithoutPatientApproval>"
    document = wire.document(
        wire.facility("A", after=flag.format("false")), wire.facility("B", after=flag.format("true"))
    )
    repertoire = read_document(document, version=Version.V3_0, dialect=Dialect(), ledger=Ledger())
    ledger = Ledger()

    written = parse(write_document(repertoire, version=Version.V2_4, ledger=ledger))

    back = read_document(written, version=Version.V2_4, dialect=Dialect(), ledger=Ledger())
    assert back.entites_geographiques[0].habilitation_soins_sans_consentement is True
    assert [(loss.object, str(loss.kind)) for loss in ledger.entries] == [
        ("1019999991", "derived"),
        ("84/A", "widened"),
        ("84/B", "widened"),
    ]


def test_activities_and_equipment_that_no_unit_uses_are_noted() -> None:
    service = (
        f'<service entityID="S"><codedType code="233" codingScheme="1.2.250.1.213.3.3.12"/>{wire.RECORD}</service>'
    )
    device = f'<device entityID="D"><codedType code="099" codingScheme="1.2.250.1.213.3.3.10"/>{wire.RECORD}</device>'
    ledger = Ledger()

    read_document(
        wire.document(wire.facility("UE"), services=service, devices=device),
        version=Version.V2_4,
        dialect=Dialect(),
        ledger=ledger,
    )

    assert [loss.rule for loss in ledger.entries] == ["csd-2.4.service.unused", "csd-2.4.device.unused"]


def test_two_units_share_what_they_both_use_and_twins_stay_two() -> None:
    code = '<codedType code="099" codingScheme="1.2.250.1.213.3.3.10"/>'
    devices = "".join(f'<device entityID="D{rank}">{code}{wire.RECORD}</device>' for rank in (1, 2))
    used = '<equipment entityID="D1"/>{}<sensitiveUnit>false</sensitiveUnit>'
    document = wire.document(
        wire.facility("A", after=used.format('<equipment entityID="D2"/>')),
        wire.facility("B", after=used.format("")),
        devices=devices,
    )
    repertoire = read_document(document, version=Version.V2_4, dialect=Dialect(), ledger=Ledger())

    written = parse(write_document(repertoire, version=Version.V2_4, ledger=Ledger()))

    links = [[one.get("entityID") for one in found.iter("{*}equipment")] for found in written.iter("{*}facility")]
    assert links == [["EQ-1", "EQ-2"], ["EQ-1"]]
    assert len(list(written.iter("{*}device"))) == 2
