"""3.0 → 2.4 and 1.6: one place, totals, flags; what has no place is noted; a sensitive unit never reaches 1.6."""

from typing import Any

import pytest

from mappings.csd.answers import read_document, write_document
from mappings.csd.dialect import Dialect
from mappings.csd.namespaces import csd
from mappings.csd.schemas import schema
from mappings.csd.version import Version
from mappings.csd.xml import parse
from mappings.exposition.values import Code
from mappings.loss import Ledger, LossKind
from tests.documents import wire
from tests.documents.wire import RECORD

FLAG = "<sensitiveUnit>false</sensitiveUnit>"


def line(nature: str, status: str, number: int, *, horizon: str = "01", crisis: str = "") -> str:
    more = f'<crisisType code="{crisis}" codingScheme="1.2.250.1.213.3.3.219"/>' if crisis else ""
    return (
        "<operationalAccommodationCapacity>"
        f'<capacityNature code="{nature}" codingScheme="1.2.250.1.213.3.3.212"/>'
        f'<capacityStatus code="{status}" codingScheme="1.2.250.1.213.3.3.213"/>'
        f'<capacityTemporality code="{horizon}" codingScheme="1.2.250.1.213.3.3.214"/>'
        f"<capacityNumber>{number}</capacityNumber>"
        '<capacitySourceType code="01" codingScheme="1.2.250.1.213.3.3.218"/>'
        f"<cpacityUpdateDate>2026-01-1{number % 10}T07:00:00</cpacityUpdateDate>{more}{RECORD}"
        "</operationalAccommodationCapacity>"
    )


def place(*lines: str, name: str = "Aile A", assignment: str = "01") -> str:
    group = (
        f'<capacitySupported><temporaryAssignment code="{assignment}" codingScheme="1.2.250.1.213.3.3.220"/>'
        f"{''.join(lines)}{RECORD}</capacitySupported>"
        if lines
        else ""
    )
    return (
        f"<locationRealizedOffer><externalNameSynchronization>{name}</externalNameSynchronization>"
        f'<location><name>{name}</name><functionLocation code="001" codingScheme="1.2.250.1.213.3.3.227"/>'
        f'<cityNumber code="73065" codingScheme="1.2.250.1.213.2.23"/>{RECORD}</location>{group}{RECORD}'
        "</locationRealizedOffer>"
    )


def home(code: str) -> str:
    return f'<homeMode code="{code}" codingScheme="1.2.250.1.213.3.3.221"/>'


def written_as(document: Any, target: Version) -> tuple[Any, list[str], Any]:
    repertoire = read_document(document, version=Version.V3_0, dialect=Dialect(), ledger=Ledger())
    ledger = Ledger()
    written = parse(write_document(repertoire, version=target, ledger=ledger))
    schema(target).assertValid(written)
    back = read_document(written, version=target, dialect=Dialect(), ledger=Ledger())
    return back, [loss.rule.removeprefix(f"csd-{target}.") for loss in ledger.entries], ledger


RULES = {
    "nothing to move": (FLAG, []),
    "one place": (FLAG + place(), ["place.unit", "location.fonction_lieu"]),
    "three places": (
        FLAG + place() + place(name="B") + place(name="C"),
        ["place.first", "place.first", "place.unit", "location.fonction_lieu"],
    ),
    "totals": (
        FLAG + place(line("01", "01", 20), line("01", "02", 4)),
        ["place.unit", "capacity.totals", *["capacity.detail"] * 3, "location.fonction_lieu"],
    ),
    "figures that add up": (
        FLAG + place(line("01", "02", 4), line("01", "02", 5)),
        ["place.unit", "capacity.sum", "capacity.totals", *["capacity.detail"] * 3, "location.fonction_lieu"],
    ),
    "figures without place": (
        FLAG + place(line("01", "03", 4), line("01", "02", 4, horizon="02"), line("01", "02", 4, crisis="01")),
        ["place.unit", *["capacity.line"] * 3, "location.fonction_lieu"],
    ),
    "another assignment": (
        FLAG + place(line("01", "02", 4), assignment="02"),
        ["place.unit", "capacity.line", "location.fonction_lieu"],
    ),
    "profession": (
        f'<professionalResource code="04" codingScheme="1.2.250.1.213.3.3.246"/>{FLAG}',
        ["skills.profession"],
    ),
    "profession of then": (
        f'<professionalResource code="10" codingScheme="1.2.250.1.71.1.2.7"/>{FLAG}',
        ["skills.joined"],
    ),
    "competence": (f'<specificSkill code="01" codingScheme="1.2.250.1.213.3.3.37"/>{FLAG}', ["skills.joined"]),
    "maternity": (f'<expertLevel code="03" codingScheme="1.2.250.1.213.3.3.52"/>{FLAG}', ["expertise.maternity"]),
    "expertise": (f'<expertLevel code="10" codingScheme="1.2.250.1.213.3.3.228"/>{FLAG}', ["expertise.level"]),
    "act outside": (
        f'<actRealizedOutsideOffice code="0001" codingScheme="1.2.250.1.213.3.3.11"/>{FLAG}',
        ["facility.actes_realises_hors_cabinet"],
    ),
    "consent": (
        f"{FLAG}<careWithoutPatientApproval>true</careWithoutPatientApproval>",
        ["approval.site-or-unit", "approval.site-or-unit"],
    ),
}


