"""What a version wants of a whole directory, before its objects are written one by one (contract section 15.1)."""

import msgspec

from mappings.csd.upward import HOME_VISIT
from mappings.csd.version import UP_TO_1_6, Version
from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique, OrganisationInterne
from mappings.exposition.professionnel import Professionnel
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code
from mappings.loss import Ledger, LossKind, Severity


def prepare(repertoire: Repertoire, version: Version, ledger: Ledger) -> Repertoire:
    """The directory that the version can say; what is withheld, moved or derived is noted."""
    prefix = f"csd-{version}"
    if version in UP_TO_1_6:
        repertoire = _without_sensitive_units(repertoire, prefix, ledger)
    repertoire = _with_fields(repertoire, prefix, ledger)
    if version is Version.V3_0:
        repertoire = _approval_on_units(repertoire, prefix, ledger)
        return _home_visits(repertoire, prefix, ledger)
    return _approval_on_sites(repertoire, prefix, ledger)


def _without_sensitive_units(repertoire: Repertoire, prefix: str, ledger: Ledger) -> Repertoire:
    """Up to 1.6 there is no word for a sensitive unit: such a unit, and who works nowhere else, is withheld."""
    hidden = {offre.cle for offre in repertoire.offres if offre.unite_sensible}
    if not hidden:
        return repertoire
    for key in sorted(hidden):
        ledger.note(
            LossKind.WITHHELD,
            object=key,
            path="extension/sensitiveUnit",
            rule=f"{prefix}.sensitive-unit.withheld",
            value_kind="object",
            severity=Severity.ERROR,
        )
    professionals = []
    for person in repertoire.professionnels:
        seen = _elsewhere(person, hidden)
        if seen is None:
            ledger.note(
                LossKind.WITHHELD,
                object=person.cle,
                path="facilities",
                rule=f"{prefix}.sensitive-unit.withheld",
                value_kind="object",
                severity=Severity.ERROR,
            )
        else:
            professionals.append(seen)
    return msgspec.structs.replace(
        repertoire,
        offres=tuple(offre for offre in repertoire.offres if offre.cle not in hidden),
        professionnels=tuple(professionals),
    )


def _elsewhere(person: Professionnel, hidden: set[str]) -> Professionnel | None:
    """The professional without what ties him or her to the hidden units; None when nothing else does."""
    if not hidden.intersection(person.offres) and not any(hidden.intersection(s.offres) for s in person.situations):
        return person
    units = tuple(key for key in person.offres if key not in hidden)
    if not units:
        return None
    paired = len(person.situations) == len(person.offres) and not any(s.offres for s in person.situations)
    situations = tuple(
        msgspec.structs.replace(situation, offres=tuple(key for key in situation.offres if key not in hidden))
        for rank, situation in enumerate(person.situations)
        if not (hidden.issuperset(situation.offres) if situation.offres else paired and person.offres[rank] in hidden)
    )
    return msgspec.structs.replace(person, offres=units, situations=situations)


def _with_fields(repertoire: Repertoire, prefix: str, ledger: Ledger) -> Repertoire:
    """A level has the fields of activity of its descendants (RG_ALIM_006): one that says none is given theirs."""
    if all(organisation.champs_activite for organisation in repertoire.organisations_internes):
        return repertoire
    fields: dict[str, dict[Code, None]] = {}
    parents = {organisation.cle: organisation.parent for organisation in repertoire.organisations_internes}
    for offre in repertoire.offres:
        above, seen = offre.organisation, set[str]()
        while above is not None and above not in seen:
            seen.add(above)
            fields.setdefault(above, {}).update(dict.fromkeys(offre.champs_activite))
            above = parents.get(above)

    def told(organisation: OrganisationInterne) -> OrganisationInterne:
        derived = tuple(fields.get(organisation.cle, ()))
        if organisation.champs_activite or not derived:
            return organisation
        ledger.note(
            LossKind.DERIVED,
            object=organisation.cle,
            path="extension/typeActivity",
            rule=f"{prefix}.field.descendants",
            value_kind="code",
            severity=Severity.INFORMATION,
        )
        return msgspec.structs.replace(organisation, champs_activite=derived)

    return msgspec.structs.replace(
        repertoire, organisations_internes=tuple(map(told, repertoire.organisations_internes))
    )


