from datetime import UTC, datetime

import msgspec
import pytest

from mappings.csd.answers import write_document
from mappings.csd.version import Version
from mappings.exposition.contact import Contact, Telecommunication
from mappings.exposition.demandes import ProfilAcces
from mappings.exposition.lieu import (
    CapaciteAccueil,
    CapaciteAccueilOperationnelle,
    CapacitePriseCharge,
    Comptage,
    Lieu,
    LieuRealisationOffre,
)
from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique, OrganisationInterne
from mappings.exposition.professionnel import Professionnel, SituationOperationnelle
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code, Metadonnee
from mappings.fhir.encoding import encode
from mappings.fhir.write import write
from mappings.loss import Ledger
from whitelist.entitlement import Filtered, Norme, filter_repertoire

P0, P1, P2, P3, P4, P5 = ProfilAcces
NONE = Code("R337", "01")
EJ, EG, OI, UE = "1840000000", "1840000001", "84/OI-1", "84/UE-1"


def unit(cle: str, champ: str, *, sensible: bool | None = False, **given) -> OffreOperationnelle:
    return OffreOperationnelle(
        cle=cle,
        champs_activite=(Code("R227", champ),),
        unite_sensible=sensible,
        **{"entite_geographique": EG, **given},
    )


def professional(*offres: str, sites: tuple[str, ...] = ()) -> Professionnel:
    return Professionnel(cle="810000000001", offres=offres, entites_geographiques=sites)


def restricted() -> Contact:
    return Contact(nom="standard", niveau_confidentialite=Code("R283", "2"))


@pytest.mark.parametrize("sensible", [False, True], ids=["plain", "sensitive"])
@pytest.mark.parametrize("champ", ["01", "02", "03", "04", "05"])
@pytest.mark.parametrize("profil", list(ProfilAcces), ids=lambda profil: f"profile-{profil}")
@pytest.mark.parametrize("norme", list(Norme))
def test_nothing_forbidden_is_left_and_nothing_allowed_is_lost(
    norme, profil, champ, sensible, witness, expectations, mark_of
) -> None:
    filtered = filter_repertoire(witness(champ, sensible=sensible), profil=profil, norme=norme)

    emitted = msgspec.json.encode(filtered.repertoire).decode()
    expected = {
        row.element: row.sent(profil, champ, sensible=sensible) for row in expectations if row.standard == norme
    }
    assert {element: mark_of(element) in emitted for element in expected} == expected


def test_every_mark_of_the_witness_is_expected_somewhere(witness, expectations, mark_of) -> None:
    whole = msgspec.json.encode(witness("04", sensible=False)).decode()
    elements = {row.element for row in expectations}

    assert {element for element in elements if mark_of(element) not in whole} == set()
    assert whole.count("«") == sum(mark_of(element).startswith("«") for element in elements)


@pytest.mark.parametrize("norme", list(Norme))
@pytest.mark.parametrize("profil", list(ProfilAcces), ids=lambda profil: f"profile-{profil}")
def test_what_was_filtered_once_passes_whole(norme, profil, witness) -> None:
    once = filter_repertoire(witness("04", sensible=False), profil=profil, norme=norme)

    again = filter_repertoire(once.repertoire, profil=profil, norme=norme)

    assert (again.repertoire, again.withheld) == (once.repertoire, 0)


def test_withheld_counts_each_element_and_a_hidden_unit_once() -> None:
    repertoire = Repertoire(
        entites_geographiques=(EntiteGeographique(EG, zone_poser=False, contacts=(restricted(), restricted())),),
        offres=(
            unit(UE, "01", sensible=True, contacts=(restricted(),)),
            unit("84/UE-2", "01", actes_specifiques=(Code("R210", "1"), Code("R210", "2"))),
        ),
        professionnels=(professional(UE),),
    )

    filtered = filter_repertoire(repertoire, profil=P0, norme=Norme.CSD_3_0)

    # the helicopter zone, two contacts, the sensitive unit, two acts, the professional
    assert filtered.withheld == 7


def test_profile_1_receives_the_directory_as_it_stands(witness) -> None:
    repertoire = witness("01", sensible=True)

    assert filter_repertoire(repertoire, profil=P1, norme=Norme.CSD_3_0) == Filtered(repertoire, 0)


