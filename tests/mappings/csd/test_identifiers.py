"""Every spelling of a national identifier leads to the one key of its object (contract section 12)."""

import pytest

from mappings.csd.identifiers import (
    FINESS,
    IDENTIFIANT_OI,
    IDNAT_PS,
    IDNAT_STRUCT,
    SIREN_SIRET,
    TYPES_OF_PS,
    TYPES_OF_STRUCT,
    NotAnIdentifier,
    is_local,
    local_key,
    normalise_professional,
    normalise_structure,
    normalise_unit,
    professional_key,
    structure_key,
    unit_key,
)
from mappings.exposition.values import Identifiant


@pytest.mark.parametrize(
    ("system", "value", "key"),
    [
        pytest.param(IDNAT_STRUCT, "1019999991", "1019999991", id="idNat with its digit"),
        pytest.param(IDNAT_STRUCT, "019999991", "1019999991", id="idNat without digit is a FINESS"),
        pytest.param(TYPES_OF_STRUCT, "1019999991", "1019999991", id="under the table of types"),
        pytest.param(TYPES_OF_STRUCT, "019999991", "1019999991", id="under the table of types, without digit"),
        pytest.param(FINESS, "019999991", "1019999991", id="FINESS alone"),
        pytest.param(FINESS, "2a9999991", "12A9999991", id="FINESS of Corsica"),
        pytest.param(FINESS, " 01 9999991 ", "1019999991", id="blanks"),
        pytest.param(f"urn:oid:{FINESS}", "019999991", "1019999991", id="system as a URN"),
        pytest.param(SIREN_SIRET, "399999999", "2399999999", id="SIREN alone"),
        pytest.param(SIREN_SIRET, "39999999900011", "339999999900011", id="SIRET alone"),
        pytest.param(IDNAT_STRUCT, "2399999999", "2399999999", id="typed SIREN"),
        pytest.param(IDNAT_STRUCT, "339999999900011", "339999999900011", id="typed SIRET"),
        pytest.param(IDNAT_STRUCT, "41000000001901", "41000000001901", id="RPPS-rang"),
        pytest.param(IDNAT_STRUCT, "0019999991", "0019999991", id="ADELI-rang"),
        pytest.param(IDNAT_PS, "41000000001901", "41000000001901", id="a practice under the OID of persons"),
    ],
)
def test_a_structure_has_one_key(system: str, value: str, key: str) -> None:
    assert normalise_structure(system, value) == key


@pytest.mark.parametrize(
    ("system", "value"),
    [
        pytest.param(IDNAT_STRUCT, "", id="empty"),
        pytest.param(IDNAT_STRUCT, "12", id="too short"),
        pytest.param(FINESS, "0199999", id="short FINESS"),
        pytest.param(SIREN_SIRET, "12345", id="neither SIREN nor SIRET"),
        pytest.param("1.2.3", "019999991", id="a system of nobody"),
        pytest.param(IDNAT_PS, " ", id="blank under the OID of persons"),
    ],
)
def test_what_is_no_identifier_is_refused(system: str, value: str) -> None:
    with pytest.raises(NotAnIdentifier):
        normalise_structure(system, value)


@pytest.mark.parametrize(
    ("identifiers", "key"),
    [
        pytest.param([(SIREN_SIRET, "39999999900011"), (FINESS, "019999991")], "1019999991", id="FINESS before SIRET"),
        pytest.param(
            [(SIREN_SIRET, "399999999"), (SIREN_SIRET, "39999999900011")], "339999999900011", id="SIRET before SIREN"
        ),
        pytest.param(
            [(IDNAT_STRUCT, "0019999991"), (IDNAT_STRUCT, "41000000001901")], "41000000001901", id="RPPS before ADELI"
        ),
        pytest.param(
            [(IDNAT_PS, "41000000001901"), (FINESS, "019999991")], "1019999991", id="OID of persons comes last"
        ),
        pytest.param([("1.2.3", "x"), (FINESS, "019999991")], "1019999991", id="type decides, not position"),
        pytest.param([("1.2.3", "x")], None, id="none usable"),
        pytest.param([], None, id="none"),
    ],
)
def test_the_best_identifier_is_the_key(identifiers: list[tuple[str, str]], key: str | None) -> None:
    assert structure_key([Identifiant(*one) for one in identifiers]) == key


@pytest.mark.parametrize("value", ["84/UE-0001", " 84/UE-0001 ", "01/12 b", "976/x"])
def test_a_unit_is_known_by_region_and_local_identifier(value: str) -> None:
    assert normalise_unit(IDENTIFIANT_OI, value) == value.strip()


@pytest.mark.parametrize("value", ["UE-0001", "84/", "/UE", "", "8/UE"])
def test_a_unit_without_its_region_is_refused(value: str) -> None:
    with pytest.raises(NotAnIdentifier):
        normalise_unit(IDENTIFIANT_OI, value)


def test_the_first_usable_identifier_of_a_unit_is_its_key() -> None:
    assert unit_key([Identifiant("1.2.3", "12"), Identifiant("1.2.3", "53/UE-7")]) == "53/UE-7"
    assert unit_key([Identifiant("1.2.3", "12")]) is None


@pytest.mark.parametrize(
    ("system", "value", "key"),
    [
        pytest.param(IDNAT_PS, "810000000019", "810000000019", id="RPPS with its digit"),
        pytest.param(IDNAT_PS, "10000000019", "810000000019", id="bare RPPS"),
        pytest.param(IDNAT_PS, "019999991", "0019999991", id="bare ADELI"),
        pytest.param(TYPES_OF_PS, "810000000019", "810000000019", id="under the table of types"),
    ],
)
def test_a_professional_has_one_key(system: str, value: str, key: str) -> None:
    assert normalise_professional(system, value) == key


def test_a_professional_without_national_identifier_has_no_key() -> None:
    assert professional_key([Identifiant("1.2.3", "810000000019"), Identifiant(IDNAT_PS, "")]) is None
    assert professional_key([Identifiant("1.2.3", "x"), Identifiant(IDNAT_PS, "810000000019")]) == "810000000019"


def test_a_local_key_says_that_it_is_one() -> None:
    assert local_key("84", "UE1") == "LOCAL-84-UE1"
    assert is_local(local_key(None, "UE1"))
    assert not is_local("84/UE1")
