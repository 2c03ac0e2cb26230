"""Reading the answer of the search of 2016: its shape is told in `search_2016_answer` (contract section 16).

Nothing of it is kept beside its object as documents keep it: what the shape has no place for is told (decision 0045).
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import TypeVar

import msgspec
from lxml import etree

from mappings.csd.codes import interpret
from mappings.csd.contexts import local_name, path_of
from mappings.csd.forms import TEXT, Form, Stray, strays
from mappings.csd.identifiers import local_key, structure_key, unit_key
from mappings.csd.namespaces import ror
from mappings.csd.padding import padded
from mappings.csd.scalars import number_of
from mappings.csd.strays import OF_CODE, OF_IDENTIFIER, OF_REFERENCE, said
from mappings.exposition.demandes import ErreurContrat
from mappings.exposition.lieu import EquipementSpecifique, Lieu, LieuRealisationOffre
from mappings.exposition.offre import ActiviteOperationnelle, OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique, EntiteJuridique
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code, Identifiant
from mappings.loss import Ledger, Loss, LossKind, Severity
from mappings.nomenclatures.judgement import judge
from mappings.nomenclatures.tables import display

ANSWER = ror("careServicesResponse")
VERSION = "2016"
UNIT = Code("R207", "4")
# Where each coded element stands in contract section 13, and the nomenclatures that it may take.
PLACES: dict[str, tuple[str, tuple[str, ...]]] = {
    "organization": ("organization/codedType", ()),
    "service": ("service/codedType", ("R211",)),
    "device": ("device/codedType", ("R212",)),
    "facility": ("facility/codedType", ("R207",)),
    "typeOfCare": ("careMode", ("R213",)),
    "specificAct": ("specificAct", ("R210",)),
    "cityNumber": ("cityNumber", ("R13",)),
}

_CODE = Form(attributes=OF_CODE, text=True)
_IDENTIFIER = Form(attributes=OF_IDENTIFIER)
_REFERENCE = Form(attributes=OF_REFERENCE)
_CITY = Form({"cityNumber": _CODE})
_FORMS = {
    "organization": Form(
        {"otherID": _IDENTIFIER, "codedType": _CODE, "primaryName": TEXT, "parent": _REFERENCE},
        once=frozenset({"codedType", "primaryName", "parent"}),
        attributes=OF_REFERENCE,
    ),
    "service": Form({"codedType": _CODE}, once=frozenset({"codedType"}), attributes=OF_REFERENCE),
    "device": Form({"type": _CODE}, once=frozenset({"type"}), attributes=OF_REFERENCE),
    "facility": Form(
        {
            "otherID": _IDENTIFIER,
            "codedType": _CODE,
            "primaryName": TEXT,
            "organizations": Form({"organization": Form({"service": _REFERENCE}, attributes=OF_REFERENCE)}),
            "typeOfCare": _CODE,
            "specificAct": _CODE,
            "patientsType": Form({"ageGroup": _CODE}),
            "cityNumber": _CODE,
            # The CSD document has the commune in a place; a source may have kept that.
            "location": _CITY,
            "equipment": _REFERENCE,
        },
        once=frozenset({"codedType", "primaryName", "typeOfCare"}),
        attributes=OF_REFERENCE,
    ),
}
_ROOT = Form(
    {
        "result": Form(
            {
                "resultNumber": Form({"OInumber": TEXT}, once=frozenset({"OInumber"})),
                **{f"{name}Directory": Form({name: None}) for name in _FORMS},
            },
            once=frozenset({"resultNumber"}),
        ),
        "error": Form(attributes=frozenset({"code", "message"}), text=True),
    }
)
_TOLD = {
    Stray.ATTRIBUTE: ("element.attributes", "attribute", Severity.WARNING),
    Stray.TEXT: ("element.text", "text", Severity.ERROR),
    Stray.ELEMENT: ("element.unknown", "fragment", Severity.ERROR),
    Stray.REPEATED: ("element.repeated", "fragment", Severity.ERROR),
}
_NUMBER = "result/resultNumber/OInumber"
_NOTHING = frozenset({"", "null"})
_Found = TypeVar("_Found", EntiteJuridique, EntiteGeographique, OffreOperationnelle)


def announced(element: etree._Element) -> int | None:
    """How many units the source says it sent; None when it does not say or says no number."""
    return number_of((element.findtext("{*}result/{*}resultNumber/{*}OInumber") or "").strip())


def read_answer(element: etree._Element, *, ledger: Ledger, at: date = date.max) -> Repertoire | ErreurContrat:
    """The units found and what they hang from, or the refusal of the source; raises `ValueError` for neither, and for
    both (RG_ALIM_023).

    `at` is the day on which the codes are judged.
    """
    said_here = [child for child in element if local_name(child) in ("result", "error")]
    if element.tag != ANSWER or len(said_here) != 1:
        raise ValueError("neither result nor error alone")
    reading = _Reading(element, ledger, at)
    reading.tell_strays(element, _ROOT)
    return reading.refusal(said_here[0]) if local_name(said_here[0]) == "error" else reading.repertoire()


class _Shared(msgspec.Struct):
    """An activity or an equipment of the directories: its code, and what is told of it to its first user."""

    code: Code | None
    told: tuple[Loss, ...]
    used: bool = False


class _Reading:
    """One answer being read: its entities by their key in the document, and the object at hand, for the ledger."""

    def __init__(self, answer: etree._Element, ledger: Ledger, at: date) -> None:
        self._answer = answer
        self._ledger = ledger
        self._at = at
        self._object = ""
        self._keys: dict[str, str] = {}
        self._services: dict[str, _Shared] = {}
        self._devices: dict[str, _Shared] = {}

    def refusal(self, error: etree._Element) -> ErreurContrat:
        """A refusal: its message is an attribute or a text; a code that is no number is left aside."""
        code, message = error.get("code", "").strip(), error.get("message")
        number = number_of(code)
        if message and said(error.text):
            self._note(LossKind.DROPPED, "error", "element.text", "text", Severity.ERROR)
        if code and number is None:
            self._note(LossKind.DROPPED, "error@code", "value.unreadable", "integer", Severity.ERROR)
        return ErreurContrat(number, message or (error.text or "").strip())

    def repertoire(self) -> Repertoire:
        """What the four directories hold."""
        if announced(self._answer) is None and said(self._answer.findtext("{*}result/{*}resultNumber/{*}OInumber")):
            self._note(LossKind.DROPPED, _NUMBER, "value.unreadable", "integer", Severity.ERROR)
        self._services = self._shared("service", "codedType")
        self._devices = self._shared("device", "type")
        organizations = self._entities("organization")
        for organization in organizations:
            entity = organization.get("entityID", "")
            key = self._structure(organization)
            if entity in self._keys:
                self._object = key
                self._note(LossKind.INCONSISTENT, "", "entity.repeated", "reference")
            self._keys[entity] = key
        legal = [self._legal(found) for found in organizations if found.find("{*}parent") is None]
        sites = [self._site(found) for found in organizations if found.find("{*}parent") is not None]
        units = [self._unit(found) for found in self._entities("facility")]
        self._tell_unused("service", self._services, "service.unused")
        self._tell_unused("device", self._devices, "device.unused")
        return Repertoire(
            entites_juridiques=tuple(self._unique(legal)),
            entites_geographiques=tuple(self._unique(sites)),
            offres=tuple(self._unique(units)),
        )

    def _entities(self, name: str) -> list[etree._Element]:
        directories = self._answer.iter(f"{{*}}{name}Directory")
        return [found for directory in directories for found in directory.iterfind(f"{{*}}{name}")]

    def _shared(self, name: str, child: str) -> dict[str, _Shared]:
        """The activities or the equipment by their key; what is told of one waits for the first object that uses it."""
        whole, found = self._ledger, dict[str, _Shared]()
        for element in self._entities(name):
            self._ledger = Ledger()
            entity = element.get("entityID", "")
            if entity in found:
                self._note(LossKind.INCONSISTENT, "", "entity.repeated", "reference")
            self.tell_strays(element, _FORMS[name])
            code = self._code(element.find(f"{{*}}{child}"), name)
            known = found.get(entity)
            told = (*known.told, *self._ledger.entries) if known is not None else self._ledger.entries
            whole.unverifiable += self._ledger.unverifiable
            found[entity] = _Shared(known.code if known is not None else code, told)
        self._ledger = whole
        return found

    def _use(self, name: str, shared: dict[str, _Shared], reference: etree._Element) -> Code | None:
        """The code that a unit points to; a reference to nothing is told."""
        found = shared.get(reference.get("entityID", ""))
        if found is None or found.code is None:
            self._note(LossKind.UNRESOLVED, local_name(reference), "reference.dangling", "reference")
            return None
        if not found.used:
            found.used = True
            self._ledger.repeat(found.told, of=self._object, below=f"{name}[{found.code.code}]")
        return found.code

    def _tell_unused(self, name: str, shared: dict[str, _Shared], rule: str) -> None:
        for entity, found in shared.items():
            if not found.used:
                self._object = entity
                self._ledger.repeat(found.told, of=entity, below=name)
                self._note(LossKind.DROPPED, name, rule, "reference")

    def _code(self, element: etree._Element | None, place: str) -> Code | None:
        """The code meant, in its table and padded to it; an empty one says nothing."""
        if element is None:
            return None
        code, label = element.get("code", "").strip(), (element.text or "").strip()
        if code in _NOTHING:
            if label not in _NOTHING:
                self._note(LossKind.DROPPED, path_of(element), "code.label", "text", Severity.INFORMATION)
            return None
        binding, expected = PLACES[place]
        value, problem, rule = interpret(expected, element.get("codingScheme", ""), code, label or None)
        wide = msgspec.structs.replace(value, code=padded(value.systeme, value.code))
        if wide != value:
            problem, rule = problem or LossKind.REPAIRED, rule or "code.padding"
        if problem is not None:
            severity = Severity.WARNING if problem is LossKind.UNRESOLVED else Severity.INFORMATION
            self._note(problem, path_of(element), rule, "code", severity)
        self._judge(binding, wide, path_of(element))
        return wide

    def _judge(self, binding: str, code: Code, path: str) -> None:
        found = judge(binding, code, VERSION, self._at)
        if found is None:
            return
        for kind, rule, severity in found.findings():
            self._note(kind, path, rule, "code", severity)
        self._ledger.unverifiable += found.unverifiable

    def _structure(self, element: etree._Element) -> str:
        return structure_key(_identifiers(element)) or self._local(element)

    def _local(self, element: etree._Element) -> str:
        self._object = local_key(None, element.get("entityID", ""))
        self._note(LossKind.DERIVED, "otherID", "identifier.local", "identifier")
        return self._object

    def _legal(self, element: etree._Element) -> EntiteJuridique:
        self._object = self._keys[element.get("entityID", "")]
        self.tell_strays(element, _FORMS["organization"])
        return EntiteJuridique(
            cle=self._object,
            identifiants=_identifiers(element),
            statut_juridique=self._code(element.find("{*}codedType"), "organization"),
            raison_sociale=_text(element, "primaryName"),
        )

    def _site(self, element: etree._Element) -> EntiteGeographique:
        self._object = self._keys[element.get("entityID", "")]
        self.tell_strays(element, _FORMS["organization"])
        return EntiteGeographique(
            cle=self._object,
            entite_juridique=self._target(element.iterfind("{*}parent"), "parent"),
            identifiants=_identifiers(element),
            categorie=self._code(element.find("{*}codedType"), "organization"),
            denomination=_text(element, "primaryName"),
        )

    def _unit(self, element: etree._Element) -> OffreOperationnelle:
        key = self._object = unit_key(_identifiers(element)) or self._local(element)
        self.tell_strays(element, _FORMS["facility"])
        self._tell_type(element.find("{*}codedType"))
        if element.find("{*}patientsType/{*}ageGroup") is not None:
            self._note(LossKind.DROPPED, "patientsType/ageGroup", "patients.age-class", "code")
        acts = (self._code(found, "specificAct") for found in element.iterfind("{*}specificAct"))
        devices = (self._use("device", self._devices, found) for found in element.iterfind("{*}equipment"))
        links = "{*}organizations/{*}organization"
        services = (self._use("service", self._services, found) for found in element.iterfind(f"{links}/{{*}}service"))
        return OffreOperationnelle(
            cle=key,
            identifiants=_identifiers(element),
            nom=_text(element, "primaryName"),
            entite_geographique=self._target(element.iterfind(links), "organization"),
            activites=tuple(ActiviteOperationnelle(code) for code in services if code is not None),
            mode_prise_en_charge=self._code(element.find("{*}typeOfCare"), "typeOfCare"),
            actes_specifiques=tuple(code for code in acts if code is not None),
            equipements_unite=tuple(EquipementSpecifique(code) for code in devices if code is not None),
            lieux=tuple(self._places(element, key)),
        )

    def _tell_type(self, element: etree._Element | None) -> None:
        """The answer holds units only: another level is told, and so is a label that is not that of the table."""
        code = self._code(element, "facility")
        if code is not None and code.cle != UNIT.cle:
            self._note(LossKind.INCONSISTENT, "codedType", "unit.type", "code")
        elif code is not None and code.libelle not in (None, display(*UNIT.cle)):
            self._note(LossKind.DROPPED, "codedType", "code.label", "text", Severity.INFORMATION)

    def _places(self, element: etree._Element, key: str) -> Iterator[LieuRealisationOffre]:
        cities = (*element.iterfind("{*}cityNumber"), *element.iterfind("{*}location/{*}cityNumber"))
        for rank, city in enumerate(cities):
            commune = self._code(city, "cityNumber")
            yield LieuRealisationOffre(cle=f"{key}/{rank + 1}", lieu=Lieu(commune_cog=commune))

    def _target(self, references: Iterable[etree._Element], path: str) -> str | None:
        """The key of the first object referred to: another one is told, and so is a reference to nothing."""
        entities = list(dict.fromkeys(reference.get("entityID", "") for reference in references))
        if len(entities) > 1:
            self._note(LossKind.DROPPED, path, "reference.several", "reference")
        key = self._keys.get(entities[0]) if entities else None
        if entities and key is None:
            self._note(LossKind.UNRESOLVED, path, "reference.dangling", "reference")
        return key

    def _unique(self, found: list[_Found]) -> Iterator[_Found]:
        seen: set[str] = set()
        for one in found:
            self._object = one.cle
            if one.cle in seen:
                self._note(LossKind.INCONSISTENT, "", "object.repeated", "object")
            else:
                seen.add(one.cle)
                yield one

    def tell_strays(self, element: etree._Element, form: Form) -> None:
        """Tell what stands at an element, or below it, beside the shape of the answer."""
        for stray, place in strays(element, form):
            rule, value_kind, severity = _TOLD[stray]
            self._note(LossKind.DROPPED, path_of(place), rule, value_kind, severity)

    def _note(
        self, kind: LossKind, path: str, rule: str, value_kind: str, severity: Severity = Severity.WARNING
    ) -> None:
        rule = f"search-2016.{rule}"
        self._ledger.note(kind, object=self._object, path=path, rule=rule, value_kind=value_kind, severity=severity)


def _identifiers(element: etree._Element) -> tuple[Identifiant, ...]:
    """The identifiers given; the empty ones that some sources put beside them say nothing."""
    return tuple(
        Identifiant(found.get("assigningAuthorityName", "").strip(), found.get("code", "").strip())
        for found in element.iterfind("{*}otherID")
        if found.get("code", "").strip()
    )


def _text(element: etree._Element, name: str) -> str:
    return (element.findtext(f"{{*}}{name}") or "").strip()
