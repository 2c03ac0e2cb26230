"""The rules of the contract on the answer of one member (docs/rules.md), before anything of it is chosen or hidden.

What the rules repair is repaired before the entitlement, which must judge the levels as they should be. What they find
is told of the objects that leave, and of those that the rules keep back; never of an object hidden from the caller.
"""

from collections.abc import Callable

import msgspec

from gateway.federation.exchange import Exchange, Outcome, Source, Status
from gateway.federation.selection import restrict
from mappings.csd.version import Version
from mappings.exposition.demandes import LectureEtablissement, LectureOrganisationInterne, ProfilAcces
from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique
from mappings.exposition.repertoire import Repertoire
from mappings.loss import Ledger, Loss, LossKind
from mappings.rules import complete, enforce, judge_tree, judge_whole
from mappings.rules.notes import repaired
from whitelist.entitlement import Condition, Element, Norme, condition, soap_profile_containing

_replace = msgspec.structs.replace


class Ruled(msgspec.Struct, frozen=True):
    """What the rules let pass, whole and narrowed to what a reading asked; what they found on the way.

    `hidden` are the units that the caller may not know of.
    """

    repertoire: Repertoire
    asked: Repertoire
    found: tuple[Loss, ...] = ()
    hidden: frozenset[str] = frozenset()

    def told(self, left: Repertoire) -> tuple[Loss, ...]:
        """What is said of what leaves, and of what the rules keep back."""
        if not self.found:
            return ()
        leaving = {objet.cle for objet in left.objets()}
        passed = {objet.cle for objet in self.repertoire.objets()} | self.hidden
        return tuple(
            loss
            for loss in self.found
            if loss.object in leaving
            or loss.object not in passed
            or (loss.rule == TAKEN_OUT and loss.object not in self.hidden)
        )


TAKEN_OUT = "RG_ALIM_020"


def ruled(outcome: Outcome, exchange: Exchange, norme: Norme) -> Ruled:
    """The contribution of a member under the rules.

    The replica holds complete objects only (RG_EXP_002 was applied as it was filled), or its pages would be short. A
    base that only searches has no word for a field of activity: it is answered in its own interface alone.
    """
    given, ledger = outcome.repertoire, Ledger()
    if not len(given):
        return Ruled(given, given)
    shown = _shown(exchange.caller.profil, norme)
    whole = outcome.source is Source.REPLICA or outcome.contract == Version.V2016
    kept = given if whole else complete(given, ledger)
    kept = enforce(kept, ledger, shown=shown)
    asked = _read(kept, outcome, exchange, ledger)
    hidden = frozenset(offre.cle for offre in given.offres if not shown(offre)) if len(ledger) else frozenset()
    return Ruled(kept, asked, ledger.entries, hidden)


def _read(kept: Repertoire, outcome: Outcome, exchange: Exchange, ledger: Ledger) -> Repertoire:
    """A reading judged as one and narrowed; the answer to another question as it stands."""
    demande = exchange.demande
    if isinstance(demande, LectureOrganisationInterne):
        judge_tree(kept, demande.identifiant, ledger)
    if not isinstance(demande, LectureEtablissement):
        return kept
    if _is_whole(outcome, demande, exchange.caller.profil):
        judge_whole(kept, ledger)
    judge_tree(kept, demande.identifiant, ledger)
    return _narrowed(kept, demande, outcome.source, ledger)


def _shown(profil: ProfilAcces, norme: Norme) -> Callable[[OffreOperationnelle], bool]:
    if condition(Element.UNIT, profil, norme) is Condition.ALWAYS:
        return lambda _: True
    return lambda offre: not offre.unite_sensible


def _is_whole(outcome: Outcome, lecture: LectureEtablissement, profil: ProfilAcces) -> bool:
    """Whether every unit of the establishment is at hand: nothing was narrowed, cut, or hidden from who asked."""
    if outcome.status is Status.TRUNCATED or outcome.source is Source.NATIONAL:
        return False
    if outcome.source is Source.REPLICA:
        return True
    narrowed = lecture.date_ref or lecture.champs_activite or lecture.publics
    return not narrowed and condition(Element.UNIT, soap_profile_containing(profil), Norme.CSD_3_0) is Condition.ALWAYS


def _narrowed(
    repertoire: Repertoire, lecture: LectureEtablissement, source: Source | None, ledger: Ledger
) -> Repertoire:
    """A reading narrowed to what was asked. A member asked live has done so: what it left in is taken out, and told.

    What changed since `date_ref` only the member knows. Elsewhere a unit is judged by its own date: that something it
    owns changed is not seen, and that is told.
    """
    if source is not Source.LIVE and lecture.date_ref is not None:
        _tell_date(lecture.identifiant, ledger)
    if source is not Source.LIVE:
        return restrict(repertoire, lecture)
    if not (lecture.champs_activite or lecture.publics or lecture.restriction_oi):
        return repertoire
    narrowed = restrict(repertoire, _replace(lecture, date_ref=None))
    _tell_fields(repertoire, narrowed, ledger)
    if lecture.restriction_oi:
        _tell_reduced(repertoire, narrowed, ledger)
    return narrowed


def _tell_date(key: str, ledger: Ledger) -> None:
    ledger.note(LossKind.UNRESOLVED, object=key, path="date_ref", rule="reading.since.undated", value_kind="date")


def _tell_fields(given: Repertoire, narrowed: Repertoire, ledger: Ledger) -> None:
    """RG_ALIM_020: with fields of activity asked, the internal organisations of those fields only."""
    kept = {objet.cle for objet in narrowed.objets()}
    gone = [objet.cle for objet in given.objets() if objet.cle not in kept]
    for key in gone:
        repaired(ledger, TAKEN_OUT, key, "champs_activite", "object")


def _tell_reduced(given: Repertoire, narrowed: Repertoire, ledger: Ledger) -> None:
    """RG_ALIM_015: the reduced answer holds no price and no instance of a unit."""
    before = {objet.cle: objet for objet in _reducible(given)}
    for objet in _reducible(narrowed):
        if objet != before[objet.cle]:
            repaired(ledger, "RG_ALIM_015", objet.cle, "", "object")


def _reducible(repertoire: Repertoire) -> tuple[EntiteGeographique | OffreOperationnelle, ...]:
    return (*repertoire.entites_geographiques, *repertoire.offres)
