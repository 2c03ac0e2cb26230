"""Logical ids of FHIR resources: national keys, readable and reversible (`84/UE-0001` is `84.UE-0001`)."""

import hashlib
import re
from functools import lru_cache

LONGEST = 64
LEGAL_ENTITY = "/EJ"
"""What the key of an EJ ends with in an id: an EG may have the idNat_Struct of its EJ (decision 0025)."""

_LONGEST_REGION = 3

_PLAIN = re.compile(r"[A-Za-z0-9-]+(?:/[A-Za-z0-9-]+)*\Z")
_SAFE = re.compile(r"[A-Za-z0-9-]")
_PIECE = re.compile(r"\.\.([0-9a-f]{2})|(\.)|([A-Za-z0-9-]+)")
_HASH_MARK = "."
_HASH = re.compile(rf"[0-9a-f]{{40}}{re.escape(_HASH_MARK)}\Z")


@lru_cache(maxsize=8192)
def fhir_id(cle: str) -> str:
    """The id of the resource that carries the object of that key.

    A slash becomes a point, any other character outside `[A-Za-z0-9-]` two points and the hexadecimal of its UTF-8
    bytes. A slash that no such letter follows is written in the long form too, so that the id reads back in one way
    only. A key too long for FHIR becomes a hash, which does not read back.
    """
    if len(cle) <= LONGEST and _PLAIN.match(cle):
        return cle.replace("/", ".")
    text = "".join(_piece(cle, place) for place in range(len(cle)))
    if text and len(text) <= LONGEST:
        return text
    return hashlib.sha256(cle.encode("utf-8", "surrogatepass")).hexdigest()[:40] + _HASH_MARK


def _piece(cle: str, place: int) -> str:
    character = cle[place]
    if _SAFE.match(character):
        return character
    if character == "/" and _SAFE.match(cle[place + 1 : place + 2]):
        return "."
    return "".join(f"..{byte:02x}" for byte in character.encode("utf-8", "surrogatepass"))


def key_of(identifier: str) -> str | None:
    """The key an id was made from; None for a hash and for what `fhir_id` never writes."""
    pieces = []
    place = 0
    while place < len(identifier):
        piece = _PIECE.match(identifier, place)
        if piece is None:
            return None
        escaped, slash, text = piece.groups()
        pieces.append(bytes.fromhex(escaped) if escaped else b"/" if slash else text.encode())
        place = piece.end()
    try:
        cle = b"".join(pieces).decode("utf-8")
    except UnicodeDecodeError:
        return None
    return cle if cle and fhir_id(cle) == identifier else None


def legal_entity_id(cle: str) -> str:
    """The id of the Organization of an EJ."""
    return fhir_id(cle + LEGAL_ENTITY)


def organisation_key(identifier: str) -> str | None:
    """The key of the EJ, EG or internal organisation of that id; None when it does not read back.

    A region and a slash make an identifiantOI: only what no region is long enough to be is an EJ.
    """
    cle = key_of(identifier)
    structure = (cle or "").removesuffix(LEGAL_ENTITY)
    return structure if structure != cle and "/" not in structure and len(structure) > _LONGEST_REGION else cle


def key_of_resource(reference: str) -> str:
    """The key of the object of a resource that is written here, by its relative reference; that itself for a hash."""
    kind, _, identifier = reference.partition("/")
    return (organisation_key(identifier) if kind == "Organization" else key_of(identifier)) or reference


def ids_of(resource_type: str, cle: str) -> tuple[str, ...]:
    """The ids that resources of a type may have for a key: an EJ and an EG may share theirs."""
    of_key = fhir_id(cle)
    return (of_key, legal_entity_id(cle)) if resource_type == "Organization" else (of_key,)


def is_hash(identifier: str) -> bool:
    """Whether an id is the hash of a key: only who holds the object knows the key."""
    return _HASH.match(identifier) is not None


def situation_key(professionnel: str, offre: str) -> str:
    """The key of the situation of one professional in one offer: a PractitionerRole."""
    return f"{professionnel}/{offre}"


def split_situation(cle: str) -> tuple[str, str] | None:
    """The professional and the offer of a situation key (an idNat_PS holds no slash)."""
    professionnel, _, offre = cle.partition("/")
    return (professionnel, offre) if professionnel and offre else None
