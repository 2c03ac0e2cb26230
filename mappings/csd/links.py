"""References of a document: keys good inside it only, to and from the keys of the model (contract section 7)."""

from collections.abc import Callable, Iterator
from typing import Any

from lxml import etree

from mappings.csd.contexts import Reading, Space, Writing
from mappings.csd.identifiers import (
    IDENTIFIANT_OI,
    IDNAT_PS,
    IDNAT_STRUCT,
    TYPES_OF_PS,
    TYPES_OF_STRUCT,
    NotAnIdentifier,
    is_local,
    normalise_professional,
    normalise_structure,
)
from mappings.csd.markup import ATTRIBUTE, Markup
from mappings.csd.namespaces import csd
from mappings.csd.shapes import Take, Values
from mappings.csd.strays import OF_IDENTIFIER, OF_REFERENCE, note_inside
from mappings.exposition.values import Identifiant
from mappings.loss import LossKind, Severity

_OTHER_ID = csd("otherID")
_NONE: frozenset[str] = frozenset()


class Identifiers:
    """The `otherID` of an object; the empty ones seen beside real ones are left out (contract section 15.2).

    `system` is that of the identity and `normalise` what brings its odd spellings to the one to emit. An object whose
    identifiers do not say its identity under its own system is given it.
    """

    attributes = frozenset({"identifiants"})

    def __init__(
        self, system: str = "", *, normalise: Callable[[str, str], str] | None = None, spellings: frozenset[str] = _NONE
    ) -> None:
        self.system = system
        self.normalise = normalise
        self.spellings = spellings

    def takes(self) -> Iterator[tuple[str, Take]]:
        """Every `otherID`."""
        yield _OTHER_ID, self._take

    def _take(self, element: etree._Element, values: Values, reading: Reading) -> None:
        note_inside(element, OF_IDENTIFIER, reading)
        identifiant = read_identifier(element)
        if identifiant is None:
            reading.note(LossKind.REPAIRED, element, "identifier.empty", severity=Severity.INFORMATION)
            return
        if self.normalise is not None and identifiant.systeme in self.spellings:
            identifiant = self._repaired(identifiant, self.normalise, element, reading)
        values["identifiants"] = (*values.get("identifiants", ()), identifiant)

    def _repaired(
        self,
        identifiant: Identifiant,
        normalise: Callable[[str, str], str],
        element: etree._Element,
        reading: Reading,
    ) -> Identifiant:
        try:
            right = Identifiant(self.system, normalise(identifiant.systeme, identifiant.valeur))
        except NotAnIdentifier:
            reading.note(LossKind.INCONSISTENT, element, "identifier.unusable", value_kind="identifier")
            return identifiant
        if right != identifiant:
            reading.note(
                LossKind.REPAIRED,
                element,
                "identifier.spelling",
                value_kind="identifier",
                severity=Severity.INFORMATION,
            )
        return right

    def says(self, value: Any) -> bool:
        """Whether the object has identifiers."""
        return bool(value.identifiants)

    def put(self, out: Markup, value: Any, writing: Writing) -> None:
        """Append the identity first when no identifier says it, then every identifier."""
        identifiers = value.identifiants
        if self.system and not is_local(value.cle) and all(one.valeur != value.cle for one in identifiers):
            identifiers = (Identifiant(self.system, value.cle), *identifiers)
            writing.note_here(
                LossKind.DERIVED,
                "identifier.identity",
                value_kind="identifier",
                severity=Severity.INFORMATION,
                below="otherID",
            )
        for one in identifiers:
            code, authority = ATTRIBUTE[one.valeur], ATTRIBUTE[one.systeme]
            out.append(f'<csd:otherID code="{code}" assigningAuthorityName="{authority}"/>')


def read_identifier(element: etree._Element) -> Identifiant | None:
    """The identifier of an element, None when it is empty."""
    value = (element.get("code") or "").strip()
    system = (element.get("assigningAuthorityName") or "").strip()
    return Identifiant(system, value) if value and system else None


class Reference:
    """An element that points to an object by its key in the document; the model holds the object's own key."""

    value_kind = "reference"

    def __init__(self, *spaces: Space) -> None:
        self.spaces = spaces

    def read(self, element: etree._Element, reading: Reading) -> str | None:
        """The key of the object, None and a note when the document does not hold it."""
        note_inside(element, OF_REFERENCE, reading)
        entity = element.get("entityID") or ""
        for space in self.spaces:
            key = reading.keys.get((space, entity))
            if key is not None:
                return key
        dangling(element, reading)
        return None

    def write(self, out: Markup, name: str, value: str, writing: Writing) -> None:
        """Append the reference; one to an object that is not written is left out and noted."""
        for space in self.spaces:
            entity = writing.entities.get((space, value))
            if entity is not None:
                out.append(f'<csd:{name} entityID="{entity}"/>')
                return
        writing.note_here(LossKind.DROPPED, "reference.dangling", value_kind="reference")


class DeviceReference:
    """An equipment, by its key in `deviceDirectory`; the model carries it where it is used."""

    value_kind = "object"

    def read(self, element: etree._Element, reading: Reading) -> Any:
        """The equipment, None and a note when the document does not hold it."""
        note_inside(element, OF_REFERENCE, reading)
        entity = element.get("entityID") or ""
        found = reading.equipements.get(entity) if entity else None
        if found is None:
            dangling(element, reading)
        else:
            reading.use(entity, found)
        return found

    def write(self, out: Markup, name: str, value: Any, writing: Writing) -> None:
        """Append the reference; the equipment joins its directory."""
        out.append(f'<csd:{name} entityID="{writing.equipement(value)}"/>')


def dangling(element: etree._Element, reading: Reading) -> None:
    """Note a reference whose target the document does not hold."""
    reading.note(LossKind.DROPPED, element, "reference.dangling", value_kind="reference")


IDENTIFIERS = Identifiers()
STRUCTURE = Identifiers(
    IDNAT_STRUCT, normalise=normalise_structure, spellings=frozenset({IDNAT_STRUCT, TYPES_OF_STRUCT})
)
UNIT = Identifiers(IDENTIFIANT_OI)
PROFESSIONAL = Identifiers(IDNAT_PS, normalise=normalise_professional, spellings=frozenset({IDNAT_PS, TYPES_OF_PS}))
DEVICE = DeviceReference()
