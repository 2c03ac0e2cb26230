"""The answer of the federation as a Bundle, or as one resource; the coverage in the header and in the last entry."""

import asyncio
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from functools import partial
from typing import Literal

import msgspec
from aiohttp import web

from gateway import telemetry
from gateway.doors.fhir import outcomes
from gateway.doors.fhir.media import Format
from gateway.doors.fhir.outcomes import Json, language_of
from gateway.doors.frame import CODE
from gateway.doors.verdict import failure
from gateway.errors import ErrorCode, GatewayError, MembersFailed, RequesterError
from gateway.federation import coverage
from gateway.federation.exchange import Answer
from gateway.federation.preferences import Preferences
from gateway.losses import with_losses
from gateway.messages import Language, text
from mappings.fhir.bundle import searchset
from mappings.fhir.conforming import MOST_RULES, Mode, Passage, broken, held, validation_issues
from mappings.fhir.encoding import decode
from mappings.fhir.ids import ids_of
from mappings.fhir.includes import select
from mappings.fhir.outcome import ignored_issues, issue, operation_outcome
from mappings.fhir.search import SearchRequest
from mappings.fhir.write import encoded, write
from mappings.loss import Ledger
from mappings.memory import Memory
from mappings.pauses import without_collection

COVERAGE_HEADER = "Ror-Coverage"

Spoken = Literal["fr", "en"]


class Written(msgspec.Struct, frozen=True):
    """An answer as the JSON of resources, by reference. `told` counts what its writing lost and what its validation
    found; `refusal` is the error to answer instead, when what the validation left out is all there was, or is demanded.
    """

    told: Answer
    matches: dict[str, bytes]
    included: dict[str, bytes]
    refusal: GatewayError | None


class Content(msgspec.Struct, frozen=True):
    """The same as one body; `found` tells whether anything matches."""

    told: Answer
    found: bool
    refusal: GatewayError | None
    body: bytes


async def bundle(
    request: web.Request,
    answer: Answer,
    asked: SearchRequest,
    preferences: Preferences,
    *,
    base: str,
    validation: Mode,
    memory: Memory,
) -> web.Response:
    """The Bundle of a search, or the error that the members' failures make of it."""
    language, form = language_of(request), outcomes.format_of(request)
    unapplied = [*ignored_issues(asked.ignored, language.value), *_unapplied(preferences, language)]
    error = failure(answer)
    if error is not None:
        return failed(request, answer, error, unapplied)
    laid_out = partial(_bundle, asked=asked, base=base, unapplied=unapplied, language=language.value, form=form)
    content = await asyncio.to_thread(_content, answer, asked, validation, memory, laid_out)
    if content.refusal is not None:
        return failed(request, content.told, content.refusal, unapplied)
    return _covered(outcomes.respond_with(content.body, form), content.told)


def _unapplied(preferences: Preferences, language: Language) -> Iterator[Json]:
    """One warning per preference that is not applied."""
    for preference in (*preferences.unreadable, *preferences.ignored):
        words = text(RequesterError(ErrorCode.BAD_PREFERENCE, preference=preference[:100]), language)
        yield issue("not-supported", ErrorCode.BAD_PREFERENCE.value, words, severity="warning")


@without_collection
def _content(
    answer: Answer, asked: SearchRequest, validation: Mode, memory: Memory, laid_out: Callable[[Written], bytes]
) -> Content:
    """The body of an answer. The resources are made and gone within one pause of the collector."""
    written = _written(answer, asked, validation, memory)
    body = laid_out(written) if written.refusal is None else b""
    return Content(written.told, bool(written.matches), written.refusal, body)


def _bundle(
    written: Written, *, asked: SearchRequest, base: str, unapplied: list[Json], language: Spoken, form: Format
) -> bytes:
    issues = [*unapplied, *_issues(written.told, language)]
    content = searchset(
        base=base,
        request=asked,
        matches=_in_form(written.matches, form),
        included=_in_form(written.included, form),
        total=written.told.total,
        next_cursor=written.told.next_cursor,
        # One entry for all there is to say: clients stumble on more.
        outcome=operation_outcome(issues, language) if issues else None,
    )
    return outcomes.written(content, form)


def _issues(answer: Answer, language: Spoken) -> list[Json]:
    """What the members did, then what the validation found."""
    return [*coverage.outcome_issues(answer, language), *validation_issues(answer.losses, language)]


