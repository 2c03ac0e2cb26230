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
from typing import TypeVar

from lxml import etree

from mappings.csd.ages import classes
from mappings.csd.identifiers import IDENTIFIANT_OI, IDNAT_STRUCT, is_local, local_key, structure_key, unit_key
from mappings.csd.namespaces import ROR, ror
from mappings.csd.padding import padded
from mappings.exposition.demandes import ErreurContrat
from mappings.exposition.lieu import EquipementSpecifique, Lieu, LieuRealisationOffre
from mappings.exposition.offre import ActiviteOperationnelle, OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique, EntiteJuridique
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code, Identifiant
from mappings.loss import Ledger, LossKind, Severity
from mappings.nomenclatures.systems import oid, system_id

ANSWER = ror("careServicesResponse")
MAXIMUM_UNITS = 199
NO_RESULT = ErreurContrat(404, "Aucune unité ne répond aux critères")

_UNIT = Code("R207", "4")
_Found = TypeVar("_Found", EntiteJuridique, EntiteGeographique, OffreOperationnelle)
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


def announced(element: etree._Element) -> int | None:
    """How many units the source says it sent; None when it does not say or says no number."""
    text = (element.findtext("{*}result/{*}resultNumber/{*}OInumber") or "").strip()
    return int(text) if text.isdecimal() else None


def read_answer(element: etree._Element, *, ledger: Ledger) -> Repertoire | ErreurContrat:
    """The units found and what they hang from, or the refusal of the source; raises `ValueError` for neither."""
    error = element.find("{*}error")
    if error is not None:
        number = error.get("code", "").strip()
        message = error.get("message") or (error.text or "").strip()
        return ErreurContrat(int(number) if number.isdecimal() else None, message)
    result = element.find("{*}result")
    if element.tag != ANSWER or result is None:
        raise ValueError("neither result nor error")
    return _Reading(result, ledger).repertoire()


class _Reading:
    """One answer being read: its entities by their key in the document."""

    def __init__(self, result: etree._Element, ledger: Ledger) -> None:
        self._result = result
        self._ledger = ledger
        self._keys: dict[str, str] = {}
        self._services = {
            entity: code for entity, code in self._coded("serviceDirectory", "service", "codedType") if code is not None
        }
        self._devices = {
            entity: code for entity, code in self._coded("deviceDirectory", "device", "type") if code is not None
        }

    def repertoire(self) -> Repertoire:
        organizations = self._entities("organizationDirectory", "organization")
        for organization in organizations:
            self._keys[organization.get("entityID", "")] = self._structure(organization)
        legal = [self._legal(found) for found in organizations if found.find("{*}parent") is None]
        sites = [self._site(found) for found in organizations if found.find("{*}parent") is not None]
        units = [self._unit(found) for found in self._entities("facilityDirectory", "facility")]
        return Repertoire(
            entites_juridiques=tuple(self._unique(legal)),
            entites_geographiques=tuple(self._unique(sites)),
            offres=tuple(self._unique(units)),
        )

    def _entities(self, directory: str, name: str) -> list[etree._Element]:
        return [found for place in self._result.iter(f"{{*}}{directory}") for found in place.iterfind(f"{{*}}{name}")]

    def _coded(self, directory: str, name: str, child: str) -> Iterator[tuple[str, Code | None]]:
        for found in self._entities(directory, name):
            yield found.get("entityID", ""), self._code(found.find(f"{{*}}{child}"), name)

    def _code(self, element: etree._Element | None, owner: str) -> Code | None:
        """A code, padded to its table when the source strips zeros; an empty one says nothing."""
        code = element.get("code", "").strip() if element is not None else ""
        if element is None or code in ("", "null"):
            return None
        system = system_id(element.get("codingScheme", ""))
        wide = padded(system, code)
        if wide != code:
            name = str(etree.QName(element).localname)
            self._note(LossKind.REPAIRED, owner, name, "code.padding", Severity.INFORMATION)
        return Code(system, wide, (element.text or "").strip() or None)

    def _structure(self, element: etree._Element) -> str:
        return structure_key(_identifiers(element)) or self._local(element)

    def _local(self, element: etree._Element) -> str:
        key = local_key(None, element.get("entityID", ""))
        self._note(LossKind.DERIVED, key, "otherID", "identifier.local")
        return key

    def _legal(self, element: etree._Element) -> EntiteJuridique:
        return EntiteJuridique(
            cle=self._keys[element.get("entityID", "")],
            identifiants=_identifiers(element),
            statut_juridique=self._code(element.find("{*}codedType"), "organization"),
            raison_sociale=_text(element, "primaryName"),
        )

    def _site(self, element: etree._Element) -> EntiteGeographique:
        key = self._keys[element.get("entityID", "")]
        return EntiteGeographique(
            cle=key,
            entite_juridique=self._target(element.find("{*}parent"), key, "parent"),
            identifiants=_identifiers(element),
            categorie=self._code(element.find("{*}codedType"), key),
            denomination=_text(element, "primaryName"),
        )

    def _unit(self, element: etree._Element) -> OffreOperationnelle:
        key = unit_key(_identifiers(element)) or self._local(element)
        if element.find("{*}patientsType/{*}ageGroup") is not None:
            self._note(LossKind.DROPPED, key, "patientsType/ageGroup", "patients.age-class")
        acts = (self._code(found, key) for found in element.iterfind("{*}specificAct"))
        devices = (self._devices.get(found.get("entityID", "")) for found in element.iterfind("{*}equipment"))
        services = (
            found.get("entityID", "") for found in element.iterfind("{*}organizations/{*}organization/{*}service")
        )
        return OffreOperationnelle(
            cle=key,
            identifiants=_identifiers(element),
            nom=_text(element, "primaryName"),
            entite_geographique=self._target(element.find("{*}organizations/{*}organization"), key, "organization"),
            activites=tuple(self._activities(services, key)),
            mode_prise_en_charge=self._code(element.find("{*}typeOfCare"), key),
            actes_specifiques=tuple(code for code in acts if code is not None),
            equipements_unite=tuple(EquipementSpecifique(code) for code in devices if code is not None),
            lieux=tuple(self._places(element, key)),
        )

    def _activities(self, entities: Iterable[str], key: str) -> Iterator[ActiviteOperationnelle]:
        for entity in entities:
            if entity in self._services:
                yield ActiviteOperationnelle(self._services[entity])
            else:
                self._note(LossKind.UNRESOLVED, key, "service", "reference.dangling")

    def _places(self, element: etree._Element, key: str) -> Iterator[LieuRealisationOffre]:
        # The CSD document has the commune in a place; a source may have kept that.
        cities = (*element.iterfind("{*}cityNumber"), *element.iterfind("{*}location/{*}cityNumber"))
        for rank, city in enumerate(cities):
            yield LieuRealisationOffre(cle=f"{key}/{rank + 1}", lieu=Lieu(commune_cog=self._code(city, key)))

    def _target(self, reference: etree._Element | None, owner: str, path: str) -> str | None:
        if reference is None:
            return None
        key = self._keys.get(reference.get("entityID", ""))
        if key is None:
            self._note(LossKind.UNRESOLVED, owner, path, "reference.dangling")
        return key

    def _unique(self, found: list[_Found]) -> Iterator[_Found]:
        seen: set[str] = set()
        for one in found:
            if one.cle in seen:
                self._note(LossKind.INCONSISTENT, one.cle, "", "object.repeated")
            else:
                seen.add(one.cle)
                yield one

    def _note(self, kind: LossKind, key: str, path: str, rule: str, severity: Severity = Severity.WARNING) -> None:
        self._ledger.note(kind, object=key, path=path, rule=f"search-2016.{rule}", severity=severity)


