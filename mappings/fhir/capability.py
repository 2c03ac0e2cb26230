"""The CapabilityStatement, made from the tables that serve: what is announced is what is served."""

from datetime import datetime

from mappings.fhir import urls
from mappings.fhir.includes import forward_links, reverse_links
from mappings.fhir.parameters import PARAMETERS, Parameter
from mappings.fhir.search import CURSOR, PAGE
from mappings.fhir.shape import Json, compact

FHIR_VERSION = "4.0.1"
FORMATS = ("application/fhir+json", "json", "application/fhir+xml", "xml")

_SECURITY = (
    "OAuth 2.0 (client credentials), profil 0 avec secret, autres profils avec certificat client (RFC 8705) ; "
    "en-têtes Ror-Profil-Utilisateur-Code, Ror-Profil-Utilisateur-System, Ror-Role-Metier-Code et "
    "Ror-Role-Metier-System sur chaque lecture."
)
_SERVICES = "http://terminology.hl7.org/CodeSystem/restful-security-service"


def capability_statement(*, base: str, software_version: str, published: datetime) -> Json:
    """What the FHIR server at `base` does."""
    return {
        "resourceType": "CapabilityStatement",
        "name": "InterRorGateway",
        "title": "Passerelle inter-ROR",
        "status": "active",
        "date": published.isoformat(),
        "kind": "instance",
        "software": {"name": "inter-ror-gateway", "version": software_version},
        "implementation": {"description": "Fédération des ROR régionaux et du ROR national", "url": base},
        "fhirVersion": FHIR_VERSION,
        "format": list(FORMATS),
        "rest": [
            {
                "mode": "server",
                "security": {
                    "cors": False,
                    "service": [{"coding": [{"system": _SERVICES, "code": "OAuth"}]}],
                    "description": _SECURITY,
                },
                "resource": [_resource(resource_type) for resource_type in PARAMETERS],
                "searchParam": [
                    {"name": "_count", "type": "number", "documentation": f"taille de page, {PAGE} au plus"},
                    {"name": CURSOR, "type": "special", "documentation": "reprise d'un lien next, opaque"},
                ],
            }
        ],
    }


def _resource(resource_type: str) -> Json:
    return compact(
        {
            "type": resource_type,
            "supportedProfile": [urls.PROFILES[resource_type]],
            "interaction": [{"code": "read"}, {"code": "search-type"}],
            "versioning": "no-version",
            "referencePolicy": ["literal", "local"],
            "searchInclude": forward_links(resource_type),
            "searchRevInclude": reverse_links(resource_type),
            "searchParam": [
                _parameter(name, parameter) for name, parameter in PARAMETERS[resource_type].items() if parameter.served
            ],
        }
    )


def _parameter(name: str, parameter: Parameter) -> Json:
    """A parameter as clients write it: one that is only understood with a modifier is named with it."""
    shown = name if "" in parameter.modifiers else f"{name}:{min(parameter.modifiers)}"
    return {"name": shown, "type": parameter.type, "documentation": parameter.documentation}
