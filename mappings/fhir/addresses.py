"""Postal addresses and positions of organisations and places (FHIR digest, sections 7.2 and 7.3)."""

from decimal import Decimal
from functools import lru_cache
from typing import Any

from mappings.exposition.lieu import Adresse, CoordonneeGeographique, LigneAdresse
from mappings.exposition.values import Code
from mappings.fhir import urls
from mappings.fhir.datatypes import (
    Extensions,
    added_extensions,
    coding,
    complex_extension,
    extension,
    read_coding,
)
from mappings.fhir.notes import Notes
from mappings.fhir.shape import Json, compact, flag, items, member, number, text, texts
from mappings.loss import LossKind, Severity

PLACE_RELIABILITY = urls.ror("ror-coordinate-reliability")
ORGANIZATION_RELIABILITY = urls.ror("ror-confidence-geolocation")

# The parts of a line in reading order: the field of the model and the extension that carries it.
PARTS = (
    ("point_remise", f"{urls.HL7}iso21090-ADXP-careOf"),
    ("complement_point_geographique", f"{urls.HL7}iso21090-ADXP-additionalLocator"),
    ("numero_voie", f"{urls.HL7}iso21090-ADXP-houseNumber"),
    ("extension_voie", f"{urls.HL7}iso21090-ADXP-buildingNumberSuffix"),
    ("type_voie", f"{urls.HL7}iso21090-ADXP-streetNameType"),
    ("libelle_voie", f"{urls.HL7}iso21090-ADXP-streetNameBase"),
    ("mention_distribution", f"{urls.HL7}iso21090-ADXP-postBox"),
    ("lieu_dit", urls.LIEU_DIT),
)
_TOWN = (("code_postal", "postalCode"), ("localite", "city"), ("pays", "country"))

# How sources write the geodetic system that FHIR assumes.
WGS84 = frozenset({"wgs84", "epsg4326"})


def address(adresse: Adresse | None, notes: Notes, extensions: list[Json] | None = None) -> Json | None:
    """The Address; the town is said once, on the first line of the model that gives it."""
    if adresse is None:
        return {"extension": extensions} if extensions else None
    notes.record(adresse.metadonnee)
    notes.additions(adresse.ajouts)
    if adresse.type is not None:
        notes.dropped("type", "fhir.address.attribute", "text", Severity.INFORMATION)
    if adresse.langue is not None:
        notes.dropped("langue", "fhir.address.attribute", "text", Severity.INFORMATION)
    lines: list[str | None] = []
    parts: list[Json | None] = []
    for ligne in adresse.lignes:
        line, said = _line(ligne, notes)
        if line or said:
            lines.append(line or None)
            parts.append({"extension": said} if said else None)
    written = compact(
        {
            "extension": [*(extensions or []), *added_extensions(adresse.ajouts)],
            "line": lines,
            "_line": parts if any(parts) else None,
            **_town(adresse, notes),
        }
    )
    return written or None


def _composed(ligne: LigneAdresse) -> str:
    return " ".join([text for name, _ in PARTS if (text := getattr(ligne, name))])


def _line(ligne: LigneAdresse, notes: Notes) -> tuple[str, list[Json]]:
    """The text of a line, and its parts as extensions."""
    parts: list[Json] = [{"url": url, "valueString": text} for name, url in PARTS if (text := getattr(ligne, name))]
    composed = " ".join([part["valueString"] for part in parts])
    if ligne.texte and ligne.texte == composed:
        notes.dropped("lignes.texte", "fhir.address.restated-line", "text", Severity.INFORMATION)
    for name, _ in ligne.autres:
        notes.dropped(f"lignes.autres.{name}", "fhir.address.part", "text")
    return ligne.texte or composed, parts


def _town(adresse: Adresse, notes: Notes) -> Json:
    if len(adresse.lignes) == 1:
        ligne = adresse.lignes[0]
        return {"postalCode": ligne.code_postal, "city": ligne.localite, "country": ligne.pays}
    town: Json = {}
    for name, key in _TOWN:
        said = [text for ligne in adresse.lignes if (text := getattr(ligne, name))]
        if said and not getattr(adresse.lignes[0], name):
            notes.note(LossKind.DERIVED, f"lignes.{name}", "fhir.address.town-of-line", "text", Severity.INFORMATION)
        if len(set(said)) > 1:
            notes.dropped(f"lignes.{name}", "fhir.address.one-town", "text")
        elif len(said) > 1:
            notes.dropped(f"lignes.{name}", "fhir.address.repeated-town", "text", Severity.INFORMATION)
        town[key] = said[0] if said else None
    return town


