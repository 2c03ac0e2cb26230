"""A federated search from outside: a token, one FHIR search, the coverage that came with it."""

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import msgspec

SECONDS = 60.0
PROFILE_SYSTEM = "1.2.250.1.213.1.6.1.66"
ROLE_SYSTEM = "1.2.250.1.213.1.1.4.6"


class Refused(Exception):
    """The gateway answered an error; `cause` is its own text, `coverage` the coverage that came with it."""

    def __init__(self, status: int, cause: str, coverage: str) -> None:
        super().__init__(cause)
        self.status = status
        self.cause = cause
        self.coverage = coverage


class NoAnswer(Exception):
    """Nothing that is an answer came back; the text is the kind of failure."""


@dataclass(frozen=True, slots=True)
class Client:
    """Who searches, and where: a certificate with its key, or a secret."""

    token: str
    fhir: str
    client_id: str
    profile_code: str
    ca: Path
    cert: Path | None = None
    key: Path | None = None
    secret: str | None = None

    async def search(
        self, resource_type: str, parameters: list[tuple[str, str]], *, complete: bool, language: str
    ) -> tuple[dict[str, Any], str]:
        """The Bundle and the coverage header; raises `Refused` or `NoAnswer`."""
        timeout = aiohttp.ClientTimeout(total=SECONDS)
        try:
            async with aiohttp.ClientSession(timeout=timeout, headers={"Accept-Language": language}) as session:
                headers = await self._headers(session)
                if complete:
                    headers["Prefer"] = "coverage=complete"
                address = f"{self.fhir}/{resource_type}/_search"
                return await _answer(session, address, parameters, headers, self._context(None, None))
        except (aiohttp.ClientError, TimeoutError, ssl.SSLError) as error:
            raise NoAnswer(type(error).__name__) from error

    async def _headers(self, session: aiohttp.ClientSession) -> dict[str, str]:
        form = [("grant_type", "client_credentials"), ("client_id", self.client_id)]
        if self.secret is not None:
            form.append(("client_secret", self.secret))
        answer, _ = await _answer(session, self.token, form, {}, self._context(self.cert, self.key))
        return {
            "Authorization": f"Bearer {answer.get('access_token', '')}",
            "Accept": "application/fhir+json",
            "Ror-Profil-Utilisateur-Code": self.profile_code,
            "Ror-Profil-Utilisateur-System": PROFILE_SYSTEM,
            "Ror-Role-Metier-Code": "AUTOMATE",
            "Ror-Role-Metier-System": ROLE_SYSTEM,
        }

    def _context(self, cert: Path | None, key: Path | None) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self.ca)
        if cert is not None:
            context.load_cert_chain(cert, key)
        return context


async def _answer(
    session: aiohttp.ClientSession,
    address: str,
    form: list[tuple[str, str]],
    headers: dict[str, str],
    context: ssl.SSLContext,
) -> tuple[dict[str, Any], str]:
    async with session.post(address, data=form, headers=headers, ssl=context) as response:
        coverage = response.headers.get("Ror-Coverage", "")
        try:
            answer = msgspec.json.decode(await response.read(), type=dict[str, Any])
        except msgspec.DecodeError as error:
            raise NoAnswer(f"HTTP {response.status}") from error
        if response.status != 200:
            raise Refused(response.status, _cause(answer), coverage)
        return answer, coverage


def _cause(answer: dict[str, Any]) -> str:
    """The first text of an OperationOutcome, or the error of a token endpoint."""
    for issue in answer.get("issue", []):
        return str(issue.get("details", {}).get("text") or issue.get("diagnostics") or issue.get("code"))
    return str(answer.get("error_description") or answer.get("error") or "")
