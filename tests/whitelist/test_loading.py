import json

import msgspec
import pytest

from mappings.exposition.demandes import ProfilAcces
from whitelist.document import MemberStatus, OAuthClient
from whitelist.loading import DocumentRefused, load, read

HEADERS = {
    "Ror-Profil-Utilisateur-Code": "CU20",
    "Ror-Profil-Utilisateur-System": "1.2.250.1.213.1.6.1.66",
    "Ror-Role-Metier-Code": "AUTOMATE",
    "Ror-Role-Metier-System": "1.2.250.1.213.1.1.4.6",
}


@pytest.fixture
def whole(document, pki, entry):
    """The document of the tests with a client of each kind, as a JSON value that a case may spoil."""
    proof = pki.peer(pki.issue(subject=(("C", "FR"), ("O", "X"), ("OU", "11B0000910"), ("CN", "client"))))
    clients = (
        OAuthClient(
            client_id="certain",
            name="x",
            access_profile=ProfilAcces.P2,
            certificates=(entry(proof),),
            ror_headers=HEADERS,
        ),
        OAuthClient(client_id="open", name="y", access_profile=ProfilAcces.P0, secret_sha256="0" * 64),
    )
    return json.loads(msgspec.json.encode(msgspec.structs.replace(document, clients=clients)))


def spoilt(whole, place: str, value: object) -> bytes:
    """The document with another value at a dotted place; `-` appends to a list, None with `del` in front removes."""
    holder = whole
    *path, last = place.split(".")
    for step in path:
        holder = holder[int(step)] if isinstance(holder, list) else holder[step]
    if last == "-":
        holder.append(value)
    elif isinstance(holder, list):
        holder[int(last)] = value
    else:
        holder[last] = value
    return json.dumps(whole).encode()


def test_a_document_is_read_from_bytes_or_from_a_file(document, tmp_path) -> None:
    path = tmp_path / "federation.json"
    path.write_bytes(msgspec.json.encode(document))

    assert load(path) == load(path.read_bytes()) == document


def test_unknown_fields_are_ignored(whole, document) -> None:
    read_back = load(spoilt(whole, "members.0.later", {"x": 1}))

    assert read_back.members == document.members


RIGHT = {"operation": "recherche", "providers": ["*"], "profiles": ["1"]}
OTHER_SUBJECT = [["C", "FR"], ["OU", "11B0000999"], ["CN", "X"]]


