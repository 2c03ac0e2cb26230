"""The implementation under judgement, as its owner describes it."""

import ssl
from pathlib import Path

import msgspec
from cryptography import x509

from conformance.text import Text


class BadTarget(Exception):
    """The description cannot be used: a misuse of the suite, no verdict on anybody."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """`endpoint` is the whole address of the readings and of the notification; `cert` and `key` are the caller's."""

    endpoint: str
    ca: str
    cert: str
    key: str
    solution: str
    contract: str

    def tls(self) -> ssl.SSLContext:
        """The caller's side of mutual TLS: only the named authorities are trusted."""
        try:
            context = ssl.create_default_context(cafile=self.ca)
            context.load_cert_chain(self.cert, self.key)
        except (OSError, ssl.SSLError) as error:
            raise BadTarget(
                Text(
                    f"Certificats du fichier cible inutilisables : {error}", f"Certificates of the target file: {error}"
                )
            ) from error
        return context

    def subject(self) -> str:
        """The subject of the caller's certificate, which the token's issuer must repeat."""
        return x509.load_pem_x509_certificate(Path(self.cert).read_bytes()).subject.rfc4514_string()


def read_target(path: Path) -> Target:
    """The target a file describes."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Target)
    except (OSError, msgspec.MsgspecError) as error:
        raise BadTarget(Text(f"Fichier cible illisible : {error}", f"Unreadable target file: {error}")) from error
