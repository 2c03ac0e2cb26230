"""Only the pinned CA counts: same root, same names, are not enough."""

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from conformance.reference.pinning import from_pinned_issuer
from conformance.reference.pki import Family, Hierarchy, issue, leaf_subject, make_hierarchy

SUBJECT = leaf_subject(department="Paris (75)", organisation="x", structure="11B0000084", name="x")


@pytest.fixture(scope="module")
def hierarchies() -> tuple[Hierarchy, Hierarchy]:
    return make_hierarchy(ca_key_size=2048), make_hierarchy(ca_key_size=2048)


@pytest.mark.parametrize(
    ("hierarchy", "branch", "accepted"),
    [(0, "organisations", True), (0, "personnes", False), (0, "root", False), (1, "organisations", False)],
    ids=["right", "persons", "root", "identical-names"],
)
def test_a_leaf_counts_only_from_the_pinned_authority(
    hierarchies: tuple[Hierarchy, Hierarchy], hierarchy: int, branch: str, accepted: bool
) -> None:
    leaf = issue(getattr(hierarchies[hierarchy], branch), Family.AUTH_CLI, SUBJECT)

    der = leaf.certificate.public_bytes(Encoding.DER)
    assert from_pinned_issuer(der, hierarchies[0].organisations) is accepted