@pytest.mark.parametrize(
    ("place", "value", "code", "path"),
    [
        pytest.param("format", "2.0", "unknown-format", "$.format", id="format-major"),
        pytest.param("format", None, "unknown-format", "$.format", id="no-format"),
        pytest.param("serial", "1", "wrong-shape", "$.serial", id="serial-as-text"),
        pytest.param("members.0.name", 3, "wrong-shape", "$.members[0].name", id="name-as-number"),
        pytest.param("members.0.rights.0", "all", "wrong-shape", "$.members[0].rights[0]", id="right-as-text"),
        pytest.param("issued_at", "2026-01-01T00:00:00", "no-offset", "$.issued_at", id="no-offset"),
        pytest.param("expires_at", "2020-01-01T00:00:00Z", "dates", "$.expires_at", id="expires-before"),
        pytest.param("nomenclatures", "septembre", "nomenclatures", "$.nomenclatures", id="release-without-month"),
        pytest.param(
            "members.1.nomenclatures",
            "2026-13",
            "nomenclatures",
            "$.members[1].nomenclatures",
            id="release-of-a-member",
        ),
        pytest.param(
            "clients.0.nomenclatures", "2026", "nomenclatures", "$.clients[0].nomenclatures", id="release-of-a-client"
        ),
        pytest.param("trust.issuers", [], "no-trust", "$.trust", id="no-issuer"),
        pytest.param("trust.roots", [], "no-trust", "$.trust", id="no-root"),
        pytest.param("trust.issuers", ["AB" * 32], "fingerprint", "$.trust.issuers", id="upper-case-fingerprint"),
        pytest.param(
            "members.0.certificates.0.sha256",
            "00",
            "fingerprint",
            "$.members[0].certificates[0].sha256",
            id="short-fingerprint",
        ),
        pytest.param("clients.1.secret_sha256", "secret", "fingerprint", "$.clients[1].secret_sha256", id="secret"),
        pytest.param(
            "members.0.certificates.0.subject",
            [["OU", "1"], ["OU", "2"]],
            "subject",
            "$.members[0].certificates[0].subject",
            id="two-structures",
        ),
        pytest.param("members.1.code", "84", "duplicate-code", "$.members[1].code", id="same-code"),
        pytest.param("members.1.code", "FR", "member-code", "$.members[1].code", id="reserved-code"),
        pytest.param("members.1.regions", ["84"], "region", "$.members[1].regions", id="region-held-twice"),
        pytest.param("members.1.regions", [], "region", "$.members[1].regions", id="no-region"),
        pytest.param("members.1.regions", ["53", "53"], "region", "$.members[1].regions", id="region-said-twice"),
        pytest.param(
            "members.0.rights.-",
            RIGHT | {"providers": ["99"]},
            "unknown-provider",
            "$.members[0].rights[3].providers",
            id="unknown-provider",
        ),
        pytest.param(
            "members.1.endpoints",
            [{"interface": "x", "version": "3.0", "url": "https://x", "server_name": "x"}],
            "endpoint-without-server",
            "$.members[1].endpoints[0]",
            id="endpoint-without-server",
        ),
        pytest.param(
            "members.0.endpoints.0.url",
            "http://localhost",
            "endpoint-not-https",
            "$.members[0].endpoints[0].url",
            id="clear-text",
        ),
        pytest.param(
            "national",
            {"fhir": "https://x", "token": "https://x", "client_id": "x", "server_name": "x", "server_sha256": []},
            "endpoint-without-server",
            "$.national.server_sha256",
            id="national-without-server",
        ),
        pytest.param(
            "national",
            {
                "fhir": "https://x",
                "token": "http://x",
                "client_id": "x",
                "server_name": "x",
                "server_sha256": ["0" * 64],
            },
            "endpoint-not-https",
            "$.national.token",
            id="national-in-clear",
        ),
        pytest.param("clients.1.client_id", "certain", "duplicate-client", "$.clients[1].client_id", id="same-client"),
        pytest.param("clients.1.access_profile", "1", "client-proof", "$.clients[1]", id="secret-beyond-profile-0"),
        pytest.param("clients.0.certificates", [], "client-proof", "$.clients[0]", id="no-proof"),
        pytest.param("clients.0.secret_sha256", "0" * 64, "client-proof", "$.clients[0]", id="two-proofs"),
        pytest.param(
            "clients.0.ror_headers", {"Accept": "x"}, "client-headers", "$.clients[0].ror_headers", id="headers"
        ),
    ],
)
def test_a_document_that_breaks_a_rule_is_refused_whole(whole, place, value, code, path) -> None:
    with pytest.raises(DocumentRefused) as refused:
        load(spoilt(whole, place, value))

    assert (refused.value.code, refused.value.path) == (code, path)
    assert refused.value.french in str(refused.value)
    assert refused.value.english in str(refused.value)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        pytest.param({}, "certificate-shared", id="same-certificate"),
        pytest.param({"sha256": "0" * 64}, "subject-shared", id="I18-same-subject"),
        pytest.param(
            {"sha256": "0" * 64, "subject": [["OU", "11B0000840"], ["CN", "OTHER"]]}, "structure-shared", id="I18-ou"
        ),
    ],
)
def test_an_identity_belongs_to_one_member(whole, fields, code) -> None:
    borrowed = whole["members"][0]["certificates"][0] | fields

    with pytest.raises(DocumentRefused) as refused:
        load(spoilt(whole, "members.1.certificates", [borrowed]))

    assert (refused.value.code, refused.value.path.startswith("$.members[")) == (code, True)


