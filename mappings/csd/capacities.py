"""Capacity in its two shapes, dwellings, competence, equipment, activities: contract sections 7.3 and 7.5."""

from typing import Any

import msgspec
from lxml import etree

from mappings.csd.codes import Coded
from mappings.csd.compiled import Reader
from mappings.csd.contacts import MEASURE, record
from mappings.csd.contexts import Reading, Writing
from mappings.csd.links import DEVICE, IDENTIFIERS
from mappings.csd.markup import Markup
from mappings.csd.places import LOCATION_3_0
from mappings.csd.scalars import (
    ENTITY_TEXT,
    INSTANT,
    INTEGER,
    TEXT,
    is_exact,
    note_spelling,
    read_instant,
    read_integer,
    write_instant,
)
from mappings.csd.shapes import Entry, Extension, Field, First, Many, Shape, Values
from mappings.csd.strays import note_inside
from mappings.exposition.lieu import (
    CapaciteAccueil,
    CapaciteAccueilCrise,
    CapaciteAccueilOperationnelle,
    CapaciteHabitation,
    CapacitePriseCharge,
    Comptage,
    EquipementSpecifique,
    LieuRealisationOffre,
    LimiteCaracteristique,
)
from mappings.exposition.offre import ActiviteOperationnelle, CompetenceRessource
from mappings.exposition.values import Code
from mappings.loss import LossKind, Severity

BEDS = Code("R329", "01")
PLACES = Code("R329", "02")
INSTALLED = Code("R330", "01")
AVAILABLE = Code("R330", "02")
CURRENT = Code("R331", "01")
NO_ASSIGNMENT = Code("R337", "01")
_FIGURES = frozenset({"total", "avaible", "updateDate"})
MANUAL_SOURCE = Code("R335", "01")


def _date_the_line(line: CapaciteAccueilOperationnelle, writing: Writing) -> CapaciteAccueilOperationnelle:
    """A line must carry the date of its figure: its own update, else that of the object above."""
    if line.date_maj_capacite is not None:
        return line
    record_ = line.metadonnee or writing.metadonnee
    if record_ is None or record_.date_mise_a_jour is None:
        return line
    writing.note_below(
        LossKind.DERIVED, "cpacityUpdateDate", "capacity.date", value_kind="instant", severity=Severity.INFORMATION
    )
    return msgspec.structs.replace(line, date_maj_capacite=record_.date_mise_a_jour)


CAPACITY_LINE = Shape(
    CapaciteAccueilOperationnelle,
    "operationalAccommodationCapacity",
    Field("capacityNature", Coded("R329"), "nature_capacite"),
    Field("capacityStatus", Coded("R330"), "statut_capacite"),
    Field("capacityTemporality", Coded("R331"), "temporalite_capacite"),
    Field("capacityNumber", INTEGER, "nombre_capacite"),
    Field("capacitySourceType", Coded("R335"), "type_source_capacite", required=True, default=MANUAL_SOURCE),
    Field("cpacityUpdateDate", INSTANT, "date_maj_capacite", required=True),
    Field("capacityGenderAvailability", Coded("R332"), "genre_capacite_dispo"),
    Field("capacityClosingType", Coded("R333"), "type_fermeture_capacite"),
    Field("capacityExtraBed", Coded("R334"), "type_lits_supplementaire"),
    Field("crisisType", Coded("R336"), "type_crise"),
    record(),
    fit=_date_the_line,
)

SUPPORTED_CAPACITY = Shape(
    CapacitePriseCharge,
    "capacitySupported",
    Field("temporaryAssignment", Coded("R337"), "affectation_temporaire", required=True, default=NO_ASSIGNMENT),
    Many("operationalAccommodationCapacity", CAPACITY_LINE, "capacites"),
    record(),
)

DWELLINGS = Shape(
    CapaciteHabitation,
    "residentialCapactity",
    Field("residentialType", Coded("R242"), "type_habitation"),
    Field("residentialNumber", INTEGER, "nb_habitation"),
    record(),
)


