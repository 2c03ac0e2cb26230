"""What sources write in their own way, and the one form in which it comes out (contract section 15.2)."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from lxml import etree

from mappings.csd.answers import read_answer, read_document, write_answer, write_document
from mappings.csd.dialect import Dialect
from mappings.csd.schemas import schema
from mappings.csd.version import Version
from mappings.csd.xml import parse
from mappings.exposition.demandes import ReponseOffres
from mappings.exposition.organisation import OrganisationInterne
from mappings.exposition.repertoire import Repertoire
from mappings.loss import Ledger
from tests.documents.builder import Builder

CSD = "{urn:ihe:iti:csd:2013}"
VERSIONS = [Version.V1_5, Version.V1_6, Version.V2_4, Version.V3_0]
STRUCTURES = "1.2.250.1.71.4.2.2"
TYPES_OF_STRUCTURES = "1.2.250.1.71.1.2.14"
Change = Callable[[etree._Element], None]


def facility(root: etree._Element, level: str) -> etree._Element:
    return next(found for found in root.iter(f"{CSD}facility") if found.find(f"{CSD}codedType").get("code") == level)


def identifiers(system: str, *, digit: bool) -> Change:
    def change(root: etree._Element) -> None:
        for found in root.iterfind(f"{CSD}organizationDirectory/*/{CSD}otherID"):
            if found.get("assigningAuthorityName") == STRUCTURES:
                found.set("assigningAuthorityName", system)
                found.set("code", found.get("code", "")[0 if digit else 1 :])

    return change


def empty_identifiers(root: etree._Element) -> None:
    for found in root.iterfind(f"{CSD}organizationDirectory/*/{CSD}codedType[1]"):
        found.addprevious(etree.Element(f"{CSD}otherID", code="", assigningAuthorityName=""))
        found.addprevious(etree.Element(f"{CSD}otherID"))


def chain(root: etree._Element) -> None:
    """The unit points to its pole as if it were its establishment."""
    unit, pole = facility(root, "4"), facility(root, "1")
    unit.find(f"{CSD}organizations/{CSD}organization").set("entityID", pole.get("entityID", ""))
    parent = unit.find(f"{CSD}extension/{CSD}parentFacility")
    parent.getparent().remove(parent)


def texts(names: str, spelling: dict[str, str]) -> Change:
    def change(root: etree._Element) -> None:
        for name in names.split():
            for found in root.iter(f"{CSD}{name}"):
                found.text = spelling.get(found.text or "", found.text)

    return change


def instants(suffix: str) -> Change:
    def change(root: etree._Element) -> None:
        for found in root.iter(f"{CSD}record"):
            for name in ("created", "updated"):
                found.set(name, found.get(name, "") + suffix)

    return change


def blank_after_systems(root: etree._Element) -> None:
    for found in root.iter():
        if found.get("codingScheme"):
            found.set("codingScheme", found.get("codingScheme", "") + " ")


def coded(name: str, **attributes: str) -> Change:
    def change(root: etree._Element) -> None:
        for found in root.iter(f"{CSD}{name}"):
            for attribute, value in attributes.items():
                found.set(attribute, value)

    return change


def mode_above(code: str) -> Change:
    def change(root: etree._Element) -> None:
        facility(root, "1").find(f"{CSD}extension/{CSD}careMode").set("code", code)

    return change


def families_under_the_act(root: etree._Element) -> None:
    for found in root.iter(f"{CSD}actFamily"):
        if found.get("codingScheme") == "1.2.250.1.213.3.3.60":
            found.set("codingScheme", "1.2.250.1.213.3.3.11")


def site_under_the_status(root: etree._Element) -> None:
    for found in root.iterfind(f"{CSD}organizationDirectory/*/{CSD}codedType"):
        if found.get("codingScheme") == "1.2.250.1.213.1.6.1.8":
            found.set("codingScheme", "1.2.250.1.213.1.6.1.44")


def dangling(root: etree._Element) -> None:
    """One more equipment, which the document does not hold."""
    for name in ("equipment", "specificEquipment"):
        for found in [found for found in root.iter(f"{CSD}{name}") if found.get("entityID")][-1:]:
            found.addnext(etree.Element(f"{CSD}{name}", entityID="nulle part"))


def other_extensions(root: etree._Element) -> None:
    for found in root.iter(f"{CSD}extension"):
        found.set("type", "Type1")
        found.set("urn", "Urn0")


def several_extensions(root: etree._Element) -> None:
    """The last element of a unit's extension stands in a second one."""
    extension = facility(root, "4").find(f"{CSD}extension")
    second = etree.Element(f"{CSD}extension", type="ror", urn="urn:asip:ror")
    second.append(extension[-1])
    extension.addnext(second)


def comments(root: etree._Element) -> None:
    for found in list(root.iter(f"{CSD}extension", f"{CSD}record", f"{CSD}primaryName")):
        found.insert(0, etree.Comment("fictif"))


