"""What a federation document must hold beyond its shape (security facts 4.2, W2; 6.4, I18)."""

import re
from collections.abc import Callable, Iterator
from itertools import chain

import msgspec

from mappings.exposition.demandes import ProfilAcces
from mappings.nomenclatures.catalogue import RELEASE_NAME
from whitelist.document import (
    ANY,
    CertificateUsage,
    FederationDocument,
    FederationMember,
    ListedCertificate,
    MemberStatus,
    OAuthClient,
)
from whitelist.names import attribute

_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_CODE = re.compile(r"[0-9]{2}")
ROR_HEADERS = frozenset(
    {
        "ror-profil-utilisateur-code",
        "ror-profil-utilisateur-system",
        "ror-role-metier-code",
        "ror-role-metier-system",
    }
)


class Fault(msgspec.Struct, frozen=True):
    """A rule that does not hold, and where."""

    code: str
    path: str


Faults = Iterator[Fault]


def first_fault(document: FederationDocument) -> Fault | None:
    """The first rule that does not hold; None when the document may be used."""
    return next(chain.from_iterable(rule(document) for rule in _RULES), None)


def _dates(document: FederationDocument) -> Faults:
    for name in ("issued_at", "expires_at"):
        if getattr(document, name).tzinfo is None:
            yield Fault("no-offset", f"$.{name}")
    if {document.issued_at.tzinfo, document.expires_at.tzinfo} & {None}:
        return
    if document.expires_at <= document.issued_at:
        yield Fault("dates", "$.expires_at")


def _trust(document: FederationDocument) -> Faults:
    if not document.trust.roots or not document.trust.issuers:
        yield Fault("no-trust", "$.trust")


def _fingerprints(document: FederationDocument) -> Faults:
    for path, fingerprint in _every_fingerprint(document):
        if _FINGERPRINT.fullmatch(fingerprint) is None:
            yield Fault("fingerprint", path)


def _every_fingerprint(document: FederationDocument) -> Iterator[tuple[str, str]]:
    yield from (("$.trust.roots", one) for one in document.trust.roots)
    yield from (("$.trust.issuers", one) for one in document.trust.issuers)
    if document.national is not None:
        yield from (("$.national.server_sha256", one) for one in document.national.server_sha256)
    yield from ((f"{path}.sha256", one.sha256) for path, one in _certificates(document))
    for index, client in enumerate(document.clients):
        if client.secret_sha256 is not None:
            yield f"$.clients[{index}].secret_sha256", client.secret_sha256


def _certificates(document: FederationDocument) -> Iterator[tuple[str, ListedCertificate]]:
    holders: dict[str, tuple[FederationMember | OAuthClient, ...]] = {
        "members": document.members,
        "clients": document.clients,
    }
    for name, held in holders.items():
        for index, holder in enumerate(held):
            for place, one in enumerate(holder.certificates):
                yield f"$.{name}[{index}].certificates[{place}]", one


def _subjects(document: FederationDocument) -> Faults:
    for path, certificate in _certificates(document):
        if sum(attribute(name) == "OU" for name, _ in certificate.subject) != 1:
            yield Fault("subject", f"{path}.subject")


def _codes(document: FederationDocument) -> Faults:
    seen: set[str] = set()
    for index, member in enumerate(document.members):
        if _CODE.fullmatch(member.code) is None:
            yield Fault("member-code", f"$.members[{index}].code")
        if member.code in seen:
            yield Fault("duplicate-code", f"$.members[{index}].code")
        seen.add(member.code)


def _regions(document: FederationDocument) -> Faults:
    held: set[str] = set()
    for index, member in enumerate(document.members):
        if not member.regions or held.intersection(member.regions) or len(set(member.regions)) != len(member.regions):
            yield Fault("region", f"$.members[{index}].regions")
        held.update(member.regions)


def _one_holder(code: str, keys: Callable[[FederationMember], Iterator[tuple[str, object]]]) -> Callable[..., Faults]:
    """No key of a member is also that of another one still in the federation."""

    def rule(document: FederationDocument) -> Faults:
        holder: dict[object, int] = {}
        for index, member in enumerate(document.members):
            if member.status is MemberStatus.WITHDRAWN:
                continue
            for path, key in keys(member):
                if holder.setdefault(key, index) != index:
                    yield Fault(code, f"$.members[{index}].{path}")

    return rule


