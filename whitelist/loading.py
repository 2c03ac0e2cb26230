"""Reads the federation document: all of it holds, or none of it is used (security facts 4.2: W2, W11, W13)."""

import json
from pathlib import Path
from typing import Any

import msgspec

from mappings.exposition.demandes import ProfilAcces, Transaction
from whitelist.document import CertificateUsage, FederationDocument, MemberState, MemberStatus
from whitelist.semantics import first_fault

MAXIMUM_SIZE = 5 * 1024 * 1024
MAXIMUM_DEPTH = 20
FORMAT_MAJOR = "1"

_MESSAGES = {
    "unreadable": ("fichier illisible", "the file cannot be read"),
    "too-large": ("plus de 5 Mio", "larger than 5 MiB"),
    "not-json": ("ce n'est pas du JSON en UTF-8", "not JSON in UTF-8"),
    "duplicate-key": ("une clé apparaît deux fois dans un objet", "a key appears twice in one object"),
    "too-deep": ("plus de 20 niveaux d'imbrication", "nested deeper than 20 levels"),
    "unknown-format": ("version majeure du format inconnue", "unknown major version of the format"),
    "wrong-shape": ("champ absent ou d'un autre type", "a field is missing or of another type"),
    "no-offset": ("instant sans décalage horaire", "an instant without offset"),
    "dates": ("la fin de validité précède l'émission", "it expires before it is issued"),
    "no-trust": ("aucune racine ou aucune autorité émettrice épinglée", "no root or no issuer is pinned"),
    "fingerprint": (
        "une empreinte SHA-256 s'écrit en 64 chiffres hexadécimaux minuscules",
        "a SHA-256 fingerprint is 64 lower-case hexadecimal digits",
    ),
    "duplicate-code": ("deux membres portent ce code", "two members have this code"),
    "member-code": ("un code de membre a deux chiffres", "a member code has two digits"),
    "duplicate-client": ("deux clients portent cet identifiant", "two clients have this identifier"),
    "region": ("région absente ou tenue par deux membres", "a region is missing or held by two members"),
    "certificate-shared": (
        "ce certificat est inscrit chez deux membres actifs",
        "this certificate is listed by two active members",
    ),
    "subject-shared": (
        "ce sujet complet est inscrit chez deux membres actifs",
        "this full subject is listed by two active members",
    ),
    "structure-shared": (
        "cette structure est celle de deux membres sans opérateur partagé déclaré",
        "this structure is that of two members without a declared shared operator",
    ),
    "subject": ("le sujet doit porter exactement une OU", "the subject must have exactly one OU"),
    "unknown-provider": ("ce droit vise un membre inconnu", "this right names an unknown member"),
    "endpoint-without-server": (
        "adresse sans certificat de serveur inscrit",
        "an address without a listed server certificate",
    ),
    "endpoint-not-https": ("une adresse commence par https://", "an address starts with https://"),
    "client-proof": (
        "un client a un secret (profil 0 seulement) ou des certificats, jamais les deux ni rien",
        "a client has a secret (profile 0 only) or certificates, never both nor neither",
    ),
    "nomenclatures": (
        "une publication des nomenclatures se nomme par son mois, AAAA-MM",
        "a publication of the nomenclatures is named by its month, YYYY-MM",
    ),
    "habit-to-come": (
        "une habitude se déclare une fois observée : sa date suit celle du document",
        "a habit is declared once observed: its date is after that of the document",
    ),
    "client-headers": ("les en-têtes Ror-* sont quatre, ou aucun", "the Ror-* headers are four, or none"),
}


class DocumentRefused(Exception):
    """The document is not used. `path` says where in it (`$.members[3].rights[0]`), the messages say why."""

    def __init__(self, code: str, path: str = "$", detail: str = "") -> None:
        self.code = code
        self.path = path
        self.detail = detail
        self.french, self.english = _MESSAGES[code]
        super().__init__(f"{code} @ {path}: {self.french} / {self.english}" + (f" ({detail})" if detail else ""))


class Reading(msgspec.Struct, frozen=True):
    """A document, and the places of the entries that say something this release does not know: they grant nothing."""

    document: FederationDocument
    inert: tuple[str, ...] = ()


def load(source: Path | bytes) -> FederationDocument:
    """The document in a file or in these bytes; raises `DocumentRefused`."""
    return read(source).document


