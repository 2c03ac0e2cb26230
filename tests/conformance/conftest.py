"""Targets to judge: the reference implementations, and servers that say what a test scripts."""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web

from conformance.reference.faults import FaultKind, Health
from conformance.reference.listener import Listener, server_context
from conformance.reference.pki import (
    Family,
    Hierarchy,
    certificate_pem,
    issue,
    leaf_subject,
    make_hierarchy,
    write_leaf,
)
from conformance.reference.single import SingleReference
from conformance.target import Target, read_target

CSD = "urn:ihe:iti:csd:2013"
ENVELOPE = (
    '<soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope" xmlns:csd="urn:ihe:iti:csd:2013"'
    ' xmlns:ror="urn:asip:ror:2015"><soap:Body>{body}</soap:Body></soap:Envelope>'
)


@pytest.fixture(scope="session")
def hierarchy() -> Hierarchy:
    return make_hierarchy(ca_key_size=2048)


@pytest.fixture(scope="session")
def folder(hierarchy: Hierarchy, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("scripted")
    made.joinpath("ca.pem").write_bytes(
        certificate_pem(hierarchy.root.certificate, hierarchy.organisations.certificate)
    )
    for name, family in (("server", Family.SSL_SERV), ("client", Family.AUTH_CLI)):
        subject = leaf_subject(department="Paris (75)", organisation="x", structure="11B0000084", name=name)
        hosts = ("localhost",) if family is Family.SSL_SERV else ()
        write_leaf(made, name, issue(hierarchy.organisations, family, subject, host_names=hosts))
    return made


Scripted = Callable[..., Awaitable[Target]]


@pytest.fixture
async def scripted(folder: Path) -> AsyncIterator[Scripted]:
    """A target that answers a notification and a reading with the bodies a test gives."""
    started: list[Listener] = []

    async def start(
        *, notification: str = "", reading: str = "", status: int = 200, kind: str = "application/soap+xml"
    ) -> Target:
        async def answer(request: web.Request) -> web.Response:
            asked = await request.text()
            body = notification if "TR-Notif" in asked else reading
            text = body if body.startswith("<!") else ENVELOPE.format(body=body)
            return web.Response(text=text, content_type=kind, status=status)

        application = web.Application()
        application.router.add_post("/", answer)
        context = server_context(
            folder / "server.pem", folder / "server.key", ca=folder / "ca.pem", clients=ssl.CERT_REQUIRED
        )
        listener = Listener(application, lambda _: context, Health())
        await listener.start()
        started.append(listener)
        return Target(
            endpoint=f"{listener.origin}/",
            ca=str(folder / "ca.pem"),
            cert=str(folder / "client.pem"),
            key=str(folder / "client.key"),
            solution="scripted",
            contract="3.0",
        )

    yield start
    for listener in started:
        await listener.stop()


Reference = Callable[..., Awaitable[Target]]


@pytest.fixture
async def reference(tmp_path: Path) -> AsyncIterator[Reference]:
    """A reference implementation, healthy or with a planted fault."""
    started: list[SingleReference] = []

    async def start(solution: str, contract: str, fault: FaultKind | None = None) -> Target:
        made = SingleReference(
            tmp_path / f"{solution}-{contract}-{fault}",
            solution=solution,
            contract=contract,
            fault=fault,
            ca_key_size=2048,
        )
        started.append(made)
        return read_target(await made.start())

    yield start
    for made in started:
        await made.stop()


def notification(*codes: str, result: int | None = None) -> str:
    """A notification answer that lists these establishments."""
    listed = "".join(
        f'<csd:etablissementReponseNotif><csd:id_etablissement code="{code}" '
        'assigningAuthorityName="1.2.250.1.71.4.2.2"/></csd:etablissementReponseNotif>'
        for code in codes
    )
    announced = f"<csd:result>{result}</csd:result>" if result is not None else ""
    return (
        f"<ror:TR-Notif-ListeEtablissementMajApresDate_Reponse>{listed}{announced}"
        "</ror:TR-Notif-ListeEtablissementMajApresDate_Reponse>"
    )


@pytest.fixture
def notified() -> Callable[..., str]:
    return notification


@pytest.fixture
def read() -> Callable[..., str]:
    """A reading answer: the inside of its directories, and the announced number of units."""

    def answer(organizations: str, facilities: str, *, number: int | None = None) -> str:
        announced = f"<csd:facilityNumber>{number}</csd:facilityNumber>" if number is not None else ""
        return (
            f"<csd:careServicesResponse><csd:result>{announced}<csd:queryResult>"
            f"<csd:organizationDirectory>{organizations}</csd:organizationDirectory><csd:serviceDirectory/>"
            f"<csd:facilityDirectory>{facilities}</csd:facilityDirectory>"
            "<csd:providerDirectory/><csd:deviceDirectory/>"
            "</csd:queryResult></csd:result></csd:careServicesResponse>"
        )

    return answer