def _member_certificates(member: FederationMember) -> Iterator[tuple[str, object]]:
    return ((f"certificates[{place}]", one.sha256) for place, one in enumerate(member.certificates))


def _member_subjects(member: FederationMember) -> Iterator[tuple[str, object]]:
    return (
        (f"certificates[{place}].subject", (one.subject, one.issuer)) for place, one in enumerate(member.certificates)
    )


def _structures(document: FederationDocument) -> Faults:
    """One structure in several members only when each of them declares a shared operator."""
    holders: dict[str, list[int]] = {}
    for index, member in enumerate(document.members):
        if member.status is not MemberStatus.WITHDRAWN:
            units = (value for one in member.certificates for name, value in one.subject if attribute(name) == "OU")
            for structure in {*member.structures, *units}:
                holders.setdefault(structure, []).append(index)
    for indexes in holders.values():
        alone = [index for index in indexes if not document.members[index].shared_operator]
        if len(indexes) > 1 and alone:
            yield Fault("structure-shared", f"$.members[{alone[-1]}].structures")


def _rights(document: FederationDocument) -> Faults:
    known = {ANY, *(member.code for member in document.members)}
    for index, member in enumerate(document.members):
        for place, right in enumerate(member.rights):
            if not known.issuperset(right.providers):
                yield Fault("unknown-provider", f"$.members[{index}].rights[{place}].providers")


def _endpoints(document: FederationDocument) -> Faults:
    for index, member in enumerate(document.members):
        servers = [one for one in member.certificates if one.usage is CertificateUsage.SERVER]
        for place, endpoint in enumerate(member.endpoints):
            path = f"$.members[{index}].endpoints[{place}]"
            if not servers:
                yield Fault("endpoint-without-server", path)
            if not endpoint.url.startswith("https://"):
                yield Fault("endpoint-not-https", f"{path}.url")
    national = document.national
    if national is not None:
        if not national.server_sha256:
            yield Fault("endpoint-without-server", "$.national.server_sha256")
        for name, url in (("fhir", national.fhir), ("token", national.token)):
            if not url.startswith("https://"):
                yield Fault("endpoint-not-https", f"$.national.{name}")


def _clients(document: FederationDocument) -> Faults:
    seen: set[str] = set()
    for index, client in enumerate(document.clients):
        path = f"$.clients[{index}]"
        if client.client_id in seen:
            yield Fault("duplicate-client", f"{path}.client_id")
        seen.add(client.client_id)
        if not _proves_itself(client):
            yield Fault("client-proof", path)
        if {name.lower() for name in client.ror_headers} not in (set(), ROR_HEADERS):
            yield Fault("client-headers", f"{path}.ror_headers")


def _habits(document: FederationDocument) -> Faults:
    """A habit is one that was observed: not of a day after the document."""
    for index, member in enumerate(document.members):
        for name, habit in member.options.items():
            if habit.since > document.issued_at.date():
                yield Fault("habit-to-come", f"$.members[{index}].options.{name}.since")


def _nomenclatures(document: FederationDocument) -> Faults:
    """A publication of the NOS is named by its month. Whether it is held is for who uses the document to say."""
    named = [("$", document.nomenclatures)]
    named += [(f"$.members[{place}]", document.nomenclatures_of(one)) for place, one in enumerate(document.members)]
    named += [(f"$.clients[{place}]", document.nomenclatures_of(one)) for place, one in enumerate(document.clients)]
    for path, name in named:
        if RELEASE_NAME.match(name) is None:
            yield Fault("nomenclatures", f"{path}.nomenclatures")


def _proves_itself(client: OAuthClient) -> bool:
    """A secret opens profile 0 only; the other profiles prove themselves with a certificate (digest section 2.3)."""
    if client.secret_sha256 is not None:
        return client.access_profile is ProfilAcces.P0 and not client.certificates
    return bool(client.certificates)


_RULES: tuple[Callable[[FederationDocument], Faults], ...] = (
    _dates,
    _trust,
    _fingerprints,
    _subjects,
    _codes,
    _regions,
    _one_holder("certificate-shared", _member_certificates),
    _one_holder("subject-shared", _member_subjects),
    _structures,
    _rights,
    _endpoints,
    _clients,
    _habits,
    _nomenclatures,
)
