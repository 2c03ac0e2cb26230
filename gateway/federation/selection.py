"""What is answered of a directory: the objects that match and what must stand around them.

A search keeps the matches with their chain upwards and the professionals who work there; a reading keeps the fields of
activity and the reduced form asked for (contract sections 5 and 10). Whatever the source, the same function decides, so
that a live member, the replica and the national ROR answer one question.
"""

from collections.abc import Collection, Iterable, Iterator

import msgspec

from gateway.federation.codes import SEQUENTIAL_RECEPTION
from gateway.federation.criteria import Question, Surroundings, changed_before, changed_since, matches, region_of
from gateway.federation.territory import region_of_unit
from mappings.exposition.demandes import LectureEtablissement, TypeObjet
from mappings.exposition.exercice import within
from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.repertoire import Objet, Repertoire
from mappings.exposition.values import Code
from mappings.fhir.ids import situation_key
from mappings.fhir.unit_places import SUFFIX as UNIT_PLACE_SUFFIX

_replace = msgspec.structs.replace
_MEDICO_SOCIAL = "04"


def matched(repertoire: Repertoire, question: Question) -> tuple[str, ...]:
    """The keys of the objects of the kind sought that answer the question, in order of keys."""
    recherche = question.recherche
    if recherche.objet is TypeObjet.OFFRE:
        surroundings = Surroundings(repertoire)
        return tuple(sorted(offre.cle for offre in repertoire.offres if matches(offre, surroundings, question)))
    return tuple(
        sorted(
            {
                found.key
                for found in sought(repertoire, recherche.objet, question.member)
                if (not recherche.cles or found.key in recherche.cles)
                and (not recherche.regions or found.region in recherche.regions)
                and changed_since(found.held_by, recherche.modifie_depuis)
                and changed_before(found.held_by, recherche.modifie_avant)
            }
        )
    )


def counted(repertoire: Repertoire, keys: Collection[str], objet: TypeObjet) -> int:
    """How many objects those keys are: an EG may have the key of its EJ."""
    if objet is not TypeObjet.ORGANISATION:
        return len(keys)
    legal = {entite.cle for entite in repertoire.entites_juridiques}
    return len(keys) + sum(one.cle in legal and one.cle in keys for one in repertoire.entites_geographiques)


class Sought(msgspec.Struct, frozen=True):
    """One object of the kind a search looks for; `held_by` is the object of the model that carries it."""

    key: str
    held_by: Objet
    region: str


def sought(repertoire: Repertoire, objet: TypeObjet, member: str) -> Iterator[Sought]:
    """Every object of a kind."""
    match objet:
        case TypeObjet.OFFRE:
            for offre in repertoire.offres:
                yield Sought(offre.cle, offre, region_of(offre, member))
        case TypeObjet.ORGANISATION:
            owners: tuple[Objet, ...] = (*repertoire.entites_juridiques, *repertoire.entites_geographiques)
            for organisation in (*owners, *repertoire.organisations_internes):
                yield Sought(organisation.cle, organisation, region_of_object(organisation, member))
        case TypeObjet.LIEU:
            for offre in repertoire.offres:
                for key in place_keys(offre):
                    yield Sought(key, offre, region_of(offre, member))
        case TypeObjet.PROFESSIONNEL:
            for professionnel in repertoire.professionnels:
                yield Sought(professionnel.cle, professionnel, region_of_object(professionnel, member))
        case TypeObjet.SITUATION:
            for professionnel in repertoire.professionnels:
                for unit in professionnel.offres:
                    key = situation_key(professionnel.cle, unit)
                    yield Sought(key, professionnel, region_of_unit(unit) or member)


def place_keys(offre: OffreOperationnelle) -> tuple[str, ...]:
    """The keys of the places of an offer, that made from what versions up to 2.4 say of the unit included."""
    keys = tuple(lieu.cle for lieu in offre.lieux)
    told_of_unit = offre.lieu_unite is not None or (
        len(keys) != 1 and (offre.capacite_accueil or offre.capacites_habitation_unite or offre.equipements_unite)
    )
    if not told_of_unit:
        return keys
    identified = offre.lieu_unite.identifiant if offre.lieu_unite is not None else None
    return (*keys, identified or f"{offre.cle}{UNIT_PLACE_SUFFIX}")


def region_of_object(objet: Objet, member: str) -> str:
    """The source region of any object."""
    declared = objet.metadonnee.region_source if objet.metadonnee is not None else None
    return declared or member


def around(repertoire: Repertoire, keys: Iterable[str], objet: TypeObjet) -> Repertoire:
    """The objects of those keys and what must stand around them: owners, the chain upwards, professionals."""
    wanted = frozenset(keys)
    surroundings = Surroundings(repertoire)
    offres = tuple(offre for offre in repertoire.offres if _concerned(offre, repertoire, surroundings, wanted, objet))
    kept = {offre.cle for offre in offres}
    persons = {key.partition("/")[0] for key in wanted} if objet is TypeObjet.SITUATION else wanted
    owners = set(wanted).union(*(surroundings.owners(offre) for offre in offres))
    if objet is TypeObjet.ORGANISATION:
        owners |= _chain(wanted, surroundings)
    return Repertoire(
        entites_juridiques=tuple(entite for entite in repertoire.entites_juridiques if entite.cle in owners),
        entites_geographiques=tuple(entite for entite in repertoire.entites_geographiques if entite.cle in owners),
        organisations_internes=tuple(one for one in repertoire.organisations_internes if one.cle in owners),
        offres=offres,
        professionnels=tuple(
            one for one in repertoire.professionnels if one.cle in persons or not kept.isdisjoint(one.offres)
        ),
    )