@pytest.mark.parametrize("declared", [(True, True), (True, False)], ids=["both", "one-only"])
def test_one_operator_may_hold_two_members_when_both_say_so(whole, declared) -> None:
    for index, shared in enumerate(declared):
        whole["members"][index]["shared_operator"] = shared
        whole["members"][index]["structures"] = ["11B0000840"]

    if all(declared):
        assert len(load(json.dumps(whole).encode()).members) == 3
    else:
        with pytest.raises(DocumentRefused, match="structure-shared"):
            load(json.dumps(whole).encode())


def test_a_withdrawn_member_keeps_no_hold_on_what_was_its_own(whole) -> None:
    whole["members"][1] |= {"status": "withdrawn", "certificates": whole["members"][0]["certificates"]}

    assert load(json.dumps(whole).encode()).members[1].status is MemberStatus.WITHDRAWN


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"", "not-json", id="empty"),
        pytest.param(b'{"format": "1.0"', "not-json", id="truncated"),
        pytest.param(b'{"format": "1.0", "serial": NaN}', "not-json", id="nan"),
        pytest.param('{"format": "1.0"}'.encode("utf-16"), "not-json", id="utf-16"),
        pytest.param(b"\xef\xbb\xbf{}", "not-json", id="byte-order-mark"),
        pytest.param(b"[]", "unknown-format", id="a-list"),
        pytest.param(b'{"format": "1.0", "serial": 1, "serial": 2}', "duplicate-key", id="duplicate-key"),
        pytest.param(b'{"format": "1.0", "x": {"a": [{"b": 1, "b": 1}]}}', "duplicate-key", id="duplicate-key-below"),
        pytest.param(b'{"format": "1.0", "x": ' + b"[" * 20 + b"]" * 20 + b"}", "too-deep", id="21-levels"),
        pytest.param(b"[" * 200_000, "too-deep", id="hostile-depth"),
        pytest.param(b" " * (5 * 1024 * 1024 + 1), "too-large", id="over-5-mib"),
    ],
)
def test_bytes_that_are_not_a_document_are_refused(data, code) -> None:
    with pytest.raises(DocumentRefused) as refused:
        load(data)

    assert refused.value.code == code


def test_a_file_too_large_or_absent_is_refused(tmp_path) -> None:
    large = tmp_path / "large.json"
    large.write_bytes(b" " * (5 * 1024 * 1024 + 1))

    with pytest.raises(DocumentRefused, match="too-large"):
        load(large)
    with pytest.raises(DocumentRefused, match="unreadable"):
        load(tmp_path / "absent.json")


@pytest.mark.parametrize(
    ("place", "value", "where"),
    [
        pytest.param(
            "members.0.rights.-", RIGHT | {"operation": "televersement"}, "$.members[0].rights[3]", id="operation"
        ),
        pytest.param(
            "members.0.rights.0.profiles", ["1", "2", "9"], "$.members[0].rights[0].profiles[2]", id="profile"
        ),
        pytest.param(
            "members.0.certificates.-",
            {"usage": "seal", "sha256": "0" * 64, "subject": OTHER_SUBJECT, "issuer": "x"},
            "$.members[0].certificates[2]",
            id="usage",
        ),
    ],
)
def test_an_entry_in_a_newer_vocabulary_grants_nothing(whole, document, place, value, where) -> None:
    reading = read(spoilt(whole, place, value))

    assert reading.inert == (where,)
    assert reading.document.members == document.members


@pytest.mark.parametrize(("place", "value"), [("members.0.status", "retired"), ("members.0.state", "shadow")])
def test_a_member_in_an_unknown_situation_is_known_and_not_served(whole, place, value) -> None:
    reading = read(spoilt(whole, place, value))

    assert reading.inert == ("$.members[0]",)
    assert reading.document.members[0].status is MemberStatus.SUSPENDED


def test_an_unknown_operation_of_a_client_is_not_granted(whole) -> None:
    reading = read(spoilt(whole, "clients.0.operations", ["recherche", "televersement"]))

    assert reading.inert == ("$.clients[0].operations[1]",)
    assert {str(operation) for operation in reading.document.clients[0].operations} == {"recherche"}
