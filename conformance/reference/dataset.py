"""What a reference region knows: plain values, independent of any wire format and of the canonical model.

The words are those of the contract's sections 1 and 7. Instants are aware. `conformance.reference.content.content`
fills these classes; the CSD writer and the national FHIR server read them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

MEMBERS = ("01", "02", "03", "04", "11", "24", "27", "28", "32", "44", "52", "53", "75", "76", "84", "93", "94")
REGIONS_OF_MEMBER = {member: (member, "06") if member == "04" else (member,) for member in MEMBERS}


@dataclass(frozen=True, slots=True)
class Coded:
    """A code in its table: `system` is the short name of a NOS table (`R211`, `G15`, `R13`), or a dotted OID."""

    system: str
    code: str
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """The life of an object at its source (contract section 4, `record`)."""

    created: datetime
    updated: datetime
    key: str
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Addition:
    """Something the region says outside the model: an element without namespace, with its text."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Measure:
    """A whole number and its UCUM unit."""

    value: int
    unit: str


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address; `insee` is the COG code of the commune."""

    post_code: str
    city: str
    insee: str
    number: str | None = None
    street_type: str | None = None
    street: str | None = None
    complement: str | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """WGS84 coordinates, with the digits of the source."""

    latitude: Decimal
    longitude: Decimal


@dataclass(frozen=True, slots=True)
class Telecom:
    """One way to reach someone: `channel` of R200, `level` of R283 (1 free, 2 restricted, 3 very restricted)."""

    channel: Coded
    value: str
    level: int
    record: Record
    purpose: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """A person (name and function) or a desk (nature), never both (RG_EXP_040, RG_EXP_041)."""

    level: int
    telecoms: tuple[Telecom, ...]
    record: Record
    name: str | None = None
    function: Coded | None = None
    nature: Coded | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class SecureMailbox:
    """An MSS mailbox."""

    address: str
    record: Record


@dataclass(frozen=True, slots=True)
class Hours:
    """One slot: days counted from Monday = 1, `kind` of R252 (08 is a closing slot)."""

    days: tuple[int, ...]
    since: date
    record: Record
    begin: time | None = None
    end: time | None = None
    until: date | None = None
    kind: Coded | None = None


@dataclass(frozen=True, slots=True)
class Zone:
    """A territory: `kind` of R201, `division` of R30, G09, R13, R88 or R20."""

    kind: Coded
    division: Coded
    record: Record


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit of an equipment: `characteristic` of R340, and the value."""

    characteristic: Coded
    value: Measure


@dataclass(frozen=True, slots=True)
class Equipment:
    """A specific equipment; `kind` of R212."""

    key: str
    kind: Coded
    record: Record
    count: int | None = None
    limits: tuple[Limit, ...] = ()


@dataclass(frozen=True, slots=True)
class CapacityLine:
    """So many beds or places (`nature`, R329) in one `status` (R330) at one horizon (`temporality`, R331)."""

    nature: Coded
    status: Coded
    temporality: Coded
    number: int
    source: Coded
    counted: datetime
    record: Record
    gender: Coded | None = None
    closing: Coded | None = None
    extra_bed: Coded | None = None
    crisis: Coded | None = None


@dataclass(frozen=True, slots=True)
class CapacityGroup:
    """The capacity lines of one temporary assignment (R337)."""

    assignment: Coded
    lines: tuple[CapacityLine, ...]
    record: Record


@dataclass(frozen=True, slots=True)
class Dwellings:
    """Dwellings of one type (R242)."""

    kind: Coded
    number: int
    record: Record


@dataclass(frozen=True, slots=True)
class Place:
    """Where an offer is carried out, with its equipment and capacity. `key` is unique in the region."""

    key: str
    name: str
    status: Coded
    function: Coded
    address: Address
    record: Record
    description: str | None = None
    position: Position | None = None
    telecoms: tuple[Telecom, ...] = ()
    equipment: tuple[Equipment, ...] = ()
    dwellings: tuple[Dwellings, ...] = ()
    capacity: tuple[CapacityGroup, ...] = ()


@dataclass(frozen=True, slots=True)
class Price:
    """A price of an establishment; `shape` is the element of the contract's section 7.6 that carries the details."""

    kind: Coded
    unit: Coded
    amount: Decimal
    since: date
    shape: str
    record: Record
    under_60: bool = False
    included: tuple[Coded, ...] = ()
    included_text: tuple[str, ...] = ()
    dwelling: Coded | None = None
    condition: Coded | None = None
    reception: Coded | None = None
    dependency: Coded | None = None
    management: Coded | None = None
    service_name: str | None = None
    service: Coded | None = None


@dataclass(frozen=True, slots=True)
class LegalEntity:
    """An EJ. The real ones have no name in the source: `name` then quotes the FINESS number."""

    finess: str
    name: str
    record: Record
    status: Coded
    aggregate: Coded | None = None
    address: Address | None = None
    contacts: tuple[Contact, ...] = ()
    fictitious: bool = False


