from datetime import timedelta

import msgspec
import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from mappings.exposition.demandes import ProfilAcces, Transaction
from whitelist.decision import Reason, decide, decide_client, identify, identify_client
from whitelist.document import CertificateUsage, MemberStatus, OAuthClient, Trust
from whitelist.revocation import Revocation

P0, P1, P2, P3, P4, P5 = ProfilAcces
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
SUBJECT = (("C", "FR"), ("ST", "Paris (75)"), ("O", "ROR DE TEST"), ("OU", "11B0000840"), ("CN", "ROR_84_CLIENT"))
PROFILES = {"CU23": P0, "CU22": P1, "CU20": P2, "CU19": P3}


def replace(value, **changes):
    return msgspec.structs.replace(value, **changes)


def member(document, **changes):
    """The document in which member 84 is otherwise."""
    return replace(document, members=(replace(document.members[0], **changes), *document.members[1:]))


@pytest.fixture
def asked(document, peer, now):
    """Asks with everything in order but what the case changes."""

    def ask(**changes):
        usual = {
            "document": document,
            "peer": peer,
            "operation": Transaction.RECHERCHE,
            "target": "FR",
            "profil": P1,
            "revocation": Revocation.GOOD,
            "now": now,
        } | changes
        return decide(usual.pop("document"), usual.pop("peer"), **usual)

    return ask


def test_a_listed_member_may_ask_what_it_was_granted(asked) -> None:
    decision = asked()

    assert (decision.allowed, decision.reason, decision.member.code) == (True, None, "84")
    assert (decision.profil, decision.providers) == (P1, {"84", "53", "94"})


@pytest.mark.parametrize("target", ["53", "94"])
def test_one_provider_may_be_asked_alone(asked, target) -> None:
    assert asked(target=target).providers == {target}


def test_the_operation_and_the_profile_are_granted_together(asked) -> None:
    reading = {"operation": Transaction.LECTURE_ETABLISSEMENT}

    assert asked(**reading, profil=P3).providers == {"53"}
    assert asked(**reading, profil=P1).providers == {"94"}
    assert asked(**reading, target="53", profil=P1).reason is Reason.PROFILE_NOT_GRANTED


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"peer": None}, Reason.NO_CERTIFICATE, id="C02-none"),
        pytest.param({"revocation": Revocation.REVOKED}, Reason.REVOKED, id="C28-revoked"),
        pytest.param({"revocation": Revocation.UNKNOWN}, Reason.REVOCATION_UNKNOWN, id="C07-blind"),
        pytest.param({"target": "99"}, Reason.UNKNOWN_TARGET, id="unknown-target"),
        pytest.param({"target": ""}, Reason.UNKNOWN_TARGET, id="no-target"),
        pytest.param({"operation": Transaction.EXTRACTION}, Reason.OPERATION_NOT_GRANTED, id="operation"),
        pytest.param(
            {"operation": Transaction.LECTURE_ETABLISSEMENT, "target": "84"}, Reason.PROVIDER_NOT_GRANTED, id="provider"
        ),
        pytest.param({"profil": P3}, Reason.PROFILE_NOT_GRANTED, id="V09-profile"),
        pytest.param({"profil": P0}, Reason.PROFILE_NOT_GRANTED, id="not-a-ceiling"),
        pytest.param({"profil": None}, Reason.PROFILE_NOT_GRANTED, id="without-vihf-profile-0-not-granted"),
    ],
)
def test_what_is_not_granted_is_refused(asked, changes, reason) -> None:
    decision = asked(**changes)

    assert (decision.allowed, decision.reason, decision.providers) == (False, reason, frozenset())


