"""What the command line says, in French and in English."""

from gateway.messages import Language

TEXTS: dict[str, tuple[str, str]] = {
    "program": (
        "Passerelle de fédération des ROR. Codes de sortie : 0 fait, 1 la réponse est non, 2 mauvais usage, "
        "3 l'autre côté a échoué. --lang fr|en choisit la langue.",
        "Federation gateway of the ROR directories. Exit codes: 0 done, 1 the answer is no, 2 misuse, "
        "3 the other side failed. --lang fr|en chooses the language.",
    ),
    "serve": ("Sert la fédération jusqu'à SIGTERM.", "Serves the federation until SIGTERM."),
    "check": (
        "Vérifie la configuration et affiche les réglages en vigueur, secrets masqués.",
        "Checks the configuration and prints the settings in force, secrets masked.",
    ),
    "search": (
        "Cherche dans la fédération comme un client FHIR et affiche la couverture.",
        "Searches the federation as a FHIR client and prints the coverage.",
    ),
    "demo": (
        "Fédération de démonstration : 17 bases régionales de référence, le ROR national et la passerelle, sur la "
        "boucle locale. Sans option, déroule la tâche principale et s'arrête.",
        "Demonstration federation: 17 reference regional bases, the national ROR and the gateway, on loopback. Without "
        "option, runs the main job and ends.",
    ),
    "serve_option": (
        "La laisse tourner jusqu'à interruption, décrite dans DIR/demo.json.",
        "Leave it running until interrupted, described in DIR/demo.json.",
    ),
    "directory_option": ("Dossier des fichiers de la fédération.", "Directory of the federation's files."),
    "directory_needed": ("--serve demande --dir DOSSIER.", "--serve needs --dir DIRECTORY."),
    "scale_option": ("Multiplie le contenu des régions.", "Multiply the content of the regions."),
    "fault_option": (
        "Panne d'un membre, CODE=TYPE ; répétable.",
        "Fault of a member, CODE=KIND; may be repeated.",
    ),
    "bad_fault": (
        "Panne inconnue : {value}. Attendu CODE=TYPE, avec un code de membre et un type parmi {kinds}.",
        "Unknown fault: {value}. Expected CODE=KIND, with a member's code and a kind among {kinds}.",
    ),
    "config_option": ("Fichier TOML de configuration.", "TOML configuration file."),
    "json_option": ("Écrit du JSON.", "Write JSON."),
    "parameters_argument": (
        "Paramètres de recherche, nom=valeur.",
        "Search parameters, name=value.",
    ),
    "type_option": ("Type de ressource.", "Resource type."),
    "token_option": ("Adresse du service de jetons.", "Address of the token endpoint."),
    "fhir_option": ("Base FHIR.", "FHIR base."),
    "client_option": ("Identifiant du client.", "Client identifier."),
    "secret_option": ("Secret du client (profil 0).", "Secret of the client (profile 0)."),
    "cert_option": ("Certificat du client, PEM.", "Client certificate, PEM."),
    "key_option": ("Clé du client, PEM.", "Client key, PEM."),
    "ca_option": ("Autorités de confiance, PEM.", "Trusted authorities, PEM."),
    "profile_option": (
        "Code du profil utilisateur (Ror-Profil-Utilisateur-Code).",
        "User profile code (Ror-Profil-Utilisateur-Code).",
    ),
    "complete_option": ("Exige une couverture complète.", "Demand complete coverage."),
    "configuration_refused": ("Configuration refusée :", "Configuration refused:"),
    "configuration_good": ("Configuration valide.", "Valid configuration."),
    "no_answer": ("Pas de réponse : {cause}", "No answer: {cause}"),
    "refused": ("Refusé (HTTP {status}) : {cause}", "Refused (HTTP {status}): {cause}"),
    "total": ("{total} résultats, {shown} dans cette page.", "{total} results, {shown} on this page."),
    "unknown_language": ("Langue inconnue : {value} (fr ou en).", "Unknown language: {value} (fr or en)."),
    "bad_parameter": ("nom=valeur attendu, reçu : {value}", "name=value expected, got: {value}"),
}


def said(key: str, language: Language, **values: object) -> str:
    """The text of that key in that language."""
    french, english = TEXTS[key]
    return (french if language is Language.FR else english).format(**values)