@dataclass(frozen=True, slots=True)
class Establishment:
    """An EG; `region` is the INSEE code of its region (06 inside member 04), `department` that of its department."""

    finess: str
    legal_entity: str
    name: str
    category: Coded
    region: str
    department: str
    address: Address
    record: Record
    opened: date
    siret: str | None = None
    sph: Coded | None = None
    use_name: str | None = None
    position: Position | None = None
    contacts: tuple[Contact, ...] = ()
    territories: tuple[Zone, ...] = ()
    prices: tuple[Price, ...] = ()
    drop_zone: bool | None = None
    orsan: Coded | None = None
    care_without_consent: bool | None = None
    financial_help: tuple[Coded, ...] = ()
    family_lodging: bool | None = None
    social_help_temporary: int | None = None
    social_help_permanent: int | None = None
    accessibility: Coded | None = None
    comment: str | None = None
    closed: date | None = None
    additions: tuple[Addition, ...] = ()
    fictitious: bool = False


@dataclass(frozen=True, slots=True)
class InternalUnit:
    """An internal organisation above the elementary unit: `level` 1 pole, 2 service, 3 functional unit.

    `parent` is the identifier of the internal organisation above, None under the EG. Fields, activities, publics and
    ages are those of what hangs below (RG_ALIM_006).
    """

    identifier: str
    level: int
    name: str
    establishment: str
    record: Record
    opened: date
    parent: str | None = None
    fields: tuple[Coded, ...] = ()
    activities: tuple[Coded, ...] = ()
    publics: tuple[Coded, ...] = ()
    age_min: Measure = Measure(0, "a")
    age_max: Measure = Measure(120, "a")
    contacts: tuple[Contact, ...] = ()
    mailboxes: tuple[SecureMailbox, ...] = ()
    additions: tuple[Addition, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """An elementary unit (UE, offre opérationnelle). `identifier` is `{region}/{local}`; `parent` as above."""

    identifier: str
    name: str
    establishment: str
    region: str
    record: Record
    opened: date
    field: Coded
    care_mode: Coded
    activities: tuple[Coded, ...]
    places: tuple[Place, ...]
    age_min: Measure
    age_max: Measure
    sensitive: bool
    parent: str | None = None
    families: tuple[Coded, ...] = ()
    home_modes: tuple[Coded, ...] = ()
    publics: tuple[Coded, ...] = ()
    reception: Coded | None = None
    specialisations: tuple[Coded, ...] = ()
    facility_type: Coded | None = None
    zones: tuple[Zone, ...] = ()
    annual_opening: Coded | None = None
    psychiatric_sectors: tuple[str, ...] = ()
    resource_professions: tuple[Coded, ...] = ()
    professions: tuple[Coded, ...] = ()
    specialities: tuple[Coded, ...] = ()
    skills: tuple[Coded, ...] = ()
    expertise: Coded | None = None
    maternity: Coded | None = None
    acts: tuple[Coded, ...] = ()
    acts_outside: tuple[Coded, ...] = ()
    management: tuple[Coded, ...] = ()
    hours: tuple[Hours, ...] = ()
    contacts: tuple[Contact, ...] = ()
    mailboxes: tuple[SecureMailbox, ...] = ()
    care_without_consent: bool | None = None
    closing: date | None = None
    closing_reason: Coded | None = None
    reopening: date | None = None
    additions: tuple[Addition, ...] = ()

    def lines(self) -> Iterator[CapacityLine]:
        """Every capacity line of every place."""
        for place in self.places:
            for group in place.capacity:
                yield from group.lines

    def count(self, nature: str, status: str) -> int | None:
        """Current beds (01) or places (02) in a status without crisis, None when no line says."""
        numbers = [
            line.number
            for line in self.lines()
            if (line.nature.code, line.status.code, line.temporality.code) == (nature, status, "01")
            and line.crisis is None
        ]
        return sum(numbers) if numbers else None


@dataclass(frozen=True, slots=True)
class KnowHow:
    """A know-how: its type (R04) and its value in the list of that type (R38, R39, R40, R43, G13…)."""

    kind: Coded
    value: Coded
    number: str
    record: Record


@dataclass(frozen=True, slots=True)
class Professional:
    """A fictional professional in one offer; `identifier` is an idNat_PS (with its type digit)."""

    identifier: str
    profession: Coded
    name: str
    forename: str
    title: Coded | None
    civility: Coded
    know_how: tuple[KnowHow, ...]
    mode: Coded
    offer: str
    establishment: str
    record: Record
    situation_key: str
    telecoms: tuple[Telecom, ...] = ()
    skills: tuple[Coded, ...] = ()
    hours: tuple[Hours, ...] = ()
    sector: Coded | None = None
    access_contract: bool | None = None
    vitale: bool | None = None
    home_visit: bool | None = None
    mailbox: SecureMailbox | None = None


@dataclass(frozen=True, slots=True)
class EstablishmentContent:
    """Everything that hangs on one establishment, parents before children."""

    legal_entity: LegalEntity
    establishment: Establishment
    internal_units: tuple[InternalUnit, ...]
    offers: tuple[Offer, ...]
    professionals: tuple[Professional, ...]