@pytest.mark.parametrize("target", [Version.V2_4, Version.V1_6, Version.V1_5])
@pytest.mark.parametrize(("extension", "rules"), RULES.values(), ids=RULES)
def test_every_move_is_noted_under_its_rule(extension: str, rules: list[str], target: Version) -> None:
    _, noted, _ = written_as(wire.document(wire.facility("UE", after=extension)), target)

    assert noted == rules


def test_lines_become_totals_and_the_oldest_date() -> None:
    lines = (line("01", "01", 20), line("01", "02", 4), line("01", "02", 5), line("02", "01", 3))

    back, _, _ = written_as(wire.document(wire.facility("UE", after=FLAG + place(*lines))), Version.V2_4)

    capacity = back.offres[0].capacite_accueil
    assert (capacity.lits.total, capacity.lits.disponible, capacity.lits.date_maj.day) == (20, 9, 14)
    assert (capacity.places.total, capacity.places.disponible) == (3, None)
    assert back.offres[0].lieu_unite.nom == "Aile A"


@pytest.mark.parametrize(
    ("modes", "accepted", "rules"),
    [
        pytest.param(home("01"), True, ["home-mode.sequential"], id="sequential"),
        pytest.param(home("03") + home("05"), None, ["home-mode.other", "home-mode.other"], id="others"),
    ],
)
def test_home_modes_become_the_reception_mode(modes: str, accepted: bool | None, rules: list[str]) -> None:
    facility = wire.facility("UE").replace("<patientsType>", f"{modes}<patientsType>")

    back, noted, _ = written_as(wire.document(facility), Version.V2_4)

    assert back.offres[0].accueil_sequentiel_accepte is accepted
    assert noted == rules


@pytest.mark.parametrize(
    ("reason", "closed", "rules"),
    [
        pytest.param("DEF", True, [], id="final"),
        pytest.param(
            "PRO", False, ["closing.reason", "closing.provisional"], id="provisional is never written as final"
        ),
        pytest.param(
            "", True, ["closing.supposed"], id="of no reason: what the element says is not what the source said"
        ),
    ],
)
def test_only_a_final_closing_is_written(reason: str, closed: bool, rules: list[str]) -> None:
    said = f'<closingReason code="{reason}" codingScheme="1.2.250.1.213.1.6.1.136"/>' if reason else ""
    before = f"{said}<closingDate>2026-05-01</closingDate>"

    back, noted, _ = written_as(wire.document(wire.facility("UE", before=before)), Version.V2_4)

    assert (back.offres[0].date_fermeture is not None) is closed
    assert noted == rules


def test_a_maternity_keeps_its_type() -> None:
    extension = f'<expertLevel code="03" codingScheme="1.2.250.1.213.3.3.52"/>{FLAG}'

    back, _, _ = written_as(wire.document(wire.facility("UE", after=extension)), Version.V2_4)

    assert back.offres[0].type_maternite == Code("R253", "03")


def provider(entity: str, number: str, unit: str) -> str:
    return (
        f'<provider entityID="{entity}"><otherID code="{number}" assigningAuthorityName="1.2.250.1.71.4.2.1"/>'
        '<codedType code="10" codingScheme="1.2.250.1.71.1.2.7"/>'
        f"<demographic><name><commonName>FICTIF</commonName></name></demographic>"
        f'<organizations><organization entityID="EG-1"/></organizations>'
        f'<facilities><facility entityID="{unit}"/></facilities>{RECORD}</provider>'
    )


def test_a_sensitive_unit_and_who_works_nowhere_else_are_withheld_from_1_6() -> None:
    document = wire.document(
        wire.facility("SECRET", after="<sensitiveUnit>1</sensitiveUnit>"),
        wire.facility("UE"),
        providers=(
            provider("A", "810000000019", "SECRET")
            + provider("B", "810000000027", "SECRET")
            + provider("C", "810000000027", "UE")
        ),
    )

    back, _, ledger = written_as(document, Version.V1_6)

    assert [offre.cle for offre in back.offres] == ["84/UE"]
    assert [(person.cle, person.offres) for person in back.professionnels] == [("810000000027", ("84/UE",))]
    withheld = [loss.object for loss in ledger.entries if loss.kind is LossKind.WITHHELD]
    assert withheld == ["84/SECRET", "810000000019", "810000000027"]


