"""A search as SQL conditions on the index tables: what `gateway.federation.criteria` says, criterion by criterion.

Only a radius is wider here than there, a box around its circle: `exact` says so, and the objects are then judged again.
"""

import math
from collections.abc import Callable, Sequence
from decimal import Decimal

from sqlalchemy import ColumnElement, Exists, Table, and_, exists, false, func, literal, or_, true

from gateway.federation.codes import CODES
from gateway.federation.criteria import Centres, plain, present, radius_communes
from gateway.federation.sight import Sight
from gateway.replica.index import POSTAL_CODES, instant, number
from gateway.replica.tables import offer, offer_code, offer_owner, offer_place
from mappings.csd.ages import BOUNDS
from mappings.exposition.demandes import Recherche, Territoire, TypeTerritoire
from mappings.exposition.values import Code
from whitelist import entitlement
from whitelist.entitlement import Element, facts

Condition = ColumnElement[bool]

_KM_PER_DEGREE = 111.0
_LAST = "\U0010ffff"


def exact(recherche: Recherche) -> bool:
    """Whether the conditions alone decide."""
    return not any(True for _ in radius_communes(recherche))


def conditions(recherche: Recherche, centres: Centres, sight: Sight) -> list[Condition]:
    """The conditions on `offer` of every criterion named, as far as the caller may see what they are judged on."""
    return [
        seen(sight.of(Element.UNIT)),
        *(_criterion(criterion, recherche, centres, sight) for criterion in sorted(present(recherche))),
    ]


def seen(condition: entitlement.Condition) -> Condition:
    """The offers on which a condition of entitlement holds: what `whitelist.entitlement.facts` says of a unit."""
    return _SEEN[condition]()


def _criterion(criterion: str, recherche: Recherche, centres: Centres, sight: Sight) -> Condition:
    if criterion in CODES:
        codes = getattr(recherche, criterion)
        return or_(*(and_(coded(group.name, codes), seen(sight.of(group.element))) for group in CODES[criterion]))
    if criterion == "territoires":
        return _located(recherche.territoires, centres)
    return _PLAIN[criterion](recherche)


def _of_offer(wanted: Condition, table: Table) -> Exists:
    return exists().where(table.c.member == offer.c.member, table.c.key == offer.c.key, wanted).correlate(offer)


def coded(group: str, codes: Sequence[Code]) -> Condition:
    """The offers that carry one of the codes in a group; a code without system is that code in any."""
    wanted = or_(
        *(
            and_(offer_code.c.code == code.code, offer_code.c.system == code.systeme)
            if code.systeme
            else offer_code.c.code == code.code
            for code in codes
        )
    )
    return _of_offer(and_(offer_code.c.criterion == group, wanted), offer_code)


def _of_field(*fields: str) -> Condition:
    return coded("champs_activite", [Code(system, field) for system in facts.FIELDS for field in fields])


_SEEN: dict[entitlement.Condition, Callable[[], Condition]] = {
    entitlement.Condition.ALWAYS: true,
    entitlement.Condition.NEVER: false,
    entitlement.Condition.MS: lambda: _of_field(facts.MEDICO_SOCIAL),
    entitlement.Condition.AMB: lambda: _of_field(facts.AMBULATORY),
    entitlement.Condition.MS_OR_AMB: lambda: _of_field(facts.MEDICO_SOCIAL, facts.AMBULATORY),
    entitlement.Condition.NOT_SENSITIVE: lambda: offer.c.sensitive == 0,
}
"""Those that the rows of `offer` decide; the others depend on a level or a status, which no criterion asks."""


def _posted(prefixes: Sequence[str]) -> Condition:
    """A range rather than a pattern: the index has an order."""
    begins = or_(*(and_(offer_code.c.code >= prefix, offer_code.c.code < prefix + _LAST) for prefix in prefixes))
    return _of_offer(and_(offer_code.c.criterion == POSTAL_CODES, begins), offer_code)


def _located(territoires: Sequence[Territoire], centres: Centres) -> Condition:
    return _of_offer(or_(*(_in_territory(territoire, centres) for territoire in territoires)), offer_place)


def _in_territory(territoire: Territoire, centres: Centres) -> Condition:
    match territoire.type:
        case TypeTerritoire.REGION:
            return offer_place.c.region == territoire.code
        case TypeTerritoire.DEPARTEMENT:
            return offer_place.c.department == territoire.code
    within = offer_place.c.commune == territoire.code
    if not territoire.rayon_km or territoire.code not in centres:
        return within
    return or_(within, _box(centres[territoire.code], float(territoire.rayon_km)))


def _box(centre: tuple[Decimal, Decimal], radius_km: float) -> Condition:
    latitude, longitude = float(centre[0]), float(centre[1])
    high = radius_km / _KM_PER_DEGREE
    # a degree of longitude shrinks toward the poles; the widest parallel of the box decides
    wide = radius_km / (_KM_PER_DEGREE * max(0.01, math.cos(math.radians(min(89.0, abs(latitude) + high)))))
    return and_(
        offer_place.c.latitude.between(latitude - high, latitude + high),
        offer_place.c.longitude.between(longitude - wide, longitude + wide),
    )


def _at_age(recherche: Recherche) -> Condition:
    wanted = number(recherche.age)
    return and_(
        or_(offer.c.age_min.is_(None), offer.c.age_min <= wanted),
        or_(offer.c.age_max.is_(None), offer.c.age_max >= wanted),
    )


def _of_age_classes(recherche: Recherche) -> Condition:
    return or_(*(_overlapping(*BOUNDS[code.code]) for code in recherche.classes_age))


def _overlapping(low: Decimal, high: Decimal) -> Condition:
    return and_(
        or_(offer.c.age_min.is_(None), offer.c.age_min < number(high)),
        or_(offer.c.age_max.is_(None), offer.c.age_max >= number(low)),
    )


_PLAIN: dict[str, Callable[[Recherche], Condition]] = {
    "cles": lambda recherche: offer.c.key.in_(recherche.cles),
    "offres": lambda recherche: offer.c.key.in_(recherche.offres),
    "regions": lambda recherche: offer.c.region.in_(recherche.regions),
    "organisations": lambda recherche: _of_offer(offer_owner.c.owner.in_(recherche.organisations), offer_owner),
    "age": _at_age,
    "classes_age": _of_age_classes,
    "nom_contient": lambda recherche: func.instr(offer.c.name, plain(recherche.nom_contient or "")) > 0,
    "nom_commence": lambda recherche: (
        func.instr(literal("\n") + offer.c.name, f"\n{plain(recherche.nom_commence or '')}") > 0
    ),
    "codes_postaux": lambda recherche: _posted(recherche.codes_postaux),
    "modifie_avant": lambda recherche: or_(
        offer.c.updated.is_(None), offer.c.updated < instant(recherche.modifie_avant)
    ),
    "modifie_depuis": lambda recherche: or_(
        offer.c.updated.is_(None), offer.c.updated >= instant(recherche.modifie_depuis)
    ),
}