async def one_resource(
    request: web.Request, answer: Answer, asked: SearchRequest, validation: Mode, memory: Memory
) -> web.Response:
    """The resource read; not there only when every member that may hold it said so."""
    error = failure(answer)
    if error is not None:
        return failed(request, answer, error)
    form = outcomes.format_of(request)
    laid_out = partial(_first, form=form)
    content = await asyncio.to_thread(_content, answer, asked, validation, memory, laid_out)
    if content.refusal is not None:
        return failed(request, content.told, content.refusal)
    if content.found:
        return _covered(outcomes.respond_with(content.body, form), content.told)
    if answer.complete:
        return failed(request, answer, RequesterError(ErrorCode.UNKNOWN_RESOURCE))
    return failed(request, answer, MembersFailed(ErrorCode.INCOMPLETE))


def _in_form(resources: Mapping[str, bytes], form: Format) -> Mapping[str, Json | msgspec.Raw]:
    """The resources as what is written in a form: those of JSON stand ready."""
    if form is Format.JSON:
        return {reference: msgspec.Raw(body) for reference, body in resources.items()}
    return {reference: decode(body) for reference, body in resources.items()}


def _first(written: Written, form: Format) -> bytes:
    body = next(iter(written.matches.values()), b"")
    return outcomes.written(decode(body), form) if body and form is not Format.JSON else body


def _written(answer: Answer, asked: SearchRequest, validation: Mode, memory: Memory) -> Written:
    """The resources of an answer: its matches in order, what they include, held against the profiles if so decided."""
    ledger = Ledger()
    resources = write(answer.repertoire, ledger=ledger, memory=memory, finish=encoded)
    matches, others = _matches(answer, asked, resources)
    included = select({reference: one.links for reference, one in resources.items()}, matches, asked.directives)
    sent = _sent({one: resources[one].body for one in (*matches, *included)}, validation, ledger)
    told = with_losses(answer, ledger.entries)
    if told.total is not None:
        told = msgspec.structs.replace(told, total=told.total - others)
    return Written(
        told,
        {one: sent[one] for one in matches if one in sent},
        {one: sent[one] for one in included if one in sent},
        _refusal(answer, matches, included, sent),
    )


def _sent(resources: Mapping[str, bytes], validation: Mode, ledger: Ledger) -> Mapping[str, bytes]:
    """The resources that may leave."""
    if validation is Mode.OFF:
        return resources
    sent = held({one: decode(body) for one, body in resources.items()}, validation, Passage.OUT, ledger=ledger)
    return {one: resources[one] for one in sent}


def _matches(answer: Answer, asked: SearchRequest, resources: Container[str]) -> tuple[list[str], int]:
    """The references of the resources that match, and how many of their keys were not asked for by their id: an EJ and
    an EG may have one key.
    """
    of_keys = (identifier for key in answer.matches for identifier in ids_of(asked.resource_type, key))
    known = [identifier for identifier in of_keys if f"{asked.resource_type}/{identifier}" in resources]
    matches = [f"{asked.resource_type}/{one}" for one in known if not asked.ids or one in asked.ids]
    return matches, len(known) - len(matches)


def _refusal(answer: Answer, matches: list[str], included: list[str], sent: Container[str]) -> GatewayError | None:
    """The error when nothing that matches may be sent, or not everything although the caller demands it."""
    if matches and not any(one in sent for one in matches):
        return MembersFailed(ErrorCode.MEMBER_ANSWER_INVALID)
    if answer.exchange.requirements.complete and not all(one in sent for one in (*matches, *included)):
        return MembersFailed(ErrorCode.INCOMPLETE)
    return None


def failed(request: web.Request, answer: Answer, error: GatewayError, unapplied: Iterable[Json] = ()) -> web.Response:
    """The error, with what of the request was not applied and the coverage that explains it."""
    request[CODE] = error.code.value
    issues = [*unapplied, *_issues(answer, language_of(request).value)]
    return _covered(outcomes.respond(request, error, issues=issues), answer)


def _covered(response: web.Response, answer: Answer) -> web.Response:
    response.headers[COVERAGE_HEADER] = coverage.header(answer)
    telemetry.learn(
        members={outcome.member: outcome.status.value for outcome in answer.outcomes},
        losses=len(answer.losses),
        withheld=answer.withheld,
    )
    found = Counter((what, rule) for what, rule, _ in broken(answer.losses).elements())
    if found:
        telemetry.learn(profiles={f"{what} {rule}": count for (what, rule), count in found.most_common(MOST_RULES)})
    return response
