"""The suite's own SOAP client: literals of the contract, every failure told apart by whose it is."""

import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import aiohttp

from conformance.messages import Establishment, notification_request, reading_request
from conformance.target import Target
from conformance.text import Text
from conformance.xml import Element, NotXml, parse

SOAP = "http://www.w3.org/2003/05/soap-envelope"
MEDIA_TYPE = "application/soap+xml"
READING_ACTION = "urn:asip:ror:2015:stored-function:ror-search"
NOTIFICATION_ACTION = "urn:asip:ror:2015:stored-function:ror-update"
LIMIT_SECONDS = 5.0
CONNECT_SHARE = 0.8
SAID_STATUSES = (200, 500)


class NotReached(Exception):
    """No conversation took place: the network, a certificate, a listener; nothing can be judged."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason


class Misbehaved(Exception):
    """The target was reached and did not answer as the contract's transport demands (sections 2, 3 and 6)."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Reply:
    """The only element of the body that came back, and how long it took."""

    body: Element
    status: int
    seconds: float

    @property
    def is_fault(self) -> bool:
        """Whether it is a SOAP fault."""
        return self.body.tag == f"{{{SOAP}}}Fault"


class Dialogue:
    """A conversation with one target."""

    def __init__(self, target: Target, *, limit: float = LIMIT_SECONDS) -> None:
        self.target = target
        self._limit = limit
        self._tls = target.tls()
        self._subject = target.subject()

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=self._limit, connect=self._limit * CONNECT_SHARE)
        connector = aiohttp.TCPConnector(ssl=self._tls)
        self._session = aiohttp.ClientSession(connector=connector, timeout=timeout)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def read(self, establishment: Establishment) -> Reply:
        """TR-Lecture-OffresSanteEtablissement of one establishment, everything asked, as profile 1."""
        return await self._send(reading_request(establishment, issuer=self._subject), READING_ACTION)

    async def changed_since(self, moment: str) -> Reply:
        """TR-Notif-ListeEtablissementMajApresDate since that instant."""
        return await self._send(notification_request(moment, issuer=self._subject), NOTIFICATION_ACTION)

    async def _send(self, request: bytes, action: str) -> Reply:
        headers = {"Content-Type": f'{MEDIA_TYPE}; charset=utf-8; action="{action}"'}
        started = time.monotonic()
        try:
            async with self._session.post(self.target.endpoint, data=request, headers=headers) as answer:
                data = await self._whole(answer)
        except aiohttp.ConnectionTimeoutError as error:
            raise NotReached(_unreached(error)) from error
        except TimeoutError as error:
            raise Misbehaved(self._late()) from error
        except aiohttp.ClientResponseError as error:
            raise Misbehaved(Text(f"réponse HTTP illisible : {error}", f"unreadable HTTP answer: {error}")) from error
        except aiohttp.ClientError as error:
            # before the first byte of an answer: in TLS 1.3 a refusal of our own certificate shows only here
            raise NotReached(_unreached(error)) from error
        return Reply(_body(answer.status, answer.content_type, data), answer.status, time.monotonic() - started)

    async def _whole(self, answer: aiohttp.ClientResponse) -> bytes:
        try:
            return await answer.read()
        except TimeoutError as error:
            raise Misbehaved(self._late()) from error
        except aiohttp.ClientError as error:
            raise Misbehaved(CUT) from error

    def _late(self) -> Text:
        return Text(
            f"pas de réponse complète en {self._limit:g} s (RG_ALIM_024)",
            f"no complete answer within {self._limit:g} s (RG_ALIM_024)",
        )


CUT = Text("réponse interrompue avant sa fin", "answer cut before its end")


def _unreached(error: Exception) -> Text:
    name = type(error).__name__
    return Text(f"cible non jointe ({name}) : {error}", f"target not reached ({name}): {error}")


def _body(status: int, kind: str, data: bytes) -> Element:
    if status not in SAID_STATUSES or kind != MEDIA_TYPE:
        raise Misbehaved(
            Text(
                f"réponse HTTP {status} de type {kind} au lieu d'un message SOAP 1.2",
                f"HTTP {status} of type {kind} instead of a SOAP 1.2 message",
            )
        )
    try:
        root = parse(data)
    except NotXml as error:
        raise Misbehaved(Text(f"XML refusé : {error}", f"XML refused: {error}")) from error
    bodies = root.findall(f"{{{SOAP}}}Body") if root.tag == f"{{{SOAP}}}Envelope" else []
    inside = [child for body in bodies for child in body if isinstance(child.tag, str)]
    if len(bodies) != 1 or len(inside) != 1:
        raise Misbehaved(Text("pas d'enveloppe SOAP 1.2 à un seul élément", "no SOAP 1.2 envelope of one element"))
    return inside[0]
