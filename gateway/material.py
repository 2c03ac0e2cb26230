"""What the files of the configuration hold: trust, identity, keys. A file that cannot be used stops the start."""

import ssl
from dataclasses import replace
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from adapters.contract import Identity
from gateway.configuration import Configuration
from gateway.doors.access_token import SigningKey, signing_key
from gateway.errors import ConfigurationRefused
from gateway.nomenclatures.acceptances import AcceptancesRefused, load_acceptances
from gateway.trust import Trust
from mappings.nomenclatures.catalogue import ReleaseRefused, UnknownRelease, current, install
from mappings.nomenclatures.replacements import Acceptance, Pair
from whitelist.document import FederationDocument
from whitelist.identity import IdentityRefused, PeerCertificate, load_certificates, write_dn
from whitelist.loading import DocumentRefused, load
from whitelist.revocation import RevocationLists
from whitelist.tls import ClientAuth, CredentialsRefused, client_context, server_context


def trust(configuration: Configuration) -> Trust:
    """The federation document, the authorities it pins, and their revocation lists."""
    document = _document(configuration.federation.document)
    _refuse_releases_not_held(document)
    authorities = _authorities(configuration.certificates.ca, document)
    lists = RevocationLists.load(configuration.federation.crl, authorities=authorities)
    for alarm in lists.alarms:
        raise refused("federation.crl", f"liste de révocation refusée ({alarm})", f"revocation list refused ({alarm})")
    return Trust(document, authorities, lists)


def callers_known(configuration: Configuration, document: FederationDocument) -> None:
    """Nothing when every caller with deadlines of its own exists: a misspelt one would keep the deadline of all."""
    known = {member.code for member in document.members} | {client.client_id for client in document.clients}
    for caller in configuration.deadlines.callers.keys() - known:
        raise refused(
            f"deadlines.callers.{caller}",
            "ni un membre ni un client du document de fédération",
            "neither a member nor a client of the federation document",
        )


def nomenclatures(configuration: Configuration) -> dict[Pair, Acceptance]:
    """Put the added releases in use, and give the replacements of codes that experts accepted."""
    settings = configuration.nomenclatures
    try:
        if settings.directory is not None:
            install(settings.directory)
        return load_acceptances(settings.accepted) if settings.accepted is not None else {}
    except ReleaseRefused as error:
        raise refused(
            "nomenclatures.directory", f"publication non valide : {error}", f"invalid release: {error}"
        ) from error
    except AcceptancesRefused as error:
        key = "nomenclatures.accepted"
        raise refused(key, f"acceptations refusées ({error})", f"acceptances refused ({error})") from error


def _document(path: Path) -> FederationDocument:
    try:
        return load(path)
    except DocumentRefused as error:
        key = "federation.document"
        raise refused(key, f"{error.path} : {error.french}", f"{error.path}: {error.english}") from error


def _refuse_releases_not_held(document: FederationDocument) -> None:
    """A publication younger than all that is held would make of its new codes unknown ones."""
    members = (document.nomenclatures_of(member) for member in document.members)
    clients = (document.nomenclatures_of(client) for client in document.clients)
    for name in dict.fromkeys((document.nomenclatures, *members, *clients)):
        try:
            current().day(name)
        except UnknownRelease as error:
            newest = current().releases[-1].id
            raise refused(
                "federation.document",
                f"publication des nomenclatures {name} non tenue (la plus récente : {newest}) ;"
                " ror-gateway nomenclatures import la prend en compte",
                f"publication of the nomenclatures {name} not held (newest: {newest});"
                " ror-gateway nomenclatures import takes it in",
            ) from error


def _authorities(path: Path, document: FederationDocument) -> tuple[x509.Certificate, ...]:
    pinned = document.trust.roots | document.trust.issuers
    try:
        held = load_certificates(path.read_bytes())
    except ValueError as error:
        raise refused("certificates.ca", "ce n'est pas un fichier PEM", "not a PEM file") from error
    authorities = tuple(one for one in held if one.fingerprint(hashes.SHA256()).hex() in pinned)
    if len(authorities) < len(pinned):
        raise refused(
            "certificates.ca",
            "une autorité épinglée par le document de fédération manque",
            "an authority pinned by the federation document is missing",
        )
    return authorities


def reloaded(held: Trust, configuration: Configuration) -> Trust:
    """The same trust with the lists of the files over those held; raises `OSError` when one cannot be read."""
    lists = RevocationLists.load(configuration.federation.crl, authorities=held.authorities, previous=held.revocation)
    return replace(held, revocation=lists)


def door_context(configuration: Configuration, client_auth: ClientAuth) -> ssl.SSLContext:
    """The TLS of a door."""
    files = configuration.certificates
    try:
        return server_context(
            files.server, files.server_key, ca=files.ca, crl=configuration.federation.crl, client_auth=client_auth
        )
    except CredentialsRefused as error:
        raise _unusable(error) from error


def identity(configuration: Configuration) -> Identity:
    """Who the gateway is toward members."""
    files = configuration.certificates
    try:
        context = client_context(files.client, files.client_key, ca=files.ca)
        (own, *_) = load_certificates(files.client.read_bytes())
        peer = PeerCertificate.from_der(own.public_bytes(Encoding.DER))
    except CredentialsRefused as error:
        raise _unusable(error) from error
    except IdentityRefused as error:
        raise refused("certificates.client", f"certificat refusé ({error.code})", f"refused ({error.code})") from error
    return Identity(context, write_dn(peer.subject), peer.structure)


def token_key(configuration: Configuration) -> SigningKey:
    """The key that signs access tokens."""
    secret = configuration.secrets.token_signing_key
    try:
        return signing_key(None if secret is None else secret.get_secret_value())
    except (ValueError, TypeError) as error:
        french = "une clé privée RSA ou P-256 en PEM, sans mot de passe, est attendue"
        english = "an RSA or P-256 private key in PEM, without password, is expected"
        raise refused("secrets.token_signing_key", french, english) from error


def _unusable(error: CredentialsRefused) -> ConfigurationRefused:
    return refused(
        "certificates", f"{error.path} inutilisable : {error.reason}", f"{error.path} cannot be used: {error.reason}"
    )


def refused(key: str, french: str, english: str) -> ConfigurationRefused:
    """One problem of the configuration."""
    return ConfigurationRefused(((key, french, english),))
