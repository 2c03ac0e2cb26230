"""What the demo says, in French and in English."""

from gateway.messages import Language

WORDS: dict[str, tuple[str, str]] = {
    "starting": (
        "Démarrage de la fédération de référence : 17 bases régionales et le ROR national, certificats neufs…",
        "Starting the reference federation: 17 regional bases and the national ROR, fresh certificates…",
    ),
    "filling": (
        "Premier remplissage de la réplique, par notification puis lecture de chaque établissement…",
        "First filling of the replica, by notification then reading of each establishment…",
    ),
    "filled": (
        "Réplique prête en {seconds:.1f} s : {establishments} établissements, {offers} offres.",
        "Replica ready in {seconds:.1f} s: {establishments} establishments, {offers} offers.",
    ),
    "reading": (
        "1. {caller} (contrat {caller_version}) lit l'établissement {establishment} "
        "de {owner} (contrat {owner_version})",
        "1. {caller} (contract {caller_version}) reads establishment {establishment} "
        "of {owner} (contract {owner_version})",
    ),
    "reading_answer": (
        "Réponse HTTP {status}, valide contre le schéma {version} : {name}, {units} unités élémentaires.",
        "HTTP {status} answer, valid against schema {version}: {name}, {units} elementary units.",
    ),
    "search_2016": (
        "2. {caller} cherche dans la fédération (recherche de 2016) : activités 172, 233, 241, prise en charge 28, "
        "départements 69 et 13",
        "2. {caller} searches the federation (search of 2016): activities 172, 233, 241, care mode 28, "
        "departments 69 and 13",
    ),
    "search_2016_answer": (
        "Réponse HTTP {status} : {units} unités dans {establishments} établissements.",
        "HTTP {status} answer: {units} units in {establishments} establishments.",
    ),
    "faults": (
        "3. Panne en {dead} (plus de serveur) et lenteur en {slow}, puis une recherche FHIR nationale sur toutes les "
        "régions : mêmes activités et prise en charge, tout le jeu d'inclusions",
        "3. {dead} goes down, {slow} becomes slow, then a national FHIR search over all regions: same activities "
        "and care mode, the full include set",
    ),
    "token": (
        "Jeton obtenu par certificat (client {client}, profil d'accès {profile}).",
        "Token obtained by certificate (client {client}, access profile {profile}).",
    ),
    "bundle": (
        "Réponse HTTP {status} en {seconds:.1f} s, {total} offres en tout ; la page porte {contents}.",
        "HTTP {status} answer in {seconds:.1f} s, {total} offers in all; the page holds {contents}.",
    ),
    "department": (
        "4. La même recherche, dans le département {department}",
        "4. The same search, in department {department}",
    ),
    "healed": ("Les deux régions répondent à nouveau.", "Both regions answer again."),
    "table_member": ("région", "region"),
    "table_status": ("état", "status"),
    "table_source": ("source", "source"),
    "table_age": ("âge", "age"),
    "table_objects": ("objets", "objects"),
    "table_losses": ("pertes", "losses"),
    "table_elapsed": ("durée", "elapsed"),
    "unexpected": ("INATTENDU : {fact}", "UNEXPECTED: {fact}"),
    "ok": ("demo: OK", "demo: OK"),
    "serving": (
        "La fédération tourne. Adresses et certificats : {file}. Ctrl-C pour arrêter.",
        "The federation is running. Addresses and certificates: {file}. Ctrl-C to stop.",
    ),
}

STATUSES: dict[str, tuple[str, str]] = {
    "answered": ("a répondu", "answered"),
    "empty": ("rien à ces critères", "empty"),
    "truncated": ("réponse tronquée", "truncated"),
    "not_asked": ("pas interrogée", "not asked"),
    "refused": ("a refusé", "refused"),
    "timed_out": ("délai dépassé", "timed out"),
    "unreachable": ("injoignable", "unreachable"),
    "invalid_answer": ("réponse invalide", "invalid answer"),
}

REASONS: dict[str, tuple[str, str]] = {
    "territory": ("hors territoire", "territory"),
    "cutover": ("basculée", "cutover"),
    "right": ("droit", "right"),
    "maintenance": ("maintenance", "maintenance"),
    "criteria": ("critères", "criteria"),
}

SOURCES: dict[str, tuple[str, str]] = {
    "live": ("direct", "live"),
    "replica": ("réplique", "replica"),
    "national": ("national", "national"),
}


def say(words: tuple[str, str], language: Language, **values: object) -> str:
    """The sentence in that language, its values filled in."""
    return words[0 if language is Language.FR else 1].format(**values)
