"""Prices: seven shapes, each its own details (contract section 7.6)."""

from typing import Any

import pytest

from mappings.csd.answers import read_document, write_document
from mappings.csd.dialect import Dialect
from mappings.csd.schemas import schema
from mappings.csd.version import Version
from mappings.csd.xml import parse
from mappings.loss import Ledger
from tests.documents import wire
from tests.documents.wire import RECORD

CONDITION = '<specialPrice code="01" codingScheme="1.2.250.1.213.3.3.46"/>'
DWELLING = '<residentialType code="02" codingScheme="1.2.250.1.213.3.3.35"/>'
WELCOME = '<welcomeType code="01" codingScheme="1.2.250.1.213.3.3.31"/>'
INCLUDED = '<deliveryIncluded code="01" codingScheme="1.2.250.1.213.3.3.59"/>'
SHAPES = {
    "basePackageAccomodation": f"<under60>false</under60>{INCLUDED}{DWELLING}{CONDITION}{WELCOME}",
    "mealDelivery": f"{CONDITION}<mealDeliveryName>Repas</mealDeliveryName>",
    "homeDay": CONDITION,
    "dependencyPrice": f'<dependencyLevel code="01" codingScheme="1.2.250.1.213.3.3.25"/>{WELCOME}',
    "surchargePriceResidential": DWELLING,
    "humanHelpPrice": (
        "<humanHelpPriceName>Aide</humanHelpPriceName>"
        f'<managementType code="01" codingScheme="1.2.250.1.213.3.3.23"/>{CONDITION}'
    ),
}


def price(shape: str, details: str) -> str:
    return (
        '<price><priceType code="01" codingScheme="1.2.250.1.213.3.3.43"/>'
        '<priceUnit code="2" codingScheme="1.2.250.1.213.3.3.18"/>'
        '<price><amount>62.50</amount><currency code="EUR" codingScheme="1.2.250.1.213.3.3.20"/></price>'
        f"<updateDate>2026-01-01</updateDate><{shape}>{details}</{shape}>{RECORD}</price>"
    )


def site(*prices: str) -> Any:
    eg = wire.organization("EG-1", "1019999991", parent="EJ-1", extension="".join(prices))
    return wire.document(organizations=(wire.organization("EJ-1", "1019999983"), eg))


def convert(document: Any, source: Version, target: Version) -> tuple[Any, Any, list[str]]:
    repertoire = read_document(document, version=source, dialect=Dialect(), ledger=Ledger())
    ledger = Ledger()
    written = parse(write_document(repertoire, version=target, ledger=ledger))
    schema(target).assertValid(written)
    back = read_document(written, version=target, dialect=Dialect(), ledger=Ledger())
    prices = (found.entites_geographiques[0].tarifs for found in (repertoire, back))
    return *prices, [loss.rule for loss in ledger.entries]


@pytest.mark.parametrize("target", [Version.V1_5, Version.V1_6, Version.V2_4, Version.V3_0])
@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_survives_every_version(shape: str, target: Version) -> None:
    (price_read,), back, noted = convert(site(price(shape, SHAPES[shape])), Version.V2_4, target)

    assert price_read.variante == shape
    assert str(price_read.montant) == "62.50"
    assert back == (price_read,)
    assert noted == []


def test_a_free_name_of_1_6_is_the_other_service_of_later_versions() -> None:
    document = site(price("surchargePrice", "<surchargePriceName>Coiffure à façon</surchargePriceName>"))

    _, (back,), noted = convert(document, Version.V1_6, Version.V3_0)

    assert (back.nom_autre_prestation, back.nom_prestation) == ("Coiffure à façon", None)
    assert noted == ["csd-3.0.price.name"]


def test_the_other_service_is_the_free_name_of_1_6() -> None:
    document = site(price("surchargePrice", "<otherSurchargePriceName>Coiffure</otherSurchargePriceName>"))

    _, (back,), noted = convert(document, Version.V3_0, Version.V1_6)

    assert back.nom_prestation.libelle == "Coiffure"
    assert noted == ["csd-1.6.price.name"]


def test_services_that_1_6_cannot_list_are_noted() -> None:
    details = SHAPES["basePackageAccomodation"].replace(
        DWELLING, f"<othersDeliveryIncluded>Linge</othersDeliveryIncluded>{DWELLING}"
    )

    _, _, noted = convert(site(price("basePackageAccomodation", details)), Version.V3_0, Version.V1_6)

    assert noted == ["csd-1.6.price.autres_prestations_incluses"]
