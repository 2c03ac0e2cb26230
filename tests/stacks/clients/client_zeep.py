"""A regional solution built with zeep, strict: one call a line in, its outcome a line out.

`client_zeep.py URL CA CERTIFICATE KEY`

zeep takes the first child of every `extension` for the element without namespace that may stand there, whatever its
name: a first contact, a confidentiality level is left raw, a required element is refused as missing. So the wildcard is
taken out of the schema as it is loaded, and what it was for out of the answers.
"""

import hashlib
import json
import re
import sys
from functools import cache
from typing import Any

import requests
import zeep
import zeep.exceptions
from lxml import etree

FUNCTION = {"urn": "urn:asip:ror:lecture:offreSoinEtablissement:2017", "encapsulated": True}
ERROR = "{urn:inter-ror:error}error"
WILDCARD = re.compile(rb'<xs:any namespace="##local"[^>]*/>')


class WithoutWildcard(zeep.Transport):
    def load(self, url: str) -> bytes:
        return WILDCARD.sub(b"", super().load(url))


class WithoutAdditions(zeep.Plugin):
    def ingress(self, envelope: etree._Element, http_headers: Any, operation: Any) -> tuple[etree._Element, Any]:
        for extension in envelope.iter("{urn:ihe:iti:csd:2013}extension"):
            for child in extension:
                if etree.QName(child).namespace is None:
                    extension.remove(child)
        return envelope, http_headers


url, ca, certificate, key = sys.argv[1:]
session = requests.Session()
session.trust_env = False  # else REQUESTS_CA_BUNDLE wins over `verify`
session.verify, session.cert = ca, (certificate, key)


@cache
def service(address: str) -> Any:
    settings = zeep.Settings(strict=True, forbid_dtd=True)
    transport = WithoutWildcard(session=session)
    client = zeep.Client(
        f"{url}/ROR/{address}?wsdl", transport=transport, settings=settings, plugins=[WithoutAdditions()]
    )
    return client.service


def reading(address: str, establishment: str) -> dict[str, Any]:
    wanted = {"id_etablissement": {"code": establishment, "assigningAuthorityName": "1.2.250.1.71.4.2.2"}}
    function = {**FUNCTION, "TR_Lecture-OffresSanteEtablissement": {"etablissementDemandeLecture": wanted}}
    return document(service(address).careServicesRequest_Request(function=function))


def unit(address: str, identifier: str) -> dict[str, Any]:
    wanted = {"organisationID": {"code": identifier, "assigningAuthorityName": "1.2.250.1.213.6.1.1.1.1.76"}}
    function = {**FUNCTION, "TR_Lecture-OffreSanteOrganisationInterne": wanted}
    return document(service(address).careServicesRequest_Request(function=function))


def notification(address: str, since: str) -> dict[str, Any]:
    answer = service(address)["TR-Notif-ListeEtablissementsMajApresDate_Demande"](params={"dateRef": since})
    establishments = [one.id_etablissement.code for one in answer.etablissementReponseNotif]
    return {"outcome": "answer", "number": answer.result, "establishments": establishments}


def search(address: str, criteria: dict[str, str]) -> dict[str, Any]:
    destination = {"type": {"code": "1"}, "code": {"code": criteria["region"]}}
    activity = {"code": criteria["activity"], "codingScheme": "1.2.250.1.213.3.3.12"}
    parameters = {"organization": "", "service": {"codedType": activity}, "otherParams": {"destination": destination}}
    answer = service(address).careServicesRequest_Request(function={"requestParams": parameters})
    if answer.error is not None:
        return error(answer)
    names = [facility.primaryName for facility in answer.result.facilityDirectory.facility]
    return {"outcome": "answer", "number": answer.result.resultNumber.OInumber, "facilities": names}


def archive(address: str, _: Any) -> dict[str, Any]:
    with session.get(address) as response:
        if response.status_code != 200:
            return {"outcome": "refused", "status": response.status_code, "text": response.text}
        disposition, digest = response.headers["Content-Disposition"], hashlib.sha256(response.content).hexdigest()
        return {"outcome": "archive", "disposition": disposition, "sha256": digest}


def document(answer: Any) -> dict[str, Any]:
    if answer.error is not None:
        return error(answer)
    content = answer.result.queryResult
    organizations = content.organizationDirectory.organization
    return {
        "outcome": "answer",
        "number": answer.result.facilityNumber,
        "organizations": [one.primaryName for one in organizations],
        "facilities": [one.primaryName for one in content.facilityDirectory.facility],
        "telecom_level": next(filter(None, map(telecom_level, organizations)), None),
    }


def telecom_level(organization: Any) -> str | None:
    contacts = [contact for extension in organization.extension for contact in getattr(extension, "contact", ())]
    levels = [point.extension[0].confidentialityLevel.code for contact in contacts for point in contact.contactPoint]
    return levels[0] if levels else None


def error(answer: Any) -> dict[str, Any]:
    return {"outcome": "error", "code": answer.error.code, "message": answer.error.message}


def fault(raised: zeep.exceptions.Fault) -> dict[str, Any]:
    if not isinstance(raised.detail, etree._Element):
        # What zeep makes of HTTP 500 around anything but a fault: the body is only there as bytes.
        return {"outcome": "broken", "type": type(raised).__name__, "reason": raised.message}
    stable, erreur = raised.detail.find(ERROR), raised.detail.find("{urn:asip:ror:2015}erreur")
    return {
        "outcome": "fault",
        "code": raised.code.rpartition(":")[2],
        "reason": raised.message,
        "stable": None if stable is None else stable.get("code"),
        "erreur": None if erreur is None else erreur.get("code"),
    }


OPERATIONS = {"reading": reading, "unit": unit, "notification": notification, "search": search, "archive": archive}

for line in sys.stdin:
    call = json.loads(line)
    try:
        outcome = OPERATIONS[call["operation"]](call["address"], call["value"])
    except zeep.exceptions.Fault as raised:
        outcome = fault(raised)
    except (zeep.exceptions.Error, requests.RequestException) as raised:
        outcome = {"outcome": "broken", "type": type(raised).__name__, "reason": str(raised)}
    print(json.dumps(outcome), flush=True)  # noqa: T201 - the dialogue
