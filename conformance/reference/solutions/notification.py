"""Which establishments changed since an instant: contract section 8, answered from the index alone."""

from collections.abc import Iterable

from lxml import etree

from conformance.reference.content.codes import code
from conformance.reference.csd.wire import CSD, ROR, Element, Scribe, element
from conformance.reference.region import EstablishmentKey
from conformance.reference.solutions.requests import Notification
from conformance.reference.solutions.selection import MEDICO_SOCIAL


def concerned(key: EstablishmentKey, demand: Notification) -> list[str]:
    """The fields of an establishment among those asked; publics narrow the medico-social one."""
    fields = [field for field in key.fields if not demand.fields or field in demand.fields]
    if demand.publics and not demand.publics & set(key.publics):
        fields = [field for field in fields if field != MEDICO_SOCIAL]
    return fields


def answer(scribe: Scribe, keys: Iterable[EstablishmentKey], demand: Notification) -> Element:
    """The list and its length; an empty list is an answer."""
    root = etree.Element(f"{{{ROR}}}TR-Notif-ListeEtablissementMajApresDate_Reponse", nsmap={"ror": ROR, "csd": CSD})
    for key in keys:
        fields = concerned(key, demand)
        if key.updated <= demand.since or not fields:
            continue
        root.append(_entry(scribe, key.finess, fields))
    root.append(element("result", text=str(len(root))))
    return root


def _entry(scribe: Scribe, finess: str, fields: Iterable[str]) -> Element:
    identifier = scribe.structure(finess)[0]
    identifier.tag = f"{{{CSD}}}id_etablissement"
    made = element("etablissementReponseNotif", identifier)
    made.extend(scribe.coded("typeActivity", code("R227", field)) for field in fields)
    if scribe.dialect.boolean_words:
        made.append(element("restrictedOrganisation", text="false"))
    return made
