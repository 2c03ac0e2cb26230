"""Every extension and every slice of the guide is written from the model and read back into it, none kept aside."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from mappings.exposition.contact import BoiteLettreMSS
from mappings.exposition.lieu import Adresse, CapacitePriseCharge
from mappings.exposition.organisation import Tarif
from mappings.exposition.professionnel import SavoirFaire
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Ajout, Code, Identifiant
from mappings.fhir import urls
from mappings.fhir.encoding import decode, encode
from mappings.fhir.read import read
from mappings.fhir.shape import Json
from mappings.fhir.tasks import read_task, write_task
from mappings.fhir.validation.constraints import Element, amendment, constraints, definitions
from mappings.fhir.validation.profiles import VALIDATED
from mappings.fhir.validation.slices import by_id, by_system, by_type
from mappings.fhir.write import write
from mappings.loss import Ledger, Severity

PROFILES = {profile: name for name, profile in VALIDATED.items()}
NAMED = [(profile, row) for profile in PROFILES for row in constraints().profiles[profile].elements if ":" in row.path]
PARTS = [(one.url, part.url) for one in definitions().values() for part in one.sub_extensions]
# The other address that the guide gives for the level of a telecom: read, and written under the first one.
READ_ONLY = {urls.ror("ror-contact-telecom-confidentiality-level")}
SIMPLE = [url for url, one in definitions().items() if not one.sub_extensions and url not in READ_ONLY]

KNOW_HOW = (
    SavoirFaire(
        Code("R04", "S"),
        (Code("R38", "SM04"),),
    ),
    *(
        SavoirFaire(Code("R04", kind), (Code(system, code),))
        for system, kind, code in (
            ("R39", "C", "C01"),
            ("R40", "CEX", "CEX22"),
            ("G13", "OP", "80"),
            ("R43", "CAPA", "CAPA01"),
            ("R44", "PAC", "PAC00"),
            ("R42", "DNQ", "DSM200"),
            ("R97", "DEC", "DEC01"),
        )
    ),
)
PRICE = Tarif(
    type_tarif=Code("R246", "03"),
    unite_prix=Code("R228", "2"),
    montant=Decimal("12.30"),
    devise=Code("R230", "EUR"),
    date_debut_validite=date(2024, 1, 1),
    variante="dependencyPrice",
    moins_60_ans=True,
    prestations_incluses=(Code("R231", "01"),),
    autres_prestations_incluses=("Blanchisserie",),
    type_habitation=Code("R242", "01"),
    condition_tarifaire=Code("R250", "01"),
    temporalite_accueil=Code("R240", "01"),
    groupe_tarifaire_dependance=Code("R237", "01"),
    nom_portage_repas="Repas",
    nom_aide_humaine="Aide",
    mode_gestion=Code("R236", "01"),
    nom_autre_prestation="Coiffeur",
    nom_prestation=Code("R231", "02"),
)


def _full(region: Repertoire) -> Repertoire:
    """The region, each of its objects saying all that the guide has a place for."""
    replace = msgspec.structs.replace
    (eg,), (unit,), (surgeon,) = region.entites_geographiques, region.offres, region.professionnels
    ward = unit.lieux[0]
    street = eg.lieu.adresse.lignes[0]
    address = Adresse((replace(street, complement_point_geographique="Bâtiment C", mention_distribution="BP 12"),))
    mailbox = unit.boites_lettres_mss[0]
    told = (BoiteLettreMSS(replace(mailbox.telecommunication, utilisation="résultats")),)
    situation = replace(
        surgeon.situations[0],
        precisions_horaires=(replace(unit.horaires[0], jours=(3,)),),
        metadonnee=replace(surgeon.situations[0].metadonnee, commentaire="Remplace"),
    )
    group = ward.capacites_prise_charge[0]
    line = replace(
        group.capacites[0],
        type_fermeture_capacite=Code("R333", "01"),
        type_lits_supplementaire=Code("R334", "01"),
        type_crise=Code("R336", "01"),
    )
    numbers = (
        Identifiant("1.3.2", "260000001"),
        Identifiant("1.3.2", "26000000100017"),
        Identifiant("1.2.250.1.71.4.2.2", "4123456789012"),
        Identifiant("1.2.250.1.71.4.2.2", "0123456789"),
    )
    return replace(
        region,
        entites_geographiques=(
            replace(
                eg,
                identifiants=(*eg.identifiants, *numbers),
                tarifs=(*eg.tarifs, PRICE),
                type_fermeture=Code("R286", "DEF"),
                date_fermeture=date(2031, 1, 1),
                complements_nom=("Aile nord",),
                lieu=replace(eg.lieu, adresse=address),
            ),
        ),
        offres=(
            replace(
                unit,
                activites=(replace(unit.activites[0], familles=(Code("R266", "01"),)),),
                boites_lettres_mss=told,
                lieux=(
                    replace(
                        ward,
                        lieu=replace(ward.lieu, adresse=address),
                        capacites_prise_charge=(CapacitePriseCharge(Code("R337", "02"), (line,)),),
                        metadonnee=replace(ward.metadonnee, modele_saisie="https://example.org/MS-2|1"),
                    ),
                ),
            ),
        ),
        professionnels=(replace(surgeon, savoir_faire=KNOW_HOW, situations=(situation,), boites_lettres_mss=told),),
    )


@pytest.fixture(name="resources")
def _resources(region: Repertoire) -> dict[str, Json]:
    written = write(_full(region), ledger=Ledger())
    return {reference: decode(encode(resource)) for reference, resource in written.items()}


def additions(value: Any) -> Iterator[Ajout]:
    """What was kept aside anywhere in a value of the model."""
    if isinstance(value, Ajout):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from additions(item)
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from additions(getattr(value, name))


def test_what_is_written_is_read_into_the_model_and_written_again(resources: dict[str, Json]) -> None:
    ledger = Ledger()
    repertoire = read(resources, ledger=ledger)

    assert list(additions(repertoire)) == []
    assert ledger.entries == ()
    again = write(repertoire, ledger=Ledger())
    assert {reference: decode(encode(resource)) for reference, resource in again.items()} == resources


def _at(element: Any, path: list[str]) -> Iterator[Json]:
    """The elements at a path; what extends a primitive stands in `_name`."""
    if isinstance(element, list):
        for item in element:
            yield from _at(item, path)
    elif isinstance(element, dict):
        if not path:
            yield element
        else:
            yield from _at(element.get(path[0]), path[1:])
            yield from _at(element.get(f"_{path[0]}"), path[1:])


def _holds(resource: Json, profile: str, row: Element) -> bool:
    above, _, named = row.path.rpartition(".")
    name, _, slice_name = named.partition(":")
    added = amendment(profile, row.path)
    for element in _at(resource, above.split(".") if above else []):
        items = element.get(name, [])
        if name == "extension":
            if any(item["url"] == (row.url or (added and added.url)) for item in items):
                return True
        elif slice_name == "nomExterneSynchro":
            return bool(items)
        else:
            slices = [(row, added)]
            tag = "Coding" if name == "tag" else None
            pick = by_type(slices) if row.type_coding else by_id(slices) if row.id else by_system(slices, tag)
            if any(pick(item) == 0 for item in items):
                return True
    return False


@pytest.mark.parametrize(("profile", "row"), NAMED, ids=[f"{profile}-{row.path}" for profile, row in NAMED])
def test_each_extension_and_slice_is_written(
    resources: dict[str, Json], anomalie: Any, profile: str, row: Element
) -> None:
    every = [*resources.values(), write_task(anomalie, ledger=Ledger())]

    assert any(_holds(resource, profile, row) for resource in every if resource["resourceType"] == PROFILES[profile])


def _extensions(value: Any) -> Iterator[Json]:
    if isinstance(value, list):
        for item in value:
            yield from _extensions(item)
    elif isinstance(value, dict):
        if "url" in value:
            yield value
        for item in value.values():
            yield from _extensions(item)


@pytest.mark.parametrize(("url", "part"), PARTS, ids=[f"{url.rsplit('/', 1)[-1]}-{part}" for url, part in PARTS])
def test_each_part_of_an_extension_is_written(resources: dict[str, Json], url: str, part: str) -> None:
    parts = {
        held["url"]
        for one in _extensions(list(resources.values()))
        if one["url"] == url
        for held in one.get("extension", ())
    }

    assert part in parts


@pytest.mark.parametrize("url", SIMPLE, ids=[url.rsplit("/", 1)[-1] for url in SIMPLE])
def test_each_extension_of_one_value_is_written(resources: dict[str, Json], url: str) -> None:
    assert any(one["url"] == url for one in _extensions(list(resources.values())))


def test_the_other_address_of_the_level_of_a_telecom_is_read(resources: dict[str, Json]) -> None:
    text = encode(resources)
    (other,) = READ_ONLY
    changed = decode(text.replace(urls.ror("ror-telecom-confidentiality-level").encode(), other.encode()))

    assert read(changed, ledger=Ledger()) == read(resources, ledger=Ledger())


def test_an_anomaly_comes_back_as_it_was(anomalie: Any) -> None:
    ledger = Ledger()
    resource = decode(encode(write_task(anomalie, ledger=ledger)))

    assert read_task(resource, ledger=ledger) == anomalie
    assert [entry for entry in ledger.entries if entry.severity is not Severity.INFORMATION] == []
    assert datetime.fromisoformat(resource["lastModified"]) == datetime(2024, 1, 4, 10, tzinfo=UTC)
