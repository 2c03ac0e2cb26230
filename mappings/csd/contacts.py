"""Contacts, telecoms, mailboxes, hours, patients: contract section 7.4."""

from decimal import Decimal
from operator import attrgetter
from typing import Any

import msgspec
from lxml import etree

from mappings.csd.codes import Coded, TextualCode
from mappings.csd.compiled import Reader
from mappings.csd.contexts import Reading, Writing
from mappings.csd.namespaces import csd
from mappings.csd.records import RECORD
from mappings.csd.scalars import BOOLEAN, DAY, HOUR, INTEGER, TEXT, WHOLE_NUMBER
from mappings.csd.shapes import Extension, Field, Many, Shape, Spread, Values
from mappings.exposition.contact import BoiteLettreMSS, Contact, Horaire, Telecommunication
from mappings.exposition.organisation import Patientele
from mappings.exposition.values import Code, Mesure
from mappings.loss import LossKind, Severity
from mappings.nomenclatures.tables import display

CLOSING_HOURS = Code("R252", "08")
_LEVEL = attrgetter("niveau_confidentialite")
_PERSON = csd("person")


def record(*, required: bool = True) -> Field:
    """The `record` of an object."""
    return Field("record", RECORD, "metadonnee", required=required)


def level(element: etree._Element, reading: Reading) -> Values:
    """The confidentiality that a version without levels leaves to the dialect: the strictest unless declared."""
    reading.note(
        LossKind.DEFAULTED,
        element,
        "confidentiality.supposed",
        value_kind="code",
        severity=Severity.INFORMATION,
    )
    return {"niveau_confidentialite": Code("R283", reading.dialect.niveau_confidentialite)}


def drop_level(value: Contact | Telecommunication, writing: Writing) -> Contact | Telecommunication:
    """A contact or telecom for a version without levels."""
    if value.niveau_confidentialite is None:
        return value
    writing.note_below(
        LossKind.DROPPED, "extension/confidentialityLevel", "confidentiality.left-out", value_kind="code"
    )
    return msgspec.structs.replace(value, niveau_confidentialite=None)


def _telecom(*extension: Field, **options: Any) -> Shape:
    return Shape(
        Telecommunication,
        "contactPoint",
        Field("codedType", Coded("R200"), "canal"),
        Field("equipment", TEXT, "adresse_telecom"),
        Field("purpose", TEXT, "utilisation"),
        Field("certificate", TEXT, "certificat"),
        Extension(*extension),
        **options,
    )


LEVEL = Field("confidentialityLevel", Coded("R283"), "niveau_confidentialite", required=True, default=Code("R283", "3"))
TELECOM = _telecom(LEVEL, record())
TELECOM_WITHOUT_LEVEL = _telecom(record(), handled=frozenset({"niveau_confidentialite"}), fit=drop_level, given=level)

MAILBOX = Shape(BoiteLettreMSS, "mailBoxMSS", Field("contactPoint", TELECOM, "telecommunication"), record())


def _cover_telecoms(contact: Contact, writing: Writing) -> Contact:
    """A telecom is at least as confidential as its contact (RG_EXP_034): one without level takes its own."""
    if contact.niveau_confidentialite is None or all(map(_LEVEL, contact.telecommunications)):
        return contact
    telecoms = []
    for telecom in contact.telecommunications:
        if telecom.niveau_confidentialite is None:
            writing.note_below(
                LossKind.DERIVED,
                "contactPoint/extension/confidentialityLevel",
                "contact.telecom-level",
                value_kind="code",
                severity=Severity.INFORMATION,
            )
            telecom = msgspec.structs.replace(telecom, niveau_confidentialite=contact.niveau_confidentialite)  # noqa: PLW2901
        telecoms.append(telecom)
    return msgspec.structs.replace(contact, telecommunications=tuple(telecoms))


CONTACT = Shape(
    Contact,
    "contact",
    Field("name", TEXT, "nom"),
    Field("function", Coded("R251"), "fonction_contact"),
    Field("nature", Coded("R287"), "nature_contact"),
    Field("description", TEXT, "description"),
    LEVEL,
    Many("contactPoint", TELECOM, "telecommunications"),
    record(),
    fit=_cover_telecoms,
)


class PersonContact(Shape):
    """A contact up to 1.6: a CSD person. A contact that points to a professional instead is kept as it stands."""

    def reader(self, tag: str) -> Reader:
        """What reads a contact, None when it names no person."""
        read = super().reader(tag)

        def of_a_person(element: etree._Element, reading: Reading, values: Values | None = None) -> Any:
            if element.find(_PERSON) is None:
                reading.keep(element)
                return None
            return read(element, reading, values)

        return of_a_person


