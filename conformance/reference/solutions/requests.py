"""The three requests of the contract, read from the wire: sections 5 and 8."""

from dataclasses import dataclass
from datetime import datetime

from conformance.reference.content.rhythm import PARIS
from conformance.reference.csd.dialect import Dialect
from conformance.reference.csd.wire import CSD, ROR, STRUCTURES, Element
from conformance.reference.solutions.selection import Filters

READING = f"{{{CSD}}}careServicesRequest"
NOTIFICATION = f"{{{ROR}}}TR-Notif-ListeEtablissementsMajApresDate_Demande"
SEARCH = f"{{{ROR}}}careServicesRequest"
OF_ESTABLISHMENT = f"{{{CSD}}}TR_Lecture-OffresSanteEtablissement"
OF_UNIT = f"{{{CSD}}}TR_Lecture-OffreSanteOrganisationInterne"
BARE_FINESS = 9


class Unforeseen(ValueError):
    """A request the solution does not know."""


class Malformed(ValueError):
    """A known request that misses something, or says something unreadable."""


@dataclass(frozen=True, slots=True)
class EstablishmentReading:
    """Read one establishment; `finess` without type digit."""

    finess: str
    filters: Filters


@dataclass(frozen=True, slots=True)
class UnitReading:
    """Read one internal organisation."""

    identifier: str


@dataclass(frozen=True, slots=True)
class Notification:
    """Which establishments changed since."""

    since: datetime
    fields: frozenset[str]
    publics: frozenset[str]


def _csd(parent: Element, name: str) -> Element:
    found = parent.find(f"{{{CSD}}}{name}")
    if found is None:
        raise Malformed(name)
    return found


def finess_of(code: str) -> str:
    """The FINESS number of a structure, whether its type digit came or not (contract section 12)."""
    code = code.strip()
    return code[1:] if len(code) == BARE_FINESS + 1 and code.startswith("1") else code


def instant(text: str | None) -> datetime:
    """An instant; without offset, French legal time."""
    try:
        value = datetime.fromisoformat((text or "").strip())
    except ValueError:
        raise Malformed("dateRef") from None
    return value if value.tzinfo is not None else value.replace(tzinfo=PARIS)


def _codes(parent: Element, name: str) -> frozenset[str]:
    return frozenset(found.get("code", "").strip() for found in parent.iterfind(f"{{{CSD}}}{name}"))


def _filters(demand: Element) -> Filters:
    since = demand.findtext(f"{{{CSD}}}dateRef")
    return Filters(
        since=instant(since) if since is not None and since.strip() else None,
        fields=_codes(demand, "typeActivity"),
        publics=_codes(demand, "supportedPatient"),
        restricted=(demand.findtext(f"{{{CSD}}}restrictedOrganisation") or "").strip() in {"1", "true"},
    )


def read_reading(body: Element) -> EstablishmentReading | UnitReading:
    """A reading, or Unforeseen, or Malformed."""
    function = _csd(body, "function")
    establishment = function.find(OF_ESTABLISHMENT)
    if establishment is not None:
        demand = _csd(establishment, "etablissementDemandeLecture")
        code = _csd(demand, "id_etablissement").get("code", "")
        return EstablishmentReading(finess_of(code), _filters(demand))
    unit = function.find(OF_UNIT)
    if unit is not None:
        return UnitReading(_csd(unit, "organisationID").get("code", "").strip())
    raise Unforeseen("function")


def spelt(body: Element, dialect: Dialect) -> bool:
    """Whether the reading of an establishment is written as the solution itself writes; others always are."""
    demand = body.find(f"{{{CSD}}}function/{OF_ESTABLISHMENT}/{{{CSD}}}etablissementDemandeLecture")
    if demand is None:
        return True
    identifier = _csd(demand, "id_etablissement")
    digit, authority = STRUCTURES[dialect.structures]
    restricted = (demand.findtext(f"{{{CSD}}}restrictedOrganisation") or "").strip()
    return (
        len(identifier.get("code", "")) == BARE_FINESS + len(digit)
        and identifier.get("assigningAuthorityName") == authority
        and (restricted in {"true", "false"}) is dialect.boolean_words
    )


def read_notification(body: Element) -> Notification:
    """A notification request; its date is mandatory."""
    params = _csd(body, "params")
    return Notification(
        since=instant(params.findtext(f"{{{CSD}}}dateRef")),
        fields=_codes(params, "typeActivity"),
        publics=_codes(params, "supportedPatient"),
    )
