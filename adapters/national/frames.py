"""What the national ROR says around the resources: the frame of a page, by which pages are followed, and the words of a
refusal. No more is made of the bytes.
"""

import msgspec

from adapters.errors import MemberAnswerInvalid
from mappings.fhir.bundle import OUTCOME
from mappings.fhir.encoding import JsonRefused, decode


class _Severity(msgspec.Struct, frozen=True):
    severity: str = ""


class _Resource(msgspec.Struct, frozen=True, rename="camel"):
    resource_type: str
    id: str = ""
    issue: tuple[_Severity, ...] = ()


class _Search(msgspec.Struct, frozen=True):
    mode: str = "match"


class _Entry(msgspec.Struct, frozen=True):
    resource: _Resource
    search: _Search = _Search()


class _Link(msgspec.Struct, frozen=True):
    relation: str = ""
    url: str = ""


class Listing(msgspec.Struct, frozen=True, rename="camel"):
    """The frame of a Bundle of the type `searchset` (FHIR R4, section 3.1.1.4)."""

    resource_type: str
    entry: tuple[_Entry, ...] = ()
    link: tuple[_Link, ...] = ()
    total: int | None = None

    @property
    def matches(self) -> list[str]:
        """The references of the resources that match; the others are included, or say what happened."""
        resources = (one.resource for one in self.entry if one.search.mode == "match")
        return [f"{one.resource_type}/{one.id}" for one in resources if one.resource_type != OUTCOME]

    @property
    def following(self) -> str | None:
        """The address of the next page, as the server writes it."""
        return next((one.url for one in self.link if one.relation == "next"), None)


class _Issue(msgspec.Struct, frozen=True):
    diagnostics: str = ""


class _Outcome(msgspec.Struct, frozen=True):
    issue: tuple[_Issue, ...] = ()


# What an outcome beside the objects may say; anything worse is no answer.
_REMARKS = frozenset({"information", "warning"})
_LISTINGS = msgspec.json.Decoder(Listing)
_OUTCOMES = msgspec.json.Decoder(_Outcome)
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def listing(body: bytes) -> Listing:
    """What a page says of itself; raises `MemberAnswerInvalid` for what is no page.

    A key given twice, or what stands too deep, is refused when the page is read.
    """
    try:
        found = _LISTINGS.decode(body)
    except _UNREADABLE as error:
        raise _refusal(body) from error
    if found.resource_type != "Bundle":
        raise MemberAnswerInvalid("not-a-bundle")
    resources = [one.resource for one in found.entry]
    if not all(one.id or one.resource_type == OUTCOME for one in resources):
        raise _refusal(body)
    said = (issue.severity for one in resources if one.resource_type == OUTCOME for issue in one.issue)
    if not _REMARKS.issuperset(said):
        raise MemberAnswerInvalid("bundle-outcome")
    return found


def _refusal(body: bytes) -> MemberAnswerInvalid:
    """Why bytes are no page: they are no JSON that may enter, no Bundle, or a Bundle of something else."""
    try:
        document = decode(body)
    except JsonRefused as refused:
        return MemberAnswerInvalid(refused.code)
    return MemberAnswerInvalid("bundle-entry" if document.get("resourceType") == "Bundle" else "not-a-bundle")


def diagnostics(body: bytes) -> str:
    """The server's own words: those of the first issue of its OperationOutcome; none when it wrote something else."""
    try:
        issues = _OUTCOMES.decode(body).issue
    except _UNREADABLE:
        return ""
    return issues[0].diagnostics if issues else ""
