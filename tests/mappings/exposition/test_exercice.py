"""Which situation is that of which unit, and what is left of a professional seen in some units alone."""

import pytest

from mappings.exposition.exercice import is_told, tied, together, within
from mappings.exposition.professionnel import Professionnel, SituationOperationnelle

A, B, C, SITE, OTHER = "84/A", "84/B", "84/C", "1690000011", "1690000012"
Where = tuple[str, ...]


def doing(name: str, offres: Where = (), sites: Where = ()) -> SituationOperationnelle:
    return SituationOperationnelle(identifiant=name, offres=offres, entites_geographiques=sites)


def working(*situations: SituationOperationnelle, offres: Where = (A, B), sites: Where = ()) -> Professionnel:
    return Professionnel("81", offres=offres, entites_geographiques=sites, situations=situations)


def where(person: Professionnel) -> list[tuple[str | None, Where]]:
    return [(one.identifiant, one.offres + one.entites_geographiques) for one in person.situations]


@pytest.mark.parametrize(
    ("person", "told"),
    [
        pytest.param(working(doing("s")), [("s", (A, B))], id="one for all"),
        pytest.param(working(doing("s"), doing("t")), [("s", (A,)), ("t", (B,))], id="one for each, in order"),
        pytest.param(working(doing("s", (B,)), doing("t", (A,))), [("s", (B,)), ("t", (A,))], id="tied by the source"),
        pytest.param(working(doing("s", (B,)), doing("t")), [("s", (B,)), ("t", ())], id="one tied, one nowhere"),
        pytest.param(working(doing("s", (), (SITE,))), [("s", (SITE,))], id="in a site, in no unit"),
        pytest.param(working(doing("s"), doing("t"), offres=(A, B, C)), None, id="as many as nothing"),
        pytest.param(working(doing("s"), offres=()), None, id="no unit"),
        pytest.param(working(), None, id="no situation"),
    ],
)
def test_where_a_situation_takes_place(person: Professionnel, told: list[tuple[str, Where]] | None) -> None:
    found = tied(person)

    assert is_told(found) is (told is not None)
    assert where(found) == (where(person) if told is None else told)


@pytest.mark.parametrize(
    ("person", "kept", "left"),
    [
        pytest.param(working(doing("s")), {A}, [("s", (A,))], id="one for all"),
        pytest.param(working(doing("s"), doing("t")), {B}, [("t", (B,))], id="one for each"),
        pytest.param(working(doing("s", (B, A)), doing("t", (B,))), {A}, [("s", (A,))], id="tied"),
        pytest.param(working(doing("s", (B,)), doing("t")), {A}, [("t", ())], id="one that is nowhere"),
        pytest.param(working(doing("s"), doing("t"), doing("u")), {A}, [], id="as nothing tells"),
        pytest.param(working(doing("s", (A,), (SITE,)), sites=(SITE,)), {SITE}, [], id="a unit gone, its site left"),
        pytest.param(
            working(doing("s", (A,), (SITE,)), sites=(SITE,)), {A, B}, [("s", (A,))], id="a site gone, its unit left"
        ),
        pytest.param(
            working(doing("s", (), (SITE,)), doing("t", (), (OTHER,)), sites=(SITE, OTHER)),
            {A, B, SITE},
            [("s", (SITE,))],
            id="in sites alone",
        ),
        pytest.param(working(doing("s", (A, C))), {A, B}, [("s", (A,))], id="in a unit that is not the person's"),
    ],
)
def test_what_is_left_in_some_places(person: Professionnel, kept: set[str], left: list[tuple[str, Where]]) -> None:
    found = within(person, kept)

    assert where(found) == left
    assert {*found.offres, *found.entites_geographiques} == {*person.offres, *person.entites_geographiques} & kept


@pytest.mark.parametrize(
    ("sights", "said"),
    [
        pytest.param([working(doing("s"), offres=(A,)), working(offres=(B,))], [("s", (A,))], id="one without"),
        pytest.param(
            [working(doing("s"), offres=(A,)), working(doing("s"), offres=(B,))], [("s", (A, B))], id="the same in both"
        ),
        pytest.param(
            [working(doing("s"), offres=(A,)), working(doing("t"), doing("s"), offres=(B, A))],
            [("s", (A,)), ("t", (B,))],
            id="one more",
        ),
        pytest.param(
            [working(doing("s", (), (SITE,)), offres=(), sites=(SITE,)), working(doing("s", (A,)), offres=(A,))],
            [("s", (A, SITE))],
            id="in a site, then in a unit",
        ),
    ],
)
def test_a_professional_seen_twice(sights: list[Professionnel], said: list[tuple[str, Where]]) -> None:
    found = together(sights[0], sights)

    assert where(found) == said
    assert {*found.offres} == {key for one in sights for key in one.offres}


@pytest.mark.parametrize(
    "person",
    [
        pytest.param(working(doing("s"), doing("t"), doing("u")), id="nothing tells"),
        pytest.param(working(doing("s"), doing("t")), id="by place"),
        pytest.param(working(doing("s", (A,)), sites=(SITE,)), id="tied"),
    ],
)
def test_a_professional_of_whom_nothing_goes_is_the_same_value(person: Professionnel) -> None:
    assert within(person, {A, B, SITE}) is person
