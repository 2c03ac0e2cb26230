"""Real handshakes on the loopback: in TLS 1.3 the client learns a refusal at its first read."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtendedKeyUsageOID

from whitelist.tls import ClientAuth, CredentialsRefused, client_context, server_context

HOUR = timedelta(hours=1)
TLS_1_2, TLS_1_3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
BOTH = pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3], ids=["tls-1.2", "tls-1.3"])


@pytest.fixture
def files(pki, tmp_path):
    """The files of a door: its certificate, the pinned hierarchy, the lists of root and issuer."""
    certificate, key = pki.server().write(tmp_path)
    ca, crl = tmp_path / "ca.pem", tmp_path / "crl.pem"
    pem = serialization.Encoding.PEM
    ca.write_bytes(b"".join(one.certificate.public_bytes(pem) for one in (pki.root, pki.issuer)))
    crl.write_bytes(pki.root.sign_list() + pki.issuer.sign_list())
    return {"certificate": certificate, "key": key, "ca": ca, "crl": (crl,)}


@pytest.fixture
def door(files):
    """The context of a door; a case changes its lists or whether it asks for a certificate."""

    def build(client_auth: ClientAuth = ClientAuth.REQUIRED, **changes) -> ssl.SSLContext:
        given = files | changes
        return server_context(
            given["certificate"], given["key"], ca=given["ca"], crl=given["crl"], client_auth=client_auth
        )

    return build


@pytest.fixture
def caller(pki, files, tmp_path):
    """The context of a caller with that leaf, or with none; it may forge what our own contexts would not do."""

    def build(leaf=None, *, version: ssl.TLSVersion = TLS_1_3, chain: bool = True) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cafile=files["ca"])
        context.minimum_version = context.maximum_version = version
        if leaf is not None:
            context.load_cert_chain(*leaf.write(tmp_path, chain=chain))
        return context

    return build


@contextmanager
def listening(context: ssl.SSLContext, connections: int = 1) -> Iterator[int]:
    """A server that answers `ok` on each connection whose handshake succeeds."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)

        def serve() -> None:
            for _ in range(connections):
                accepted, _ = listener.accept()
                accepted.settimeout(5)
                try:
                    with context.wrap_socket(accepted, server_side=True) as secured:
                        secured.sendall(b"ok")
                        secured.unwrap()  # only a session closed cleanly could be resumed
                except OSError:
                    accepted.close()

        thread = Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(10)


def ask(context: ssl.SSLContext, port: int, *, name: str = "localhost", session: ssl.SSLSession | None = None):
    """The session, and whether it was resumed; raises when refused."""
    with (
        socket.create_connection(("127.0.0.1", port), timeout=5) as raw,
        context.wrap_socket(raw, server_hostname=name, session=session) as secured,
    ):
        answer = secured.recv(2)
        if answer != b"ok":
            raise ConnectionError("closed before an answer")
        session, reused = secured.session, secured.session_reused
        secured.unwrap()
        return session, reused


def served(door: ssl.SSLContext, caller: ssl.SSLContext) -> bool:
    with listening(door) as port:
        try:
            ask(caller, port)
        except (ssl.SSLError, ConnectionError):
            return False
        return True


@BOTH
def test_a_listed_shape_is_served(door, caller, pki, version) -> None:
    assert served(door(), caller(pki.issue(), version=version))


@BOTH
@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda _pki, _now: None, id="C02-none"),
        pytest.param(lambda pki, now: pki.issue(valid=(now - 3 * HOUR, now - timedelta(seconds=1))), id="C03-expired"),
        pytest.param(lambda pki, now: pki.issue(valid=(now + HOUR, now + 3 * HOUR)), id="C03-not-yet-valid"),
        pytest.param(lambda pki, _now: pki.issue(issuer=pki.hostile_issuer), id="C10-identical-names"),
        pytest.param(lambda pki, _now: pki.issue(issuer=pki.persons), id="C14-persons"),
        pytest.param(
            lambda pki, _now: pki.issue(
                usage=("digital_signature", "content_commitment"), purposes=(ExtendedKeyUsageOID.EMAIL_PROTECTION,)
            ),
            id="C15-sign",
        ),
        pytest.param(lambda pki, _now: pki.issue(purposes=(ExtendedKeyUsageOID.SERVER_AUTH,)), id="server-only"),
    ],
)
def test_another_certificate_is_refused_in_the_handshake(door, caller, pki, now, forge, version) -> None:
    assert not served(door(), caller(forge(pki, now), version=version))


@BOTH
@pytest.mark.parametrize("client_auth", [ClientAuth.REQUIRED, ClientAuth.OPTIONAL])
def test_a_revoked_certificate_is_refused_wherever_one_is_asked(
    door, caller, pki, tmp_path, client_auth, version
) -> None:
    leaf = pki.issue()
    crl = tmp_path / "revoked.pem"
    crl.write_bytes(pki.root.sign_list() + pki.issuer.sign_list(leaf.certificate.serial_number, number=2))

    assert not served(door(client_auth, crl=(crl,)), caller(leaf, version=version))


