"""The adapter of every member, from the federation document: its own solution, or the national ROR once cut over."""

from adapters.contract import Adapter, Identity, Target
from adapters.registry import UnknownSolution, adapter_for
from gateway.errors import ConfigurationRefused
from mappings.fhir.conforming import Mode
from mappings.memory import FORGETFUL, Memory
from whitelist.document import CertificateUsage, FederationDocument, FederationMember, MemberState, MemberStatus

NATIONAL = "national"
CONTRACT_INTERFACE = "soap-csd"
EXTRACTION_INTERFACE = "extraction"
"""Its `version` is the segment of the address (contract section 9: `V1` by default)."""


def adapters(
    document: FederationDocument, identity: Identity, *, validation: Mode = Mode.OFF, memory: Memory = FORGETFUL
) -> dict[str, Adapter]:
    """One adapter for each member that may be asked, by its code; raises `ConfigurationRefused`.

    `validation` is what is done with the resources of those that answer in FHIR; `memory` holds what was read before.
    """
    asked = (member for member in document.members if member.status is not MemberStatus.WITHDRAWN)
    return {member.code: _adapter(_target(member, document, validation), identity, memory) for member in asked}


def _adapter(target: Target, identity: Identity, memory: Memory) -> Adapter:
    try:
        return adapter_for(target, identity, memory)
    except UnknownSolution as error:
        raise _refused(target.code, f"solution {error.solution}") from error


def _target(member: FederationMember, document: FederationDocument, validation: Mode) -> Target:
    if member.state is MemberState.NATIONAL:
        return national(member, document, validation=validation)
    return regional(member, document)


def regional(member: FederationMember, document: FederationDocument) -> Target:
    """A member's own base."""
    endpoint = next((one for one in member.endpoints if one.interface == CONTRACT_INTERFACE), None)
    if endpoint is None:
        raise _refused(member.code, f"interface {CONTRACT_INTERFACE}")
    listed = (one for one in member.certificates if one.usage is CertificateUsage.SERVER)
    return Target(
        code=member.code,
        regions=member.regions,
        solution=member.solution,
        contract=member.contract,
        endpoint=endpoint.url,
        server_name=endpoint.server_name,
        server_sha256=frozenset(one.sha256 for one in listed),
        options=member.options,
        nomenclatures=document.nomenclatures_of(member),
        extraction=next((one.version for one in member.endpoints if one.interface == EXTRACTION_INTERFACE), None),
    )


def national(member: FederationMember, document: FederationDocument, *, validation: Mode = Mode.OFF) -> Target:
    """The national ROR, for the regions of a member."""
    ror = document.national
    if ror is None:
        raise _refused(member.code, NATIONAL)
    return Target(
        code=member.code,
        regions=member.regions,
        solution=NATIONAL,
        contract=NATIONAL,
        endpoint=ror.fhir,
        server_name=ror.server_name,
        server_sha256=ror.server_sha256,
        token_endpoint=ror.token,
        client_id=ror.client_id,
        options=ror.ror_headers,
        nomenclatures=document.nomenclatures,
        validation=validation,
    )


def _refused(code: str, missing: str) -> ConfigurationRefused:
    return ConfigurationRefused(
        (
            (
                "federation.document",
                f"membre {code} : il manque « {missing} »",
                f'member {code}: "{missing}" is missing',
            ),
        )
    )
