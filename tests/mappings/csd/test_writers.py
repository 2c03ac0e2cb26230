"""The function that writes a class: what it is made of, what it writes of every part of a table and what it tells."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from mappings.csd.codes import Coded
from mappings.csd.contacts import CONTACT, MEASURE, record
from mappings.csd.contexts import Writing
from mappings.csd.markup import Markup
from mappings.csd.records import RECORD, repeated
from mappings.csd.scalars import BOOLEAN, DAY, ENTITY_TEXT, HOUR, INTEGER, TEXT
from mappings.csd.shapes import Extension, Field, First, Many, Shape, Spread
from mappings.csd.version import Version
from mappings.csd.writers import holder, source
from mappings.exposition.contact import Contact, Horaire, Telecommunication
from mappings.exposition.values import Ajout, Code, Metadonnee
from mappings.loss import Ledger

WHOLE = """\
def write(out, name, value, writing, attributes=''):
    append, codes, path = out.append, writing.codes, writing.path
    append(f'<csd:{name}{attributes}>')
    item = value.valeur
    if item is not None:
        append(f'<csd:value>{kind_6.format(item, writing)}</csd:value>')
    item = value.unite
    if item is not None:
        text = codes.get((name, 'unit', item))
        if text is not None:
            append(text)
        else:
            kind_7.write(out, 'unit', item, writing)
    else:
        default(writing, 'unit', 'code', severity_8)
        kind_7.write(out, 'unit', given_9, writing)
    append(f'</csd:{name}>')"""


def test_the_function_is_what_one_would_write_by_hand() -> None:
    assert source(MEASURE) == WHOLE


class Own:
    """A part with ways of its own, beside the table."""

    attributes = frozenset({"debut_date_effective"})

    def says(self, value: Any) -> bool:
        return value.debut_date_effective is not None

    def put(self, out: Markup, value: Any, writing: Writing) -> None:
        if self.says(value):
            out.append(f"<csd:own>{writing.path}</csd:own>")


CLOSED = Code("R252", "08")
CLOSED_TEXT = '<csd:f code="08" codingScheme="1.2.250.1.213.3.3.50"/>'
SLOTS = Shape(
    Horaire,
    "hours",
    Many("a", INTEGER, "jours", required=True),
    Field("b", HOUR, "heure_debut"),
    Spread("c", Field("d", DAY, "fin_date_effective"), Spread("e", Field("f", Coded("R252"), "type_plage_horaire"))),
    Spread("g", Own()),
    Field("h", BOOLEAN, "ouvert"),
    Spread("i", Extension(Field("j", BOOLEAN, "ouvert", required=True)), required=True),
    handled=frozenset({"metadonnee", "heure_fin"}),
)
TELECOMS = Shape(
    Telecommunication,
    "telecom",
    Field("to", TEXT, "adresse_telecom"),
    Field("key", ENTITY_TEXT, "utilisation"),
    handled=frozenset({"canal"}),
)
NAMED = Shape(
    Contact,
    "contact",
    Field("name", TEXT, "nom"),
    First("first", TELECOMS, "telecommunications"),
    Field("must", Coded("R251"), "fonction_contact", required=True, default=Code("R251", "01")),
    heading=lambda value: f' about="{value.description}"' if value.description else "",
    handled=frozenset({"description"}),
)
FALSE = "<csd:i/>"
MUST = '<csd:must code="01" codingScheme="1.2.250.1.213.3.3.48"/>'
TELECOM = Telecommunication(CLOSED, adresse_telecom="1 & 2")
CASES: dict[str, tuple[Shape, Any, str, list[str]]] = {
    "nothing but what is required": (SLOTS, Horaire(), f"<csd:x><csd:a>0</csd:a>{FALSE}</csd:x>", ["default.a"]),
    "every item": (SLOTS, Horaire(jours=(1, 2)), f"<csd:x><csd:a>1</csd:a><csd:a>2</csd:a>{FALSE}</csd:x>", []),
    "a value by its kind": (
        SLOTS,
        Horaire(jours=(1,), heure_debut=time(8, 30)),
        f"<csd:x><csd:a>1</csd:a><csd:b>08:30:00</csd:b>{FALSE}</csd:x>",
        [],
    ),
    "a spread element for what it holds": (
        SLOTS,
        Horaire(jours=(1,), fin_date_effective=date(2024, 3, 1)),
        f"<csd:x><csd:a>1</csd:a><csd:c><csd:d>2024-03-01</csd:d></csd:c>{FALSE}</csd:x>",
        [],
    ),
    "a spread element for what one inside it holds": (
        SLOTS,
        Horaire(jours=(1,), type_plage_horaire=CLOSED),
        f"<csd:x><csd:a>1</csd:a><csd:c><csd:e>{CLOSED_TEXT}</csd:e></csd:c>{FALSE}</csd:x>",
        [],
    ),
    "a part that writes in its own way, at its place": (
        SLOTS,
        Horaire(jours=(1,), debut_date_effective=date(2024, 3, 1)),
        f"<csd:x><csd:a>1</csd:a><csd:g><csd:own>way/g</csd:own></csd:g>{FALSE}</csd:x>",
        [],
    ),
    "a flag that is false is said": (
        SLOTS,
        Horaire(jours=(1,), ouvert=False),
        '<csd:x><csd:a>1</csd:a><csd:h>false</csd:h><csd:i><csd:extension type="ror" urn="urn:asip:ror">'
        "<csd:j>false</csd:j></csd:extension></csd:i></csd:x>",
        [],
    ),
    "a default that is a code": (NAMED, Contact(), f"<csd:x>{MUST}</csd:x>", ["default.must"]),
    "a name without a character is no name": (NAMED, Contact(nom=""), f"<csd:x>{MUST}</csd:x>", ["default.must"]),
    "attributes of the value": (
        NAMED,
        Contact(description="it", fonction_contact=Code("R251", "01")),
        f'<csd:x about="it">{MUST}</csd:x>',
        [],
    ),
    "the first of three": (
        NAMED,
        Contact(telecommunications=(TELECOM,) * 3, fonction_contact=Code("R251", "01")),
        f"<csd:x><csd:first><csd:to>1 &amp; 2</csd:to></csd:first>{MUST}</csd:x>",
        ["first.first", "first.first"],
    ),
    "a reference without a character is none": (
        TELECOMS,
        Telecommunication(CLOSED, utilisation=""),
        "<csd:x/>",
        [],
    ),
    "a reference": (TELECOMS, Telecommunication(CLOSED, utilisation="a"), '<csd:x><csd:key entityID="a"/></csd:x>', []),
    "what has no place": (
        NAMED,
        Contact(
            nature_contact=CLOSED,
            metadonnee=Metadonnee(statut="Ok"),
            fonction_contact=Code("R251", "01"),
            civilite=None,
        ),
        f"<csd:x>{MUST}</csd:x>",
        ["contact.nature_contact", "contact.metadonnee"],
    ),
}


def written(shape: Shape, value: Any, ledger: Ledger) -> str:
    writing = Writing(Version.V3_0, ledger)
    writing.object, writing.entry, writing.path = "key", "facility", "way"
    out: Markup = []
    shape.element(out, "x", value, writing)
    assert writing.path == "way"
    assert writing.metadonnee is None
    return "".join(out)


@pytest.mark.parametrize(("shape", "value", "text", "rules"), CASES.values(), ids=CASES)
def test_what_a_table_says_is_written(shape: Shape, value: Any, text: str, rules: list[str]) -> None:
    ledger = Ledger()

    assert written(shape, value, ledger) == text
    assert [entry.rule for entry in ledger.entries] == [f"csd-3.0.{rule}" for rule in rules]
    assert {entry.object for entry in ledger.entries} <= {"key"}


def test_an_entry_names_the_place_below_the_element_at_hand() -> None:
    ledger = Ledger()

    written(SLOTS, Horaire(), ledger)
    written(NAMED, Contact(telecommunications=(TELECOM,) * 2), ledger)

    assert [entry.path for entry in ledger.entries] == ["way/a", "way/first", "way/must"]


def test_a_spread_element_is_written_by_itself() -> None:
    write: Callable[..., None] = holder(Spread("s", Field("a", TEXT, "nom"), required=True))
    out: Markup = []

    write(out, Contact(nom="b"), Writing(Version.V3_0, Ledger()))
    write(out, Contact(), Writing(Version.V3_0, Ledger()))

    assert "".join(out) == "<csd:s><csd:a>b</csd:a></csd:s><csd:s/>"


UNIT = Shape(
    Horaire,
    "hours",
    Extension(Field("takingCareSpeciality", Coded("R245", "R211"), "type_plage_horaire")),
    Field("note", Coded("R245", "R211"), "type_plage_horaire"),
    handled=frozenset(Horaire.__struct_fields__),
)


def test_a_code_outside_the_value_set_of_its_place_is_told_each_time_and_in_each_document() -> None:
    """The text of a code of which nothing is told is remembered; elsewhere, the same code has nothing to tell."""
    value = Horaire(type_plage_horaire=Code("R211", "068"))
    outside = ("way/extension/takingCareSpeciality", "csd-3.0.code.outside")

    for _ in range(2):
        ledger = Ledger()
        texts = {written(UNIT, value, ledger) for _ in range(2)}
        assert len(texts) == 1
        assert [(entry.path, entry.rule) for entry in ledger.entries] == [outside] * 2


BORN, CHANGED = datetime(2024, 3, 1, 8, tzinfo=UTC), datetime(2025, 1, 2, 3, tzinfo=UTC)
LIVES = {
    "both": (Metadonnee(BORN, CHANGED, "Ok"), None, "2024-03-01T08:00:00Z", "2025-01-02T03:00:00Z", []),
    "one of the two": (
        Metadonnee(None, CHANGED, "Ok"),
        None,
        "2025-01-02T03:00:00Z",
        "2025-01-02T03:00:00Z",
        ["created"],
    ),
    "none, below an object with both": (
        None,
        Metadonnee(BORN, CHANGED, "Ok"),
        "2024-03-01T08:00:00Z",
        "2025-01-02T03:00:00Z",
        ["created", "updated", "status"],
    ),
    "none at all": (
        None,
        None,
        "1970-01-01T00:00:00",
        "1970-01-01T00:00:00",
        ["created", "updated", "status"],
    ),
}


@pytest.mark.parametrize(("own", "above", "created", "updated", "told"), LIVES.values(), ids=LIVES)
def test_each_record_that_repeats_another_has_entries_of_its_own(
    own: Metadonnee | None, above: Metadonnee | None, created: str, updated: str, told: list[str]
) -> None:
    ledger = Ledger()
    writing = Writing(Version.V3_0, ledger)
    writing.object, writing.metadonnee = "key", above
    shape = Shape(Telecommunication, "telecom", record(), handled=frozenset(Telecommunication.__struct_fields__))
    out: Markup = []

    for place in ("first", "second", "second"):
        shape.write(out, place, Telecommunication(CLOSED, metadonnee=own), writing)

    text = f'<csd:record created="{created}" updated="{updated}" status="Ok"/>'
    assert "".join(out) == "".join(f"<csd:{name}>{text}</csd:{name}>" for name in ("first", "second", "second"))
    assert [(entry.path, entry.rule) for entry in ledger.entries] == [
        (f"{place}/record", f"csd-3.0.record.{rule}") for place in ("first", "second", "second") for rule in told
    ]


def test_the_entries_of_a_missing_record_are_those_of_its_object_and_of_the_one_above() -> None:
    """What is remembered of one object says nothing of the next, nor of one with another record above."""
    ledger = Ledger()
    writing = Writing(Version.V3_0, ledger)
    out: Markup = []

    for key, above in (
        ("a", None),
        ("b", None),
        ("b", Metadonnee(BORN, CHANGED)),
        ("b", Metadonnee(None, BORN)),
        ("b", Metadonnee(CHANGED, BORN)),
    ):
        writing.object, writing.metadonnee = key, above
        out.append(repeated("record", "record", writing))

    assert [entry.object for entry in ledger.entries] == ["a"] * 3 + ["b"] * 12
    assert [entry.kind.value for entry in ledger.entries if entry.rule.endswith("created")] == [
        "defaulted",
        "defaulted",
        "derived",
        "derived",
        "derived",
    ]
    assert [text.split('"')[1] for text in out[2:]] == [
        "2024-03-01T08:00:00Z",
        "2024-03-01T08:00:00Z",
        "2025-01-02T03:00:00Z",
    ]
    assert [text.split('"')[3] for text in out[2:]] == [
        "2025-01-02T03:00:00Z",
        "2024-03-01T08:00:00Z",
        "2024-03-01T08:00:00Z",
    ]


def test_a_record_keeps_its_texts_and_what_a_region_added() -> None:
    fragment = '<x xmlns="urn:ihe:iti:csd:2013"/>'
    life = Metadonnee(BORN, CHANGED, "Ok", identifiant="a<b", ajouts=(Ajout("", "fhir", fragment),))
    ledger = Ledger()
    writing = Writing(Version.V3_0, ledger)
    out: Markup = []

    RECORD.write(out, "record", life, writing)

    assert "<csd:recognation>a&lt;b</csd:recognation>" in out[0]
    assert [entry.rule for entry in ledger.entries] == ["csd-3.0.addition.format"]


def test_a_contact_closes_its_record_for_what_follows() -> None:
    ledger = Ledger()
    writing = Writing(Version.V3_0, ledger)
    out: Markup = []

    CONTACT.write(out, "contact", Contact(nom="a", metadonnee=Metadonnee(BORN, CHANGED, "Ok")), writing)
    CONTACT.write(out, "contact", Contact(nom="b"), writing)

    assert out.count('<csd:record created="1970-01-01T00:00:00" updated="1970-01-01T00:00:00" status="Ok"/>') == 1
