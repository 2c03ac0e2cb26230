"""EJ and EG: contract section 7.1. One wire class for both: the EG is the one that has a parent."""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from mappings.csd.codes import Coded
from mappings.csd.contacts import record
from mappings.csd.contexts import Reading, Space, Writing
from mappings.csd.links import STRUCTURE, Reference
from mappings.csd.markup import Markup
from mappings.csd.namespaces import csd
from mappings.csd.places import ADDRESS
from mappings.csd.scalars import TEXT
from mappings.csd.shapes import Entry, Extension, Field, Many, Part, Shape, Take, Values
from mappings.exposition.organisation import EntiteGeographique, EntiteJuridique
from mappings.exposition.values import Code
from mappings.loss import LossKind, Severity
from mappings.nomenclatures.tables import table

_CODED_TYPE = csd("codedType")


class OlderClosingReason(Coded):
    """The reason of the closing of an EJ or an EG up to 2.4: their tables share the letters of R286, which FHIR has."""

    def write(self, out: Markup, name: str, value: Code, writing: Writing) -> None:
        """Append the reason, under the table of the object."""
        own = self.expected[0]
        if value.systeme == "R286" and value.code in (table(own) or {}):
            writing.note_here(
                LossKind.DERIVED,
                "closing.older-table",
                value_kind="code",
                severity=Severity.INFORMATION,
                below="closingReason",
            )
            value = Code(own, value.code, value.libelle)
        super().write(out, name, value, writing)


class SortedCodes:
    """Repeated `codedType`: each nomenclature has its attribute, those that have none are kept in `autres_types`."""

    def __init__(self, **attributes: str) -> None:
        self.by_system = attributes
        self.attributes = frozenset({*attributes.values(), "autres_types"})
        self.coded = Coded(*attributes)

    def takes(self) -> Iterator[tuple[str, Take]]:
        """Every type."""
        yield _CODED_TYPE, self._take

    def _take(self, element: etree._Element, values: Values, reading: Reading) -> None:
        code = self.coded.read(element, reading)
        if code is None:
            return
        attribute = self.by_system.get(code.systeme)
        if attribute is None or attribute in values:
            values["autres_types"] = (*values.get("autres_types", ()), code)
        else:
            values[attribute] = code

    def _codes(self, value: Any) -> Iterator[Code]:
        for attribute in self.by_system.values():
            code = getattr(value, attribute)
            if code is not None:
                yield code
        yield from value.autres_types

    def says(self, value: Any) -> bool:
        """Whether the object has any type."""
        return any(True for _ in self._codes(value))

    def put(self, out: Markup, value: Any, writing: Writing) -> None:
        """Append every type; the schema wants one."""
        for code in self._codes(value):
            self.coded.write(out, "codedType", code, writing)
        if not self.says(value):
            writing.note_here(LossKind.DEFAULTED, "default.codedType", value_kind="code", below="codedType")
            self.coded.write(out, "codedType", self.coded.blank, writing)


def legal_entity(*, contacts: tuple[Part, ...], telecom: Shape, extension: tuple[Part, ...]) -> Shape:
    """The shape of an EJ in a version."""
    return Entry(
        EntiteJuridique,
        "organization",
        STRUCTURE,
        SortedCodes(R72="statut_juridique", R69="sous_ensemble_agregat_statut_juridique"),
        Field("primaryName", TEXT, "raison_sociale", required=True),
        Many("otherName", TEXT, "complements_nom"),
        Field("address", ADDRESS, "adresse"),
        *contacts,
        Many("contactPoint", telecom, "telecommunications"),
        Extension(*extension),
        record(),
        handled=frozenset({"cle"}),
    )


def site(*, contacts: tuple[Part, ...], telecom: Shape, extension: tuple[Part, ...]) -> Shape:
    """The shape of an EG in a version."""
    return Entry(
        EntiteGeographique,
        "organization",
        STRUCTURE,
        SortedCodes(R66="categorie", R73="modalite_participation_sph"),
        Field("primaryName", TEXT, "denomination", required=True),
        Many("otherName", TEXT, "complements_nom"),
        Field("address", ADDRESS, "adresse"),
        *contacts,
        Many("contactPoint", telecom, "telecommunications"),
        Field("parent", Reference(Space.EJ), "entite_juridique"),
        Extension(*extension),
        record(),
        handled=frozenset({"cle"}),
    )