def _name_the_desk(contact: Contact, writing: Writing) -> Contact:
    """A desk as a person: up to 1.6 a contact has a name and no nature."""
    changes: Values = {}
    if contact.niveau_confidentialite is not None:
        writing.note_below(LossKind.DROPPED, "confidentialityLevel", "confidentiality.left-out", value_kind="code")
        changes["niveau_confidentialite"] = None
    if contact.nature_contact is not None:
        nature = contact.nature_contact
        writing.note_below(LossKind.DROPPED, "nature", "contact.nature", value_kind="code")
        changes["nature_contact"] = None
        if contact.nom is None:
            writing.note_below(LossKind.DERIVED, "person/name/commonName", "contact.name-of-nature", value_kind="text")
            changes["nom"] = nature.libelle or display(nature.systeme, nature.code) or nature.code
    return msgspec.structs.replace(contact, **changes) if changes else contact


PERSON_CONTACT = PersonContact(
    Contact,
    "contact",
    Spread(
        "person",
        Spread(
            "name",
            Field("commonName", TEXT, "nom", required=True),
            Field("honorific", TextualCode("R11"), "civilite"),
            required=True,
        ),
        Many("contactPoint", TELECOM_WITHOUT_LEVEL, "telecommunications"),
        Extension(
            Field("function", Coded("R251"), "fonction_contact"),
            Field("description", TEXT, "description"),
        ),
        required=True,
    ),
    handled=frozenset({"niveau_confidentialite"}),
    given=level,
    fit=_name_the_desk,
)


def _hours(*before: Field, **options: Any) -> Shape:
    return Shape(
        Horaire,
        "operatingHours",
        *before,
        Many("dayOfTheWeek", INTEGER, "jours"),
        Field("beginningHour", HOUR, "heure_debut"),
        Field("endingHour", HOUR, "heure_fin"),
        Field("beginEffectiveDate", DAY, "debut_date_effective", required=True),
        Field("endEffectiveDate", DAY, "fin_date_effective"),
        Extension(Field("operatingHoursType", Coded("R252"), "type_plage_horaire"), record()),
        **options,
    )


def _flag(hours: Horaire, writing: Writing) -> Horaire:
    """The open flag of a slot that has none: closed when its type says so (contract section 15.1)."""
    if hours.ouvert is not None:
        return hours
    closed = hours.type_plage_horaire is not None and hours.type_plage_horaire.cle == CLOSING_HOURS.cle
    writing.note_below(
        LossKind.DERIVED,
        "openFlag",
        "hours.open-flag",
        value_kind="boolean",
        severity=Severity.INFORMATION,
    )
    return msgspec.structs.replace(hours, ouvert=not closed)


def _unflag(hours: Horaire, writing: Writing) -> Horaire:
    """A closed slot becomes a slot of closing hours; an open one needs no flag in 3.0."""
    if hours.ouvert is None:
        return hours
    kind = hours.type_plage_horaire
    if not hours.ouvert and (kind is None or kind.cle != CLOSING_HOURS.cle):
        writing.note_below(
            LossKind.DERIVED if kind is None else LossKind.WIDENED,
            "extension/operatingHoursType",
            "hours.closing-type",
            value_kind="boolean",
            severity=Severity.INFORMATION if kind is None else Severity.WARNING,
        )
        kind = CLOSING_HOURS
    return msgspec.structs.replace(hours, ouvert=None, type_plage_horaire=kind)


HOURS = _hours(handled=frozenset({"ouvert"}), fit=_unflag)
HOURS_WITH_FLAG = _hours(Field("openFlag", BOOLEAN, "ouvert", required=True, default="true"), fit=_flag)

MEASURE = Shape(
    Mesure,
    "mesurement",
    Field("value", WHOLE_NUMBER, "valeur"),
    Field("unit", Coded("R247"), "unite", required=True, default=Code("R247", "a")),
)

YEARS = Code("R247", "a")
NO_AGE = Field(
    "patientTypeAgeMin",
    MEASURE,
    "age_min",
    required=True,
    default=Mesure(Decimal(0), YEARS),
    severity=Severity.WARNING,
)
ANY_AGE = Field(
    "patientTypeAgeMax",
    MEASURE,
    "age_max",
    required=True,
    default=Mesure(Decimal(120), YEARS),
    severity=Severity.WARNING,
)

PATIENTS = Shape(
    Patientele,
    "patientsType",
    Many("supportedPatient", Coded("R239"), "publics"),
    NO_AGE,
    ANY_AGE,
    record(),
    blank=Patientele(),
)
