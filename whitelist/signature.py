"""The XML signature of an assertion: one shape, read whole, then verified (security facts 2.4; docs/decisions/0035).

Accepted: one `ds:Signature` in the message, child of the assertion, with one reference to the identifier of that
assertion and the two transforms of SAML (enveloped, exclusive C14N). Everything else is refused before anything is
computed: nothing is looked up, fetched or executed. What is read afterwards is a parse of the very bytes that were
digested, so that no arrangement of the message can have another element read than the one that was signed.
"""

import base64
import binascii
import hmac

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from lxml import etree

from mappings.csd.xml import parse

DS = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = f"{DS}enveloped-signature"
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_MORE_2007 = "http://www.w3.org/2007/05/xmldsig-more#"
_ENCRYPTION = "http://www.w3.org/2001/04/xmlenc#"

LONGEST_ASSERTION = 64 * 1024
"""Bytes in canonical form: a VIHF has some 3 KiB, and what is digested is parsed once more."""
LONGEST_VALUE = 16 * 1024
"""Characters of base64 of a certificate or of a signature."""

_SHA_256, _SHA_384, _SHA_512 = hashes.SHA256(), hashes.SHA384(), hashes.SHA512()
_DIGESTS: dict[str, hashes.HashAlgorithm] = {
    f"{_ENCRYPTION}sha256": _SHA_256,
    f"{_MORE}sha384": _SHA_384,
    f"{_ENCRYPTION}sha512": _SHA_512,
}
_SIZES: dict[int, hashes.HashAlgorithm] = {256: _SHA_256, 384: _SHA_384, 512: _SHA_512}
_PKCS1 = {f"{_MORE}rsa-sha{size}": algorithm for size, algorithm in _SIZES.items()}
_PSS = {f"{_MORE_2007}sha{size}-rsa-MGF1": algorithm for size, algorithm in _SIZES.items()}
_ECDSA = {f"{_MORE}ecdsa-sha{size}": algorithm for size, algorithm in _SIZES.items()}
_METHODS = _PKCS1.keys() | _PSS.keys() | _ECDSA.keys()

_IDENTIFIERS = etree.XPath("count(//@*[local-name() = 'ID' or local-name() = 'Id' or local-name() = 'id'][. = $value])")


