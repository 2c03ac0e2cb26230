"""Model to FHIR to model is the identity, up to what the ledger says and to labels, which are never compared."""

from typing import Any

import msgspec

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
