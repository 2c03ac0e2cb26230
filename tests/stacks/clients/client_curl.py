"""A regional solution built with curl and envelopes written by hand: one call a line in, its outcome a line out.

`client_curl.py URL CA CERTIFICATE KEY`
"""

import hashlib
import json
import subprocess
import sys
from typing import Any

from lxml import etree

NAMES = {
    "soap": "http://www.w3.org/2003/05/soap-envelope",
    "csd": "urn:ihe:iti:csd:2013",
    "ror": "urn:asip:ror:2015",
    "err": "urn:inter-ror:error",
}
ENVELOPE = f"""<soap:Envelope xmlns:soap="{NAMES["soap"]}" xmlns:csd="{NAMES["csd"]}" xmlns:ror="{NAMES["ror"]}">
<soap:Body>{{}}</soap:Body></soap:Envelope>"""
LECTURE = """<csd:careServicesRequest><csd:function urn="urn:asip:ror:lecture:offreSoinEtablissement:2017"
encapsulated="true">{}</csd:function></csd:careServicesRequest>"""
BODIES = {
    "reading": LECTURE.format("""<csd:TR_Lecture-OffresSanteEtablissement><csd:etablissementDemandeLecture>
<csd:id_etablissement code="{value}" assigningAuthorityName="1.2.250.1.71.4.2.2"/>
</csd:etablissementDemandeLecture></csd:TR_Lecture-OffresSanteEtablissement>"""),
    "unit": LECTURE.format("""<csd:TR_Lecture-OffreSanteOrganisationInterne>
<csd:organisationID code="{value}" assigningAuthorityName="1.2.250.1.213.6.1.1.1.1.76"/>
</csd:TR_Lecture-OffreSanteOrganisationInterne>"""),
    "notification": """<ror:TR-Notif-ListeEtablissementsMajApresDate_Demande><csd:params>
<csd:dateRef>{value}</csd:dateRef></csd:params></ror:TR-Notif-ListeEtablissementsMajApresDate_Demande>""",
    "search": """<ror:careServicesRequest><function><requestParams><organization/>
<service><codedType code="{value[activity]}" codingScheme="1.2.250.1.213.3.3.12"/></service>
<otherParams><destination><type code="1"/><code code="{value[region]}"/></destination></otherParams>
</requestParams></function></ror:careServicesRequest>""",
}

url, ca, certificate, key = sys.argv[1:]
CURL = ("curl", "--silent", "--show-error", "--cacert", ca, "--cert", certificate, "--key", key)


def sent(operation: str, address: str, value: Any) -> dict[str, Any]:
    message = ENVELOPE.format(BODIES[operation].format(value=value))
    options = ("--header", "Content-Type: application/soap+xml; charset=utf-8", "--data-binary", "@-")
    ran = subprocess.run(
        [*CURL, *options, f"{url}/ROR/{address}"], input=message.encode(), capture_output=True, check=False
    )
    if ran.returncode:
        return {"outcome": "broken", "type": f"curl {ran.returncode}", "reason": ran.stderr.decode()}
    body = etree.XML(ran.stdout).find("soap:Body", NAMES)
    assert body is not None
    return said(body[0])


def archive(address: str) -> dict[str, Any]:
    ran = subprocess.run([*CURL, "--include", "--http1.1", address], capture_output=True, check=True)
    head, _, body = ran.stdout.partition(b"\r\n\r\n")
    lines = head.decode().splitlines()
    fields = dict(line.split(": ", 1) for line in lines[1:])
    return downloaded(int(lines[0].split()[1]), fields.get("Content-Disposition"), body)


def downloaded(status: int, disposition: str | None, body: bytes) -> dict[str, Any]:
    if status != 200:
        return {"outcome": "refused", "status": status, "text": body.decode()}
    return {"outcome": "archive", "disposition": disposition, "sha256": hashlib.sha256(body).hexdigest()}


def said(message: etree._Element) -> dict[str, Any]:
    if message.tag == f"{{{NAMES['soap']}}}Fault":
        code = message.findtext("soap:Code/soap:Value", "", NAMES)
        stable, erreur = (message.find(f"soap:Detail/{name}", NAMES) for name in ("err:error", "ror:erreur"))
        return {
            "outcome": "fault",
            "code": code.rpartition(":")[2],
            "reason": message.findtext("soap:Reason/soap:Text", None, NAMES),
            "stable": None if stable is None else stable.get("code"),
            "erreur": None if erreur is None else erreur.get("code"),
        }
    error = message.find("{*}error")
    if error is not None:
        return {"outcome": "error", "code": int(error.get("code", "0")), "message": error.get("message")}
    if message.find("{*}result/{*}queryResult") is not None or message.find("{*}result/{*}resultNumber") is not None:
        return document(message)
    return {
        "outcome": "answer",
        "number": int(message.findtext("csd:result", "-1", NAMES)),
        "establishments": [one.get("code") for one in message.iterfind(".//csd:id_etablissement", NAMES)],
    }


def document(message: etree._Element) -> dict[str, Any]:
    number = message.findtext(".//csd:facilityNumber", None, NAMES) or message.findtext(".//OInumber")
    level = message.find(".//csd:organization//csd:contactPoint/csd:extension/csd:confidentialityLevel", NAMES)
    return {
        "outcome": "answer",
        "number": None if number is None else int(number),
        "organizations": texts(message, "organization"),
        "facilities": texts(message, "facility"),
        "telecom_level": None if level is None else level.get("code"),
    }


def texts(message: etree._Element, kind: str) -> list[str | None]:
    return [name.text for name in message.iterfind(f".//{{*}}{kind}Directory/{{*}}{kind}/{{*}}primaryName")]


for line in sys.stdin:
    call = json.loads(line)
    outcome = archive(call["address"]) if call["operation"] == "archive" else sent(**call)
    print(json.dumps(outcome), flush=True)  # noqa: T201 - the dialogue