def read(source: Path | bytes) -> Reading:
    """The document, with the places of its inert entries."""
    raw = _parsed(_bytes(source))
    if not isinstance(raw, dict) or str(raw.get("format", "")).partition(".")[0] != FORMAT_MAJOR:
        raise DocumentRefused("unknown-format", "$.format")
    inert = tuple(_without_unknown_values(raw))
    try:
        document = msgspec.convert(raw, FederationDocument)
    except msgspec.ValidationError as error:
        detail, _, path = str(error).partition(" - at `")
        raise DocumentRefused("wrong-shape", path.rstrip("`") or "$", detail) from error
    fault = first_fault(document)
    if fault is not None:
        raise DocumentRefused(fault.code, fault.path)
    return Reading(document, inert)


def _bytes(source: Path | bytes) -> bytes:
    if isinstance(source, bytes):
        data = source
    else:
        try:
            with source.open("rb") as file:
                data = file.read(MAXIMUM_SIZE + 1)
        except OSError as error:
            raise DocumentRefused("unreadable", detail=type(error).__name__) from error
    if len(data) > MAXIMUM_SIZE:
        raise DocumentRefused("too-large")
    return data


class _DuplicateKey(Exception):
    pass


def _parsed(data: bytes) -> Any:
    try:
        raw = json.loads(data.decode(), object_pairs_hook=_object, parse_constant=_refuse_constant)
    except _DuplicateKey as error:
        raise DocumentRefused("duplicate-key", detail=str(error)) from error
    except RecursionError as error:
        raise DocumentRefused("too-deep") from error
    except ValueError as error:
        raise DocumentRefused("not-json") from error
    _check_depth(raw)
    return raw


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for key, value in pairs:
        if key in read:
            raise _DuplicateKey(key[:60])
        read[key] = value
    return read


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _check_depth(raw: Any) -> None:
    level = [raw]
    for _ in range(MAXIMUM_DEPTH):
        level = [child for value in level for child in _children(value)]
        if not level:
            return
    raise DocumentRefused("too-deep")


def _children(value: Any) -> Any:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


_OPERATIONS = frozenset(Transaction)
_USAGES = frozenset(CertificateUsage)
_PROFILES = frozenset(ProfilAcces)
_STATES = frozenset(MemberState)
_STATUSES = frozenset(MemberStatus)


def _without_unknown_values(raw: dict[str, Any]) -> list[str]:
    """Takes out of the raw document the entries whose vocabulary is newer than this release (W11); where they were.

    A member in an unknown state or status stays known, suspended: what cannot be understood is not served.
    """
    inert: list[str] = []
    for place, member in _entries(raw, "members", "$"):
        inert += _drop(member, "rights", place, lambda right: right.get("operation", "") in _OPERATIONS)
        inert += _drop(member, "certificates", place, lambda one: one.get("usage", "") in _USAGES)
        for inner, right in _entries(member, "rights", place):
            inert += _drop_values(right, "profiles", inner, _PROFILES)
        if member.get("state") not in _STATES | {None} or member.get("status") not in _STATUSES | {None}:
            member |= {"state": MemberState.REGIONAL.value, "status": MemberStatus.SUSPENDED.value}
            inert.append(place)
    for place, client in _entries(raw, "clients", "$"):
        inert += _drop(client, "certificates", place, lambda one: one.get("usage", "") in _USAGES)
        inert += _drop_values(client, "operations", place, _OPERATIONS)
    return inert


def _entries(holder: dict[str, Any], name: str, place: str) -> list[tuple[str, dict[str, Any]]]:
    values = holder.get(name)
    if not isinstance(values, list):
        return []
    return [(f"{place}.{name}[{index}]", value) for index, value in enumerate(values) if isinstance(value, dict)]


def _drop(holder: dict[str, Any], name: str, place: str, known: Any) -> list[str]:
    unknown = [inner for inner, value in _entries(holder, name, place) if not known(value)]
    if unknown:
        holder[name] = [value for value in holder[name] if not isinstance(value, dict) or known(value)]
    return unknown


def _drop_values(holder: dict[str, Any], name: str, place: str, known: frozenset[Any]) -> list[str]:
    values = holder.get(name)
    if not isinstance(values, list):
        return []
    holder[name] = [value for value in values if not isinstance(value, str) or value in known]
    return [
        f"{place}.{name}[{index}]"
        for index, value in enumerate(values)
        if isinstance(value, str) and value not in known
    ]
