"""An object with one odd thing to say: what is read of what FHIR says of it is told where it differs."""

from datetime import time
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from mappings.csd.identifiers import FINESS, TYPES_OF_STRUCT
from mappings.exposition.contact import Horaire
from mappings.exposition.lieu import Adresse, CoordonneeGeographique, Lieu, LigneAdresse
from mappings.exposition.offre import ActiviteOperationnelle
from mappings.exposition.professionnel import NomExercice, SavoirFaire
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Ajout, Code, Identifiant
from mappings.fhir.encoding import decode, encode
from mappings.fhir.read import read
from mappings.fhir.write import write
from mappings.loss import Ledger

REGIONAL, HERE = Code("R999", "01"), Code("R211", "022")
NAME = NomExercice("EXEMPLE", civilite=Code("R81", "M"))
SKILL = SavoirFaire(Code("R04", "S"), (Code("R38", "SM04"),))
EXTENSION = Ajout("extension", "fhir", '{"url":"https://strange.example/x","valueString":"y"}')
MEMBER, PART = Ajout("name", "fhir", '"autre"'), Ajout("inconnu", "fhir", '{"a":1}')
EJ, EG, OI, OFFER, PERSON = (
    "entites_juridiques",
    "entites_geographiques",
    "organisations_internes",
    "offres",
    "professionnels",
)
TYPE, ACTIVITY = "fhir.organization.type-system", "fhir.offer.activity-system"
KNOW_HOW, PLACE = "fhir.role.know-how-system", "fhir.addition.place"


def changed(region: Repertoire, kind: str, **fields: Any) -> Repertoire:
    """The region, the last object of that kind saying these things."""
    *others, last = getattr(region, kind)
    return msgspec.structs.replace(region, **{kind: (*others, msgspec.structs.replace(last, **fields))})


def passed(region: Repertoire) -> tuple[Repertoire, set[tuple[str, str]]]:
    ledger = Ledger()
    resources = {name: decode(encode(one)) for name, one in write(region, ledger=ledger).items()}
    told = {(entry.rule, entry.path) for entry in ledger.entries}
    return read(resources, ledger=Ledger()), told


