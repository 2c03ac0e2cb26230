"""One member, callers of two publications of the NOS, real sockets: each gets the codes of its own, and is told."""

import copy
import ssl
from collections.abc import AsyncIterator
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from aiohttp import web
from lxml import etree

from gateway.app import Gateway, running
from gateway.configuration import Configuration
from mappings.csd.answers import write_answer
from mappings.csd.soap import read_envelope, surround
from mappings.csd.version import Version
from mappings.csd.xml import parse
from mappings.exposition.demandes import EtablissementModifie, ReponseNotification, ReponseOffres
from mappings.exposition.lieu import DivisionTerritoriale
from mappings.exposition.offre import ActiviteOperationnelle, OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique, EntiteJuridique
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code
from mappings.loss import Ledger

if TYPE_CHECKING:
    from tests.gateway.conftest import World

OLD, NEW = "2021-10", "2026-09"
SITE = "1690000245"
BORN_SINCE, MOVED, FORMER_REGION, FORMER_ACT = "R211 549", "R211 040", "R30 21", "R210 0326"
ACCEPTED = """source_system,source_code,target_system,target_code,date,who,reason
R210,0326,R210,0736,2026-11-02,Comité nomenclatures,même libellé
"""
READING = f"""<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:csd="urn:ihe:iti:csd:2013">
<s:Body><csd:careServicesRequest>
<csd:function urn="urn:asip:ror:lecture:offreSoinEtablissement:2017" encapsulated="true">
<csd:TR_Lecture-OffresSanteEtablissement><csd:etablissementDemandeLecture>
<csd:id_etablissement code="{SITE}" assigningAuthorityName="1.2.250.1.71.4.2.2"/>
</csd:etablissementDemandeLecture></csd:TR_Lecture-OffresSanteEtablissement></csd:function>
</csd:careServicesRequest></s:Body></s:Envelope>"""


def offer() -> OffreOperationnelle:
    """An offer of a former region, with a former act, an activity younger than `OLD` and one that meant something else
    then.
    """
    return OffreOperationnelle(
        "84/UE-1",
        nom="Nutrition",
        entite_geographique=SITE,
        organisation=SITE,
        type_offre=Code("R244", "30"),
        champs_activite=(Code("R227", "01"),),
        mode_prise_en_charge=Code("R213", "28"),
        activites=tuple(ActiviteOperationnelle(Code(*code.split())) for code in (BORN_SINCE, MOVED)),
        actes_specifiques=(Code(*FORMER_ACT.split()),),
        zones_intervention=(DivisionTerritoriale(Code("R201", "02"), Code(*FORMER_REGION.split())),),
    )


def answer() -> bytes:
    legal = EntiteJuridique("1690000001", raison_sociale="Hospices")
    held = Repertoire((legal,), (EntiteGeographique(SITE, legal.cle, denomination="Lyon"),), (), (offer(),), ())
    reponse = ReponseOffres(held, 1)
    return surround(write_answer(reponse, version=Version.V3_0, ledger=Ledger()))


async def _asked(request: web.Request) -> web.Response:
    body = read_envelope(parse(await request.read())).body
    if etree.QName(body).localname.startswith("TR-Notif"):
        reponse = ReponseNotification((EtablissementModifie(SITE),), 1)
        content = surround(write_answer(reponse, version=Version.V3_0, ledger=Ledger()))
    else:
        content = answer()
    return web.Response(body=content, content_type="application/soap+xml")


