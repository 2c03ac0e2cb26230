"""Which nomenclature an address names: OID, canonical URL and its irregular forms all lead to one short identifier.

The NOS write one table in many ways (an OID in SOAP, several URL spellings in FHIR): what decides is the number after
the prefix, `R211` or `J17` (national FHIR digest, section 9.1).
"""

import csv
import re
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"

_NUMBER = re.compile(r"(?:TRE|JDV)[_-]([A-Z]\d{2,3})(?![0-9])")
_SHORT = re.compile(r"[A-Z]\d{2,3}\Z")


@cache
def _addresses() -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Three tables: OID to short id, short id to OID, short id to canonical URL. The newest release wins."""
    by_oid: dict[str, str] = {}
    oids: dict[str, str] = {}
    urls: dict[str, str] = {}
    with (DATA / "index.csv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            number = _NUMBER.match(row["id"])
            if number is None or row["kind"] == "ASS":
                continue
            short = number[1]
            if row["oid"]:
                by_oid.setdefault(row["oid"], short)
                oids.setdefault(short, row["oid"])
            if "/FHIR/" in row["canonical_url"] and ".tabs" not in row["canonical_url"]:
                urls.setdefault(short, row["canonical_url"])
            else:
                urls.setdefault(
                    short, f"https://mos.esante.gouv.fr/NOS/{row['id']}/FHIR/{row['id'].replace('_', '-', 1)}"
                )
    with (DATA / "systems.csv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            by_oid.setdefault(row["oid"], row["id"])
            oids.setdefault(row["id"], row["oid"])
            urls.setdefault(row["id"], row["url"])
    return by_oid, oids, urls


def system_id(address: str) -> str:
    """The short identifier of the nomenclature an OID, a URN or a URL names; the trimmed address itself if unknown."""
    text = address.strip()
    by_oid = _addresses()[0]
    known = by_oid.get(text.removeprefix("urn:oid:"))
    if known is not None:
        return known
    number = _NUMBER.search(text)
    return number[1] if number is not None else text


def oid(system: str) -> str:
    """The OID of a nomenclature as `codingScheme` wants it; an unknown system is handed back as it stands."""
    return _addresses()[1].get(system, system)


def url(system: str) -> str:
    """The canonical URL of a nomenclature as FHIR wants it; an unknown OID becomes a `urn:oid:`."""
    known = _addresses()[2].get(system)
    if known is not None:
        return known
    return f"urn:oid:{system}" if re.fullmatch(r"[0-9]+(\.[0-9]+)+", system) else system
