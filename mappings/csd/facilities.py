"""Internal organisations and offers: contract section 7.2. One wire class for both: the offer is the level 4."""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from mappings.csd.codes import Coded
from mappings.csd.contacts import record
from mappings.csd.contexts import Reading, Space, Writing
from mappings.csd.links import UNIT, Reference, dangling
from mappings.csd.markup import Markup, closed, opened
from mappings.csd.namespaces import csd
from mappings.csd.scalars import BOOLEAN, DAY, TEXT
from mappings.csd.shapes import Entry, Extension, Field, Many, Part, Shape, Take, Values
from mappings.csd.strays import NONE, OF_REFERENCE, note_around, note_inside, said
from mappings.exposition.offre import ActiviteOperationnelle, OffreOperationnelle
from mappings.exposition.organisation import OrganisationInterne
from mappings.exposition.values import Code
from mappings.loss import LossKind, Severity
from mappings.nomenclatures.tables import display

UNIT_LEVEL = Code("R207", "4")
CARE_MODE = Coded("R213")
FINAL = Code("R286", "DEF")
LEVEL = Coded("R207")
_CODED_TYPE = csd("codedType")
_ORGANIZATION = csd("organization")
_SERVICE = csd("service")
_NOT_SENSITIVE = frozenset({"", "false", "0"})


class ConstantCode:
    """A `codedType` that the class of the object already says."""

    attributes: frozenset[str] = frozenset()

    def takes(self) -> Iterator[tuple[str, Take]]:
        """The type."""
        yield _CODED_TYPE, self._take

    def _take(self, element: etree._Element, values: Values, reading: Reading) -> None:
        """The hierarchy has read it; a label of the source's own, and a further type, have no place in the model."""
        if next(element.itersiblings(element.tag, preceding=True), None) is not None:
            reading.keep(element)
            return
        code = LEVEL.read(element, reading)
        if code is not None and code.systeme != UNIT_LEVEL.systeme:
            reading.note(LossKind.REPAIRED, element, "facility.type-system", value_kind="code")
        label = (element.text or "").strip()
        if label and label != display(*UNIT_LEVEL.cle):
            reading.note(
                LossKind.DROPPED, element, "facility.type-label", value_kind="text", severity=Severity.INFORMATION
            )

    def says(self, value: Any) -> bool:
        """Always."""
        return True

    def put(self, out: Markup, value: Any, writing: Writing) -> None:
        """Append the type."""
        CARE_MODE.write(out, "codedType", UNIT_LEVEL, writing)


class Links:
    """`organizations`: on the wire the EG and the activities; in the model also the organisation just above."""

    def __init__(self, *, whole_activities: bool) -> None:
        self.whole = whole_activities
        self.attributes = frozenset({"activites", "entite_geographique"})

    def takes(self) -> Iterator[tuple[str, Take]]:
        """The links; where they lead has been resolved by the hierarchy."""
        yield csd("organizations"), self._take

    def _take(self, element: etree._Element, values: Values, reading: Reading) -> None:
        found = list[ActiviteOperationnelle]()
        note_around(element, NONE, reading)
        for organization in element:
            if organization.tag != _ORGANIZATION:
                reading.keep(organization)
                continue
            note_around(organization, OF_REFERENCE, reading)
            for child in organization:
                if child.tag != _SERVICE:
                    reading.keep(child)
                    continue
                note_inside(child, OF_REFERENCE, reading)
                entity = child.get("entityID") or ""
                activity = reading.activites.get(entity) if entity else None
                if activity is None:
                    dangling(child, reading)
                    continue
                found.append(activity)
                if self.whole:
                    reading.use(entity, activity)
        links = found if self.whole else [activity.activite for activity in found]
        values["activites"] = _once((*values.get("activites", ()), *links))

    def says(self, value: Any) -> bool:
        """Whether there is any link."""
        return bool(value.entite_geographique or value.activites)

    def put(self, out: Markup, value: Any, writing: Writing) -> None:
        """Append the link to the EG, with the activities inside."""
        site = writing.entities.get((Space.EG, value.entite_geographique or ""))
        if site is None:
            writing.note_here(LossKind.DROPPED, "reference.dangling", value_kind="reference", below="organizations")
            if not value.activites:
                return
        out.append("<csd:organizations>")
        start = opened(out, "organization", f' entityID="{site or ""}"')
        for activity in value.activites:
            whole = activity if self.whole else writing.known_activity(activity)
            out.append(f'<csd:service entityID="{writing.activite(whole)}"/>')
        closed(out, "organization", start)
        out.append("</csd:organizations>")


