"""What an address of the SOAP door says: the version of the contract, and who is asked."""

from dataclasses import dataclass

from gateway.errors import ErrorCode, RequesterError
from gateway.federation.exchange import FEDERATION
from mappings.csd.version import Version
from whitelist.document import FederationDocument

PATH = "/ROR/{version}/{member}"


@dataclass(frozen=True, slots=True)
class Address:
    """The version the answer will be in, and the member asked (`FR` for all of them)."""

    version: Version
    target: str


def read(version: str, member: str, document: FederationDocument) -> Address:
    """The address those segments make; an unknown one is refused with what exists."""
    if version not in set(Version):
        raise RequesterError(ErrorCode.UNKNOWN_VERSION, known=", ".join(Version))
    target = member.upper()
    if target != FEDERATION and document.member(target) is None:
        raise RequesterError(ErrorCode.UNKNOWN_MEMBER)
    return Address(Version(version), target)
