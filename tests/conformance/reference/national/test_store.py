"""Technical ids, links, and what the access rules know of a resource."""

from conformance.reference.content import content
from conformance.reference.national.store import Standing, Store, technical_ids


def test_ids_are_numeric_and_the_same_at_every_start(store: Store) -> None:
    again = Store(one for member in ("94", "02") for one in content(member).establishments())

    assert list(again.resources) == list(store.resources)
    assert all(reference.partition("/")[2].isdecimal() for reference in store.resources)


def test_ids_do_not_depend_on_what_else_is_held(store: Store) -> None:
    alone = Store(content("94").establishments())

    assert set(alone.resources) <= set(store.resources)


def test_two_keys_never_share_an_id() -> None:
    keys = [("Location", f"84/{number}") for number in range(2_000)]

    assert len(set(technical_ids(keys).values())) == 2_000


def test_every_reference_resolves(store: Store) -> None:
    def pointed(value: object) -> list[str]:
        if isinstance(value, list):
            return [one for item in value for one in pointed(item)]
        if isinstance(value, dict):
            own = [value["reference"]] if "reference" in value else []
            return own + [one for item in value.values() for one in pointed(item)]
        return []

    assert {one for resource in store.resources.values() for one in pointed(resource)} <= set(store.resources)


def test_a_standing_joins_the_offers_it_comes_from() -> None:
    joined = Standing(False, frozenset({"01"})).joined(Standing(True, frozenset({"04"})))

    assert joined == Standing(True, frozenset({"01", "04"}))
