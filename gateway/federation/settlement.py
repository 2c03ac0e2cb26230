"""What of a member's answer is kept: what the rules of the contract let pass, the matches of the question, then what
the caller's profile may receive.

Judged per outcome, before the merge: a member's answer is ruled and filtered with its own surroundings at hand, and
what another member says of the same object cannot open what this one closed. RG_ALIM_050 to 053 are the entitlement.
"""

import msgspec

from gateway.federation.criteria import Centres, question, radius_communes
from gateway.federation.exchange import CONTRIBUTED, Exchange, Outcome, Source, Status
from gateway.federation.plan import Step
from gateway.federation.ruling import Ruled, ruled
from gateway.federation.selection import around, counted, matched
from mappings.exposition.demandes import LectureOrganisationInterne, ProfilAcces, Recherche
from mappings.exposition.repertoire import Repertoire
from mappings.loss import Loss, LossKind, Severity
from whitelist.entitlement import Condition, Element, Norme, condition, filter_repertoire

_replace = msgspec.structs.replace


class Settled(msgspec.Struct, frozen=True):
    """An outcome reduced to what may leave; `keys` are those of its matches when the question is a search."""

    outcome: Outcome
    keys: tuple[str, ...] = ()


def settle(outcome: Outcome, step: Step, exchange: Exchange, norme: Norme, centres: Centres) -> Settled:
    """What of one member's contribution is answered."""
    if outcome.status not in CONTRIBUTED:
        return Settled(outcome)
    demande = exchange.demande
    judged = ruled(outcome, exchange, norme)
    outcome = _replace(outcome, repertoire=judged.repertoire)
    if isinstance(demande, Recherche):
        return _searched(outcome, judged, demande, step=step, exchange=exchange, norme=norme, centres=centres)
    asked = judged.asked
    allowed = filter_repertoire(asked, profil=exchange.caller.profil, norme=norme, entourage=_known(outcome))
    kept = _replace(
        outcome,
        repertoire=allowed.repertoire,
        withheld=allowed.withheld,
        entourage=Repertoire(),
        losses=outcome.losses + judged.told(allowed.repertoire) + _unmarked(asked, exchange.caller.profil, norme),
    )
    if isinstance(demande, LectureOrganisationInterne) and not _holds(allowed.repertoire, demande.identifiant):
        return Settled(_emptied(kept) if _holds(asked, demande.identifiant) else kept)
    return Settled(kept)


def _known(outcome: Outcome) -> Repertoire:
    """What stands around the objects kept: what the member sent with them, and what the replica knows."""
    known, sent = outcome.entourage, outcome.repertoire
    return _replace(
        sent,
        entites_geographiques=known.entites_geographiques + sent.entites_geographiques,
        offres=known.offres + sent.offres,
    )


def _holds(repertoire: Repertoire, key: str) -> bool:
    return any(objet.cle == key for objet in repertoire.objets())


def _emptied(outcome: Outcome) -> Outcome:
    """The unit read may not be shown: nothing of its chain is, or its existence would be told (digest section 10)."""
    return _replace(outcome, repertoire=Repertoire(), status=Status.EMPTY, losses=())


def _searched(
    outcome: Outcome,
    judged: Ruled,
    recherche: Recherche,
    *,
    step: Step,
    exchange: Exchange,
    norme: Norme,
    centres: Centres,
) -> Settled:
    trusted = step.pushed if outcome.source is not Source.REPLICA else frozenset()
    asked = question(recherche, outcome.member, trusted=trusted, centres=centres)
    keys = matched(outcome.repertoire, asked)
    chosen = around(outcome.repertoire, keys, recherche.objet)
    allowed = filter_repertoire(chosen, profil=exchange.caller.profil, norme=norme, entourage=_known(outcome))
    # what is left must still answer the question, or what was taken out would be told
    left = frozenset(matched(allowed.repertoire, asked))
    kept = tuple(key for key in keys if key in left)
    count = outcome.count if outcome.count is not None else counted(allowed.repertoire, kept, recherche.objet)
    status = outcome.status
    if status is not Status.TRUNCATED:
        status = Status.ANSWERED if count else Status.EMPTY
    measured_here = () if "territoires" in trusted else _radius_losses(recherche, centres)
    settled = _replace(
        outcome,
        repertoire=allowed.repertoire,
        withheld=allowed.withheld,
        entourage=Repertoire(),
        count=count,
        status=status,
        losses=outcome.losses
        + measured_here
        + judged.told(allowed.repertoire)
        + _unmarked(chosen, exchange.caller.profil, norme),
    )
    return Settled(settled, kept)


def _unmarked(asked: Repertoire, profil: ProfilAcces, norme: Norme) -> tuple[Loss, ...]:
    """The sensitive units that the caller may see and the standard has no word for: they stay here, and it is told.

    To a profile that may not see them nothing is told: that they exist is already too much (contract section 15.1).
    """
    may_see = condition(Element.UNIT, profil, Norme.CSD_3_0) is Condition.ALWAYS
    if not may_see or condition(Element.UNIT, profil, norme) is Condition.ALWAYS:
        return ()
    rule = f"{norme}.sensitive-unit.withheld"
    return tuple(
        Loss(offre.cle, "extension/sensitiveUnit", rule, LossKind.WITHHELD, Severity.ERROR, "object")
        for offre in asked.offres
        if offre.unite_sensible
    )


def _radius_losses(recherche: Recherche, centres: Centres) -> tuple[Loss, ...]:
    """No table says where communes are: a centre is that of the places known there, or the commune stands alone."""
    return tuple(
        Loss("", "territoires", "search.radius.centre", LossKind.DERIVED, Severity.INFORMATION, "position")
        if commune in centres
        else Loss("", "territoires", "search.radius.unknown-centre", LossKind.DROPPED, Severity.ERROR, "position")
        for commune in radius_communes(recherche)
    )
