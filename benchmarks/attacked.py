"""A gateway before the reference federation, and all that an attack may name: what the corpora are sent to.

`python -m benchmarks.attacked DIR`: that gateway as a process of its own, whose memory can be read from outside. It
says its addresses in one line of JSON and ends with its input.
"""

import asyncio
import base64
import json
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from conformance.attacks.assertion import pieces
from conformance.attacks.corpus import Attack
from conformance.attacks.wire import Answered, attack
from conformance.reference.content import content
from gateway import telemetry
from gateway.app import Gateway, running
from gateway.configuration import Configuration, parse

CORPORA = Path(__file__).parent.parent / "tests" / "corpora"
MEMBERS = ("03", "53")
TARGET = "03"
CALLER = "member-53-client"
CLIENT = "client-profil-1"
HELD = "never-told-by-the-gateway"
DEADLINES = {"exchange": 20, "head": 3, "body": 3, "drain": 1}
"""Long for a member's answer, so that a busy machine refuses no good request; short for a caller that is slow."""
ADDRESS = f"/ROR/3.0/{TARGET}"
_READING = """<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:csd="urn:ihe:iti:csd:2013">
<s:Body><csd:careServicesRequest><csd:function urn="urn:asip:ror:lecture:offreSoinEtablissement:2017"
encapsulated="true"><csd:TR_Lecture-OffresSanteEtablissement><csd:etablissementDemandeLecture>
<csd:id_etablissement code="{}" assigningAuthorityName="1.2.250.1.71.4.2.2"/></csd:etablissementDemandeLecture>
</csd:TR_Lecture-OffresSanteEtablissement></csd:function></csd:careServicesRequest></s:Body></s:Envelope>"""


@contextmanager
def reference(directory: Path) -> Iterator[None]:
    """The reference federation, as a process that writes its description in that directory."""
    command = [sys.executable, "-m", "conformance.reference", "--dir", str(directory)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None
        assert process.stdout.readline().startswith("ready")
        yield
        process.communicate(timeout=30)


def settings(directory: Path) -> Configuration:
    """The configuration of a gateway over that reference federation, reduced to two members."""
    pki = directory / "pki"
    document = json.loads((directory / "federation.json").read_bytes())
    document["members"] = [member for member in document["members"] if member["code"] in MEMBERS]
    (directory / "few.json").write_text(json.dumps(document), encoding="utf-8")
    return parse(
        {
            "listeners": {name: {"port": 0} for name in ("soap", "fhir", "token")},
            "certificates": {
                "server": pki / "gateway-server.pem",
                "server_key": pki / "gateway-server.key",
                "client": pki / "gateway-client.pem",
                "client_key": pki / "gateway-client.key",
                "ca": pki / "ca.pem",
            },
            "federation": {"document": directory / "few.json", "crl": [pki / "crl.pem"]},
            "replica": {"url": f"sqlite:///{directory / 'replica.db'}", "period": 3600},
            "deadlines": DEADLINES,
        },
        base=directory,
    )


def addresses(gateway: Gateway) -> dict[str, str]:
    """Where each door is."""
    return {"soap": gateway.soap, "fhir": gateway.fhir, "token": gateway.token}


def establishment() -> str:
    """The identifier of an establishment with few offers."""
    region = content(TARGET)
    held = [found for key in region.keys[:60] if (found := region.establishment(key.finess)) is not None]
    return f"1{min(held, key=lambda one: len(one.offers)).establishment.finess}"


def tls(directory: Path, name: str | None) -> ssl.SSLContext:
    """The TLS of a caller with that certificate, or with none."""
    pki = directory / "pki"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(pki / "ca.pem")
    if name is not None:
        context.load_cert_chain(pki / f"{name}.pem", pki / f"{name}.key")
    return context


@dataclass(frozen=True, slots=True)
class Attacked:
    """The callers of a gateway: one in good faith, whose connection stays open, and one who attacks."""

    doors: dict[str, str]
    directory: Path
    values: dict[str, bytes]
    session: aiohttp.ClientSession

    async def good(self) -> tuple[int, str, bytes]:
        """A reading, on the connection of the caller in good faith: status, exchange, bytes."""
        data = _READING.format(self.values["establishment"].decode()).encode()
        headers = {"Content-Type": "application/soap+xml"}
        async with self.session.post(f"{self.doors['soap']}{ADDRESS}", data=data, headers=headers) as response:
            return response.status, response.headers["X-Request-Id"], await response.read()

    def request(self, one: Attack) -> bytes:
        """The bytes of an attack, with an assertion made for it."""
        pki = self.directory / "pki"
        return one.request({**pieces(pki / f"{CALLER}.pem", pki / f"{CALLER}.key"), **self.values})

    async def attack(self, one: Attack, data: bytes) -> tuple[Answered, ...]:
        """Those bytes at the door of the attack, and what comes back."""
        name = CALLER if one.door == "soap" else None
        port = int(self.doors[one.door].split(":")[2].partition("/")[0])
        return await attack(port, tls(self.directory, name), data, sending=one.sending)


async def attacked(
    doors: dict[str, str], directory: Path, canary: socket.socket, session: aiohttp.ClientSession
) -> Attacked:
    """The callers of those doors, once a token was given."""
    secret = directory / "held.txt"
    secret.write_text(HELD, encoding="utf-8")
    made = Attacked(doors, directory, {}, session)
    form = {"grant_type": "client_credentials", "client_id": CLIENT}
    async with session.post(doors["token"], data=form, ssl=tls(directory, f"client-{CLIENT}")) as response:
        token = (await response.json())["access_token"]
    made.values.update(
        establishment=establishment().encode(),
        canary=f"http://127.0.0.1:{canary.getsockname()[1]}".encode(),
        file=secret.as_uri().encode(),
    )
    made.values.update(_callers(token, made.values["canary"]))
    return made


def _callers(token: str, canary: bytes) -> dict[str, bytes]:
    """The headers of a client of the FHIR door, those of one who claims more, and a token that names its own key."""

    def headers(profile: str) -> bytes:
        facts = {
            "Authorization": f"Bearer {token}",
            "Ror-Profil-Utilisateur-Code": profile,
            "Ror-Profil-Utilisateur-System": "1.2.250.1.213.1.6.1.66",
            "Ror-Role-Metier-Code": "AUTOMATE",
            "Ror-Role-Metier-System": "1.2.250.1.213.1.1.4.6",
        }
        return "".join(f"{name}: {value}\r\n" for name, value in facts.items()).encode()

    head = json.dumps({"alg": "RS256", "kid": "x", "jku": f"{canary.decode()}/keys"}).encode()
    _, claims, signature = token.encode().split(b".")
    return {
        "caller": headers("CU22"),
        "caller.another": headers("CU19"),
        "caller.two": headers("CU22, CU20"),
        "token.jku": b".".join((base64.urlsafe_b64encode(head).rstrip(b"="), claims, signature)),
    }


async def _serve(directory: Path) -> None:
    telemetry.configure()
    async with running(settings(directory)) as gateway:
        await gateway.filled()
        print(json.dumps(addresses(gateway)), flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
