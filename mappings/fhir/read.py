"""FHIR resources as the model."""

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from datetime import date
from functools import partial
from typing import ParamSpec, TypeVar

from mappings.exposition.lieu import LieuRealisationOffre
from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique, EntiteJuridique, OrganisationInterne
from mappings.exposition.professionnel import Professionnel
from mappings.exposition.repertoire import Objet, Repertoire
from mappings.fhir.codes import note_codes
from mappings.fhir.ids import ids_of, key_of, situation_key
from mappings.fhir.notes import Notes
from mappings.fhir.practitioners import practitioner_and_roles
from mappings.fhir.reading import offers, organizations, places, professionals
from mappings.fhir.reading.organizations import Level
from mappings.fhir.reading.proof import note_differences
from mappings.fhir.reading.source import Source, without_key
from mappings.fhir.reading.whole import with_all_of_the_role, with_every_territory
from mappings.fhir.shape import Json, MalformedResource, member
from mappings.fhir.unit_places import SUFFIX
from mappings.fhir.write import offer_again, organisation_again
from mappings.loss import Ledger, LossKind, Severity
from mappings.pauses import without_collection
from mappings.shelf import Shelves, in_memory

Given = ParamSpec("Given")
Read = TypeVar("Read")
Told = TypeVar("Told", bound=Objet)
_NO_ROLES: dict[str, professionals.Role] = {}

_KEYS: dict[str, Callable[[Json], str | None]] = {
    "Organization": organizations.organization_key,
    "HealthcareService": offers.offer_key,
    "Practitioner": professionals.professional_key,
}


@without_collection
def read(resources: Mapping[str, Json], *, ledger: Ledger, at: date = date.max) -> Repertoire:
    """The objects of a set of resources given by relative reference; what the model has no place for is kept beside
    the objects, what cannot be read or placed is in the ledger.

    `at` is the day on which the codes are judged: that of the publication of the source.
    """
    objects = list(read_each(resources, ledger=ledger, at=at))
    return Repertoire(
        entites_juridiques=tuple(found for found in objects if isinstance(found, EntiteJuridique)),
        entites_geographiques=tuple(found for found in objects if isinstance(found, EntiteGeographique)),
        organisations_internes=tuple(found for found in objects if isinstance(found, OrganisationInterne)),
        offres=tuple(found for found in objects if isinstance(found, OffreOperationnelle)),
        professionnels=tuple(found for found in objects if isinstance(found, Professionnel)),
    )


def read_each(
    resources: Mapping[str, Json], *, ledger: Ledger, at: date = date.max, shelves: Shelves = in_memory
) -> Iterator[Objet]:
    """The objects of `read`, one at a time, for a set of resources that may be larger than memory."""
    return _Reading(resources, ledger, at, shelves).objects()