def _note_approval(ledger: Ledger, prefix: str, key: str, kind: LossKind) -> None:
    ledger.note(
        kind,
        object=key,
        path="extension/careWithoutPatientApproval",
        rule=f"{prefix}.approval.site-or-unit",
        value_kind="boolean",
        severity=Severity.WARNING if kind is LossKind.WIDENED else Severity.INFORMATION,
    )


def _approval_on_units(repertoire: Repertoire, prefix: str, ledger: Ledger) -> Repertoire:
    """Care without consent is said of the EG up to 2.4, of its units in 3.0."""
    said = {
        site.cle: site.habilitation_soins_sans_consentement
        for site in repertoire.entites_geographiques
        if site.habilitation_soins_sans_consentement is not None
    }
    if not said:
        return repertoire

    def unit(offre: OffreOperationnelle) -> OffreOperationnelle:
        value = said.get(offre.entite_geographique or "")
        if value is None or offre.habilitation_soins_sans_consentement is not None:
            return offre
        _note_approval(ledger, prefix, offre.cle, LossKind.DERIVED)
        return msgspec.structs.replace(offre, habilitation_soins_sans_consentement=value)

    def site(found: EntiteGeographique) -> EntiteGeographique:
        if found.cle not in said:
            return found
        _note_approval(ledger, prefix, found.cle, LossKind.SPLIT)
        return msgspec.structs.replace(found, habilitation_soins_sans_consentement=None)

    return msgspec.structs.replace(
        repertoire,
        entites_geographiques=tuple(map(site, repertoire.entites_geographiques)),
        offres=tuple(map(unit, repertoire.offres)),
    )


def _approval_on_sites(repertoire: Repertoire, prefix: str, ledger: Ledger) -> Repertoire:
    """Up to 2.4 an EG is authorised as soon as one of its units is: which one can no longer be told."""
    said: dict[str, bool] = {}
    for offre in repertoire.offres:
        if offre.habilitation_soins_sans_consentement is not None:
            key = offre.entite_geographique or ""
            said[key] = said.get(key, False) or offre.habilitation_soins_sans_consentement
    if not said:
        return repertoire

    def site(found: EntiteGeographique) -> EntiteGeographique:
        if found.cle not in said or found.habilitation_soins_sans_consentement is not None:
            return found
        _note_approval(ledger, prefix, found.cle, LossKind.DERIVED)
        return msgspec.structs.replace(found, habilitation_soins_sans_consentement=said[found.cle])

    def unit(offre: OffreOperationnelle) -> OffreOperationnelle:
        if offre.habilitation_soins_sans_consentement is None:
            return offre
        _note_approval(ledger, prefix, offre.cle, LossKind.WIDENED)
        return msgspec.structs.replace(offre, habilitation_soins_sans_consentement=None)

    return msgspec.structs.replace(
        repertoire,
        entites_geographiques=tuple(map(site, repertoire.entites_geographiques)),
        offres=tuple(map(unit, repertoire.offres)),
    )


def _home_visits(repertoire: Repertoire, prefix: str, ledger: Ledger) -> Repertoire:
    """`homeVisit` of a professional is, in 3.0, the home mode 05 of the units where he or she works."""
    visiting: set[str] = set()
    professionals = []
    for person in repertoire.professionnels:
        situations = []
        for situation in person.situations:
            if situation.visite_domicile is not None:
                if situation.visite_domicile:
                    visiting.update(situation.offres or person.offres)
                ledger.note(
                    LossKind.DERIVED,
                    object=person.cle,
                    path="extension/operationalStatus/homeVisit",
                    rule=f"{prefix}.home-mode.home-visit",
                    value_kind="boolean",
                    severity=Severity.WARNING,
                )
                situation = msgspec.structs.replace(situation, visite_domicile=None)  # noqa: PLW2901
            situations.append(situation)
        professionals.append(msgspec.structs.replace(person, situations=tuple(situations)))
    offres = tuple(
        msgspec.structs.replace(offre, modalites_accueil=tuple(dict.fromkeys((*offre.modalites_accueil, HOME_VISIT))))
        if offre.cle in visiting
        else offre
        for offre in repertoire.offres
    )
    return msgspec.structs.replace(repertoire, offres=offres, professionnels=tuple(professionals))
