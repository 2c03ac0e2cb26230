"""Whether a member publishes the contract it is declared with, asked once at the start.

The documents are fetched by the member's own transport, then loaded by zeep in a thread, from memory: zeep itself
never reaches the network. What a document imports from elsewhere (XForms, XML Events…) is stood for by an empty schema,
for the contract resolves nothing on the network (section 3).
"""

import asyncio
from urllib.parse import urljoin, urlsplit

from lxml import etree
from zeep import Settings
from zeep.exceptions import Error as ZeepError
from zeep.transports import Transport
from zeep.wsdl import Document

from adapters.deadline import Deadline
from adapters.errors import MemberFailure
from adapters.soap_client import XML_TYPES, SoapClient
from adapters.transport import expect
from mappings.csd.namespaces import ROR, WSDL, XSD
from mappings.csd.version import Version
from mappings.csd.xml import XmlRefused, parse

SERVICE = f"{{{ROR}}}CareServicesRequest_Service"
OPERATIONS = frozenset({"careServicesRequest_Request", "TR-Notif-ListeEtablissementsMajApresDate_Demande"})
# Contract section 2: the same name with a lower-case initial, for a base that only searches.
SEARCH_SERVICE = f"{{{ROR}}}careServicesRequest_Service"
SEARCH_OPERATIONS = frozenset({"careServicesRequest_Request"})
MAXIMUM_DOCUMENTS = 20
UNREACHABLE = "wsdl-unreachable"
"""Of a member that is down: nothing is known of its contract, so nothing is wrong with it either."""

_WSDL_TYPES = XML_TYPES | {"application/wsdl+xml"}
_REFERENCES = (f"{{{XSD}}}import", f"{{{XSD}}}include", f"{{{XSD}}}redefine", f"{{{WSDL}}}import")


class _Held(Transport):
    """Hands zeep the documents fetched, and nothing else."""

    def __init__(self, documents: dict[str, bytes]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._documents = documents

    def load(self, url: str) -> bytes:
        """The document held at an address; a `KeyError` when it was not fetched."""
        return self._documents[url]


async def verify(client: SoapClient, deadline: Deadline) -> str | None:
    """A stable token of what is wrong with the published contract; None when nothing is.

    wsdl-unreachable, wsdl-refused (not XML that may enter), wsdl-unreadable (zeep cannot load it), wsdl-other-service,
    wsdl-missing-operation, wsdl-other-version.
    """
    address = client.manifest.address("contract", client.target) + "?wsdl"
    try:
        documents = await _fetch(client, address, deadline)
    except MemberFailure:
        return UNREACHABLE
    except XmlRefused:
        return "wsdl-refused"
    named = {None, Version(client.target.contract), client.manifest.habits.interface}
    return await asyncio.to_thread(_judge, documents, address, named)


async def _fetch(client: SoapClient, address: str, deadline: Deadline) -> dict[str, bytes]:
    """The WSDL and what it refers to at the same origin; an empty schema for what lies elsewhere."""
    documents: dict[str, bytes] = {}
    waiting = [(address, "")]
    while waiting and len(documents) < MAXIMUM_DOCUMENTS:
        url, namespace = waiting.pop()
        if url in documents:
            continue
        if urlsplit(url)[:2] != urlsplit(address)[:2]:
            documents[url] = _empty_schema(namespace)
            continue
        reply = await client.transport.send("GET", url, deadline=deadline)
        expect(reply, _WSDL_TYPES)
        documents[url] = reply.body
        waiting += _references(parse(reply.body), url)
    return documents


def _references(root: etree._Element, base: str) -> list[tuple[str, str]]:
    return [
        (urljoin(base, location), element.get("namespace", ""))
        for element in root.iter(*_REFERENCES)
        if (location := element.get("schemaLocation") or element.get("location"))
    ]


def _empty_schema(namespace: str) -> bytes:
    schema = etree.Element(f"{{{XSD}}}schema", nsmap={"xs": XSD})
    if namespace:
        schema.set("targetNamespace", namespace)
    return etree.tostring(schema)


def _judge(documents: dict[str, bytes], address: str, declared: set[str | None]) -> str | None:
    try:
        # Lenient, because the published 3.0 WSDL holds a stray word between two elements (section 3).
        document = Document(address, _Held(documents), settings=Settings(strict=False, forbid_dtd=True))  # type: ignore[arg-type]  # zeep says the class, takes the object
    except (ZeepError, etree.LxmlError, LookupError, ValueError, TypeError, AttributeError):
        return "wsdl-unreadable"
    searches = Version.V2016 in declared
    service = document.services.get((SEARCH_SERVICE if searches else SERVICE).rpartition("}")[2])
    if service is None:
        return "wsdl-other-service"
    published = {name for port in service.ports.values() for name in port.binding.all()}
    if not published >= (SEARCH_OPERATIONS if searches else OPERATIONS):
        return "wsdl-missing-operation"
    return None if _version(documents) in declared else "wsdl-other-version"


def _version(documents: dict[str, bytes]) -> str | None:
    """The version published: by the elements the schemas declare (section 15.1); when they leave the document untyped,
    by the version they write; None when they say nothing of it.
    """
    schemas = [schema for document in documents.values() for schema in parse(document).iter(f"{{{XSD}}}schema")]
    names = {element.get("name") for schema in schemas for element in schema.iter(f"{{{XSD}}}element")}
    if "facilityDirectory" not in names:
        return next((written for schema in schemas if (written := schema.get("version"))), None)
    if "locationRealizedOffer" in names:
        return Version.V3_0
    if "sensitiveUnit" in names:
        return Version.V2_4
    # The two differ by what may be left out: the count of the units is mandatory in 1.5 only.
    counts = [
        element for schema in schemas for element in schema.iterfind(f".//{{{XSD}}}element[@name='facilityNumber']")
    ]
    return Version.V1_6 if any(count.get("minOccurs") == "0" for count in counts) else Version.V1_5
