"""Prices of an EG: contract section 7.6. Seven shapes, of which a price takes one."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import msgspec
from lxml import etree

from mappings.csd.codes import Coded, TextualCode
from mappings.csd.compiled import Reader, filler
from mappings.csd.contacts import record
from mappings.csd.contexts import Reading, Writing
from mappings.csd.markup import Markup
from mappings.csd.namespaces import csd
from mappings.csd.scalars import BOOLEAN, DAY, NUMBER, TEXT
from mappings.csd.shapes import Field, Many, Part, Shape, Spread, Take, Values
from mappings.csd.writers import Writer, holder
from mappings.exposition.organisation import Tarif
from mappings.exposition.values import Code
from mappings.loss import LossKind, Severity

EURO = Code("R230", "EUR")
_DWELLING = Field("residentialType", Coded("R242"), "type_habitation", required=True)
_CONDITION = Field("specialPrice", Coded("R250"), "condition_tarifaire")
_WELCOME = Field("welcomeType", Coded("R240"), "temporalite_accueil", required=True)
_INCLUDED = Many("deliveryIncluded", Coded("R264"), "prestations_incluses")
_OTHERS_INCLUDED = Many("othersDeliveryIncluded", TEXT, "autres_prestations_incluses")
_UNDER_60 = Field("under60", BOOLEAN, "moins_60_ans", required=True)


class Variant:
    """The one shape that a price takes, under the name that the model keeps in `variante`."""

    def __init__(self, **shapes: tuple[Part, ...]) -> None:
        self.shapes = {name: Spread(name, *parts, required=True) for name, parts in shapes.items()}
        covered = frozenset[str]().union(*(spread.attributes for spread in self.shapes.values()))
        self.attributes = covered | {"variante"}

    @cached_property
    def _fillers(self) -> dict[str, tuple[str, Reader]]:
        """The shapes by their element, each with what reads it."""
        return {spread.tag: (name, filler(spread)) for name, spread in self.shapes.items()}

    @cached_property
    def _holders(self) -> dict[str, Writer]:
        """What writes each shape."""
        return {name: holder(spread) for name, spread in self.shapes.items()}

    def takes(self) -> Iterator[tuple[str, Take]]:
        """Every shape."""
        for name in self.shapes:
            yield csd(name), self._take

    def _take(self, element: etree._Element, values: Values, reading: Reading) -> None:
        if "variante" in values:
            reading.keep(element)
            return
        values["variante"], fill = self._fillers[str(element.tag)]
        fill(element, reading, values)

    def says(self, value: Any) -> bool:
        """Always: the schema wants one shape."""
        return True

    def put(self, out: Markup, value: Any, writing: Writing) -> None:
        """Append the shape of the price, and note what it has no place for."""
        variant = value.variante
        if variant not in self.shapes:
            writing.note_here(LossKind.DEFAULTED, "price.variant", value_kind="shape")
            variant = "homeDay"
        self._holders[variant](out, value, writing)
        for name in sorted(self.attributes - self.shapes[variant].attributes - {"variante"}):
            if getattr(value, name) not in (None, ()):
                writing.note_here(LossKind.DROPPED, f"price.{name}", value_kind="attribute")


def _moved(writing: Writing) -> None:
    writing.note_below(
        LossKind.DERIVED,
        "surchargePrice/surchargePriceName",
        "price.name",
        value_kind="text",
        severity=Severity.INFORMATION,
    )


def _free_name(price: Tarif, writing: Writing) -> Tarif:
    """From 2.4 a service without code has its name apart (contract section 15.1)."""
    name = price.nom_prestation
    if name is None or name.code:
        return price
    _moved(writing)
    if price.nom_autre_prestation is not None:
        writing.note_below(LossKind.DROPPED, "surchargePrice/surchargePriceName", "price.label", value_kind="text")
    return msgspec.structs.replace(
        price, nom_prestation=None, nom_autre_prestation=price.nom_autre_prestation or name.libelle
    )


def _named_by_text(price: Tarif, writing: Writing) -> Tarif:
    """Up to 1.6 a service has one name, in text: its code's label, else the free name."""
    if price.nom_prestation is not None or price.nom_autre_prestation is None:
        return price
    _moved(writing)
    name = Code("R264", "", price.nom_autre_prestation)
    return msgspec.structs.replace(price, nom_prestation=name, nom_autre_prestation=None)


def _price(*, others_included: tuple[Part, ...], surcharge: tuple[Part, ...], **options: Any) -> Shape:
    return Shape(
        Tarif,
        "price",
        Field("priceType", Coded("R246"), "type_tarif"),
        Field("priceUnit", Coded("R228"), "unite_prix", required=True),
        Spread(
            "price",
            Field("amount", NUMBER, "montant"),
            Field("currency", Coded("R230"), "devise", required=True, default=EURO),
            required=True,
        ),
        Field("updateDate", DAY, "date_debut_validite"),
        Variant(
            basePackageAccomodation=(_UNDER_60, _INCLUDED, *others_included, _DWELLING, _CONDITION, _WELCOME),
            mealDelivery=(_CONDITION, Field("mealDeliveryName", TEXT, "nom_portage_repas")),
            homeDay=(_CONDITION,),
            dependencyPrice=(
                Field("dependencyLevel", Coded("R237"), "groupe_tarifaire_dependance", required=True),
                _WELCOME,
            ),
            surchargePriceResidential=(_DWELLING,),
            humanHelpPrice=(
                Field("humanHelpPriceName", TEXT, "nom_aide_humaine"),
                Field("managementType", Coded("R236"), "mode_gestion", required=True),
                _CONDITION,
            ),
            surchargePrice=surcharge,
        ),
        record(),
        gives=frozenset({"unite_prix"}),
        given=lambda element, reading: {} if element.find(csd("priceUnit")) is not None else {"unite_prix": None},
        **options,
    )


PRICE_1_6 = _price(
    others_included=(),
    surcharge=(Field("surchargePriceName", TextualCode("R264"), "nom_prestation"),),
    fit=_named_by_text,
)
PRICE = _price(
    others_included=(_OTHERS_INCLUDED,),
    surcharge=(
        Field("otherSurchargePriceName", TEXT, "nom_autre_prestation", required=True),
        Field("surchargePriceName", Coded("R264"), "nom_prestation"),
    ),
    fit=_free_name,
)
