"""A small region, rich enough that every rule of the mapping is exercised. All of it is fictional."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import strategies as st
from lxml import etree

from conformance.reference.content import content
from conformance.reference.csd.dialect import Contract
from conformance.reference.csd.document import Document, answer
from conformance.reference.csd.wire import Scribe
from conformance.reference.members import Member, read_members
from conformance.reference.solutions import autre, iess, ir
from mappings.csd.answers import read_answer
from mappings.csd.dialect import Dialect
from mappings.csd.version import Version
from mappings.csd.xml import parse
from mappings.exposition.anomalie import Anomalie, CheminElement, Designation
from mappings.exposition.contact import BoiteLettreMSS, Contact, Horaire, Telecommunication
from mappings.exposition.demandes import ReponseOffres
from mappings.exposition.lieu import (
    Adresse,
    CapaciteAccueilOperationnelle,
    CapaciteHabitation,
    CapacitePriseCharge,
    CoordonneeGeographique,
    DivisionTerritoriale,
    EquipementSpecifique,
    Lieu,
    LieuRealisationOffre,
    LigneAdresse,
    LimiteCaracteristique,
)
from mappings.exposition.offre import ActiviteOperationnelle, OffreOperationnelle
from mappings.exposition.organisation import (
    EntiteGeographique,
    EntiteJuridique,
    OrganisationInterne,
    Patientele,
    Tarif,
)
from mappings.exposition.professionnel import NomExercice, Professionnel, SavoirFaire, SituationOperationnelle
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Ajout, Code, Identifiant, Mesure, Metadonnee
from mappings.fhir import urls
from mappings.fhir.encoding import decode, encode
from mappings.fhir.shape import Json
from mappings.fhir.write import write
from mappings.loss import Ledger

NAT_STRUCT = "1.2.250.1.71.4.2.2"
YEARS = Code("R247", "a")

RECORD = Metadonnee(
    date_creation=datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC),
    date_mise_a_jour=datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC),
    commentaire="Relu au printemps",
    region_source="84",
    modele_saisie="https://interop.esante.gouv.fr/ig/fhir/ror/Questionnaire/MS-1|1",
)
BARE_RECORD = Metadonnee(
    date_creation=RECORD.date_creation, date_mise_a_jour=RECORD.date_mise_a_jour, region_source="84"
)
PHONE = Telecommunication(Code("R200", "2"), "04 00 00 00 01", "secrétariat", Code("R283", "1"))
MAIL = Telecommunication(Code("R200", "3"), "unite@exemple.mssante.fr", None, Code("R283", "2"))
DESK = Contact(
    nom="Accueil",
    nature_contact=Code("R287", "06"),
    description="Porte B",
    niveau_confidentialite=Code("R283", "1"),
    telecommunications=(PHONE,),
)
PERSON = Contact(
    nom="Camille Exemple",
    fonction_contact=Code("R251", "01"),
    niveau_confidentialite=Code("R283", "3"),
    telecommunications=(Telecommunication(Code("R200", "1"), "06 00 00 00 01", None, Code("R283", "3")),),
)
ADDRESS = Adresse(
    (
        LigneAdresse(
            point_remise="Pavillon 3",
            numero_voie="12",
            extension_voie="bis",
            type_voie="RUE",
            libelle_voie="des Lilas",
            lieu_dit="Le Bourg",
            code_postal="01000",
            localite="BOURG-EN-BRESSE",
            pays="France",
        ),
    )
)
COMMUNE = Code("R13", "01053", "Bourg-en-Bresse")

EJ = EntiteJuridique(
    cle="1010000001",
    identifiants=(Identifiant(NAT_STRUCT, "1010000001"), Identifiant("1.3.2", "260000001")),
    statut_juridique=Code("R72", "13"),
    sous_ensemble_agregat_statut_juridique=Code("R69", "1100"),
    raison_sociale="Centre hospitalier de l'Exemple",
    complements_nom=("CHE",),
    lieu=Lieu(adresse=ADDRESS, commune_cog=COMMUNE),
    date_creation=date(1980, 1, 1),
    date_fermeture=date(2030, 12, 31),
    type_fermeture=Code("R286", "DEF"),
    metadonnee=RECORD,
)
EG = EntiteGeographique(
    cle="1010000002",
    entite_juridique=EJ.cle,
    identifiants=(Identifiant(NAT_STRUCT, "1010000002"),),
    categorie=Code("R66", "355"),
    modalite_participation_sph=Code("R73", "1"),
    denomination="Site des Lilas",
    nom_operationnel="Les Lilas",
    lieu=Lieu(
        adresse=ADDRESS,
        coordonnee=CoordonneeGeographique(Decimal("46.2050"), Decimal("5.2250"), fiable=True),
        commune_cog=COMMUNE,
    ),
    contacts=(DESK, PERSON),
    telecommunications=(PHONE,),
    territoires_sante=(DivisionTerritoriale(Code("R201", "4"), Code("R22", "T01")),),
    tarifs=(
        Tarif(
            type_tarif=Code("R246", "02"),
            unite_prix=Code("R228", "2"),
            montant=Decimal("61.50"),
            devise=Code("R230", "EUR"),
            date_debut_validite=date(2024, 1, 1),
            variante="basePackageAccomodation",
            moins_60_ans=False,
            prestations_incluses=(Code("R231", "01"),),
            autres_prestations_incluses=("Blanchisserie",),
            type_habitation=Code("R242", "01"),
        ),
    ),
    zone_poser=True,
    aides_financieres=(Code("R241", "02"),),
    hebergement_famille=False,
    nb_place_aide_social_temporaire=2,
    nb_place_aide_social_permanent=0,
    date_ouverture=date(1985, 2, 3),
    accessibilite_lieu=Code("R202", "1"),
    niveau_recours_orsan=Code("R289", "1"),
    commentaire="Entrée par la cour",
    metadonnee=RECORD,
)
POLE = OrganisationInterne(
    cle="84/OI-1",
    type_oi=Code("R207", "1"),
    identifiants=(Identifiant("1.2.250.1.213.6.1.1.1.1.76", "84/OI-1"),),
    nom="Pôle chirurgie",
    parent=EG.cle,
    entite_geographique=EG.cle,
    contacts=(DESK,),
    boites_lettres_mss=(BoiteLettreMSS(MAIL),),
    date_ouverture=date(2000, 1, 1),
    date_fermeture=date(2026, 1, 1),
    date_previsionnelle_reouverture=date(2026, 6, 1),
    type_fermeture=Code("R286", "PRO"),
    metadonnee=RECORD,
)
SERVICE = OrganisationInterne(
    cle="84/OI-2",
    type_oi=Code("R207", "2"),
    identifiants=(Identifiant("1.2.250.1.213.6.1.1.1.1.76", "84/OI-2"),),
    nom="Chirurgie digestive",
    parent=POLE.cle,
    entite_geographique=EG.cle,
    metadonnee=BARE_RECORD,
)
BEDS = CapaciteAccueilOperationnelle(
    nature_capacite=Code("R329", "01"),
    statut_capacite=Code("R330", "02"),
    temporalite_capacite=Code("R331", "01"),
    nombre_capacite=3,
    type_source_capacite=Code("R335", "02"),
    date_maj_capacite=datetime(2024, 5, 6, 6, 0, tzinfo=UTC),
    genre_capacite_dispo=Code("R332", "01"),
    commentaire="Chambre double",
)
WARD = LieuRealisationOffre(
    cle="84/L-1",
    lieu=Lieu(
        identifiant="84/L-1",
        nom="Étage 2",
        description="Ascenseur B",
        statut=Code("R203", "1"),
        adresse=ADDRESS,
        coordonnee=CoordonneeGeographique(Decimal("46.2051"), Decimal("5.2251"), Decimal("230"), fiable=False),
        fonction_lieu=Code("R343", "001"),
        commune_cog=COMMUNE,
        telecommunications=(PHONE,),
        commentaire="Travaux en mars",
    ),
    id_externe_synchro="1010000002/CHIR2",
    nom_externe_synchro="CHIR ETAGE 2",
    equipements=(
        EquipementSpecifique(
            Code("R212", "088"),
            nb_en_service=1,
            limites=(LimiteCaracteristique(Code("R340", "001"), Mesure(Decimal("250"), Code("R247", "kg"))),),
        ),
    ),
    capacites_habitation=(CapaciteHabitation(Code("R242", "01"), 4),),
    capacites_prise_charge=(CapacitePriseCharge(Code("R337", "01"), (BEDS,)),),
    metadonnee=BARE_RECORD,
)
UNIT = OffreOperationnelle(
    cle="84/UE-0001",
    identifiants=(Identifiant("1.2.250.1.213.6.1.1.1.1.76", "84/UE-0001"),),
    nom="Chirurgie digestive – hospitalisation",
    organisation=SERVICE.cle,
    entite_geographique=EG.cle,
    type_offre=Code("R244", "157"),
    champs_activite=(Code("R227", "01"),),
    activites=(ActiviteOperationnelle(Code("R211", "022"), (Code("R266", "01"),)),),
    mode_prise_en_charge=Code("R213", "28"),
    modalites_accueil=(Code("R338", "03"), Code("R338", "05")),
    patientele=Patientele((Code("R239", "01"),), Mesure(Decimal(15), YEARS), Mesure(Decimal(120), YEARS)),
    temporalite_accueil=Code("R240", "01"),
    specialisations_prise_en_charge=(Code("R245", "01"),),
    modes_gestion=(Code("R236", "02"),),
    ouverture_annuelle=Code("R238", "02"),
    secteurs_psychiatriques=("01G05",),
    professions_ressource=(Code("R356", "04"),),
    competences_specifiques=(Code("R243", "05"),),
    niveaux_expertise=(Code("R344", "10"), Code("R253", "04")),
    actes_specifiques=(Code("R210", "0784"),),
    actes_realises_hors_cabinet=(Code("R210", "0785"),),
    zones_intervention=(DivisionTerritoriale(Code("R201", "3"), Code("R13", "01053")),),
    horaires=(
        Horaire(
            jours=(1, 2, 5),
            heure_debut=time(8),
            heure_fin=time(18, 30),
            debut_date_effective=date(2024, 1, 1),
            fin_date_effective=date(2024, 12, 31),
            type_plage_horaire=Code("R252", "01"),
        ),
        Horaire(heure_debut=time(9), heure_fin=time(0), type_plage_horaire=Code("R252", "07")),
    ),
    contacts=(DESK, PERSON),
    boites_lettres_mss=(BoiteLettreMSS(MAIL),),
    unite_sensible=True,
    habilitation_soins_sans_consentement=True,
    date_fermeture=date(2026, 7, 1),
    date_previsionnelle_reouverture=date(2026, 9, 1),
    type_fermeture=Code("R286", "PRO"),
    lieux=(WARD,),
    metadonnee=RECORD,
)
SURGEON = Professionnel(
    cle="810000000001",
    identifiants=(Identifiant("1.2.250.1.71.4.2.1", "810000000001"),),
    professions=(Code("G15", "10"),),
    noms_exercice=(NomExercice("EXEMPLE", "Dominique", Code("R11", "DR"), Code("R81", "M")),),
    langues=(Code("G00", "fr"),),
    savoir_faire=(SavoirFaire(Code("R04", "S"), (Code("R38", "SM04"),)),),
    situations=(
        SituationOperationnelle(
            mode_exercice=Code("R23", "S"),
            telecommunications=(PHONE,),
            competences_specifiques=(Code("R243", "05"),),
            precisions_horaires=(Horaire(jours=(2, 4), heure_debut=time(9), heure_fin=time(12)),),
            secteur_conventionnement=Code("R282", "c1"),
            option_contrat_acces_aux_soins=True,
            carte_vitale_acceptee=False,
            identifiant="11102379616",
            metadonnee=BARE_RECORD,
        ),
    ),
    boites_lettres_mss=(BoiteLettreMSS(MAIL),),
    offres=(UNIT.cle,),
    entites_geographiques=(EG.cle,),
    metadonnee=BARE_RECORD,
)


@pytest.fixture
def region() -> Repertoire:
    """One of each object, with everything FHIR can say."""
    return Repertoire((EJ,), (EG,), (POLE, SERVICE), (UNIT,), (SURGEON,))


@pytest.fixture
def addition() -> Ajout:
    """What an earlier source said in SOAP and no model has a place for."""
    return Ajout("extension/room", "csd", "<room>12</room>")


@pytest.fixture
def anomalie() -> Anomalie:
    """An anomaly that says everything."""
    return Anomalie(
        cle="687",
        statut="in-progress",
        objet=Designation("Organization", None, Identifiant(urls.ID_NAT_STRUCT, "1010000002"), "Site des Lilas"),
        statut_metier=Code("R352", "02", "À traiter"),
        thematique=Code("R350", "06", "Exactitude"),
        action=Code("R349", "COR", "Correction"),
        identifiants=(Identifiant("", "84/A-1"),),
        anomalies_liees=(Designation(reference="Task/686"),),
        description="La catégorie n'est pas la bonne",
        date_creation=datetime(2024, 1, 3, 9, tzinfo=UTC),
        date_mise_a_jour=datetime(2024, 1, 4, 10, tzinfo=UTC),
        date_envoi_destinataire=datetime(2024, 1, 3, 12, tzinfo=UTC),
        date_cloture=datetime(2024, 2, 1, 12, tzinfo=UTC),
        emetteur=Designation(reference="Practitioner/810000000001"),
        destinataire=Designation(reference="Organization/1010000001.EJ"),
        systeme_emetteur="IHM",
        identifiant_emetteur=Identifiant("urn:oid:1.2.250.1.71.4.2.1", "810000000001"),
        regle_enfreinte="RG-12",
        valeurs_erronees=("355", "101"),
        valeurs_proposees=("106",),
        chemin_element=CheminElement("text/fhirpath", "Organization.type"),
        valeurs_corrigees=("106",),
        identifiant_analyste=Identifiant("urn:oid:1.2.250.1.71.4.2.1", "810000000002"),
    )


DIALECTS = {"autre": autre.DIALECT, "iess": iess.DIALECT, "ir": ir.DIALECT}
OFFERS = 12


def _resources(member: Member) -> dict[str, Json]:
    """The first offers of a region, through its own contract, as they leave on the wire."""
    contract = Contract(member.contract)
    document = Document(Scribe(DIALECTS[member.solution], contract, "https://ror.example"))
    for made in content(member.code).establishments():
        if document.offers >= OFFERS:
            break
        document.add(made)
    data = etree.tostring(answer(document, count=document.offers))
    reponse = read_answer(parse(data), version=Version(member.contract), dialect=Dialect(), ledger=Ledger())
    assert isinstance(reponse, ReponseOffres)
    written = write(reponse.repertoire, ledger=Ledger())
    return {reference: decode(encode(resource)) for reference, resource in written.items()}


@pytest.fixture(scope="session")
def written_regions() -> dict[str, dict[str, Json]]:
    """What FHIR says of a sample of every reference region, by member."""
    return {member.code: _resources(member) for member in read_members()}


# What may stand in place of any JSON value: each type, what a careless writer puts, what an attacker tries.
STRANGE: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    2**31,
    10**30,
    Decimal("1.5"),
    Decimal("1E+400"),
    Decimal("-1E-400"),
    "",
    " ",
    "12",
    "true",
    "null",
    "\u0001",
    "\ufffe",
    "../../etc",
    "2024-02-30",
    "2024-13",
    "9999-12-31T23:59:60.999999999999Z",
    "0000-00-00",
    "24:00:00",
    "http://",
    "Organization/",
    "|",
    "x" * 5000,
    [],
    {},
    [None],
    [[]],
    [{}],
    {"extension": [{}]},
    {"reference": 5},
    {"reference": "/"},
    {"coding": None},
    {"coding": [{"code": 5}]},
    {"coding": [{"system": [], "code": {}}]},
    [{"url": None}],
    [{"url": "x", "valueString": {}, "valueBoolean": True}],
)

NAMES = ("", "_", "_id", "unknown", "valueString", "valueInteger", "extension", "id", "contained", "\x00")


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every member and every item below a value, with what holds it."""
    held = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in held:
        yield value, key
        yield from _places(item)


