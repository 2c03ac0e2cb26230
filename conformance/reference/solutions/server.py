"""One regional solution as an HTTP application: contract sections 2, 3, 6 and 17. TLS is the listener's affair."""

from collections.abc import Callable
from http import HTTPStatus

from aiohttp import web

from conformance.reference.csd.dialect import Contract, Dialect, Refusals
from conformance.reference.csd.document import Document, answer, error
from conformance.reference.csd.wire import Element, Scribe
from conformance.reference.dataset import EstablishmentContent
from conformance.reference.region import RegionContent
from conformance.reference.solutions import autre, envelope, iess, ir, notification, search
from conformance.reference.solutions.access import PROFILE_OF_USE, PUBLIC, Access
from conformance.reference.solutions.extraction import FILE_SIZE, PROFILES, SEGMENT, ArchiveFault, Extraction, sound
from conformance.reference.solutions.requests import (
    NOTIFICATION,
    READING,
    SEARCH,
    EstablishmentReading,
    Malformed,
    Unforeseen,
    UnitReading,
    read_notification,
    read_reading,
    spelt,
)
from conformance.reference.solutions.selection import chain, selected
from conformance.reference.solutions.wsdl import contract_wsdl, search_wsdl

DIALECTS: dict[str, Dialect] = {dialect.name: dialect for dialect in (ir.DIALECT, iess.DIALECT, autre.DIALECT)}
BINDING = "CSD_ROR_Binding"
SEARCH_VERSION = "2016"
UNKNOWN, UNFORESEEN = "404", "444"
UNKNOWN_TEXT = "Aucun résultat pour cette demande"
UNFORESEEN_TEXT = "Demande non prise en charge"


def truthful() -> bool:
    """The count is right."""
    return False


class Solution:
    """Answers the requests of one member; `lying` says, at each answer, whether the count must be one too high."""

    def __init__(self, content: RegionContent, dialect: Dialect, version: Contract, lying: Callable[[], bool]) -> None:
        self._content = content
        self._dialect = dialect
        self._version = version
        self._lying = lying
        self._scribe = Scribe(dialect, version, f"https://ror-{content.member}.example")

    def _access(self, message: envelope.Message) -> Access:
        return Access(PROFILE_OF_USE.get(message.use or "", PUBLIC), self._version)

    async def contract(self, request: web.Request) -> web.Response:
        """Readings and notification."""
        return await self._answered(request, self._contract)

    async def search(self, request: web.Request) -> web.Response:
        """The search of 2016."""
        return await self._answered(request, self._search)

    async def _answered(self, request: web.Request, handle: Callable[[envelope.Message], web.Response]) -> web.Response:
        if request.content_type != envelope.MEDIA_TYPE:
            raise web.HTTPUnsupportedMediaType
        try:
            return handle(envelope.read(await request.read()))
        except envelope.NotSoap:
            return _faulty("soap:Sender", "Message SOAP 1.2 attendu", HTTPStatus.BAD_REQUEST)
        except Malformed as malformed:
            return _faulty("soap:Sender", f"Demande incorrecte : {malformed}", HTTPStatus.BAD_REQUEST)

    def _contract(self, message: envelope.Message) -> web.Response:
        if message.body.tag == NOTIFICATION:
            demand = read_notification(message.body)
            return _sent(notification.answer(self._scribe, self._content.keys, demand))
        if message.body.tag != READING:
            return self._unforeseen()
        if self._dialect.strict and not spelt(message.body, self._dialect):
            return self._refused(error, UNFORESEEN, UNFORESEEN_TEXT)
        try:
            demand_read = read_reading(message.body)
        except Unforeseen:
            return self._refused(error, UNFORESEEN, UNFORESEEN_TEXT)
        return self._read(demand_read, self._access(message))

    def _read(self, demand: EstablishmentReading | UnitReading, access: Access) -> web.Response:
        if isinstance(demand, UnitReading):
            content = self._content.of_unit(demand.identifier)
            shown = chain(access.shown(content), demand.identifier) if content is not None else None
            # in 1.5 the schema wants a count whatever the habit
            counted = self._dialect.count_on_single_read or self._version is Contract.V1_5
        else:
            content = self._content.establishment(demand.finess)
            shown = selected(access.shown(content), demand.filters) if content is not None else None
            counted = True
        if shown is None:
            return self._refused(error, UNKNOWN, UNKNOWN_TEXT)
        return _sent(self._document(shown, counted=counted))

    def _document(self, content: EstablishmentContent, *, counted: bool) -> Element:
        document = Document(self._scribe)
        document.add(content)
        announced = document.offers + 1 if self._lying() or self._dialect.counts_wrong else document.offers
        return answer(document, count=announced if counted else None)

    def _search(self, message: envelope.Message) -> web.Response:
        cap = self._dialect.search_cap
        if cap is None or message.body.tag != SEARCH:
            return self._refused(search.error, UNFORESEEN, UNFORESEEN_TEXT)
        wanted = search.read_search(message.body)
        found = search.results(self._content, wanted, self._access(message), self._scribe, cap)
        if found.units == 0:
            return self._refused(search.error, UNKNOWN, UNKNOWN_TEXT)
        return _sent(found.answer())

    def _unforeseen(self) -> web.Response:
        """A body that is no reading: the fault of the notification."""
        if self._dialect.refusals is Refusals.BARE_FAULT:
            return _faulty(UNFORESEEN, UNFORESEEN_TEXT, HTTPStatus.INTERNAL_SERVER_ERROR)
        return _erreur(UNFORESEEN, UNFORESEEN_TEXT)

    def _refused(self, write: Callable[[str, str], Element], code: str, text: str) -> web.Response:
        """A functional refusal, in the way of the solution."""
        match self._dialect.refusals:
            case Refusals.BARE_FAULT:
                return _faulty(code, text, HTTPStatus.INTERNAL_SERVER_ERROR)
            case Refusals.ERREUR_FAULT:
                return _erreur(code, text)
            case Refusals.ERROR_200:
                return _sent(write(code, text))
            case Refusals.ERROR_500:
                return _sent(write(code, text), HTTPStatus.INTERNAL_SERVER_ERROR)

    async def contract_description(self, request: web.Request) -> web.Response:
        """`?wsdl` on the address of the contract."""
        return _described(request, lambda address: contract_wsdl(self._version, address))

    async def search_description(self, request: web.Request) -> web.Response:
        """`?wsdl` on the address of the search."""
        return _described(request, search_wsdl)


