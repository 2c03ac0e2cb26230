"""One answer from all outcomes, whatever their order."""

from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest

from gateway.federation.exchange import Outcome, Status
from gateway.federation.merge import Merged, merge
from mappings.exposition.demandes import EtablissementModifie
from mappings.exposition.organisation import EntiteJuridique
from mappings.exposition.professionnel import Professionnel, SituationOperationnelle
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code, Metadonnee
from mappings.loss import Loss, LossKind, Severity

CONFLICT = Loss("1690000001", "", "merge.object.conflict", LossKind.INCONSISTENT, Severity.WARNING)


def outcome(member: str, repertoire: Repertoire | None = None, *changed: EtablissementModifie) -> Outcome:
    return Outcome(member=member, status=Status.ANSWERED, repertoire=repertoire or Repertoire(), etablissements=changed)


def seat(name: str, day: int | None) -> Repertoire:
    metadonnee = Metadonnee(date_mise_a_jour=datetime(2026, 1, day, tzinfo=UTC)) if day else None
    return Repertoire((EntiteJuridique("1690000001", raison_sociale=name, metadonnee=metadonnee),))


def test_the_order_of_outcomes_changes_nothing(kit: Any) -> None:
    outcomes = [
        outcome("84", kit.directory(kit.offer("84/B"), kit.offer("84/A"))),
        outcome("11", kit.directory(kit.offer("11/Z", day=2), kit.offer("84/A", day=3))),
        outcome("53", kit.directory(kit.offer("84/A", day=2))),
    ]
    merged = {repr(merge(order)) for order in permutations(outcomes)}

    assert len(merged) == 1
    assert [offre.cle for offre in merge(outcomes).repertoire.offres] == ["11/Z", "84/A", "84/B"]


@pytest.mark.parametrize(
    ("first", "second", "name", "losses"),
    [
        pytest.param(seat("old", 1), seat("new", 2), "new", (CONFLICT,), id="the newest"),
        pytest.param(seat("new", 2), seat("old", 1), "new", (CONFLICT,), id="the newest, first"),
        pytest.param(seat("a", 1), seat("b", 1), "a", (CONFLICT,), id="the first of equals"),
        pytest.param(seat("undated", None), seat("dated", 1), "dated", (CONFLICT,), id="dated before undated"),
        pytest.param(seat("a", None), seat("b", None), "a", (CONFLICT,), id="undated"),
        pytest.param(seat("same", 1), seat("same", 1), "same", (), id="no conflict"),
    ],
)
def test_one_object_from_two_sources(
    first: Repertoire, second: Repertoire, name: str, losses: tuple[Loss, ...]
) -> None:
    merged = merge([outcome("11", first), outcome("84", second)])

    assert [entite.raison_sociale for entite in merged.repertoire.entites_juridiques] == [name]
    assert merged.losses == losses


def test_a_professional_keeps_the_units_of_both() -> None:
    here = Professionnel("81", offres=("11/A",), entites_geographiques=("1750000001",))
    there = Professionnel("81", offres=("84/A", "11/A"), situations=(SituationOperationnelle(identifiant="s"),))

    merged = merge(
        [outcome("84", Repertoire(professionnels=(there,))), outcome("11", Repertoire(professionnels=(here,)))]
    )

    assert merged == Merged(
        Repertoire(
            professionnels=(
                Professionnel(
                    "81",
                    offres=("11/A", "84/A"),
                    entites_geographiques=("1750000001",),
                    situations=(SituationOperationnelle(identifiant="s", offres=("84/A", "11/A")),),
                ),
            )
        )
    )


def test_a_situation_of_two_sources_is_one_in_the_units_of_both() -> None:
    def seen(*units: str, name: str = "s") -> Repertoire:
        return Repertoire(
            professionnels=(Professionnel("81", offres=units, situations=(SituationOperationnelle(identifiant=name),)),)
        )

    merged = merge([outcome("11", seen("11/A")), outcome("75", seen("75/A", name="t")), outcome("84", seen("84/A"))])

    (person,) = merged.repertoire.professionnels
    assert person.offres == ("11/A", "75/A", "84/A")
    assert person.situations == (
        SituationOperationnelle(identifiant="s", offres=("11/A", "84/A")),
        SituationOperationnelle(identifiant="t", offres=("75/A",)),
    )


def test_two_identities_of_a_professional_conflict() -> None:
    dated = Metadonnee(date_mise_a_jour=datetime(2026, 1, 1, tzinfo=UTC))
    first = Professionnel("81", professions=(Code("G15", "10"),))
    second = Professionnel("81", professions=(Code("G15", "60"),), metadonnee=dated)

    merged = merge(
        [outcome("11", Repertoire(professionnels=(first,))), outcome("84", Repertoire(professionnels=(second,)))]
    )

    assert merged.repertoire.professionnels == (second,)
    assert [loss.object for loss in merged.losses] == ["81"]


def test_an_establishment_is_notified_once_with_all_its_fields() -> None:
    instants = [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2)]
    first = EtablissementModifie(
        "1690000011", (Code("R227", "02"), Code("R227", "03")), restriction_oi=True, date_ref=instants[0]
    )
    second = EtablissementModifie("1690000011", (Code("R227", "03"), Code("R227", "04")), date_ref=instants[1])
    other = EtablissementModifie("1010000001")

    merged = merge([outcome("84", None, second, other), outcome("11", None, first)])

    assert merged.etablissements == (
        other,
        EtablissementModifie(
            "1690000011", (Code("R227", "02"), Code("R227", "03"), Code("R227", "04")), date_ref=instants[1]
        ),
    )
