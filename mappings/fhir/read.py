"""FHIR resources as the model."""

from collections.abc import Callable, Iterator, Mapping
from typing import ParamSpec, TypeVar

from mappings.exposition.lieu import LieuRealisationOffre
from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique, EntiteJuridique, OrganisationInterne
from mappings.exposition.professionnel import Professionnel
from mappings.exposition.repertoire import Repertoire
from mappings.fhir.ids import key_of
from mappings.fhir.notes import Notes
from mappings.fhir.reading import offers, organizations, places, professionals
from mappings.fhir.reading.organizations import Level
from mappings.fhir.reading.source import Source, without_key
from mappings.fhir.shape import Json, MalformedResource, member
from mappings.fhir.unit_places import SUFFIX
from mappings.loss import Ledger, LossKind, Severity

Given = ParamSpec("Given")
Read = TypeVar("Read")

_KEYS: dict[str, Callable[[Json], str | None]] = {
    "Organization": organizations.organization_key,
    "HealthcareService": offers.offer_key,
    "Practitioner": professionals.professional_key,
}


def read(resources: Mapping[str, Json], *, ledger: Ledger) -> Repertoire:
    """The objects of a set of resources given by relative reference; what the model has no place for is kept beside
    the objects, what cannot be read or placed is in the ledger.
    """
    return _Reading(resources, ledger).repertoire()


