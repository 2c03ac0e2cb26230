"""The model as FHIR resources."""

import hashlib
from collections.abc import Callable, Container, Hashable, Iterator, MutableMapping
from typing import Any, Generic, TypeVar, overload

import msgspec

from mappings.csd.preparation import Holdings
from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique, EntiteJuridique, OrganisationInterne
from mappings.exposition.professionnel import Professionnel
from mappings.exposition.repertoire import Objet, Repertoire
from mappings.exposition.values import Code
from mappings.fhir import healthcareservices, locations, organizations, practitioners, unit_places
from mappings.fhir.codes import note_written
from mappings.fhir.doubts import watch
from mappings.fhir.encoding import encode
from mappings.fhir.ids import key_of_resource
from mappings.fhir.includes import LINKS
from mappings.fhir.notes import Notes
from mappings.fhir.shape import Json
from mappings.loss import Ledger, LossKind, Severity
from mappings.memory import FORGETFUL, Memory, of_value
from mappings.pauses import without_collection
from mappings.shelf import Shelves, in_memory


class Encoded(msgspec.Struct, frozen=True, gc=False):
    """A resource as JSON, with its type and the members that lead to other resources."""

    links: Json
    body: bytes


def encoded(resource: Json) -> Encoded:
    """The resource as JSON: made as soon as the resource is written, what it was made of can go at once."""
    return Encoded({name: resource[name] for name in _LED_BY if name in resource}, encode(resource))


def whole(resource: Json) -> Json:
    """The resource as it is."""
    return resource


_LED_BY = ("resourceType", *dict.fromkeys(name for name, _ in LINKS.values()))

Made = TypeVar("Made", Json, Encoded)


@overload
def write(repertoire: Repertoire, *, ledger: Ledger, memory: Memory = ...) -> dict[str, Json]: ...
@overload
def write(
    repertoire: Repertoire, *, ledger: Ledger, memory: Memory = ..., finish: Callable[[Json], Made]
) -> dict[str, Made]: ...
@without_collection
def write(
    repertoire: Repertoire, *, ledger: Ledger, memory: Memory = FORGETFUL, finish: Callable[[Json], Any] = whole
) -> dict[str, Any]:
    """What `finish` makes of every resource, by its relative reference, organisations first; what FHIR cannot say is in
    the ledger.

    What was made of an object that the memory holds is that of before: it is not to be changed.
    """
    found: dict[str, Any] = {}
    for reference, made in _resources(repertoire, _Objects(ledger, memory, finish), in_memory):
        known = found.setdefault(reference, made)
        if known is not made and known != made:
            _note_same_key(reference, ledger)
    return found


def write_each(holdings: Holdings, *, ledger: Ledger, shelves: Shelves) -> Iterator[bytes]:
    """The JSON of the resources of `write`, one at a time: for a directory larger than memory."""
    known: MutableMapping[str, bytes] = shelves(bytes)
    for reference, one in _resources(holdings, _Objects(ledger, FORGETFUL, encoded), shelves):
        digest = hashlib.sha256(one.body).digest()
        before = known.get(reference)
        if before is None:
            known[reference] = digest
            yield one.body
        elif before != digest:
            _note_same_key(reference, ledger)


def _reference(resource: Json) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def _note_same_key(reference: str, ledger: Ledger) -> None:
    """Two objects of one id: the first is kept. A place is kept as one of its offers describes it; any other object is
    not in the answer.
    """
    key = key_of_resource(reference)
    if reference.startswith("Location/"):
        ledger.note(LossKind.INCONSISTENT, object=key, path="Location", rule="fhir.object.same-key")
    else:
        ledger.note(
            LossKind.DROPPED,
            object=key,
            path="",
            rule="fhir.object.key-taken",
            value_kind="object",
            severity=Severity.ERROR,
        )


class _Objects(Generic[Made]):
    """The objects of one directory, each written from nothing but itself and what is handed over with it: that is what
    the memory knows its resources by.
    """

    def __init__(self, ledger: Ledger, memory: Memory, finish: Callable[[Json], Made]) -> None:
        self.ledger = ledger
        self._memory = memory
        self._finish: Callable[[Json], Made] = finish
        self._stamps: dict[str, Hashable] = {}

    def legal_entity(self, ej: EntiteJuridique) -> list[tuple[str, Made]]:
        """The resource of a legal entity."""
        return self._written(ej, lambda ledger: [organizations.legal_entity(ej, ledger)])

    def site(self, eg: EntiteGeographique) -> list[tuple[str, Made]]:
        """The resource of a site."""
        return self._written(eg, lambda ledger: [organizations.site(eg, ledger)])

    def internal_organisation(self, oi: OrganisationInterne, legal: Container[str]) -> list[tuple[str, Made]]:
        """The resource of an internal organisation."""
        above = _among(legal, oi.parent, oi.entite_geographique)
        return self._written(oi, lambda ledger: [organizations.internal_organisation(oi, above, ledger)], above)

    def offer(
        self, offre: OffreOperationnelle, site: EntiteGeographique | None, legal: Container[str], *, home_visit: bool
    ) -> list[tuple[str, Made]]:
        """The resources of an offer and of its places."""
        above = _among(legal, offre.organisation, offre.entite_geographique)
        return self._written(
            offre,
            lambda ledger: list(_offer_and_places(offre, site, above, home_visit=home_visit, ledger=ledger)),
            above,
            home_visit,
            beside=site,
        )

    def professional(
        self, one: Professionnel, sites_of_offers: MutableMapping[str, str | None]
    ) -> list[tuple[str, Made]]:
        """The resources of a professional and of what he or she does in each offer."""
        offers = dict.fromkeys((*one.offres, *(offre for situation in one.situations for offre in situation.offres)))
        sites = {offre: sites_of_offers[offre] for offre in offers if offre in sites_of_offers}
        return self._written(
            one,
            lambda ledger: list(practitioners.practitioner_and_roles(one, sites, ledger)),
            tuple(sites.items()),
        )

    def _written(
        self,
        objet: Objet,
        work: Callable[[Ledger], list[Json]],
        *around: Hashable,
        beside: EntiteGeographique | None = None,
    ) -> list[tuple[str, Made]]:
        owner = objet.metadonnee.region_source if objet.metadonnee is not None else None
        return self._memory.of(
            lambda: ("fhir", self._finish, type(objet), of_value(objet), around, self._stamp(beside)),
            lambda ledger: [(_reference(one), self._finish(one)) for one in _judged(work, ledger)],
            owner=owner or "",
            ledger=self.ledger,
        )

    def _stamp(self, site: EntiteGeographique | None) -> Hashable:
        """What stands for a site in the keys of its offers, made once."""
        if site is None:
            return None
        stamp = self._stamps.get(site.cle)
        if stamp is None:
            stamp = self._stamps[site.cle] = of_value(site)
        return stamp


