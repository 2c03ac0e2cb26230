"""Who stands above whom in a document, whatever the style of its source (contract section 15.2).

Chain: `organizations/organization` names the parent unit. Flat: it names the EG. Flat with `parentFacility`: both.
"""

from collections.abc import MutableMapping

import msgspec
from lxml import etree

from mappings.csd.contexts import Reading, Space
from mappings.csd.dialect import Hierarchie
from mappings.csd.identifiers import local_key, structure_key, unit_key
from mappings.csd.links import read_identifier
from mappings.csd.namespaces import csd
from mappings.exposition.values import Identifiant
from mappings.loss import LossKind, Severity
from mappings.shelf import Shelves, in_memory

_OTHER_ID = csd("otherID")
_CODED_TYPE = csd("codedType")
_PARENT = csd("parent")
_LINKS, _LINK = csd("organizations"), csd("organization")
_EXTENSION, _ABOVE = csd("extension"), csd("parentFacility")
_RECOGNATION = f"{csd('record')}/{csd('extension')}/{csd('recognation')}"
UNIT = "4"


def identifiers_of(element: etree._Element) -> list[Identifiant]:
    """The identifiers of an object, without the empty ones."""
    found = (read_identifier(child) for child in element.iterchildren(_OTHER_ID))
    return [identifiant for identifiant in found if identifiant is not None]


def derived_key(element: etree._Element, reading: Reading) -> str:
    """The key of an object without usable identifier: that of its source, else that of the document."""
    token = element.findtext(_RECOGNATION) or element.get("entityID") or str(len(reading.keys))
    reading.object = local_key(reading.dialect.region, token.strip())
    reading.note(LossKind.DERIVED, element, "identifier.local", value_kind="identifier")
    return reading.object


class Links(msgspec.Struct, frozen=True):
    """Whether a facility is an elementary unit, and what it names above itself: the organisations of its links, and its
    parent, by the keys of the document.
    """

    space: Space
    organisations: tuple[str, ...]
    parent: str | None


def _links_and_identifiers(element: etree._Element) -> tuple[Links, list[Identifiant]]:
    """What a facility says of its place and of itself, in one pass over its children."""
    space: Space | None = None
    organisations, parents = list[str](), list[str | None]()
    identifiers = list[Identifiant]()
    for child in element.iterchildren(_OTHER_ID, _CODED_TYPE, _LINKS, _EXTENSION):
        tag = child.tag
        if tag == _OTHER_ID:
            identifiant = read_identifier(child)
            if identifiant is not None:
                identifiers.append(identifiant)
        elif tag == _EXTENSION:
            parents += [parent.get("entityID") for parent in child.iterchildren(_ABOVE)]
        elif tag == _LINKS:
            organisations += [one.get("entityID") or "" for one in child if one.tag == _LINK]
        elif space is None:
            space = Space.UE if (child.get("code") or "").strip() == UNIT else Space.OI
    return Links(space or Space.OI, tuple(organisations), parents[0] if parents else None), identifiers


def space_of_organisation(element: etree._Element) -> Space:
    """Whether an organisation is an EG, which names its parent, or an EJ."""
    return Space.EJ if next(element.iterchildren(_PARENT), None) is None else Space.EG


