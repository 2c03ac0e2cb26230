"""Which member is asked, at which source, with what pushed down and what filtered after; and why others are not.

For each member in turn: may it hold an answer (target, territory, identifiers), is it served, has the caller the right,
then which source: national once cut over, live when its solution can answer, the replica otherwise. The plan sends
nothing and reads no clock: what the replica knows is handed in as `Facts`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from adapters.contract import Capabilities
from gateway.federation.criteria import present
from gateway.federation.exchange import FEDERATION, Exchange, Reason, Source
from gateway.federation.sight import Sight
from gateway.federation.territory import region_of_structure, region_of_unit, regions_of_territory
from mappings.csd.version import Version
from mappings.exposition.demandes import (
    Demande,
    LectureEtablissement,
    LectureOrganisationInterne,
    Recherche,
    Transaction,
    TypeObjet,
)
from whitelist.document import FederationMember, MemberState, MemberStatus
from whitelist.entitlement import Norme

OF_2016 = Norme.CSD_1_6
"""The standard in which a search of 2016 is answered; at the other addresses of that standard nothing is searched."""

_NOTHING = Capabilities(transactions=frozenset())

# Criteria on what the data of a source never say: contract 3.0 and FHIR have no ordinal specialities of a unit.
_UNSAID_SINCE_3_0 = frozenset({"specialites"})
_SAID_BEFORE = frozenset({"1.5", "1.6", "2.4"})


class Facts(msgspec.Struct, frozen=True):
    """What is known besides the question: the age in seconds of each member's copy, for members wholly copied; and
    which members the replica found to own the keys of the question.
    """

    ages: dict[str, float] = {}
    owners: frozenset[str] = frozenset()


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What is done with one member: a source, or a reason not to ask; or nothing when no match may be told (`barren`).

    `pushed` are the criteria its own search applies, `filtered` those applied after; `fallback` says that its copy may
    stand in when the live answer fails, if it is young enough for the caller; `alone` that its copy says nothing of a
    criterion that the live search applies, and never stands in.
    """

    member: str
    source: Source | None = None
    reason: Reason | None = None
    pushed: frozenset[str] = frozenset()
    filtered: frozenset[str] = frozenset()
    fallback: bool = False
    alone: bool = False
    barren: bool = False


def plan(
    exchange: Exchange,
    members: Sequence[FederationMember],
    capabilities: Mapping[str, Capabilities],
    permitted: Callable[[str], bool],
    facts: Facts,
    *,
    sight: Sight,
) -> tuple[Step, ...]:
    """One step for every member of the federation, in the order of their codes."""
    candidates = _candidates(exchange, members, facts)
    ordered = sorted(members, key=lambda member: member.code)
    return tuple(
        _step(exchange, member, visible(capabilities.get(member.code, _NOTHING), exchange.demande, sight), facts, sight)
        if (reason := _excluded(member, candidates, permitted)) is None
        else Step(member=member.code, reason=reason)
        for member in ordered
    )


def _excluded(member: FederationMember, candidates: frozenset[str], permitted: Callable[[str], bool]) -> Reason | None:
    if member.code not in candidates:
        return Reason.TERRITORY
    if member.status is not MemberStatus.ACTIVE:
        return Reason.MAINTENANCE
    return None if permitted(member.code) else Reason.RIGHT


# who may hold an answer


def _candidates(exchange: Exchange, members: Sequence[FederationMember], facts: Facts) -> frozenset[str]:
    """The members that may hold an answer."""
    demande = exchange.demande
    everyone = frozenset(member.code for member in members)
    targeted = everyone if exchange.target == FEDERATION else frozenset({exchange.target})
    if isinstance(demande, Recherche):
        return targeted & _searched(demande, members, facts)
    if isinstance(demande, LectureEtablissement | LectureOrganisationInterne) and exchange.target == FEDERATION:
        # a member may hold establishments beyond its borders: who names the member gets its answer
        return _holders([demande.identifiant], members, facts, seat_only=False)
    return targeted


def _searched(recherche: Recherche, members: Sequence[FederationMember], facts: Facts) -> frozenset[str]:
    found = frozenset(member.code for member in members)
    if recherche.regions:
        found &= _of_regions(recherche.regions, members)
    told = [regions_of_territory(territoire) for territoire in recherche.territoires]
    if told and None not in told:
        found &= _of_regions((region for regions in told if regions for region in regions), members)
    for keys in (recherche.cles, recherche.offres, recherche.organisations):
        if keys:
            found &= _holders(keys, members, facts, seat_only=True)
    return found


def _of_regions(regions: Iterable[str], members: Sequence[FederationMember]) -> frozenset[str]:
    wanted = frozenset(regions)
    return frozenset(member.code for member in members if not wanted.isdisjoint(member.regions))


def _holders(
    keys: Iterable[str], members: Sequence[FederationMember], facts: Facts, *, seat_only: bool
) -> frozenset[str]:
    """The members that may hold one of those keys.

    An identifier tells its region, or not at all; the replica then says who owns it, and members without a copy stay
    candidates. `seat_only` says that a structure may be a legal entity: its number tells where its seat is, while its
    sites may be anywhere.
    """
    everyone = frozenset(member.code for member in members)
    unknown = everyone - frozenset(facts.ages)
    found: frozenset[str] = frozenset()
    for key in keys:
        # a situation is a professional, a slash and the offer, whose identifier tells the region
        unit = region_of_unit(key) or region_of_unit(key.partition("/")[2])
        structure = region_of_structure(key)
        if unit is not None:
            found |= _of_regions([unit], members) or everyone
        elif structure is not None:
            told = _of_regions([structure], members) or everyone
            found |= told | facts.owners | (unknown if seat_only else frozenset())
        else:
            found |= (facts.owners | unknown) if facts.owners else everyone
    return found