@pytest.mark.parametrize(
    ("issued", "reason"),
    [
        pytest.param({"issuer": "persons"}, Reason.WRONG_ISSUER, id="C14-persons"),
        pytest.param({"issuer": "hostile_issuer"}, Reason.WRONG_ISSUER, id="C10-identical-names"),
        pytest.param({"issuer": "root"}, Reason.WRONG_ISSUER, id="straight-from-the-root"),
        pytest.param({"purposes": (ExtendedKeyUsageOID.EMAIL_PROTECTION,)}, Reason.NOT_A_CLIENT_CERTIFICATE, id="C15"),
        pytest.param({"purposes": None}, Reason.NOT_A_CLIENT_CERTIFICATE, id="no-purpose"),
        pytest.param({"usage": ("key_encipherment",)}, Reason.NOT_A_CLIENT_CERTIFICATE, id="CONF"),
        pytest.param({"category": b"\x04\x01\x80"}, Reason.NOT_A_CLIENT_CERTIFICATE, id="C23-card"),
        pytest.param({"category": b"\x04\x01\x00"}, Reason.NOT_A_CLIENT_CERTIFICATE, id="C23-old-card"),
        pytest.param({}, Reason.UNLISTED_CERTIFICATE, id="C24-renewed-with-the-same-name"),
        pytest.param({"subject": (*SUBJECT[:4], ("CN", "AUTRE"))}, Reason.UNLISTED_CERTIFICATE, id="I06-unlisted-cn"),
    ],
)
def test_another_certificate_is_refused(asked, pki, issued, reason) -> None:
    if "issuer" in issued:
        issued = {"issuer": getattr(pki, issued["issuer"])}

    assert asked(peer=pki.peer(pki.issue(**issued))).reason is reason


def test_an_absent_category_is_accepted(asked, document, pki, entry) -> None:
    bare = pki.peer(pki.issue(category=None))

    assert asked(document=member(document, certificates=(entry(bare),)), peer=bare).allowed


def test_a_test_product_is_refused_in_production(asked, document) -> None:
    assert asked(document=replace(document, environment="production")).reason is Reason.WRONG_ENVIRONMENT


@pytest.mark.parametrize(
    ("instant", "reason"),
    [
        pytest.param("last", None, id="last-second"),
        pytest.param("after", Reason.EXPIRED_CERTIFICATE, id="C03-expired-one-second-ago"),
        pytest.param("before", Reason.CERTIFICATE_NOT_YET_VALID, id="C03-not-yet-valid"),
    ],
)
def test_certificates_have_no_skew(asked, document, peer, instant, reason) -> None:
    at = {"last": peer.not_after, "after": peer.not_after + SECOND, "before": peer.not_before - SECOND}[instant]
    lasting = replace(document, issued_at=peer.not_before - DAY, expires_at=peer.not_after + DAY)

    assert asked(document=lasting, now=at).reason is reason


@pytest.mark.parametrize(
    ("day", "reason"), [(6, Reason.DOCUMENT_EXPIRED), (-2, Reason.DOCUMENT_NOT_YET_VALID)], ids=["expired", "early"]
)
def test_a_document_out_of_its_dates_closes(asked, now, day, reason) -> None:
    assert asked(now=now + day * DAY).reason is reason


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"subject": (*SUBJECT[:4], ("CN", "ror_84_client"))}, Reason.SUBJECT_MISMATCH, id="I12-case"),
        pytest.param({"subject": (*SUBJECT[:2], ("O", "AUTRE"), *SUBJECT[3:])}, Reason.SUBJECT_MISMATCH, id="I24-o"),
        pytest.param({"subject": SUBJECT[::-1]}, Reason.SUBJECT_MISMATCH, id="order"),
        pytest.param({"issuer": "AC IGC-SANTE"}, Reason.WRONG_ISSUER, id="issuer-name"),
        pytest.param({"usage": CertificateUsage.SERVER}, Reason.UNLISTED_CERTIFICATE, id="C16-listed-for-server"),
        pytest.param({"sha256": "0" * 64}, Reason.UNLISTED_CERTIFICATE, id="I07-other-fingerprint"),
    ],
)
def test_fingerprint_subject_and_issuer_hold_together(asked, document, peer, entry, changes, reason) -> None:
    listed = replace(entry(peer), **changes)

    assert asked(document=member(document, certificates=(listed,))).reason is reason


def test_a_server_certificate_listed_for_client_is_accepted(asked, document, pki, entry) -> None:
    server = pki.peer(pki.server())

    assert asked(document=member(document, certificates=(entry(server),)), peer=server).allowed


