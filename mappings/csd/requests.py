"""The requests of the contract, both ways: the two readings (section 5) and the notification (section 8).

They are the same in every version. What the schema fixes (`urn`, `encapsulated`) is written and not demanded; an
request that says more than the contract is refused, because a filter that is not understood would widen the answer.
"""

import re
from collections.abc import Callable
from datetime import MAXYEAR, MINYEAR, datetime
from zoneinfo import ZoneInfo

import msgspec
from lxml import etree

from mappings.csd.forms import CODE, TEXT, BadRequest, Form, refuse_strays
from mappings.csd.identifiers import (
    FINESS_TYPE,
    IDENTIFIANT_OI,
    IDNAT_STRUCT,
    NotAnIdentifier,
    normalise_structure,
    normalise_unit,
)
from mappings.csd.namespaces import CSD, ROR, csd, ror
from mappings.csd.strays import OF_IDENTIFIER
from mappings.exposition.demandes import DemandeNotification, LectureEtablissement, LectureOrganisationInterne
from mappings.exposition.values import Code
from mappings.nomenclatures.systems import oid, system_id

DemandeContrat = LectureEtablissement | LectureOrganisationInterne | DemandeNotification

READING = csd("careServicesRequest")
NOTIFICATION = ror("TR-Notif-ListeEtablissementsMajApresDate_Demande")
ESTABLISHMENT = csd("TR_Lecture-OffresSanteEtablissement")
UNIT = csd("TR_Lecture-OffreSanteOrganisationInterne")
FUNCTION_URN = "urn:asip:ror:lecture:offreSoinEtablissement:2017"

ACTION_READING = "urn:asip:ror:2015:stored-function:ror-search"
ACTION_NOTIFICATION = "urn:asip:ror:2015:stored-function:ror-update"

CHAMP_ACTIVITE = "R227"
PUBLIC = "R239"

PARIS = ZoneInfo("Europe/Paris")

_IDENTIFIER = Form(attributes=OF_IDENTIFIER)
_OF_FUNCTION = frozenset({"urn", "encapsulated"})
_FILTERS = {"dateRef": TEXT, "typeActivity": CODE, "supportedPatient": CODE}
_DEMAND = Form({"id_etablissement": _IDENTIFIER, **_FILTERS, "restrictedOrganisation": TEXT})
_CALLS = {
    ESTABLISHMENT: Form({"etablissementDemandeLecture": _DEMAND}),
    UNIT: Form({"organisationID": _IDENTIFIER}),
}
_NOTIFICATION = Form({"params": Form(_FILTERS)})
_INSTANT = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,6})\d*)?(Z|[+-]\d{2}:\d{2})?\Z")


