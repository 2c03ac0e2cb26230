"""The answer of the search of 2016, both ways: contract section 16.

Established: `result/resultNumber/OInumber`, the four directories with their keys, `facility/patientsType/ageGroup`,
`service/codedType`, `device/type`, each unit pointing to an EG and each EG to its EJ, 1 to 199 units, `error` instead
of `result`. Ours by deduction, on the pattern of the CSD document, and therefore optional when read:

    result
      resultNumber/OInumber                          units in this answer
      organizationDirectory/organization@entityID    EJ, and EG with parent
        otherID@code,@assigningAuthorityName *  codedType ?  primaryName  parent@entityID ?
      serviceDirectory/service@entityID              activities
        codedType
      facilityDirectory/facility@entityID            elementary units
        otherID *  codedType  primaryName
        organizations/organization@entityID          the EG
          service@entityID *
        typeOfCare ?  specificAct *  patientsType/ageGroup *
        cityNumber *                                 communes of the places
        equipment@entityID *
      deviceDirectory/device@entityID
        type
    error@code,@message

No unit is an `error` of code 404, since an answer holds at least one; beyond 199 the first 199 in order are written
and the rest is noted.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from lxml import etree

from mappings.csd.ages import classes
from mappings.csd.identifiers import IDENTIFIANT_OI, IDNAT_STRUCT, is_local
from mappings.csd.namespaces import ROR
from mappings.csd.search_2016_reading import ANSWER, PLACES, UNIT, VERSION, announced, read_answer
from mappings.exposition.demandes import ErreurContrat
from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique, EntiteJuridique
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code, Identifiant
from mappings.loss import Ledger, LossKind, Severity
from mappings.nomenclatures.judgement import OUTSIDE, judge
from mappings.nomenclatures.systems import oid

__all__ = ["ANSWER", "MAXIMUM_UNITS", "NO_RESULT", "announced", "note_number", "read_answer", "write_answer"]

MAXIMUM_UNITS = 199
NO_RESULT = ErreurContrat(404, "Aucune unité ne répond aux critères")

_CARRIED: dict[type, set[str]] = {
    EntiteJuridique: {"cle", "identifiants", "statut_juridique", "raison_sociale"},
    EntiteGeographique: {"cle", "identifiants", "categorie", "denomination", "entite_juridique"},
    OffreOperationnelle: {
        "cle",
        "identifiants",
        "nom",
        "entite_geographique",
        "activites",
        "mode_prise_en_charge",
        "actes_specifiques",
        "patientele",
        "lieux",
        "lieu_unite",
        "equipements_unite",
    },
}


def note_number(ledger: Ledger) -> None:
    """Say that an answer does not hold the number of units that it announces (RG_ALIM_019)."""
    ledger.note(
        LossKind.INCONSISTENT,
        object="",
        path="resultNumber",
        rule="search-2016.number.wrong",
        value_kind="integer",
    )


def write_answer(answer: Repertoire | ErreurContrat, *, ledger: Ledger, at: date = date.max) -> etree._Element:
    """The answer that holds these units, or the refusal; no unit is a refusal too.

    `at` is the day of the reader, on which value sets are those in force.
    """
    root = etree.Element(ANSWER, nsmap={"ror": ROR})
    if isinstance(answer, Repertoire) and answer.offres:
        _Writing(answer, ledger, at).write(etree.SubElement(root, "result"))
        return root
    refusal = answer if isinstance(answer, ErreurContrat) else NO_RESULT
    error = etree.SubElement(root, "error", message=refusal.message)
    if refusal.code is not None:
        error.set("code", str(refusal.code))
    return root


class _Writing:
    """One answer being written: the keys it gives to entities, in the order they are met."""

    def __init__(self, repertoire: Repertoire, ledger: Ledger, at: date) -> None:
        self._repertoire = repertoire
        self._ledger = ledger
        self._at = at
        self._offers = repertoire.offres[:MAXIMUM_UNITS]
        self._organizations = {
            **{found.cle: f"EJ-{rank}" for rank, found in enumerate(repertoire.entites_juridiques, 1)},
            **{found.cle: f"EG-{rank}" for rank, found in enumerate(repertoire.entites_geographiques, 1)},
        }
        self._services: dict[Code, str] = {}
        self._devices: dict[Code, str] = {}

    def write(self, result: etree._Element) -> None:
        number = etree.SubElement(etree.SubElement(result, "resultNumber"), "OInumber")
        number.text = str(len(self._offers))
        organizations = etree.SubElement(result, "organizationDirectory")
        for legal in self._repertoire.entites_juridiques:
            self._organization(organizations, legal, legal.statut_juridique, legal.raison_sociale, None)
        for site in self._repertoire.entites_geographiques:
            self._organization(organizations, site, site.categorie, site.denomination, site.entite_juridique)
        services = etree.SubElement(result, "serviceDirectory")
        facilities = etree.SubElement(result, "facilityDirectory")
        for offer in self._offers:
            self._facility(facilities, offer)
        devices = etree.SubElement(result, "deviceDirectory")
        _directory(services, "service", "codedType", self._services)
        _directory(devices, "device", "type", self._devices)
        self._note_what_stays_behind()

    def _organization(
        self,
        directory: etree._Element,
        found: EntiteJuridique | EntiteGeographique,
        category: Code | None,
        name: str,
        parent: str | None,
    ) -> None:
        element = etree.SubElement(directory, "organization", entityID=self._organizations[found.cle])
        _write_identifiers(element, found.cle, found.identifiants, IDNAT_STRUCT)
        if category is not None:
            _write_code(element, "codedType", category)
            self._judge(found.cle, "codedType", "organization", category)
        etree.SubElement(element, "primaryName").text = name
        if parent is not None and parent in self._organizations:
            etree.SubElement(element, "parent", entityID=self._organizations[parent])
        elif isinstance(found, EntiteGeographique):
            self._note(LossKind.UNRESOLVED, found.cle, "entite_juridique", "organization.no-parent")
        self._note_dropped(found)

    def _facility(self, directory: etree._Element, offer: OffreOperationnelle) -> None:
        element = etree.SubElement(directory, "facility", entityID=f"UE-{len(directory) + 1}")
        _write_identifiers(element, offer.cle, offer.identifiants, IDENTIFIANT_OI)
        _write_code(element, "codedType", UNIT)
        etree.SubElement(element, "primaryName").text = offer.nom
        self._links(element, offer)
        mode = (offer.mode_prise_en_charge,) if offer.mode_prise_en_charge is not None else ()
        self._codes(element, offer, "typeOfCare", mode)
        self._codes(element, offer, "specificAct", offer.actes_specifiques)
        self._ages(element, offer)
        self._codes(element, offer, "cityNumber", _cities(offer))
        for device in _devices(offer):
            if device not in self._devices:
                self._devices[device] = f"EQ-{len(self._devices) + 1}"
                self._judge(offer.cle, f"device[{device.code}]/type", "device", device)
            etree.SubElement(element, "equipment", entityID=self._devices[device])
        if offer.lieux or offer.lieu_unite is not None:
            self._note(LossKind.DROPPED, offer.cle, "lieux", "place.commune-only")
        self._note_dropped(offer)

    def _links(self, element: etree._Element, offer: OffreOperationnelle) -> None:
        site = self._organizations.get(offer.entite_geographique or "")
        if site is None:
            self._note(LossKind.UNRESOLVED, offer.cle, "entite_geographique", "reference.dangling", Severity.ERROR)
            return
        organization = etree.SubElement(etree.SubElement(element, "organizations"), "organization", entityID=site)
        for activity in offer.activites:
            code = activity.activite
            if code not in self._services:
                self._services[code] = f"ACT-{len(self._services) + 1}"
                self._judge(offer.cle, f"service[{code.code}]/codedType", "service", code)
            etree.SubElement(organization, "service", entityID=self._services[code])

    def _codes(self, element: etree._Element, offer: OffreOperationnelle, name: str, codes: Iterable[Code]) -> None:
        for code in codes:
            _write_code(element, name, code)
            self._judge(offer.cle, name, name, code)

    def _judge(self, key: str, path: str, place: str, code: Code) -> None:
        """Tell a code that the value set of its element is without, on the day of the reader."""
        found = judge(PLACES[place][0], code, VERSION, self._at)
        if found is not None and found.outside:
            self._note(LossKind.INCONSISTENT, key, path, OUTSIDE, Severity.INFORMATION)

    def _ages(self, element: etree._Element, offer: OffreOperationnelle) -> None:
        if offer.patientele is None:
            return
        groups = classes(offer.patientele)
        if groups:
            patients = etree.SubElement(element, "patientsType")
            for group in groups:
                _write_code(patients, "ageGroup", group)
        self._note(LossKind.WIDENED, offer.cle, "patientele", "patients.widened")

    def _note_what_stays_behind(self) -> None:
        for offer in self._repertoire.offres[MAXIMUM_UNITS:]:
            self._note(LossKind.WITHHELD, offer.cle, "", "unit.cap", Severity.ERROR)
        repertoire = self._repertoire
        left = [
            *(one.cle for one in repertoire.organisations_internes),
            *(one.cle for one in repertoire.professionnels),
        ]
        for key in left:
            self._note(LossKind.DROPPED, key, "", "object.no-place")

    def _note_dropped(self, found: EntiteJuridique | EntiteGeographique | OffreOperationnelle) -> None:
        carried = _CARRIED[type(found)]
        for name in found.__struct_fields__:
            if name not in carried and getattr(found, name) not in (None, (), ""):
                self._note(LossKind.DROPPED, found.cle, name, "element.no-place")

    def _note(self, kind: LossKind, key: str, path: str, rule: str, severity: Severity = Severity.WARNING) -> None:
        self._ledger.note(kind, object=key, path=path, rule=f"search-2016.{rule}", severity=severity)


def _write_identifiers(element: etree._Element, key: str, given: tuple[Identifiant, ...], system: str) -> None:
    """The identity first, under its own system, then the other identifiers; a local key is never written."""
    identity = () if is_local(key) else (Identifiant(system, key),)
    for one in dict.fromkeys((*identity, *given)):
        etree.SubElement(element, "otherID", code=one.valeur, assigningAuthorityName=one.systeme)


def _write_code(parent: etree._Element, name: str, code: Code) -> None:
    etree.SubElement(parent, name, code=code.code, codingScheme=oid(code.systeme)).text = code.libelle


def _directory(directory: etree._Element, name: str, child: str, entities: dict[Code, str]) -> None:
    for code, entity in entities.items():
        _write_code(etree.SubElement(directory, name, entityID=entity), child, code)


def _cities(offer: OffreOperationnelle) -> Iterable[Code]:
    places = (*(place.lieu for place in offer.lieux), *((offer.lieu_unite,) if offer.lieu_unite else ()))
    cities = {place.commune_cog.cle: place.commune_cog for place in places if place.commune_cog is not None}
    return cities.values()


def _devices(offer: OffreOperationnelle) -> Iterator[Code]:
    for place in offer.lieux:
        yield from (equipment.type_equipement for equipment in place.equipements)
    yield from (equipment.type_equipement for equipment in offer.equipements_unite)
