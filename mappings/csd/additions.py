"""What a source says and the model has no place for: kept as fragments beside the object, put back at their place.

A fragment is put back only where the schema of the version accepts it: an element without namespace first in an
extension (contract section 4), or an element of the contract that the model leaves aside. All others are noted.
"""

from copy import deepcopy

from lxml import etree

from mappings.csd.content import accepts, content_of, contents
from mappings.csd.contexts import Reading, Writing, local_name
from mappings.csd.namespaces import CSD, csd
from mappings.csd.xml import parse
from mappings.exposition.values import Ajout
from mappings.loss import LossKind, Severity

FORMAT = "csd"
EXTENSION = "extension"


def additions(owner: etree._Element, mark: int, reading: Reading) -> tuple[Ajout, ...]:
    """The fragments found under `owner` since `mark`, each with the way from the owner to where it stood."""
    pending = reading.pending
    if len(pending) == mark:
        return ()
    found = tuple(Ajout(_way(owner, child), FORMAT, _text(child)) for child in pending[mark:])
    del pending[mark:]
    return found


def _text(element: etree._Element) -> str:
    """The fragment by itself: without the prefixes that it only inherits, which would give a namespace to its names."""
    alone = deepcopy(element)
    etree.cleanup_namespaces(alone)
    return etree.tostring(alone, encoding="unicode", with_tail=False)


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


def place(owner: etree._Element, ajouts: tuple[Ajout, ...], writing: Writing) -> None:
    """Put the fragments back under the element of their object; those that the version cannot carry are noted."""
    for ajout in ajouts:
        if ajout.format != FORMAT:
            writing.note_at(
                LossKind.DROPPED, owner, "addition.format", value_kind="fragment", severity=Severity.WARNING
            )
            continue
        fragment = parse(ajout.contenu.encode())
        target = _target(owner, ajout.chemin)
        if target is None:
            target = _opened(owner, ajout.chemin, writing)
        if target is None or not _insert(target, fragment, writing):
            writing.note_at(
                LossKind.DROPPED,
                owner,
                "addition.place",
                value_kind="fragment",
                severity=Severity.WARNING,
                below="/".join(filter(None, (ajout.chemin, local_name(fragment)))),
            )


def _target(owner: etree._Element, way: str) -> etree._Element | None:
    if not way:
        return owner
    return owner.find("/".join(f"{{{CSD}}}{step}" for step in way.split("/")))


def _opened(owner: etree._Element, way: str, writing: Writing) -> etree._Element | None:
    """The extension that only the fragment gives a reason to write."""
    above, _, last = way.rpartition("/")
    parent = _target(owner, above) if last == EXTENSION else None
    content = content_of(parent, writing.version) if parent is not None else None
    particle = content.particles.get(csd(EXTENSION)) if content is not None else None
    if parent is None or particle is None or contents(writing.version)[particle.type].demanding:
        return None
    extension = etree.Element(csd(EXTENSION), {"type": "ror", "urn": "urn:asip:ror"})
    return extension if _insert(parent, extension, writing) else None


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
