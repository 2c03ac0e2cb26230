"""What a source says and the model has no place for: kept as fragments beside the object, put back at their place.

A fragment is put back only where the schema of the version accepts it: an element without namespace first in an
extension (contract section 4), or an element of the contract that the model leaves aside. All others are noted.

Keys are good inside one document only: a reference inside a fragment is kept as the key of the object in the model, and
given the key of the new document when it is put back. One that cannot be kept leaves the fragment, and is noted.
"""

import re
from collections.abc import Iterator
from copy import deepcopy

from lxml import etree

from mappings.csd.content import accepts, content_of
from mappings.csd.contexts import Reading, Space, Writing, local_name
from mappings.csd.markup import DECLARED
from mappings.csd.namespaces import CSD, csd
from mappings.csd.strays import NONE, OF_EXTENSION, said
from mappings.csd.xml import parse, parse_own
from mappings.exposition.values import Ajout
from mappings.loss import LossKind

FORMAT = "csd"
EXTENSION = "extension"
KEPT_REFERENCE = "urn:ror:objet:"
# An opening tag, and whether its element ends at once by a tag of its own.
_OPENING = re.compile(r"<[^/][^>]*(?:(?<!/)>(</)|>)")
# Where an entityID is an identifier of its own (contract section 7.3).
OWN_IDENTIFIERS = frozenset({csd("identifier"), csd("externalidSynchronization")})


def additions(owner: etree._Element, mark: int, reading: Reading) -> tuple[Ajout, ...]:
    """The fragments found under `owner` since `mark`, each with the way from the owner to where it stood."""
    pending = reading.pending
    if len(pending) == mark:
        return ()
    found = tuple(
        Ajout(_way(owner, child), FORMAT, text)
        for child in pending[mark:]
        if (text := _text(child, reading)) is not None
    )
    del pending[mark:]
    return found


def _text(element: etree._Element, reading: Reading) -> str | None:
    """The fragment by itself: without the prefixes that it only inherits, which would give a namespace to its names.

    None when it is nothing but a reference that cannot be kept.
    """
    alone = deepcopy(element)
    for reference in list(_references(alone)):
        kept = _kept(reference.get("entityID", ""), reading)
        if kept is not None:
            reference.set("entityID", kept)
            continue
        reading.note(
            LossKind.DROPPED,
            element,
            "addition.reference",
            value_kind="reference",
            suffix="".join(f"/{local_name(step)}" for step in _between(alone, reference)),
        )
        above = reference.getparent()
        if above is None:
            return None
        above.remove(reference)
        if len(alone) == 0:
            return None
    etree.cleanup_namespaces(alone)
    return etree.tostring(alone, encoding="unicode", with_tail=False)


def _references(fragment: etree._Element) -> Iterator[etree._Element]:
    return (element for element in fragment.iter(f"{{{CSD}}}*") if _refers(element))


def _refers(element: etree._Element) -> bool:
    return element.get("entityID") is not None and element.tag not in OWN_IDENTIFIERS


def _between(fragment: etree._Element, inside: etree._Element) -> list[etree._Element]:
    """The elements on the way from a fragment, left out, to one inside it."""
    if inside is fragment:
        return []
    return [*[above for above in inside.iterancestors() if above is not fragment][::-1], inside]


def _kept(entity: str, reading: Reading) -> str | None:
    """The object that a key of the document names; None for those the model does not know by themselves."""
    for space in Space:
        key = reading.keys.get((space, entity))
        if key is not None:
            return f"{KEPT_REFERENCE}{space}:{key}"
    return None


def _way(owner: etree._Element, child: etree._Element) -> str:
    steps: list[str] = []
    here = child.getparent()
    while here is not None and here is not owner:
        name = local_name(here)
        rank = 1 + sum(1 for _ in here.itersiblings(here.tag, preceding=True))
        # Several extensions of one element are written as one.
        steps.append(name if rank == 1 or name == EXTENSION else f"{name}[{rank}]")
        here = here.getparent()
    return "/".join(reversed(steps))


