"""A stray at every element of a full message of each kind: a request is refused, an answer is kept whole or told."""

import re
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from mappings.csd import requests, search_2016
from mappings.csd.answers import MalformedAnswer, read_answer, write_answer
from mappings.csd.dialect import Dialect
from mappings.csd.forms import BadRequest
from mappings.csd.namespaces import CSD, XSI
from mappings.csd.version import Version
from mappings.csd.xml import parse
from mappings.exposition.demandes import (
    DemandeNotification,
    EtablissementModifie,
    LectureEtablissement,
    LectureOrganisationInterne,
    Recherche,
    ReponseNotification,
    Territoire,
    TypeTerritoire,
)
from mappings.exposition.values import Code
from mappings.loss import Ledger
from tests.documents.search_2016 import FOUND, answer
from tests.documents.strays import PLANTS, Plant, again, attribute, child, last, planted, text

SINCE = datetime(2026, 1, 14, 11, tzinfo=UTC)
FIELDS, PUBLICS = (Code("R227", "02"), Code("R227", "04")), (Code("R239", "01"),)
SEARCH = Recherche(
    activites=(Code("R211", "037"),),
    modes_prise_en_charge=(Code("R213", "28"),),
    actes_specifiques=(Code("R210", "0010"),),
    equipements=(Code("R212", "099"),),
    territoires=(
        Territoire(TypeTerritoire.DEPARTEMENT, "2A"),
        Territoire(TypeTerritoire.COMMUNE, "01004", Decimal("12.5")),
    ),
    age=Decimal(35),
    classes_age=(Code("R208", "05"),),
    specialites=(Code("R38", "SM26"),),
)
REQUESTS: dict[str, tuple[etree._Element, Callable[[etree._Element], Any]]] = {
    "establishment": (
        requests.write_request(LectureEtablissement("1019999991", SINCE, FIELDS, PUBLICS, True)),
        requests.read_request,
    ),
    "unit": (requests.write_request(LectureOrganisationInterne("84/UE-0001")), requests.read_request),
    "notification": (requests.write_request(DemandeNotification(SINCE, FIELDS, PUBLICS)), requests.read_request),
    "search of 2016": (search_2016.write_request(SEARCH), search_2016.read_request),
}
MODIFIED = ReponseNotification(
    tuple(EtablissementModifie(key, FIELDS, PUBLICS, False, SINCE) for key in ("1019999991", "1019999983")), 2
)
# Texts that ask nothing: the contract gives no meaning to the first, the others are the label of a code.
UNUSED = re.compile(r"/organization$|/destination(\[\d\])?/(type|code)$|/timeUnity$")
ANYTHING: dict[str, Plant] = {**PLANTS, "again": again}


@pytest.mark.parametrize("plant", ANYTHING.values(), ids=ANYTHING)
@pytest.mark.parametrize(("message", "read"), REQUESTS.values(), ids=REQUESTS)
def test_what_is_planted_in_a_request_is_refused_or_asked(
    message: etree._Element, read: Callable[[etree._Element], Any], plant: Plant
) -> None:
    before = read(message)
    silent = []
    for place, grown in planted(message, plant):
        try:
            ignored = read(grown) == before
        except BadRequest:
            continue
        if ignored and not (UNUSED.search(place) and plant in (text, again)):
            silent.append(place)

    assert silent == []


def notified(body: etree._Element) -> Any:
    ledger = Ledger()
    return read_answer(body, version=Version.V1_6, dialect=Dialect(), ledger=ledger), ledger.entries


def searched(body: etree._Element) -> Any:
    ledger = Ledger()
    return search_2016.read_answer(body, ledger=ledger), ledger.entries


ANSWERS: dict[str, tuple[etree._Element, Callable[[etree._Element], Any]]] = {
    "notification": (parse(write_answer(MODIFIED, version=Version.V1_6, ledger=Ledger())), notified),
    "search of 2016": (answer(f"<result>{FOUND}</result>"), searched),
}


@pytest.mark.parametrize("plant", ANYTHING.values(), ids=ANYTHING)
@pytest.mark.parametrize(("message", "read"), ANSWERS.values(), ids=ANSWERS)
def test_what_is_planted_in_an_answer_is_kept_or_told(
    message: etree._Element, read: Callable[[etree._Element], Any], plant: Plant
) -> None:
    before = read(message)
    assert before[1] == ()

    silent = []
    for place, grown in planted(message, plant):
        try:
            ignored = read(grown) == before
        except (ValueError, MalformedAnswer):  # two results, a number that is none: no answer
            continue
        if ignored:
            silent.append(place)

    assert silent == []


@pytest.mark.parametrize("name", ["type", "schemaLocation", "noNamespaceSchemaLocation"])
@pytest.mark.parametrize(("message", "read"), REQUESTS.values(), ids=REQUESTS)
def test_what_any_schema_admits_is_no_stray_of_a_request(
    message: etree._Element, read: Callable[[etree._Element], Any], name: str
) -> None:
    grown = deepcopy(message)
    grown.set(f"{{{XSI}}}{name}", "x")

    assert read(grown) == read(message)


SAID: dict[str, tuple[str, Plant, tuple[str, str]]] = {
    "attribute": ("typeActivity", attribute, ("unexpected-attribute", "typeActivity")),
    "text": ("params", text, ("unexpected-text", "params")),
    "child of a code": ("typeActivity", last, ("unexpected-element", "stray")),
    "second instant": ("dateRef", again, ("repeated-element", "dateRef")),
}


@pytest.mark.parametrize(("name", "plant", "refusal"), SAID.values(), ids=SAID)
def test_the_refusal_names_what_was_planted(name: str, plant: Plant, refusal: tuple[str, str]) -> None:
    message = deepcopy(REQUESTS["notification"][0])
    found = next(message.iter(f"{{{CSD}}}{name}"))
    plant(found)

    with pytest.raises(BadRequest) as refused:
        requests.read_request(message)

    assert (refused.value.code, refused.value.place) == refusal


NOTED: dict[str, tuple[str, Plant, tuple[str, str, str]]] = {
    "attribute of an identifier": ("id_etablissement", attribute, ("1019999991", "element.attributes", "{}")),
    "text of an establishment": ("etablissementReponseNotif", text, ("1019999991", "element.text", "")),
    "an element of an establishment": (
        "etablissementReponseNotif",
        last,
        ("1019999991", "notification.no-place", "stray"),
    ),
    "a second instant": ("dateRef", again, ("1019999991", "notification.no-place", "{}")),
    "a child of a code": ("typeActivity", child, ("1019999991", "value.children", "{}")),
    "an attribute of the number": ("result", attribute, ("", "value.attributes", "result")),
}


@pytest.mark.parametrize(("name", "plant", "entry"), NOTED.values(), ids=NOTED)
def test_a_stray_of_a_notification_is_told_where_it_stands(
    name: str, plant: Plant, entry: tuple[str, str, str]
) -> None:
    body = deepcopy(ANSWERS["notification"][0])
    plant(next(body.iter(f"{{{CSD}}}{name}")))
    # In its envelope, as it comes.
    etree.SubElement(etree.Element("Envelope"), "Body").append(body)

    _, (loss,) = notified(body)

    above = "" if name == "result" else "etablissementReponseNotif"
    path = "/".join(filter(None, (above, entry[2].format(name))))
    assert (loss.object, loss.rule.removeprefix("csd-1.6."), loss.path) == (entry[0], entry[1], path)
