"""Who is at the other end of a TLS connection: trusting the root also trusts its PERSONNES branch, so look closer."""

from aiohttp import web
from cryptography import x509
from cryptography.exceptions import InvalidSignature

from conformance.reference.pki import Authority


def peer_certificate(request: web.Request) -> bytes | None:
    """The DER of the certificate the caller presented, None without one."""
    tls = request.get_extra_info("ssl_object")
    return None if tls is None else tls.getpeercert(binary_form=True)


def from_pinned_issuer(der: bytes, authority: Authority) -> bool:
    """Whether that very CA signed the certificate: names prove nothing, a hostile hierarchy may bear the same."""
    certificate = x509.load_der_x509_certificate(der)
    try:
        certificate.verify_directly_issued_by(authority.certificate)
    except (InvalidSignature, ValueError):
        return False
    return True
