"""The gateway's access tokens, both ways: signed by the token door, checked by the FHIR door (RFC 9068)."""

from dataclasses import dataclass
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc import jwk, jwt
from joserfc.errors import JoseError

from gateway.errors import ErrorCode, NotAuthenticated

TYPE = "at+jwt"
TYPES_READ = frozenset({TYPE, f"application/{TYPE}"})
HEADER_NAMES = frozenset({"alg", "typ", "kid"})
"""No other header is of use here: `jku`, `x5u`, `jwk` or `crit` mean that somebody is trying something."""

SCOPE = "system/*.rs"
LARGEST = 8 * 1024
LONGEST_LIFE = 3600

SigningKey = jwk.RSAKey | jwk.ECKey


class Claims(msgspec.Struct, frozen=True):
    """What a token says; a claim missing or of another type is not one of ours."""

    iss: str
    sub: str
    client_id: str
    aud: str | tuple[str, ...]
    iat: int
    exp: int
    jti: str
    scope: str = ""
    nbf: int = 0


@dataclass(frozen=True, slots=True)
class AccessTokens:
    """Who issues tokens, for which audience, for how many seconds, and the skew of clocks tolerated."""

    key: SigningKey
    issuer: str
    audience: str
    lifetime: int
    skew: int

    @property
    def algorithms(self) -> tuple[str, ...]:
        """The algorithms this key may have signed with; the first is ours."""
        return ("ES256",) if isinstance(self.key, jwk.ECKey) else ("RS256", "PS256")

    def issue(self, client_id: str, *, now: int, identifier: str) -> str:
        """A signed token for that client."""
        header = {"alg": self.algorithms[0], "typ": TYPE, "kid": self.key.thumbprint()}
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "sub": client_id,
            "client_id": client_id,
            "aud": self.audience,
            "iat": now,
            "exp": now + self.lifetime,
            "jti": identifier,
            "scope": SCOPE,
        }
        return jwt.encode(header, claims, self.key, algorithms=list(self.algorithms))

    def check(self, token: str, *, now: int) -> Claims:
        """The claims of a token of ours that is in force; the refusal never says which check failed."""
        if len(token) > LARGEST or not token.isascii() or token.count(".") != 2:
            raise NotAuthenticated(ErrorCode.INVALID_TOKEN)
        try:
            decoded = jwt.decode(token, self.key, algorithms=list(self.algorithms))
            claims = msgspec.convert(decoded.claims, Claims)
        except (JoseError, msgspec.ValidationError, ValueError) as error:
            raise NotAuthenticated(ErrorCode.INVALID_TOKEN) from error
        if not (self._header_accepted(decoded.header) and self._in_force(claims, now) and self._for_us(claims)):
            raise NotAuthenticated(ErrorCode.INVALID_TOKEN)
        return claims

    def _header_accepted(self, header: dict[str, Any]) -> bool:
        return (
            set(header) <= HEADER_NAMES
            and str(header.get("typ", "")).lower() in TYPES_READ
            and header.get("kid") == self.key.thumbprint()
        )

    def _in_force(self, claims: Claims, now: int) -> bool:
        return (
            claims.exp > now - self.skew
            and claims.nbf <= now + self.skew
            and claims.iat <= now + self.skew
            and claims.exp - claims.iat <= LONGEST_LIFE
        )

    def _for_us(self, claims: Claims) -> bool:
        audience = (claims.aud,) if isinstance(claims.aud, str) else claims.aud
        return claims.iss == self.issuer and self.audience in audience


def signing_key(pem: str | None) -> SigningKey:
    """The key of that PEM, or a fresh one when there is none; raises `ValueError` for a key of another kind."""
    if pem is None:
        return jwk.ECKey.generate_key("P-256")
    key = load_pem_private_key(pem.encode(), password=None)
    if isinstance(key, rsa.RSAPrivateKey):
        return jwk.RSAKey.import_key(pem)
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return jwk.ECKey.import_key(pem)
    raise ValueError("an RSA or P-256 private key in PEM is needed")