class _Reading:
    """One set of resources being read."""

    def __init__(self, resources: Mapping[str, Json], ledger: Ledger, at: date, shelves: Shelves) -> None:
        self._ledger = ledger
        self._at = at
        self._resources = resources
        self._shelves = shelves
        self._by_type: dict[str, MutableMapping[str, bool]] = {
            name: shelves(bool) for name in (*_KEYS, "Location", "PractitionerRole")
        }
        self._keys: MutableMapping[str, str] = shelves(str)
        first: MutableMapping[str, str] = shelves(str)
        for reference, resource in resources.items():
            if self._known_type(reference, resource):
                self._keys[reference] = self._key(reference, resource)
                before = first.setdefault(self._identity(reference, resource), reference)
                if before == reference or self._kept_beside(before, reference, resource):
                    self._by_type[resource["resourceType"]][reference] = True
        self._source = Source(self._keys)
        self._sites = self._site_of_each_organisation()
        self._places_used: MutableMapping[str, bool] = shelves(bool)

    def _known_type(self, reference: str, resource: Json) -> bool:
        kind = resource.get("resourceType") if isinstance(resource, dict) else None
        known = isinstance(kind, str) and kind in self._by_type
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
        return ((reference, self._resources[reference]) for reference in self._by_type[resource_type])

    def _key(self, reference: str, resource: Json) -> str:
        find = _KEYS.get(resource["resourceType"])
        key = self._guarded(reference, find, resource) if find is not None else None
        if find is not None and key is None:
            key = self._guarded(reference, without_key, resource, self._notes(reference))
        return key or reference

    def _identity(self, reference: str, resource: Json) -> str:
        """What tells the object of a resource from those of its class; a role is told apart with its professional."""
        kind, key = resource["resourceType"], self._keys[reference]
        try:
            if kind == "Organization":
                kind = organizations.level(resource)
            elif kind == "Location":
                key = places.read_place_key(resource) or reference
        except MalformedResource:
            # Noted when the resource is read.
            return reference
        return f"{kind} {key}"

    def _kept_beside(self, before: str, reference: str, resource: Json) -> bool:
        """Whether a resource is read although another of its set is the same object: each offer has its own places.

        Of the others the first is kept. What refers to the second refers to the object.
        """
        alike = {**self._resources[before], "id": ""} == {**resource, "id": ""}
        kept: bool = resource["resourceType"] == "Location"
        if kept and alike:
            return True
        self._ledger.note(
            LossKind.INCONSISTENT if kept or alike else LossKind.DROPPED,
            object=self._keys[reference] if not kept else before,
            path=reference,
            rule="fhir-read.resource.repeated",
            value_kind="resource",
            severity=Severity.INFORMATION if alike else Severity.WARNING if kept else Severity.ERROR,
        )
        return kept

    def _site_of_each_organisation(self) -> Mapping[str, str | None]:
        """The key of the EG at or above each organisation of the set."""
        levels: MutableMapping[str, Level] = self._shelves(Level)
        above: MutableMapping[str, str] = self._shelves(str)
        for reference, resource in self._of_type("Organization"):
            found = self._guarded(reference, organizations.level, resource)
            if found is None:
                continue
            key = self._keys[reference]
            if found is Level.EG or key not in levels:
                # An EG may have the identifier of its EJ (decision 0025).
                levels[key] = found
            # Noted when the organisation itself is read.
            owner = self._guarded(reference, self._linked, resource, "partOf", Notes(Ledger(), key))
            if owner is not None:
                above[key] = owner
        sites: MutableMapping[str, str | None] = self._shelves(str | None)
        for key in levels:
            sites[key] = _site(key, levels, above)
        return sites

    def _linked(self, resource: Json, path: str, notes: Notes) -> str | None:
        return self._source.key(member(resource, path), path, notes)

    def objects(self) -> Iterator[Objet]:
        """Every object."""
        yield from self._organisations()
        yield from self._offers()
        self._note_free_places()
        yield from self._professionals()

    def _organisations(self) -> Iterator[EntiteJuridique | EntiteGeographique | OrganisationInterne]:
        for reference, resource in self._of_type("Organization"):
            found = self._guarded(reference, self._organisation, reference, resource)
            if found is not None:
                yield self._proven(found, {reference: found.cle}, organisation_again)

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
        found = {place: self._guarded(place, self._place, place, key) for place in held}
        places_read = {reference: place for reference, place in found.items() if place is not None}
        offre = offers.read_offer(
            resource,
            key,
            source=self._source,
            sites=self._sites,
            places=tuple(places_read[place] for place in held if place in places_read),
            notes=notes,
        )
        sources = {reference: key} | {place: lieu.cle for place, lieu in places_read.items()}
        return self._proven(offre, sources, offer_again)

    def _proven(
        self,
        found: Told,
        sources: Mapping[str, str],
        again: Callable[[Told, Ledger], Iterable[Json]],
        roles: Mapping[str, professionals.Role] = _NO_ROLES,
    ) -> Told:
        """The object, once its resources, given with the keys of what they carry, are compared with what it writes."""
        said = Ledger()
        written = {f"{one['resourceType']}/{one['id']}": one for one in again(found, said)}
        for reference, key in sources.items():
            resource = self._resources[reference]
            kind = resource["resourceType"]
            told = next((written[f"{kind}/{one}"] for one in ids_of(kind, key) if f"{kind}/{one}" in written), None)
            notes = self._notes(key)
            note_codes(resource, notes, self._ledger, self._at)
            if told is not None:
                role = roles.get(reference)
                whole = partial(with_all_of_the_role, role) if role else partial(with_every_territory, found)
                note_differences(resource, told, said, notes, whole)
        return found

    def _place(self, reference: str, offre: str) -> LieuRealisationOffre:
        resource = self._resources[reference]
        self._places_used[reference] = True
        key = places.read_place_key(resource) or self._derived_place_key(reference, offre)
        notes = self._notes(key)
        return places.read_place(resource, key, notes)

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
        for reference in self._by_type["Location"]:
            if reference not in self._places_used:
                self._notes(reference).dropped("resource", "fhir-read.place.free", "resource")

    def _professionals(self) -> Iterator[Professionnel]:
        """The professionals of the set, then those that only a role names."""
        people: MutableMapping[str, str] = self._shelves(str)
        for reference in self._by_type["Practitioner"]:
            people[self._keys[reference]] = reference
        roles = self._roles()
        for key in roles:
            if key not in people:
                people[key] = ""
        for key, reference in people.items():
            found = self._guarded(key, self._professional, key, reference, roles.get(key, ()))
            if found is not None:
                yield found

    def _professional(self, key: str, reference: str, references: Sequence[str]) -> Professionnel:
        """A professional and his or her roles."""
        read = {place: self._role(place) for place in references}
        roles = {place: role for place, role in read.items() if role is not None}
        resource = self._resources[reference] if reference else {}
        found = professionals.read_professional(resource, key, roles.values(), self._notes(key))
        sources = {place: situation_key(key, role.offre) for place, role in roles.items()}
        sites = {role.offre: role.entite_geographique for role in roles.values()}
        return self._proven(
            found,
            sources | ({reference: key} if reference else {}),
            lambda one, said: practitioner_and_roles(one, sites, said),
            roles,
        )

    def _role(self, reference: str) -> professionals.Role | None:
        notes = self._notes(reference)
        role = self._guarded(reference, professionals.read_role, self._resources[reference], self._source, notes)
        if role is None:
            notes.dropped("resource", "fhir-read.role.unplaced", "resource")
        return role

    def _roles(self) -> Mapping[str, tuple[str, ...]]:
        """The references of the roles by the key of their professional."""
        found: MutableMapping[str, tuple[str, ...]] = self._shelves(tuple[str, ...])
        for reference, resource in self._of_type("PractitionerRole"):
            notes = self._notes(reference)
            key = self._guarded(reference, professionals.professional_of, resource, self._source, notes)
            if key is None:
                notes.dropped("resource", "fhir-read.role.unplaced", "resource")
            else:
                found[key] = (*found.get(key, ()), reference)
        return found


def _site(key: str, levels: Mapping[str, Level], above: Mapping[str, str]) -> str | None:
    """The EG at or above an organisation; one that is not in the set is known by a key that is no identifiantOI."""
    seen: set[str] = set()
    place: str | None = key
    while place is not None and place not in seen:
        seen.add(place)
        if levels.get(place) is Level.EG or (place not in levels and "/" not in place):
            return place
        place = above.get(place)
    return None