def read_address(json: Json, extensions: Extensions) -> Adresse | None:
    """The postal address; the town stands on the first line. None when nothing but extensions is said."""
    lines = texts(json, "line")
    parts = items(json, "_line")
    lignes = [
        _read_line(
            lines[place] if place < len(lines) else None,
            Extensions(parts[place] if place < len(parts) else {}),
            {name: text(json, key) for name, key in _TOWN} if place == 0 else {},
        )
        for place in range(max(len(lines), len(parts), 1))
    ]
    if lignes == [LigneAdresse()] and not extensions.left:
        return None
    return Adresse(lignes=tuple(lignes), ajouts=extensions.left)


def _read_line(line: str | None, extensions: Extensions, town: dict[str, Any]) -> LigneAdresse:
    parts: dict[str, Any] = {name: extensions.string(url) for name, url in PARTS}
    ligne = LigneAdresse(**parts, **town)
    written = line if line and line != _composed(ligne) else None
    return LigneAdresse(**parts, **town, texte=written)


def _usable(coordonnee: CoordonneeGeographique, notes: Notes) -> bool:
    notes.record(coordonnee.metadonnee)
    notes.additions(coordonnee.ajouts)
    known = not coordonnee.systeme or _is_wgs84(coordonnee.systeme)
    if not known:
        notes.dropped("", "fhir.position.system", "position")
    elif coordonnee.systeme is not None:
        notes.dropped("systeme", "fhir.position.system-name", "text", Severity.INFORMATION)
    return known


@lru_cache(maxsize=64)
def _is_wgs84(system: str) -> bool:
    return "".join(character for character in system.lower() if character.isalnum()) in WGS84


def position(coordonnee: CoordonneeGeographique | None, notes: Notes) -> Json | None:
    """`Location.position`, in WGS84; a position in another system cannot be said."""
    if coordonnee is None or not _usable(coordonnee, notes):
        return None
    extensions = added_extensions(coordonnee.ajouts)
    if coordonnee.fiable is not None:
        extensions = [{"url": PLACE_RELIABILITY, "valueBoolean": coordonnee.fiable}, *extensions]
    written: Json = {"extension": extensions} if extensions else {}
    written["longitude"] = coordonnee.longitude
    written["latitude"] = coordonnee.latitude
    if coordonnee.altitude is not None:
        written["altitude"] = coordonnee.altitude
    return written


def read_position(json: Json) -> CoordonneeGeographique | None:
    """The position of a Location."""
    extensions = Extensions(json)
    reliable = flag(extensions.take(PLACE_RELIABILITY), "valueBoolean")
    latitude, longitude = number(json, "latitude"), number(json, "longitude")
    if latitude is None or longitude is None:
        return None
    altitude = number(json, "altitude")
    return CoordonneeGeographique(latitude, longitude, altitude, fiable=reliable, ajouts=extensions.left)


def address_extensions(commune: Code | None, coordonnee: CoordonneeGeographique | None, notes: Notes) -> list[Json]:
    """The commune and the position of an organisation, which FHIR puts on its address."""
    written = [] if commune is None else extension(urls.INSEE_CODE, "Coding", coding(commune))
    if coordonnee is None or not _usable(coordonnee, notes):
        return written
    notes.additions(coordonnee.ajouts, extensible=False)
    if coordonnee.altitude is not None:
        notes.note(LossKind.DROPPED, "altitude", "fhir.position.altitude", "decimal")
    written.append(
        complex_extension(
            urls.GEOLOCATION,
            extension("latitude", "Decimal", coordonnee.latitude),
            extension("longitude", "Decimal", coordonnee.longitude),
        )
    )
    return written + extension(ORGANIZATION_RELIABILITY, "Boolean", coordonnee.fiable)


def read_address_extensions(extensions: Extensions) -> tuple[Code | None, CoordonneeGeographique | None]:
    """The commune and the position an Address carries."""
    commune = extensions.take(urls.INSEE_CODE)
    parts = Extensions(extensions.take(urls.GEOLOCATION))
    reliable = flag(extensions.take(ORGANIZATION_RELIABILITY), "valueBoolean")
    latitude: Decimal | None = number(parts.take("latitude"), "valueDecimal")
    longitude = number(parts.take("longitude"), "valueDecimal")
    coordonnee = None
    if latitude is not None and longitude is not None:
        coordonnee = CoordonneeGeographique(latitude, longitude, fiable=reliable)
    return read_coding(member(commune, "valueCoding")) or _commune_concept(commune), coordonnee


def _commune_concept(commune: Json) -> Code | None:
    return next(iter(filter(None, map(read_coding, items(member(commune, "valueCodeableConcept"), "coding")))), None)
