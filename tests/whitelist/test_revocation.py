from datetime import timedelta

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from whitelist.revocation import Freshness, ListAlarm, Revocation, RevocationLists

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def lists(pki, *blocks: bytes, previous: RevocationLists | None = None) -> RevocationLists:
    pinned = (pki.root.certificate, pki.issuer.certificate)
    return RevocationLists.from_bytes(blocks, authorities=pinned, previous=previous)


@pytest.fixture
def both(pki) -> RevocationLists:
    return lists(pki, pki.root.sign_list(), pki.issuer.sign_list(number=5))


def test_a_certificate_on_no_list_is_good(both, peer, now) -> None:
    assert (both.check(peer, now), both.freshness(now), both.alarms) == (Revocation.GOOD, Freshness.FRESH, ())


def test_a_revoked_leaf_is_refused(pki, peer, now) -> None:
    held = lists(pki, pki.root.sign_list(), pki.issuer.sign_list(peer.serial))

    assert held.check(peer, now) is Revocation.REVOKED


def test_a_leaf_of_a_revoked_issuer_is_refused(pki, peer, now) -> None:
    held = lists(pki, pki.root.sign_list(pki.issuer.certificate.serial_number), pki.issuer.sign_list())

    assert held.check(peer, now) is Revocation.REVOKED


@pytest.mark.parametrize(
    ("after_expiry", "freshness", "revocation"),
    [
        pytest.param(-HOUR, Freshness.FRESH, Revocation.GOOD, id="fresh"),
        pytest.param(HOUR, Freshness.STALE, Revocation.GOOD, id="C06-stale"),
        pytest.param(DAY - HOUR, Freshness.STALE, Revocation.GOOD, id="C06-end-of-grace"),
        pytest.param(DAY, Freshness.BLIND, Revocation.UNKNOWN, id="C07-blind"),
    ],
)
def test_an_expired_list_is_stale_then_blind(both, peer, now, after_expiry, freshness, revocation) -> None:
    instant = now + DAY + after_expiry

    assert (both.freshness(instant), both.check(peer, instant)) == (freshness, revocation)


def test_a_list_of_tomorrow_says_nothing_today(pki, peer, now) -> None:
    held = lists(pki, pki.root.sign_list(), pki.issuer.sign_list(updated=now + HOUR))

    assert (held.check(peer, now), held.freshness(now)) == (Revocation.UNKNOWN, Freshness.BLIND)


def test_a_revoked_certificate_stays_refused_when_the_list_is_too_old(pki, peer, now) -> None:
    held = lists(pki, pki.root.sign_list(), pki.issuer.sign_list(peer.serial))

    assert held.check(peer, now + 30 * DAY) is Revocation.REVOKED


@pytest.mark.parametrize("missing", ["root", "issuer"])
def test_without_the_list_of_every_authority_nothing_is_good(pki, peer, now, missing) -> None:
    kept = pki.issuer if missing == "root" else pki.root

    held = lists(pki, kept.sign_list())

    assert (held.check(peer, now), held.freshness(now)) == (Revocation.UNKNOWN, Freshness.BLIND)


def test_a_certificate_of_an_authority_that_is_not_pinned_is_unknown(pki, both, now) -> None:
    stranger = pki.peer(pki.issue(issuer=pki.hostile_issuer))
    person = msgspec.structs.replace(stranger, issuer_sha256=pki.persons.sha256)

    assert [both.check(one, now) for one in (stranger, person)] == [Revocation.UNKNOWN] * 2


def test_an_issuer_whose_root_is_not_pinned_is_unknown(pki, peer, now) -> None:
    held = RevocationLists.from_bytes([pki.issuer.sign_list()], authorities=(pki.issuer.certificate,))

    assert held.check(peer, now) is Revocation.UNKNOWN


@pytest.mark.parametrize(
    ("forge", "alarm"),
    [
        pytest.param(lambda pki: pki.issuer.sign_list(number=4), ListAlarm.OLDER, id="C08-lower-number"),
        pytest.param(
            lambda pki: pki.issuer.sign_list(number=9, signed_by=pki.hostile_issuer),
            ListAlarm.WRONG_SIGNATURE,
            id="C09-wrong-key-same-name",
        ),
        pytest.param(lambda pki: pki.persons.sign_list(number=9), ListAlarm.UNKNOWN_ISSUER, id="not-pinned"),
        pytest.param(lambda pki: pki.issuer.sign_list(number=None), ListAlarm.WITHOUT_NUMBER, id="no-number"),
        pytest.param(
            lambda pki: pki.issuer.sign_list(number=9, critical=x509.DeltaCRLIndicator(5)),
            ListAlarm.PARTIAL,
            id="delta",
        ),
        pytest.param(lambda _: b"<html>", ListAlarm.UNREADABLE, id="html"),
        pytest.param(lambda pki: pki.issuer.sign_list()[:200], ListAlarm.UNREADABLE, id="truncated"),
    ],
)
def test_a_list_that_does_not_pass_leaves_the_good_one_in_place(pki, both, peer, now, forge, alarm) -> None:
    after = lists(pki, forge(pki), previous=both)

    assert (after.alarms, after.lists) == ((alarm,), both.lists)
    assert after.check(peer, now) is Revocation.GOOD


def test_a_newer_list_replaces_the_one_held(pki, both, peer, now) -> None:
    after = lists(pki, pki.issuer.sign_list(peer.serial, number=6), previous=both)

    assert (after.check(peer, now), after.alarms) == (Revocation.REVOKED, ())


def test_a_list_of_the_same_number_is_read_again(pki, both) -> None:
    after = lists(pki, pki.issuer.sign_list(number=5), previous=both)

    assert after == both


def test_lists_are_read_from_files_of_either_form(pki, peer, now, tmp_path) -> None:
    together, alone = tmp_path / "crl.pem", tmp_path / "aci.crl"
    together.write_bytes(pki.root.sign_list() + pki.issuer.sign_list(number=5))
    parsed = x509.load_pem_x509_crl(pki.issuer.sign_list(peer.serial, number=6))
    alone.write_bytes(parsed.public_bytes(Encoding.DER))

    held = RevocationLists.load((together, alone), authorities=(pki.root.certificate, pki.issuer.certificate))

    assert (held.check(peer, now), held.alarms) == (Revocation.REVOKED, ())


def test_a_file_that_is_not_there_is_told(pki, tmp_path) -> None:
    with pytest.raises(FileNotFoundError):
        RevocationLists.load((tmp_path / "none",), authorities=(pki.root.certificate,))