@pytest.mark.parametrize(
    ("offres", "profil", "norme", "kept"),
    [
        pytest.param([unit(UE, "05"), unit("84/UE-2", "01")], P0, Norme.FHIR, (UE,), id="only-the-city-link-is-public"),
        pytest.param([unit(UE, "01", sensible=True), unit("84/UE-2", "01")], P2, Norme.FHIR, ("84/UE-2",), id="hidden"),
        pytest.param([unit(UE, "01", sensible=True)], P2, Norme.CSD_3_0, None, id="only-hidden-units"),
        pytest.param([unit(UE, "01")], P0, Norme.CSD_3_0, None, id="hospital-at-profile-0"),
        pytest.param([unit(UE, "05")], P3, Norme.CSD_2_4, (UE,), id="soap-opens-the-city-to-profile-3"),
        pytest.param([unit(UE, "05")], P3, Norme.FHIR, None, id="the-national-side-does-not"),
        pytest.param([], P2, Norme.FHIR, None, id="unknown-units-may-be-sensitive"),
        pytest.param([], P1, Norme.FHIR, (UE, "84/UE-2"), id="unknown-units-hide-nothing-from-profile-1"),
    ],
)
def test_a_professional_goes_with_the_units(offres, profil, norme, kept) -> None:
    linked = tuple(offre.cle for offre in offres) or (UE, "84/UE-2")
    repertoire = Repertoire(offres=tuple(offres), professionnels=(professional(*linked),))

    filtered = filter_repertoire(repertoire, profil=profil, norme=norme).repertoire.professionnels

    assert [one.offres for one in filtered] == ([kept] if kept is not None else [])


def test_a_professional_of_hidden_units_is_not_saved_by_the_site() -> None:
    repertoire = Repertoire(
        entites_geographiques=(EntiteGeographique(EG),),
        offres=(unit(UE, "05", sensible=True), unit("84/UE-2", "05")),
        professionnels=(professional(UE, sites=(EG,)),),
    )

    assert filter_repertoire(repertoire, profil=P0, norme=Norme.FHIR).repertoire.professionnels == ()


def telecom(text: str, level: str = "1") -> Telecommunication:
    return Telecommunication(Code("R200", "2"), text, niveau_confidentialite=Code("R283", level))


def phones(person: Professionnel) -> list[str | None]:
    return [one.adresse_telecom for situation in person.situations for one in situation.telecommunications]


@pytest.mark.parametrize(
    ("ties", "left"),
    [
        pytest.param([(UE,), ("84/UE-2",)], ["0"], id="each to its unit"),
        pytest.param([("84/UE-2",), (UE,)], ["1"], id="in another order"),
        pytest.param([(UE, "84/UE-2"), ("84/UE-2",)], ["0"], id="one to both"),
        pytest.param([(), ()], ["0"], id="by place"),
        pytest.param([()], ["0"], id="one for all"),
        pytest.param([(), (), ()], [], id="of which nothing tells"),
    ],
)
def test_what_a_professional_does_in_a_hidden_unit_is_hidden(ties, left) -> None:
    situations = tuple(
        SituationOperationnelle(telecommunications=(telecom(str(rank)),), offres=units)
        for rank, units in enumerate(ties)
    )
    repertoire = Repertoire(
        offres=(unit(UE, "01"), unit("84/UE-2", "01", sensible=True)),
        professionnels=(msgspec.structs.replace(professional(UE, "84/UE-2"), situations=situations),),
    )

    filtered = filter_repertoire(repertoire, profil=P2, norme=Norme.CSD_3_0)

    (person,) = filtered.repertoire.professionnels
    assert phones(person) == left
    assert b"84/UE-2" not in msgspec.json.encode(person)
    # the unit, the link to it, the situations
    assert filtered.withheld == 2 + len(ties) - len(left)


@pytest.mark.parametrize("by_place", [True, False])
def test_each_situation_is_judged_by_its_own_units(by_place) -> None:
    situations = tuple(
        SituationOperationnelle(telecommunications=(telecom(key, "2"),), offres=() if by_place else (key,))
        for key in (UE, "84/UE-2")
    )
    repertoire = Repertoire(
        offres=(unit(UE, "04"), unit("84/UE-2", "05")),
        professionnels=(msgspec.structs.replace(professional(UE, "84/UE-2"), situations=situations),),
    )

    (person,) = filter_repertoire(repertoire, profil=P3, norme=Norme.CSD_2_4).repertoire.professionnels

    assert person.offres == (UE, "84/UE-2")
    assert phones(person) == [UE]


