"""Whether each regional member publishes the contract it is declared with: asked once at the start, beside the service.

A finding changes nothing of what is served: it is logged, and kept for operators.
"""

import asyncio
from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime

import msgspec

from adapters.contract import Adapter
from adapters.deadline import Deadline
from adapters.wsdl import UNREACHABLE
from gateway import telemetry

SECONDS = 30.0
UNREADABLE = "contract-unreadable"


class Finding(msgspec.Struct, frozen=True):
    """What the check of one member found: `differs` is the stable token of what is wrong, None when nothing is.

    Of a member that could not be reached it is `UNREACHABLE`: whether its contract differs is not known.
    """

    differs: str | None
    at: datetime


async def verify(
    adapters: Mapping[str, Adapter], findings: MutableMapping[str, Finding], *, seconds: float = SECONDS
) -> None:
    """Ask every member at once; each finding is kept as soon as it is known."""
    async with asyncio.TaskGroup() as group:
        for member, adapter in sorted(adapters.items()):
            group.create_task(_verify(member, adapter, findings, seconds))


async def _verify(member: str, adapter: Adapter, findings: MutableMapping[str, Finding], seconds: float) -> None:
    facts = {"member": member, "contract": adapter.target.contract}
    try:
        differs = await adapter.verify_contract(Deadline.after(seconds))
    except Exception as failure:  # whatever a document written elsewhere makes a library raise is a finding on it
        differs, facts["failure"] = UNREADABLE, type(failure).__name__
    findings[member] = Finding(differs, datetime.now(UTC))
    if differs is None:
        telemetry.event("contract_verified", **facts)
    elif differs == UNREACHABLE:
        telemetry.warning("contract_unreachable", **facts)
    else:
        telemetry.warning("contract_differs", finding=differs, **facts)
