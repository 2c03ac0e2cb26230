"""The whole of the matrix on the emitted documents: element, profile, activity field, sensitive or not, version.

Every element of the schema stands in the documents. What is expected of a profile is the whole document less what
`wire_rows.csv` closes to it: the file transcribes contract section 11 by paths of the wire, apart from the table of
the filter. The two documents must be equal: nothing forbidden is in it, and nothing allowed is gone.
"""

import csv
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from lxml import etree

from mappings.csd.answers import read_document, write_document
from mappings.csd.dialect import Dialect
from mappings.csd.schemas import schema
from mappings.csd.version import Version
from mappings.csd.xml import parse
from mappings.exposition.demandes import ProfilAcces
from mappings.exposition.repertoire import Repertoire
from mappings.loss import Ledger
from tests.documents.builder import Builder
from tests.documents.choices import Everything, Particle, Way
from tests.documents.comparison import leaves
from whitelist.entitlement import Norme, filter_repertoire

ROWS = list(csv.DictReader((Path(__file__).parent / "wire_rows.csv").read_text(encoding="utf-8").splitlines()))
VERSIONS = (Version.V1_5, Version.V1_6, Version.V2_4, Version.V3_0)
PROFILES = (ProfilAcces.P0, ProfilAcces.P1, ProfilAcces.P2, ProfilAcces.P3)
FIELDS = ("01", "02", "03", "04", "05")
LONG = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
CSD = "urn:ihe:iti:csd:2013"
# What the contract uses once, whatever the schema lets repeat: a repetition is an element nobody classified.
ONCE = frozenset({"address", "location", "name"})


class Facing(Everything):
    """Every element, twice those that repeat by the contract."""

    def count(self, way: Way, particle: Particle, least: int, most: int) -> int:
        before_2_4 = particle[0] in {"csdContact", "organization", "facility"} and way[-1] == "contact"
        situation = way[-2:] == ("operationalStatus", "contactPoint")  # one up to 2.4
        return 1 if way[-1] in ONCE or before_2_4 or situation else most


class Case(NamedTuple):
    """A document read in one version and answered in another; `turn` says which levels and lines stand where."""

    source: Version
    target: Version
    field: str
    sensitive: bool
    turn: int


def cases() -> Iterator[Case]:
    for source in VERSIONS:
        for target in VERSIONS:
            if source is not target and source not in {Version.V2_4, Version.V3_0}:
                continue  # up to 1.6 has fewer elements than 2.4, whose documents are answered in 3.0 as well
            for field in FIELDS:
                for sensitive in (False, True):
                    turns = range(6) if LONG else [FIELDS.index(field)]
                    for turn in turns:
                        if not sensitive or source in {Version.V2_4, Version.V3_0}:
                            yield Case(source, target, field, sensitive, turn)


@cache
def repertoire(source: Version, field: str, sensitive: bool, turn: int) -> Repertoire:
    """The document in which every element of the schema stands, with the facts of the case."""
    document = Builder(source).document(Facing())
    unit = next(found for found in document.iter(f"{{{CSD}}}facility") if found.find("{*}codedType").get("code") == "4")
    _turn(document, "confidentialityLevel", "1 2 1 3 3 2 3".split(), turn)
    _turn(document, "capacityStatus", "01 02 03 04 05 06".split(), turn)
    _turn(document, "temporaryAssignment", "01 02".split(), turn)
    fields = list(unit.iterfind("{*}extension/{*}typeActivity"))
    fields[0].set("code", field)
    for extra in fields[1:]:
        extra.getparent().remove(extra)
    for flag in unit.iterfind("{*}extension/{*}sensitiveUnit"):
        flag.text = "true" if sensitive else "false"
    _mark(document)
    schema(source).assertValid(document)
    return read_document(document, version=source, dialect=Dialect(), ledger=Ledger())


def _turn(document: etree._Element, name: str, codes: list[str], turn: int) -> None:
    """Give the elements of a name the codes of a list, one after the other, beginning where the turn says."""
    for rank, coded in enumerate(document.iter(f"{{{CSD}}}{name}"), start=turn):
        coded.set("code", codes[rank % len(codes)])


def _mark(document: etree._Element) -> None:
    """The level of a contact or telecom in a text of it: versions up to 1.6 have no element for it."""
    for name, text in (("contactPoint", "equipment"), ("contact", "description")):
        for element in document.iter(f"{{{CSD}}}{name}"):
            level = element.find("{*}confidentialityLevel")
            level = element.find("{*}extension/{*}confidentialityLevel") if level is None else level
            for said in element.iterfind(f".//{{*}}{text}"):
                said.text = f"niveau {level.get('code') if level is not None else 3}"


class Facts(NamedTuple):
    """What the conditions of a row are judged on. A hidden unit opens nothing above it."""

    medico_social: bool
    ambulatory: bool


def sent(condition: str, element: etree._Element, facts: Facts) -> bool:
    """Whether a condition of section 11 lets the element go, judged on what stands in it."""
    match condition:
        case "Y" | "N":
            return condition == "Y"
        case "1" | "12":
            return level(element) in condition
        case "MS12":
            return level(element) in ("12" if facts.medico_social else "1")
        case "MS":
            return facts.medico_social
        case "AMB":
            return facts.ambulatory
        case "MS|AMB":
            return facts.medico_social or facts.ambulatory
        case "!06" | "MS!06":
            open_ = facts.medico_social or condition == "!06"
            return open_ and element.find("capacityStatus").get("code") in {"01", "02", "03", "04", "05"}
    raise AssertionError(condition)


