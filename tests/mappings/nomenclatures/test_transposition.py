"""Codes of one publication for a reader who works with another: replaced, kept and told, or left alone."""

from datetime import date
from decimal import Decimal

import pytest

from mappings.exposition.lieu import DivisionTerritoriale
from mappings.exposition.offre import ActiviteOperationnelle, OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique, OrganisationInterne, Patientele
from mappings.exposition.professionnel import Professionnel, SavoirFaire
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code, Mesure
from mappings.loss import Ledger, LossKind, Severity
from mappings.nomenclatures.catalogue import UnknownRelease, current
from mappings.nomenclatures.replacements import Acceptance, Pair, replacements
from mappings.nomenclatures.tables import State, resolve
from mappings.nomenclatures.transposition import Transposition, held

NEWEST = "2026-09"
UCUM = Mesure(Decimal(3), Code("R247", "a"))


def pair(source: str, target: str) -> Pair:
    one, other = source.split(), target.split()
    return (one[0], one[1]), (other[0], other[1])


def between(since: str, at: str, *accepted: Pair) -> Transposition:
    acceptance = Acceptance(date(2026, 11, 2), "Comité", "même acte")
    return Transposition(current().day(since), current().day(at), dict.fromkeys(accepted, acceptance))


@pytest.mark.parametrize(
    ("code", "since", "at", "accepted", "new", "rules"),
    [
        pytest.param(
            "R30 21", "2015-06", NEWEST, (), "R30 44", ["nos.replacement.sourced"], id="sourced, several to one"
        ),
        pytest.param("R30 976", "2015-06", NEWEST, (), "R30 06", ["nos.replacement.sourced"], id="sourced, recoded"),
        pytest.param("R30 21", "2015-06", "2015-06", (), None, [], id="sourced, still in force for the reader"),
        pytest.param("G09 20", "2026-09", NEWEST, (), None, ["nos.replacement.several"], id="sourced, but split"),
        pytest.param("R210 0326", "2021-10", NEWEST, (), None, ["nos.replacement.to-accept"], id="nobody accepted it"),
        pytest.param(
            "R210 0326",
            "2021-10",
            NEWEST,
            (pair("R210 0326", "R210 0736"),),
            "R210 0736",
            ["nos.replacement.accepted"],
            id="accepted",
        ),
        pytest.param(
            "R211 119",
            "2021-10",
            NEWEST,
            (pair("R211 119", "R210 0547"),),
            None,
            ["nos.replacement.elsewhere"],
            id="accepted, but it belongs to another place",
        ),
        pytest.param("R211 470", "2021-10", NEWEST, (), None, ["nos.replacement.to-accept"], id="left J17"),
        pytest.param(
            "R211 470",
            "2021-10",
            NEWEST,
            (pair("R211 470", "R211 543"),),
            "R211 543",
            ["nos.replacement.accepted"],
            id="left J17, accepted",
        ),
        pytest.param("R211 470", "2021-10", "2023-09", (), None, [], id="before it left J17"),
        pytest.param("R211 048", "2021-10", NEWEST, (), None, ["nos.replacement.several"], id="left J17, split"),
        pytest.param(
            "R244 133",
            "2024-07",
            NEWEST,
            (pair("R244 133", "R244 30"),),
            "R244 30",
            ["nos.replacement.accepted"],
            id="left J34, in no table held",
        ),
        pytest.param("R316 801", "2021-10", NEWEST, (), None, [], id="ended in its table, kept by J55"),
        pytest.param("R210 1218", "2021-10", NEWEST, (), None, [], id="ended in its table, kept by J16"),
        pytest.param("R35 ABE", "2021-10", NEWEST, (), None, [], id="street type, ended, in J219"),
        pytest.param("R35 ABE", NEWEST, "2021-10", (), None, [], id="street type, before the J219 held"),
        pytest.param("R344 10", NEWEST, NEWEST, (), None, [], id="in force on both sides"),
        pytest.param("R344 10", NEWEST, "2021-10", (), None, ["nos.code.later"], id="younger than the reader"),
        pytest.param("R211 040", "2023-09", NEWEST, (), None, ["nos.code.meaning-moved"], id="another meaning since"),
        pytest.param("R211 040", NEWEST, "2023-09", (), None, ["nos.code.meaning-moved"], id="another meaning before"),
        pytest.param("R211 035", "2023-09", NEWEST, (), None, ["nos.code.meaning-moved"], id="narrower since"),
        pytest.param("R211 040", NEWEST, NEWEST, (), None, [], id="the same meaning on both sides"),
        pytest.param("R211 166", "2015-06", NEWEST, (), None, ["nos.replacement.several"], id="split in two"),
        pytest.param("R338 12", "2023-09", NEWEST, (), None, [], id="deprecated is still held"),
        pytest.param("R211 092", NEWEST, NEWEST, (), None, ["nos.code.ended"], id="ended, nobody knows a successor"),
        pytest.param("R211 999", NEWEST, NEWEST, (), None, [], id="unknown: the reader of the source told it"),
        pytest.param("R13 01001", NEWEST, "2021-10", (), None, [], id="table not held"),
        pytest.param("urn:region:84 X", NEWEST, "2021-10", (), None, [], id="table of a region"),
    ],
)
def test_what_becomes_of_a_code(
    code: str, since: str, at: str, accepted: tuple[Pair, ...], new: str | None, rules: list[str]
) -> None:
    fate = between(since, at, *accepted).fate(Code(*code.split()))

    found = fate.new.cle if fate is not None and fate.new is not None else None
    assert (found, [note.rule for note in fate.notes] if fate is not None else []) == (
        tuple(new.split()) if new is not None else None,
        rules,
    )


