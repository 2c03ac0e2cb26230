"""Elementary units: a planned offer becomes an offer with its place, contacts, capacity and equipment."""

from dataclasses import dataclass, replace
from datetime import time, timedelta
from random import Random

from conformance.reference.content import templates
from conformance.reference.content.capacity import Count
from conformance.reference.content.codes import code, codes
from conformance.reference.content.people import LAND_LINE, Directory
from conformance.reference.content.plan import Planned
from conformance.reference.content.rhythm import Lives
from conformance.reference.content.source import Row
from conformance.reference.content.templates import Template
from conformance.reference.dataset import (
    Addition,
    Coded,
    Dwellings,
    Equipment,
    Hours,
    Limit,
    Measure,
    Offer,
    Place,
    Zone,
)

# tables of the regions, not of the NOS: their codes mean nothing elsewhere
REGIONAL_TABLE = "1.2.250.1.213.99.99.{region}.1"
BARIATRIC = {"052": ("002", 70, "cm"), "085": ("002", 80, "cm"), "072": ("001", 300, "kg"), "088": ("001", 250, "kg")}
COMMENT = "Commentaire de saisie fictif"
CLOSING_DAYS = 120
MATERNITY_TYPES = ("01", "02", "03", "04")


@dataclass(frozen=True, slots=True)
class Site:
    """What the objects of one establishment share while they are being made."""

    row: Row
    dice: Random
    lives: Lives
    directory: Directory


def regional_code(region: str, value: str, label: str) -> Coded:
    """A code of a table that only the region knows."""
    return Coded(REGIONAL_TABLE.format(region=int(region)), value, label)


def _equipment(site: Site, sort: Template, local: str) -> tuple[Equipment, ...]:
    made = []
    for index, kind in enumerate(sort.equipment, start=1):
        limit = BARIATRIC.get(kind)
        made.append(
            Equipment(
                key=f"{local}-E{index}",
                kind=code("R212", kind),
                record=site.lives.record(f"{local}-E{index}"),
                count=1 + site.dice.randrange(6),
                limits=(Limit(code("R340", limit[0]), Measure(limit[1], limit[2])),) if limit else (),
            )
        )
    return tuple(made)