@pytest.fixture
async def member(world: "World") -> AsyncIterator[str]:
    """The base of a member that gives one establishment, behind its own certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(world.pki.pem("member-84-server"), world.pki.key("member-84-server"))
    application = web.Application()
    application.router.add_post("/3.0", _asked)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "localhost", 0, ssl_context=context)
    await site.start()
    yield f"https://localhost:{runner.addresses[0][1]}"
    await runner.cleanup()


def federation(world: "World", member: str, folder: Path, *, source: str, reader: str) -> Path:
    """The federation with a publication for the member that answers, one for the member and the client that ask."""
    members = copy.deepcopy(world.document["members"])
    for one in members:
        one["nomenclatures"] = source if one["code"] == "84" else reader
        # It has no search of its own: its copy answers those.
        one["solution"] = "autre"
        one["endpoints"] = [{**end, "url": member} for end in one["endpoints"] if end["interface"] == "soap-csd"]
    clients = [{**client, "nomenclatures": reader} for client in world.document["clients"]]
    return world.federation_with(folder / f"{source}-{reader}.json", {"members": members, "clients": clients})


def covered(headers: Any) -> dict[str, str]:
    """The facts of the member that answers, from the header."""
    told = next(part for part in headers["Ror-Coverage"].split(", ") if part.startswith("m84;"))
    return dict(fact.split("=") for fact in told.split(";")[1:])


async def read(world: "World", gateway: Gateway) -> tuple[dict[str, str], dict[str, str | None]]:
    """The coverage, and the codes of the answer with their labels."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            f"{gateway.soap}/ROR/3.0/84",
            data=READING,
            ssl=world.client_context("member-93-client"),
            headers={"Content-Type": "application/soap+xml"},
        ) as response,
    ):
        body = parse(await response.read())
        codes = {found.get("code", ""): found.text for found in body.iterfind(".//{*}service/{*}codedType")}
        zones = {found.get("code", ""): found.text for found in body.iterfind(".//{*}interventionZone/{*}codedType")}
        return covered(response.headers), codes | zones


async def found(world: "World", gateway: Gateway) -> tuple[dict[str, str], dict[str, str | None]]:
    """The same from a FHIR search."""
    form = {"grant_type": "client_credentials", "client_id": "client-profil-1"}
    context = world.client_context("client-client-profil-1")
    async with aiohttp.ClientSession() as session:
        async with session.post(gateway.token, data=form, ssl=context) as response:
            token = (await response.json())["access_token"]
        headers = {
            "Authorization": f"Bearer {token}",
            "Ror-Profil-Utilisateur-Code": "CU22",
            "Ror-Profil-Utilisateur-System": "1.2.250.1.213.1.6.1.66",
            "Ror-Role-Metier-Code": "AUTOMATE",
            "Ror-Role-Metier-System": "1.2.250.1.213.1.1.4.6",
        }
        address = f"{gateway.fhir}/HealthcareService?_tag=84"
        async with session.get(address, headers=headers, ssl=world.client_context(None)) as response:
            resource = (await response.json(content_type=None))["entry"][0]["resource"]
            facts = covered(response.headers)
    codings = [one for name in ("specialty", "characteristic") for part in resource[name] for one in part["coding"]]
    return facts, {coding["code"]: coding.get("display") for coding in codings}


def settings(world: "World", member: str, folder: Path, *, source: str, reader: str) -> Configuration:
    """A gateway over that federation; an expert accepted one replacement of acts."""
    folder.mkdir()
    accepted = folder / "acceptes.csv"
    accepted.write_text(ACCEPTED, encoding="utf-8")
    document = federation(world, member, folder, source=source, reader=reader)
    files = {"document": document, "crl": [world.crl]}
    return world.configuration(folder, federation=files, nomenclatures={"accepted": accepted})


LABELS = {(OLD, NEW): "Diététique et Nutrition", (NEW, OLD): "Médecine nutritionnelle"}
"""What 040 meant to the member, where it means something else to the caller."""


async def test_each_caller_gets_the_codes_of_its_own_publication(world: "World", member: str, tmp_path: Path) -> None:
    lost = {}
    for source, reader in product((OLD, NEW), repeat=2):
        folder = tmp_path / f"{source}-{reader}"
        async with running(settings(world, member, folder, source=source, reader=reader)) as gateway:
            await gateway.filled()
            live, codes = await read(world, gateway)
            copied, codings = await found(world, gateway)

        label = LABELS.get((source, reader))
        assert (live["s"], live["src"], live["nos"]) == ("answered", "live", f'"{source}"')
        assert (copied["s"], copied["src"], copied["nos"]) == ("answered", "replica", f'"{source}"')
        # A call without assertion is of profile 0, which sees no act.
        assert codes == {"549": None, "040": label, "44": "Grand-Est"}
        assert (codings["040"], codings["0736"]) == (label or "Médecine nutritionnelle", "Nutrition parentérale")
        assert "0326" not in codings
        lost[source, reader] = int(live["l"]), int(copied["l"])

    # The old publication does not know 549; 040 is told wherever the two sides mean something else by it.
    assert {pair: (live - lost[NEW, NEW][0], copy - lost[NEW, NEW][1]) for pair, (live, copy) in lost.items()} == {
        (NEW, NEW): (0, 0),
        (OLD, OLD): (1, 1),
        (OLD, NEW): (1, 1),
        (NEW, OLD): (2, 2),
    }
