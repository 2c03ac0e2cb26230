"""The copies that are no longer of use: of members cut over to the national ROR, and of those that left the federation.

A copy that stays would still tell who owns an object, and could be taken for a young one the day its member came back.
A member in maintenance, or suspended, keeps its own: it is expected back.
"""

import structlog

from gateway.replica.store import Replica
from whitelist.document import FederationDocument, MemberState, MemberStatus

_log = structlog.get_logger()


async def retire(replica: Replica, document: FederationDocument) -> tuple[str, ...]:
    """Forget the copy of every member that this document has no regional base of; whose they were."""
    copied = {
        member.code
        for member in document.members
        if member.state is MemberState.REGIONAL and member.status is not MemberStatus.WITHDRAWN
    }
    held = {*await replica.progress(), *await replica.contents()}
    gone = tuple(sorted(held - copied))
    for member in gone:
        await replica.forget_member(member)
        _log.info("replica_member_forgotten", member=member)
    return gone
