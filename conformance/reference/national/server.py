"""The national FHIR exposition API (digest sections 2.4 and 3): headers, searches by pages, reads, refusals."""

import base64
import binascii
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from conformance.reference.clients import PROFILE_SYSTEM, ROLE_SYSTEM, Client
from conformance.reference.national.capability import capability_statement
from conformance.reference.national.elements import Json
from conformance.reference.national.entitlement import visible
from conformance.reference.national.includes import included
from conformance.reference.national.search import TYPES, BadSearch, Parameters, Resources, search
from conformance.reference.national.store import Store
from conformance.reference.national.tokens import Issuer

BASE_PATH = "/ws-diffusion-fhir"
PAGE = 200
CAP = 10_000
REQUIRED_HEADERS = (
    "Ror-Profil-Utilisateur-Code",
    "Ror-Profil-Utilisateur-System",
    "Ror-Role-Metier-Code",
    "Ror-Role-Metier-System",
)
FIXED_HEADERS = {
    "Ror-Profil-Utilisateur-System": PROFILE_SYSTEM,
    "Ror-Role-Metier-Code": "AUTOMATE",
    "Ror-Role-Metier-System": ROLE_SYSTEM,
}
ENCODER = msgspec.json.Encoder(decimal_format="number")


@dataclass(frozen=True, slots=True)
class Refused(Exception):
    """A refusal as an OperationOutcome: FHIR issue code and French diagnostics."""

    status: int
    code: str
    diagnostics: str


class ExpositionApi:
    """The resources as each access profile sees them, served page by page."""

    def __init__(
        self,
        store: Store,
        issuer: Issuer,
        *,
        clock: Callable[[], float] = time.time,
        page: int = PAGE,
        cap: int = CAP,
    ) -> None:
        self._store = store
        self._issuer = issuer
        self._clock = clock
        self._page = page
        self._cap = cap
        self._started = datetime.fromtimestamp(int(clock()), UTC)
        self._views: dict[str, Resources] = {}

    def application(self) -> web.Application:
        """The aiohttp application, mounted under the national path."""
        application = web.Application(middlewares=[refusals])
        routes = application.router
        routes.add_get(f"{BASE_PATH}/metadata", self.metadata)
        routes.add_get(BASE_PATH, self.next_page)
        routes.add_get(f"{BASE_PATH}/", self.next_page)
        routes.add_get(f"{BASE_PATH}/{{kind}}", self.search)
        routes.add_post(f"{BASE_PATH}/{{kind}}/_search", self.search)
        routes.add_get(f"{BASE_PATH}/{{kind}}/{{id}}", self.read)
        return application

    async def metadata(self, request: web.Request) -> web.Response:
        """`GET /metadata`, with the same headers as any read."""
        self._authorise(request)
        return fhir(capability_statement(started=self._started, base=_base(request)))

    async def search(self, request: web.Request) -> web.Response:
        """A search by GET or by POST; both kinds of parameters count."""
        view = self._view(self._authorise(request))
        form = await request.post() if request.method == "POST" else {}
        parameters = [*request.query.items(), *((name, str(value)) for name, value in form.items())]
        return self._answer(request, view, _kind(request), parameters, 0)

    async def next_page(self, request: web.Request) -> web.Response:
        """The page a `next` link points to."""
        view = self._view(self._authorise(request))
        kind, parameters, offset = _read_cursor(request.query.get("_getpages", ""))
        return self._answer(request, view, kind, parameters, offset)

    async def read(self, request: web.Request) -> web.Response:
        """One resource by its technical id; what the profile may not see is unknown."""
        view = self._view(self._authorise(request))
        reference = f"{_kind(request)}/{request.match_info['id']}"
        if reference not in view:
            raise Refused(404, "not-found", f"Ressource inconnue : {reference}")
        return fhir(view[reference])

    def _authorise(self, request: web.Request) -> Client:
        authorization = request.headers.getall("Authorization", [])
        if not authorization:
            raise Refused(401, "login", "Jeton absent")
        scheme, _, token = authorization[0].partition(" ")
        if len(authorization) > 1 or scheme.lower() != "bearer":
            raise Refused(400, "invalid", "Un seul en-tête Authorization, de type Bearer")
        client = self._issuer.client_of(token.strip(), now=int(self._clock()))
        if client is None:
            raise Refused(401, "login", "Jeton refusé")
        check_ror_headers(request, client)
        return client

    def _view(self, client: Client) -> Resources:
        profile = client.access_profile
        if profile not in self._views:
            self._views[profile] = visible(self._store, profile)
        return self._views[profile]

    def _answer(
        self, request: web.Request, view: Resources, kind: str, parameters: Parameters, offset: int
    ) -> web.Response:
        try:
            found = search(view, kind, parameters)
            size = self._size(parameters)
            matches = found[: self._cap][offset : offset + size]
            others = included(view, matches, parameters)
        except BadSearch as bad:
            raise Refused(400, "invalid", bad.diagnostics) from bad
        links = [{"relation": "self", "url": str(request.url)}]
        if offset + size < min(len(found), self._cap):
            cursor = write_cursor(kind, parameters, offset + size)
            links.append({"relation": "next", "url": f"{_base(request)}?_getpages={cursor}"})
        base = _base(request)
        entries = [
            *(_entry(base, view, one, "match") for one in matches),
            *(_entry(base, view, one, "include") for one in others),
        ]
        return fhir(
            {"resourceType": "Bundle", "type": "searchset", "total": len(found), "link": links, "entry": entries}
        )

    def _size(self, parameters: Parameters) -> int:
        asked = [value for name, value in parameters if name == "_count"]
        if not asked:
            return self._page
        if len(asked) > 1 or not asked[0].isdecimal() or int(asked[0]) == 0:
            raise BadSearch("_count doit être un entier positif, donné une fois")
        return min(int(asked[0]), self._page)


