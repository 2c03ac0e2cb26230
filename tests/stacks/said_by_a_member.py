"""A member that says what a test must know to the letter: names with every accent, each way to say no.

`said_by_a_member.py PKI CODE`: writes its port, then answers as that member until its standard input ends.
"""

import re
import ssl
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

LEGAL, SITE, UNIT = "Œuvre de la façade, Besançon", "Hôpital du Sacré-Cœur", "Fœtus & garçons – « Été », Noël à 5 €"

RECORD = '<csd:record created="2026-01-01T00:00:00" updated="2026-01-02T00:00:00" status="Ok"/>'
DOCUMENT = f"""<csd:careServicesResponse xmlns:csd="urn:ihe:iti:csd:2013"><csd:result>
<csd:facilityNumber>1</csd:facilityNumber><csd:queryResult><csd:organizationDirectory>
<csd:organization entityID="EJ"><csd:otherID code="1130000009" assigningAuthorityName="1.2.250.1.71.4.2.2"/>
<csd:codedType code="13" codingScheme="1.2.250.1.213.1.6.1.44"/><csd:primaryName>{LEGAL}</csd:primaryName>{RECORD}
</csd:organization>
<csd:organization entityID="EG"><csd:otherID code="1130000001" assigningAuthorityName="1.2.250.1.71.4.2.2"/>
<csd:codedType code="101" codingScheme="1.2.250.1.213.1.6.1.8"/><csd:primaryName>{SITE}</csd:primaryName>
<csd:parent entityID="EJ"/><csd:extension type="t" urn="u"><labelRegional>œuvre</labelRegional><csd:contact>
<csd:nature code="06" codingScheme="1.2.250.1.213.3.3.67"/>
<csd:confidentialityLevel code="1" codingScheme="1.2.250.1.213.1.1.4.344"/>
<csd:contactPoint><csd:codedType code="2" codingScheme="1.2.250.1.213.3.3.1"/><csd:equipment>0400000000</csd:equipment>
<csd:extension type="t" urn="u"><csd:confidentialityLevel code="1" codingScheme="1.2.250.1.213.1.1.4.344"/>{RECORD}
</csd:extension></csd:contactPoint>{RECORD}</csd:contact></csd:extension>{RECORD}</csd:organization>
</csd:organizationDirectory>
<csd:serviceDirectory><csd:service entityID="A"><csd:codedType code="172" codingScheme="1.2.250.1.213.3.3.12"/>{RECORD}
</csd:service></csd:serviceDirectory>
<csd:facilityDirectory><csd:facility entityID="U">
<csd:otherID code="93/UE-1" assigningAuthorityName="1.2.250.1.213.6.1.1.1.1.76"/>
<csd:codedType code="4" codingScheme="1.2.250.1.213.3.3.8"/>
<csd:primaryName>{UNIT.replace("&", "&amp;")}</csd:primaryName>
<csd:organizations><csd:organization entityID="EG"><csd:service entityID="A"/></csd:organization></csd:organizations>
<csd:extension type="t" urn="u"><csd:typeActivity code="01" codingScheme="1.2.250.1.213.3.3.17"/>
<csd:careMode code="28" codingScheme="1.2.250.1.213.3.3.13"/><csd:patientsType>
<csd:patientTypeAgeMin><csd:value>0</csd:value><csd:unit code="a" codingScheme="2.16.840.1.113883.6.8"/>
</csd:patientTypeAgeMin><csd:patientTypeAgeMax><csd:value>17</csd:value>
<csd:unit code="a" codingScheme="2.16.840.1.113883.6.8"/></csd:patientTypeAgeMax>{RECORD}</csd:patientsType>
<csd:sensitiveUnit>false</csd:sensitiveUnit>
</csd:extension>{RECORD}</csd:facility></csd:facilityDirectory>
<csd:providerDirectory/><csd:deviceDirectory/></csd:queryResult></csd:result></csd:careServicesResponse>"""

ERROR = """<csd:careServicesResponse xmlns:csd="urn:ihe:iti:csd:2013">
<csd:error code="405" message="Nombre d'unités annoncé différent de celui envoyé, çà et là"/>
</csd:careServicesResponse>"""
FAULT = """<soap:Fault><soap:Code><soap:Value>soap:{side}</soap:Value></soap:Code>
<soap:Reason><soap:Text xml:lang="fr">{reason}</soap:Text></soap:Reason>{detail}</soap:Fault>"""
TECHNICAL = FAULT.format(side="Receiver", reason="Base indisponible à cette heure", detail="")
REASON = "Demande non prévue"
ERREUR = f'<ror:erreur xmlns:ror="urn:asip:ror:2015" code="444" message="{REASON}"/>'
UNFORESEEN = FAULT.format(side="Sender", reason=REASON, detail=f"<soap:Detail>{ERREUR}</soap:Detail>")
BARE_NUMBER = FAULT.format(side="Sender", reason=REASON, detail="").replace("soap:Sender", "444")

ANSWERS = {
    "130000001": (200, DOCUMENT),
    "130000002": (500, ERROR),
    "130000003": (200, ERROR),
    "130000004": (500, TECHNICAL),
    "130000005": (500, BARE_NUMBER),
}
ENVELOPE = (
    '<soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope"><soap:Body>{}</soap:Body></soap:Envelope>'
)


class Member(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
        # The bases of this solution know a structure by its FINESS number, without the digit of its type.
        establishment = re.search(r'id_etablissement [^>]*code="1?(\d{9})"', asked)
        status, body = ANSWERS.get(establishment[1], (500, TECHNICAL)) if establishment else (500, UNFORESEEN)
        self._send(status, ENVELOPE.format(body).encode())

    def do_GET(self) -> None:
        self._send(404, b"")

    def _send(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/soap+xml; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nothing: what it is asked belongs to the test."""


def main(pki: Path, code: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki / f"member-{code}-server.pem", pki / f"member-{code}-server.key")
    context.load_verify_locations(pki / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    server = ThreadingHTTPServer(("127.0.0.1", 0), Member)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    sys.stdin.read()


main(Path(sys.argv[1]), sys.argv[2])
