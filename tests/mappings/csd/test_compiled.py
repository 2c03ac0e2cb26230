"""The function made from a table: what it is made of, and that nothing is read twice or left over."""

from datetime import date
from typing import Any

import pytest

from mappings.csd.codes import Coded
from mappings.csd.compiled import source
from mappings.csd.contacts import MEASURE
from mappings.csd.contexts import Reading
from mappings.csd.dialect import Dialect
from mappings.csd.namespaces import csd
from mappings.csd.scalars import DAY, INTEGER, TEXT
from mappings.csd.shapes import Extension, Field, First, Many, Shape, Spread
from mappings.csd.version import Version
from mappings.csd.xml import parse
from mappings.exposition.contact import Contact, Horaire
from mappings.exposition.values import Code
from mappings.loss import Ledger

WHOLE = """\
def read(element, reading, values=None):
    valeur = ABSENT
    unite = None
    pending, codes = reading.pending, reading.codes
    mark = len(pending)
    if element.keys():
        note_attributes(element, known_9, reading, 'element.attributes')
    spoken_1 = element.text is not None and said(element.text)
    for child_1 in element:
        if child_1.tail is not None and said(child_1.tail):
            spoken_1 = True
        tag = child_1.tag
        if tag == '{urn:ihe:iti:csd:2013}value':
            if valeur is ABSENT:
                value = None if len(child_1) or child_1.keys() else usual_11(child_1.text, reading)
                if value is None:
                    value = read_10(child_1, reading)
                if value is not None:
                    valeur = value
            else:
                pending.append(child_1)
        elif tag == '{urn:ihe:iti:csd:2013}unit':
            if unite is None:
                value = codes.get((PLACE, *child_1.items(), child_1.text))
                if value is None or len(child_1):
                    value = read_12(child_1, reading)
                elif type(value) is Unverifiable:
                    value = value.code
                    reading.ledger.unverifiable += 1
                if value is not None:
                    unite = value
            else:
                pending.append(child_1)
        else:
            pending.append(child_1)
    if spoken_1:
        note_text(element, reading)
    if valeur is ABSENT:
        return incomplete('mesurement', element, mark, reading)
    return build_13(
        valeur,
        unite,
    )"""


def test_the_function_is_what_one_would_write_by_hand() -> None:
    place = Coded("R247").place(csd("mesurement"), csd("unit"))

    assert source(MEASURE, csd("mesurement")) == WHOLE.replace("PLACE", str(place))


SLOTS = Shape(
    Horaire,
    "hours",
    Field("a", DAY, "debut_date_effective"),
    Many("b", INTEGER, "jours"),
    Field("c", DAY, "fin_date_effective"),
    Field("d", TEXT, "ouvert"),
    Spread("e", Field("f", Coded("R252"), "type_plage_horaire")),
    Extension(Field("g", TEXT, "heure_debut")),
    Field("h", TEXT, "heure_fin"),
)
DAY_1, DAY_2 = date(2024, 3, 1), date(2024, 3, 2)
SLOT = '<f code="08" codingScheme="1.2.250.1.213.3.3.50"/>'
CASES: dict[str, tuple[str, dict[str, Any], list[str]]] = {
    "nothing": ("", {}, []),
    "in order": ("<a>2024-03-01</a><b>1</b><b>2</b>", {"debut_date_effective": DAY_1, "jours": (1, 2)}, []),
    "in another order": ("<h>x</h><b>1</b><a>2024-03-01</a><b>2</b>", {"heure_fin": "x", "jours": (1, 2)}, []),
    "one twice": ("<a>2024-03-01</a><a>2024-03-02</a>", {"debut_date_effective": DAY_1}, ["a"]),
    "one empty, then one": ("<a/><a>2024-03-02</a>", {"debut_date_effective": DAY_2}, []),
    "a spread element": (f"<e>{SLOT}</e>", {"type_plage_horaire": Code("R252", "08")}, []),
    "a spread element twice": (f"<e/><e>{SLOT}</e>", {"type_plage_horaire": None}, ["e"]),
    "two extensions are one": (
        '<extension type="x" urn="y"/><extension type="x" urn="y"><g>z</g></extension>',
        {"heure_debut": "z"},
        [],
    ),
    "a stranger": ("<z/><e><y/></e>", {}, ["z", "y"]),
}


@pytest.mark.parametrize(("content", "values", "kept"), CASES.values(), ids=CASES)
def test_what_a_table_says_is_read_and_the_rest_is_kept(content: str, values: dict[str, Any], kept: list[str]) -> None:
    ledger = Ledger()
    reading = Reading(Version.V3_0, Dialect(), ledger, date.max)

    found = SLOTS.read(parse(f'<x xmlns="urn:ihe:iti:csd:2013">{content}</x>'.encode()), reading)

    assert {name: getattr(found, name) for name in values} == values
    assert [parse(ajout.contenu.encode()).tag.rpartition("}")[2] for ajout in found.ajouts] == kept
    assert reading.pending == []
    assert ledger.entries == ()


def test_the_first_of_several_is_one_value_of_many() -> None:
    shape = Shape(Contact, "contact", First("name", TEXT, "telecommunications"))
    reading = Reading(Version.V3_0, Dialect(), Ledger(), date.max)

    found = shape.read(parse(b'<x xmlns="urn:ihe:iti:csd:2013"><name>a</name><name>b</name></x>'), reading)

    assert found.telecommunications == ("a",)
    assert len(found.ajouts) == 1


def test_equal_codes_are_one_value_unless_something_is_told() -> None:
    reading = Reading(Version.V3_0, Dialect(), Ledger(), date.max)
    kind = Coded("R213")
    of = '<m code="{}" codingScheme="1.2.250.1.213.3.3.13"/>'

    first, second = (kind.read(parse(of.format("28").encode()), reading) for _ in range(2))
    assert first is second
    assert reading.ledger.entries == ()
    for told in (1, 2):
        assert kind.read(parse(of.format("ZZ").encode()), reading) == Code("R213", "ZZ")
        assert len(reading.ledger) == told