def _judged(work: Callable[[Ledger], list[Json]], ledger: Ledger) -> list[Json]:
    """What is written, once each code that the guide's value set of its place is without is told."""
    met_doubt = watch()
    written = work(ledger)
    if met_doubt():
        for resource in written:
            note_written(resource, Notes(ledger, key_of_resource(_reference(resource))))
    return written


def _among(legal: Container[str], *keys: str | None) -> tuple[str, ...]:
    return tuple([key for key in keys if key is not None and key in legal])


def _resources(holdings: Holdings, objects: _Objects[Made], shelves: Shelves) -> Iterator[tuple[str, Made]]:
    legal: MutableMapping[str, bool] = shelves(bool)
    for ej in holdings.entites_juridiques:
        legal[ej.cle] = True
        yield from objects.legal_entity(ej)
    sites: MutableMapping[str, EntiteGeographique] = shelves(EntiteGeographique)
    for eg in holdings.entites_geographiques:
        sites[eg.cle] = eg
        legal.pop(eg.cle, None)
        yield from objects.site(eg)
    for oi in holdings.organisations_internes:
        yield from objects.internal_organisation(oi, legal)
    visiting = practitioners.offers_with_home_visits(holdings.professionnels)
    sites_of_offers: MutableMapping[str, str | None] = shelves(str)
    psychiatric: set[str | None] = set()
    for offre in holdings.offres:
        if offre.entite_geographique is not None:
            sites_of_offers[offre.cle] = offre.entite_geographique
        if healthcareservices.is_psychiatric(offre):
            psychiatric.add(offre.entite_geographique)
        site = sites.get(offre.entite_geographique or "")
        yield from objects.offer(offre, site, legal, home_visit=offre.cle in visiting)
    for professionnel in holdings.professionnels:
        yield from objects.professional(professionnel, sites_of_offers)
    _note_unused_habilitations(holdings, psychiatric, objects.ledger)


def _offer_and_places(
    offre: OffreOperationnelle,
    site: EntiteGeographique | None,
    legal: Container[str],
    *,
    home_visit: bool,
    ledger: Ledger,
) -> Iterator[Json]:
    places = unit_places.places(offre, Notes(ledger, offre.cle))
    keys = [place.cle for place in places]
    yield healthcareservices.offer(offre, site=site, places=keys, legal=legal, home_visit=home_visit, ledger=ledger)
    commune = _commune(site)
    for place in places:
        yield locations.place(place, commune=commune, metadonnee=offre.metadonnee, ledger=ledger)


def organisation_again(objet: EntiteJuridique | EntiteGeographique | OrganisationInterne, ledger: Ledger) -> list[Json]:
    """The resource of one organisation by itself."""
    match objet:
        case EntiteJuridique():
            return [organizations.legal_entity(objet, ledger)]
        case EntiteGeographique():
            return [organizations.site(objet, ledger)]
        case OrganisationInterne():
            return [organizations.internal_organisation(objet, (), ledger)]


def offer_again(offre: OffreOperationnelle, ledger: Ledger) -> Iterator[Json]:
    """The resources of one offer and its places by themselves."""
    return _offer_and_places(offre, None, (), home_visit=False, ledger=ledger)


def _commune(site: EntiteGeographique | None) -> Code | None:
    return site.lieu.commune_cog if site is not None and site.lieu is not None else None


def _note_unused_habilitations(holdings: Holdings, psychiatric: set[str | None], ledger: Ledger) -> None:
    """Up to 2.4 an EG is habilitated; FHIR says it of offers, so one without psychiatric offer cannot be."""
    for eg in holdings.entites_geographiques:
        if eg.habilitation_soins_sans_consentement is not None and eg.cle not in psychiatric:
            Notes(ledger, eg.cle).dropped("habilitation_soins_sans_consentement", "fhir.offer.no-consent", "boolean")