@pytest.mark.parametrize(
    ("kind", "fields", "rule", "path"),
    [
        pytest.param(EJ, {"statut_juridique": REGIONAL}, TYPE, "statut_juridique", id="status of a region"),
        pytest.param(
            EJ, {"sous_ensemble_agregat_statut_juridique": REGIONAL}, TYPE,
            "sous_ensemble_agregat_statut_juridique", id="aggregate of a region",
        ),
        pytest.param(EJ, {"autres_types": (Code("R66", "355"),)}, TYPE, "autres_types", id="type of an EG on an EJ"),
        pytest.param(
            EJ, {"statut_juridique": None, "autres_types": (Code("R72", "13"),)}, TYPE, "autres_types",
            id="status among the others",
        ),
        pytest.param(EG, {"categorie": REGIONAL}, TYPE, "categorie", id="category of a region"),
        pytest.param(
            EG, {"modalite_participation_sph": REGIONAL}, TYPE, "modalite_participation_sph", id="public service"
        ),
        pytest.param(OI, {"type_oi": REGIONAL}, TYPE, "type_oi", id="level of a region"),
        pytest.param(
            OFFER, {"activites": (ActiviteOperationnelle(REGIONAL),)}, ACTIVITY, "activites.activite", id="activity"
        ),
        pytest.param(
            OFFER, {"activites": (ActiviteOperationnelle(HERE, (REGIONAL,)),)}, ACTIVITY, "activites.familles",
            id="family",
        ),
        pytest.param(
            PERSON, {"savoir_faire": (msgspec.structs.replace(SKILL, type_savoir_faire=REGIONAL),)}, KNOW_HOW,
            "savoir_faire.type_savoir_faire", id="type of know-how",
        ),
        pytest.param(
            PERSON, {"savoir_faire": (SavoirFaire(SKILL.type_savoir_faire, (*SKILL.valeurs, Code("R38", "SM04")),),)},
            "fhir.role.repeated-value", "savoir_faire.valeurs", id="value twice",
        ),
        pytest.param(
            PERSON, {"noms_exercice": (msgspec.structs.replace(NAME, civilite=Code("R999", "M")),)},
            "fhir.practitioner.honorific", "noms_exercice.civilite", id="title of a region",
        ),
        pytest.param(
            PERSON, {"noms_exercice": (msgspec.structs.replace(NAME, civilite=Code("R81", "M", "Sieur")),)},
            "fhir.practitioner.honorific", "noms_exercice.civilite", id="title with words of its own",
        ),
        pytest.param(
            EJ, {"identifiants": (Identifiant(TYPES_OF_STRUCT, "1010000009"),)}, "fhir.identifier.system",
            "identifiants", id="identifier under the OID of the types",
        ),
        pytest.param(
            EJ, {"identifiants": (Identifiant(FINESS, "010000009"), Identifiant(FINESS, "010000009"))},
            "fhir.identifier.restated", "identifiants", id="identifier twice",
        ),
        pytest.param(EJ, {"ajouts": (MEMBER,)}, PLACE, "name", id="addition where the resource says something"),
        pytest.param(
            EJ, {"lieu": Lieu(adresse=Adresse((LigneAdresse(texte="a"), LigneAdresse(texte="b", localite="c"))))},
            "fhir.address.town-of-line", "lieu.adresse.lignes.localite", id="town on the second line",
        ),
        pytest.param(
            OFFER, {"activites": (ActiviteOperationnelle(HERE, ajouts=(EXTENSION,)),)}, PLACE, "activites:extension",
            id="addition to an activity",
        ),
        pytest.param(
            EJ, {"lieu": Lieu(coordonnee=CoordonneeGeographique(Decimal(1), Decimal(2), ajouts=(EXTENSION,)))}, PLACE,
            "lieu.coordonnee:extension", id="addition to the position of an organisation",
        ),
        pytest.param(
            EJ, {"lieu": Lieu(ajouts=(EXTENSION,))}, PLACE, "lieu:extension", id="addition to a place",
        ),
        pytest.param(OFFER, {"ajouts": (Ajout("a.b", "fhir", "1"),)}, PLACE, "a.b", id="addition below a member"),
        pytest.param(
            OFFER, {"horaires": (Horaire(heure_debut=time(9), ajouts=(PART,)),)}, PLACE, "horaires:inconnu",
            id="addition to a part",
        ),
    ],
)  # fmt: skip
def test_what_comes_back_otherwise_is_told(
    region: Repertoire, kind: str, fields: dict[str, Any], rule: str, path: str
) -> None:
    before, usual = passed(region)
    back, told = passed(changed(region, kind, **fields))

    assert (rule, path) in told - usual
    assert back != changed(before, kind, **fields)


def test_the_currency_of_a_region_is_told(region: Repertoire) -> None:
    (price, *others) = region.entites_geographiques[0].tarifs
    regional = msgspec.structs.replace(price, devise=Code("R999", "EUR"))

    _, told = passed(changed(region, EG, tarifs=(regional, *others)))

    assert ("fhir.price.currency", "tarifs.devise") in told


def test_a_competence_of_a_region_is_told(region: Repertoire) -> None:
    (situation,) = region.professionnels[0].situations
    regional = msgspec.structs.replace(situation, competences_specifiques=(REGIONAL,))

    back, told = passed(changed(region, PERSON, situations=(regional,)))

    assert (KNOW_HOW, "competences_specifiques") in told
    assert back.professionnels[0].situations[0].competences_specifiques == ()


def test_the_second_legal_entity_of_a_key_is_told_under_its_key(region: Repertoire) -> None:
    (first,) = region.entites_juridiques
    second = msgspec.structs.replace(first, raison_sociale="Autre")

    ledger = Ledger()
    write(msgspec.structs.replace(region, entites_juridiques=(first, second)), ledger=ledger)

    assert [entry.object for entry in ledger.entries if entry.rule == "fhir.object.key-taken"] == [first.cle]


def test_a_fraction_of_a_second_is_written(region: Repertoire) -> None:
    slots = (Horaire(heure_debut=time(8, 0, 0, 500_000), heure_fin=time(23, 59, 59, 999_999)),)

    back, _ = passed(changed(region, OFFER, horaires=slots))

    assert back.offres[0].horaires == slots
