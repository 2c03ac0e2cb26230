"""What a version wants of a whole directory, before its objects are written one by one (contract section 15.1)."""

from collections.abc import Iterable
from typing import Protocol

import msgspec

from mappings.csd.upward import HOME_VISIT
from mappings.csd.version import UP_TO_1_6, Version
from mappings.exposition.exercice import tied, within
from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique, EntiteJuridique, OrganisationInterne
from mappings.exposition.professionnel import Professionnel
from mappings.exposition.values import Code
from mappings.loss import Ledger, LossKind, Severity

_APPROVAL = "extension/careWithoutPatientApproval"
_GONE = Severity.ERROR


class Holdings(Protocol):
    """The objects of a directory, class by class, as often as one asks; a `Repertoire` is one."""

    @property
    def entites_juridiques(self) -> Iterable[EntiteJuridique]:
        """The legal entities."""

    @property
    def entites_geographiques(self) -> Iterable[EntiteGeographique]:
        """The sites."""

    @property
    def organisations_internes(self) -> Iterable[OrganisationInterne]:
        """The internal organisations."""

    @property
    def offres(self) -> Iterable[OffreOperationnelle]:
        """The offers."""

    @property
    def professionnels(self) -> Iterable[Professionnel]:
        """The professionals."""


class Preparation:
    """What must be known of the whole directory to say one object of it in a version.

    Each method gives the object that the version can say; what is withheld, moved or derived is noted there.
    """

    def __init__(self, holdings: Holdings, version: Version, ledger: Ledger) -> None:
        self._prefix = f"csd-{version}"
        self._ledger = ledger
        self._recent = version is Version.V3_0
        self._hidden: set[str] = set()
        self._of_offers: dict[str, bool] = {}
        self._of_sites: dict[str, bool] = {}
        self._visiting: set[str] = set()
        self._with_units: set[str] = set()
        self._fields = _Fields(holdings)
        for offre in holdings.offres:
            if version in UP_TO_1_6 and offre.unite_sensible:
                self._hidden.add(offre.cle)
            else:
                self._learn(offre)
        if self._recent:
            self._learn_sites(holdings.entites_geographiques)
            self._learn_visits(holdings.professionnels)

    def _learn(self, offre: OffreOperationnelle) -> None:
        self._fields.learn(offre)
        self._with_units.add(offre.entite_geographique or "")
        said = offre.habilitation_soins_sans_consentement
        if said is not None and not self._recent:
            site = offre.entite_geographique or ""
            self._of_offers[site] = self._of_offers.get(site, False) or said

    def _learn_sites(self, sites: Iterable[EntiteGeographique]) -> None:
        for site in sites:
            if site.habilitation_soins_sans_consentement is not None:
                self._of_sites[site.cle] = site.habilitation_soins_sans_consentement

    def _learn_visits(self, professionals: Iterable[Professionnel]) -> None:
        for person in professionals:
            for situation in tied(person).situations:
                if situation.visite_domicile:
                    self._visiting.update(situation.offres or person.offres)

    def hides(self, offre: OffreOperationnelle) -> bool:
        """Up to 1.6 there is no word for a sensitive unit: such a unit is withheld."""
        return offre.cle in self._hidden

    def site(self, found: EntiteGeographique) -> EntiteGeographique:
        """Care without consent is said of the EG up to 2.4, where one of its units is enough, of its units in 3.0."""
        if found.cle in self._of_sites:
            if found.cle in self._with_units:
                self._note_approval(found.cle, LossKind.SPLIT)
            else:
                self._note(
                    LossKind.DROPPED, found.cle, _APPROVAL, "approval.no-unit", value_kind="boolean", severity=_GONE
                )
            return msgspec.structs.replace(found, habilitation_soins_sans_consentement=None)
        if found.cle in self._of_offers and found.habilitation_soins_sans_consentement is None:
            self._note_approval(found.cle, LossKind.DERIVED)
            return msgspec.structs.replace(found, habilitation_soins_sans_consentement=self._of_offers[found.cle])
        return found

    def internal_organisation(self, found: OrganisationInterne) -> OrganisationInterne:
        """A level has the fields of activity of its descendants (RG_ALIM_006): one that says none is given theirs."""
        derived = self._fields.below(found)
        if not derived:
            return found
        self._note(LossKind.DERIVED, found.cle, "extension/typeActivity", "field.descendants", value_kind="code")
        return msgspec.structs.replace(found, champs_activite=derived)

    def offer(self, offre: OffreOperationnelle) -> OffreOperationnelle | None:
        """The offer, None when it is withheld."""
        if offre.cle in self._hidden:
            self._note_withheld(offre.cle, "extension/sensitiveUnit")
            return None
        offre = self._with_approval(offre)
        if offre.cle in self._visiting:
            modes = tuple(dict.fromkeys((*offre.modalites_accueil, HOME_VISIT)))
            offre = msgspec.structs.replace(offre, modalites_accueil=modes)
        return offre

    def _with_approval(self, offre: OffreOperationnelle) -> OffreOperationnelle:
        said = offre.habilitation_soins_sans_consentement
        if not self._recent:
            if said is None:
                return offre
            self._note_approval(offre.cle, LossKind.WIDENED)
            return msgspec.structs.replace(offre, habilitation_soins_sans_consentement=None)
        of_site = self._of_sites.get(offre.entite_geographique or "")
        if of_site is None or said is not None:
            return offre
        self._note_approval(offre.cle, LossKind.DERIVED)
        return msgspec.structs.replace(offre, habilitation_soins_sans_consentement=of_site)

    def professional(self, person: Professionnel) -> Professionnel | None:
        """The professional; None for one who works only in units that are withheld."""
        seen = _elsewhere(person, self._hidden) if self._hidden else person
        if seen is not person:
            self._note_withheld(person.cle, "facilities")
        if seen is None:
            return None
        return self._without_visits(seen) if self._recent else seen

    def _without_visits(self, person: Professionnel) -> Professionnel:
        """`homeVisit` of a professional is, in 3.0, the home mode 05 of the units where he or she works."""
        if all(situation.visite_domicile is None for situation in person.situations):
            return person
        for situation in person.situations:
            if situation.visite_domicile is not None:
                units = bool(situation.offres or person.offres)
                self._note_visit(person.cle, visits=situation.visite_domicile, units=units)
        situations = tuple(msgspec.structs.replace(one, visite_domicile=None) for one in person.situations)
        return msgspec.structs.replace(person, situations=situations)

    def _note_visit(self, key: str, *, visits: bool, units: bool) -> None:
        kind = LossKind.WIDENED if visits and units else LossKind.DROPPED
        rule = "home-mode.home-visit" if visits else "home-mode.no-home-visit"
        path = "extension/operationalStatus/homeVisit"
        self._note(kind, key, path, rule, value_kind="boolean", severity=Severity.WARNING)

    def _note_withheld(self, key: str, path: str) -> None:
        rule = "sensitive-unit.withheld"
        self._note(LossKind.WITHHELD, key, path, rule, value_kind="object", severity=Severity.ERROR)

    def _note_approval(self, key: str, kind: LossKind) -> None:
        severity = Severity.WARNING if kind is LossKind.WIDENED else Severity.INFORMATION
        self._note(kind, key, _APPROVAL, "approval.site-or-unit", value_kind="boolean", severity=severity)

    def _note(
        self,
        kind: LossKind,
        key: str,
        path: str,
        rule: str,
        *,
        value_kind: str,
        severity: Severity = Severity.INFORMATION,
    ) -> None:
        self._ledger.note(
            kind, object=key, path=path, rule=f"{self._prefix}.{rule}", value_kind=value_kind, severity=severity
        )