def _dwellings(site: Site, planned: Planned, local: str) -> tuple[Dwellings, ...]:
    """Rooms of a medico-social house: four in five are single."""
    if planned.template.field != templates.MS or planned.template.nature != templates.BED or not planned.size:
        return ()
    single = planned.size * 4 // 5
    rooms = (("02", single), ("01", (planned.size - single) // 2))
    return tuple(
        Dwellings(code("R242", kind), number, site.lives.record(f"{local}-H{kind}")) for kind, number in rooms if number
    )


def _place(site: Site, planned: Planned, local: str) -> Place:
    row, sort = site.row, planned.template
    count = Count(site.dice, site.lives, sort.nature or templates.BED, local)
    acute = sort.field == templates.MCO and not row.fictitious
    counted = sort.nature is not None and planned.size is not None
    return Place(
        key=f"{row.region}/L-{local}",
        name=f"{sort.name} - {row.name}"[:100],
        status=code("R203", "3"),
        function=code("R343", "001"),
        address=row.address,
        record=site.lives.touched(f"L-{local}", count.counted) if counted else site.lives.record(f"L-{local}"),
        position=row.position,
        telecoms=(site.directory.telecom(LAND_LINE, 1, f"{local}-LT1"),) if site.dice.random() < 0.4 else (),
        equipment=_equipment(site, sort, local),
        dwellings=_dwellings(site, planned, local),
        capacity=count.groups(planned.size or 0, acute=acute) if counted else (),
    )


def _second_place(site: Site, sort: Template, local: str) -> tuple[Place, ...]:
    """Some consultations are also held elsewhere in the same commune; no bed is counted twice."""
    if sort.mode != templates.CONSULTATION or site.dice.random() >= 0.25:
        return ()
    key = f"{local}-2"
    return (
        Place(
            key=f"{site.row.region}/L-{key}",
            name=f"{sort.name} - antenne",
            status=code("R203", site.dice.choice(("2", "3"))),
            function=code("R343", "001"),
            address=site.row.address,
            record=site.lives.record(f"L-{key}"),
            description="Antenne fictive",
        ),
    )


def zones(site: Site, key: str) -> tuple[Zone, ...]:
    """The department, and the commune of the establishment."""
    row = site.row
    return (
        Zone(code("R201", "2"), code("G09", row.department), site.lives.record(f"{key}-Z1")),
        Zone(code("R201", "3"), Coded("R13", row.address.insee, row.address.city), site.lives.record(f"{key}-Z2")),
    )


def _hours(site: Site, sort: Template, local: str) -> tuple[Hours, ...]:
    if sort.hours is None:
        return ()
    since = site.lives.day()
    slot = Hours(
        days=(1, 2, 3, 4, 5) if sort.hours == "day" else (2,),
        since=since,
        begin=time(8, 30) if sort.hours == "day" else time(17, 0),
        end=time(17, 30) if sort.hours == "day" else time(19, 0),
        kind=code("R252", "02"),
        record=site.lives.record(f"{local}-O1"),
    )
    if site.dice.random() >= 0.3:
        return (slot,)
    closing = Hours(
        days=(),
        since=since + timedelta(days=9000),
        until=since + timedelta(days=9014),
        kind=code("R252", "08"),
        record=site.lives.record(f"{local}-O2"),
    )
    return (slot, closing)


def _sector(site: Site, sort: Template) -> tuple[str, ...]:
    """A psychiatric sector, `33G05`: department, G (adults) or I (children), two digits."""
    if sort.sector is None:
        return ()
    return (f"{site.row.department}{sort.sector}{1 + site.dice.randrange(24):02d}",)


def _additions(site: Site) -> tuple[Addition, ...]:
    """One offer in five carries something of the region's own."""
    if site.dice.random() >= 0.2:
        return ()
    return (Addition("referenceRegionale", f"R{site.row.region}-{site.dice.randrange(100000):05d}"),)


def _optional(table: str, value: str | None) -> Coded | None:
    return code(table, value) if value is not None else None


def _specialisations(site: Site, sort: Template) -> tuple[Coded, ...]:
    """Those of the template; one offer in ten also has one of the region's own table."""
    own = codes("R245", *sort.specialisations)
    if site.dice.random() >= 0.1:
        return own
    return (*own, regional_code(site.row.region, f"S{site.dice.randrange(90):02d}", "Filière régionale"))


def _closed(site: Site, made: Offer) -> Offer:
    """One offer in twenty-five is closed for a while."""
    if site.dice.random() >= 0.04:
        return made
    day = site.lives.recently().date()
    return replace(made, closing=day, closing_reason=code("R286", "PRO"), reopening=day + timedelta(days=CLOSING_DAYS))


def _with_resources(site: Site, sort: Template, made: Offer) -> Offer:
    """The offer with what its template says of people, acts and ways to receive."""
    labelled = sort.expertise if site.dice.random() < 0.5 else None
    return replace(
        made,
        home_modes=codes("R338", *sort.home_modes),
        publics=codes("R239", *sort.publics),
        reception=_optional("R240", sort.reception),
        specialisations=_specialisations(site, sort),
        facility_type=_optional("R244", sort.facility_type),
        annual_opening=_optional("R238", sort.annual),
        resource_professions=codes("R356", *sort.professions),
        professions=codes("G15", *sort.health_professions),
        specialities=codes("R38", *sort.specialities),
        skills=codes("R243", *sort.skills),
        expertise=_optional("R344", labelled),
        maternity=code("R253", site.dice.choice(MATERNITY_TYPES)) if sort.maternity else None,
        acts=codes("R210", *sort.acts),
        acts_outside=codes("R210", *sort.outside_acts),
        management=codes("R236", *sort.management),
        care_without_consent=True if sort.without_consent else None,
    )


def offer(site: Site, planned: Planned, serial: int, parent: str | None) -> Offer:
    """One elementary unit."""
    row, sort, dice, directory = site.row, planned.template, site.dice, site.directory
    local = f"UE-{row.finess}-{serial:02d}"
    places = (_place(site, planned, local), *_second_place(site, sort, local))
    record = site.lives.record(local, comment=COMMENT if dice.random() < 0.15 else None)
    made = Offer(
        identifier=f"{row.region}/{local}",
        name=f"{sort.name} - {row.name}"[:120],
        establishment=row.finess,
        region=row.region,
        # beds counted again are a change of the offer (RG_EXP_024)
        record=replace(record, updated=max(record.updated, *(place.record.updated for place in places))),
        opened=site.lives.day(),
        field=code("R227", sort.field),
        care_mode=code("R213", sort.mode),
        activities=codes("R211", *sort.activities),
        families=codes("R266", *sort.families),
        places=places,
        age_min=Measure(sort.ages[0], "a"),
        age_max=Measure(sort.ages[1], "a"),
        sensitive=sort.sensitive,
        parent=parent,
        zones=zones(site, local) if sort.zoned else (),
        psychiatric_sectors=_sector(site, sort),
        hours=_hours(site, sort, local),
        contacts=directory.of_offer(local, sensitive=sort.sensitive),
        mailboxes=(directory.mailbox(local),) if dice.random() < 0.5 else (),
        additions=_additions(site),
    )
    return _closed(site, _with_resources(site, sort, made))
