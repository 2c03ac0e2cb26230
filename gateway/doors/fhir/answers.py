"""The answer of the federation as a Bundle, or as one resource; the coverage in the header and in the last entry."""

import asyncio
from collections.abc import Iterable, Iterator
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
from mappings.fhir.ids import ids_of
from mappings.fhir.includes import select
from mappings.fhir.outcome import ignored_issues, issue, operation_outcome
from mappings.fhir.search import SearchRequest
from mappings.fhir.write import write
from mappings.loss import Ledger

COVERAGE_HEADER = "Ror-Coverage"

Spoken = Literal["fr", "en"]


async def bundle(
    request: web.Request, answer: Answer, asked: SearchRequest, preferences: Preferences, *, base: str
) -> web.Response:
    """The Bundle of a search, or the error that the members' failures make of it."""
    language, form = language_of(request), outcomes.format_of(request)
    unapplied = [*ignored_issues(asked.ignored, language.value), *_unapplied(preferences, language)]
    error = failure(answer)
    if error is not None:
        return failed(request, answer, error, unapplied)
    told, content = await asyncio.to_thread(_bundle, answer, asked, base, unapplied, language=language.value, form=form)
    return _covered(outcomes.respond_with(content, form), told)


def _unapplied(preferences: Preferences, language: Language) -> Iterator[Json]:
    """One warning per preference that is not applied."""
    for preference in (*preferences.unreadable, *preferences.ignored):
        words = text(RequesterError(ErrorCode.BAD_PREFERENCE, preference=preference[:100]), language)
        yield issue("not-supported", ErrorCode.BAD_PREFERENCE.value, words, severity="warning")


def _bundle(
    answer: Answer, asked: SearchRequest, base: str, unapplied: list[Json], *, language: Spoken, form: Format
) -> tuple[Answer, bytes]:
    told, resources, matches = _written(answer, asked)
    issues = [*unapplied, *coverage.outcome_issues(told, language)]
    content = searchset(
        base=base,
        request=asked,
        matches=[resources[reference] for reference in matches],
        included=[resources[reference] for reference in select(resources, matches, asked.directives)],
        total=told.total,
        next_cursor=told.next_cursor,
        # One entry for all there is to say: clients stumble on more.
        outcome=operation_outcome(issues, language) if issues else None,
    )
    return told, outcomes.written(content, form)


async def one_resource(request: web.Request, answer: Answer, asked: SearchRequest) -> web.Response:
    """The resource read; not there only when every member that may hold it said so."""
    error = failure(answer)
    if error is not None:
        return failed(request, answer, error)
    told, resources, matches = await asyncio.to_thread(_written, answer, asked)
    if matches:
        form = outcomes.format_of(request)
        return _covered(outcomes.respond_with(outcomes.written(resources[matches[0]], form), form), told)
    if answer.complete:
        return failed(request, answer, RequesterError(ErrorCode.UNKNOWN_RESOURCE))
    return failed(request, answer, MembersFailed(ErrorCode.INCOMPLETE))


def _written(answer: Answer, asked: SearchRequest) -> tuple[Answer, dict[str, Json], list[str]]:
    """The answer with what its writing lost, its resources, and which of them are the matches, in order."""
    ledger = Ledger()
    resources = write(answer.repertoire, ledger=ledger)
    told = with_losses(answer, ledger.entries)
    of_keys = (identifier for key in answer.matches for identifier in ids_of(asked.resource_type, key))
    held = [identifier for identifier in of_keys if f"{asked.resource_type}/{identifier}" in resources]
    # An EJ and an EG may have one key: of the two, only what was asked for by its id matches.
    matches = [f"{asked.resource_type}/{one}" for one in held if not asked.ids or one in asked.ids]
    if told.total is not None:
        told = msgspec.structs.replace(told, total=told.total - (len(held) - len(matches)))
    return told, resources, matches


def failed(request: web.Request, answer: Answer, error: GatewayError, unapplied: Iterable[Json] = ()) -> web.Response:
    """The error, with what of the request was not applied and the coverage that explains it."""
    request[CODE] = error.code.value
    issues = [*unapplied, *coverage.outcome_issues(answer, language_of(request).value)]
    return _covered(outcomes.respond(request, error, issues=issues), answer)


def _covered(response: web.Response, answer: Answer) -> web.Response:
    response.headers[COVERAGE_HEADER] = coverage.header(answer)
    telemetry.learn(
        members={outcome.member: outcome.status.value for outcome in answer.outcomes}, losses=len(answer.losses)
    )
    return response
