"""Places, addresses, positions, territories: contract sections 7.3 and 7.4."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from lxml import etree

from mappings.csd.codes import Coded
from mappings.csd.contacts import TELECOM, record
from mappings.csd.content import Particle, accepts
from mappings.csd.contexts import Reading, Writing
from mappings.csd.markup import ATTRIBUTE, CONTENT, Markup
from mappings.csd.namespaces import csd
from mappings.csd.records import RECORD, repeated
from mappings.csd.scalars import BOOLEAN, ENTITY_TEXT, NUMBER, TEXT
from mappings.csd.shapes import Extension, Field, First, Many, Part, Shape, Take, Values
from mappings.csd.strays import note_children
from mappings.csd.version import Version
from mappings.csd.xml import parse
from mappings.exposition.lieu import Adresse, CoordonneeGeographique, DivisionTerritoriale, Lieu, LigneAdresse
from mappings.exposition.values import Ajout, Code
from mappings.loss import LossKind, Severity

_PARTS = {
    "inHouseMail": "point_remise",
    "buildingNumber": "numero_voie",
    "buildingName": "complement_point_geographique",
    "streetType": "type_voie",
    "streetName": "libelle_voie",
    "postOfficeBox": "mention_distribution",
    "postCode": "code_postal",
    "cityName": "localite",
    "citySubDivisionName": "lieu_dit",
    "countryName": "pays",
}
_OTHER_PARTS = frozenset(
    "room floor stair blockName streetPrefix streetSuffix plotIdentification countrySubDivisionName component "
    "lineOne lineTwo lineThree lineFour lineFive lineSix".split()
)
HOSTING = Code("R343", "001")
WGS84 = "WGS84"
RECORD_TAG = csd("record")
_RELIABLE = csd("coordonneesFiables")
_RECORD = re.compile(r"<(\w+:)?record\b")
_A_RECORD = Particle(rank=0, single=True, type="record")


class AddressLine:
    """An `addressLine`: its parts are attributes."""

    value_kind = "address"
    blank = LigneAdresse()

    def read(self, element: etree._Element, reading: Reading) -> LigneAdresse | None:
        """The line, None when it says nothing; every attribute is a part of it."""
        note_children(element, reading)
        values: dict[str, Any] = {}
        others = []
        for name, text in element.attrib.items():
            attribute = _PARTS.get(str(name))
            if attribute is not None:
                values[attribute] = str(text)
            else:
                others.append((str(name), str(text)))
        line = LigneAdresse(
            texte=element.text if element.text and element.text.strip() else None, autres=tuple(others), **values
        )
        return None if line == self.blank else line

    def write(self, out: Markup, name: str, value: LigneAdresse, writing: Writing) -> None:
        """Append the line. The repetition index (bis, ter) has no attribute of its own: it follows the number."""
        parts = {part: text for part, attribute in _PARTS.items() if (text := getattr(value, attribute)) is not None}
        if value.extension_voie is not None:
            parts["buildingNumber"] = " ".join(filter(None, (value.numero_voie, value.extension_voie)))
            writing.note_here(
                LossKind.DERIVED, "address.repetition", value_kind="text", severity=Severity.INFORMATION, below=name
            )
        for part, text in value.autres:
            if part in _OTHER_PARTS:
                parts[part] = text
            else:
                writing.note_here(LossKind.DROPPED, "address.part", value_kind="text", below=name)
        attributes = "".join(f' {part}="{ATTRIBUTE[text]}"' for part, text in parts.items())
        end = "/>" if value.texte is None else f">{CONTENT[value.texte]}</csd:{name}>"
        out.append(f"<csd:{name}{attributes}{end}")


class Address(Shape):
    """An `address`, with its two attributes."""

    known = frozenset({"type", "language"})


def _heading(value: Adresse) -> str:
    said = (("type", value.type), ("language", value.langue))
    return "".join(f' {attribute}="{ATTRIBUTE[text]}"' for attribute, text in said if text is not None)


ADDRESS = Address(
    Adresse,
    "address",
    Many("addressLine", AddressLine(), "lignes", required=True),
    Extension(record()),
    handled=frozenset({"type", "langue"}),
    given=lambda element, reading: {"type": element.get("type"), "langue": element.get("language")},
    heading=_heading,
)

DIVISION = Shape(
    DivisionTerritoriale,
    "territorialDivision",
    Field("type", Coded("R201"), "type_division"),
    Field("codedType", Coded("R30", "G09", "R13", "R20"), "division"),
    record(),
)


def _geocode(*parts: Part, **options: Any) -> Shape:
    return Shape(
        CoordonneeGeographique,
        "geocode",
        Field("latitude", NUMBER, "latitude"),
        Field("longitude", NUMBER, "longitude"),
        *parts,
        **options,
    )


def _dated_at_the_place(position: CoordonneeGeographique, writing: Writing) -> CoordonneeGeographique:
    """Up to 1.6 a position has no record of its own."""
    if position.metadonnee is None:
        return position
    writing.note_below(
        LossKind.DROPPED,
        "record",
        "geocode.record",
        value_kind="record",
        severity=Severity.INFORMATION,
    )
    return msgspec.structs.replace(position, metadonnee=None)


class _RepeatedRecord:
    """The record that the extension of a position must hold beside the position's own: it repeats that one.

    One that says something else, or that stands there alone, is kept as it is.
    """

    attributes: frozenset[str] = frozenset()

    def takes(self) -> Iterator[tuple[str, Take]]:
        """The second record."""
        yield RECORD_TAG, self._take

    def _take(self, element: etree._Element, values: Values, reading: Reading) -> None:
        extension = element.getparent()
        position = extension.getparent() if extension is not None else None
        own = next(position.iterchildren(RECORD_TAG), None) if position is not None else None
        alone = next(element.itersiblings(_RELIABLE, preceding=True), None) is None
        if alone or own is None or not _same(own, element):
            reading.keep(element)

    def says(self, value: Any) -> bool:
        """Never of itself."""
        return False

    def put(self, out: Markup, value: Any, writing: Writing) -> None:
        """Append the record of the position, unless the source's own will be put back: one that the schema accepts."""
        if any(_is_record(ajout, writing.version) for ajout in value.ajouts):
            return
        if value.metadonnee is None:
            out.append(repeated("record", f"{writing.path}/record", writing))
        else:
            RECORD.write(out, "record", value.metadonnee, writing)


