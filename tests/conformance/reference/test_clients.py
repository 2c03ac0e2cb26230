"""The registered clients and the headers handed out with them (digest sections 2.2 to 2.4)."""

from conformance.reference.clients import client_name, make_clients

FINGERPRINTS = {client_name(profile): profile * 64 for profile in "12345"}


def test_profile_0_has_a_secret_and_the_others_a_certificate() -> None:
    clients = {client.access_profile: client for client in make_clients(FINGERPRINTS)}

    assert sorted(clients) == list("012345")
    assert clients["0"].secret
    assert clients["0"].sha256 is None
    for profile in "12345":
        assert (clients[profile].secret, clients[profile].sha256) == (None, profile * 64)


def test_each_profile_has_its_code() -> None:
    codes = {one.access_profile: one.ror_headers["Ror-Profil-Utilisateur-Code"] for one in make_clients(FINGERPRINTS)}

    assert codes == {"0": "CU23", "1": "CU22", "2": "CU20", "3": "CU19", "4": "CU22", "5": "CU20"}


def test_the_four_headers_are_those_of_the_digest() -> None:
    assert make_clients(FINGERPRINTS)[1].ror_headers == {
        "Ror-Profil-Utilisateur-Code": "CU22",
        "Ror-Profil-Utilisateur-System": "1.2.250.1.213.1.6.1.66",
        "Ror-Role-Metier-Code": "AUTOMATE",
        "Ror-Role-Metier-System": "1.2.250.1.213.1.1.4.6",
    }