class _Fields:
    """The fields of activity that the levels which say none take from the offers below them."""

    def __init__(self, holdings: Holdings) -> None:
        self._parents: dict[str, str | None] = {}
        self._silent: dict[str, dict[Code, None]] = {}
        self._codes: dict[Code, Code] = {}
        for organisation in holdings.organisations_internes:
            self._parents[organisation.cle] = organisation.parent
            if not organisation.champs_activite:
                self._silent[organisation.cle] = {}

    def learn(self, offre: OffreOperationnelle) -> None:
        """Hand the fields of an offer to every silent level above it."""
        if not self._silent:
            return
        codes = dict.fromkeys(self._codes.setdefault(code, code) for code in offre.champs_activite)
        above, seen = offre.organisation, set[str]()
        while above is not None and above not in seen:
            seen.add(above)
            if above in self._silent:
                self._silent[above].update(codes)
            above = self._parents.get(above)

    def below(self, organisation: OrganisationInterne) -> tuple[Code, ...]:
        """What a level that says nothing takes; empty for one that speaks for itself."""
        return tuple(self._silent.get(organisation.cle, ()))


def _elsewhere(person: Professionnel, hidden: set[str]) -> Professionnel | None:
    """The professional without what ties him or her to the hidden units; None when nothing else does."""
    if person.offres and hidden.issuperset(person.offres):
        return None
    return within(person, {*person.offres, *person.entites_geographiques} - hidden)
