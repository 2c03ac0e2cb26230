"""A whole CSD document, both ways (contract section 7): five directories, in this order, possibly empty."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any, TypeVar

import msgspec
from lxml import etree

from mappings.csd import v1_5, v1_6, v2_4, v3_0
from mappings.csd.contexts import Reading, Space, Writing, line_of
from mappings.csd.dialect import Dialect
from mappings.csd.formats import Format
from mappings.csd.hierarchy import Hierarchy, derived_key, identifiers_of, is_unit
from mappings.csd.identifiers import professional_key
from mappings.csd.namespaces import CSD, csd
from mappings.csd.preparation import prepare
from mappings.csd.providers import joined, one_per_unit, same_person
from mappings.csd.version import Version
from mappings.exposition.lieu import EquipementSpecifique
from mappings.exposition.professionnel import Professionnel
from mappings.exposition.repertoire import Repertoire
from mappings.loss import Ledger, LossKind, Severity

FORMATS = {found.version: found for found in (v1_5.FORMAT, v1_6.FORMAT, v2_4.FORMAT, v3_0.FORMAT)}
DIRECTORIES = ("organization", "service", "facility", "provider", "device")
_PARENT = csd("parent")
_NSMAP = {"csd": CSD}


class MalformedAnswer(Exception):
    """The element is not an answer of the contract; `path` and `line` say where it stops being one."""

    def __init__(self, path: str, line: int = 0) -> None:
        super().__init__(f"{path} (line {line})")
        self.path = path
        self.line = line


def read_repertoire(
    element: etree._Element, *, version: Version, dialect: Dialect, ledger: Ledger, at: date
) -> Repertoire:
    """The directory that a document holds: every reference is a key of the model, or noted as dangling."""
    directories = _directories(element)
    reading = Reading(version, dialect, ledger, at)
    form = FORMATS[version]
    for found in directories["service"].iterchildren(csd("service")):
        _read_shared(found, form.activite, reading.activites, reading)
    for found in directories["device"].iterchildren(csd("device")):
        _read_shared(found, form.equipement, reading.equipements, reading)
    _tell_twins_apart(reading)
    hierarchy = Hierarchy(directories["organization"], directories["facility"], reading)
    organisations = _read_organisations(directories["organization"], form, reading)
    facilities = _read_facilities(directories["facility"], form, hierarchy, reading)
    professionals = _read_professionals(directories["provider"], form, reading)
    _note_unused(directories, reading)
    return Repertoire(
        entites_juridiques=_once(organisations[Space.EJ], reading),
        entites_geographiques=_once(organisations[Space.EG], reading),
        organisations_internes=_once(facilities[Space.OI], reading),
        offres=_once(facilities[Space.UE], reading),
        professionnels=professionals,
    )


def _directories(element: etree._Element) -> dict[str, etree._Element]:
    found = {}
    for name in DIRECTORIES:
        directory = element.find(csd(f"{name}Directory"))
        if directory is None:
            raise MalformedAnswer(f"{etree.QName(element).localname}/{name}Directory", line_of(element))
        found[name] = directory
    return found


def _read_shared(element: etree._Element, shape: Any, found: dict[str, Any], reading: Reading) -> None:
    reading.object = element.get("entityID") or ""
    value = shape.read(element, reading)
    if value is not None:
        found[reading.object] = value


def _tell_twins_apart(reading: Reading) -> None:
    """Two devices that say the same are two devices: the second of them, and on, is numbered."""
    seen: Counter[EquipementSpecifique] = Counter()
    for entity, device in reading.equipements.items():
        seen[device] += 1
        if seen[device] > 1:
            reading.equipements[entity] = msgspec.structs.replace(device, cle=str(seen[device]))


def _read_organisations(directory: etree._Element, form: Format, reading: Reading) -> dict[Space, list[Any]]:
    found: dict[Space, list[Any]] = {Space.EJ: [], Space.EG: []}
    shapes = {Space.EJ: form.entite_juridique, Space.EG: form.entite_geographique}
    for element in directory.iterchildren(csd("organization")):
        space = Space.EJ if element.find(_PARENT) is None else Space.EG
        reading.object = reading.keys[space, element.get("entityID") or ""]
        value = shapes[space].read(element, reading, cle=reading.object)
        found[space].append(value)
    return found


def _read_facilities(
    directory: etree._Element, form: Format, hierarchy: Hierarchy, reading: Reading
) -> dict[Space, list[Any]]:
    found: dict[Space, list[Any]] = {Space.OI: [], Space.UE: []}
    for element in directory.iterchildren(csd("facility")):
        space = Space.UE if is_unit(element) else Space.OI
        reading.object = reading.keys[space, element.get("entityID") or ""]
        above, site = hierarchy.above(element)
        if space is Space.UE:
            value = form.offre.read(element, reading, cle=reading.object, organisation=above, entite_geographique=site)
        else:
            value = form.organisation_interne.read(
                element, reading, cle=reading.object, parent=above, entite_geographique=site
            )
        found[space].append(value)
    return found


def _read_professionals(directory: etree._Element, form: Format, reading: Reading) -> tuple[Professionnel, ...]:
    """The professionals, each once: the wire repeats one for each unit of exercise."""
    found: dict[str, Professionnel] = {}
    for element in directory.iterchildren(csd("provider")):
        key = professional_key(identifiers_of(element)) or derived_key(element, reading)
        reading.object = key
        value: Professionnel = form.professionnel.read(element, reading, cle=key)
        value = _tie(value)
        known = found.get(key)
        if known is not None and not same_person(known, value):
            reading.note(LossKind.INCONSISTENT, element, "provider.joined", value_kind="object")
        found[key] = value if known is None else joined(known, value)
    return tuple(found.values())


def _tie(value: Professionnel) -> Professionnel:
    """An entry of the wire says where its one situation takes place."""
    situations = tuple(
        msgspec.structs.replace(situation, offres=value.offres, entites_geographiques=value.entites_geographiques)
        for situation in value.situations
    )
    return msgspec.structs.replace(value, situations=situations)


def _note_unused(directories: dict[str, etree._Element], reading: Reading) -> None:
    """What no unit uses has no place in the model: the activities and equipment it carries are those of its units."""
    for name in ("service", "device"):
        for element in directories[name].iterchildren(csd(name)):
            if element.get("entityID") not in reading.used:
                reading.object = element.get("entityID") or ""
                reading.note(LossKind.DROPPED, element, f"{name}.unused", value_kind="object")


_T = TypeVar("_T")


def _once(values: list[_T], reading: Reading) -> tuple[_T, ...]:
    """The objects, each key once: a repeated one is noted, the first is kept."""
    found: dict[str, _T] = {}
    for value in values:
        key = value.cle  # type: ignore[attr-defined]  # every object of a directory has one
        if key in found:
            reading.ledger.note(
                LossKind.DROPPED,
                object=key,
                path="",
                rule=f"{reading.prefix}.object.repeated",
                value_kind="object",
                severity=Severity.ERROR,
            )
        else:
            found[key] = value
    return tuple(found.values())


def write_repertoire(element: etree._Element, repertoire: Repertoire, *, version: Version, ledger: Ledger) -> int:
    """Fill an element with the five directories of a version; returns how many elementary units it holds."""
    prepared = prepare(repertoire, version, ledger)
    form = FORMATS[version]
    writing = Writing(version, ledger, prepared)
    directories = {name: etree.SubElement(element, csd(f"{name}Directory")) for name in DIRECTORIES}
    organizations, facilities = directories["organization"], directories["facility"]
    _write(organizations, form.entite_juridique, Space.EJ, prepared.entites_juridiques, writing)
    _write(organizations, form.entite_geographique, Space.EG, prepared.entites_geographiques, writing)
    _write(facilities, form.organisation_interne, Space.OI, prepared.organisations_internes, writing)
    _write(facilities, form.offre, Space.UE, prepared.offres, writing)
    _write_professionals(directories["provider"], form, prepared.professionnels, writing)
    for name, shape, values in (
        ("service", form.activite, writing.activites),
        ("device", form.equipement, writing.equipements),
    ):
        for value, entity in values.items():
            writing.object = entity
            writing.metadonnee = writing.owners[value]
            shape.fill(etree.SubElement(directories[name], csd(name), entityID=entity), value, writing)
    return len(prepared.offres)


def _write(directory: etree._Element, shape: Any, space: Space, values: Iterable[Any], writing: Writing) -> None:
    for value in values:
        writing.object = value.cle
        entity = writing.entities[space, value.cle]
        shape.fill(etree.SubElement(directory, csd(shape.name), entityID=entity), value, writing)


def _write_professionals(
    directory: etree._Element, form: Format, values: Iterable[Professionnel], writing: Writing
) -> None:
    entries = (entry for value in values for entry in one_per_unit(value))
    for rank, entry in enumerate(entries, start=1):
        writing.object = entry.cle
        form.professionnel.fill(etree.SubElement(directory, csd("provider"), entityID=f"PS-{rank}"), entry, writing)


def new_element(name: str) -> etree._Element:
    """An element of the contract. Its namespace has a prefix: a default one would swallow the names that have none."""
    return etree.Element(csd(name), nsmap=_NSMAP)
