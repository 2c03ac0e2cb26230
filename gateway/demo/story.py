"""The main job, told step by step over real sockets. Every step is judged: a demo that lies is worse than none."""

from collections.abc import Iterable, Mapping

import msgspec
from lxml import etree

from gateway.demo.callers import (
    CSD,
    READING,
    Heard,
    NationalCaller,
    RegionalCaller,
    body_element,
    bundle_counts,
    search_2016,
)
from gateway.demo.coverage import Row, read_coverage
from gateway.demo.reference import ReferenceClient, ReferenceFederation
from gateway.demo.screen import Screen
from mappings.csd.schemas import schema
from mappings.csd.version import Version
from mappings.nomenclatures.systems import url

CALLER, OWNER = "27", "84"
CALLER_VERSION = Version.V1_6
ESTABLISHMENT = "1690784137"
DEAD, SLOW = "53", "76"
ACTIVITIES, CARE_MODE = ("172", "233", "241"), "28"
DEPARTMENTS = ("69", "13")
DEPARTMENT = "69"
FULL_OFFER = [
    ("_include", "HealthcareService:organization"),
    ("_include:iterate", "Organization:partof"),
    ("_include", "HealthcareService:location"),
    ("_revinclude", "PractitionerRole:service"),
    ("_include", "PractitionerRole:practitioner"),
]


# On a machine too slow for the deadline of an exchange an answer may be cut: it is told, and still contributes.
CONTRIBUTED = {"answered", "truncated"}


class Addresses(msgspec.Struct, frozen=True):
    """Where the gateway's doors are."""

    soap: str
    fhir: str
    token: str
    extraction: str | None


class Unexpected(Exception):
    """The demo did not see what it exists to show."""


class Story:
    """The four parts of the main job."""

    def __init__(self, reference: ReferenceFederation, addresses: Addresses, screen: Screen) -> None:
        self._reference = reference
        self._addresses = addresses
        self._screen = screen
        self._members = {member.code: member for member in reference.description.members}
        self._names = {member.code: member.name for member in reference.description.members}

    async def tell(self) -> None:
        """Run every part; raises `Unexpected` with the fact that is wrong."""
        region = RegionalCaller(self._members[CALLER], soap=self._addresses.soap, ca=self._reference.description.ca)
        await self._read_an_establishment(region)
        await self._search_of_2016(region)
        await self._national_searches()

    async def _read_an_establishment(self, region: RegionalCaller) -> None:
        caller, owner = self._members[CALLER], self._members[OWNER]
        self._screen.title(
            "reading",
            caller=caller.name,
            caller_version=caller.contract,
            establishment=ESTABLISHMENT,
            owner=owner.name,
            owner_version=owner.contract,
        )
        heard = await region.call(f"{CALLER_VERSION}/{OWNER}", READING.format(establishment=ESTABLISHMENT))
        answer = body_element(heard)
        _expect(heard.status == 200, f"HTTP {heard.status}")
        _expect(schema(CALLER_VERSION).validate(answer), f"schema {CALLER_VERSION}")
        units = _units(answer)
        _expect(bool(units), "no unit")
        names = [site.findtext(f"{{{CSD}}}primaryName", "") for site in _sites(answer)]
        self._screen.say(
            "reading_answer",
            status=heard.status,
            version=CALLER_VERSION,
            name=", ".join(names),
            units=len(units),
        )
        self._show(heard, expected={OWNER: {"answered"}})

    async def _search_of_2016(self, region: RegionalCaller) -> None:
        self._screen.title("search_2016", caller=self._members[CALLER].name)
        heard = await region.call("2016/FR", search_2016(ACTIVITIES, CARE_MODE, DEPARTMENTS))
        answer = body_element(heard)
        _expect(heard.status == 200, f"HTTP {heard.status}")
        units = answer.findall(".//facilityDirectory/facility")
        _expect(bool(units), "no unit")
        establishments = answer.findall(".//organizationDirectory/organization[parent]")
        self._screen.say(
            "search_2016_answer", status=heard.status, units=len(units), establishments=len(establishments)
        )
        self._show(heard, expected={"84": CONTRIBUTED, "93": CONTRIBUTED, "11": {"not_asked"}})

    async def _national_searches(self) -> None:
        self._screen.title("faults", dead=self._names[DEAD], slow=self._names[SLOW])
        await self._reference.fault(DEAD, "dead")
        await self._reference.fault(SLOW, "slow")
        client = _client_of(self._reference.description.clients, "1")
        national = NationalCaller(
            client, fhir=self._addresses.fhir, token=self._addresses.token, ca=self._reference.description.ca
        )
        token = await national.token()
        self._screen.say("token", client=client.client_id, profile=client.access_profile)
        criteria = [
            ("specialty", f"{url('R211')}|{','.join(ACTIVITIES)}"),
            ("characteristic", f"{url('R213')}|{CARE_MODE}"),
        ]
        everywhere = await national.search(token, [*criteria, *FULL_OFFER])
        self._bundle(everywhere)
        rows = self._show(everywhere, expected={DEAD: {"unreachable"}, SLOW: {"timed_out"}, OWNER: CONTRIBUTED})
        _expect(sum(row.facts.get("s") in CONTRIBUTED for row in rows) >= 10, "fewer than ten regions contributed")
        self._screen.title("department", department=DEPARTMENT)
        somewhere = await national.search(token, [*criteria, ("location.address-postalcode", DEPARTMENT), *FULL_OFFER])
        self._bundle(somewhere)
        rows = self._show(somewhere, expected={OWNER: CONTRIBUTED})
        elsewhere = {row.facts.get("r") for row in rows if row.code != OWNER}
        _expect(elsewhere == {"territory"}, "a region out of the territory was asked")
        await self._reference.heal(DEAD)
        await self._reference.heal(SLOW)
        self._screen.say("healed")

    def _bundle(self, heard: Heard) -> None:
        _expect(heard.status == 200, f"HTTP {heard.status}")
        counts = bundle_counts(heard)
        self._screen.say(
            "bundle",
            status=heard.status,
            seconds=heard.seconds,
            total=msgspec.json.decode(heard.body)["total"],
            contents=", ".join(f"{number} {label}" for label, number in counts.items()),
        )
        _expect(counts.get("HealthcareService match", 0) > 0, "no offer")
        _expect(counts.get("Organization include", 0) > 0, "no organisation included")
        _expect(counts.get("Location include", 0) > 0, "no place included")

    def _show(self, heard: Heard, *, expected: Mapping[str, set[str]]) -> tuple[Row, ...]:
        rows = read_coverage(heard.coverage)
        self._screen.coverage(rows, self._names)
        _expect({row.code for row in rows} == set(self._members), "a member is missing from the coverage")
        for row in rows:
            allowed = expected.get(row.code)
            _expect(allowed is None or row.facts.get("s") in allowed, f"{row.code}: {row.facts.get('s')}")
        return rows


def _sites(answer: etree._Element) -> list[etree._Element]:
    organizations = answer.iter(f"{{{CSD}}}organization")
    return [one for one in organizations if one.find(f"{{{CSD}}}parent") is not None]


def _units(answer: etree._Element) -> list[etree._Element]:
    facilities = answer.iter(f"{{{CSD}}}facility")
    return [facility for facility in facilities if facility.find(f"{{{CSD}}}codedType[@code='4']") is not None]


def _client_of(clients: Iterable[ReferenceClient], profile: str) -> ReferenceClient:
    return next(client for client in clients if str(client.access_profile) == profile)


def _expect(fact: bool, wrong: str) -> None:
    if not fact:
        raise Unexpected(wrong)
