"""Legal entities, establishments and the internal organisation of hospitals."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from conformance.reference.content.codes import code, codes
from conformance.reference.content.offers import Site
from conformance.reference.content.people import Directory
from conformance.reference.content.plan import Planned
from conformance.reference.content.rhythm import Lives, chance, last_change
from conformance.reference.content.source import Row
from conformance.reference.dataset import (
    Addition,
    Coded,
    Establishment,
    InternalUnit,
    LegalEntity,
    Measure,
    Offer,
    Price,
    Record,
    Zone,
)

FIELD_NAMES = {"01": "MCO", "02": "SMR", "03": "psychiatrie", "04": "médico-social", "05": "ville"}
PUBLIC_STATUSES = frozenset({"10", "11", "12", "13", "14", "15", "16"})
NON_PROFIT_STATUSES = frozenset({"40", "41", "42", "43", "47", "60", "61", "62", "63", "64", "65"})
DAYS_IN_A_MONTH = Decimal("30.42")
CENT = Decimal("0.01")
UNKNOWN_STATUS = "65"
TERRITORY_OF_DEPARTMENT = {"13": "933", "69": "841", "976": "061"}


def legal_entity(row: Row, seed: int, reference: date) -> LegalEntity:
    """The EJ of an establishment: the same whichever establishment one comes from, and whichever member tells it."""
    finess = row.legal_entity
    dice = chance(seed, finess, "legal entity")
    lives = Lives(dice, last_change(seed, finess, reference))
    directory = Directory(dice, lives, row.region, finess)
    fictitious = finess[2:4] == "99" or finess.startswith("979")
    name = "GROUPE FICTIF DE REFERENCE" if fictitious else f"ENTITE JURIDIQUE {finess}"
    status = row.status or UNKNOWN_STATUS
    aggregate = "1200" if status in PUBLIC_STATUSES else "2100" if status in NON_PROFIT_STATUSES else "2200"
    return LegalEntity(
        finess=finess,
        name=name,
        record=lives.newest(finess),
        status=code("R72", status),
        aggregate=code("R69", aggregate),
        contacts=(directory.desk("10", 2, (("2", 2), ("3", 2)), f"EJ-{finess}-C1"),) if fictitious else (),
        fictitious=fictitious,
    )


def _category(row: Row) -> Coded:
    table = "R02" if row.category.startswith("SA") else "R66"
    return code(table, row.category)


def _sph(row: Row) -> Coded | None:
    if row.kind != "hospital":
        return None
    if row.status in PUBLIC_STATUSES:
        return code("R73", "1")
    return code("R73", "6" if row.status in NON_PROFIT_STATUSES else "0")


def _daily(monthly: Decimal) -> Decimal:
    return (monthly / DAYS_IN_A_MONTH).quantize(CENT)


def _prices(site: Site) -> tuple[Price, ...]:
    """Accommodation, single-room surcharge, dependency, extra services: from the figures of a real EHPAD, per day."""
    figures = site.row.prices
    if figures is None:
        return ()
    per_day, since = code("R228", "2"), date(2026, 1, 1)

    def record(name: str) -> Record:
        return site.lives.record(f"TARIF-{site.row.finess}-{name}")

    housing = Price(
        code("R246", "02"), per_day, _daily(figures.double_room or figures.single_room), since,
        "basePackageAccomodation", record("H"), included=codes("R264", "01", "08"),
        included_text=("Goûter servi aux visiteurs",), dwelling=code("R242", "01"),
        condition=code("R250", "01"), reception=code("R240", "02"),
    )  # fmt: skip
    surcharge = Price(
        code("R246", "01"), per_day, Decimal("6.50"), since, "surchargePriceResidential", record("S"),
        dwelling=code("R242", "02"),
    )  # fmt: skip
    dependency = tuple(
        Price(
            code("R246", "03"), per_day, _daily(amount), since, "dependencyPrice", record(f"D{level}"),
            dependency=code("R237", level), reception=code("R240", "02"),
        )
        for level, amount in figures.dependency
    )  # fmt: skip
    extra = Price(
        code("R246", "04"), code("R228", "4"), Decimal("22.00"), since, "surchargePrice", record("P"),
        service_name="Coupe et coiffage", service=code("R264", "09"),
    )  # fmt: skip
    day_care = Price(
        code("R246", "05"), per_day, Decimal("34.80"), since, "homeDay", record("J"), condition=code("R250", "01")
    )
    return (housing, surcharge, *dependency, extra, day_care)


def _territory(site: Site) -> tuple[Zone, ...]:
    """The health territory (RG_EXP_030) of the departments that are one by themselves."""
    found = TERRITORY_OF_DEPARTMENT.get(site.row.department)
    if found is None:
        return ()
    return (Zone(code("R201", "4"), code("R88", found), site.lives.record(f"TS-{site.row.finess}")),)


def establishment(site: Site, planned: Sequence[Planned]) -> Establishment:
    """The EG."""
    row, dice = site.row, site.dice
    acute = row.capacity.emergency
    without_consent = any(entry.template.without_consent for entry in planned)
    house = row.kind in {"ehpad", "mas"}
    comment = "Etablissement fictif de référence" if row.fictitious else None
    return Establishment(
        finess=row.finess,
        legal_entity=row.legal_entity,
        name=row.name,
        category=_category(row),
        region=row.region,
        department=row.department,
        address=row.address,
        record=site.lives.newest(row.finess, comment=comment if dice.random() < 0.5 else None),
        opened=site.lives.day(),
        siret=row.siret,
        sph=_sph(row),
        use_name=row.name.title() if dice.random() < 0.3 else None,
        position=row.position,
        contacts=site.directory.of_establishment(row.telephone),
        territories=_territory(site),
        prices=_prices(site),
        drop_zone=dice.random() < 0.5 if acute else None,
        orsan=code("R284", "1" if row.category == "101" else "4") if acute else None,
        care_without_consent=True if without_consent else None,
        financial_help=codes("R241", "01", "02") if house else (),
        family_lodging=True if row.category == "101" and dice.random() < 0.4 else None,
        social_help_temporary=2 if row.kind == "ehpad" else None,
        social_help_permanent=12 if row.kind == "ehpad" else None,
        accessibility=code("R202", dice.choice(("1", "3", "5"))),
        comment=comment,
        fictitious=row.fictitious,
        additions=(Addition("labelRegional", f"LR{row.region}-{dice.randrange(90):02d}"),)
        if dice.random() < 0.2
        else (),
    )


def tree(planned: Sequence[Planned], row: Row) -> list[tuple[tuple[int, str], ...]]:
    """For each planned offer, its chain (level, local identifier) from the pole down; empty outside hospitals.

    One pole per field, one service per pair of offers, a functional unit under the first offer of each service.
    """
    if row.kind != "hospital" or len(planned) < 3:
        return [()] * len(planned)
    seen: dict[str, int] = {}
    chains = []
    for entry in planned:
        field = entry.template.field
        place = seen.get(field, 0)
        seen[field] = place + 1
        chain = [(1, f"P-{row.finess}-{field}"), (2, f"S-{row.finess}-{field}{place // 2 + 1:02d}")]
        if entry.template.sensitive:
            # a level made of sensitive offers only would betray them: they hang on the pole
            chain = chain[:1]
        elif place % 2 == 0:
            chain.append((3, f"UF-{row.finess}-{field}{place // 2 + 1:02d}"))
        chains.append(tuple(chain))
    return chains


def _distinct(values: Sequence[Coded]) -> tuple[Coded, ...]:
    return tuple(dict.fromkeys(values))


def _unit(site: Site, level: int, local: str, parent: str | None, below: Sequence[Offer]) -> InternalUnit:
    """One level; it does not tell what its sensitive offers do."""
    shown = [offer for offer in below if not offer.sensitive] or below
    kind = {1: "Pôle", 2: "Service", 3: "Unité fonctionnelle"}[level]
    field = FIELD_NAMES[below[0].field.code]
    name = f"{kind} {field}" if level == 1 else f"{kind} {below[0].name.split(' - ')[0].lower()}"
    function = {1: "11", 2: "10", 3: "22"}[level]
    return InternalUnit(
        identifier=f"{site.row.region}/{local}",
        level=level,
        name=name,
        establishment=site.row.finess,
        record=site.lives.record(local),
        opened=site.lives.day(),
        parent=parent,
        fields=_distinct([offer.field for offer in below]),
        activities=_distinct([activity for offer in shown for activity in offer.activities]),
        publics=_distinct([public for offer in below for public in offer.publics]),
        age_min=Measure(min(offer.age_min.value for offer in below), "a"),
        age_max=Measure(max(offer.age_max.value for offer in below), "a"),
        contacts=(site.directory.person(function, 2, (("2", 2),), f"{local}-C1"),) if level < 3 else (),
        mailboxes=(site.directory.mailbox(local),) if level == 2 and site.dice.random() < 0.5 else (),
    )


def internal_units(
    site: Site, chains: Sequence[tuple[tuple[int, str], ...]], offers: Sequence[Offer]
) -> tuple[InternalUnit, ...]:
    """Every level above the offers, parents before children."""
    below: dict[tuple[int, str], list[Offer]] = {}
    parents: dict[str, str] = {}
    for chain, offer in zip(chains, offers, strict=True):
        for place, (level, local) in enumerate(chain):
            below.setdefault((level, local), []).append(offer)
            if place:
                parents[local] = f"{site.row.region}/{chain[place - 1][1]}"
    ordered = sorted(below, key=lambda unit: unit[0])
    return tuple(_unit(site, level, local, parents.get(local), below[level, local]) for level, local in ordered)
