"""The published formats, as values."""

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.nomenclatures import published
from gateway.nomenclatures.files import opened
from gateway.nomenclatures.lists import NotPublished, PublishedConcept, PublishedList

OID = "1.2.250.1.213.3.3.4"
URL = "https://mos.esante.gouv.fr/NOS/TRE_R203-StatutLieu/FHIR/TRE-R203-StatutLieu"
TABS = (
    f"{OID}\tTRE\tTRE_R203-StatutLieu.tabs\tStatut lieu\t{URL}\t20180126120000\t\t20261218120000\n"
    "Code\tLibellé\tDateValid\tDateMaj\tDateFin\n"
    "1\tOpérationnel\t20180126120000\t20180126120000\t\n"
    "3\tFermé\t20180126120000\t20261218120000\t20261218120000\n"
)
SVS = f"""<RetrieveValueSetResponse xmlns="urn:ihe:iti:svs:2008">
<ValueSet id="1.2.250.1.213.3.4.56" name="JDV_J224-StatutLieu-ROR" displayName="Statut lieu" version="20261218120000">
<ConceptList><Concept code="1" codeSystem="{OID}" displayName="Opérationnel"/></ConceptList>
</ValueSet></RetrieveValueSetResponse>"""
CODE_SYSTEM_XML = f"""<?xml version="1.0" encoding="UTF-8"?>
<CodeSystem xmlns="http://hl7.org/fhir">
  <text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml"><p>Statut lieu</p></div></text>
  <extension url="http://hl7.org/fhir/StructureDefinition/resource-effectivePeriod">
    <valuePeriod><start value="2018-01-26T12:00:00+01:00"/></valuePeriod></extension>
  <url value="{URL}"/>
  <identifier><system value="urn:ietf:rfc:3986"/><value value="urn:oid:{OID}"/></identifier>
  <version value="20261218120000"/><name value="TRE_R203_StatutLieu"/><title value="Statut lieu"/>
  <status value="active"/><content value="complete"/><count value="3"/>
  <property><code value="deprecationDate"/><uri value="https://smt.esante.gouv.fr/fhir/concept-properties#deprecationDate"/>
    <type value="dateTime"/></property>
  <concept><code value="1"/><display value="Opérationnel"/>
    <property><code value="dateValid"/><valueDateTime value="2018-01-26T12:00:00+01:00"/></property>
    <concept><code value="11"/><display value="En partie"/></concept></concept>
  <concept><code value="3"/><display value="Fermé"/>
    <property><code value="status"/><valueCode value="deprecated"/></property>
    <property><code value="deprecationDate"/><valueDateTime value="2026-12-18"/></property></concept>
</CodeSystem>"""
VALUE_SET_XML = f"""<ValueSet xmlns="http://hl7.org/fhir">
  <url value="https://mos.esante.gouv.fr/NOS/JDV_J224-StatutLieu-ROR/FHIR/JDV-J224-StatutLieu-ROR"/>
  <identifier><value value="urn:oid:1.2.250.1.213.3.4.56"/></identifier><version value="20261218120000"/>
  <status value="active"/><compose><include><system value="{URL}"/>
  <concept><code value="1"/><display value="Opérationnel"/></concept></include></compose></ValueSet>"""
CODE_SYSTEM: dict[str, Any] = {
    "resourceType": "CodeSystem",
    "url": URL,
    "identifier": [{"system": "urn:ietf:rfc:3986", "value": f"urn:oid:{OID}"}],
    "version": "20261218120000",
    "name": "TRE_R203_StatutLieu",
    "title": "Statut lieu",
    "status": "active",
    "concept": [
        {
            "code": "1",
            "display": "Opérationnel",
            "property": [{"code": "dateValid", "valueDateTime": "2018-01-26T12:00:00+01:00"}],
            "concept": [{"code": "11", "display": "En partie"}],
        },
        {
            "code": "3",
            "display": "Fermé",
            "property": [
                {"code": "status", "valueCode": "deprecated"},
                {"code": "deprecationDate", "valueDateTime": "2026-12-18"},
            ],
        },
    ],
}
VALUE_SET: dict[str, Any] = {
    "resourceType": "ValueSet",
    "url": "https://smt.esante.gouv.fr/fhir/ValueSet/jdv-j224-statut-lieu-ror",
    "identifier": [{"value": "urn:oid:1.2.250.1.213.3.4.56"}],
    "version": "20261218120000",
    "status": "active",
    "compose": {"include": [{"system": URL, "concept": [{"code": "1", "display": "Opérationnel"}]}]},
}


