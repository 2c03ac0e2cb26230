"""A loss found while writing is told with the member whose object lost something."""

from gateway.federation.exchange import Answer, Caller, Exchange, Outcome, Status
from gateway.losses import with_losses
from mappings.exposition.demandes import ProfilAcces, Recherche
from mappings.exposition.organisation import EntiteJuridique
from mappings.exposition.repertoire import Repertoire
from mappings.loss import Loss, LossKind, Severity

EXCHANGE = Exchange("e", Caller("75", ProfilAcces.P1, "75"), "FR", Recherche())


def outcome(member: str, key: str) -> Outcome:
    entity = EntiteJuridique(cle=key)
    return Outcome(
        member=member, status=Status.ANSWERED, repertoire=Repertoire(entites_juridiques=(entity,)), losses=(loss("a"),)
    )


def loss(key: str) -> Loss:
    return Loss(key, "path", "rule", LossKind.DROPPED, Severity.ERROR)


def test_each_loss_goes_to_the_member_of_its_object() -> None:
    answer = Answer(exchange=EXCHANGE, outcomes=(outcome("11", "1A"), outcome("84", "1B")), losses=(loss("a"),))

    told = with_losses(answer, [loss("1B"), loss("1B"), loss("elsewhere")])

    assert [len(one.losses) for one in told.outcomes] == [1, 3]
    assert len(told.losses) == 4


def test_nothing_lost_changes_nothing() -> None:
    answer = Answer(exchange=EXCHANGE, outcomes=(outcome("11", "1A"),))

    assert with_losses(answer, []) is answer
