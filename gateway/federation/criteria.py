"""Which objects answer a search: the one reading of every criterion, for live answers and for the replica alike.

Several values of one criterion are a union, several criteria a conjunction. `trusted` names the criteria that the
member's own search has already applied: an offer that says nothing of one is then kept, for a member leaves out what
the asserted profile may not read; an offer that says something else is not.
"""

import math
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal

import msgspec

from gateway.federation.codes import CODES, codes_of
from gateway.federation.territory import department_of_postal_code, department_of_structure, region_of_unit
from mappings.csd.ages import BOUNDS
from mappings.exposition.demandes import Recherche, Territoire, TypeTerritoire
from mappings.exposition.lieu import Adresse, CoordonneeGeographique, Lieu
from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique
from mappings.exposition.repertoire import Objet, Repertoire
from mappings.exposition.values import Code, Mesure
from mappings.nomenclatures.territory import department_of_commune, region_of_department

_DAYS_IN_YEAR = Decimal("365.25")
# How many of a unit make a year: UCUM, and the months and days of TRE_R215, `m` and `j`.
_IN_A_YEAR = {
    "a": Decimal(1),
    "mo": Decimal(12),
    "m": Decimal(12),
    "wk": _DAYS_IN_YEAR / 7,
    "d": _DAYS_IN_YEAR,
    "j": _DAYS_IN_YEAR,
}
_EARTH_KM = 6371.0

Centres = Mapping[str, tuple[Decimal, Decimal]]
"""Latitude and longitude of communes, by INSEE code."""


class Place(msgspec.Struct, frozen=True):
    """Where an offer is carried out, as far as its source says."""

    commune: str | None
    department: str | None
    latitude: Decimal | None = None
    longitude: Decimal | None = None


class Surroundings:
    """What stands around the offers of one directory, found by key."""

    def __init__(self, repertoire: Repertoire) -> None:
        self.geographiques = {entite.cle: entite for entite in repertoire.entites_geographiques}
        self.internes = {organisation.cle: organisation for organisation in repertoire.organisations_internes}

    def owners(self, offre: OffreOperationnelle) -> frozenset[str]:
        """The keys of every organisation above an offer: internal organisations, EG, EJ."""
        found: set[str] = set()
        waiting = [offre.organisation, offre.entite_geographique]
        while waiting:
            key = waiting.pop()
            if key is None or key in found:
                continue
            found.add(key)
            if key in self.internes:
                waiting += [self.internes[key].parent, self.internes[key].entite_geographique]
            elif key in self.geographiques:
                waiting.append(self.geographiques[key].entite_juridique)
        return frozenset(found)

    def establishment(self, offre: OffreOperationnelle) -> EntiteGeographique | None:
        """The EG of an offer."""
        return next((self.geographiques[key] for key in sorted(self.owners(offre)) if key in self.geographiques), None)


def places_of(offre: OffreOperationnelle, etablissement: EntiteGeographique | None) -> tuple[Place, ...]:
    """Where an offer is carried out: its own places; those of its EG when it has none; else the EG's FINESS."""
    own = tuple(place for lieu in _own_places(offre) if (place := _place(lieu, lieu.adresse)).department is not None)
    if own or etablissement is None:
        return own
    lieu = etablissement.lieu or Lieu()
    place = _place(lieu, etablissement.adresse or lieu.adresse)
    if place.department is not None:
        return (place,)
    return (Place(None, department_of_structure(etablissement.cle), place.latitude, place.longitude),)


def _place(lieu: Lieu, adresse: Adresse | None) -> Place:
    commune = lieu.commune_cog.code if lieu.commune_cog is not None else None
    department = department_of_commune(commune) if commune else None
    if department is None:
        department = next((department_of_postal_code(code) for code in _postal_codes(adresse)), None)
    at: CoordonneeGeographique | None = lieu.coordonnee
    return Place(commune, department, at.latitude if at else None, at.longitude if at else None)


def postal_codes_of(offre: OffreOperationnelle, etablissement: EntiteGeographique | None) -> tuple[str, ...]:
    """The postal codes of the places of an offer; those of its EG when they have none."""
    own = tuple(code for lieu in _own_places(offre) for code in _postal_codes(lieu.adresse))
    if own or etablissement is None:
        return own
    lieu = etablissement.lieu or Lieu()
    return tuple(_postal_codes(etablissement.adresse or lieu.adresse))