def read_published(path: Path) -> PublishedList:
    (file,) = opened(path)
    return published.read_published(file)


def written(folder: Path, name: str, content: str | dict[str, Any]) -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_tabs(tmp_path: Path) -> None:
    found = read_published(written(tmp_path, "TRE_R203-StatutLieu.tabs", TABS))

    assert (found.kind, found.name, found.title, found.oid, found.url, found.version, found.status) == (
        "TRE",
        "TRE_R203-StatutLieu",
        "Statut lieu",
        OID,
        URL,
        "20261218120000",
        "active",
    )
    assert found.concepts[1] == PublishedConcept(
        code="3", display="Fermé", start="20180126120000", updated="20261218120000", end="20261218120000"
    )


def test_svs(tmp_path: Path) -> None:
    found = read_published(written(tmp_path, "JDV_J224-StatutLieu-ROR.xml", SVS))

    assert (found.kind, found.name, found.oid, found.version) == (
        "JDV",
        "JDV_J224-StatutLieu-ROR",
        "1.2.250.1.213.3.4.56",
        "20261218120000",
    )
    assert found.concepts == (PublishedConcept(code="1", display="Opérationnel", system=OID),)


def test_a_code_system(tmp_path: Path) -> None:
    found = read_published(written(tmp_path, "r203.json", CODE_SYSTEM))

    assert (found.kind, found.name, found.oid) == ("TRE", "TRE_R203-StatutLieu", OID)
    assert [(one.code, one.parent) for one in found.concepts] == [("1", ""), ("11", "1"), ("3", "")]
    assert (found.concepts[2].status, found.concepts[2].deprecated) == ("deprecated", "2026-12-18")


@pytest.mark.parametrize("held", ["compose", "expansion"])
def test_a_value_set(held: str, tmp_path: Path) -> None:
    contains = [{"system": URL, "code": "1", "display": "Opérationnel"}]
    resource = VALUE_SET if held == "compose" else {**VALUE_SET, "expansion": {"contains": contains}}
    if held == "expansion":
        resource = {name: value for name, value in resource.items() if name != "compose"}

    found = read_published(written(tmp_path, "j224.json", resource))

    assert (found.kind, found.name) == ("JDV", "JDV_J224-StatutLieuRor")
    assert found.concepts == (PublishedConcept(code="1", display="Opérationnel", system=URL),)


def test_a_code_system_in_xml_says_what_the_same_says_in_json(tmp_path: Path) -> None:
    in_xml = read_published(written(tmp_path, "r203.xml", CODE_SYSTEM_XML))
    in_json = read_published(written(tmp_path, "r203.json", CODE_SYSTEM))

    assert (in_xml.kind, in_xml.name, in_xml.oid, in_xml.version) == (
        "TRE",
        "TRE_R203-StatutLieu",
        OID,
        in_json.version,
    )
    assert in_xml.concepts == in_json.concepts


def test_a_text_that_has_an_extension_in_xml_keeps_its_value(tmp_path: Path) -> None:
    english = f'<extension xmlns="http://hl7.org/fhir" url="{URL}"><valueString value="Open"/></extension>'
    content = CODE_SYSTEM_XML.replace(
        '<display value="Opérationnel"/>', f'<display value="Opérationnel">{english}</display>'
    )

    found = read_published(written(tmp_path, "r203.xml", content))

    assert found.concepts[0].display == "Opérationnel"


def test_a_value_set_in_xml(tmp_path: Path) -> None:
    found = read_published(written(tmp_path, "j224.xml", VALUE_SET_XML))

    assert (found.kind, found.name, found.oid) == ("JDV", "JDV_J224-StatutLieu-ROR", "1.2.250.1.213.3.4.56")
    assert found.concepts == (PublishedConcept(code="1", display="Opérationnel", system=URL),)


def test_a_value_set_that_is_a_tree_is_whole(tmp_path: Path) -> None:
    inner = {"system": URL, "code": "11", "display": "En partie"}
    contains = [{"system": URL, "code": "1", "display": "Opérationnel", "contains": [inner]}]
    resource = {name: value for name, value in VALUE_SET.items() if name != "compose"}

    found = read_published(written(tmp_path, "j224.json", {**resource, "expansion": {"contains": contains}}))

    assert [one.code for one in found.concepts] == ["1", "11"]


