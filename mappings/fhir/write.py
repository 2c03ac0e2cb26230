"""The model as FHIR resources."""

from collections.abc import Iterator

from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code
from mappings.fhir import healthcareservices, locations, organizations, practitioners, unit_places
from mappings.fhir.notes import Notes
from mappings.fhir.shape import Json
from mappings.loss import Ledger, LossKind


def write(repertoire: Repertoire, *, ledger: Ledger) -> dict[str, Json]:
    """Every resource by its relative reference, organisations first; what FHIR cannot say is in the ledger."""
    resources: dict[str, Json] = {}
    for resource in _resources(repertoire, ledger):
        reference = f"{resource['resourceType']}/{resource['id']}"
        known = resources.setdefault(reference, resource)
        if known != resource:
            # Two objects of one key, such as a place two offers describe differently: the first is kept.
            ledger.note(
                LossKind.INCONSISTENT, object=resource["id"], path=resource["resourceType"], rule="fhir.object.same-key"
            )
    return resources


def _resources(repertoire: Repertoire, ledger: Ledger) -> Iterator[Json]:
    sites = {eg.cle: eg for eg in repertoire.entites_geographiques}
    yield from (organizations.legal_entity(ej, ledger) for ej in repertoire.entites_juridiques)
    yield from (organizations.site(eg, ledger) for eg in repertoire.entites_geographiques)
    yield from (organizations.internal_organisation(oi, ledger) for oi in repertoire.organisations_internes)
    visiting = practitioners.offers_with_home_visits(repertoire.professionnels)
    for offre in repertoire.offres:
        site = sites.get(offre.entite_geographique or "")
        yield from _offer_and_places(offre, site, offre.cle in visiting, ledger)
    sites_of_offers = {offre.cle: offre.entite_geographique for offre in repertoire.offres}
    for professionnel in repertoire.professionnels:
        yield from practitioners.practitioner_and_roles(professionnel, sites_of_offers, ledger)
    _note_unused_habilitations(repertoire, ledger)


def _offer_and_places(
    offre: OffreOperationnelle, site: EntiteGeographique | None, home_visit: bool, ledger: Ledger
) -> Iterator[Json]:
    places = unit_places.places(offre, Notes(ledger, offre.cle))
    keys = [place.cle for place in places]
    yield healthcareservices.offer(offre, site=site, places=keys, home_visit=home_visit, ledger=ledger)
    commune = _commune(site)
    for place in places:
        yield locations.place(place, commune=commune, metadonnee=offre.metadonnee, ledger=ledger)


def _commune(site: EntiteGeographique | None) -> Code | None:
    return site.lieu.commune_cog if site is not None and site.lieu is not None else None


def _note_unused_habilitations(repertoire: Repertoire, ledger: Ledger) -> None:
    """Up to 2.4 an EG is habilitated; FHIR says it of offers, so one without psychiatric offer cannot be."""
    psychiatric = {
        offre.entite_geographique
        for offre in repertoire.offres
        if healthcareservices.PSYCHIATRY.cle in {code.cle for code in offre.champs_activite}
    }
    for eg in repertoire.entites_geographiques:
        if eg.habilitation_soins_sans_consentement is not None and eg.cle not in psychiatric:
            Notes(ledger, eg.cle).dropped("habilitation_soins_sans_consentement", "fhir.offer.no-consent", "boolean")