def _once(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Each value once; to see that two are equal costs as much as to read them."""
    return tuple(dict.fromkeys(values)) if len(values) > 1 else values


class EmptyCareMode:
    """The care mode above the units: the schema wants the element, the contract wants it empty."""

    attributes = frozenset({"mode_prise_en_charge"})
    _tag = csd("careMode")

    def takes(self) -> Iterator[tuple[str, Take]]:
        """The care mode; some sources do give a value."""
        yield self._tag, self._take

    def _take(self, element: etree._Element, values: Values, reading: Reading) -> None:
        if "mode_prise_en_charge" in values:
            reading.keep(element)
            return
        code = CARE_MODE.read(element, reading)
        if code is not None:
            values["mode_prise_en_charge"] = code

    def says(self, value: Any) -> bool:
        """Always: the element is there even when empty."""
        return True

    def put(self, out: Markup, value: Any, writing: Writing) -> None:
        """Append an empty code."""
        if value.mode_prise_en_charge is not None:
            writing.note_here(
                LossKind.DROPPED,
                "care-mode.above-unit",
                value_kind="code",
                severity=Severity.INFORMATION,
                below="careMode",
            )
        CARE_MODE.write(out, "careMode", CARE_MODE.blank, writing)


class NotSensitive:
    """`sensitiveUnit` above the units: mandatory in the schema, meaningless there: false (contract section 11)."""

    attributes: frozenset[str] = frozenset()
    _tag = csd("sensitiveUnit")

    def takes(self) -> Iterator[tuple[str, Take]]:
        """The flag."""
        yield self._tag, self._take

    def _take(self, element: etree._Element, values: Values, reading: Reading) -> None:
        if BOOLEAN.read(element, reading):
            reading.note(LossKind.INCONSISTENT, element, "sensitive-unit.above-unit", value_kind="boolean")

    def says(self, value: Any) -> bool:
        """Always."""
        return True

    def put(self, out: Markup, value: Any, writing: Writing) -> None:
        """Append false."""
        out.append("<csd:sensitiveUnit>false</csd:sensitiveUnit>")


class Parent:
    """`parentFacility`: written when what stands just above is an internal organisation, not the EG itself."""

    _tag = csd("parentFacility")

    def __init__(self, attribute: str) -> None:
        self.attribute = attribute
        self.attributes = frozenset({attribute})
        self.reference = Reference(Space.OI, Space.UE)

    def takes(self) -> Iterator[tuple[str, Take]]:
        """The parent, which the hierarchy has resolved."""
        yield self._tag, self._take

    def _take(self, element: etree._Element, values: Values, reading: Reading) -> None:
        """The hierarchy has read it; of several it has read the first."""
        if next(element.itersiblings(element.tag, preceding=True), None) is not None:
            reading.keep(element)
            return
        note_inside(element, OF_REFERENCE, reading)

    def says(self, value: Any) -> bool:
        """Whether an internal organisation stands above."""
        return getattr(value, self.attribute) not in (None, value.entite_geographique)

    def put(self, out: Markup, value: Any, writing: Writing) -> None:
        """Append the reference to the parent."""
        above = getattr(value, self.attribute)
        if self.says(value) and (Space.EG, above) not in writing.entities:
            self.reference.write(out, "parentFacility", above, writing)


class Sensitive(Field):
    """`sensitiveUnit` of a unit from 2.4 on. A unit of which one cannot tell, since the text is no boolean or two texts
    differ, is sensitive: closing too much harms nobody (contract section 11).
    """

    def __init__(self) -> None:
        super().__init__("sensitiveUnit", BOOLEAN, "unite_sensible", required=True, default="false")

    def takes(self) -> Iterator[tuple[str, Take]]:
        """The flag."""
        yield self.tag, self._take

    def _take(self, element: etree._Element, values: Values, reading: Reading) -> None:
        value, known = self.kind.read(element, reading), values.get(self.attribute)
        doubtful = said(element.text) or len(element) > 0 if value is None else known not in (None, value)
        if doubtful:
            reading.note(LossKind.INCONSISTENT, element, "sensitive-unit.doubtful", value_kind="boolean")
            value = True
        elif known is not None:
            reading.keep(element)
        if value is not None:
            values[self.attribute] = value


def supposed_sensitivity(element: etree._Element, reading: Reading) -> Values:
    """Whether a unit is sensitive where the version has no word for it: what the dialect declares, if anything.

    A source that says so all the same is believed, unless it says no: closing too much harms nobody.
    """
    flags = element.iterfind(f"{csd('extension')}/{csd('sensitiveUnit')}")
    if any((flag.text or "").strip() not in _NOT_SENSITIVE for flag in flags):
        reading.note(LossKind.INCONSISTENT, element, "sensitive-unit.unexpected", value_kind="boolean")
        return {"unite_sensible": True}
    supposed = reading.dialect.unite_sensible
    if supposed is None:
        return {}
    reading.note(
        LossKind.DEFAULTED,
        element,
        "sensitive-unit.supposed",
        value_kind="boolean",
        severity=Severity.INFORMATION,
    )
    return {"unite_sensible": supposed}


class FinalClosing(Field):
    """`finalClosingDate` of a unit, up to 2.4: its name says the reason that 3.0 and FHIR have a code for."""

    def __init__(self) -> None:
        super().__init__("finalClosingDate", DAY, "date_fermeture")

    def takes(self) -> Iterator[tuple[str, Take]]:
        """The date, and the reason with it."""
        yield self.tag, self._take

    def _take(self, element: etree._Element, values: Values, reading: Reading) -> None:
        if self.attribute in values:
            reading.keep(element)
            return
        value = self.kind.read(element, reading)
        if value is not None:
            values[self.attribute] = value
            values["type_fermeture"] = FINAL
            reading.note(LossKind.DERIVED, element, "closing.final", value_kind="code", severity=Severity.INFORMATION)


def unit(
    *, hours: Shape, telecom: Shape, contacts: tuple[Part, ...], extension: tuple[Part, ...], **options: Any
) -> Shape:
    """The shape of an offer (UE) in a version."""
    return Entry(
        OffreOperationnelle,
        "facility",
        UNIT,
        ConstantCode(),
        Field("primaryName", TEXT, "nom", required=True),
        Many("otherName", TEXT, "complements_nom"),
        *contacts,
        Many("contactPoint", telecom, "telecommunications"),
        Links(whole_activities=True),
        Many("operatingHours", hours, "horaires"),
        Extension(*extension, required=True),
        record(),
        handled=frozenset({"cle"}),
        **options,
    )


def internal_organisation(*, telecom: Shape, contacts: tuple[Part, ...], extension: tuple[Part, ...]) -> Shape:
    """The shape of an internal organisation above the units in a version."""
    return Entry(
        OrganisationInterne,
        "facility",
        UNIT,
        Field("codedType", LEVEL, "type_oi", required=True),
        Field("primaryName", TEXT, "nom", required=True),
        Many("otherName", TEXT, "complements_nom"),
        *contacts,
        Many("contactPoint", telecom, "telecommunications"),
        Links(whole_activities=False),
        Extension(*extension, required=True),
        record(),
        handled=frozenset({"cle"}),
    )
