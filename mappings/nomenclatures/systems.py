"""Which nomenclature an address names: OID, canonical URL and its irregular forms all lead to one short identifier.

The NOS write one table in many ways (an OID in SOAP, several URL spellings in FHIR): what decides is the number after
the prefix, `R211` or `J17` (national FHIR digest, section 9.1). Since the SMT the prefix is in lower case.
"""

import re
from functools import lru_cache

from mappings.nomenclatures.catalogue import DATA, Catalogue, current, rows

__all__ = ["DATA", "is_known", "oid", "system_id", "url"]

_NUMBER = re.compile(r"(?:TRE|JDV)[_-]([A-Z]\d{2,3})(?![0-9])", re.IGNORECASE)
_OID = re.compile(r"[0-9]+(\.[0-9]+)+\Z")


@lru_cache(maxsize=4)
def _addresses(catalogue: Catalogue) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Three tables: OID to short id, short id to OID, short id to canonical URL. The newest release wins."""
    by_oid: dict[str, str] = {}
    oids: dict[str, str] = {}
    urls: dict[str, str] = {}
    for short in catalogue.numbers():
        for listing in reversed(catalogue.versions(short)):
            if listing.oid:
                by_oid.setdefault(listing.oid, short)
                oids.setdefault(short, listing.oid)
            if "/FHIR/" in listing.url and ".tabs" not in listing.url:
                urls.setdefault(short, listing.url)
        name = catalogue.versions(short)[-1].name
        urls.setdefault(short, f"https://mos.esante.gouv.fr/NOS/{name}/FHIR/{name.replace('_', '-', 1)}")
    for row in rows(DATA / "systems.csv"):
        by_oid.setdefault(row["oid"], row["id"])
        oids.setdefault(row["id"], row["oid"])
        urls.setdefault(row["id"], row["url"])
    return by_oid, oids, urls


@lru_cache(maxsize=8192)
def _named(catalogue: Catalogue, address: str) -> str:
    text = address.strip()
    known = _addresses(catalogue)[0].get(text.removeprefix("urn:oid:"))
    if known is not None:
        return known
    found = _NUMBER.search(text)
    return found[1].upper() if found is not None else text


def system_id(address: str) -> str:
    """The short identifier of the nomenclature an OID, a URN or a URL names; the trimmed address itself if unknown."""
    return _named(current(), address)


def is_known(system: str) -> bool:
    """Whether a short identifier is that of a nomenclature of the sector, held or not."""
    return system in _addresses(current())[1]


def oid(system: str) -> str:
    """The OID of a nomenclature as `codingScheme` wants it; an unknown system is handed back as it stands."""
    return _addresses(current())[1].get(system, system)


def url(system: str) -> str:
    """The canonical URL of a nomenclature as FHIR wants it; an unknown OID becomes a `urn:oid:`."""
    known = _addresses(current())[2].get(system)
    if known is not None:
        return known
    return f"urn:oid:{system}" if _OID.match(system) else system
