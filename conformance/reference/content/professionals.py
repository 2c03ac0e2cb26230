"""Fictional professionals of the offers that show them: city practices, consultations, small health centres."""

from datetime import time

from conformance.reference.content.codes import code, codes
from conformance.reference.content.offers import Site
from conformance.reference.content.people import FORENAMES, LAND_LINE, surname
from conformance.reference.content.rhythm import chance
from conformance.reference.content.templates import CITY, Template
from conformance.reference.dataset import Hours, KnowHow, Offer, Professional

DOCTOR = "10"
# idNat_PS of type 8 (RPPS): real numbers begin with 10, these with 99
FICTIONAL_RPPS = "899{serial:09d}"


def _know_how(site: Site, sort: Template, profession: str, key: str) -> tuple[KnowHow, ...]:
    """The specialities of the offer for a doctor; some also have a capacity, or a skill of their own."""
    if profession != DOCTOR:
        return ()
    made = [
        KnowHow(code("R04", "S"), code("R38", speciality), f"{key}-S", site.lives.record(f"{key}-S"))
        for speciality in sort.specialities
    ]
    if site.dice.random() < 0.3:
        capacity = code("R43", site.dice.choice(("CAPA02", "CAPA03")))
        made.append(KnowHow(code("R04", "CAPA"), capacity, f"{key}-C", site.lives.record(f"{key}-C")))
    return tuple(made)


def _professional(site: Site, sort: Template, offer: Offer, serial: int) -> Professional:
    dice = site.dice
    profession = sort.health_professions[0]
    key = f"PS-{offer.identifier.split('/')[1]}-{serial}"
    number = chance(0, key).randrange(10**9)
    city = sort.field == CITY
    slot = Hours(
        days=(1, 2, 4),
        since=offer.opened,
        begin=time(9, 0),
        end=time(12, 0),
        kind=code("R252", "07"),
        record=site.lives.record(f"{key}-O"),
    )
    return Professional(
        identifier=FICTIONAL_RPPS.format(serial=number),
        profession=code("G15", profession),
        name=surname(dice),
        forename=dice.choice(FORENAMES),
        title=code("R11", "DR") if profession == DOCTOR else None,
        civility=code("R81", dice.choice(("M", "MME"))),
        know_how=_know_how(site, sort, profession, key),
        mode=code("R23", "L" if city else "S"),
        offer=offer.identifier,
        establishment=offer.establishment,
        record=site.lives.record(key),
        situation_key=f"{offer.region}/SO-{key}",
        telecoms=(site.directory.telecom(LAND_LINE, 1, f"{key}-T1"),),
        skills=codes("R243", "01") if dice.random() < 0.2 else (),
        hours=(slot,),
        sector=code("R282", dice.choice(("c1", "c3"))) if city else None,
        access_contract=dice.random() < 0.5 if city else None,
        vitale=True if city else None,
        home_visit=dice.random() < 0.5 if city else None,
        mailbox=site.directory.mailbox(key) if dice.random() < 0.5 else None,
    )


def professionals(site: Site, sort: Template, offer: Offer) -> tuple[Professional, ...]:
    """As many as the template says."""
    return tuple(_professional(site, sort, offer, serial) for serial in range(1, sort.staff + 1))
