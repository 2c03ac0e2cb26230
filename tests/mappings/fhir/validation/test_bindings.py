"""The value sets that are not held are those that the documents name, and no other."""

from datetime import date
from pathlib import Path

from mappings.fhir.validation.bindings import code_set
from mappings.fhir.validation.constraints import constraints, definitions

DOCS = Path(__file__).parents[4] / "docs"


def bound() -> set[str]:
    rows = [row.binding for profile in constraints().profiles.values() for row in profile.elements]
    rows += [part.binding for one in definitions().values() for part in one.sub_extensions]
    rows += [one.binding for one in definitions().values()]
    return {binding.short for binding in rows if binding is not None}


def test_every_value_set_that_is_not_held_is_documented() -> None:
    missing = {short for short in bound() if code_set(short, date.max) is None}
    tables, assumed = ((DOCS / name).read_text(encoding="utf-8") for name in ("nomenclatures.md", "fhir.md"))

    assert {short for short in missing if f"| {short} |" not in tables and f"`{short}`" not in assumed} == set()
    assert f"Of the {len(bound())} value sets that the profiles bind, {len(missing)} are not" in " ".join(
        assumed.split()
    )