def keys_to_locate(demande: Demande) -> tuple[str, ...]:
    """The keys of a question whose owners the replica should be asked for."""
    if isinstance(demande, LectureEtablissement | LectureOrganisationInterne):
        return (demande.identifiant,)
    return (*demande.cles, *demande.offres, *demande.organisations) if isinstance(demande, Recherche) else ()


# which source


def visible(abilities: Capabilities, demande: Demande, sight: Sight) -> Capabilities:
    """Those of the abilities of a source that may be used for a caller: its search may match on what it hides."""
    if not isinstance(demande, Recherche):
        return abilities
    return msgspec.structs.replace(abilities, criteria=abilities.criteria - sight.partly_hidden(demande))


def _step(exchange: Exchange, member: FederationMember, abilities: Capabilities, facts: Facts, sight: Sight) -> Step:
    if isinstance(exchange.demande, Recherche) and sight.hides(exchange.demande):
        return Step(member=member.code, barren=True)
    demanded = exchange.requirements.source
    if member.state is MemberState.NATIONAL:
        return _national(exchange, member, abilities)
    if member.contract == Version.V2016 and sight.norme is not OF_2016:
        # What such a base says of a unit is too little for any other interface (RG_EXP_002).
        return _unanswerable(member)
    live = _able(member, _live(exchange.demande, member, abilities) if demanded in {None, Source.LIVE} else None)
    copy = _able(member, _copy(exchange, member, facts) if demanded in {None, Source.REPLICA} else None)
    if live is not None and (_narrows(live, exchange.demande) or (copy is None and demanded is None)):
        return msgspec.structs.replace(
            live, fallback=copy is not None and exchange.requirements.maximum_age is not None
        )
    if copy is None and Transaction.NOTIFICATION not in abilities.transactions:
        # Its solution tells nothing of what changed: no copy of it can be kept.
        return _unanswerable(member)
    return copy or _without_copy(exchange, member, facts)


def _able(member: FederationMember, step: Step | None) -> Step | None:
    """A step, unless its filter would judge by what the data never say: no match would then be no answer."""
    unsaid = frozenset() if member.contract in _SAID_BEFORE else _UNSAID_SINCE_3_0
    if step is None or not unsaid.isdisjoint(step.filtered):
        return None
    return msgspec.structs.replace(step, alone=not unsaid.isdisjoint(step.pushed))


def _without_copy(exchange: Exchange, member: FederationMember, facts: Facts) -> Step:
    """The replica is asked all the same for a member it has no whole copy of: it knows why, and tells it."""
    if member.code in facts.ages or exchange.requirements.source not in {None, Source.REPLICA}:
        return _unanswerable(member)
    _, filtered = _criteria(exchange.demande, member, _NOTHING)
    return _able(member, Step(member=member.code, source=Source.REPLICA, filtered=filtered)) or _unanswerable(member)


def _unanswerable(member: FederationMember) -> Step:
    return Step(member=member.code, reason=Reason.CRITERIA)


def _national(exchange: Exchange, member: FederationMember, abilities: Capabilities) -> Step:
    """A member cut over has one source; a caller that demands another one learns why it is not asked."""
    if exchange.requirements.source in {Source.LIVE, Source.REPLICA}:
        return Step(member=member.code, reason=Reason.CUTOVER)
    if exchange.demande.transaction not in abilities.transactions:
        return _unanswerable(member)
    pushed, filtered = _criteria(exchange.demande, member, abilities)
    if not _UNSAID_SINCE_3_0.isdisjoint(filtered):
        return _unanswerable(member)
    return Step(member=member.code, source=Source.NATIONAL, pushed=pushed, filtered=filtered)


def _live(demande: Demande, member: FederationMember, abilities: Capabilities) -> Step | None:
    """Asking the member itself; None when its solution does not offer the transaction (it only searches offers)."""
    if demande.transaction not in abilities.transactions:
        return None
    if isinstance(demande, Recherche) and demande.objet is not TypeObjet.OFFRE:
        return None
    pushed, filtered = _criteria(demande, member, abilities)
    return Step(member=member.code, source=Source.LIVE, pushed=pushed, filtered=filtered)


def _copy(exchange: Exchange, member: FederationMember, facts: Facts) -> Step | None:
    """Asking the replica; None without a whole copy, or when it is older than the caller accepts."""
    age, maximum = facts.ages.get(member.code), exchange.requirements.maximum_age
    if age is None or (maximum is not None and age > maximum):
        return None
    _, filtered = _criteria(exchange.demande, member, _NOTHING)
    return Step(member=member.code, source=Source.REPLICA, filtered=filtered)


def _criteria(
    demande: Demande, member: FederationMember, abilities: Capabilities
) -> tuple[frozenset[str], frozenset[str]]:
    """What the source applies, and what is applied after it."""
    if not isinstance(demande, Recherche):
        return frozenset(), frozenset()
    named = present(demande)
    if frozenset(member.regions) <= frozenset(demande.regions):
        named -= {"regions"}
    pushed = named & abilities.criteria
    if any(_crosses(demande, member)):
        pushed -= {"territoires"}
    return pushed, named - pushed


def _crosses(demande: Recherche, member: FederationMember) -> Iterable[bool]:
    """A radius around a commune of another region means nothing to the search of this one."""
    for territoire in demande.territoires:
        if territoire.rayon_km:
            here = regions_of_territory(msgspec.structs.replace(territoire, rayon_km=None))
            yield here is None or here.isdisjoint(member.regions)


def _narrows(step: Step, demande: Demande) -> bool:
    """Whether the source applies a criterion at all: a search that pushes none would sweep the whole base."""
    return bool(step.pushed) or not isinstance(demande, Recherche)
