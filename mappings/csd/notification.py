"""The answer of the notification: which establishments changed (contract section 8)."""

from datetime import date, datetime

from lxml import etree

from mappings.csd.codes import Coded
from mappings.csd.contexts import Reading, local_name
from mappings.csd.dialect import Dialect
from mappings.csd.documents import malformed
from mappings.csd.forms import Form, Stray, strays
from mappings.csd.identifiers import IDNAT_STRUCT, NotAnIdentifier, normalise_structure
from mappings.csd.namespaces import CSD, ROR, csd, ror
from mappings.csd.scalars import BOOLEAN, INSTANT, read_integer, write_instant
from mappings.csd.strays import NONE, OF_IDENTIFIER, note_attributes, note_children, note_inside, note_text, said
from mappings.csd.version import UP_TO_1_6, Version
from mappings.exposition.demandes import EtablissementModifie, ReponseNotification
from mappings.exposition.values import Code
from mappings.loss import Ledger, LossKind, Severity
from mappings.nomenclatures.systems import oid

NOTIFICATION_ANSWER = ror("TR-Notif-ListeEtablissementMajApresDate_Reponse")
_FIELDS = Coded("R227")
_PUBLICS = Coded("R239")
# What each of them has beside its value is told by its own reader.
_IN_ANSWER = Form({"etablissementReponseNotif": None, "result": None}, once=frozenset({"result"}))
_IN_ONE = Form(
    dict.fromkeys(("id_etablissement", "typeActivity", "restrictedOrganisation", "dateRef", "supportedPatient")),
    once=frozenset({"id_etablissement", "restrictedOrganisation", "dateRef"}),
)


def read_notification(
    element: etree._Element, *, version: Version, dialect: Dialect, ledger: Ledger, at: date
) -> ReponseNotification:
    """The establishments that changed; one without usable identifier cannot be read and is noted."""
    reading = Reading(version, dialect, ledger, at)
    _note_strays(element, _IN_ANSWER, reading)
    found = (_read_one(child, reading) for child in element.iterchildren(csd("etablissementReponseNotif")))
    modified = tuple(one for one in found if one is not None)
    return ReponseNotification(modified, _announced(element, reading))


def _announced(element: etree._Element, reading: Reading) -> int | None:
    child = element.find(csd("result"))
    if child is None:
        return None
    reading.object = ""
    note_attributes(child, NONE, reading, "value.attributes", Severity.INFORMATION)
    note_children(child, reading)
    try:
        return read_integer(child.text) if said(child.text) else None
    except ValueError:
        raise malformed(f"{local_name(element)}/result", element) from None


def _note_strays(element: etree._Element, form: Form, reading: Reading) -> None:
    for stray, place in strays(element, form, CSD):
        if stray is Stray.ATTRIBUTE:
            note_attributes(place, form.attributes, reading, "element.attributes")
        elif stray is Stray.TEXT:
            note_text(place, reading)
        else:
            reading.note(
                LossKind.DROPPED, place, "notification.no-place", value_kind="fragment", severity=Severity.ERROR
            )


def _read_one(element: etree._Element, reading: Reading) -> EtablissementModifie | None:
    reading.object = ""
    identifier = element.find(csd("id_etablissement"))
    if identifier is None:
        raise malformed("etablissementReponseNotif/id_etablissement", element)
    try:
        key = normalise_structure(identifier.get("assigningAuthorityName") or "", identifier.get("code") or "")
    except NotAnIdentifier:
        reading.note(
            LossKind.DROPPED, identifier, "identifier.unusable", value_kind="identifier", severity=Severity.ERROR
        )
        return None
    reading.object = key
    note_inside(identifier, OF_IDENTIFIER, reading)
    _note_strays(element, _IN_ONE, reading)
    return EtablissementModifie(
        key,
        champs_activite=_codes(element, "typeActivity", _FIELDS, reading),
        publics=_codes(element, "supportedPatient", _PUBLICS, reading),
        restriction_oi=_boolean(element, reading),
        date_ref=_instant(element, reading),
    )


def _codes(element: etree._Element, name: str, coded: Coded, reading: Reading) -> tuple[Code, ...]:
    found = (coded.read(child, reading) for child in element.iterchildren(csd(name)))
    return tuple(code for code in found if code is not None)


def _boolean(element: etree._Element, reading: Reading) -> bool | None:
    child = element.find(csd("restrictedOrganisation"))
    return BOOLEAN.read(child, reading) if child is not None else None


def _instant(element: etree._Element, reading: Reading) -> datetime | None:
    child = element.find(csd("dateRef"))
    return INSTANT.read(child, reading) if child is not None else None


def write_notification(reponse: ReponseNotification, *, version: Version, ledger: Ledger) -> etree._Element:
    """The answer in a version; `result` counts the establishments written."""
    root = etree.Element(NOTIFICATION_ANSWER, nsmap={"ror": ROR, "csd": CSD})
    for one in reponse.etablissements:
        _write_one(root, one, version, ledger)
    etree.SubElement(root, csd("result")).text = str(len(reponse.etablissements))
    return root


def _write_one(root: etree._Element, one: EtablissementModifie, version: Version, ledger: Ledger) -> None:
    element = etree.SubElement(root, csd("etablissementReponseNotif"))
    etree.SubElement(element, csd("id_etablissement"), code=one.identifiant, assigningAuthorityName=IDNAT_STRUCT)
    if version in UP_TO_1_6:
        _write_reference_date(element, one)
    _write_codes(element, "typeActivity", one.champs_activite)
    if version in UP_TO_1_6:
        _write_codes(element, "supportedPatient", one.publics)
    else:
        _note_removed(one, version, ledger)
    if one.restriction_oi is not None:
        etree.SubElement(element, csd("restrictedOrganisation")).text = "true" if one.restriction_oi else "false"


def _write_reference_date(element: etree._Element, one: EtablissementModifie) -> None:
    if one.date_ref is not None:
        etree.SubElement(element, csd("dateRef")).text = write_instant(one.date_ref)


def _write_codes(element: etree._Element, name: str, codes: tuple[Code, ...]) -> None:
    for code in codes:
        etree.SubElement(element, csd(name), code=code.code, codingScheme=oid(code.systeme)).text = code.libelle


def _note_removed(one: EtablissementModifie, version: Version, ledger: Ledger) -> None:
    """From 2.4 the answer has neither the reference date nor the publics."""
    for name, value in (("dateRef", one.date_ref), ("supportedPatient", one.publics)):
        if value:
            ledger.note(
                LossKind.DROPPED,
                object=one.identifiant,
                path=f"etablissementReponseNotif/{name}",
                rule=f"csd-{version}.notification.{name}",
                value_kind="instant" if name == "dateRef" else "code",
                severity=Severity.INFORMATION,
            )