def test_a_hidden_unit_of_the_key_of_its_site_stays_hidden() -> None:
    situation = SituationOperationnelle(telecommunications=(telecom("1"),), offres=("84/UE-2",))
    person = msgspec.structs.replace(
        professional(UE, "84/UE-2"), situations=(situation,), entites_geographiques=("84/UE-2",)
    )
    repertoire = Repertoire(
        offres=(unit(UE, "05"), unit("84/UE-2", "05", sensible=True)),
        entites_geographiques=(EntiteGeographique("84/UE-2"),),
        professionnels=(person,),
    )

    (left,) = filter_repertoire(repertoire, profil=P2, norme=Norme.CSD_3_0).repertoire.professionnels

    assert b"84/UE-2" not in msgspec.json.encode(left)
    assert phones(left) == []


@pytest.mark.parametrize(("champ", "visible"), [("05", True), ("01", False)])
def test_a_professional_named_on_a_site_only_follows_its_units(champ, visible) -> None:
    repertoire = Repertoire(
        entites_geographiques=(EntiteGeographique(EG),),
        offres=(unit(UE, champ),),
        professionnels=(professional(sites=(EG,)),),
    )

    assert bool(filter_repertoire(repertoire, profil=P0, norme=Norme.FHIR).repertoire.professionnels) is visible


@pytest.mark.parametrize("named", [{"organisation": "84/OI-2"}, {"entite_geographique": EG}], ids=["chain", "direct"])
def test_a_medico_social_unit_opens_every_level_above_it(named) -> None:
    repertoire = Repertoire(
        entites_geographiques=(EntiteGeographique(EG, entite_juridique=EJ, contacts=(restricted(),)),),
        organisations_internes=(
            OrganisationInterne("84/OI-2", parent=OI),
            OrganisationInterne(OI, entite_geographique=EG, contacts=(restricted(),)),
        ),
        offres=(unit(UE, "04", **{"entite_geographique": None, **named}),),
    )

    filtered = filter_repertoire(repertoire, profil=P3, norme=Norme.CSD_3_0).repertoire

    assert filtered.entites_geographiques[0].contacts == (restricted(),)
    assert filtered.organisations_internes[1].contacts == ((restricted(),) if "organisation" in named else ())


def test_an_organisation_that_contains_itself_ends() -> None:
    repertoire = Repertoire(
        organisations_internes=(OrganisationInterne(OI, parent=OI),), offres=(unit(UE, "04", organisation=OI),)
    )

    assert len(filter_repertoire(repertoire, profil=P3, norme=Norme.CSD_3_0).repertoire.offres) == 1


def test_a_site_without_units_is_not_medico_social_unless_the_surroundings_say_so() -> None:
    alone = Repertoire(entites_geographiques=(EntiteGeographique(EG, contacts=(restricted(),)),))
    around = Repertoire(offres=(unit(UE, "04"),))

    closed = filter_repertoire(alone, profil=P3, norme=Norme.FHIR)
    opened = filter_repertoire(alone, profil=P3, norme=Norme.FHIR, entourage=around)

    assert (closed.withheld, opened.withheld) == (1, 0)
    assert opened.repertoire == alone


@pytest.mark.parametrize("field", [Code("R999", "04"), Code("urn:other", "04")], ids=["other-table", "unknown"])
def test_a_code_of_another_table_opens_nothing(field) -> None:
    offre = msgspec.structs.replace(unit(UE, "01"), champs_activite=(field,), actes_specifiques=(Code("R210", "1"),))

    filtered = filter_repertoire(Repertoire(offres=(offre,)), profil=P3, norme=Norme.FHIR)

    assert filtered.repertoire.offres[0].actes_specifiques == ()


def test_a_version_without_the_mark_is_served_and_a_marked_unit_never_leaves_in_it() -> None:
    repertoire = Repertoire(offres=(unit(UE, "01", sensible=None), unit("84/UE-2", "01", sensible=True)))

    filtered = filter_repertoire(repertoire, profil=P1, norme=Norme.CSD_1_6)

    assert ([offre.cle for offre in filtered.repertoire.offres], filtered.withheld) == ([UE], 1)


def test_counts_that_lose_every_figure_go_with_their_parent() -> None:
    offre = unit(UE, "01", capacite_accueil=CapaciteAccueil(lits=Comptage(disponible=3), places=Comptage(total=4)))

    up_to_2_4 = filter_repertoire(Repertoire(offres=(offre,)), profil=P0, norme=Norme.CSD_2_4).repertoire
    national = filter_repertoire(Repertoire(offres=(offre,)), profil=P0, norme=Norme.FHIR).repertoire

    assert up_to_2_4.offres[0].capacite_accueil == CapaciteAccueil(places=Comptage(total=4))
    assert national.offres[0].capacite_accueil is None


