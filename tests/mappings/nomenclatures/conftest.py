"""The catalogue of the package, before and after each test that uses another."""

from collections.abc import Iterator

import pytest

from mappings.nomenclatures.catalogue import install


@pytest.fixture
def own_catalogue() -> Iterator[None]:
    yield
    install()