def check_ror_headers(request: web.Request, client: Client) -> None:
    """The four headers are there, well formed, and name the profile handed out to that client."""
    missing = [name for name in REQUIRED_HEADERS if name not in request.headers]
    if missing:
        raise Refused(400, "required", f"En-têtes absents : {', '.join(missing)}")
    wrong = [name for name, value in FIXED_HEADERS.items() if request.headers[name] != value]
    if wrong:
        raise Refused(400, "value", f"En-têtes invalides : {', '.join(wrong)}")
    if request.headers["Ror-Profil-Utilisateur-Code"] != client.ror_headers["Ror-Profil-Utilisateur-Code"]:
        raise Refused(403, "forbidden", "Profil utilisateur non accordé à ce client")


def _base(request: web.Request) -> str:
    return f"{request.url.origin()}{BASE_PATH}"


def _kind(request: web.Request) -> str:
    kind = request.match_info["kind"]
    if kind not in TYPES:
        raise Refused(404, "not-supported", f"Type de ressource non pris en charge : {kind}")
    return kind


def _entry(base: str, view: Resources, reference: str, mode: str) -> Json:
    return {"fullUrl": f"{base}/{reference}", "resource": view[reference], "search": {"mode": mode}}


def write_cursor(kind: str, parameters: Parameters, offset: int) -> str:
    """What a `next` link carries; clients take it as opaque."""
    return base64.urlsafe_b64encode(msgspec.json.encode((kind, parameters, offset))).decode()


def _read_cursor(cursor: str) -> tuple[str, Parameters, int]:
    try:
        decoded = base64.urlsafe_b64decode(cursor)
        return msgspec.json.decode(decoded, type=tuple[str, list[tuple[str, str]], int])
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        raise Refused(410, "expired", "Page inconnue ou expirée") from error


def fhir(body: Json, *, status: int = 200) -> web.Response:
    """A FHIR answer; decimals keep the digits of the source."""
    return web.Response(body=ENCODER.encode(body), status=status, content_type="application/fhir+json", charset="utf-8")


def operation_outcome(code: str, diagnostics: str) -> dict[str, Any]:
    """An OperationOutcome of one error."""
    return {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "code": code, "diagnostics": diagnostics}],
    }


@web.middleware
async def refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every 4XX as an OperationOutcome, those of the router included."""
    try:
        return await handler(request)
    except Refused as refused:
        answer = fhir(operation_outcome(refused.code, refused.diagnostics), status=refused.status)
        if refused.status == 401:
            answer.headers["WWW-Authenticate"] = 'Bearer realm="ror"'
        return answer
    except web.HTTPClientError as error:
        return fhir(operation_outcome("not-found", error.reason), status=error.status)