def _own_places(offre: OffreOperationnelle) -> tuple[Lieu, ...]:
    of_unit = (offre.lieu_unite,) if offre.lieu_unite is not None else ()
    return (*(lieu.lieu for lieu in offre.lieux), *of_unit)


def _postal_codes(adresse: Adresse | None) -> Iterator[str]:
    for ligne in adresse.lignes if adresse is not None else ():
        if ligne.code_postal:
            yield ligne.code_postal


def region_of(offre: OffreOperationnelle, member: str) -> str:
    """The source region of an offer (`_tag`): what its record says, else its identifier, else its member."""
    declared = offre.metadonnee.region_source if offre.metadonnee is not None else None
    return declared or region_of_unit(offre.cle) or member


def years(mesure: Mesure | None) -> Decimal | None:
    """An age in years; None without one, or in a unit that is no duration."""
    if mesure is None:
        return None
    unit = mesure.unite.code if mesure.unite is not None else "a"
    return mesure.valeur / _IN_A_YEAR[unit] if unit in _IN_A_YEAR else None


def plain(text: str) -> str:
    """Text as names are compared: without case or accents."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(character for character in decomposed if not unicodedata.combining(character)).casefold()


def name_of(offre: OffreOperationnelle) -> str:
    """The names of an offer as they are searched."""
    return plain("\n".join([offre.nom, *offre.complements_nom]))


def updated(objet: Objet) -> datetime | None:
    """When its source last changed an object."""
    return objet.metadonnee.date_mise_a_jour if objet.metadonnee is not None else None


class Question(msgspec.Struct, frozen=True):
    """A search with what is needed to judge one offer of one member by it; `criteria` are those it names."""

    recherche: Recherche
    member: str
    criteria: tuple[str, ...]
    trusted: frozenset[str] = frozenset()
    centres: Centres = {}


def question(
    recherche: Recherche, member: str, *, trusted: frozenset[str] = frozenset(), centres: Centres | None = None
) -> Question:
    """The question a search puts to the offers of one member."""
    return Question(recherche, member, tuple(sorted(present(recherche))), trusted, centres or {})


def matches(offre: OffreOperationnelle, around: Surroundings, question: Question) -> bool:
    """Whether an offer meets every criterion of a search on offers."""
    return all(_CHECKS[criterion](offre, around, question) for criterion in question.criteria)


def _of_code(criterion: str) -> Callable[[OffreOperationnelle, Surroundings, Question], bool]:
    def check(offre: OffreOperationnelle, _around: Surroundings, question: Question) -> bool:
        said = codes_of(offre, criterion)
        if not said:
            return criterion in question.trusted
        return any(same_code(code, wanted) for code in said for wanted in getattr(question.recherche, criterion))

    return check


def same_code(code: Code, wanted: Code) -> bool:
    """Whether a code is the one asked for; a question may leave out the system (FHIR token without one)."""
    return code.code == wanted.code and wanted.systeme in {"", code.systeme}


def _key(offre: OffreOperationnelle, _around: Surroundings, question: Question) -> bool:
    return offre.cle in question.recherche.cles


def _offer(offre: OffreOperationnelle, _around: Surroundings, question: Question) -> bool:
    return offre.cle in question.recherche.offres


def _organisation(offre: OffreOperationnelle, around: Surroundings, question: Question) -> bool:
    return not around.owners(offre).isdisjoint(question.recherche.organisations)


def _region(offre: OffreOperationnelle, _around: Surroundings, question: Question) -> bool:
    return region_of(offre, question.member) in question.recherche.regions


def _age(offre: OffreOperationnelle, _around: Surroundings, question: Question) -> bool:
    """An offer without an age limit receives every age."""
    wanted, patientele = question.recherche.age, offre.patientele
    if wanted is None or patientele is None:
        return True
    lowest, highest = years(patientele.age_min), years(patientele.age_max)
    return (lowest is None or lowest <= wanted) and (highest is None or wanted <= highest)


def _age_class(offre: OffreOperationnelle, _around: Surroundings, question: Question) -> bool:
    """The ages received overlap one of the classes (R208); an offer without an age limit receives every age."""
    patientele = offre.patientele
    if patientele is None:
        return True
    lowest, highest = years(patientele.age_min), years(patientele.age_max)
    bounds = (BOUNDS[code.code] for code in question.recherche.classes_age)
    return any((lowest is None or lowest < high) and (highest is None or low <= highest) for low, high in bounds)


def _name(offre: OffreOperationnelle, _around: Surroundings, question: Question) -> bool:
    return plain(question.recherche.nom_contient or "") in name_of(offre)


def _name_start(offre: OffreOperationnelle, _around: Surroundings, question: Question) -> bool:
    """Any of its names begins so."""
    return f"\n{plain(question.recherche.nom_commence or '')}" in f"\n{name_of(offre)}"


def _postal_code(offre: OffreOperationnelle, around: Surroundings, question: Question) -> bool:
    said = postal_codes_of(offre, around.establishment(offre))
    return any(code.startswith(question.recherche.codes_postaux) for code in said)


def _before(offre: OffreOperationnelle, _around: Surroundings, question: Question) -> bool:
    return changed_before(offre, question.recherche.modifie_avant)


def _since(offre: OffreOperationnelle, _around: Surroundings, question: Question) -> bool:
    return changed_since(offre, question.recherche.modifie_depuis)


def changed_since(objet: Objet, since: datetime | None) -> bool:
    """Whether an object changed at or after an instant; one without a date may have, and is kept."""
    at = updated(objet)
    return since is None or at is None or at >= since


def changed_before(objet: Objet, before: datetime | None) -> bool:
    """Whether an object changed before an instant; one without a date may have, and is kept."""
    at = updated(objet)
    return before is None or at is None or at < before


def _territory(offre: OffreOperationnelle, around: Surroundings, question: Question) -> bool:
    places = places_of(offre, around.establishment(offre))
    if not places:
        return "territoires" in question.trusted
    return any(lies_in(place, wanted, question) for place in places for wanted in question.recherche.territoires)


def lies_in(place: Place, territoire: Territoire, question: Question) -> bool:
    """Whether a place lies in a territory (contract section 16)."""
    match territoire.type:
        case TypeTerritoire.REGION:
            return place.department is not None and region_of_department(place.department) == territoire.code
        case TypeTerritoire.DEPARTEMENT:
            return place.department == territoire.code
    if place.commune == territoire.code:
        return True
    if place.commune is None and not territoire.rayon_km:
        return "territoires" in question.trusted and place.department == department_of_commune(territoire.code)
    return bool(territoire.rayon_km) and _within(place, territoire, question)


def _within(place: Place, territoire: Territoire, question: Question) -> bool:
    centre = question.centres.get(territoire.code)
    if centre is None or place.latitude is None or place.longitude is None:
        return "territoires" in question.trusted
    return distance_km(centre, (place.latitude, place.longitude)) <= float(territoire.rayon_km or 0)


def distance_km(here: tuple[Decimal, Decimal], there: tuple[Decimal, Decimal]) -> float:
    """The great-circle distance of two positions in decimal degrees."""
    lat1, lon1, lat2, lon2 = (math.radians(float(value)) for value in (*here, *there))
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * _EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


_CHECKS: dict[str, Callable[[OffreOperationnelle, Surroundings, Question], bool]] = {
    "cles": _key,
    "offres": _offer,
    "regions": _region,
    **{criterion: _of_code(criterion) for criterion in CODES},
    "territoires": _territory,
    "codes_postaux": _postal_code,
    "organisations": _organisation,
    "age": _age,
    "classes_age": _age_class,
    "nom_contient": _name,
    "nom_commence": _name_start,
    "modifie_depuis": _since,
    "modifie_avant": _before,
}

CRITERIA = frozenset(_CHECKS)
"""Every criterion that is judged."""


def present(recherche: Recherche) -> frozenset[str]:
    """The criteria a search names."""
    return frozenset(criterion for criterion in _CHECKS if getattr(recherche, criterion) not in {None, ()})


def only(recherche: Recherche, criteria: Iterable[str]) -> Recherche:
    """The same search with those criteria alone."""
    return Recherche(objet=recherche.objet, **{name: getattr(recherche, name) for name in criteria})


def radius_communes(recherche: Recherche) -> Iterator[str]:
    """The communes around which a radius is asked: their position must be known to judge it."""
    yield from (territoire.code for territoire in recherche.territoires if territoire.rayon_km)