class _Reading:
    """One set of resources being read."""

    def __init__(self, resources: Mapping[str, Json], ledger: Ledger) -> None:
        self._ledger = ledger
        self._resources = {
            reference: resource for reference, resource in resources.items() if self._known_type(reference, resource)
        }
        self._keys = self._key_of_each()
        self._source = Source(self._keys)
        self._sites = self._site_of_each_organisation()
        self._places_used: set[str] = set()

    def _known_type(self, reference: str, resource: Json) -> bool:
        known = resource.get("resourceType") in (*_KEYS, "Location", "PractitionerRole")
        if not known:
            self._notes(reference).dropped("resource", "fhir-read.resource.type", "resource")
        return known

    def _notes(self, key: str) -> Notes:
        return Notes(self._ledger, key)

    def _guarded(
        self, reference: str, work: Callable[Given, Read], *args: Given.args, **kwargs: Given.kwargs
    ) -> Read | None:
        """What `work` reads; None, and a note, when a member has not the type that FHIR gives it."""
        try:
            return work(*args, **kwargs)
        except MalformedResource as error:
            self._ledger.note(
                LossKind.DROPPED,
                object=reference,
                path=error.path,
                rule="fhir-read.resource.malformed",
                value_kind="resource",
                severity=Severity.ERROR,
            )
            return None

    def _of_type(self, resource_type: str) -> Iterator[tuple[str, Json]]:
        return (
            (reference, resource)
            for reference, resource in self._resources.items()
            if resource["resourceType"] == resource_type
        )

    def _key_of_each(self) -> dict[str, str]:
        keys = {}
        for reference, resource in self._resources.items():
            find = _KEYS.get(resource["resourceType"])
            key = self._guarded(reference, find, resource) if find is not None else None
            if find is not None and key is None:
                key = self._guarded(reference, without_key, resource, self._notes(reference))
            keys[reference] = key or reference
        return keys

    def _site_of_each_organisation(self) -> dict[str, str | None]:
        """The key of the EG at or above each organisation of the set."""
        levels: dict[str, Level] = {}
        above: dict[str, str | None] = {}
        for reference, resource in self._of_type("Organization"):
            found = self._guarded(reference, organizations.level, resource)
            if found is None:
                continue
            key = self._keys[reference]
            levels[key] = found
            # Noted when the organisation itself is read.
            above[key] = self._guarded(reference, self._linked, resource, "partOf", Notes(Ledger(), key))
        return {key: _site(key, levels, above) for key in levels}

    def _linked(self, resource: Json, path: str, notes: Notes) -> str | None:
        return self._source.key(member(resource, path), path, notes)

    def repertoire(self) -> Repertoire:
        """Every object."""
        legal_entities, sites, internal = [], [], []
        for found in self._organisations():
            if isinstance(found, EntiteJuridique):
                legal_entities.append(found)
            elif isinstance(found, EntiteGeographique):
                sites.append(found)
            else:
                internal.append(found)
        units = tuple(self._offers())
        self._note_free_places()
        return Repertoire(tuple(legal_entities), tuple(sites), tuple(internal), units, tuple(self._professionals()))

    def _organisations(self) -> Iterator[EntiteJuridique | EntiteGeographique | OrganisationInterne]:
        for reference, resource in self._of_type("Organization"):
            found = self._guarded(reference, self._organisation, reference, resource)
            if found is not None:
                yield found

    def _organisation(
        self, reference: str, resource: Json
    ) -> EntiteJuridique | EntiteGeographique | OrganisationInterne:
        key = self._keys[reference]
        notes = self._notes(key)
        found = organizations.level(resource)
        if found is Level.EJ:
            return organizations.read_legal_entity(resource, key, notes)
        if found is Level.EG:
            return organizations.read_site(resource, key, self._source, notes)
        return organizations.read_internal_organisation(
            resource, key, source=self._source, sites=self._sites, notes=notes
        )

    def _offers(self) -> Iterator[OffreOperationnelle]:
        for reference, resource in self._of_type("HealthcareService"):
            found = self._guarded(reference, self._offer, reference, resource)
            if found is not None:
                yield found

    def _offer(self, reference: str, resource: Json) -> OffreOperationnelle:
        key = self._keys[reference]
        notes = self._notes(key)
        held = offers.place_references(resource, self._source, notes)
        found = [self._guarded(place, self._place, place, key) for place in held]
        return offers.read_offer(
            resource,
            key,
            source=self._source,
            sites=self._sites,
            places=tuple(place for place in found if place is not None),
            notes=notes,
        )

    def _place(self, reference: str, offre: str) -> LieuRealisationOffre:
        resource = self._resources[reference]
        self._places_used.add(reference)
        key = places.read_place_key(resource) or self._derived_place_key(reference, offre)
        return places.read_place(resource, key, self._notes(key))

    def _derived_place_key(self, reference: str, offre: str) -> str:
        """The key of a place without identifier: that of its id when the gateway wrote it, else made of the offer's."""
        known = self._keys[reference]
        if known != reference:
            return known
        identifier = reference.partition("/")[2]
        written = key_of(identifier)
        key = written if written is not None and "/" in written else f"{offre}{SUFFIX}-{identifier}"
        self._keys[reference] = key
        return key

    def _note_free_places(self) -> None:
        for reference, _ in self._of_type("Location"):
            if reference not in self._places_used:
                self._notes(reference).dropped("resource", "fhir-read.place.free", "resource")

    def _professionals(self) -> Iterator[Professionnel]:
        resources = {self._keys[reference]: resource for reference, resource in self._of_type("Practitioner")}
        roles = self._roles()
        for key in dict.fromkeys([*resources, *roles]):
            resource = resources.get(key, {})
            found = self._guarded(
                key, professionals.read_professional, resource, key, roles.get(key, ()), self._notes(key)
            )
            if found is not None:
                yield found

    def _roles(self) -> dict[str, list[professionals.Role]]:
        """The roles by the key of their professional."""
        found: dict[str, list[professionals.Role]] = {}
        for reference, resource in self._of_type("PractitionerRole"):
            notes = self._notes(reference)
            role = self._guarded(reference, professionals.read_role, resource, self._source, notes)
            key = self._guarded(reference, self._linked, resource, "practitioner", notes)
            if role is None or key is None:
                notes.dropped("resource", "fhir-read.role.unplaced", "resource")
            else:
                found.setdefault(key, []).append(role)
        return found


def _site(key: str, levels: Mapping[str, Level], above: Mapping[str, str | None]) -> str | None:
    """The EG at or above an organisation; one that is not in the set is known by a key that is no identifiantOI."""
    seen: set[str] = set()
    place: str | None = key
    while place is not None and place not in seen:
        seen.add(place)
        if levels.get(place) is Level.EG or (place not in levels and "/" not in place):
            return place
        place = above.get(place)
    return None