def _concerned(
    offre: OffreOperationnelle,
    repertoire: Repertoire,
    surroundings: Surroundings,
    wanted: frozenset[str],
    objet: TypeObjet,
) -> bool:
    match objet:
        case TypeObjet.OFFRE:
            return offre.cle in wanted
        case TypeObjet.ORGANISATION:
            return not surroundings.owners(offre).isdisjoint(wanted)
        case TypeObjet.LIEU:
            return not wanted.isdisjoint(place_keys(offre))
        case TypeObjet.PROFESSIONNEL:
            return any(one.cle in wanted and offre.cle in one.offres for one in repertoire.professionnels)
        case TypeObjet.SITUATION:
            return any(key.partition("/")[2] == offre.cle for key in wanted)


def _chain(keys: Iterable[str], surroundings: Surroundings) -> set[str]:
    """Those organisations and every one above them."""
    found: set[str] = set()
    waiting = list(keys)
    while waiting:
        key = waiting.pop()
        if key in found:
            continue
        found.add(key)
        if key in surroundings.internes:
            organisation = surroundings.internes[key]
            waiting += [above for above in (organisation.parent, organisation.entite_geographique) if above]
        elif key in surroundings.geographiques and surroundings.geographiques[key].entite_juridique:
            waiting.append(str(surroundings.geographiques[key].entite_juridique))
    return found


def restrict(repertoire: Repertoire, lecture: LectureEtablissement) -> Repertoire:
    """A reading of an establishment narrowed to what was asked; applied twice it changes nothing more.

    Fields of activity are a union; publics narrow inside the medico-social field; `date_ref` keeps the units changed
    since; the reduced form is that of section 10 (RG_ALIM_015), without it every instance stays (RG_ALIM_016). The tree
    EJ, EG, OI stays even without a unit (RG_ALIM_018), but for internal organisations of other fields (RG_ALIM_020).
    A professional stays with what he or she does in the units that stay.
    """
    offres = tuple(offre for offre in repertoire.offres if _asked(offre, lecture))
    internes = tuple(one for one in repertoire.organisations_internes if _of_fields(one.champs_activite, lecture))
    kept = {offre.cle for offre in offres}
    gone = {offre.cle for offre in repertoire.offres} - kept
    narrowed = _replace(
        repertoire,
        organisations_internes=internes,
        offres=offres,
        professionnels=tuple(
            within(one, {*one.offres, *one.entites_geographiques} - gone)
            for one in repertoire.professionnels
            if not gone or not kept.isdisjoint(one.offres)
        ),
    )
    return reduced(narrowed) if lecture.restriction_oi else narrowed


def _asked(offre: OffreOperationnelle, lecture: LectureEtablissement) -> bool:
    if not _of_fields(offre.champs_activite, lecture):
        return False
    if lecture.publics and any(champ.code == _MEDICO_SOCIAL for champ in offre.champs_activite):
        publics = offre.patientele.publics if offre.patientele is not None else ()
        if {code.cle for code in publics}.isdisjoint(code.cle for code in lecture.publics):
            return False
    return lecture.date_ref is None or changed_since(offre, lecture.date_ref)


def _of_fields(champs: tuple[Code, ...], lecture: LectureEtablissement) -> bool:
    """An organisation that names no field is kept: its field is that of its descendants (RG_ALIM_006)."""
    asked = {code.cle for code in lecture.champs_activite}
    return not asked or not champs or not asked.isdisjoint(code.cle for code in champs)


def reduced(repertoire: Repertoire) -> Repertoire:
    """The reduced answer of contract section 10.

    Of the home modes it has no word but for `receptionMode`, which 3.0 says as the home mode 01: the others stay.
    """
    return _replace(
        repertoire,
        entites_geographiques=tuple(_replace(entite, tarifs=()) for entite in repertoire.entites_geographiques),
        offres=tuple(_reduced_offer(offre) for offre in repertoire.offres),
    )


def _reduced_offer(offre: OffreOperationnelle) -> OffreOperationnelle:
    medico_social = any(champ.code == _MEDICO_SOCIAL for champ in offre.champs_activite)
    return _replace(
        offre,
        type_offre=offre.type_offre if medico_social else None,
        modalites_accueil=tuple(mode for mode in offre.modalites_accueil if mode.cle != SEQUENTIAL_RECEPTION.cle),
        temporalite_accueil=None,
        specialisations_prise_en_charge=(),
        ouverture_annuelle=None,
        secteurs_psychiatriques=(),
        professions_ressource=(),
        competences_specifiques=(),
        actes_specifiques=(),
        zones_intervention=(),
        horaires=(),
        lieux=(),
        lieu_unite=None,
        capacite_accueil=None,
        capacites_habitation_unite=(),
        competence_ressource=None,
        accueil_sequentiel_accepte=None,
    )