class Counting:
    """`beds` or `space`: total, available, and the date of the figure, all attributes."""

    value_kind = "capacity"

    def read(self, element: etree._Element, reading: Reading) -> Comptage:
        """The figures."""
        note_inside(element, _FIGURES, reading)
        return Comptage(
            total=self._figure(element, "total", reading),
            disponible=self._figure(element, "avaible", reading),
            date_maj=self._figure(element, "updateDate", reading),
        )

    def _figure(self, element: etree._Element, name: str, reading: Reading) -> Any:
        text = element.get(name)
        if not text:
            return None
        try:
            value = read_instant(text, reading.dialect.zone) if name == "updateDate" else read_integer(text)
        except ValueError:
            reading.note(LossKind.DROPPED, element, "value.unreadable", severity=Severity.ERROR, suffix=f"@{name}")
            return None
        if name == "updateDate" and not is_exact(text):
            note_spelling(element, reading, "instant", f"@{name}")
        return value

    def write(self, out: Markup, name: str, value: Comptage, writing: Writing) -> None:
        """Append the figures."""
        said = (
            ("total", value.total),
            ("avaible", value.disponible),
            ("updateDate", value.date_maj and write_instant(value.date_maj)),
        )
        figures = "".join(f' {attribute}="{figure}"' for attribute, figure in said if figure is not None)
        out.append(f"<csd:{name}{figures}/>")


ACCOMMODATION = Shape(
    CapaciteAccueil,
    "accommodationCapacity",
    Field("beds", Counting(), "lits"),
    Field("space", Counting(), "places"),
    record(),
)
CRISIS = Shape(
    CapaciteAccueilCrise,
    "crisisAccomodationCapacity",
    Field("crisisCapacityT0", INTEGER, "capacite_t0"),
    Field("crisisCapacityT60", INTEGER, "capacite_t60"),
    record(),
)
SKILLS = Shape(
    CompetenceRessource,
    "resourcesSkills",
    Many("profession", Coded("G15"), "professions"),
    Many("medicalSpeciality", Coded("R38"), "specialites_ordinales"),
    Many("specificSkills", Coded("R243"), "competences_specifiques"),
    record(required=False),
)


class Place(Shape):
    """A place where an offer is carried out; its key is an identifier of the source, else made from the offer's."""

    def reader(self, tag: str) -> Reader:
        """What reads a place."""
        read = super().reader(tag)

        def keyed(element: etree._Element, reading: Reading, values: Values | None = None) -> Any:
            rank = 1 + sum(1 for _ in element.itersiblings(element.tag, preceding=True))
            found = read(element, reading, {"cle": f"{reading.object}/L{rank}"})
            if found is None:
                return None
            known = found.lieu.identifiant or found.id_externe_synchro
            return msgspec.structs.replace(found, cle=known) if known else found

        return keyed


def _with_lines(place: LieuRealisationOffre, writing: Writing) -> LieuRealisationOffre:
    """A capacity has a line at least; one whose lines could not be read is its assignment alone, which says nothing."""
    if all(group.capacites for group in place.capacites_prise_charge):
        return place
    writing.note_below(
        LossKind.DROPPED, "capacitySupported", "capacity.empty", value_kind="code", severity=Severity.ERROR
    )
    groups = tuple(group for group in place.capacites_prise_charge if group.capacites)
    return msgspec.structs.replace(place, capacites_prise_charge=groups)


PLACE = Place(
    LieuRealisationOffre,
    "locationRealizedOffer",
    Field("externalidSynchronization", ENTITY_TEXT, "id_externe_synchro"),
    Field("externalNameSynchronization", TEXT, "nom_externe_synchro", required=True),
    Field("location", LOCATION_3_0, "lieu"),
    Many("specificEquipment", DEVICE, "equipements"),
    Many("residentialCapactity", DWELLINGS, "capacites_habitation"),
    Many("capacitySupported", SUPPORTED_CAPACITY, "capacites_prise_charge"),
    record(),
    handled=frozenset({"cle"}),
    fit=_with_lines,
)

LIMIT = Shape(
    LimiteCaracteristique,
    "limitCharacteristicEquipment",
    Field("characteristicType", Coded("R340"), "type_caracteristique"),
    Field("limitValue", MEASURE, "valeur_limite"),
)


def _equipment(*limits: Many) -> Shape:
    return Entry(
        EquipementSpecifique,
        "device",
        IDENTIFIERS,
        Field("codedType", Coded("R212"), "type_equipement"),
        Extension(Field("nbInService", INTEGER, "nb_en_service"), *limits),
        record(),
        handled=frozenset({"cle"}),
    )


EQUIPMENT = _equipment()
EQUIPMENT_3_0 = _equipment(Many("limitCharacteristicEquipment", LIMIT, "limites"))


def _activity(families: type[Many]) -> Shape:
    return Entry(
        ActiviteOperationnelle,
        "service",
        Field("codedType", Coded("R211"), "activite"),
        Extension(families("actFamily", Coded("R265", "R266"), "familles")),
        record(),
        handled=frozenset({"cle"}),
    )


ACTIVITY = _activity(Many)
ACTIVITY_1_5 = _activity(First)
