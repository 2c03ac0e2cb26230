"""What the command `translate` says, in French and in English."""

from gateway.messages import Language

TEXTS: dict[str, tuple[str, str]] = {
    "help": (
        "Traduit un document hors ligne, entre versions du contrat, FHIR et modèle d'exposition.",
        "Translates a document offline, between versions of the contract, FHIR and the exposition model.",
    ),
    "from": (
        "Format de l'entrée : {formats} (fhir : Bundle en JSON ou en XML, reconnu à son premier caractère).",
        "Format of the input: {formats} (fhir: a Bundle in JSON or XML, told by its first character).",
    ),
    "to": ("Format de la sortie : {formats}.", "Format of the output: {formats}."),
    "losses": (
        "Fichier des pertes, une par ligne en JSON (objet, chemin, règle ; jamais la valeur).",
        "File of the losses, one JSON line each (object, path, rule; never the value).",
    ),
    "output": ("Fichier de sortie ; la sortie standard sinon.", "Output file; standard output otherwise."),
    "region": ("Code de la région d'une source CSD.", "Code of the region of a CSD source."),
    "dialect": (
        "Dialecte d'une source CSD : le nom d'une solution, ou clé=valeur ; répétable.",
        "Dialect of a CSD source: the name of a solution, or key=value; may be repeated.",
    ),
    "at": (
        "Jour du lecteur : ses codes sont ceux qui sont alors en vigueur ; aujourd'hui sinon.",
        "Day of the reader, whose codes are those then in force; today otherwise.",
    ),
    "source_at": (
        "Jour de la source, dont les codes sont ceux d'alors ; --at sinon.",
        "Day of the source; --at otherwise.",
    ),
    "accepted": (
        "CSV des remplacements de codes acceptés par un expert (réglage nomenclatures.accepted).",
        "CSV of the code replacements an expert accepted (setting nomenclatures.accepted).",
    ),
    "directory": (
        "Dossier de publications des nomenclatures ajoutées (réglage nomenclatures.directory).",
        "Directory of added releases of the nomenclatures (setting nomenclatures.directory).",
    ),
    "input": (
        "Fichier à traduire ; - ou rien : l'entrée standard.",
        "File to translate; - or nothing: standard input.",
    ),
    "unknown_format": (
        "Format inconnu : {value}. Vouliez-vous dire {nearest} ? Formats : {formats}.",
        "Unknown format: {value}. Did you mean {nearest}? Formats: {formats}.",
    ),
    "unknown_dialect": (
        "Dialecte refusé : {value}. Attendu : une solution ({names}) ou clé=valeur, clés {keys}.",
        "Dialect refused: {value}. Expected: a solution ({names}) or key=value, keys {keys}.",
    ),
    "unknown_region": ("Région inconnue : {value}. Régions : {known}.", "Unknown region: {value}. Regions: {known}."),
    "csd_only": (
        "--region et --dialect ne valent que pour une source CSD.",
        "--region and --dialect only apply to a CSD source.",
    ),
    "unreadable": ("Fichier illisible : {path} ({cause}).", "File cannot be read: {path} ({cause})."),
    "unwritable": ("Fichier non inscriptible : {path} ({cause}).", "File cannot be written: {path} ({cause})."),
    "refused": (
        "Entrée refusée, ligne {line}, colonne {column} : {reason}. Rien n'a été traduit.",
        "Input refused, line {line}, column {column}: {reason}. Nothing was translated.",
    ),
    "losses_over": (
        "--losses désigne l'entrée ou la sortie : {path}.",
        "--losses names the input or the output: {path}.",
    ),
    "cut": (
        "Traduction interrompue ({cause}) : ce qui a pu être écrit n'est pas un document entier.",
        "The translation was cut short ({cause}): what may have been written is not a whole document.",
    ),
    "progress": ("{count} objets lus", "{count} objects read"),
    "done": (
        "{objects} objets ; pertes : {error} erreurs, {warning} avertissements, {information} informations.",
        "{objects} objects; losses: {error} errors, {warning} warnings, {information} informations.",
    ),
    "unverifiable": (
        "{count} codes invérifiables : table ou jeu de valeurs non tenu, ni perte ni constat.",
        "{count} codes cannot be verified: table or value set not held, neither a loss nor a finding.",
    ),
    "rule": ("  {count} × {rule} ({severity})", "  {count} × {rule} ({severity})"),
    "other_rules": ("  et {count} autres règles", "  and {count} other rules"),
}

REASONS: dict[str, tuple[str, str]] = {
    "not-well-formed": ("le document n'est pas bien formé", "the document is not well formed"),
    "doctype": ("un type de document (DOCTYPE) n'est pas admis", "a document type (DOCTYPE) is not allowed"),
    "entity": ("une entité n'est pas admise", "an entity is not allowed"),
    "too-deep": ("les éléments sont trop imbriqués", "elements are nested too deep"),
    "too-large": ("un texte, une balise ou un objet est trop grand", "a text, a tag or an object is too large"),
    "encoding": ("le codage des caractères n'est pas admis", "the character encoding is not allowed"),
    "not-an-answer": ("ce n'est pas un document du contrat ({path})", "this is no document of the contract ({path})"),
    "error": (
        "le document est un refus fonctionnel, qui ne se dit qu'en CSD",
        "the document is a functional refusal, which only CSD says",
    ),
    "notification": (
        "le document est une notification, qui ne se dit qu'en CSD",
        "the document is a notification, which only CSD says",
    ),
    "fault": ("le document est une erreur SOAP, pas une réponse", "the document is a SOAP fault, not an answer"),
    "not-a-bundle": ("ce n'est pas un Bundle FHIR", "this is not a FHIR Bundle"),
    "not-an-object": ("un objet JSON est attendu", "a JSON object is expected"),
    "not-exposition": (
        "membre inconnu du modèle d'exposition ({path})",
        "unknown member of the exposition model ({path})",
    ),
    "wrong-type": ("valeur d'un mauvais type ({path})", "value of a wrong type ({path})"),
    "repeated": (
        "deux ressources différentes portent la même référence ({path})",
        "two different resources have one reference ({path})",
    ),
    "unknown-type": ("type de ressource FHIR non tenu ({path})", "FHIR resource type that is not held ({path})"),
    "unknown-element": ("élément inconnu de FHIR R4 ({path})", "element unknown to FHIR R4 ({path})"),
    "type": ("valeur d'un mauvais type ({path})", "value of a wrong type ({path})"),
    "text": ("texte là où FHIR n'en admet pas ({path})", "text where FHIR has none ({path})"),
    "repeated-element": (
        "élément répété que FHIR n'admet qu'une fois ({path})",
        "repeated element, which FHIR has once ({path})",
    ),
    "order": ("élément hors de l'ordre de FHIR ({path})", "element out of FHIR's order ({path})"),
    "value": ("valeur illisible dans son type ({path})", "value that cannot be read in its type ({path})"),
    "number": ("un nombre n'a pas de valeur décimale ({path})", "a number has no decimal value ({path})"),
    "character": (
        "caractère qu'aucun document ne peut contenir ({path})",
        "character that no document may hold ({path})",
    ),
    "duplicate-key": ("un nom est répété dans un objet JSON", "a name is repeated in a JSON object"),
}


def said(key: str, language: Language, **values: object) -> str:
    """The text of that key in that language."""
    french, english = TEXTS[key]
    return (french if language is Language.FR else english).format(**values)


def reason(code: str, path: str, language: Language) -> str:
    """Why an input is refused."""
    french, english = REASONS[code]
    return f"{(french if language is Language.FR else english).format(path=path)} [{code}]"
