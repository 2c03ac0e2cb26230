"""The rules on the answer of one member: same for every source, before the entitlement, silent on what is hidden."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gateway.federation.exchange import Outcome, Source, Status
from gateway.federation.fanout import Window
from gateway.federation.plan import Step
from gateway.federation.settlement import Settled, settle
from gateway.replica.store import Progress, Replica
from mappings.exposition.contact import Contact, Telecommunication
from mappings.exposition.demandes import LectureEtablissement, LectureOrganisationInterne, ProfilAcces, Recherche
from mappings.exposition.organisation import EntiteGeographique, EntiteJuridique, OrganisationInterne, Tarif
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code
from mappings.loss import Loss, LossKind, Severity
from mappings.losses.expected import rows_for
from whitelist.entitlement import Norme

_replace = msgspec.structs.replace

EJ = EntiteJuridique("1690000001", raison_sociale="Hospices")
EG = EntiteGeographique("1840000001", EJ.cle, denomination="Lyon")
POLE = OrganisationInterne(
    "84/POLE", Code("R207", "1"), nom="Pôle", entite_geographique=EG.cle, champs_activite=(Code("R227", "02"),)
)
SOURCES = pytest.mark.parametrize("source", list(Source))


def level(code: str) -> Code:
    return Code("R283", code)


def desk(contact: str, telecom: str) -> Contact:
    reached = Telecommunication(Code("R200", "2"), "0102030405", niveau_confidentialite=level(telecom))
    return Contact(
        nature_contact=Code("R287", "01"), niveau_confidentialite=level(contact), telecommunications=(reached,)
    )


def unit(kit: Any, name: str = "A", **changes: Any) -> Any:
    return kit.offer(f"84/{name}", **{"entite_geographique": EG.cle, "organisation": POLE.cle, **changes})


def house(*offres: Any, pole: OrganisationInterne = POLE) -> Repertoire:
    return Repertoire((EJ,), (EG,), (pole,), offres)


def settled(
    kit: Any,
    repertoire: Repertoire,
    demande: Any = None,
    *,
    source: Source = Source.LIVE,
    profil: ProfilAcces = ProfilAcces.P1,
    norme: Norme = Norme.CSD_3_0,
    status: Status = Status.ANSWERED,
) -> Settled:
    outcome = Outcome(member="84", status=status, source=source, repertoire=repertoire)
    exchange = kit.exchange(demande or LectureEtablissement(EG.cle), "84", profil)
    return settle(outcome, Step(member="84", source=source), exchange, norme, {})


def told(found: Settled) -> list[tuple[str, str]]:
    assert all(any(rows_for(loss, "federation")) for loss in found.outcome.losses)
    return [(loss.rule, loss.object) for loss in found.outcome.losses]


@SOURCES
def test_what_obeys_is_told_nothing(kit: Any, source: Source) -> None:
    found = settled(kit, house(unit(kit)), source=source)

    assert told(found) == []
    assert found.outcome.repertoire == house(unit(kit))


@SOURCES
@pytest.mark.parametrize("demande", [LectureEtablissement(EG.cle), LectureOrganisationInterne("84/A"), Recherche()])
def test_a_breach_is_repaired_whatever_the_source_and_the_question(kit: Any, source: Source, demande: Any) -> None:
    found = settled(kit, house(unit(kit, contacts=(desk("3", "1"),))), demande, source=source)

    (contact,) = found.outcome.repertoire.offres[0].contacts
    assert contact.telecommunications[0].niveau_confidentialite == level("3")
    assert told(found) == [("RG_EXP_034", "84/A")]


@SOURCES
@pytest.mark.parametrize("norme", list(Norme))
def test_what_was_too_open_is_closed_before_the_profiles_apply(kit: Any, source: Source, norme: Norme) -> None:
    given = house(
        unit(kit, contacts=(desk("1", "1"),), unite_sensible=True), unit(kit, "B", contacts=(desk("2", "1"),))
    )

    found = settled(kit, given, source=source, profil=ProfilAcces.P0, norme=norme)

    assert [offre.cle for offre in found.outcome.repertoire.offres] == ["84/B"]
    assert found.outcome.repertoire.offres[0].contacts == ()
    assert told(found) == [("RG_EXP_034", "84/B")]


@pytest.mark.parametrize("source", [Source.LIVE, Source.NATIONAL])
def test_an_incomplete_unit_is_kept_back_and_told(kit: Any, source: Source) -> None:
    given = house(unit(kit), unit(kit, "B", nom=""))

    found = settled(kit, given, source=source)

    assert [offre.cle for offre in found.outcome.repertoire.offres] == ["84/A"]
    assert told(found) == [("RG_EXP_002", "84/B")]


def test_an_incomplete_unit_that_is_hidden_is_not_told(kit: Any) -> None:
    given = house(unit(kit), unit(kit, "B", nom="", unite_sensible=True))

    assert told(settled(kit, given, profil=ProfilAcces.P0)) == []


def test_a_search_tells_of_its_matches_only(kit: Any) -> None:
    broken = {"champs_activite": (Code("R227", "02"), Code("R227", "03"))}
    given = house(unit(kit, **broken), unit(kit, "B", activity="481", **broken))

    found = settled(kit, given, kit.CARDIOLOGY)

    assert found.keys == ("84/A",)
    assert ("RG_EXP_010", "84/A") in told(found)
    assert ("RG_EXP_010", "84/B") not in told(found)


def test_a_hidden_unit_that_is_read_leaves_no_trace(kit: Any) -> None:
    given = house(unit(kit, unite_sensible=True), pole=_replace(POLE, contacts=(desk("2", "1"),)))
    outcome = Outcome(
        member="84",
        status=Status.ANSWERED,
        source=Source.REPLICA,
        repertoire=given,
        losses=(Loss(POLE.cle, "", "merge.object.conflict", LossKind.INCONSISTENT, Severity.WARNING),),
    )
    exchange = kit.exchange(LectureOrganisationInterne("84/A"), "84", ProfilAcces.P0)

    found = settle(outcome, Step(member="84", source=Source.REPLICA), exchange, Norme.CSD_3_0, {}).outcome

    assert (found.status, len(found.repertoire), found.losses) == (Status.EMPTY, 0, ())


# who judges a level without unit: whole readings only
WHOLE: dict[str, tuple[dict[str, Any], bool]] = {
    "live": ({}, True),
    "replica": ({"source": Source.REPLICA}, True),
    "national": ({"source": Source.NATIONAL}, False),
    "cut": ({"status": Status.TRUNCATED}, False),
    "live under a profile that hides units": ({"profil": ProfilAcces.P2}, False),
    "the copy, whatever the profile": ({"profil": ProfilAcces.P2, "source": Source.REPLICA}, True),
    "filtered": ({"demande": LectureEtablissement(EG.cle, champs_activite=(Code("R227", "02"),))}, False),
    "a unit": ({"demande": LectureOrganisationInterne("84/A")}, False),
}


@pytest.mark.parametrize(("given", "judged"), WHOLE.values(), ids=WHOLE)
def test_a_level_without_unit_is_judged_on_the_whole(kit: Any, given: dict[str, Any], judged: bool) -> None:
    empty = _replace(POLE, cle="84/EMPTY")
    whole = Repertoire((EJ,), (EG,), (POLE, empty), (unit(kit),))

    assert (("RG_EXP_001", "84/EMPTY") in told(settled(kit, whole, **given))) is judged


FIELDS = LectureEtablissement(EG.cle, champs_activite=(Code("R227", "02"),))


def test_a_live_member_that_sends_other_fields_is_filtered_and_told(kit: Any) -> None:
    other = _replace(POLE, cle="84/OTHER", champs_activite=(Code("R227", "04"),))
    given = Repertoire(
        (EJ,),
        (EG,),
        (POLE, other),
        (unit(kit), unit(kit, "B", champs_activite=(Code("R227", "04"),), organisation="84/OTHER")),
    )

    live, copy = settled(kit, given, FIELDS), settled(kit, given, FIELDS, source=Source.REPLICA)

    for found in (live, copy):
        assert [objet.cle for objet in found.outcome.repertoire.objets()] == [EJ.cle, EG.cle, POLE.cle, "84/A"]
    assert told(live) == [("RG_ALIM_020", "84/OTHER"), ("RG_ALIM_020", "84/B")]
    assert told(copy) == []


def test_a_level_is_kept_for_the_field_of_a_unit_below_it(kit: Any) -> None:
    given = house(unit(kit, champs_activite=(Code("R227", "03"),)))
    asked = LectureEtablissement(EG.cle, champs_activite=(Code("R227", "03"),))

    for source in Source:
        found = settled(kit, given, asked, source=source)
        (level_,) = found.outcome.repertoire.organisations_internes
        assert [code.code for code in level_.champs_activite] == ["02", "03"]


def test_a_live_member_that_does_not_reduce_is_reduced_and_told(kit: Any) -> None:
    priced = _replace(EG, tarifs=(Tarif(Code("R246", "01"), None, 1),))  # type: ignore[arg-type]
    given = _replace(house(unit(kit, temporalite_accueil=Code("R240", "1"))), entites_geographiques=(priced,))
    asked = LectureEtablissement(EG.cle, restriction_oi=True)

    live, copy = settled(kit, given, asked), settled(kit, given, asked, source=Source.REPLICA)

    for found in (live, copy):
        assert found.outcome.repertoire.entites_geographiques[0].tarifs == ()
        assert found.outcome.repertoire.offres[0].temporalite_accueil is None
    assert told(live) == [("RG_ALIM_015", EG.cle), ("RG_ALIM_015", "84/A")]
    assert told(copy) == []


def test_a_legal_entity_of_the_key_of_its_site_was_not_reduced(kit: Any) -> None:
    seat = _replace(EJ, cle=EG.cle)
    given = _replace(
        house(unit(kit)), entites_juridiques=(seat,), entites_geographiques=(_replace(EG, entite_juridique=seat.cle),)
    )

    assert told(settled(kit, given, LectureEtablissement(EG.cle, restriction_oi=True))) == []


def test_without_restriction_nothing_is_taken_out(kit: Any) -> None:
    priced = _replace(EG, tarifs=(Tarif(Code("R246", "01"), None, 1),))  # type: ignore[arg-type]
    given = _replace(house(unit(kit)), entites_geographiques=(priced,))

    assert settled(kit, given).outcome.repertoire == given


def test_what_a_reading_lacks_is_told(kit: Any) -> None:
    another = LectureEtablissement("1840000099")

    assert ("RG_ALIM_018", "1840000099") in told(settled(kit, house(unit(kit)), another))
    assert told(settled(kit, Repertoire(), another, status=Status.EMPTY)) == []


@pytest.fixture
async def replica(tmp_path: Path) -> AsyncIterator[Replica]:
    opened = await Replica.open(f"sqlite:///{tmp_path}/replica.db")
    yield opened
    await opened.close()


async def test_pages_of_the_copy_stay_whole_beside_incomplete_units(kit: Any, replica: Replica) -> None:
    units = [unit(kit, f"U{number}", nom="" if number % 2 else "Unité") for number in range(6)]
    await replica.store_establishment("84", EG.cle, house(*units), seen_at=1.0)
    await replica.record(Progress(member="84", state="current", last_success=1.0))

    held = await replica.held("84", kit.CARDIOLOGY, Window(limit=3))

    assert held is not None
    assert held.count == 3
    assert [loss.object for loss in held.losses if loss.rule == "RG_EXP_002"] == ["84/U1", "84/U3", "84/U5"]