# id: what the source writes, and the rules that say so
VARIANTS: dict[str, tuple[Change, set[str]]] = {
    "idNat_Struct without its digit": (identifiers(STRUCTURES, digit=False), {"identifier.spelling"}),
    "idNat_Struct under its types": (identifiers(TYPES_OF_STRUCTURES, digit=True), {"identifier.spelling"}),
    "bare FINESS under the types": (identifiers(TYPES_OF_STRUCTURES, digit=False), {"identifier.spelling"}),
    "empty identifiers": (empty_identifiers, {"identifier.empty"}),
    "chained hierarchy": (chain, set()),
    "booleans as digits": (
        texts("dropZone sensitiveUnit openFlag under60 receptionMode", {"true": "1", "false": "0"}),
        set(),
    ),
    "instants with an offset": (instants("+01:00"), set()),
    "fractions of seconds": (instants(".000"), set()),
    "systems with a blank": (blank_after_systems, set()),
    "price unit padded": (coded("priceUnit", code="02"), {"code.padding"}),
    "currency under the channel": (coded("currency", codingScheme="1.2.250.1.213.3.3.1"), {"code.system"}),
    "division under another OID": (coded("type", codingScheme="1.2.250.1.213.2.3.2"), {"code.system"}),
    "family under the act": (families_under_the_act, {"code.system"}),
    "site under the legal status": (site_under_the_status, {"code.system"}),
    "care mode above the unit: null": (mode_above("null"), set()),
    "care mode above the unit: real": (mode_above("28"), {"care-mode.above-unit"}),
    "dangling equipment": (dangling, {"reference.dangling"}),
    "extensions of another type": (other_extensions, set()),
    "several extensions": (several_extensions, set()),
    "comments": (comments, set()),
}
CASES = [
    pytest.param(change, rules, version, id=f"{name}-{version}")
    for name, (change, rules) in VARIANTS.items()
    for version in VERSIONS
]


def without_additions(value: Any) -> Any:
    """The value without the fragments kept beside it, which come back in the words of their source, and without a
    care mode above the units, which is never written."""
    if isinstance(value, tuple):
        return tuple(without_additions(item) for item in value)
    if isinstance(value, msgspec.Struct):
        said = {name: without_additions(getattr(value, name)) for name in value.__struct_fields__}
        if "ajouts" in said:
            said["ajouts"] = ()
        if isinstance(value, OrganisationInterne):
            said["mode_prise_en_charge"] = None
        return msgspec.structs.replace(value, **said)
    return value


def through(document: etree._Element, version: Version) -> tuple[Repertoire, etree._Element, set[str]]:
    reading, writing = Ledger(), Ledger()
    repertoire = read_document(document, version=version, dialect=Dialect(), ledger=reading)
    written = parse(write_document(repertoire, version=version, ledger=writing))
    return repertoire, written, {loss.rule.split(".", 2)[2] for loss in (*reading.entries, *writing.entries)}


@pytest.mark.parametrize(("change", "rules", "version"), CASES)
def test_a_way_of_writing_comes_out_in_the_one_form(change: Change, rules: set[str], version: Version) -> None:
    plain = Builder(version).document()
    expected, _, usual = through(plain, version)
    spelt = Builder(version).document()
    change(spelt)
    assert etree.tostring(spelt) != etree.tostring(plain)

    read, written, noted = through(parse(etree.tostring(spelt)), version)

    schema(version).assertValid(written)
    assert noted - usual == rules
    assert without_additions(read) == without_additions(expected)


def answer(document: etree._Element, count: str | None) -> etree._Element:
    root = etree.Element(f"{CSD}careServicesResponse")
    result = etree.SubElement(root, f"{CSD}result")
    if count is not None:
        etree.SubElement(result, f"{CSD}facilityNumber").text = count
    document.tag = f"{CSD}queryResult"
    result.append(document)
    return root


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("count", "announced"), [("1", 1), ("9", 9), (None, None)], ids=["right", "wrong", "absent"])
def test_the_count_is_handed_on_and_always_written(count: str | None, announced: int | None, version: Version) -> None:
    ledger = Ledger()
    received = answer(Builder(version).document(), count)

    reponse = read_answer(received, version=version, dialect=Dialect(), ledger=ledger)

    assert isinstance(reponse, ReponseOffres)
    assert reponse.nombre_annonce == announced
    missing = [loss for loss in ledger.entries if loss.rule == "csd-1.5.facility-number.missing"]
    assert bool(missing) is (version is Version.V1_5 and count is None)
    written = parse(write_answer(reponse, version=version, ledger=Ledger()))
    assert written.findtext(f"{CSD}result/{CSD}facilityNumber") == str(number_of_units(written))
    schema(version).assertValid(written)


def number_of_units(written: etree._Element) -> int:
    return sum(
        found.find(f"{CSD}codedType").get("code") == "4" for found in written.iterfind(f".//{CSD}facilityDirectory/*")
    )
