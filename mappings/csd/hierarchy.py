"""Who stands above whom in a document, whatever the style of its source (contract section 15.2).

Chain: `organizations/organization` names the parent unit. Flat: it names the EG. Flat with `parentFacility`: both.
"""

from collections.abc import Iterator, MutableMapping

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
# Where an object without a key of the document is known: a text that no reference can hold.
NAMELESS = "\0"
# There are four levels: what is further above a facility than so many others was named for another reason.
MOST_ABOVE = 64


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


def _upwards(links: Links) -> Iterator[str]:
    """What may stand above a facility of those links, in the order in which it is looked for."""
    return iter(links.organisations if links.parent is None else (*links.organisations, links.parent))


def space_of_organisation(element: etree._Element) -> Space:
    """Whether an organisation is an EG, which names its parent, or an EJ."""
    return Space.EJ if next(element.iterchildren(_PARENT), None) is None else Space.EG


class _Above(msgspec.Struct, frozen=True):
    """The site above a facility, and whether a loop was met on the way to it."""

    site: str | None
    looped: bool


class _Step(msgspec.Struct):
    """A facility on the way upwards: what it names that was not looked at yet, and whether a loop was met from it."""

    entity: str
    left: Iterator[str]
    looped: bool = False


class Hierarchy:
    """The keys of the organisations and facilities of a document, and what stands above each facility.

    Every one is met once before the first is read: `add_organisation`, `add_facility`.
    """

    def __init__(self, reading: Reading, shelves: Shelves = in_memory) -> None:
        self._reading = reading
        self._links: MutableMapping[str, Links] = shelves(Links)
        # What stands above the facilities met on the ways followed so far.
        self._above: MutableMapping[str, _Above] = shelves(_Above)
        # Whether the units just above the facilities followed so far lead into a loop.
        self._looping: MutableMapping[str, bool] = shelves(bool)
        # The keys of the document under which several objects stand: what is known of them is that of the last.
        self._shared: set[str] = {NAMELESS}

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
        entity = element.get("entityID") or NAMELESS
        known = self._reading.keys
        self._reading.object = key or ""
        if entity != NAMELESS and (space, entity) in known:
            self._shared.add(entity)
            self._reading.note(LossKind.INCONSISTENT, element, "entity.repeated", value_kind="reference")
        known[space, entity] = key or derived_key(element, self._reading)
        return entity

    def key(self, element: etree._Element, space: Space) -> str:
        """The key of an object that was met: its national one, else the one derived then."""
        entity = element.get("entityID") or NAMELESS
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
        entity = element.get("entityID") or NAMELESS
        return self._links[entity] if entity not in self._shared else _links_and_identifiers(element)[0]

    def above(self, element: etree._Element, links: Links) -> tuple[str | None, str | None]:
        """The key of what stands just above a facility of those links, and that of its EG."""
        entity = element.get("entityID") or NAMELESS
        chained, ways = None, list[str]()
        named = links.parent if links.parent != entity else None
        for link in links.organisations:
            # A key that also names an EG means the EG.
            if self._site(link) is None:
                unit = self._facility(link)
                if unit is None:
                    self._legal_entity_or_dangling(element, link)
                elif link != entity:
                    ways.append(link)
                    chained = chained or unit
        parent = self._facility(named)
        if parent is None and named is not None:
            self._note(element, "reference.dangling", LossKind.DROPPED)
        kept = named if parent is not None else next(iter(ways), None)
        self._tell_the_others(element, links, ways, kept)
        self._check_style(element, chained=chained is not None, named=parent is not None)
        found = self._site_of(entity, links)
        site = found.site
        itself = links.parent == entity or (entity in links.organisations and self._site(entity) is None)
        if itself or found.looped or (kept is not None and self._loops(entity, kept)):
            self._note(element, "hierarchy.loop", LossKind.INCONSISTENT)
        return parent or chained or site or self._legal_entity(links.organisations), site

    def _tell_the_others(self, element: etree._Element, links: Links, ways: list[str], kept: str | None) -> None:
        """One site and one unit stand just above a facility; another has no place, unless it stands above that unit."""
        if len(links.organisations) < 2 and (kept != links.parent or not ways):
            return
        sites = {found for found in map(self._site, links.organisations) if found is not None}
        own = element.get("entityID") or NAMELESS
        if len(sites) > 1 or (kept is not None and not self._stand_above(kept, ways, below=own)):
            self._note(element, "hierarchy.several", LossKind.DROPPED)

    def _stand_above(self, kept: str, ways: list[str], *, below: str) -> bool:
        """Whether all of these stand above a facility, or are that one, no further than a tree of levels goes and not
        by way of the one below it.
        """
        left, seen, pending = set(ways), {below}, [kept]
        while pending and left and len(seen) < MOST_ABOVE:
            one = pending.pop()
            links = self._links.get(one)
            if one not in seen and links is not None:
                pending += _upwards(links)
            seen.add(one)
            left.discard(one)
        return not left

    def _loops(self, entity: str, kept: str) -> bool:
        """Whether the units that stand just above one another lead from a facility into a loop."""
        way = dict.fromkeys([entity] if entity not in self._shared else [])
        here: str | None = kept
        while here is not None and here not in way and here not in self._looping:
            way[here] = None
            here = self._kept(here)
        looped = here is not None and (here in way or self._looping[here])
        self._looping.update(dict.fromkeys(way, looped))
        return looped

    def _kept(self, entity: str) -> str | None:
        """The unit just above a facility, by the key of the document."""
        links = self._links.get(entity)
        if links is None:
            return None
        if links.parent != entity and self._facility(links.parent) is not None:
            return links.parent
        ways = (link for link in links.organisations if link != entity and self._site(link) is None)
        return next((link for link in ways if self._facility(link) is not None), None)

    def _legal_entity(self, links: tuple[str, ...]) -> str | None:
        return next((found for link in links if (found := self._reading.keys.get((Space.EJ, link)))), None)

    def _legal_entity_or_dangling(self, element: etree._Element, link: str) -> None:
        if (Space.EJ, link) in self._reading.keys:
            self._note(element, "hierarchy.legal-entity", LossKind.INCONSISTENT)
        else:
            self._note(element, "reference.dangling", LossKind.DROPPED)

    def _site_of(self, entity: str, links: Links) -> _Above:
        """The EG above a facility of those links, which are not those known of its key when several have that key."""
        if entity not in self._shared:
            return self._site_above(entity)
        direct = self._named_site(links)
        if direct is not None:
            return _Above(direct, looped=False)
        looped = False
        for link in _upwards(links):
            if link == entity:
                looped = True
                continue
            found = self._site_above(link)
            looped |= found.looped
            if found.site is not None:
                return _Above(found.site, looped)
        return _Above(None, looped)

    def _named_site(self, links: Links) -> str | None:
        """The first EG that a facility names itself."""
        return next((site for link in links.organisations if (site := self._site(link)) is not None), None)

    def _site_above(self, entity: str) -> _Above:
        """The EG reached by following links upwards, the first of each before the others; a loop leads nowhere.

        A facility is left once only, however many ways lead to it, and what is found is kept for all on the way: a
        document may hold as many levels, and as many ways between them, as it likes.
        """
        known = self._above.get(entity)
        if known is not None:
            return known
        way, open_, left = [_Step(entity, iter(()))], {entity}, dict[str, bool]()
        site = self._begin(way[0])
        while site is None:
            step = way[-1]
            link = next(step.left, None)
            if link is None:
                left[step.entity] = step.looped
                open_.discard(way.pop().entity)
                if not way:
                    self._above.update({one: _Above(None, looped) for one, looped in left.items()})
                    return self._above[entity]
                way[-1].looped |= step.looped
            elif link in open_:
                step.looped = True
            elif link in left:
                step.looped |= left[link]
            elif (found := self._above.get(link)) is not None:
                step.looped |= found.looped
                site = found.site
            else:
                way.append(_Step(link, iter(())))
                open_.add(link)
                site = self._begin(way[-1])
        return self._reached_by(way, site)

    def _begin(self, step: _Step) -> str | None:
        """The EG that the facility of a step names itself; it then need not look further."""
        links = self._links.get(step.entity)
        if links is None:
            return None
        step.left = _upwards(links)
        return self._named_site(links)

    def _reached_by(self, way: list[_Step], site: str) -> _Above:
        """The EG found at the end of a way stands above all that are on it."""
        looped = False
        for step in reversed(way):
            looped |= step.looped
            self._above[step.entity] = _Above(site, looped)
        return self._above[way[0].entity]

    def _check_style(self, element: etree._Element, *, chained: bool, named: bool) -> None:
        declared = self._reading.dialect.hierarchie
        style = Hierarchie.CHAIN if chained else Hierarchie.PARENT_FACILITY if named else None
        if declared is not None and style is not None and style is not declared:
            self._note(element, "hierarchy.style", LossKind.INCONSISTENT, Severity.INFORMATION)

    def _note(self, element: etree._Element, rule: str, kind: LossKind, severity: Severity = Severity.WARNING) -> None:
        self._reading.note(kind, element, rule, value_kind="reference", severity=severity)