def level(element: etree._Element) -> str:
    """The level of a contact or telecom, from the text that carries it in every version."""
    text = element.findtext("equipment" if element.tag == "contactPoint" else ".//description") or "3"
    return text[-1]


def expected(whole: bytes, case: Case, profile: ProfilAcces) -> etree._Element:
    """The document less what the rows close to the profile, and what has nothing left to say."""
    hidden = case.sensitive and (profile is not ProfilAcces.P1 or case.target in {Version.V1_5, Version.V1_6})
    facts = Facts(case.field == "04" and not hidden, case.field == "05" and not hidden)
    root = parse(whole)
    for element in root.iter():
        element.tag = etree.QName(element).localname
    if hidden:
        _hide(root, case)
    closed = [
        found
        for row in ROWS
        if row["versions"] == "all" or case.target in row["versions"].split()
        for directory in root
        for entry in directory
        if kind(entry) in row["object"].split()
        for found in places(entry, row["wire path"])
        if not sent(row[profile], found[0], facts)
    ]
    for element, attribute in closed:
        if attribute:
            element.attrib.pop(attribute, None)
        elif element.getparent() is not None:
            element.getparent().remove(element)
    _tidy(root)
    for element in root.iter():
        if element.tag != "note":
            element.tag = f"{{{CSD}}}{element.tag}"
    return root


def places(entry: etree._Element, path: str) -> Iterator[tuple[etree._Element, str]]:
    """The elements of a path, and the name of the attribute when it ends in one."""
    way, _, attribute = path.partition("/@")
    return ((element, attribute) for element in entry.xpath(way))


def kind(entry: etree._Element) -> str:
    """Which of the objects of section 11 an entry is."""
    if entry.tag == "organization":
        return "EJ" if entry.find("parent") is None else "EG"
    if entry.tag == "facility":
        return "UE" if entry.find("codedType").get("code") == "4" else "OI"
    return str(entry.tag)


def _hide(root: etree._Element, case: Case) -> None:
    """The unit is not sent, nor what only it leads to: its activities, its equipment, its professional."""
    for directory in root:
        for entry in list(directory):
            if kind(entry) in {"UE", "device", "provider"}:
                directory.remove(entry)
    used = {link.get("entityID") for link in root.iterfind("facilityDirectory/facility/organizations//service")}
    for entry in root.findall("serviceDirectory/service"):
        if entry.get("entityID") not in used:
            entry.getparent().remove(entry)
        # The pole names the activity; what only the unit says of it stays with the unit.
        for detail in entry.xpath("*[not(self::codedType)]"):
            entry.remove(detail)
    # Care without the approval of the patient is a fact of the unit in 3.0, of its EG before.
    for flag in root.xpath("organizationDirectory/organization/extension/careWithoutPatientApproval"):
        if case.source is Version.V3_0 and case.target is not Version.V3_0:
            flag.getparent().remove(flag)


def _tidy(root: etree._Element) -> None:
    """The smallest optional ancestor of what the schema cannot leave empty."""
    for name, inside in (
        ("capacitySupported", "operationalAccommodationCapacity"),
        ("accommodationCapacity", "*[@total or @avaible or @updateDate]"),
    ):
        for element in list(root.iter(name)):
            if not element.xpath(inside):
                element.getparent().remove(element)


@cache
def whole(source: Version, target: Version, field: str, sensitive: bool, turn: int) -> bytes:
    """The document as it would leave without any filter."""
    return write_document(repertoire(source, field, sensitive, turn), version=target, ledger=Ledger())


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: f"profile-{profile}")
@pytest.mark.parametrize(
    "case", list(cases()), ids=lambda case: f"{case.source}-in-{case.target}-{case.field}-{case.sensitive}-{case.turn}"
)
def test_the_emitted_document_is_the_whole_less_what_section_11_closes(case: Case, profile: ProfilAcces) -> None:
    """RG_ALIM_050, RG_ALIM_051, RG_ALIM_052 and RG_ALIM_053, a profile each."""
    filtered = filter_repertoire(
        repertoire(case.source, case.field, case.sensitive, case.turn),
        profil=profile,
        norme=Norme(f"csd-{case.target}"),
    )
    emitted = parse(write_document(filtered.repertoire, version=case.target, ledger=Ledger()))

    schema(case.target).assertValid(emitted)
    wanted = expected(whole(case.source, case.target, case.field, case.sensitive, case.turn), case, profile)
    given, due = leaves(emitted), leaves(wanted)
    beyond = {leaf for leaf in given - due if not _supposed(leaf, case)}
    assert (beyond, set(due - given)) == (set(), set())


def _supposed(leaf: tuple[str, str, str], case: Case) -> bool:
    """The record that the schema wants of an activity which only a hidden unit describes: nothing of it is known."""
    entry, path, value = leaf
    return case.sensitive and entry.startswith("service ") and path.startswith("record@") and value != "Texte fictif"
