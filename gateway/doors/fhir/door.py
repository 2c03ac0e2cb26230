"""The FHIR door: the national API over every region (digest sections 2 to 6).

The way of a search or a reading: format, token, headers, client, parameters, right, question, answer.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from aiohttp import web

from adapters.deadline import Deadline
from gateway import telemetry
from gateway.doors import body
from gateway.doors.access_token import AccessTokens
from gateway.doors.fhir import answers, bearer, context, media, outcomes
from gateway.doors.frame import EXCHANGE, frame
from gateway.errors import ErrorCode, NotAuthenticated, NotPermitted, RequesterError
from gateway.federation.exchange import FEDERATION, Answer, Caller, Exchange
from gateway.federation.federation import Federation
from gateway.federation.paging import CursorRefused, PageRequest
from gateway.federation.preferences import Handling, Preferences, read_prefer
from gateway.messages import Language
from gateway.trust import TrustInForce
from mappings.exposition.demandes import Transaction
from mappings.fhir.capability import capability_statement
from mappings.fhir.conforming import Mode
from mappings.fhir.grammar import SearchRefused
from mappings.fhir.parameters import TYPES
from mappings.fhir.search import SearchRequest, read_search
from mappings.memory import FORGETFUL, Memory
from whitelist.entitlement import Norme

BASE = "/ws-diffusion-fhir"
LARGEST_FORM = 64 * 1024
MOST_PARAMETERS = 256
"""Of an address or of a form: each one that is not understood has its warning in the answer."""
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class FhirSettings:
    """What the configuration decides for this door. `public_url` includes the base path; `validation` is what is done
    with resources that break the national profiles.
    """

    public_url: str
    exchange_seconds: Callable[[str, Transaction], float]
    body_seconds: float
    concurrent: int
    software_version: str
    started: datetime
    language: Language
    validation: Mode


class FhirDoor:
    """Answers clients of the national API."""

    def __init__(
        self,
        federation: Federation,
        trust: TrustInForce,
        tokens: AccessTokens,
        settings: FhirSettings,
        memory: Memory = FORGETFUL,
    ) -> None:
        self._federation = federation
        self._memory = memory
        self._trust = trust
        self._tokens = tokens
        self._settings = settings

    def application(self) -> web.Application:
        """The aiohttp application of the door."""
        framing = frame("fhir", outcomes.render, concurrent=self._settings.concurrent)
        application = web.Application(middlewares=[framing])
        application[outcomes.LANGUAGE] = self._settings.language
        application.router.add_get(f"{BASE}/metadata", self.metadata)
        application.router.add_get(f"{BASE}/{{type}}", self.search)
        application.router.add_post(f"{BASE}/{{type}}/_search", self.search_by_form)
        application.router.add_get(f"{BASE}/{{type}}/{{id}}", self.read)
        return application

    async def metadata(self, request: web.Request) -> web.StreamResponse:
        """What this server does; needs no token, since generic clients ask it first."""
        _require_format(request, _pairs(request.rel_url.raw_query_string))
        statement = capability_statement(
            base=self._settings.public_url,
            software_version=self._settings.software_version,
            published=self._settings.started,
        )
        form = outcomes.format_of(request)
        return outcomes.respond_with(outcomes.written(statement, form), form)

    async def search(self, request: web.Request) -> web.StreamResponse:
        """The Bundle of a search."""
        return await self._searched(request, _pairs(request.rel_url.raw_query_string))

    async def search_by_form(self, request: web.Request) -> web.StreamResponse:
        """The same search, its parameters in a form: addresses have a limit."""
        if request.content_type not in media.FORMS:
            raise RequesterError(ErrorCode.UNSUPPORTED_MEDIA_TYPE)
        form = await body.read(request, limit=LARGEST_FORM, seconds=self._settings.body_seconds)
        try:
            text = form.decode()
        except UnicodeDecodeError as error:
            raise RequesterError(ErrorCode.BAD_HTTP) from error
        return await self._searched(request, _pairs(request.rel_url.raw_query_string) + _pairs(text))

    async def read(self, request: web.Request) -> web.StreamResponse:
        """One resource; what the caller may not see is not there."""
        _require_format(request, _pairs(request.rel_url.raw_query_string))
        asked, preferences, answer = await self._asked(request, [("_id", request.match_info["id"])])
        response = await answers.one_resource(request, answer, asked, self._settings.validation, self._memory)
        return _applied(response, preferences)

    async def _searched(self, request: web.Request, parameters: list[tuple[str, str]]) -> web.StreamResponse:
        _require_format(request, parameters)
        asked, preferences, answer = await self._asked(request, parameters)
        response = await answers.bundle(
            request,
            answer,
            asked,
            preferences,
            base=self._settings.public_url,
            validation=self._settings.validation,
            memory=self._memory,
        )
        return _applied(response, preferences)

    async def _asked(
        self, request: web.Request, parameters: list[tuple[str, str]]
    ) -> tuple[SearchRequest, Preferences, Answer]:
        """What the caller asks, what it prefers, and what the federation answers."""
        caller = self._caller(request, Transaction.RECHERCHE)
        preferences = _preferences(request)
        asked = _search_request(request.match_info["type"], parameters, preferences)
        return asked, preferences, await self._ask(request, caller, asked, preferences)

    def _caller(self, request: web.Request, operation: Transaction) -> Caller:
        claims = self._tokens.check(bearer.read(request), now=int(time.time()))
        telemetry.learn(caller=claims.client_id, transaction=operation.value, target=FEDERATION)
        if self._trust.current.of_another_client(self._trust.current.peer(request), claims.client_id):
            raise NotAuthenticated(ErrorCode.INVALID_TOKEN)
        if self._trust.current.client(claims.client_id) is None:
            raise NotPermitted(ErrorCode.CLIENT_NOT_LISTED)
        headers = context.values(request.headers)
        context.read(headers)
        profil = self._trust.current.client_profile(
            claims.client_id, operation=operation, headers=headers, now=datetime.now(UTC)
        )
        return Caller(claims.client_id, profil)

    async def _ask(
        self, request: web.Request, caller: Caller, asked: SearchRequest, preferences: Preferences
    ) -> Answer:
        exchange = Exchange(request[EXCHANGE], caller, FEDERATION, asked.recherche, preferences.requirements)
        try:
            return await self._federation.ask(
                exchange,
                norme=Norme.FHIR,
                deadline=Deadline.after(self._settings.exchange_seconds(caller.id, exchange.demande.transaction)),
                page=PageRequest(asked.count, asked.cursor),
            )
        except CursorRefused as error:
            raise RequesterError(ErrorCode.BAD_CURSOR) from error


def _pairs(query: str) -> list[tuple[str, str]]:
    """The parameters; characters that no FHIR string may hold, nor XML tell back, are refused.

    So are bytes that are no UTF-8: replaced, they would search for another text than was sent.
    """
    if query.count("&") >= MOST_PARAMETERS:
        raise RequesterError(ErrorCode.TOO_MANY_PARAMETERS, limit=str(MOST_PARAMETERS))
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError as error:
        raise RequesterError(ErrorCode.BAD_PARAMETER, parameter="?", cause="encoding") from error
    for name, value in pairs:
        if _FORBIDDEN.search(name) or _FORBIDDEN.search(value):
            shown = _FORBIDDEN.sub("?", name)[:100]
            raise RequesterError(ErrorCode.BAD_PARAMETER, parameter=shown, cause="character-invalid")
    return pairs


def _require_format(request: web.Request, parameters: list[tuple[str, str]]) -> None:
    wanted = next((value for name, value in parameters if name == "_format"), None)
    request[outcomes.FORMAT] = media.require(request.headers.get("Accept"), wanted)


def _preferences(request: web.Request) -> Preferences:
    """What the caller prefers; one who wants strictness is told at once what cannot be read, others in the answer."""
    preferences = read_prefer(request.headers.getall("Prefer", []))
    if preferences.unreadable and preferences.handling is Handling.STRICT:
        raise RequesterError(ErrorCode.BAD_PREFERENCE, preference=preferences.unreadable[0][:100])
    return preferences


def _applied(response: web.Response, preferences: Preferences) -> web.Response:
    if preferences.applied:
        response.headers["Preference-Applied"] = ", ".join(preferences.applied)
    return response


def _search_request(resource_type: str, parameters: list[tuple[str, str]], preferences: Preferences) -> SearchRequest:
    if resource_type not in TYPES:
        raise RequesterError(ErrorCode.UNKNOWN_TYPE, known=", ".join(TYPES))
    try:
        return read_search(resource_type, parameters, strict=preferences.handling is Handling.STRICT)
    except SearchRefused as error:
        code, values = outcomes.search_error(error)
        raise RequesterError(code, **values) from error
