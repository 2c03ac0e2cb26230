"""The access token of the gateway at the national ROR: client credentials over mutual TLS (RFC 8705)."""

import asyncio
import time
from urllib.parse import urlencode

import msgspec

from adapters.deadline import Deadline
from adapters.errors import MemberAnswerInvalid, MemberRefused
from adapters.transport import MemberTransport, expect

MARGIN_SECONDS = 10.0
MARGIN_SHARE = 0.1

_JSON = frozenset({"application/json"})
_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}


class _Grant(msgspec.Struct, frozen=True):
    """The fields of a token answer that matter here."""

    access_token: str
    expires_in: float


class TokenSource:
    """One token for all the reads of a member, asked for once however many wait for it."""

    def __init__(self, transport: MemberTransport, endpoint: str, client_id: str) -> None:
        self._transport = transport
        self._endpoint = endpoint
        self._body = urlencode({"client_id": client_id, "grant_type": "client_credentials"}).encode()
        self._token = ""
        self._until = 0.0
        self._gate = asyncio.Lock()

    async def token(self, deadline: Deadline) -> str:
        """A token that lives long enough to be used; raises a `MemberFailure`."""
        async with self._gate:
            if time.monotonic() >= self._until:
                grant = await self._ask(deadline)
                self._token = grant.access_token
                self._until = time.monotonic() + usable_seconds(grant.expires_in)
            return self._token

    def drop(self, token: str) -> None:
        """Forget a token that was refused, unless another one has already taken its place."""
        if token == self._token:
            self._until = 0.0

    async def _ask(self, deadline: Deadline) -> _Grant:
        reply = await self._transport.send("POST", self._endpoint, deadline=deadline, headers=_FORM, body=self._body)
        if 400 <= reply.status < 500:
            raise MemberRefused("token-refused")
        expect(reply, _JSON)
        try:
            return msgspec.json.decode(reply.body, type=_Grant)
        except msgspec.MsgspecError as failure:
            raise MemberAnswerInvalid("token-answer") from failure


def usable_seconds(expires_in: float) -> float:
    """How long a token is used: to 10 s or a tenth of its life before its end, whichever comes first."""
    return max(0.0, expires_in - max(MARGIN_SECONDS, MARGIN_SHARE * expires_in))