def test_both_certificates_of_a_rotation_are_accepted(asked, document, pki, peer, entry) -> None:
    renewed = pki.peer(pki.issue())
    rotating = member(document, certificates=(entry(peer), entry(renewed)))

    assert [asked(document=rotating, peer=one).allowed for one in (peer, renewed)] == [True, True]


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (MemberStatus.SUSPENDED, Reason.MEMBER_SUSPENDED),
        (MemberStatus.MAINTENANCE, Reason.MEMBER_MAINTENANCE),
        (MemberStatus.WITHDRAWN, Reason.MEMBER_WITHDRAWN),
    ],
)
def test_a_member_that_is_not_active_is_refused_and_named(asked, document, status, reason) -> None:
    decision = asked(document=member(document, status=status))

    assert (decision.reason, decision.member.code) == (reason, "84")


def test_a_certificate_taken_over_belongs_to_the_new_member_only(asked, document, peer, entry) -> None:
    former = replace(document.members[1], status=MemberStatus.WITHDRAWN, certificates=(entry(peer),))
    handed_over = replace(document, members=(former, document.members[0], document.members[2]))

    decision = asked(document=handed_over)

    assert (decision.member.code, decision.providers) == ("84", {"84", "94"})
    assert asked(document=handed_over, target="53").reason is Reason.UNKNOWN_TARGET


@pytest.mark.parametrize(
    ("policy", "expected"),
    [(P1, (True, None, P1)), (None, (False, Reason.PROFILE_MISSING, None))],
    ids=["1", "refused"],
)
def test_a_call_without_assertion_follows_the_members_policy(asked, document, policy, expected) -> None:
    decision = asked(document=member(document, profile_without_vihf=policy), profil=None)

    assert (decision.allowed, decision.reason, decision.profil) == expected


def test_the_hierarchy_is_that_of_the_document(asked, document, pki) -> None:
    elsewhere = Trust(roots=frozenset({"0" * 64}), issuers=frozenset({pki.hostile_issuer.sha256}))

    assert asked(document=replace(document, trust=elsewhere)).reason is Reason.WRONG_ISSUER


def test_a_member_is_identified_before_it_asks(document, peer, now) -> None:
    known = identify(document, peer, revocation=Revocation.GOOD, now=now)
    revoked = identify(document, peer, revocation=Revocation.REVOKED, now=now)

    assert (known.allowed, known.member.code) == (True, "84")
    assert (revoked.reason, revoked.member) == (Reason.REVOKED, None)


HEADERS = {
    "Ror-Profil-Utilisateur-Code": "CU20",
    "Ror-Profil-Utilisateur-System": "1.2.250.1.213.1.6.1.66",
    "Ror-Role-Metier-Code": "AUTOMATE",
    "Ror-Role-Metier-System": "1.2.250.1.213.1.1.4.6",
}


@pytest.fixture
def registered(document, pki, entry):
    """The document with one client of that profile, and the certificate that proves it."""
    proof = pki.peer(pki.issue(subject=(*SUBJECT[:3], ("OU", "11B0000910"), ("CN", "client"))))

    def register(profil=P2, **changes):
        client = OAuthClient(
            client_id="client", name="x", access_profile=profil, certificates=(entry(proof),), ror_headers=HEADERS
        )
        return replace(document, clients=(replace(client, **changes),)), proof

    return register