@pytest.mark.parametrize("target", [Version.V2_4, Version.V3_0])
def test_a_sensitive_unit_stays_sensitive(target: Version) -> None:
    back, noted, _ = written_as(wire.document(wire.facility("UE", after="<sensitiveUnit>1</sensitiveUnit>")), target)

    assert back.offres[0].unite_sensible is True
    assert noted == []


def test_levels_above_the_units_are_never_sensitive_and_have_no_care_mode() -> None:
    repertoire = read_document(
        wire.document(wire.facility("POLE", level="1", links=("EG-1",))),
        version=Version.V3_0,
        dialect=Dialect(),
        ledger=Ledger(),
    )
    ledger = Ledger()

    written = parse(write_document(repertoire, version=Version.V2_4, ledger=ledger))

    assert written.findtext(f".//{csd('sensitiveUnit')}") == "false"
    assert written.find(f".//{csd('careMode')}").get("code") == ""
    assert [loss.rule for loss in ledger.entries] == ["csd-2.4.care-mode.above-unit"]


@pytest.mark.parametrize(
    ("after", "supposed", "sensitive", "noted"),
    [
        pytest.param("", None, None, [], id="nothing said, nothing declared"),
        pytest.param("", True, True, ["csd-1.6.sensitive-unit.supposed"], id="declared of the source"),
        pytest.param(
            "<sensitiveUnit>1</sensitiveUnit>",
            False,
            True,
            ["csd-1.6.sensitive-unit.unexpected"],
            id="said all the same",
        ),
        pytest.param(
            "<sensitiveUnit>Oui</sensitiveUnit>",
            False,
            True,
            ["csd-1.6.sensitive-unit.unexpected"],
            id="said in another word",
        ),
        pytest.param(
            "<sensitiveUnit>false</sensitiveUnit><sensitiveUnit>true</sensitiveUnit>",
            None,
            True,
            ["csd-1.6.sensitive-unit.unexpected"],
            id="said after the contrary",
        ),
        pytest.param(" <sensitiveUnit>false</sensitiveUnit>", None, None, [], id="denied"),
    ],
)
def test_a_unit_of_1_6_is_sensitive_when_anything_says_so(
    after: str, supposed: bool | None, sensitive: bool | None, noted: list[str]
) -> None:
    ledger = Ledger()

    repertoire = read_document(
        wire.document(wire.facility("UE", after=after)),
        version=Version.V1_6,
        dialect=Dialect(unite_sensible=supposed),
        ledger=ledger,
    )

    assert repertoire.offres[0].unite_sensible is sensitive
    assert [loss.rule for loss in ledger.entries] == noted


FLAGS: dict[str, tuple[str, bool | None, list[str]]] = {
    "yes": ("<sensitiveUnit> 1 </sensitiveUnit>", True, []),
    "no": (FLAG, False, []),
    "nothing": ("<sensitiveUnit/>", None, []),
    "nothing, then no": (f"<sensitiveUnit/>{FLAG}", False, []),
    "another word": ("<sensitiveUnit>VRAI</sensitiveUnit>", True, ["value.unreadable", "sensitive-unit.doubtful"]),
    "an element": (
        "<sensitiveUnit><true/></sensitiveUnit>",
        True,
        ["value.children", "sensitive-unit.doubtful"],
    ),
    "no, then yes": (f"{FLAG}<sensitiveUnit>true</sensitiveUnit>", True, ["sensitive-unit.doubtful"]),
    "yes, then no": (f"<sensitiveUnit>true</sensitiveUnit>{FLAG}", True, ["sensitive-unit.doubtful"]),
}


@pytest.mark.parametrize("version", [Version.V2_4, Version.V3_0])
@pytest.mark.parametrize(("after", "sensitive", "noted"), FLAGS.values(), ids=FLAGS)
def test_a_unit_of_which_one_cannot_tell_is_sensitive(
    version: Version, after: str, sensitive: bool | None, noted: list[str]
) -> None:
    ledger = Ledger()

    document = wire.document(wire.facility("UE", after=after))
    repertoire = read_document(document, version=version, dialect=Dialect(), ledger=ledger)

    assert repertoire.offres[0].unite_sensible is sensitive
    assert [loss.rule.removeprefix(f"csd-{version}.") for loss in ledger.entries] == noted
