"""Takes out of a directory what an access profile may not receive (contract section 11, digest section 10).

What is removed is counted, never replaced. When a mandatory child goes, the smallest optional ancestor goes with it:
a capacity group without lines, a contact below its level.
"""

from collections.abc import Iterable
from typing import TypeVar

import msgspec

from mappings.exposition.demandes import ProfilAcces
from mappings.exposition.exercice import tied, within
from mappings.exposition.lieu import LieuRealisationOffre
from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique, EntiteJuridique, OrganisationInterne
from mappings.exposition.professionnel import Professionnel, SituationOperationnelle
from mappings.exposition.repertoire import Repertoire
from whitelist.entitlement import capacity, contacts
from whitelist.entitlement import facts as gathered
from whitelist.entitlement.facts import Facts
from whitelist.entitlement.judge import Judge
from whitelist.entitlement.table import Element, Norme

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
    return _Sieve(Judge(profil, norme), repertoire, entourage or Repertoire()).sift(repertoire)


def _together(around: Iterable[Facts]) -> Facts:
    """What stands in several places: the most open of them decides."""
    places = tuple(around)
    return Facts(
        medico_social=any(one.medico_social for one in places), ambulatory=any(one.ambulatory for one in places)
    )


class _Sieve:
    """One pass over one directory; counts what it takes out."""

    def __init__(self, judge: Judge, repertoire: Repertoire, entourage: Repertoire) -> None:
        self._judge = judge
        known = Repertoire(
            entites_geographiques=entourage.entites_geographiques + repertoire.entites_geographiques,
            organisations_internes=entourage.organisations_internes + repertoire.organisations_internes,
            offres=entourage.offres + repertoire.offres,
        )
        self._units = {offre.cle: gathered.of_unit(offre) for offre in known.offres}
        visible = [offre for offre in known.offres if self._judge.allows(Element.UNIT, self._units[offre.cle])]
        self._below = gathered.fields_below(known, visible)

    def sift(self, repertoire: Repertoire) -> Filtered:
        """The five classes, the units first of all decided on the whole."""
        offres = self._judge.kept(
            repertoire.offres, lambda offre: self._judge.allows(Element.UNIT, self._units[offre.cle])
        )
        sifted = Repertoire(
            entites_juridiques=tuple(self._entite_juridique(entite) for entite in repertoire.entites_juridiques),
            entites_geographiques=tuple(self._geographique(entite) for entite in repertoire.entites_geographiques),
            organisations_internes=tuple(self._interne(oi) for oi in repertoire.organisations_internes),
            offres=tuple(self._offre(offre) for offre in offres),
            professionnels=tuple(
                kept for one in repertoire.professionnels if (kept := self._professionnel(one)) is not None
            ),
        )
        return Filtered(sifted, self._judge.withheld)

    # organisations

    def _around(self, key: str) -> Facts:
        return gathered.of_fields(self._below.get(key, frozenset()))

    def _entite_juridique(self, entite: EntiteJuridique) -> EntiteJuridique:
        facts = self._around(entite.cle)
        sifted = _replace(
            entite,
            lieu=contacts.place_if_any(self._judge, entite.lieu, facts),
            contacts=contacts.contacts(self._judge, entite.contacts, facts),
            telecommunications=contacts.telecoms(self._judge, entite.telecommunications, facts),
        )
        return self._outside_units(sifted)

    def _geographique(self, entite: EntiteGeographique) -> EntiteGeographique:
        facts = self._around(entite.cle)
        sifted = _replace(
            entite,
            lieu=contacts.place_if_any(self._judge, entite.lieu, facts),
            contacts=contacts.contacts(self._judge, entite.contacts, facts),
            telecommunications=contacts.telecoms(self._judge, entite.telecommunications, facts),
            zone_poser=self._judge.one(Element.DROP_ZONE, entite.zone_poser, facts),
            niveau_recours_orsan=self._judge.one(Element.ORSAN_LEVEL, entite.niveau_recours_orsan, facts),
        )
        return self._outside_units(sifted)

    def _interne(self, oi: OrganisationInterne) -> OrganisationInterne:
        facts = self._around(oi.cle)
        sifted = _replace(
            oi,
            contacts=contacts.contacts(self._judge, oi.contacts, facts),
            telecommunications=contacts.telecoms(self._judge, oi.telecommunications, facts),
            boites_lettres_mss=self._judge.many(Element.MSS_MAILBOX, oi.boites_lettres_mss, facts),
        )
        return self._outside_units(sifted)

    # units

    def _offre(self, offre: OffreOperationnelle) -> OffreOperationnelle:
        facts = self._units[offre.cle]
        sifted = _replace(
            offre,
            specialisations_prise_en_charge=self._judge.many(
                Element.SPECIALISATION, offre.specialisations_prise_en_charge, facts
            ),
            professions_ressource=self._judge.many(Element.RESOURCES, offre.professions_ressource, facts),
            competences_specifiques=self._judge.many(Element.RESOURCES, offre.competences_specifiques, facts),
            competence_ressource=self._judge.one(Element.RESOURCES, offre.competence_ressource, facts),
            actes_specifiques=self._judge.many(Element.ACT, offre.actes_specifiques, facts),
            actes_realises_hors_cabinet=self._judge.many(Element.ACT, offre.actes_realises_hors_cabinet, facts),
            contacts=contacts.contacts(self._judge, offre.contacts, facts),
            telecommunications=contacts.telecoms(self._judge, offre.telecommunications, facts),
            boites_lettres_mss=self._judge.many(Element.MSS_MAILBOX, offre.boites_lettres_mss, facts),
            lieux=tuple(self._place(place, facts) for place in offre.lieux),
            lieu_unite=contacts.place_if_any(self._judge, offre.lieu_unite, facts),
            capacite_accueil=capacity.capacite_accueil(self._judge, offre.capacite_accueil, facts),
            capacite_accueil_crise=capacity.figure(
                self._judge, offre.capacite_accueil_crise, gathered.SUPPLEMENTARY, facts
            ),
            equipements_unite=self._judge.many(Element.EQUIPMENT, offre.equipements_unite, facts),
        )
        return self._scrubbed(sifted, facts)

    def _place(self, place: LieuRealisationOffre, facts: Facts) -> LieuRealisationOffre:
        groups = (capacity.prise_charge(self._judge, group, facts) for group in place.capacites_prise_charge)
        return _replace(
            place,
            lieu=contacts.place(self._judge, place.lieu, facts),
            equipements=self._judge.many(Element.EQUIPMENT, place.equipements, facts),
            capacites_prise_charge=tuple(group for group in groups if group is not None),
        )

    # professionals

    def _professionnel(self, professionnel: Professionnel) -> Professionnel | None:
        units = [self._units.get(cle, gathered.UNKNOWN_UNIT) for cle in professionnel.offres]
        places = [self._around(cle) for cle in professionnel.entites_geographiques]
        # the units decide; establishments only when no unit is named, and nothing at all when neither is
        opening = [facts for facts in units or places or [Facts()] if self._opens_professional(facts)]
        if not opening:
            self._judge.withheld += 1
            return None
        of_units = self._open(professionnel.offres, units)
        # A source may give a closed unit the key of an open site.
        of_sites = self._open(professionnel.entites_geographiques, places).keys() - set(professionnel.offres)
        here = within(professionnel, of_units.keys() | of_sites)
        for name in ("offres", "entites_geographiques", "situations"):
            self._judge.withheld += len(getattr(professionnel, name)) - len(getattr(here, name))
        sifted = _replace(
            here,
            situations=tuple(
                self._situation(one, [of_units[key] for key in where.offres if key in of_units] or opening)
                for one, where in zip(here.situations, tied(here).situations, strict=True)
            ),
        )
        return self._scrubbed(sifted, _together(opening))

    def _situation(self, situation: SituationOperationnelle, around: Iterable[Facts]) -> SituationOperationnelle:
        telecoms = contacts.telecoms(self._judge, situation.telecommunications, _together(around))
        return _replace(situation, telecommunications=telecoms)

    def _opens_professional(self, facts: Facts) -> bool:
        return self._judge.allows(Element.UNIT, facts) and self._judge.allows(Element.PROFESSIONAL, facts)

    def _open(self, keys: tuple[str, ...], facts: Iterable[Facts]) -> dict[str, Facts]:
        return {key: one for key, one in zip(keys, facts, strict=True) if self._opens_professional(one)}

    # comments, and what nobody classified

    def _outside_units(self, value: S) -> S:
        # at profile 3 a comment is open on a medico-social unit only, hence on no organisation
        return self._scrubbed(value, Facts())

    def _scrubbed(self, value: S, facts: Facts) -> S:
        closed = frozenset(
            name
            for name, element in (("commentaire", Element.COMMENT), ("ajouts", Element.UNCLASSIFIED))
            if not self._judge.allows(element, facts)
        )
        return self._without(value, closed) if closed else value

    def _without(self, value: S, closed: frozenset[str]) -> S:
        """The value without the closed fields, at any depth: a class added later is covered too."""
        changes: dict[str, object] = {}
        for name in value.__struct_fields__:
            held = getattr(value, name)
            if name in closed and held:
                self._judge.withheld += len(held) if isinstance(held, tuple) else 1
                changes[name] = () if isinstance(held, tuple) else None
            elif isinstance(held, msgspec.Struct) and (kept := self._without(held, closed)) is not held:
                changes[name] = kept
            elif isinstance(held, tuple) and held and isinstance(held[0], msgspec.Struct):
                changes[name] = tuple(self._without(one, closed) for one in held)
        return _replace(value, **changes) if changes else value