@pytest.mark.parametrize(
    "lists",
    [
        pytest.param(lambda _pki, _now: b"", id="none"),
        pytest.param(lambda pki, _now: pki.issuer.sign_list(), id="without-the-root's"),
        pytest.param(lambda pki, _now: pki.root.sign_list(), id="without-the-issuer's"),
        pytest.param(
            lambda pki, now: pki.root.sign_list() + pki.issuer.sign_list(updated=now - 3 * HOUR, expires=now - HOUR),
            id="expired",
        ),
        pytest.param(
            lambda pki, _now: pki.root.sign_list(pki.issuer.certificate.serial_number) + pki.issuer.sign_list(),
            id="C05-revoked-issuer",
        ),
        pytest.param(
            lambda pki, _now: pki.root.sign_list() + pki.issuer.sign_list(signed_by=pki.hostile_issuer),
            id="C09-wrong-key",
        ),
    ],
)
def test_without_good_lists_the_door_is_closed(door, caller, pki, now, tmp_path, lists) -> None:
    crl = tmp_path / "other.pem"
    content = lists(pki, now)
    crl.write_bytes(content)

    assert not served(door(crl=(crl,) if content else ()), caller(pki.issue()))


def test_the_root_alone_lets_another_issuer_through_when_its_list_is_there(door, caller, pki, tmp_path) -> None:
    """Case C14: the handshake cannot tell; the decision pins the issuer."""
    crl = tmp_path / "all.pem"
    crl.write_bytes(pki.root.sign_list() + pki.issuer.sign_list() + pki.persons.sign_list())
    leaf = pki.issue(issuer=pki.persons)

    assert served(door(crl=(crl,)), caller(leaf))
    assert pki.peer(leaf).issuer_sha256 is None


def test_the_intermediate_need_not_be_sent(door, caller, pki) -> None:
    assert served(door(), caller(pki.issue(), chain=False))


def test_an_intermediate_alone_is_not_trusted(door, caller, pki, tmp_path) -> None:
    ca = tmp_path / "issuer.pem"
    ca.write_bytes(pki.issuer.certificate.public_bytes(serialization.Encoding.PEM))

    assert not served(door(ca=ca), caller(pki.issue()))


@pytest.mark.parametrize(("client_auth", "asked"), [(ClientAuth.OPTIONAL, True), (ClientAuth.NONE, False)])
def test_an_optional_door_serves_a_caller_without_certificate(door, caller, pki, client_auth, asked) -> None:
    context = door(client_auth)

    assert served(context, caller())
    assert (context.verify_mode is ssl.CERT_OPTIONAL) is asked


def test_an_optional_door_refuses_an_untrusted_certificate(door, caller, pki) -> None:
    assert not served(door(ClientAuth.OPTIONAL), caller(pki.issue(issuer=pki.hostile_issuer)))


@BOTH
def test_a_session_of_a_revoked_certificate_is_not_resumed(door, caller, pki, tmp_path, version) -> None:
    leaf = pki.issue()
    context = caller(leaf, version=version)
    with listening(door()) as port:
        session, _ = ask(context, port)
    crl = tmp_path / "revoked.pem"
    crl.write_bytes(pki.root.sign_list() + pki.issuer.sign_list(leaf.certificate.serial_number, number=2))

    with listening(door(crl=(crl,))) as port, pytest.raises((ssl.SSLError, ConnectionError)):
        ask(context, port, session=session)


def test_tls_1_3_sessions_are_not_resumed(door, caller, pki) -> None:
    context = caller(pki.issue())
    with listening(door(), 2) as port:
        session, _ = ask(context, port)
        _, reused = ask(context, port, session=session)

    assert (session.has_ticket, reused) == (False, False)


def test_tls_1_2_sessions_end_with_their_context_and_have_no_ticket(door, caller, pki) -> None:
    context = caller(pki.issue(), version=TLS_1_2)
    with listening(door()) as port:
        session, _ = ask(context, port)
    with listening(door()) as port:
        _, reused = ask(context, port, session=session)

    assert (session.has_ticket, reused) == (False, False)


def old_version(context: ssl.SSLContext) -> None:
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = ssl.TLSVersion.TLSv1_1
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1


