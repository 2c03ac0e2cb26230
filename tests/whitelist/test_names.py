import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitelist.names import NotADistinguishedName, parse_dn, same_name, write_dn

LISTED = (
    ("C", "FR"),
    ("ST", "Paris (75)"),
    ("O", "HOPITAL DES 3. DAMES"),
    ("OU", "11B0073160"),
    ("CN", "CLIENT_WS_ROR"),
)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("CN=CLIENT_WS_ROR,OU=11B0073160,O=HOPITAL DES 3. DAMES,ST=Paris (75),C=FR", id="rfc-4514"),
        pytest.param("CN=CLIENT_WS_ROR, OU=11B0073160, O=HOPITAL DES 3. DAMES, S=Paris (75), C=FR", id="dotnet"),
        pytest.param("C=FR,ST=Paris (75),O=HOPITAL DES 3. DAMES,OU=11B0073160,CN=CLIENT_WS_ROR", id="forward"),
        pytest.param("/C=FR/ST=Paris (75)/O=HOPITAL DES 3. DAMES/OU=11B0073160/CN=CLIENT_WS_ROR", id="slash"),
        pytest.param('CN=CLIENT_WS_ROR, OU=11B0073160, O="HOPITAL DES 3. DAMES", ST=Paris (75), C=FR', id="java"),
        pytest.param("cn=CLIENT_WS_ROR,ou=11B0073160,o=HOPITAL DES 3. DAMES,st=Paris (75),c=FR", id="lower-attributes"),
        pytest.param(
            "2.5.4.3=CLIENT_WS_ROR,OID.2.5.4.11=11B0073160,O=HOPITAL DES 3. DAMES,S=Paris (75),C=FR", id="oids"
        ),
        pytest.param("CN=CLIENT\\5FWS_ROR;OU=11B0073160;O=HOPITAL DES 3. DAMES;ST=Paris (75);C=FR", id="escapes"),
        pytest.param(
            "C = FR, ST = Paris (75), O = HOPITAL DES 3. DAMES, OU = 11B0073160, CN = CLIENT_WS_ROR", id="openssl"
        ),
        pytest.param(
            "CN=CLIENT_WS_ROR,2.5.4.11=#0c0a31314230303733313630,O=HOPITAL DES 3. DAMES,ST=Paris (75),C=#13024652",
            id="der",
        ),
        pytest.param("/C=FR/ST=Paris (75)/O=HOPITAL DES 3. DAMES/OU=11B0073160/CN=CLIENT\\x5FWS_ROR", id="one-line"),
    ],
)
def test_every_way_of_writing_a_name_gives_the_same_list(text) -> None:
    assert same_name(parse_dn(text), LISTED)


@pytest.mark.parametrize(
    ("text", "cn"),
    [
        pytest.param("CN=A\\,OU\\=318751275100020,OU=11B0073160,C=FR", "A,OU=318751275100020", id="escaped-comma"),
        pytest.param('CN="A,OU=318751275100020", OU=11B0073160, C=FR', "A,OU=318751275100020", id="quoted"),
        pytest.param("CN=A/OU=318751275100020,OU=11B0073160,C=FR", "A/OU=318751275100020", id="slash-in-a-value"),
        pytest.param('CN="A \\"B\\"", OU=11B0073160, C=FR', 'A "B"', id="escaped-quote"),
        pytest.param("CN=L\\C3\\A9on,OU=11B0073160,C=FR", "Léon", id="utf-8-escapes"),
        pytest.param("CN=A\\ ,OU=11B0073160,C=FR", "A ", id="trailing-blank-kept"),
        pytest.param("CN=#1e0400410042,OU=11B0073160,C=FR", "AB", id="bmp-string"),
        pytest.param("/C=FR/OU=11B0073160/CN=L\\xC3\\xA9on", "Léon", id="one-line-utf-8"),
        pytest.param("/C=FR/OU=11B0073160/CN=Léon", "Léon", id="slash-unescaped"),
        pytest.param("CN=INSI-AUTO,OU=11B0073160,C=FR", "INSI-AUTO", id="dash"),
    ],
)
def test_a_value_is_a_value_whatever_it_looks_like(text, cn) -> None:
    name = parse_dn(text)

    assert [value for attribute, value in name if attribute == "CN"] == [cn]
    assert [value for attribute, value in name if attribute == "OU"] == ["11B0073160"]


def test_a_slash_form_that_hides_a_second_structure_shows_it() -> None:
    hidden = parse_dn("/C=FR/OU=11B0073160/CN=A/OU=318751275100020")

    assert [value for attribute, value in hidden if attribute == "OU"] == ["11B0073160", "318751275100020"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "CN",
        "CN=A+OU=B,C=FR",
        'CN="A,C=FR',
        'CN="A"B,C=FR',
        "CN=#0403,C=FR",
        "CN=#,C=FR",
        "CN=#0c,C=FR",
        "CN=#0c0241,C=FR",
        "CN=#0c01zz,C=FR",
        "CN=#0c02c328,C=FR",
        "CN=#04014A,C=FR",
        "CN=\\FF,C=FR",
        "/nothing",
        "CN=A,",
    ],
)
def test_what_is_not_one_name_is_refused(text) -> None:
    with pytest.raises(NotADistinguishedName):
        parse_dn(text)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param([*LISTED[:4], ("CN", "client_ws_ror")], id="case"),
        pytest.param([*LISTED[:4], ("CN", "CLIENT_WS_ROR ")], id="blank"),
        pytest.param([*LISTED[:3], LISTED[4], LISTED[3]], id="order"),
        pytest.param([*LISTED[:4], ("OU", "11B0073160"), LISTED[4]], id="one-more"),
        pytest.param(LISTED[1:], id="one-less"),
        pytest.param([*LISTED[:3], ("OU", "11Ｂ0073160"), LISTED[4]], id="full-width"),
    ],
)
def test_names_are_compared_exactly(other) -> None:
    assert not same_name(LISTED, tuple(other))


VALUES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=30)


@given(VALUES, VALUES)
def test_what_is_written_reads_back(organisation, common) -> None:
    subject = (("C", "FR"), ("O", organisation), ("OU", "11B0073160"), ("CN", common))

    assert parse_dn(write_dn(subject)) == subject
