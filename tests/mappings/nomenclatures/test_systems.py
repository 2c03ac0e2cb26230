"""Every spelling of a system leads to one nomenclature: some by hand, then every form of every list held."""

from collections import defaultdict
from collections.abc import Iterator

import pytest

from mappings.nomenclatures.catalogue import Listing, current
from mappings.nomenclatures.systems import oid, system_id, url


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        pytest.param("1.2.250.1.213.3.3.12", "R211", id="oid"),
        pytest.param("1.2.250.1.213.3.3.12 ", "R211", id="oid with a trailing blank"),
        pytest.param("urn:oid:1.2.250.1.213.3.3.12", "R211", id="oid as a urn"),
        pytest.param(
            "https://mos.esante.gouv.fr/NOS/TRE_R211-ActiviteOperationnelle/FHIR/TRE-R211-ActiviteOperationnelle",
            "R211",
            id="canonical url",
        ),
        pytest.param("https://mos.esante.gouv.fr/NOS/TRE_R66-CategorieEtablissement", "R66", id="url before 2023"),
        pytest.param(
            "https://mos.esante.gouv.fr/NOS/TRE_R345-TypeIdentifiantAutre/FHIR/TRE_R345-TypeIdentifiantAutre",
            "R345",
            id="underscore in the last part",
        ),
        pytest.param("https://mos.esante.gouv.fr/NOS/TRE_R13-Commune/FHIR/TRE-R13-Commune", "R13", id="renamed table"),
        pytest.param(
            "https://mos.esante.gouv.fr/NOS/JDV_J237-RegionOM-ROR.tabs/FHIR/JDV-J237-RegionOM-ROR", "J237", id=".tabs"
        ),
        pytest.param("2.16.840.1.113883.6.8", "R247", id="ucum, table not held"),
        pytest.param("1.2.3.4", "1.2.3.4", id="unknown oid kept"),
        pytest.param("urn:region:84:local", "urn:region:84:local", id="unknown uri kept"),
    ],
)
def test_an_address_names_its_nomenclature(address: str, expected: str) -> None:
    assert system_id(address) == expected


@pytest.mark.parametrize("system", ["R211", "R213", "G15", "R13", "R247", "R329"])
def test_both_addresses_of_a_system_come_back_to_it(system: str) -> None:
    assert system_id(oid(system)) == system
    assert system_id(url(system)) == system


def test_an_unknown_oid_becomes_a_urn_in_fhir() -> None:
    assert url("1.2.3.4") == "urn:oid:1.2.3.4"
    assert oid("1.2.3.4") == "1.2.3.4"


def forms(listing: Listing) -> Iterator[str]:
    """Every way in which the NOS, the guides and the sources write one list."""
    prefix, rest = listing.name.split("_", maxsplit=1)
    hyphened = f"{prefix}-{rest}"
    yield from filter(None, (listing.oid, listing.url))
    if listing.oid:
        yield from (f"urn:oid:{listing.oid}", f" {listing.oid}", f"{listing.oid}\n")
    for base in ("https://mos.esante.gouv.fr/NOS", "http://mos.esante.gouv.fr/NOS"):
        yield f"{base}/{listing.name}"
        yield f"{base}/{listing.name}/FHIR/{hyphened}"
        yield f"{base}/{listing.name}/FHIR/{listing.name}"
        yield f"{base}/{listing.name}.tabs/FHIR/{hyphened}"
    kind = "CodeSystem" if prefix == "TRE" else "ValueSet"
    yield f"https://smt.esante.gouv.fr/fhir/{kind}/{hyphened.lower()}"
    yield f"https://smt.esante.gouv.fr/fhir/{kind}/{hyphened.lower()}|{listing.version}"
    # Before and after a change of name, the number stays.
    yield f"https://mos.esante.gouv.fr/NOS/{prefix}_{listing.short}-Autre/FHIR/{prefix}-{listing.short}-Autre"
    yield listing.short


def test_every_form_of_every_version_of_every_list_leads_to_it() -> None:
    listings = [listing for release in current().releases for listing in release.listings]
    wrong = {
        address: (system_id(address), listing.short)
        for listing in listings
        for address in forms(listing)
        if system_id(address) != listing.short
    }

    assert wrong == {}
    assert len({listing.short for listing in listings}) > 140


def test_no_two_lists_share_an_oid_or_an_address() -> None:
    holders: defaultdict[str, set[str]] = defaultdict(set)
    for release in current().releases:
        for listing in release.listings:
            for address in filter(None, (listing.oid, listing.url)):
                holders[address].add(listing.short)

    assert {address: found for address, found in holders.items() if len(found) > 1} == {}


def test_what_is_written_leads_back_to_every_list() -> None:
    assert [short for short in current().numbers() if {system_id(oid(short)), system_id(url(short))} != {short}] == []