def _identifiers(element: etree._Element) -> tuple[Identifiant, ...]:
    """The identifiers given; the empty ones that some sources put beside them say nothing."""
    return tuple(
        Identifiant(found.get("assigningAuthorityName", "").strip(), found.get("code", "").strip())
        for found in element.iterfind("{*}otherID")
        if found.get("code", "").strip()
    )


def _text(element: etree._Element, name: str) -> str:
    return (element.findtext(f"{{*}}{name}") or "").strip()


def write_answer(answer: Repertoire | ErreurContrat, *, ledger: Ledger) -> etree._Element:
    """The answer that holds these units, or the refusal; no unit is a refusal too."""
    root = etree.Element(ANSWER, nsmap={"ror": ROR})
    if isinstance(answer, Repertoire) and answer.offres:
        _Writing(answer, ledger).write(etree.SubElement(root, "result"))
        return root
    refusal = answer if isinstance(answer, ErreurContrat) else NO_RESULT
    error = etree.SubElement(root, "error", message=refusal.message)
    if refusal.code is not None:
        error.set("code", str(refusal.code))
    return root


class _Writing:
    """One answer being written: the keys it gives to entities, in the order they are met."""

    def __init__(self, repertoire: Repertoire, ledger: Ledger) -> None:
        self._repertoire = repertoire
        self._ledger = ledger
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
        etree.SubElement(element, "primaryName").text = name
        if parent is not None and parent in self._organizations:
            etree.SubElement(element, "parent", entityID=self._organizations[parent])
        elif isinstance(found, EntiteGeographique):
            self._note(LossKind.UNRESOLVED, found.cle, "entite_juridique", "organization.no-parent")
        self._note_dropped(found)

    def _facility(self, directory: etree._Element, offer: OffreOperationnelle) -> None:
        element = etree.SubElement(directory, "facility", entityID=f"UE-{len(directory) + 1}")
        _write_identifiers(element, offer.cle, offer.identifiants, IDENTIFIANT_OI)
        _write_code(element, "codedType", _UNIT)
        etree.SubElement(element, "primaryName").text = offer.nom
        self._links(element, offer)
        if offer.mode_prise_en_charge is not None:
            _write_code(element, "typeOfCare", offer.mode_prise_en_charge)
        for act in offer.actes_specifiques:
            _write_code(element, "specificAct", act)
        self._ages(element, offer)
        for city in _cities(offer):
            _write_code(element, "cityNumber", city)
        for device in _devices(offer):
            entity = self._devices.setdefault(device, f"EQ-{len(self._devices) + 1}")
            etree.SubElement(element, "equipment", entityID=entity)
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
            entity = self._services.setdefault(activity.activite, f"ACT-{len(self._services) + 1}")
            etree.SubElement(organization, "service", entityID=entity)

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


def _cities(offer: OffreOperationnelle) -> Iterator[Code]:
    places = (*(place.lieu for place in offer.lieux), *((offer.lieu_unite,) if offer.lieu_unite else ()))
    cities = {place.commune_cog.cle: place.commune_cog for place in places if place.commune_cog is not None}
    yield from cities.values()


def _devices(offer: OffreOperationnelle) -> Iterator[Code]:
    for place in offer.lieux:
        yield from (equipment.type_equipement for equipment in place.equipements)
    yield from (equipment.type_equipement for equipment in offer.equipements_unite)