def test_our_own_csv(tmp_path: Path) -> None:
    written(
        tmp_path,
        "index.csv",
        "id,kind,title,file,canonical_url,oid,version,resource_status,concepts,active,ended,note\n"
        f"TRE_R203-StatutLieu,TRE,Statut lieu,r203.csv,{URL},{OID},20261218120000,active,1,1,0,\n",
    )

    found = read_published(written(tmp_path, "r203.csv", "code,display,end\n1,Opérationnel,2026-12-18\n"))

    assert (found.name, found.oid) == ("TRE_R203-StatutLieu", OID)
    assert found.concepts == (PublishedConcept(code="1", display="Opérationnel", end="2026-12-18"),)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        pytest.param("x.pdf", "", "format", id="other format"),
        pytest.param("x.tabs", "", "first-line", id="empty tabs"),
        pytest.param("x.tabs", "a\tb\nCode\tLibellé\n", "first-line", id="tabs without its first line"),
        pytest.param("x.tabs", TABS.replace("Libellé", "Wording"), "columns", id="tabs of unknown columns"),
        pytest.param("x.xml", "<a/>", "value-set", id="xml without a list"),
        pytest.param("x.xml", "<a", "not-well-formed", id="truncated xml"),
        pytest.param("x.xml", "<!DOCTYPE a><a/>", "doctype", id="doctype"),
        pytest.param("x.json", "{}", "resource", id="no resource"),
        pytest.param("x.json", '{"a":1,"a":2}', "duplicate-key", id="duplicate key"),
        pytest.param("x.json", '{"resourceType":"CodeSystem"}', "shape", id="no address"),
        pytest.param("x.json", '{"resourceType":"ValueSet","url":"u"}', "shape", id="no codes"),
        pytest.param("x.csv", "code,display\n1,Un\n", "index", id="csv without index"),
        pytest.param("x.tabs", TABS[:-20], "cells", id="tabs cut in a line"),
        pytest.param("x.tabs", TABS.replace("Fermé", "Fer\tmé"), "cells", id="a tabulation in a label"),
        pytest.param("x.xml", CODE_SYSTEM_XML[:900], "not-well-formed", id="FHIR XML cut"),
        pytest.param("x.xml", CODE_SYSTEM_XML.replace('"complete"', '"fragment"'), "part", id="part of a code system"),
        pytest.param(
            "x.xml", CODE_SYSTEM_XML.replace('count value="3"', 'count value="4"'), "count", id="a code is missing"
        ),
        pytest.param("x.xml", '<Patient xmlns="http://hl7.org/fhir"/>', "resource", id="another resource in XML"),
        pytest.param(
            "x.xml", VALUE_SET_XML.replace("<version", '<url value="u"/><version'), "shape", id="two addresses"
        ),
        pytest.param("x.json", json.dumps(CODE_SYSTEM)[:-30], "not-well-formed", id="JSON cut"),
        pytest.param("x.tabs", TABS.replace("Opérationnel", "O" * 140_000), "lines", id="an endless cell"),
        pytest.param("x.tabs", TABS.replace("Opérationnel", "Opé\rrationnel"), "lines", id="a lonely carriage return"),
        pytest.param("x.json", json.dumps({**CODE_SYSTEM, "title": ["Statut"]}), "shape", id="a title that is a list"),
        pytest.param(
            "x.json",
            json.dumps({**CODE_SYSTEM, "concept": [{"code": "1", "display": None}]}),
            "shape",
            id="a label that is null",
        ),
        pytest.param(
            "x.json",
            json.dumps({**CODE_SYSTEM, "concept": [{"code": 1, "display": "Un"}]}),
            "shape",
            id="a code that is a number",
        ),
        pytest.param(
            "x.json",
            json.dumps({**VALUE_SET, "compose": {"include": [{"system": URL}]}}),
            "by-rule",
            id="a whole table as a value set",
        ),
        pytest.param(
            "x.json",
            json.dumps({**VALUE_SET, "compose": {"include": [{"system": URL, "filter": [], "concept": []}]}}),
            "by-rule",
            id="a filter",
        ),
        pytest.param(
            "x.json",
            json.dumps({**VALUE_SET, "compose": {**VALUE_SET["compose"], "exclude": [{"system": URL}]}}),
            "by-rule",
            id="an exclusion",
        ),
    ],
)
def test_what_is_in_no_format_is_refused(name: str, content: str, code: str, tmp_path: Path) -> None:
    with pytest.raises(NotPublished) as refused:
        read_published(written(tmp_path, name, content))

    assert refused.value.code == code


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotPublished) as refused:
        read_published(tmp_path / "absent.tabs")

    assert refused.value.code == "unreadable"


def test_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.tabs").write_bytes(TABS.encode("latin-1"))

    with pytest.raises(NotPublished) as refused:
        read_published(tmp_path / "x.tabs")

    assert refused.value.code == "encoding"
