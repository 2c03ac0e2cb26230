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
        "Vérifie la configuration et le document de fédération, et affiche les réglages en vigueur, secrets masqués.",
        "Checks the configuration and the federation document, and prints the settings in force, secrets masked.",
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
    "nomenclatures": (
        "Nomenclatures tenues : leurs publications, leurs codes, ce qui change de l'une à l'autre.",
        "Nomenclatures held: their releases, their codes, what changes from one to the next.",
    ),
    "nomenclatures_list": ("Les publications et les listes tenues.", "The releases and the lists held."),
    "nomenclatures_show": (
        "Une nomenclature, ou ce que vaut un de ses codes. Sortie 1 : inconnu ou invérifiable.",
        "A nomenclature, or what one of its codes is worth. Exit 1: unknown or unverifiable.",
    ),
    "nomenclatures_diff": (
        "Ce qui change d'une publication à une autre : codes, liaisons, et les offres touchées de fichiers ou de la "
        "réplique.",
        "What changes from one release to another: codes, bindings, and the offers touched in files or in the replica.",
    ),
    "nomenclatures_check": (
        "Juge chaque code de documents CSD, FHIR ou d'exposition. Sortie 1 : un code inconnu de sa table.",
        "Judges every code of CSD, FHIR or exposition documents. Exit 1: a code unknown to its table.",
    ),
    "nomenclatures_import": (
        "Prend une publication depuis ses fichiers (.tabs, SVS XML, FHIR, CSV avec index, zip). Sortie 1 : refusée, "
        "avec les raisons ; rien n'est écrit.",
        "Takes in a publication from its files (.tabs, SVS XML, FHIR, CSV with index, zip). Exit 1: refused, with the "
        "reasons; nothing is written.",
    ),
    "nomenclatures_directory_option": (
        "Dossier de publications ajoutées (réglage nomenclatures.directory).",
        "Directory of added releases (setting nomenclatures.directory).",
    ),
    "nomenclatures_system_argument": (
        "Numéro (R211), OID ou adresse.",
        "Number (R211), OID or address.",
    ),
    "nomenclatures_code_argument": ("Code.", "Code."),
    "nomenclatures_at_option": ("Jour de jugement, AAAA-MM-JJ ; aujourd'hui.", "Day of judgement, YYYY-MM-DD; today."),
    "nomenclatures_release_argument": ("Publication, AAAA-MM.", "Release, YYYY-MM."),
    "nomenclatures_offers_option": (
        "Document CSD, FHIR (JSON, XML) ou d'exposition (JSON) dont dire les offres touchées ; répétable.",
        "CSD, FHIR (JSON, XML) or exposition (JSON) document whose touched offers to tell; may be repeated.",
    ),
    "nomenclatures_replica_option": (
        "Réplique dont dire les offres touchées, adresse SQLAlchemy.",
        "Replica whose touched offers to tell, SQLAlchemy address.",
    ),
    "nomenclatures_contract_option": (
        "Version du contrat des documents CSD.",
        "Version of the contract of CSD documents.",
    ),
    "nomenclatures_files_argument": ("Fichiers.", "Files."),
    "nomenclatures_to_option": (
        "Dossier où écrire la publication ; par défaut celui du dépôt.",
        "Directory to write the release in; by default that of the checkout.",
    ),
    "nomenclatures_to_needed": ("Hors d'un dépôt, --to est requis.", "Outside a checkout, --to is needed."),
    "nomenclatures_unknown_release": (
        "Publication inconnue : {value}. Tenues : {known}.",
        "Unknown release: {value}. Held: {known}.",
    ),
    "bad_date": ("AAAA-MM-JJ attendu, reçu : {value}", "YYYY-MM-DD expected, got: {value}"),
    "nomenclatures_bad_contract": (
        "Version inconnue : {value} ; attendu {known}.",
        "Unknown version: {value}; expected {known}.",
    ),
    "no_directory": ("Dossier introuvable : {value}", "No such directory: {value}"),
    "release_refused": ("Publication non valide : {value}", "Invalid release: {value}"),
    "nomenclatures_not_held": (
        "{value} : table non tenue, ses codes sont invérifiables.",
        "{value}: table not held, its codes are unverifiable.",
    ),
    "nomenclatures_not_held_then": (
        "{value} : aucune version tenue n'est en vigueur le {day} (la plus ancienne : {since}).",
        "{value}: no version held is in force on {day} (the oldest: {since}).",
    ),
    "nomenclatures_value_set": (
        "{value} est un jeu de valeurs : un code se demande à sa table ({tables}).",
        "{value} is a value set: a code is asked of its table ({tables}).",
    ),
    "nomenclatures_document_refused": ("{file} : document refusé ({cause})", "{file}: document refused ({cause})"),
    "nomenclatures_unread": (
        "{file} : {number} éléments non lus dans la version {contract}.",
        "{file}: {number} elements not read in version {contract}.",
    ),
    "nomenclatures_accepted_option": (
        "Remplacements acceptés, CSV (réglage nomenclatures.accepted).",
        "Accepted replacements, CSV (setting nomenclatures.accepted).",
    ),
    "acceptances_refused": (
        "{file} : acceptations refusées ({cause})",
        "{file}: acceptances refused ({cause})",
    ),
    "extraction": (
        "Les archives d'extraction, par version, membre et profil.",
        "The archives of extraction, by version, member and profile.",
    ),
    "extraction_list": ("Les archives en service.", "The archives in force."),
    "extraction_list_total": ("Archives : {number}", "Archives: {number}"),
    "extraction_produce": (
        "Produit les archives maintenant, à côté du service. Sortie 1 si un membre garde les siennes, 3 si une autre "
        "production est en cours.",
        "Produces the archives now, beside the service. Exit code 1 if a member keeps its own, 3 if another production "
        "is at work.",
    ),
    "extraction_due_option": (
        "Seulement celles plus vieilles que leur période (extraction.period).",
        "Only those older than their period (extraction.period).",
    ),
    "extraction_produced": (
        "{target} : {archives} archives, {offers} offres, {losses} pertes, {bytes} octets",
        "{target}: {archives} archives, {offers} offers, {losses} losses, {bytes} bytes",
    ),
    "extraction_kept": ("{target} : archives gardées ({cause})", "{target}: archives kept ({cause})"),
    "extraction_busy": ("Une autre production est en cours.", "Another production is at work."),
    "replica": ("Ce que les copies des membres montrent.", "What the copies of the members show."),
    "replica_findings": (
        "Les règles du contrat que les lectures des membres enfreignent (docs/rules.md).",
        "The rules of the contract that the readings of the members break (docs/rules.md).",
    ),
    "replica_member_option": ("Code d'un membre.", "Code of a member."),
    "replica_rule_option": (
        "Identifiant d'une règle, par exemple RG_EXP_034.",
        "Id of a rule, RG_EXP_034 for instance.",
    ),
    "replica_unknown_rule": ("Règle inconnue : {value}", "Unknown rule: {value}"),
    "replica_findings_total": ("Constats : {number}", "Findings: {number}"),
    "nomenclatures_replica_unreadable": ("Réplique illisible : {cause}", "Unreadable replica: {cause}"),
    "nomenclatures_exists": ("La publication {value} est déjà tenue.", "Release {value} is already held."),
    "nomenclatures_not_written": ("Écriture impossible : {cause}", "Cannot write: {cause}"),
    "nomenclatures_written": ("{number} listes écrites dans {folder}.", "{number} lists written in {folder}."),
    "nomenclatures_same_release": (
        "{before} et {after} : aucun changement.",
        "{before} and {after}: no change.",
    ),
    "import_format": ("format inconnu {detail}", "unknown format {detail}"),
    "import_unreadable": ("fichier illisible {detail}", "unreadable file {detail}"),
    "import_index": ("CSV sans {detail} qui le décrive", "CSV without {detail} to describe it"),
    "import_first-line": ("première ligne attendue : {detail}", "first line expected: {detail}"),
    "import_archive": ("archive illisible : {detail}", "unreadable archive: {detail}"),
    "import_encrypted": ("archive chiffrée", "encrypted archive"),
    "import_cells": (
        "ligne {detail} : le nombre de cellules n'est pas celui des colonnes",
        "line {detail}: as many cells as columns expected",
    ),
    "import_count": ("nombre de codes, trouvé / annoncé : {detail}", "number of codes, found / announced: {detail}"),
    "import_part": ("partie d'une table seulement : {detail}", "only a part of a table: {detail}"),
    "import_by-rule": (
        "jeu de valeurs défini par règle ({detail}), non énuméré",
        "value set defined by rule ({detail}), not by a list",
    ),
    "import_ignored": (
        "à noter, fichier de l'archive ignoré : {detail}",
        "note, file of the archive ignored: {detail}",
    ),
    "import_columns": ("colonnes manquantes : {detail}", "missing columns: {detail}"),
    "import_value-set": ("un ValueSet attendu, trouvé {detail}", "one ValueSet expected, found {detail}"),
    "import_resource": (
        "CodeSystem ou ValueSet attendu, trouvé {detail}",
        "CodeSystem or ValueSet expected, found {detail}",
    ),
    "import_shape": ("ressource mal formée : {detail}", "malformed resource: {detail}"),
    "import_release-name": ("nom de publication {detail} : AAAA-MM attendu", "release name {detail}: YYYY-MM expected"),
    "import_list-twice": ("la liste {detail} est donnée deux fois", "list {detail} is given twice"),
    "import_no-list": ("aucune liste dans ces fichiers", "no list in these files"),
    "import_lines": ("lignes illisibles : {detail}", "unreadable lines: {detail}"),
    "import_text": (
        "texte trop long ou avec des caractères de commande : {detail}",
        "text too long or with control characters: {detail}",
    ),
    "import_after-release": (
        "à noter, version plus jeune que la publication : {detail}",
        "note, version younger than the release: {detail}",
    ),
    "import_name": ("nom de liste non reconnu : {detail}", "unrecognised list name: {detail}"),
    "import_no-code": ("aucun code dans {detail}", "no code in {detail}"),
    "import_version": ("version {detail} : aaaammjjhhmmss attendu", "version {detail}: yyyymmddhhmmss expected"),
    "import_oid": ("OID non valide : {detail}", "invalid OID: {detail}"),
    "import_oid-of-another": ("OID d'une autre liste : {detail}", "OID of another list: {detail}"),
    "import_other-oid": ("la liste a un autre OID : {detail}", "the list has another OID: {detail}"),
    "import_older": ("version plus ancienne que celle tenue : {detail}", "version older than the one held: {detail}"),
    "import_code-twice": ("code en double : {detail}", "duplicate code: {detail}"),
    "import_code-blank": ("code vide ou bordé de blancs : {detail}", "code empty or with blanks around: {detail}"),
    "import_no-label": ("code sans libellé : {detail}", "code without label: {detail}"),
    "import_unknown-system": ("table inconnue : {detail}", "unknown table: {detail}"),
    "import_date": ("date non valide : {detail}", "invalid date: {detail}"),
    "import_end-before-start": ("fin avant le début : {detail}", "end before the start: {detail}"),
    "import_zeros-lost": ("zéros de tête perdus : {detail}", "leading zeros lost: {detail}"),
    "import_renamed": ("à noter, liste renommée : {detail}", "note, list renamed: {detail}"),
    "import_gone": (
        "à noter, {detail} codes tenus sont absents ; ils restent, finis à cette version",
        "note, {detail} held codes are absent; they stay, ended at this version",
    ),
    "import_other-table": (
        "à noter, code d'une table que rien ne lie à cette liste : {detail}",
        "note, code of a table that nothing binds to this list: {detail}",
    ),
    "import_not-well-formed": ("document mal formé", "document not well formed"),
    "import_encoding": ("encodage refusé", "encoding refused"),
    "import_doctype": ("DOCTYPE refusé", "DOCTYPE refused"),
    "import_entity": ("entité refusée", "entity refused"),
    "import_too-deep": ("document trop profond", "document too deep"),
    "import_too-large": ("document trop grand", "document too large"),
    "import_duplicate-key": ("clé JSON en double", "duplicate JSON key"),
    "import_number": ("nombre JSON qu'aucun décimal ne dit", "JSON number that no decimal can say"),
    "import_not-an-object": ("objet JSON attendu", "JSON object expected"),
}


def said(key: str, language: Language, **values: object) -> str:
    """The text of that key in that language."""
    french, english = TEXTS[key]
    return (french if language is Language.FR else english).format(**values)
