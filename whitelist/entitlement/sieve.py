"""Takes out of a directory what an access profile may not receive (contract section 11, digest section 10).

What is removed is counted, never replaced. When a mandatory child goes, the smallest optional ancestor goes with it:
a capacity group without lines, a contact below its level.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

import msgspec

from mappings.exposition.contact import Contact, Telecommunication
from mappings.exposition.demandes import ProfilAcces
from mappings.exposition.lieu import (
    CapaciteAccueil,
    CapaciteAccueilOperationnelle,
    CapacitePriseCharge,
    Comptage,
    Lieu,
    LieuRealisationOffre,
)
from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique, EntiteJuridique, OrganisationInterne
from mappings.exposition.professionnel import Professionnel
from mappings.exposition.repertoire import Repertoire
from whitelist.entitlement import facts as gathered
from whitelist.entitlement.facts import Facts, holds
from whitelist.entitlement.table import UP_TO_2_4, Element, Norme, condition

T = TypeVar("T")
S = TypeVar("S", bound=msgspec.Struct)

_replace = msgspec.structs.replace


class Filtered(msgspec.Struct, frozen=True):
    """What may leave, and how many elements were taken out."""

    repertoire: Repertoire
    withheld: int


def filter_repertoire(
    repertoire: Repertoire, *, profil: ProfilAcces, norme: Norme, entourage: Repertoire | None = None
) -> Filtered:
    """The part of a directory that an answer in that standard may carry to that profile.

    `entourage` holds objects that are known but not answered: units that decide whether an establishment is
    medico-social, or that a professional works in. Without them the closed reading holds.
    """
    return _Sieve(profil, norme, repertoire, entourage or Repertoire()).sift(repertoire)


class _Sieve:
    """One pass over one directory; counts what it takes out."""

    def __init__(self, profil: ProfilAcces, norme: Norme, repertoire: Repertoire, entourage: Repertoire) -> None:
        self._profil = profil
        self._norme = norme
        self._withheld = 0
        known = Repertoire(
            entites_geographiques=entourage.entites_geographiques + repertoire.entites_geographiques,
            organisations_internes=entourage.organisations_internes + repertoire.organisations_internes,
            offres=entourage.offres + repertoire.offres,
        )
        self._units = {offre.cle: gathered.of_unit(offre) for offre in known.offres}
        visible = [offre for offre in known.offres if self._allows(Element.UNIT, self._units[offre.cle])]
        self._below = gathered.fields_below(known, visible)

    def sift(self, repertoire: Repertoire) -> Filtered:
        """The five classes, the units first of all decided on the whole."""
        offres = self._kept(repertoire.offres, lambda offre: self._allows(Element.UNIT, self._units[offre.cle]))
        sifted = Repertoire(
            entites_juridiques=tuple(self._entite_juridique(entite) for entite in repertoire.entites_juridiques),
            entites_geographiques=tuple(self._geographique(entite) for entite in repertoire.entites_geographiques),
            organisations_internes=tuple(self._interne(oi) for oi in repertoire.organisations_internes),
            offres=tuple(self._offre(offre) for offre in offres),
            professionnels=tuple(
                kept for one in repertoire.professionnels if (kept := self._professionnel(one)) is not None
            ),
        )
        return Filtered(sifted, self._withheld)

    def _allows(self, element: Element, facts: Facts) -> bool:
        return holds(condition(element, self._profil, self._norme), facts)

    def _kept(self, values: Iterable[T], allowed: Callable[[T], bool]) -> tuple[T, ...]:
        given = tuple(values)
        kept = tuple(value for value in given if allowed(value))
        self._withheld += len(given) - len(kept)
        return kept

    def _many(self, element: Element, values: tuple[T, ...], facts: Facts) -> tuple[T, ...]:
        return self._kept(values, lambda _: self._allows(element, facts))

    def _one(self, element: Element, value: T | None, facts: Facts) -> T | None:
        if value is None or self._allows(element, facts):
            return value
        self._withheld += 1
        return None

    # organisations

    def _around(self, key: str) -> Facts:
        return gathered.of_fields(self._below.get(key, frozenset()))

    def _entite_juridique(self, entite: EntiteJuridique) -> EntiteJuridique:
        facts = self._around(entite.cle)
        sifted = _replace(
            entite,
            lieu=self._lieu_facultatif(entite.lieu, facts),
            contacts=self._contacts(entite.contacts, facts),
            telecommunications=self._telecoms(entite.telecommunications, facts),
        )
        return self._outside_units(sifted)

    def _geographique(self, entite: EntiteGeographique) -> EntiteGeographique:
        facts = self._around(entite.cle)
        sifted = _replace(
            entite,
            lieu=self._lieu_facultatif(entite.lieu, facts),
            contacts=self._contacts(entite.contacts, facts),
            telecommunications=self._telecoms(entite.telecommunications, facts),
            zone_poser=self._one(Element.DROP_ZONE, entite.zone_poser, facts),
            niveau_recours_orsan=self._one(Element.ORSAN_LEVEL, entite.niveau_recours_orsan, facts),
        )
        return self._outside_units(sifted)

    def _interne(self, oi: OrganisationInterne) -> OrganisationInterne:
        facts = self._around(oi.cle)
        sifted = _replace(
            oi,
            contacts=self._contacts(oi.contacts, facts),
            telecommunications=self._telecoms(oi.telecommunications, facts),
            boites_lettres_mss=self._many(Element.MSS_MAILBOX, oi.boites_lettres_mss, facts),
        )
        return self._outside_units(sifted)

    # units

    def _offre(self, offre: OffreOperationnelle) -> OffreOperationnelle:
        facts = self._units[offre.cle]
        sifted = _replace(
            offre,
            specialisations_prise_en_charge=self._many(
                Element.SPECIALISATION, offre.specialisations_prise_en_charge, facts
            ),
            professions_ressource=self._many(Element.RESOURCES, offre.professions_ressource, facts),
            competences_specifiques=self._many(Element.RESOURCES, offre.competences_specifiques, facts),
            competence_ressource=self._one(Element.RESOURCES, offre.competence_ressource, facts),
            actes_specifiques=self._many(Element.ACT, offre.actes_specifiques, facts),
            actes_realises_hors_cabinet=self._many(Element.ACT, offre.actes_realises_hors_cabinet, facts),
            contacts=self._contacts(offre.contacts, facts),
            telecommunications=self._telecoms(offre.telecommunications, facts),
            boites_lettres_mss=self._many(Element.MSS_MAILBOX, offre.boites_lettres_mss, facts),
            lieux=tuple(self._place(place, facts) for place in offre.lieux),
            lieu_unite=self._lieu_facultatif(offre.lieu_unite, facts),
            capacite_accueil=self._capacite_accueil(offre.capacite_accueil, facts),
            capacite_accueil_crise=self._capacity(offre.capacite_accueil_crise, gathered.SUPPLEMENTARY, facts),
            equipements_unite=self._many(Element.EQUIPMENT, offre.equipements_unite, facts),
        )
        return self._scrubbed(sifted, facts)

    def _place(self, place: LieuRealisationOffre, facts: Facts) -> LieuRealisationOffre:
        groups = (self._group(group, facts) for group in place.capacites_prise_charge)
        return _replace(
            place,
            lieu=self._lieu(place.lieu, facts),
            equipements=self._many(Element.EQUIPMENT, place.equipements, facts),
            capacites_prise_charge=tuple(group for group in groups if group is not None),
        )

    # capacity: either form is judged as what it becomes in the answer's standard

    def _capacity(self, value: T | None, status: str, facts: Facts) -> T | None:
        if self._norme not in UP_TO_2_4:
            element = Element.CAPACITY_LINE
        elif status == gathered.INSTALLED:
            element = Element.TOTAL_CAPACITY
        else:
            element = Element.AVAILABLE_CAPACITY if status in gathered.ORDINARY else Element.CRISIS_CAPACITY
        return self._one(element, value, _replace(facts, status=status))

    def _group(self, group: CapacitePriseCharge, facts: Facts) -> CapacitePriseCharge | None:
        assigned = _replace(facts, assignment=gathered.assignment(group.affectation_temporaire))
        if self._one(Element.TEMPORARY_ASSIGNMENT, group, assigned) is None:
            return None
        lines = (self._line(line, facts) for line in group.capacites)
        kept = tuple(line for line in lines if line is not None)
        # a group without a line is not a group in the contract (section 7.3: 1..*)
        return _replace(group, capacites=kept) if kept or not group.capacites else None

    def _line(self, line: CapaciteAccueilOperationnelle, facts: Facts) -> CapaciteAccueilOperationnelle | None:
        status = gathered.status(line.statut_capacite)
        if self._capacity(line, status, facts) is None:
            return None
        date = line.date_maj_capacite
        if self._norme in UP_TO_2_4:
            # there the only date on the wire is that of the available figure
            date = self._capacity(date, gathered.AVAILABLE, facts)
        return _replace(
            line,
            date_maj_capacite=date,
            type_source_capacite=self._one(Element.CAPACITY_DETAIL, line.type_source_capacite, facts),
            genre_capacite_dispo=self._one(Element.CAPACITY_DETAIL, line.genre_capacite_dispo, facts),
            type_lits_supplementaire=self._one(Element.CAPACITY_DETAIL, line.type_lits_supplementaire, facts),
            type_crise=self._one(Element.CAPACITY_DETAIL, line.type_crise, facts),
        )

    def _capacite_accueil(self, capacite: CapaciteAccueil | None, facts: Facts) -> CapaciteAccueil | None:
        if capacite is None:
            return None
        lits, places = self._comptage(capacite.lits, facts), self._comptage(capacite.places, facts)
        return _replace(capacite, lits=lits, places=places) if lits or places else None

    def _comptage(self, comptage: Comptage | None, facts: Facts) -> Comptage | None:
        if comptage is None:
            return None
        sifted = Comptage(
            total=self._capacity(comptage.total, gathered.INSTALLED, facts),
            disponible=self._capacity(comptage.disponible, gathered.AVAILABLE, facts),
            date_maj=self._capacity(comptage.date_maj, gathered.AVAILABLE, facts),
        )
        return None if sifted == Comptage() else sifted

    # contacts and telecoms

    def _contacts(self, contacts: tuple[Contact, ...], facts: Facts) -> tuple[Contact, ...]:
        kept = self._kept(contacts, lambda contact: self._allows(Element.CONTACT, _at(contact, facts)))
        return tuple(self._contact(contact, facts) for contact in kept)

    def _contact(self, contact: Contact, facts: Facts) -> Contact:
        own = gathered.level(contact.niveau_confidentialite)

        def allowed(telecom: Telecommunication) -> bool:
            # a telecom is at least as confidential as its contact (RG_EXP_034)
            level = max(own, gathered.level(telecom.niveau_confidentialite))
            return self._allows(Element.CONTACT_TELECOM, _replace(facts, level=level))

        return _replace(contact, telecommunications=self._kept(contact.telecommunications, allowed))

    def _telecoms(self, telecoms: tuple[Telecommunication, ...], facts: Facts) -> tuple[Telecommunication, ...]:
        return self._kept(telecoms, lambda telecom: self._allows(Element.TELECOM, _at(telecom, facts)))

    def _lieu(self, lieu: Lieu, facts: Facts) -> Lieu:
        opened = self._many(Element.PLACE_TELECOM, lieu.telecommunications, facts)
        return _replace(lieu, telecommunications=self._telecoms(opened, facts))

    def _lieu_facultatif(self, lieu: Lieu | None, facts: Facts) -> Lieu | None:
        return self._lieu(lieu, facts) if lieu is not None else None

    # professionals

    def _professionnel(self, professionnel: Professionnel) -> Professionnel | None:
        units = [self._units.get(cle, gathered.UNKNOWN_UNIT) for cle in professionnel.offres]
        places = [self._around(cle) for cle in professionnel.entites_geographiques]
        # the units decide; establishments only when no unit is named, and nothing at all when neither is
        opening = [facts for facts in units or places or [Facts()] if self._opens_professional(facts)]
        if not opening:
            self._withheld += 1
            return None
        facts = Facts(
            medico_social=any(one.medico_social for one in opening), ambulatory=any(one.ambulatory for one in opening)
        )
        sifted = _replace(
            professionnel,
            offres=self._links(professionnel.offres, units),
            entites_geographiques=self._links(professionnel.entites_geographiques, places),
            situations=tuple(
                _replace(situation, telecommunications=self._telecoms(situation.telecommunications, facts))
                for situation in professionnel.situations
            ),
        )
        return self._scrubbed(sifted, facts)

    def _opens_professional(self, facts: Facts) -> bool:
        return self._allows(Element.UNIT, facts) and self._allows(Element.PROFESSIONAL, facts)

    def _links(self, keys: tuple[str, ...], facts: Iterable[Facts]) -> tuple[str, ...]:
        allowed = {key for key, one in zip(keys, facts, strict=True) if self._opens_professional(one)}
        return self._kept(keys, allowed.__contains__)

    # comments, and what nobody classified

    def _outside_units(self, value: S) -> S:
        # at profile 3 a comment is open on a medico-social unit only, hence on no organisation
        return self._scrubbed(value, Facts())

    def _scrubbed(self, value: S, facts: Facts) -> S:
        closed = frozenset(
            name
            for name, element in (("commentaire", Element.COMMENT), ("ajouts", Element.UNCLASSIFIED))
            if not self._allows(element, facts)
        )
        return self._without(value, closed) if closed else value

    def _without(self, value: S, closed: frozenset[str]) -> S:
        """The value without the closed fields, at any depth: a class added later is covered too."""
        changes: dict[str, object] = {}
        for name in value.__struct_fields__:
            held = getattr(value, name)
            if name in closed and held:
                self._withheld += len(held) if isinstance(held, tuple) else 1
                changes[name] = () if isinstance(held, tuple) else None
            elif isinstance(held, msgspec.Struct):
                changes[name] = self._without(held, closed)
            elif isinstance(held, tuple) and held and isinstance(held[0], msgspec.Struct):
                changes[name] = tuple(self._without(one, closed) for one in held)
        return _replace(value, **changes)


def _at(value: Contact | Telecommunication, facts: Facts) -> Facts:
    return _replace(facts, level=gathered.level(value.niveau_confidentialite))