def test_a_replaced_code_has_the_label_of_its_table() -> None:
    fate = between("2015-06", NEWEST).fate(Code("R30", "21", "Champagne-Ardenne"))

    assert fate is not None
    assert fate.new == Code("R30", "44", "Grand-Est")


def test_every_application_is_told_where_it_stood() -> None:
    offre = OffreOperationnelle(
        "84/UE",
        champs_activite=(Code("R227", "01"),),
        actes_specifiques=(Code("R210", "0736", "Nutrition"), Code("R210", "0326")),
        zones_intervention=(DivisionTerritoriale(Code("R201", "02"), Code("R30", "21")),),
        patientele=Patientele(publics=(Code("R239", "01"),), age_min=UCUM),
    )
    ledger = Ledger()

    carried = between("2015-06", NEWEST, pair("R210 0326", "R210 0736")).objet(offre, ledger)

    assert carried.zones_intervention[0].division.cle == ("R30", "44")
    assert carried.actes_specifiques == (Code("R210", "0736", "Nutrition parentérale"),)
    assert (carried.champs_activite, carried.patientele) == (offre.champs_activite, offre.patientele)
    assert [(one.object, one.path, one.rule, one.kind, one.severity) for one in ledger.entries] == [
        ("84/UE", "actes_specifiques", "nos.replacement.accepted", LossKind.DERIVED, Severity.WARNING),
        ("84/UE", "zones_intervention.division", "nos.replacement.sourced", LossKind.DERIVED, Severity.WARNING),
    ]


def test_what_nothing_happens_to_is_the_same_object() -> None:
    offre = OffreOperationnelle("84/UE", champs_activite=(Code("R227", "01"),))
    directory = Repertoire(offres=(offre,), entites_geographiques=(EntiteGeographique("1690000011"),))
    ledger = Ledger()

    assert between("2021-10", NEWEST).directory(directory, ledger) is directory
    assert ledger.entries == ()


def test_a_directory_keeps_the_objects_that_do_not_change() -> None:
    plain = OffreOperationnelle("84/A")
    old = OffreOperationnelle("84/B", zones_intervention=(DivisionTerritoriale(Code("R201", "02"), Code("R30", "21")),))

    carried = between("2015-06", NEWEST).directory(Repertoire(offres=(plain, old)), Ledger())

    assert carried.offres[0] is plain
    assert carried.offres[1].zones_intervention[0].division.cle == ("R30", "44")


@pytest.mark.parametrize(
    ("label", "kept"),
    [pytest.param(None, "Diététique et Nutrition", id="without a label"), pytest.param("Diet", "Diet", id="with one")],
)
def test_a_code_that_means_something_else_keeps_the_meaning_of_its_source(label: str | None, kept: str) -> None:
    offre = OffreOperationnelle("84/UE", activites=(ActiviteOperationnelle(Code("R211", "040", label)),))

    carried = between("2023-09", NEWEST).objet(offre, Ledger())

    assert carried.activites[0].activite == Code("R211", "040", kept)


@pytest.mark.parametrize(
    ("objet", "path"),
    [
        pytest.param(OrganisationInterne("84/OI", activites=(Code("R211", "166"),)), "activites", id="organisation"),
        pytest.param(
            Professionnel("8", savoir_faire=(SavoirFaire(Code("R04", "S"), (Code("R211", "166"),)),)),
            "savoir_faire.valeurs",
            id="professional",
        ),
    ],
)
def test_codes_are_found_at_any_depth(objet: OrganisationInterne | Professionnel, path: str) -> None:
    ledger = Ledger()

    assert between(NEWEST, NEWEST).objet(objet, ledger) is objet
    assert [(one.path, one.rule) for one in ledger.entries] == [(path, "nos.replacement.several")]


def test_no_unsourced_pair_is_ever_applied_by_itself() -> None:
    applied = {
        (source, fate.new.cle)
        for source in replacements()
        if (fate := between("2015-06", NEWEST).fate(Code(*source))) is not None and fate.new is not None
    }

    sourced = {row.pair for rows in replacements().values() for row in rows if row.certainty == "sourced"}
    assert applied
    assert applied <= sourced


def test_what_takes_the_place_of_a_code_is_held() -> None:
    everything = [row.pair for rows in replacements().values() for row in rows]
    day = current().day(NEWEST)
    carried = between("2015-06", NEWEST, *everything)

    for source in replacements():
        fate = carried.fate(Code(*source))
        if fate is not None and fate.new is not None:
            assert held(fate.new, day), source
            assert resolve(fate.new, day).state in {State.ACTIVE, State.DEPRECATED}, source


@pytest.mark.parametrize(
    ("name", "day"),
    [
        pytest.param("2026-09", date(2026, 9, 28), id="held"),
        pytest.param("2022-06", date(2022, 6, 30), id="not held: its last day"),
        pytest.param("2024-02", date(2024, 2, 29), id="leap year"),
        pytest.param("2015-06", date(2015, 6, 30), id="before all that is held"),
    ],
)
def test_a_publication_stands_on_a_day(name: str, day: date) -> None:
    assert current().day(name) == day


@pytest.mark.parametrize("name", ["2026-10", "2027-01", "2026-13", "2026", "", "2026-09 ", "septembre"])
def test_a_publication_younger_than_what_is_held_is_unknown(name: str) -> None:
    with pytest.raises(UnknownRelease):
        current().day(name)