def _described(request: web.Request, write: Callable[[str], str]) -> web.Response:
    if "wsdl" not in {name.lower() for name in request.query}:
        raise web.HTTPMethodNotAllowed(request.method, ["POST"])
    return web.Response(text=write(str(request.url.with_query(None))), content_type="text/xml", charset="utf-8")


def _sent(body: Element, status: int = HTTPStatus.OK) -> web.Response:
    return web.Response(body=envelope.write(body), status=status, content_type=envelope.MEDIA_TYPE, charset="utf-8")


def _erreur(code: str, text: str) -> web.Response:
    made = envelope.fault("soap:Sender", text, envelope.ror_error(code, text))
    return _sent(made, HTTPStatus.INTERNAL_SERVER_ERROR)


def _faulty(value: str, reason: str, status: int) -> web.Response:
    return _sent(envelope.fault(value, reason), status)


def application(
    content: RegionContent,
    *,
    solution: str | Dialect,
    contract: str,
    interface: str | None = None,
    lying: Callable[[], bool] = truthful,
    archive_fault: Callable[[], ArchiveFault | None] = sound,
    file_size: int = FILE_SIZE,
) -> web.Application:
    """The application of one member: `/{contract}` (readings, notification), `/V1/extraction/…` and, with a search,
    `/2016`.

    Each address also answers under `/CSD_ROR_Binding`, and describes itself with `?wsdl`. Mount it under any prefix.
    `solution` is one of those known here, or the habits of another; `interface` the version its address names, where
    that is another one.
    """
    dialect = solution if isinstance(solution, Dialect) else DIALECTS[solution]
    made = Solution(content, dialect, Contract(contract), lying)
    app = web.Application(client_max_size=1024**2)
    for path in (f"/{interface or contract}", f"/{interface or contract}/{BINDING}"):
        app.router.add_post(path, made.contract)
        app.router.add_get(path, made.contract_description)
    extraction = Extraction(
        content.establishments,
        lambda whole, profile: Access(profile, Contract(contract)).shown(whole),
        Scribe(dialect, Contract(contract), f"https://ror-{content.member}.example"),
        file_size=file_size,
        fault=archive_fault,
    )
    profiles = "|".join(map(str, PROFILES))
    app.router.add_get(f"/{SEGMENT}/extraction/ExtractionOffresSante_Profil{{profile:{profiles}}}", extraction.archive)
    if dialect.search_cap is not None:
        for path in (f"/{SEARCH_VERSION}", f"/{SEARCH_VERSION}/{BINDING}"):
            app.router.add_post(path, made.search)
            app.router.add_get(path, made.search_description)
    return app