class SignatureRefused(Exception):
    """The signature cannot be relied on; `code` says why, without any value of it.

    Codes: signature-placement, signature-shape, signature-reference, signature-transform, signature-algorithm,
    signature-key, signature-value, signature-digest, signature-size, repeated-identifier.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Signature(msgspec.Struct, frozen=True):
    """A signature of the accepted shape, not yet verified; `certificate` (DER) is the one it says made it."""

    element: etree._Element
    signed_info: etree._Element
    reference: etree._Element
    value: bytes
    certificate: bytes

    def verified(self) -> etree._Element:
        """The assertion as it was signed: the only thing that may be read. The signature leaves the message for it."""
        method = self.signed_info[1].get("Algorithm", "")
        _check_value(
            _public_key(self.certificate),
            method,
            self.value,
            _canonical(self.signed_info, _prefixes(self.signed_info[0])),
        )
        digested = _canonical(self._detached(), _prefixes(self.reference[0][1]))
        digest = hashes.Hash(_DIGESTS[self.reference[1].get("Algorithm", "")])
        digest.update(digested)
        if not hmac.compare_digest(digest.finalize(), _decoded(self.reference[2], "signature-digest")):
            raise SignatureRefused("signature-digest")
        return parse(digested)

    def _detached(self) -> etree._Element:
        """The assertion without its signature: the enveloped transform, which leaves the text around it."""
        assertion, before = self.element.getparent(), self.element.getprevious()
        if assertion is None:
            raise SignatureRefused("signature-placement")
        tail = self.element.tail or ""
        if before is not None:
            before.tail = (before.tail or "") + tail
        else:
            assertion.text = (assertion.text or "") + tail
        self.element.tail = None
        assertion.remove(self.element)
        return assertion


def read(assertion: etree._Element) -> Signature | None:
    """The signature of an assertion; None when nothing in the message is signed; raises `SignatureRefused`."""
    found = [*assertion.getroottree().iter(_ds("Signature"))]
    if not found:
        return None
    if len(found) > 1 or found[0].getparent() is not assertion:
        raise SignatureRefused("signature-placement")
    signed_info, value, key_info = _children(found[0], "SignedInfo", "SignatureValue", "KeyInfo")
    canonicalisation, method, reference = _children(
        signed_info, "CanonicalizationMethod", "SignatureMethod", "Reference"
    )
    _check_canonicalisation(canonicalisation)
    if method.get("Algorithm") not in _METHODS or len(method):
        raise SignatureRefused("signature-algorithm")
    _check_reference(reference, assertion)
    certificates = [*key_info.iter(_ds("X509Certificate"))]
    if len(certificates) != 1:
        raise SignatureRefused("signature-key")
    return Signature(
        found[0],
        signed_info,
        reference,
        _decoded(value, "signature-value"),
        _decoded(certificates[0], "signature-key"),
    )


def _check_reference(reference: etree._Element, assertion: etree._Element) -> None:
    """One reference, to the assertion that holds it and to nothing else; its identifier is that of nothing else."""
    transforms, digest, _ = _children(reference, "Transforms", "DigestMethod", "DigestValue")
    identifier = assertion.get("ID")
    if not identifier or reference.get("URI") != f"#{identifier}":
        raise SignatureRefused("signature-reference")
    if _IDENTIFIERS(assertion.getroottree(), value=identifier) != 1.0:
        raise SignatureRefused("repeated-identifier")
    if [child.tag for child in transforms] != [_ds("Transform")] * 2:
        raise SignatureRefused("signature-transform")
    enveloped, canonicalisation = transforms
    if enveloped.get("Algorithm") != ENVELOPED or len(enveloped):
        raise SignatureRefused("signature-transform")
    _check_canonicalisation(canonicalisation)
    if digest.get("Algorithm") not in _DIGESTS or len(digest):
        raise SignatureRefused("signature-algorithm")


def _check_canonicalisation(method: etree._Element) -> None:
    """Exclusive, without comments, at most with a list of prefixes."""
    inside = [child.tag for child in method]
    if method.get("Algorithm") != EXCLUSIVE or inside not in ([], [f"{{{EXCLUSIVE}}}InclusiveNamespaces"]):
        raise SignatureRefused("signature-transform")


def _children(parent: etree._Element, *names: str) -> list[etree._Element]:
    """The children, which are exactly those, in that order: no object, no manifest, no second reference."""
    if [child.tag for child in parent] != [_ds(name) for name in names]:
        raise SignatureRefused("signature-shape")
    return list(parent)


def _prefixes(canonicalisation: etree._Element) -> list[str]:
    """The prefixes that are written even where nothing visible uses them."""
    return canonicalisation[0].get("PrefixList", "").split() if len(canonicalisation) else []


def _refuse_long(element: etree._Element) -> None:
    """Refuse what would be long in canonical form before it is made.

    Each element may write the namespaces it uses again: a long one, used often, makes hundreds of times the message.
    """
    length = 0
    for part in element.iter():
        length += len(str(part.tag)) + len(part.text or "") + len(part.tail or "")
        length += sum(len(str(name)) + len(str(value)) for name, value in part.attrib.items())
        if length > LONGEST_ASSERTION:
            raise SignatureRefused("signature-size")


def _canonical(element: etree._Element, prefixes: list[str]) -> bytes:
    _refuse_long(element)
    try:
        octets: bytes = etree.tostring(
            element, method="c14n", exclusive=True, with_comments=False, inclusive_ns_prefixes=prefixes
        )
    except etree.C14NError as error:
        raise SignatureRefused("signature-shape") from error
    if len(octets) > LONGEST_ASSERTION:
        raise SignatureRefused("signature-size")
    return octets


def _decoded(element: etree._Element, code: str) -> bytes:
    """The bytes of a base64 text, which may be cut in lines."""
    text = element.text or ""
    if len(text) > LONGEST_VALUE or len(element):
        raise SignatureRefused(code)
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise SignatureRefused(code) from error


def _public_key(der: bytes) -> rsa.RSAPublicKey | ec.EllipticCurvePublicKey:
    try:
        key = x509.load_der_x509_certificate(der).public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SignatureRefused("signature-key") from error
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        raise SignatureRefused("signature-key")
    return key


def _check_value(key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey, method: str, value: bytes, octets: bytes) -> None:
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(_sequence(value), octets, ec.ECDSA(_ECDSA[method]))
        elif method in _PSS:
            size = _PSS[method].digest_size
            key.verify(value, octets, padding.PSS(padding.MGF1(_PSS[method]), size), _PSS[method])
        else:
            key.verify(value, octets, padding.PKCS1v15(), _PKCS1[method])
    except KeyError as error:
        raise SignatureRefused("signature-algorithm") from error
    except (InvalidSignature, ValueError) as error:
        raise SignatureRefused("signature-value") from error


def _sequence(value: bytes) -> bytes:
    """The two numbers of an ECDSA signature, which XML writes side by side (RFC 9231 section 2.3.6)."""
    half = len(value) // 2
    return encode_dss_signature(int.from_bytes(value[:half]), int.from_bytes(value[half:]))


def _ds(name: str) -> str:
    return f"{{{DS}}}{name}"
