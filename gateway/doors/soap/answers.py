"""The answer of the federation as the contract says it, in the version of the address; a functional refusal apart.

What may be refused functionally (contract section 6): a member asked alone said no, in its own words; nothing was
found. For a notification, whose answer has no place for a refusal, these are faults with `ror:erreur`. A member's SOAP
fault stays a SOAP fault, with its words in the detail.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import date

from aiohttp import web
from lxml import etree

from gateway import telemetry
from gateway.doors.frame import CODE, EXCHANGE
from gateway.doors.soap import faults
from gateway.doors.soap.addresses import Address
from gateway.doors.verdict import failure
from gateway.errors import ErrorCode, GatewayError, MembersFailed
from gateway.federation import coverage
from gateway.federation.exchange import Answer, Outcome, Status
from gateway.losses import with_losses
from mappings.csd import answers, search_2016
from mappings.csd.soap import surround
from mappings.csd.version import Version
from mappings.exposition.demandes import (
    Demande,
    DemandeNotification,
    ErreurContrat,
    LectureEtablissement,
    LectureOrganisationInterne,
    Reponse,
    ReponseNotification,
    ReponseOffres,
)
from mappings.loss import Ledger, Severity
from mappings.memory import Memory, of_value

COVERAGE_HEADER = "Ror-Coverage"
CONTRACT_ERROR = "contract_error"
"""The cause of an outcome that is a functional refusal of the contract; those of faults begin otherwise."""

UNKNOWN, INCONCLUSIVE = 404, 503

NOTHING_KNOWN = ErreurContrat(UNKNOWN, "Établissement ou organisation interne inconnu / unknown establishment or unit")
NOTHING_FOUND = ErreurContrat(UNKNOWN, "Aucune unité ne répond à la recherche / no unit answers the search")
CANNOT_CONCLUDE = ErreurContrat(
    INCONCLUSIVE,
    "Rien de trouvé, mais certains membres n'ont pas répondu / nothing found, but some members did not answer",
)


async def respond(
    request: web.Request, answer: Answer, address: Address, *, contract_error_status: int, at: date, memory: Memory
) -> web.StreamResponse:
    """The HTTP answer: a result, a functional refusal, or a fault, always with the coverage."""
    telemetry.learn(
        members={outcome.member: outcome.status.value for outcome in answer.outcomes}, withheld=answer.withheld
    )
    alone = _refused_alone(answer)
    if alone is not None and alone.cause != CONTRACT_ERROR:
        return _fault(request, answer, MembersFailed(ErrorCode.MEMBER_REFUSED), alone.refusal)
    reponse: Reponse | None = None if alone is None else alone.refusal
    if reponse is None:
        error = failure(answer)
        if error is not None:
            return _fault(request, answer, error)
        reponse = _reponse(answer)
    if isinstance(reponse, ErreurContrat):
        if isinstance(answer.exchange.demande, DemandeNotification):
            return _fault(request, answer, MembersFailed(ErrorCode.MEMBER_REFUSED), reponse)
        request[CODE] = f"contract-{reponse.code}"
    told, content = await asyncio.to_thread(_written, answer, reponse, address.version, at, memory)
    rules = Counter(loss.rule for loss in told.losses if loss.severity is not Severity.INFORMATION)
    telemetry.learn(losses=len(told.losses), loss_rules=dict(sorted(rules.items())))
    status = contract_error_status if isinstance(reponse, ErreurContrat) else 200
    return web.Response(
        status=status,
        body=content,
        content_type=faults.MEDIA_TYPE,
        charset="utf-8",
        headers={COVERAGE_HEADER: coverage.header(told)},
    )


def _written(answer: Answer, reponse: Reponse, version: Version, at: date, memory: Memory) -> tuple[Answer, bytes]:
    """The answer with what its writing lost, and its bytes."""
    ledger = Ledger()
    body = body_of(reponse, version, at=at, ledger=ledger, memory=memory)
    told = with_losses(answer, ledger.entries)
    return told, surround(body, [coverage.soap_block(told)])


def body_of(reponse: Reponse, version: Version, *, at: date, ledger: Ledger, memory: Memory) -> bytes:
    """The element of the body. The objects of a document are numbered, so that it is remembered as a whole."""
    return memory.of(
        lambda: ("soap", type(reponse), of_value(reponse), version, at),
        lambda apart: _WRITERS[version](reponse, apart, at),
        owner="soap",
        ledger=ledger,
    )


def _refused_alone(answer: Answer) -> Outcome | None:
    """The outcome of the member that alone was asked, when it said no in its own words."""
    asked = [outcome for outcome in answer.outcomes if outcome.status is not Status.NOT_ASKED]
    return asked[0] if len(asked) == 1 and asked[0].refusal is not None else None


def _reponse(answer: Answer) -> Reponse:
    demande = answer.exchange.demande
    if isinstance(demande, DemandeNotification):
        return ReponseNotification(answer.etablissements, len(answer.etablissements))
    if len(answer.repertoire):
        return ReponseOffres(answer.repertoire)
    if not answer.complete:
        return CANNOT_CONCLUDE
    if isinstance(demande, LectureEtablissement) and _narrowed(demande) and any(map(_answered, answer.outcomes)):
        return ReponseOffres(answer.repertoire)
    return NOTHING_KNOWN if isinstance(demande, LectureEtablissement | LectureOrganisationInterne) else NOTHING_FOUND


def _narrowed(lecture: LectureEtablissement) -> bool:
    """Whether an empty answer may mean that nothing of a known establishment matches."""
    return lecture.date_ref is not None or bool(lecture.champs_activite) or bool(lecture.publics)


def _answered(outcome: Outcome) -> bool:
    return outcome.status in {Status.ANSWERED, Status.EMPTY}


def _fault(
    request: web.Request, answer: Answer, error: GatewayError, words: ErreurContrat | None = None
) -> web.StreamResponse:
    request[CODE] = error.code.value
    erreur = words
    if words is None and isinstance(answer.exchange.demande, DemandeNotification):
        erreur = faults.erreur(error)
    response = faults.respond(error, exchange=request[EXCHANGE], erreur=erreur, headers=[coverage.soap_block(answer)])
    response.headers[COVERAGE_HEADER] = coverage.header(answer)
    return response


def refused(request: web.Request, error: GatewayError, demande: Demande) -> web.StreamResponse:
    """The fault of a request that was understood and is not permitted."""
    request[CODE] = error.code.value
    words = faults.erreur(error) if isinstance(demande, DemandeNotification) else None
    return faults.respond(error, exchange=request[EXCHANGE], erreur=words)


Writer = Callable[[Reponse, Ledger, date], bytes]


def _contract(version: Version) -> Writer:
    return lambda reponse, ledger, at: answers.write_answer(reponse, version=version, ledger=ledger, at=at)


def _search(reponse: Reponse, ledger: Ledger, at: date) -> bytes:
    found = reponse.repertoire if isinstance(reponse, ReponseOffres) else reponse
    if isinstance(found, ReponseNotification):
        raise TypeError("a notification is never asked at the address of the search")
    return etree.tostring(search_2016.write_answer(found, ledger=ledger, at=at), encoding="UTF-8")


_WRITERS: dict[Version, Writer] = {
    Version.V2016: _search,
    **{version: _contract(version) for version in Version if version is not Version.V2016},
}