def _same(one: etree._Element, other: etree._Element) -> bool:
    """Whether two records are one text: those that only have attributes, nearly all, need not be written to tell."""
    plain = len(one) == len(other) == 0 and one.text is other.text is None
    if plain and one.items() == other.items() and one.nsmap == other.nsmap:
        return True
    return etree.tostring(one, method="c14n") == etree.tostring(other, method="c14n")


def _is_record(ajout: Ajout, version: Version) -> bool:
    if ajout.chemin != "extension" or not _RECORD.match(ajout.contenu):
        return False
    return accepts(parse(ajout.contenu.encode()), _A_RECORD, version)


# Up to 1.6 the extension of a position describes its geodesic system: the model has no place for it.
GEOCODE_1_6 = _geocode(
    Field("altitude", NUMBER, "altitude"),
    Field("coordinateSystem", TEXT, "systeme"),
    handled=frozenset({"metadonnee"}),
    fit=_dated_at_the_place,
)
GEOCODE = _geocode(
    Field("coordinateSystem", TEXT, "systeme", required=True, default=WGS84),
    Extension(Field("coordonneesFiables", BOOLEAN, "fiable"), _RepeatedRecord()),
    record(),
)


_NAME = Field("name", TEXT, "nom")
_DESCRIPTION = Field("description", TEXT, "description")
_STATUS = Field("status", Coded("R203"), "statut")
_ADDRESS = Field("address", ADDRESS, "adresse")
_CITY = Field("cityNumber", Coded("R13"), "commune_cog", required=True)
_DISTANCE = Field("calculatedDistance", NUMBER, "distance_calculee")
_POSITION = Field("geoCoordinates", GEOCODE, "coordonnee")

LOCATION_1_6 = Shape(
    Lieu,
    "location",
    _NAME,
    _DESCRIPTION,
    Field("physicalType", TEXT, "type_physique"),
    _STATUS,
    _ADDRESS,
    Field("geoCoordinates", GEOCODE_1_6, "coordonnee"),
    _CITY,
    _DISTANCE,
    record(),
)
LOCATION_2_4 = Shape(Lieu, "location", _NAME, _DESCRIPTION, _STATUS, _ADDRESS, _POSITION, _CITY, _DISTANCE, record())
LOCATION_3_0 = Shape(
    Lieu,
    "location",
    Field("identifier", ENTITY_TEXT, "identifiant"),
    _NAME,
    _DESCRIPTION,
    _STATUS,
    _ADDRESS,
    _POSITION,
    Field("functionLocation", Coded("R343"), "fonction_lieu", required=True, default=HOSTING),
    _CITY,
    First("contactPoint", TELECOM, "telecommunications"),
    record(),
)