def test_comments_are_taken_out_at_any_depth() -> None:
    telecom = Telecommunication(
        Code("R200", "2"), niveau_confidentialite=Code("R283", "1"), metadonnee=Metadonnee(commentaire="x", statut="Ok")
    )
    contact = Contact(niveau_confidentialite=Code("R283", "1"), telecommunications=(telecom,))
    repertoire = Repertoire(entites_geographiques=(EntiteGeographique(EG, contacts=(contact,)),))

    filtered = filter_repertoire(repertoire, profil=P0, norme=Norme.CSD_2_4)

    kept = filtered.repertoire.entites_geographiques[0].contacts[0].telecommunications[0]
    assert (kept.metadonnee, filtered.withheld) == (Metadonnee(statut="Ok"), 1)


def emitted(repertoire: Repertoire, norme: Norme) -> str:
    """The bytes of an answer that carries the directory, as text."""
    if norme is Norme.FHIR:
        return encode(write(repertoire, ledger=Ledger())).decode()
    version = Version(norme.removeprefix("csd-"))
    return write_document(repertoire, version=version, ledger=Ledger()).decode()


WIRE_MARKS = {
    ("eg-drop-zone", Norme.FHIR): "ror-organization-drop-zone",
    **{
        ("eg-drop-zone", norme): "dropZone>false<"
        for norme in (Norme.CSD_1_5, Norme.CSD_1_6, Norme.CSD_2_4, Norme.CSD_3_0)
    },
}


@pytest.mark.parametrize("sensible", [False, True], ids=["plain", "sensitive"])
@pytest.mark.parametrize("champ", ["01", "04", "05"])
@pytest.mark.parametrize("profil", list(ProfilAcces), ids=lambda profil: f"profile-{profil}")
@pytest.mark.parametrize("norme", list(Norme))
def test_the_emitted_bytes_hold_nothing_forbidden_and_lose_nothing_allowed(
    norme, profil, champ, sensible, witness, expectations, mark_of
) -> None:
    repertoire = witness(champ, sensible=sensible)
    whole = emitted(repertoire, norme)

    sent = emitted(filter_repertoire(repertoire, profil=profil, norme=norme).repertoire, norme)

    marks = {
        row.element: (WIRE_MARKS.get((row.element, norme)) or mark_of(row.element), row)
        for row in expectations
        if row.standard == norme
    }
    allowed = {element for element, (_, row) in marks.items() if row.sent(profil, champ, sensible=sensible)}
    leaked = {element for element, (mark, _) in marks.items() if mark in sent} - allowed
    lost = {element for element in allowed if marks[element][0] in whole and marks[element][0] not in sent}
    assert (leaked, lost) == (set(), set())


@pytest.mark.parametrize(
    ("norme", "least"), [("csd-1.5", 40), ("csd-1.6", 40), ("csd-2.4", 45), ("csd-3.0", 60), ("fhir", 60)]
)
def test_the_whole_witness_shows_its_marks_on_the_wire(norme, least, witness, expectations, mark_of) -> None:
    whole = emitted(witness("04", sensible=False), Norme(norme))

    shown = {row.element for row in expectations if row.standard == norme and mark_of(row.element) in whole}
    assert len(shown) >= least, sorted(shown)


@pytest.mark.parametrize(
    ("status", "profiles"),
    [
        pytest.param("01", {P0, P1, P2, P3, P4, P5}, id="installed-becomes-the-total"),
        pytest.param("02", {P1, P2, P4}, id="available-becomes-the-available-figure"),
    ],
)
@pytest.mark.parametrize("profil", list(ProfilAcces), ids=lambda profil: f"profile-{profil}")
def test_a_line_written_up_to_2_4_obeys_the_rule_of_what_it_becomes(profil, status, profiles) -> None:
    line = CapaciteAccueilOperationnelle(
        Code("R329", "01"),
        Code("R330", status),
        Code("R331", "01"),
        70_021,
        date_maj_capacite=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    )
    place = LieuRealisationOffre("84/UE-1#1", Lieu(), capacites_prise_charge=(CapacitePriseCharge(NONE, (line,)),))
    repertoire = Repertoire(offres=(unit(UE, "04", lieux=(place,)),))

    sent = emitted(filter_repertoire(repertoire, profil=profil, norme=Norme.CSD_2_4).repertoire, Norme.CSD_2_4)

    assert "70021" in emitted(repertoire, Norme.CSD_2_4)
    assert ("70021" in sent) is (profil in profiles)
    assert ("2026-01-02T03:04:05" in sent) <= (profil in {P1, P2, P4})
