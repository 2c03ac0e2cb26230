"""TLS contexts, built whole and explicitly: nothing of the system, nothing of Python's changing defaults
(security facts 2.3 and 1.6; RFC 9325).

A context never forgets a trust anchor nor takes an appended list for sure: to reload anything, build another context
and swap it. The revocation lists of the root and of the issuer are both needed; without one, or past its next update,
everyone is refused. In TLS 1.3 a refused client learns it at its first read.

No ticket is given, so no TLS 1.3 session is resumed. A TLS 1.2 session may be, on the context that holds it (Python
cannot turn that off) and never on the next one: the door therefore checks revocation again on every request.
"""

import ssl
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

_SUITES_1_2 = ":".join(
    f"ECDHE-{signature}-{cipher}"
    for cipher in ("AES256-GCM-SHA384", "AES128-GCM-SHA256", "CHACHA20-POLY1305")
    for signature in ("ECDSA", "RSA")
)
_LEVEL = "@SECLEVEL=2"


class ClientAuth(StrEnum):
    """Whether a door asks the caller for its certificate."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    NONE = "none"


_MODES = {
    ClientAuth.REQUIRED: ssl.CERT_REQUIRED,
    ClientAuth.OPTIONAL: ssl.CERT_OPTIONAL,
    ClientAuth.NONE: ssl.CERT_NONE,
}


class CredentialsRefused(Exception):
    """A certificate, key, authority or list file cannot be used. `path` is the file."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


def server_context(
    certificate: Path, key: Path, *, ca: Path, crl: Iterable[Path] = (), client_auth: ClientAuth
) -> ssl.SSLContext:
    """The context of a door. With client certificates asked, each is checked against the lists in the handshake."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _harden(context)
    context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE | ssl.OP_NO_TICKET
    context.num_tickets = 0
    _show(context, certificate, key)
    context.verify_mode = _MODES[client_auth]
    if client_auth is not ClientAuth.NONE:
        _trust(context, ca, crl)
    return context


def client_context(certificate: Path, key: Path, *, ca: Path, crl: Iterable[Path] | None = None) -> ssl.SSLContext:
    """The context of calls outward: the pinned hierarchy only, the host name checked against the SAN.

    `crl` None leaves the revocation of servers to their pinned fingerprints.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    _harden(context)
    context.check_hostname = True
    context.hostname_checks_common_name = False
    context.verify_mode = ssl.CERT_REQUIRED
    _show(context, certificate, key)
    _trust(context, ca, crl)
    return context


def _harden(context: ssl.SSLContext) -> None:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.maximum_version = ssl.TLSVersion.TLSv1_3
    # the suites of TLS 1.3 and the groups are the library's: its defaults are the profile
    context.set_ciphers(f"{_SUITES_1_2}:{_LEVEL}")
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION


def _show(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    try:
        context.load_cert_chain(certificate, key)
    except (ssl.SSLError, OSError) as error:
        raise CredentialsRefused(certificate, _reason(error)) from error


def _trust(context: ssl.SSLContext, ca: Path, crl: Iterable[Path] | None) -> None:
    # no partial chain: an intermediate alone proves nothing without its root
    context.verify_flags = ssl.VerifyFlags.VERIFY_X509_TRUSTED_FIRST
    if crl is not None:
        context.verify_flags |= ssl.VerifyFlags.VERIFY_CRL_CHECK_CHAIN
    for path in (ca, *(crl or ())):
        try:
            context.load_verify_locations(cafile=path)
        except (ssl.SSLError, OSError) as error:
            raise CredentialsRefused(path, _reason(error)) from error


def _reason(error: OSError) -> str:
    return str(getattr(error, "reason", None) or error.strerror or type(error).__name__)