@pytest.mark.parametrize(
    "weaken",
    [
        pytest.param(old_version, id="tls-1.1"),
        pytest.param(lambda context: context.set_ciphers("ECDHE-RSA-AES256-SHA384"), id="cbc"),
        pytest.param(lambda context: context.set_ciphers("AES256-GCM-SHA384"), id="rsa-key-exchange"),
        pytest.param(lambda context: context.set_ciphers("DHE-RSA-AES256-GCM-SHA384"), id="dhe"),
    ],
)
def test_what_the_profile_leaves_out_is_refused(door, caller, pki, weaken: Callable[[ssl.SSLContext], None]) -> None:
    context = caller(pki.issue(), version=TLS_1_2)
    weaken(context)

    assert not served(door(), context)


def test_a_weak_key_is_refused(door, caller, pki, tmp_path) -> None:
    context = caller(version=TLS_1_2)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.load_cert_chain(*pki.issue(key=pki.weak_key).write(tmp_path))

    assert not served(door(), context)


SUITES_1_3 = {"TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"}
SUITES_1_2 = {
    f"ECDHE-{signature}-{cipher}"
    for signature in ("ECDSA", "RSA")
    for cipher in ("AES256-GCM-SHA384", "AES128-GCM-SHA256", "CHACHA20-POLY1305")
}


def test_the_suites_are_those_of_the_profile(door, files) -> None:
    outward = client_context(files["certificate"], files["key"], ca=files["ca"])

    assert {suite["name"] for suite in door().get_ciphers()} == SUITES_1_3 | SUITES_1_2
    assert {suite["name"] for suite in outward.get_ciphers()} == SUITES_1_3 | SUITES_1_2


def test_the_options_are_those_of_the_profile(door) -> None:
    context = door()

    for option in (ssl.OP_NO_COMPRESSION, ssl.OP_NO_RENEGOTIATION, ssl.OP_NO_TICKET, ssl.OP_CIPHER_SERVER_PREFERENCE):
        assert context.options & option
    assert (context.minimum_version, context.maximum_version, context.num_tickets) == (TLS_1_2, TLS_1_3, 0)
    assert context.security_level == 2
    assert not context.verify_flags & ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN


@pytest.mark.parametrize(
    ("forge", "name", "accepted"),
    [
        pytest.param(lambda pki: pki.server(), "localhost", True, id="right-name"),
        pytest.param(lambda pki: pki.server(), "other.example", False, id="other-name"),
        pytest.param(lambda pki: pki.server("other.example"), "localhost", False, id="C29-right-cn-other-san"),
        pytest.param(
            lambda pki: pki.issue(
                subject=(("C", "FR"), ("CN", "localhost")), purposes=(ExtendedKeyUsageOID.SERVER_AUTH,)
            ),
            "localhost",
            False,
            id="C29-cn-without-san",
        ),
        pytest.param(lambda pki: pki.issue(names=("localhost",)), "localhost", False, id="client-leaf-as-server"),
        pytest.param(
            lambda pki: pki.issue(
                issuer=pki.hostile_issuer, names=("localhost",), purposes=(ExtendedKeyUsageOID.SERVER_AUTH,)
            ),
            "localhost",
            False,
            id="hostile",
        ),
    ],
)
def test_calls_outward_check_hierarchy_and_name(files, pki, tmp_path, forge, name, accepted) -> None:
    certificate, key = forge(pki).write(tmp_path)
    there = server_context(certificate, key, ca=files["ca"], crl=files["crl"], client_auth=ClientAuth.REQUIRED)
    ours = client_context(*pki.issue().write(tmp_path), ca=files["ca"], crl=files["crl"])

    with listening(there) as port:
        if accepted:
            assert ask(ours, port, name=name)
        else:
            with pytest.raises(ssl.SSLCertVerificationError):
                ask(ours, port, name=name)


@pytest.mark.parametrize(("checked", "accepted"), [(True, False), (False, True)], ids=["with-lists", "without"])
def test_calls_outward_check_revocation_when_given_lists(files, pki, tmp_path, checked, accepted) -> None:
    server = pki.server()
    certificate, key = server.write(tmp_path)
    crl = tmp_path / "revoked.pem"
    crl.write_bytes(pki.root.sign_list() + pki.issuer.sign_list(server.certificate.serial_number, number=2))
    there = server_context(certificate, key, ca=files["ca"], client_auth=ClientAuth.NONE)
    ours = client_context(*pki.issue().write(tmp_path), ca=files["ca"], crl=(crl,) if checked else None)

    with listening(there) as port:
        if accepted:
            assert ask(ours, port)
        else:
            with pytest.raises(ssl.SSLCertVerificationError):
                ask(ours, port)


@pytest.mark.parametrize("broken", ["certificate", "ca", "crl"])
def test_a_file_that_cannot_be_used_is_named(files, tmp_path, door, broken) -> None:
    absent, text = tmp_path / "absent.pem", tmp_path / "text.pem"
    text.write_text("no certificate")

    for path in (absent, text):
        with pytest.raises(CredentialsRefused) as refused:
            door(**{broken: (path,) if broken == "crl" else path})

        assert refused.value.path == path
