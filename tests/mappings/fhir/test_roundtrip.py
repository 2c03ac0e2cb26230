"""Model to FHIR to model is the identity, up to what the ledger says and to labels, which are never compared."""

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code
from mappings.fhir.encoding import decode, encode
from mappings.fhir.read import read
from mappings.fhir.write import write
from mappings.loss import Ledger, LossKind, Severity


def without_labels(value: Any) -> Any:
    if isinstance(value, Code):
        return Code(*value.cle)
    if isinstance(value, tuple):
        return tuple(without_labels(item) for item in value)
    if isinstance(value, msgspec.Struct):
        fields = {name: without_labels(getattr(value, name)) for name in value.__struct_fields__}
        return msgspec.structs.replace(value, **fields)
    return value


def through_fhir(repertoire: Repertoire) -> tuple[Repertoire, Ledger, Ledger]:
    """What is read of what was written, on the wire in between."""
    written, back = Ledger(), Ledger()
    resources = {
        reference: decode(encode(resource)) for reference, resource in write(repertoire, ledger=written).items()
    }
    return read(resources, ledger=back), written, back


def test_what_fhir_can_say_comes_back_as_it_was(region: Repertoire) -> None:
    back, written, read_back = through_fhir(region)

    assert without_labels(back) == without_labels(region)
    assert [(entry.rule, entry.kind) for entry in written.entries] == [
        ("fhir.practitioner.name", LossKind.DERIVED),
    ]
    assert read_back.entries == ()
    assert all(entry.severity is Severity.INFORMATION for entry in written.entries)


KINDS = ("entites_juridiques", "entites_geographiques", "organisations_internes", "offres", "professionnels")
# What makes an object itself and links it to the others.
KEPT = frozenset({"cle", "identifiants", "parent", "organisation", "entite_juridique", "entite_geographique", "offres"})


def poorer(repertoire: Repertoire, kind: str, forgotten: frozenset[str]) -> Repertoire:
    """The same region whose objects of one kind say less: those fields are as if the source had left them out."""
    first = getattr(repertoire, kind)[0]
    bare = type(first)(cle=first.cle)
    less = {name: getattr(bare, name) for name in forgotten if name in first.__struct_fields__ and name not in KEPT}
    changed = tuple(msgspec.structs.replace(one, **less) for one in getattr(repertoire, kind))
    return msgspec.structs.replace(repertoire, **{kind: changed})


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_left_out_only_what_the_ledger_names_differs(
    region: Repertoire, kind: str, data: st.DataObject
) -> None:
    fields = sorted(getattr(region, kind)[0].__struct_fields__)
    said = poorer(region, kind, data.draw(st.frozensets(st.sampled_from(fields), max_size=len(fields))))

    back, written, read_back = through_fhir(said)

    noted = {entry.object for entry in written.entries if entry.rule != "fhir.practitioner.name"}
    before, after = without_labels(said), without_labels(back)
    for name in KINDS:
        for one, other in zip(getattr(before, name), getattr(after, name), strict=True):
            places = {lieu.cle for lieu in getattr(one, "lieux", ())}
            roles = {f"{one.cle}/{offre}" for offre in getattr(one, "offres", ())}
            assert one == other or not noted.isdisjoint({one.cle, *places, *roles})
    again, _, _ = through_fhir(back)
    assert without_labels(again) == after
    assert read_back.entries == ()


def test_a_site_under_the_identifier_of_its_legal_entity_is_written_and_read_beside_it(region: Repertoire) -> None:
    (ej,), (eg,) = region.entites_juridiques, region.entites_geographiques
    shared = msgspec.structs.replace(ej, cle=eg.cle, identifiants=eg.identifiants)
    told = msgspec.structs.replace(
        region,
        entites_juridiques=(shared,),
        entites_geographiques=(msgspec.structs.replace(eg, entite_juridique=eg.cle),),
    )

    back, written, read_back = through_fhir(told)

    assert without_labels(back) == without_labels(told)
    assert read_back.entries == ()
    assert {entry.rule for entry in written.entries} == {"fhir.practitioner.name"}


def test_what_hangs_on_a_legal_entity_itself_still_does(region: Repertoire) -> None:
    (ej,), (offre,) = region.entites_juridiques, region.offres
    told = msgspec.structs.replace(
        region,
        entites_geographiques=(),
        organisations_internes=(),
        offres=(msgspec.structs.replace(offre, organisation=ej.cle, entite_geographique=None),),
        professionnels=(),
    )

    resources = write(told, ledger=Ledger())
    back, _, _ = through_fhir(told)

    assert resources["HealthcareService/84.UE-0001"]["providedBy"]["reference"] in resources
    assert back.offres[0].organisation == ej.cle