def place(text: str, ajouts: tuple[Ajout, ...], writing: Writing) -> str:
    """The text of the element at hand with the fragments put back; those that the version cannot carry are noted."""
    ours = [(ajout, parse(ajout.contenu.encode())) for ajout in ajouts if ajout.format == FORMAT]
    for _ in range(len(ajouts) - len(ours)):
        writing.note_here(LossKind.DROPPED, "addition.format", value_kind="fragment")
    if not ours:
        return text
    owner = _standing(text, writing)
    # A fragment may only stand once another, which the schema wants, has been put back: they are tried twice.
    left = [found for found in ours if not _put(owner, *found, writing)]
    for ajout, fragment in left:
        if not _put(owner, ajout, fragment, writing) and _says_something(fragment):
            below = "/".join(filter(None, (ajout.chemin, local_name(fragment))))
            writing.note_here(LossKind.DROPPED, "addition.place", value_kind="fragment", below=below)
    return etree.tostring(owner, encoding="unicode", with_tail=False).replace(DECLARED, "", 1)


def _standing(text: str, writing: Writing) -> etree._Element:
    """The element of a text where it stands: what it may hold depends on the elements around it."""
    around = [f"{writing.entry}Directory", *([writing.entry, *writing.path.split("/")[:-1]] if writing.path else [])]
    first, *others = around
    opening = f"<csd:{first}{DECLARED}>" + "".join(f"<csd:{name}>" for name in others)
    closing = "".join(f"</csd:{name}>" for name in reversed(around))
    element = parse_own(f"{opening}{text}{closing}".encode())
    for _ in around:
        element = element[0]
    # A tree does not tell an empty text from none, which are written in two ways.
    for inside, tag in zip(element.iter(), _OPENING.finditer(text), strict=True):
        if tag[1]:
            inside.text = ""
    return element


def _says_something(fragment: etree._Element) -> bool:
    """Whether a fragment holds any value: the two attributes of an extension mean nothing."""
    return any(
        said(element.text)
        or not (OF_EXTENSION if local_name(element) == EXTENSION else NONE).issuperset(element.keys())
        for element in fragment.iter("*")
    )


def _put(owner: etree._Element, ajout: Ajout, fragment: etree._Element, writing: Writing) -> bool:
    if not _given_keys(fragment, writing):
        return False
    target = _target(owner, ajout.chemin)
    if target is None:
        return _open(owner, ajout.chemin, fragment, writing)
    return _insert(target, fragment, writing)


def _given_keys(fragment: etree._Element, writing: Writing) -> bool:
    """Whether every object that the fragment refers to is in the document; it then refers to them by their keys."""
    for reference in _references(fragment):
        kept = reference.get("entityID", "")
        if kept.startswith(KEPT_REFERENCE):
            space, _, key = kept.removeprefix(KEPT_REFERENCE).partition(":")
            entity = writing.entities.get((Space(space), key))
            if entity is None:
                return False
            reference.set("entityID", entity)
    return True


def _target(owner: etree._Element, way: str) -> etree._Element | None:
    if not way:
        return owner
    return owner.find("/".join(f"{{{CSD}}}{step}" for step in way.split("/")))


def _open(owner: etree._Element, way: str, fragment: etree._Element, writing: Writing) -> bool:
    """Whether the extension that only the fragment gives a reason to write could be written around it."""
    above, _, last = way.rpartition("/")
    parent = _target(owner, above) if last == EXTENSION else None
    content = content_of(parent, writing.version) if parent is not None else None
    particle = content.particles.get(csd(EXTENSION)) if content is not None else None
    if parent is None or particle is None:
        return False
    extension = etree.Element(csd(EXTENSION), {"type": "ror", "urn": "urn:asip:ror"})
    extension.append(fragment)
    return _insert(parent, extension, writing)


def _insert(target: etree._Element, fragment: etree._Element, writing: Writing) -> bool:
    content = content_of(target, writing.version)
    if content is None:
        return False
    if not str(fragment.tag).startswith("{"):
        if not content.open_first or (len(target) and not str(target[0].tag).startswith("{")):
            return False
        target.insert(0, fragment)
        return True
    particle = content.particles.get(str(fragment.tag))
    if particle is None or (particle.single and target.find(str(fragment.tag)) is not None):
        return False
    if not accepts(fragment, particle, writing.version):
        return False
    before = [
        index
        for index, child in enumerate(target)
        if content.particles.get(str(child.tag), particle).rank <= particle.rank
        or child.tag == fragment.tag
        or not str(child.tag).startswith("{")
    ]
    target.insert(before[-1] + 1 if before else 0, fragment)
    return True
