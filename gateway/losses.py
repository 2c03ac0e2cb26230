"""Losses found while an answer is written, told with the member whose object lost something."""

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from gateway.federation.exchange import Answer, Outcome
from mappings.loss import Loss


def with_losses(answer: Answer, losses: Iterable[Loss]) -> Answer:
    """The answer whose coverage counts them too; one on no object of a member stays in the answer's own list."""
    written = tuple(losses)
    if not written:
        return answer
    by_object: defaultdict[str, list[Loss]] = defaultdict(list)
    for loss in written:
        by_object[loss.object].append(loss)
    outcomes = tuple(_completed(outcome, by_object) for outcome in answer.outcomes)
    return msgspec.structs.replace(answer, outcomes=outcomes, losses=answer.losses + written)


def _completed(outcome: Outcome, by_object: dict[str, list[Loss]]) -> Outcome:
    held = {objet.cle for objet in outcome.repertoire.objets()}
    held |= {lieu.cle for offre in outcome.repertoire.offres for lieu in offre.lieux}
    added = tuple(loss for key in held if key in by_object for loss in by_object[key])
    return msgspec.structs.replace(outcome, losses=outcome.losses + added) if added else outcome
