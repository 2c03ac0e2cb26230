"""The OAuth clients of the reference federation: one for each access profile, and the gateway itself.

Codes for profiles 0 to 3 are established; those of 4 (CU22) and 5 (CU20) are an assumption of this project.
"""

from dataclasses import dataclass

PROFILE_CODES = {"0": "CU23", "1": "CU22", "2": "CU20", "3": "CU19", "4": "CU22", "5": "CU20"}
ASSUMED_PROFILES = ("4", "5")
PROFILE_SYSTEM = "1.2.250.1.213.1.6.1.66"
ROLE_SYSTEM = "1.2.250.1.213.1.1.4.6"
GATEWAY_CLIENT = "passerelle-inter-ror"
OPEN_SECRET = "secret-de-demonstration-profil-0"  # noqa: S105 - the public secret of a demonstration on loopback


@dataclass(frozen=True, slots=True)
class Client:
    """One registered client: a secret (profile 0) or the fingerprint of a certificate (the others)."""

    client_id: str
    access_profile: str
    secret: str | None = None
    sha256: str | None = None

    @property
    def ror_headers(self) -> dict[str, str]:
        """The four headers handed out with the identifier (digest section 2.4)."""
        return {
            "Ror-Profil-Utilisateur-Code": PROFILE_CODES[self.access_profile],
            "Ror-Profil-Utilisateur-System": PROFILE_SYSTEM,
            "Ror-Role-Metier-Code": "AUTOMATE",
            "Ror-Role-Metier-System": ROLE_SYSTEM,
        }


def client_name(profile: str) -> str:
    """The identifier of the client of that profile."""
    return f"client-profil-{profile}"


def make_clients(fingerprints: dict[str, str]) -> tuple[Client, ...]:
    """The clients of profiles 0 to 5; `fingerprints` gives the certificate of each but the first."""
    opened = Client(client_name("0"), "0", secret=OPEN_SECRET)
    return (
        opened,
        *(Client(client_name(one), one, sha256=fingerprints[client_name(one)]) for one in PROFILE_CODES if one != "0"),
    )
