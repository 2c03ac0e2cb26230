"""Bundles: the answer to a search, and a plain collection (FHIR digest, section 3)."""

from collections.abc import Iterable, Mapping
from urllib.parse import quote, urlencode

import msgspec

from mappings.fhir.search import CURSOR, SearchRequest
from mappings.fhir.shape import Json, MalformedResource, compact, items, member, text
from mappings.loss import Ledger, LossKind

OUTCOME = "OperationOutcome"


def searchset(
    *,
    base: str,
    request: SearchRequest,
    matches: Mapping[str, Json | msgspec.Raw],
    included: Mapping[str, Json | msgspec.Raw],
    total: int | None,
    next_cursor: str | None = None,
    outcome: Json | None = None,
) -> Json:
    """The Bundle of a search: matches by reference, then what they include, then at most one outcome, last.

    `base` is the address of the FHIR server as the caller knows it: every link and `fullUrl` is absolute. `total`
    counts the matches of the whole search, and is left out when nobody knows it.
    """
    links = [{"relation": "self", "url": _link(base, request, request.applied)}]
    if next_cursor is not None:
        following = [*((name, value) for name, value in request.applied if name != CURSOR), (CURSOR, next_cursor)]
        links.append({"relation": "next", "url": _link(base, request, following)})
    entries = [
        *(_entry(base, reference, resource, "match") for reference, resource in matches.items()),
        *(_entry(base, reference, resource, "include") for reference, resource in included.items()),
        *([{"resource": outcome, "search": {"mode": "outcome"}}] if outcome is not None else []),
    ]
    return compact(
        {"resourceType": "Bundle", "type": "searchset", "total": total, "link": links, "entry": entries},
    )


def _link(base: str, request: SearchRequest, parameters: Iterable[tuple[str, str]]) -> str:
    query = urlencode(list(parameters), quote_via=quote, safe=":/,")
    return f"{base}/{request.resource_type}?{query}" if query else f"{base}/{request.resource_type}"


def _entry(base: str, reference: str, resource: Json | msgspec.Raw, mode: str) -> Json:
    return {"fullUrl": f"{base}/{reference}", "resource": resource, "search": {"mode": mode}}


def collection(resources: Iterable[Json | msgspec.Raw]) -> Json:
    """A Bundle of resources that answers no search."""
    return compact(
        {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": resource} for resource in resources]}
    )


def is_next(link: object) -> bool:
    """Whether a link of a Bundle leads to the next page: what it holds is one page of a search."""
    return isinstance(link, dict) and link.get("relation") == "next"


def note_outcome(rank: int, ledger: Ledger) -> None:
    """An outcome among the entries says how the server answered (a member that did not, for one): no object can."""
    ledger.note(LossKind.DROPPED, object="", path=f"Bundle.entry[{rank}].resource", rule="fhir-read.bundle.outcome")


def resources_of(bundle: Json) -> dict[str, Json]:
    """The resources of a Bundle by relative reference, outcomes left out; raises `MalformedResource` for an entry that
    is none, and for two different resources of one reference: to keep either would be to lose the other.
    """
    found: dict[str, Json] = {}
    for rank, entry in enumerate(items(bundle, "entry")):
        one = resource_of(entry, rank)
        if one is not None and found.setdefault(*one) != one[1]:
            raise MalformedResource(f"entry[{rank}].resource")
    return found


def resource_of(entry: Json, rank: int) -> tuple[str, Json] | None:
    """The resource of an entry and its relative reference, made of its rank when it has no id; None for an outcome."""
    try:
        resource = member(entry, "resource")
        kind = text(resource, "resourceType")
        if kind == OUTCOME or not resource:
            return None
        address = text(entry, "fullUrl") or f"{kind}/{text(resource, 'id') or rank}"
    except MalformedResource as error:
        raise MalformedResource(f"entry[{rank}].{error.path}") from error
    return "/".join(address.split("/")[-2:]) if "/" in address else f"{kind}/{address}", resource