class UnknownRequest(Exception):
    """The body holds no request of the contract; `name` is the element found."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Spelling(msgspec.Struct, frozen=True):
    """How the base asked wants a request to be written (section 15.2).

    Whether a FINESS number keeps the digit of its type, the OID a structure stands under, and whether
    `restrictedOrganisation` is `true` or `1`.
    """

    digit: bool = True
    system: str = IDNAT_STRUCT
    words: bool = False


PLAIN = Spelling()


def read_request(body: etree._Element) -> DemandeContrat:
    """What a caller asks; raises `UnknownRequest` or `BadRequest`."""
    if body.tag == NOTIFICATION:
        refuse_strays(body, _NOTIFICATION, CSD)
        return _read_notification(only_child(body, csd("params")))
    if body.tag != READING:
        raise UnknownRequest(str(body.tag))
    if body.find(csd("expression")) is not None:
        raise UnknownRequest(csd("expression"))
    function = only_child(body, csd("function"))
    if len(function) != 1:
        raise BadRequest("repeated-element" if len(function) else "missing-element", "function")
    call = function[0]
    if call.tag not in _CALLS:
        raise UnknownRequest(str(call.tag))
    refuse_strays(body, _reading(call), CSD)
    if call.tag == ESTABLISHMENT:
        return _read_establishment(only_child(call, csd("etablissementDemandeLecture")))
    return LectureOrganisationInterne(
        _identifier(only_child(call, csd("organisationID")), normalise_unit, IDENTIFIANT_OI)
    )


def _reading(call: etree._Element) -> Form:
    """The form of a reading around its call."""
    function = Form({etree.QName(call).localname: _CALLS[str(call.tag)]}, attributes=_OF_FUNCTION)
    return Form({"function": function})


def _read_establishment(demand: etree._Element) -> LectureEtablissement:
    return LectureEtablissement(
        identifiant=_identifier(only_child(demand, csd("id_etablissement")), normalise_structure, IDNAT_STRUCT),
        date_ref=_date_ref(demand),
        champs_activite=_codes(demand, "typeActivity", CHAMP_ACTIVITE),
        publics=_codes(demand, "supportedPatient", PUBLIC),
        restriction_oi=_boolean(demand, "restrictedOrganisation"),
    )


def _read_notification(params: etree._Element) -> DemandeNotification:
    instant = _date_ref(params)
    if instant is None:
        raise BadRequest("missing-element", "dateRef")
    return DemandeNotification(
        date_ref=instant,
        champs_activite=_codes(params, "typeActivity", CHAMP_ACTIVITE),
        publics=_codes(params, "supportedPatient", PUBLIC),
    )


def only_child(parent: etree._Element, name: str) -> etree._Element:
    """The one child of that qualified name; none or several is a bad request."""
    found = parent.findall(name)
    if len(found) != 1:
        raise BadRequest("repeated-element" if found else "missing-element", etree.QName(name).localname)
    return found[0]


def _optional_text(parent: etree._Element, name: str) -> str | None:
    found = parent.findall(csd(name))
    if len(found) > 1:
        raise BadRequest("repeated-element", name)
    return (found[0].text or "").strip() or None if found else None


def _identifier(element: etree._Element, normalise: Callable[[str, str], str], system: str) -> str:
    place = etree.QName(element).localname
    value = element.get("code", "").strip()
    if not value:
        raise BadRequest("missing-identifier", place)
    try:
        return normalise(element.get("assigningAuthorityName", "").strip() or system, value)
    except NotAnIdentifier:
        raise BadRequest("bad-identifier", place) from None


def _codes(parent: etree._Element, name: str, system: str) -> tuple[Code, ...]:
    return tuple(_code(element, name, system) for element in parent.findall(csd(name)))


def _code(element: etree._Element, name: str, system: str) -> Code:
    """A code of the table its place demands: named by its OID, by a value set of it, or left out."""
    code = element.get("code", "").strip()
    written = system_id(element.get("codingScheme", "")) or system
    if not code or (written != system and not written.startswith("J")):
        raise BadRequest("bad-code", name)
    return Code(system, code, (element.text or "").strip() or None)


def _boolean(parent: etree._Element, name: str) -> bool:
    text = _optional_text(parent, name)
    if text not in (None, "0", "1", "true", "false"):
        raise BadRequest("bad-boolean", name)
    return text in ("1", "true")


def _date_ref(parent: etree._Element) -> datetime | None:
    text = _optional_text(parent, "dateRef")
    return read_instant(text, "dateRef") if text is not None else None


def read_instant(text: str, place: str) -> datetime:
    """An `xs:dateTime` as an aware instant; without offset it is French legal time (section 8)."""
    match = _INSTANT.match(text)
    if match is None:
        raise BadRequest("bad-date", place)
    try:
        instant = datetime.fromisoformat(match[1] + (f".{match[2]:0<6}" if match[2] else "") + (match[3] or ""))
    except ValueError:
        raise BadRequest("bad-date", place) from None
    if not MINYEAR < instant.year < MAXYEAR:
        # It has no name in another zone, and none that a member could be asked.
        raise BadRequest("bad-date", place)
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=PARIS)


def write_instant(instant: datetime) -> str:
    """Whole seconds in French legal time, without offset as section 8 writes them.

    Rounded down, so that a delta asks for more rather than less. The hour that comes twice in autumn keeps its offset.
    """
    local = instant.astimezone(PARIS).replace(microsecond=0)
    ambiguous = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return local.isoformat() if ambiguous else local.replace(tzinfo=None).isoformat()


def write_request(demande: DemandeContrat, *, spelling: Spelling = PLAIN) -> etree._Element:
    """The element of the body that asks this, as the base asked spells it."""
    if isinstance(demande, DemandeNotification):
        body = etree.Element(NOTIFICATION, nsmap={"ror": ROR, "csd": CSD})
        _write_filters(etree.SubElement(body, csd("params")), demande)
        return body
    body = etree.Element(READING, nsmap={"csd": CSD})
    function = etree.SubElement(body, csd("function"), urn=FUNCTION_URN, encapsulated="true")
    if isinstance(demande, LectureOrganisationInterne):
        _write_identifier(
            etree.SubElement(etree.SubElement(function, UNIT), csd("organisationID")),
            demande.identifiant,
            IDENTIFIANT_OI,
        )
        return body
    reading = etree.SubElement(etree.SubElement(function, ESTABLISHMENT), csd("etablissementDemandeLecture"))
    structure = demande.identifiant
    if structure.startswith(FINESS_TYPE) and not spelling.digit:
        structure = structure.removeprefix(FINESS_TYPE)
    _write_identifier(etree.SubElement(reading, csd("id_etablissement")), structure, spelling.system)
    _write_filters(reading, demande)
    no, yes = ("false", "true") if spelling.words else ("0", "1")
    etree.SubElement(reading, csd("restrictedOrganisation")).text = yes if demande.restriction_oi else no
    return body


def _write_identifier(element: etree._Element, value: str, system: str) -> None:
    element.set("code", value)
    element.set("assigningAuthorityName", system)


def _write_filters(parent: etree._Element, demande: LectureEtablissement | DemandeNotification) -> None:
    if demande.date_ref is not None:
        etree.SubElement(parent, csd("dateRef")).text = write_instant(demande.date_ref)
    for name, codes in (("typeActivity", demande.champs_activite), ("supportedPatient", demande.publics)):
        for code in codes:
            element = etree.SubElement(parent, csd(name), code=code.code, codingScheme=oid(code.systeme))
            element.text = code.libelle
