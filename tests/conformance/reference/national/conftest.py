"""The national reference server over real TLS, and a caller for each access profile."""

import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from itertools import chain

import aiohttp
import pytest

from conformance.reference.clients import Client, make_clients
from conformance.reference.content import content
from conformance.reference.faults import Health
from conformance.reference.federation_pki import CERTIFICATE_CLIENTS, FederationPki, make_federation_pki
from conformance.reference.listener import Listener, server_context
from conformance.reference.national.server import BASE_PATH, ExpositionApi
from conformance.reference.national.store import Store
from conformance.reference.national.tokens import TOKEN_PATH, Issuer, token_application


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> FederationPki:
    return make_federation_pki(tmp_path_factory.mktemp("national"), ca_key_size=2048)


@pytest.fixture(scope="session")
def clients(pki: FederationPki) -> dict[str, Client]:
    made = make_clients({name: pki.leaves[f"client-{name}"].sha256 for name in CERTIFICATE_CLIENTS})
    return {client.access_profile: client for client in made}


@pytest.fixture(scope="session")
def store() -> Store:
    return Store(chain.from_iterable(content(member).establishments() for member in ("94", "02")))


@pytest.fixture(scope="session")
def issuer(clients: dict[str, Client]) -> Issuer:
    return Issuer(clients.values())


@dataclass
class National:
    """Where the server listens, and how to call it."""

    fhir: str
    token: str
    pki: FederationPki
    clients: dict[str, Client]
    issuer: Issuer
    session: aiohttp.ClientSession
    _contexts: dict[str | None, ssl.SSLContext] = field(default_factory=dict)

    def tls(self, name: str | None) -> ssl.SSLContext:
        """A caller's TLS, with that certificate or none."""
        if name not in self._contexts:
            self._contexts[name] = self._context(name)
        return self._contexts[name]

    def _context(self, name: str | None) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.pki.directory / "ca.pem"))
        if name:
            context.load_cert_chain(self.pki.pem(name), self.pki.key(name))
        return context

    def headers(self, profile: str) -> dict[str, str]:
        """The five headers of a caller of that profile."""
        client = self.clients[profile]
        token = self.issuer.issue(client, issuer="https://ror.example", now=1_000)
        return {"Authorization": f"Bearer {token}", **client.ror_headers}

    async def get(self, path: str, profile: str = "1", **parameters: object) -> tuple[int, dict]:
        """A read or a search under that profile; a parameter given a list is repeated."""
        pairs = [
            (name, str(one))
            for name, value in parameters.items()
            for one in (value if isinstance(value, list) else [value])
        ]
        address = path if path.startswith("https:") else f"{self.fhir}/{path}"
        async with self.session.get(
            address, params=pairs or None, headers=self.headers(profile), ssl=self.tls(None)
        ) as answer:
            return answer.status, await answer.json()


@pytest.fixture
async def serve(
    pki: FederationPki, clients: dict[str, Client], store: Store, issuer: Issuer
) -> AsyncIterator[Callable[..., object]]:
    """Starts the server with the settings a test asks for; its clock stands at 1 100 seconds."""
    started: list[Listener] = []

    def context(verify: ssl.VerifyMode) -> Callable[[object], ssl.SSLContext]:
        pem, key = pki.pem("national-server"), pki.key("national-server")
        return lambda _: server_context(pem, key, ca=pki.directory / "ca.pem", clients=verify)

    async with aiohttp.ClientSession() as session:

        async def start(**settings: int) -> National:
            api = ExpositionApi(store, issuer, clock=lambda: 1_100.0, **settings)
            tokens = token_application(issuer, pki.hierarchy.organisations, clock=lambda: 1_100.0)
            fhir_listener = Listener(api.application(), context(ssl.CERT_NONE), Health())
            token_listener = Listener(tokens, context(ssl.CERT_OPTIONAL), Health())
            for listener in (fhir_listener, token_listener):
                await listener.start()
                started.append(listener)
            return National(
                f"{fhir_listener.origin}{BASE_PATH}",
                f"{token_listener.origin}{TOKEN_PATH}",
                pki,
                clients,
                issuer,
                session,
            )

        yield start
        for listener in started:
            await listener.stop()


@pytest.fixture
async def national(serve: Callable[..., object]) -> National:
    return await serve()
