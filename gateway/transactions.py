"""Every transaction at every address of the SOAP and extraction doors, toward every kind of member: what is served and
what its version must lose. The table of docs/transactions.md and its test are made of this.

What is lost is counted in kinds: the rules of `mappings/losses/expected.csv` that the version of the address has and
that of the member has not, and those that reading the member's version has and reading the address's has not. What
every version may lose (a code that no table knows…) is no matter of versions and is not counted; nor is what is told
for information only, as in the coverage.
"""

from functools import cache

import msgspec

from mappings.csd.version import Version
from mappings.exposition.demandes import Transaction
from mappings.loss import Severity
from mappings.losses.expected import expected_losses

ADDRESSES = tuple(Version)
CONTRACTS = tuple(version for version in Version if version is not Version.V2016)
NATIONAL = "national"
FEDERATION = "FR"
MEMBERS = (*(version.value for version in CONTRACTS), NATIONAL)

CHANGED = "EtablissementModifie"
SUPPOSED = frozenset({"csd.confidentiality.left-out"})
"""What reading an old version supposes, for the model wants it, and writing that same version leaves out again."""


class Row(msgspec.Struct, frozen=True):
    """A transaction, or a reading with one of its filters."""

    name: str
    transaction: Transaction
    french: str
    english: str


ROWS = (
    Row("reading", Transaction.LECTURE_ETABLISSEMENT, "Lecture d'un établissement", "Reading of an establishment"),
    Row("since", Transaction.LECTURE_ETABLISSEMENT, "– avec `dateRef`", "– with `dateRef`"),
    Row("fields", Transaction.LECTURE_ETABLISSEMENT, "– par champ d'activité", "– by field of activity"),
    Row("publics", Transaction.LECTURE_ETABLISSEMENT, "– par public", "– by public"),
    Row("reduced", Transaction.LECTURE_ETABLISSEMENT, "– réduite", "– reduced"),
    Row(
        "unit",
        Transaction.LECTURE_ORGANISATION_INTERNE,
        "Lecture d'une organisation interne",
        "Reading of an internal organisation",
    ),
    Row("notification", Transaction.NOTIFICATION, "Notification", "Notification"),
    Row("search", Transaction.RECHERCHE, "Recherche de 2016", "Search of 2016"),
    Row("extraction", Transaction.EXTRACTION, "Extraction", "Extraction"),
)


def served(row: Row, address: Version) -> bool:
    """Whether an address answers the transaction: that of 2016 searches, and the others do all but search."""
    return (row.transaction is Transaction.RECHERCHE) is (address is Version.V2016)


@cache
def _rules(passage: str, notified: bool) -> frozenset[str]:
    """The rules of a passage, for the objects that a notification holds or for those of an offer."""
    return frozenset(
        row.rule
        for row in expected_losses()
        if passage in row.passages and (CHANGED in row.objects) is notified and row.severity is not Severity.INFORMATION
    )


def _common(way: str, notified: bool) -> frozenset[str]:
    """What every version may lose on a way."""
    return frozenset.intersection(*(_rules(way.format(f"csd-{version}"), notified) for version in CONTRACTS))


_READ, _WRITTEN = "{}→exposition", "exposition→{}"


def lost(row: Row, address: Version, member: str) -> frozenset[str]:
    """The rules by which an answer of the member's version may lose something at the address."""
    notified = row.transaction is Transaction.NOTIFICATION
    of, to = _format(member), _format(address.value)
    read = _rules(_READ.format(of), notified) - _rules(_READ.format(to), notified)
    every = _rules(_WRITTEN.format(to), notified)
    written = every - _rules(_WRITTEN.format(of), notified)
    return (read - _common(_READ, notified)) | (written - _common(_WRITTEN, notified)) | (every & SUPPOSED)


def _format(version: str) -> str:
    return {NATIONAL: "fhir", Version.V2016.value: "search-2016"}.get(version, f"csd-{version}")


_HEAD = (
    "Transaction",
    "Adresse / address",
    *(f"membre / member {version}" for version in MEMBERS[:-1]),
    "ROR national",
    FEDERATION,
)
_TOWARD_ALL = {
    Transaction.LECTURE_ETABLISSEMENT: "le détenteur / the owner",
    Transaction.LECTURE_ORGANISATION_INTERNE: "le détenteur / the owner",
    Transaction.NOTIFICATION: "fusion / merged",
    Transaction.RECHERCHE: "fusion / merged",
    Transaction.EXTRACTION: "bout à bout / concatenated",
}


def render_transactions() -> str:
    """The table: for each transaction and address, the number of kinds lost, or that it is refused."""
    lines = [f"| {' | '.join(_HEAD)} |", "|---" * len(_HEAD) + "|"]
    lines += [_line(row, address) for row in ROWS for address in ADDRESSES if served(row, address)]
    lines += [_refused(row) for row in ROWS]
    return "\n".join(lines)


def _line(row: Row, address: Version) -> str:
    cells = (str(len(lost(row, address, member))) for member in MEMBERS)
    name = f"{row.french} / {row.english}"
    return f"| {name} | {address} | {' | '.join(cells)} | {_TOWARD_ALL[row.transaction]} |"


def _refused(row: Row) -> str:
    addresses = ", ".join(address.value for address in ADDRESSES if not served(row, address))
    cells = " | ".join("refusé / refused" for _ in (*MEMBERS, FEDERATION))
    return f"| {row.french} / {row.english} | {addresses} | {cells} |"