class Hierarchy:
    """The keys of the organisations and facilities of a document, and what stands above each facility.

    Every one is met once before the first is read: `add_organisation`, `add_facility`.
    """

    def __init__(self, reading: Reading, shelves: Shelves = in_memory) -> None:
        self._reading = reading
        self._looped = False
        self._links: MutableMapping[str, Links] = shelves(Links)
        # The sites of the facilities read so far, of those that no loop stands above.
        self._sites: MutableMapping[str, str | None] = shelves(str | None)
        # The keys of the document under which several objects stand: what is known of them is that of the last.
        self._shared: set[str] = {""}

    def add_organisation(self, element: etree._Element) -> None:
        """Learn the key of an EJ or an EG."""
        self._name(element, space_of_organisation(element), structure_key(identifiers_of(element)))

    def add_facility(self, element: etree._Element) -> None:
        """Learn the key of an internal organisation or an offer, and what it names above itself."""
        links, identifiers = _links_and_identifiers(element)
        entity = self._name(element, links.space, unit_key(identifiers))
        if entity in self._links:
            self._shared.add(entity)
        self._links[entity] = links

    def _name(self, element: etree._Element, space: Space, key: str | None) -> str:
        entity = element.get("entityID") or ""
        known = self._reading.keys
        self._reading.object = key or ""
        if entity and (space, entity) in known:
            self._shared.add(entity)
            self._reading.note(LossKind.INCONSISTENT, element, "entity.repeated", value_kind="reference")
        known[space, entity] = key or derived_key(element, self._reading)
        return entity

    def key(self, element: etree._Element, space: Space) -> str:
        """The key of an object that was met: its national one, else the one derived then."""
        entity = element.get("entityID") or ""
        if entity not in self._shared:
            return self._reading.keys[space, entity]
        found = identifiers_of(element)
        own = structure_key(found) if space in (Space.EJ, Space.EG) else unit_key(found)
        return own or self._reading.keys[space, entity]

    def _facility(self, entity: str | None) -> str | None:
        if entity is None:
            return None
        return self._reading.keys.get((Space.OI, entity)) or self._reading.keys.get((Space.UE, entity))

    def _site(self, entity: str) -> str | None:
        return self._reading.keys.get((Space.EG, entity))

    def links(self, element: etree._Element) -> Links:
        """What a facility names above itself: as learnt when it was met, unless several have its key."""
        entity = element.get("entityID") or ""
        return self._links[entity] if entity not in self._shared else _links_and_identifiers(element)[0]

    def above(self, element: etree._Element, links: Links) -> tuple[str | None, str | None]:
        """The key of what stands just above a facility of those links, and that of its EG."""
        entity = element.get("entityID") or ""
        chained, ways = None, list[str]()
        for link in links.organisations:
            # A key that also names an EG means the EG.
            if self._site(link) is None:
                unit = self._facility(link)
                if unit is None:
                    self._legal_entity_or_dangling(element, link)
                elif link != entity:
                    ways.append(link)
                    chained = chained or unit
        parent = self._facility(links.parent)
        if parent is None and links.parent is not None:
            self._note(element, "reference.dangling", LossKind.DROPPED)
        self._tell_the_others(element, links, ways, named=parent is not None)
        self._check_style(element, chained=chained is not None, named=parent is not None)
        self._looped = False
        site = self._site_above(entity, links, frozenset())
        if not self._looped and entity not in self._shared:
            self._sites[entity] = site
        if self._looped or (parent is not None and links.parent == entity):
            self._note(element, "hierarchy.loop", LossKind.INCONSISTENT)
            parent = None if links.parent == entity else parent
        return parent or chained or site or self._legal_entity(links.organisations), site

    def _tell_the_others(self, element: etree._Element, links: Links, ways: list[str], *, named: bool) -> None:
        """One site and one unit stand just above a facility; another has no place, unless it stands above that unit."""
        if len(links.organisations) < 2 and not (named and ways):
            return
        sites = {found for found in map(self._site, links.organisations) if found is not None}
        kept = links.parent if named else next(iter(ways), None)
        if len(sites) > 1 or (kept is not None and not self._reached(kept).issuperset(ways)):
            self._note(element, "hierarchy.several", LossKind.DROPPED)

    def _reached(self, entity: str) -> set[str]:
        """A facility and all that stand above it, by the keys of the document."""
        found, pending = set[str](), [entity]
        while pending:
            one = pending.pop()
            links = self._links.get(one)
            if one not in found and links is not None:
                pending += [*links.organisations, links.parent or ""]
            found.add(one)
        return found

    def _legal_entity(self, links: tuple[str, ...]) -> str | None:
        return next((found for link in links if (found := self._reading.keys.get((Space.EJ, link)))), None)

    def _legal_entity_or_dangling(self, element: etree._Element, link: str) -> None:
        if (Space.EJ, link) in self._reading.keys:
            self._note(element, "hierarchy.legal-entity", LossKind.INCONSISTENT)
        else:
            self._note(element, "reference.dangling", LossKind.DROPPED)

    def _site_above(self, entity: str, links: Links | None, seen: frozenset[str]) -> str | None:
        """The EG reached by following links upwards; a loop leads nowhere."""
        if entity in seen:
            self._looped = True
        if entity in seen or links is None:
            return None
        if entity in self._sites:
            return self._sites[entity]
        for link in links.organisations:
            direct = self._site(link)
            if direct is not None:
                return direct
        below = seen | {entity}
        for link in (*links.organisations, links.parent or ""):
            reached = self._site_above(link, self._links.get(link), below)
            if reached is not None:
                return reached
        return None

    def _check_style(self, element: etree._Element, *, chained: bool, named: bool) -> None:
        declared = self._reading.dialect.hierarchie
        style = Hierarchie.CHAIN if chained else Hierarchie.PARENT_FACILITY if named else None
        if declared is not None and style is not None and style is not declared:
            self._note(element, "hierarchy.style", LossKind.INCONSISTENT, Severity.INFORMATION)

    def _note(self, element: etree._Element, rule: str, kind: LossKind, severity: Severity = Severity.WARNING) -> None:
        self._reading.note(kind, element, rule, value_kind="reference", severity=severity)
