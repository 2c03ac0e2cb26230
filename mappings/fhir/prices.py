"""Prices of an EG: `ror-organization-price` (FHIR digest, section 8)."""

from typing import Any

import msgspec

from mappings.exposition.organisation import Tarif
from mappings.exposition.values import Code
from mappings.fhir import urls
from mappings.fhir.datatypes import (
    Extensions,
    added_extensions,
    code_extension,
    complex_extension,
    extension,
    is_more_than_its_code,
    unknown_concept,
)
from mappings.fhir.notes import Notes
from mappings.fhir.shape import Json, MalformedResource, compact, day, flag, member, number, text
from mappings.loss import LossKind, Severity

PRICE = urls.ror("ror-organization-price")

# The shape that carries the details in the contract (section 7.6), implied by the type of price (R246) in FHIR.
VARIANTS = {
    "01": "surchargePriceResidential",
    "02": "basePackageAccomodation",
    "03": "dependencyPrice",
    "04": "surchargePrice",
    "05": "homeDay",
    "06": "humanHelpPrice",
    "07": "mealDelivery",
}
CURRENCIES = "R230"
_CODES = (
    ("type_habitation", "residentialType"),
    ("condition_tarifaire", "specialPrice"),
    ("temporalite_accueil", "welcomeType"),
    ("groupe_tarifaire_dependance", "dependencyLevel"),
    ("mode_gestion", "managementType"),
    ("nom_prestation", "additionalServiceName"),
)
_TEXTS = (
    ("nom_portage_repas", "mealDeliveryName"),
    ("nom_aide_humaine", "humanHelpPriceName"),
    ("nom_autre_prestation", "otherAdditionalServiceName"),
)


def price(tarif: Tarif, notes: Notes) -> Json:
    """The price extension."""
    tarif = _named(tarif, notes)
    notes.record(tarif.metadonnee)
    notes.additions(tarif.ajouts)
    if tarif.variante is not None and tarif.variante != VARIANTS.get(tarif.type_tarif.code):
        notes.note(LossKind.INCONSISTENT, "variante", "fhir.price.variant", "text")
    currency = tarif.devise
    if currency is None:
        notes.note(LossKind.DEFAULTED, "devise", "fhir.price.currency", "code")
    elif is_more_than_its_code(currency, CURRENCIES):
        notes.dropped("devise", "fhir.price.currency", "code", Severity.INFORMATION)
    started = tarif.date_debut_validite
    return complex_extension(
        PRICE,
        code_extension("priceType", tarif.type_tarif),
        _unit(tarif.unite_prix, notes),
        extension("amount", "Money", {"value": tarif.montant, "currency": currency.code if currency else "EUR"}),
        extension("startDate", "DateTime", started and started.isoformat()),
        extension("under60", "Boolean", tarif.moins_60_ans),
        [part for code in tarif.prestations_incluses for part in code_extension("deliveryIncluded", code)],
        [
            part
            for name in tarif.autres_prestations_incluses
            for part in extension("othersDeliveryIncluded", "String", name)
        ],
        [part for name, url in _CODES for part in code_extension(url, getattr(tarif, name))],
        [part for name, url in _TEXTS for part in extension(url, "String", getattr(tarif, name))],
        added_extensions(tarif.ajouts),
    )


def _named(tarif: Tarif, notes: Notes) -> Tarif:
    """Up to 1.6 a service may be named by a text that is no code: FHIR has another name for it."""
    name = tarif.nom_prestation
    if name is None or name.code:
        return tarif
    if tarif.nom_autre_prestation is not None:
        notes.dropped("nom_prestation", "fhir.price.name-in-text", "text")
        return msgspec.structs.replace(tarif, nom_prestation=None)
    notes.note(LossKind.DERIVED, "nom_prestation", "fhir.price.name-in-text", "text", Severity.INFORMATION)
    return msgspec.structs.replace(tarif, nom_prestation=None, nom_autre_prestation=name.libelle)


def _unit(unite: Code | None, notes: Notes) -> list[Json]:
    if unite is not None:
        return code_extension("priceUnit", unite)
    notes.note(LossKind.DEFAULTED, "unite_prix", "fhir.price.unit", "code")
    return [{"url": "priceUnit", "valueCodeableConcept": unknown_concept("R228")}]


def read_price(json: Json) -> Tarif:
    """The price an extension carries."""
    extensions = Extensions(json)
    kind = extensions.code("priceType")
    money = member(extensions.take("amount"), "valueMoney")
    amount = number(money, "value")
    if kind is None or amount is None:
        raise MalformedResource("extension.ror-organization-price")
    currency = text(money, "currency")
    codes: dict[str, Any] = {name: extensions.code(url) for name, url in _CODES}
    texts: dict[str, Any] = {name: extensions.string(url) for name, url in _TEXTS}
    return Tarif(
        type_tarif=kind,
        unite_prix=extensions.code("priceUnit"),
        montant=amount,
        devise=Code(CURRENCIES, currency) if currency else None,
        date_debut_validite=day(extensions.take("startDate"), "valueDateTime"),
        variante=VARIANTS.get(kind.code),
        moins_60_ans=flag(extensions.take("under60"), "valueBoolean"),
        prestations_incluses=extensions.codes("deliveryIncluded"),
        autres_prestations_incluses=tuple(
            name for part in extensions.take_all("othersDeliveryIncluded") if (name := text(part, "valueString"))
        ),
        **codes,
        **texts,
        ajouts=extensions.left,
    )


def prices(tarifs: tuple[Tarif, ...], notes: Notes) -> list[Json]:
    """Every price of an EG."""
    return [compact(price(tarif, notes)) for tarif in tarifs]
