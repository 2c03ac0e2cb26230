"""The words of every error, in French and in English: what the reader must know, never what we are made of."""

from enum import StrEnum

from gateway.errors import ErrorCode, GatewayError


class Language(StrEnum):
    """The languages the gateway speaks; French unless asked otherwise."""

    FR = "fr"
    EN = "en"


MESSAGES: dict[ErrorCode, tuple[str, str]] = {
    ErrorCode.NOT_WELL_FORMED: (
        "Le message n'est pas un document XML bien formé (ligne {line}, colonne {column}).",
        "The message is not well-formed XML (line {line}, column {column}).",
    ),
    ErrorCode.DOCTYPE: (
        "Le message contient une déclaration DOCTYPE : elle est toujours refusée.",
        "The message holds a DOCTYPE declaration: it is always refused.",
    ),
    ErrorCode.ENTITY: (
        "Le message contient une entité XML : elle est toujours refusée.",
        "The message holds an XML entity: it is always refused.",
    ),
    ErrorCode.TOO_DEEP: (
        "Le message est imbriqué trop profondément.",
        "The message is nested too deeply.",
    ),
    ErrorCode.TOO_LARGE: (
        "Le message dépasse la taille acceptée ({limit} octets).",
        "The message is larger than what is accepted ({limit} bytes).",
    ),
    ErrorCode.ENCODING: (
        "L'encodage du message est inconnu ou ne correspond pas à ses octets.",
        "The encoding of the message is unknown or does not match its bytes.",
    ),
    ErrorCode.NOT_SOAP: (
        "Le document reçu n'est pas une enveloppe SOAP 1.2 portant un seul élément dans son corps.",
        "The document received is not a SOAP 1.2 envelope with a single element in its body.",
    ),
    ErrorCode.VERSION_MISMATCH: (
        "Seule la version 1.2 de SOAP est acceptée (contrat, section 3).",
        "Only SOAP 1.2 is accepted (contract, section 3).",
    ),
    ErrorCode.MUST_UNDERSTAND: (
        "Un en-tête SOAP marqué mustUnderstand n'est pas compris.",
        "A SOAP header marked mustUnderstand is not understood.",
    ),
    ErrorCode.UNSUPPORTED_MEDIA_TYPE: (
        "Le type du contenu envoyé n'est pas accepté ici.",
        "The type of the content sent is not accepted here.",
    ),
    ErrorCode.UNKNOWN_REQUEST: (
        "L'élément du corps n'est pas une demande du contrat.",
        "The element of the body is not a request of the contract.",
    ),
    ErrorCode.WRONG_ADDRESS: (
        "Cette demande n'est pas servie à l'adresse de la version {version}.",
        "This request is not served at the address of version {version}.",
    ),
    ErrorCode.BAD_REQUEST: (
        "La demande ne respecte pas le contrat : {cause}.",
        "The request does not follow the contract: {cause}.",
    ),
    ErrorCode.CRITERION_NOT_SERVED: (
        "Le critère {criterion} n'est pas servi : la recherche ne peut pas être faite sans lui.",
        "The criterion {criterion} is not served: the search cannot be made without it.",
    ),
    ErrorCode.UNKNOWN_VERSION: (
        "Version du contrat inconnue. Versions servies : {known}.",
        "Unknown contract version. Versions served: {known}.",
    ),
    ErrorCode.UNKNOWN_MEMBER: (
        "Aucun membre de la fédération ne porte ce code.",
        "No member of the federation has this code.",
    ),
    ErrorCode.UNKNOWN_DOCUMENT: (
        "Ce document du contrat n'existe pas dans cette version.",
        "This document of the contract does not exist in this version.",
    ),
    ErrorCode.UNKNOWN_EXTRACTION: (
        "Aucune extraction ne porte ce nom. Extractions produites : {known}.",
        "No extraction has this name. Extractions produced: {known}.",
    ),
    ErrorCode.UNKNOWN_ADDRESS: ("Rien n'est servi à cette adresse.", "Nothing is served at this address."),
    ErrorCode.BAD_COVERAGE_DEMAND: (
        "L'exigence de couverture de l'en-tête SOAP n'est pas comprise ({part}).",
        "The demand on coverage in the SOAP header is not understood ({part}).",
    ),
    ErrorCode.METHOD_NOT_ALLOWED: (
        "Cette méthode HTTP n'est pas servie à cette adresse.",
        "This HTTP method is not served at this address.",
    ),
    ErrorCode.BODY_TIMED_OUT: (
        "Le message n'a pas été reçu en entier dans le délai.",
        "The message was not received whole in time.",
    ),
    ErrorCode.HEAD_TIMED_OUT: (
        "L'en-tête HTTP n'est pas arrivé en entier dans le délai.",
        "The HTTP header did not arrive whole in time.",
    ),
    ErrorCode.EXPECTATION_FAILED: (
        "L'attente demandée par l'en-tête Expect n'est pas servie ; seule 100-continue l'est.",
        "The expectation of the Expect header is not served; only 100-continue is.",
    ),
    ErrorCode.BAD_HTTP: ("La requête HTTP n'est pas valide.", "The HTTP request is not valid."),
    ErrorCode.CERTIFICATE_REFUSED: (
        "Le certificat présenté n'est pas accepté par la fédération ({cause}).",
        "The certificate presented is not accepted by the federation ({cause}).",
    ),
    ErrorCode.CERTIFICATE_REVOKED: (
        "Le certificat présenté est révoqué, ou sa révocation ne peut être vérifiée.",
        "The certificate presented is revoked, or its revocation cannot be checked.",
    ),
    ErrorCode.NOT_PERMITTED: (
        "La fédération n'accorde pas ce droit à l'appelant ({cause}).",
        "The federation does not grant the caller this right ({cause}).",
    ),
    ErrorCode.ASSERTION_REFUSED: (
        "Le jeton VIHF est refusé ({cause}).",
        "The VIHF assertion is refused ({cause}).",
    ),
    ErrorCode.ASSERTION_REQUIRED: ("Un jeton VIHF est exigé.", "A VIHF assertion is required."),
    ErrorCode.PROFILE_NOT_GRANTED: (
        "Le profil utilisateur demandé n'est pas accordé à ce client.",
        "The user profile asked for is not granted to this client.",
    ),
    ErrorCode.CLIENT_NOT_LISTED: (
        "Ce client n'est pas inscrit dans la fédération.",
        "This client is not listed in the federation.",
    ),
    ErrorCode.FEDERATION_EXPIRED: (
        "Le document de fédération a expiré : aucune demande n'est servie.",
        "The federation document has expired: no request is served.",
    ),
    ErrorCode.NO_TOKEN: ("Un jeton d'accès est exigé.", "An access token is required."),
    ErrorCode.BAD_AUTHORIZATION: (
        "L'authentification est mal formée, répétée ou placée dans l'adresse.",
        "The authentication is malformed, repeated or placed in the address.",
    ),
    ErrorCode.INVALID_TOKEN: ("Le jeton d'accès n'est pas accepté.", "The access token is not accepted."),
    ErrorCode.MISSING_HEADER: ("L'en-tête {header} est obligatoire.", "The header {header} is mandatory."),
    ErrorCode.UNKNOWN_PROFILE: (
        "Le contexte des en-têtes Ror-* n'est pas reconnu.",
        "The context of the Ror-* headers is not recognised.",
    ),
    ErrorCode.UNKNOWN_TYPE: (
        "Type de ressource inconnu. Types servis : {known}.",
        "Unknown resource type. Types served: {known}.",
    ),
    ErrorCode.UNKNOWN_RESOURCE: ("Aucune ressource ne porte cet identifiant.", "No resource has this id."),
    ErrorCode.UNKNOWN_PARAMETER: (
        "Paramètre de recherche inconnu : {parameter}.",
        "Unknown search parameter: {parameter}.",
    ),
    ErrorCode.BAD_PARAMETER: (
        "La valeur du paramètre {parameter} n'est pas valide ({cause}).",
        "The value of parameter {parameter} is not valid ({cause}).",
    ),
    ErrorCode.TOO_MANY_PARAMETERS: (
        "La recherche a trop de paramètres : {limit} au plus.",
        "The search has too many parameters: {limit} at most.",
    ),
    ErrorCode.BAD_COUNT: (
        "_count doit être un nombre entier positif ou nul.",
        "_count must be a whole number, zero or more.",
    ),
    ErrorCode.BAD_PREFERENCE: (
        "La préférence « {preference} » n'est pas comprise : elle n'est pas appliquée.",
        'The preference "{preference}" is not understood: it is not applied.',
    ),
    ErrorCode.BAD_CURSOR: (
        "Ce lien de page n'est plus valable : recommencez la recherche.",
        "This page link is no longer valid: search again.",
    ),
    ErrorCode.NOT_ACCEPTABLE: (
        "Aucun des formats demandés ne convient. Formats servis : application/fhir+json, application/fhir+xml.",
        "None of the formats asked for will do. Formats served: application/fhir+json, application/fhir+xml.",
    ),
    ErrorCode.INTERNAL: (
        "La passerelle n'a pas pu traiter la demande. L'incident est enregistré sous l'identifiant de l'échange.",
        "The gateway could not process the request. The incident is recorded under the exchange id.",
    ),
    ErrorCode.OVERLOADED: (
        "La passerelle traite déjà trop de demandes : réessayez dans un instant.",
        "The gateway is already processing too many requests: try again in a moment.",
    ),
    ErrorCode.CONFIGURATION: ("La configuration est refusée.", "The configuration is refused."),
    ErrorCode.MEMBERS_UNAVAILABLE: (
        "Aucun membre interrogé n'a pu être joint.",
        "No member that was asked could be reached.",
    ),
    ErrorCode.MEMBERS_TIMED_OUT: (
        "Aucun membre interrogé n'a répondu dans le délai.",
        "No member that was asked answered in time.",
    ),
    ErrorCode.MEMBER_ANSWER_INVALID: (
        "La réponse reçue du membre n'est pas conforme au contrat.",
        "The answer received from the member does not follow the contract.",
    ),
    ErrorCode.MEMBER_REFUSED: (
        "Le membre interrogé a refusé la demande.",
        "The member that was asked refused the request.",
    ),
    ErrorCode.INCOMPLETE: (
        "La réponse est incomplète : certains membres n'ont pas répondu.",
        "The answer is incomplete: some members did not answer.",
    ),
    ErrorCode.NOT_SERVED: (
        "Aucun membre ne peut servir cette demande actuellement.",
        "No member can serve this request at present.",
    ),
    ErrorCode.NOT_PRODUCED: (
        "Cette extraction n'a pas encore été produite : redemandez-la plus tard.",
        "This extraction has not been produced yet: ask again later.",
    ),
}


def text(error: GatewayError, language: Language) -> str:
    """What the error says in that language."""
    french, english = MESSAGES[error.code]
    return (french if language is Language.FR else english).format(**error.values)