def _mutated(resource: Json, data: st.DataObject) -> Json:
    """The resource with one to three of its members replaced, taken away, doubled, moved or added to."""
    changed: Json = deepcopy(resource)
    for _ in range(data.draw(st.integers(1, 3))):
        places = list(_places(changed))
        if not places:
            break
        holder, key = places[data.draw(st.integers(0, len(places) - 1))]
        match data.draw(st.sampled_from(("replace", "remove", "double", "wrap", "add", "copy"))):
            case "replace":
                holder[key] = deepcopy(data.draw(st.sampled_from(STRANGE)))
            case "remove":
                del holder[key]
            case "double" if isinstance(holder, list):
                holder.append(deepcopy(holder[key]))
            case "wrap":
                holder[key] = [holder[key]]
            case "add" if isinstance(holder, dict):
                names = (
                    "",
                    "_",
                    "_id",
                    "unknown",
                    "valueString",
                    "valueInteger",
                    "extension",
                    "id",
                    "contained",
                    "\x00",
                )
                holder[data.draw(st.sampled_from(names))] = deepcopy(data.draw(st.sampled_from(STRANGE)))
            case _:
                other, name = places[data.draw(st.integers(0, len(places) - 1))]
                holder[key] = deepcopy(other[name]) if name in other or isinstance(other, list) else None
    return changed


@pytest.fixture(scope="session")
def mutated() -> Callable[[Json, st.DataObject], Json]:
    """Makes a hostile resource of a real one."""
    return _mutated