@pytest.mark.parametrize(("profil", "code"), [(P2, "CU20"), (P5, "CU20"), (P1, "CU22"), (P4, "CU22"), (P4, "CU99")])
def test_a_client_is_served_under_the_profile_of_its_integration(registered, now, profil, code) -> None:
    headers = HEADERS | {"Ror-Profil-Utilisateur-Code": code}
    document, _ = registered(profil, ror_headers=headers)
    sent = {name.upper(): value for name, value in headers.items()} | {"Accept": "application/json"}

    decision = decide_client(
        document, "client", operation=Transaction.RECHERCHE, headers=sent, profiles=PROFILES, now=now
    )

    assert (decision.allowed, decision.profil) == (True, profil)
    assert (decision.client.client_id, decision.providers) == ("client", {"84", "53", "94"})


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        pytest.param({"client_id": "other"}, Reason.UNKNOWN_CLIENT, id="T22-not-listed"),
        pytest.param({"operation": Transaction.EXTRACTION}, Reason.OPERATION_NOT_GRANTED, id="operation"),
        pytest.param({"headers": {}}, Reason.HEADERS_NOT_HANDED_OUT, id="none"),
        pytest.param(
            {"headers": HEADERS | {"Ror-Profil-Utilisateur-Code": "CU22"}}, Reason.HEADERS_NOT_HANDED_OUT, id="T24"
        ),
        pytest.param(
            {"headers": {name: HEADERS[name] for name in list(HEADERS)[:3]}}, Reason.HEADERS_NOT_HANDED_OUT, id="three"
        ),
        pytest.param(
            {"headers": HEADERS | {"Ror-Role-Metier-Code": "automate"}}, Reason.HEADERS_NOT_HANDED_OUT, id="role"
        ),
    ],
)
def test_a_client_that_asks_otherwise_is_refused(registered, now, given, reason) -> None:
    document, _ = registered()
    usual = {"client_id": "client", "operation": Transaction.RECHERCHE, "headers": HEADERS} | given

    decision = decide_client(document, usual.pop("client_id"), **usual, profiles=PROFILES, now=now)

    assert (decision.allowed, decision.reason) == (False, reason)


def test_headers_that_were_never_handed_out_open_nothing(registered, now) -> None:
    document, _ = registered(ror_headers={})
    asked = {"operation": Transaction.RECHERCHE, "profiles": PROFILES, "now": now}

    assert decide_client(document, "client", headers={}, **asked).reason is Reason.HEADERS_NOT_HANDED_OUT
    assert decide_client(document, "client", headers=HEADERS, **asked).reason is Reason.HEADERS_NOT_HANDED_OUT


def test_a_code_that_means_another_profile_is_refused(registered, now) -> None:
    document, _ = registered(P3)

    decision = decide_client(
        document, "client", operation=Transaction.RECHERCHE, headers=HEADERS, profiles=PROFILES, now=now
    )

    assert decision.reason is Reason.PROFILE_NOT_GRANTED


@pytest.mark.parametrize(("headers", "allowed"), [({}, True), (HEADERS, False)], ids=["absent", "present"])
def test_the_capacity_feed_sends_no_such_header(registered, now, headers, allowed) -> None:
    document, _ = registered(operations=frozenset({Transaction.CAPACITE}))

    decision = decide_client(
        document, "client", operation=Transaction.CAPACITE, headers=headers, profiles=PROFILES, now=now
    )

    assert decision.allowed is allowed


def test_a_closed_document_serves_no_client(registered, now) -> None:
    document, _ = registered()
    asked = {"operation": Transaction.RECHERCHE, "headers": HEADERS, "profiles": PROFILES}

    assert decide_client(document, "client", **asked, now=now + 6 * DAY).reason is Reason.DOCUMENT_EXPIRED


def test_a_client_proves_itself_with_its_own_certificate(registered, peer, now) -> None:
    document, proof = registered()

    def reason(client_id, shown, revocation=Revocation.GOOD):
        return identify_client(document, client_id, shown, revocation=revocation, now=now).reason

    assert reason("client", proof) is None
    assert reason("client", peer) is Reason.UNLISTED_CERTIFICATE
    assert reason("client", None) is Reason.NO_CERTIFICATE
    assert reason("client", proof, Revocation.REVOKED) is Reason.REVOKED
    assert reason("other", proof) is Reason.UNKNOWN_CLIENT


def test_a_client_with_a_secret_is_not_proved_by_a_certificate(registered, now) -> None:
    document, proof = registered(P0, certificates=(), secret_sha256="0" * 64)

    decision = identify_client(document, "client", proof, revocation=Revocation.GOOD, now=now)

    assert (decision.allowed, decision.reason) == (False, Reason.UNLISTED_CERTIFICATE)
