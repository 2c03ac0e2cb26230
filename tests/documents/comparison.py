"""What documents say, compared: whatever their keys and the order of their entries."""

from collections import Counter
from collections.abc import Iterator

from lxml import etree

from mappings.csd.contexts import local_name
from mappings.csd.namespaces import CSD
from mappings.csd.xml import parse
from mappings.nomenclatures.systems import system_id
from mappings.nomenclatures.tables import display
from tests.documents.builder import VALUES_AS_KEYS


def canonical(document: etree._Element) -> str:
    """The whole document, freed of what means nothing: equal texts say the same."""
    return etree.tostring(bare(document), method="c14n").decode()


def bare(document: etree._Element) -> etree._Element:
    """The document freed of what means nothing: keys, the order of entries, extensions that hold nothing."""
    root = parse(etree.tostring(document))
    for element in [found for found in root.iter(f"{{{CSD}}}extension") if len(found) == 0]:
        element.getparent().remove(element)
    names = {entry.get("entityID", ""): identity(entry) for directory in root for entry in directory}
    for element in root.iter():
        key = element.get("entityID")
        if key is not None and local_name(element) not in VALUES_AS_KEYS:
            element.set("entityID", names.get(key, f"dangling {key}"))
    for directory in root:
        directory[:] = sorted(directory, key=lambda entry: (entry.get("entityID", ""), etree.tostring(entry)))
    etree.indent(root)
    return root


def identity(entry: etree._Element) -> str:
    """What names an object whatever the document: its first identifier, its code for an activity or an equipment."""
    if local_name(entry) in {"service", "device"}:
        return f"{local_name(entry)} {entry.find(f'{{{CSD}}}codedType').get('code')}"
    return str(entry.find(f"{{{CSD}}}otherID").get("code"))


Leaf = tuple[str, str, str]


def labelled(element: etree._Element) -> bool:
    """Whether the text is the label that the nomenclature gives to the code: it says nothing of its own."""
    system, code = system_id(element.get("codingScheme", "")), element.get("code", "")
    return bool(code) and element.text is not None and element.text == display(system, code)


def leaves(document: etree._Element) -> Counter[Leaf]:
    """Every value of a document: of which object, where in it, what."""
    return Counter(values(document))


def sequences(document: etree._Element) -> dict[tuple[str, str], list[str]]:
    """The values of each place of each object, in the order in which they stand."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, path, value in values(document):
        found.setdefault((name, path), []).append(value)
    return found


def values(document: etree._Element) -> Iterator[Leaf]:
    """Every value, in the order of the document."""
    for directory in bare(document):
        for entry in directory:
            for element in entry.iter():
                path = way(element, directory)
                text = "" if labelled(element) else (element.text or "").strip()
                if text:
                    yield identity(entry), path, text
                for name, value in element.items() if local_name(element) != "extension" else ():
                    yield identity(entry), f"{path}@{name}", value


def empty(document: etree._Element) -> frozenset[tuple[str, str]]:
    """The places, by object, where an element stands that says nothing."""
    return frozenset(
        (identity(entry), way(element, directory))
        for directory in bare(document)
        for entry in directory
        for element in entry.iter()
        if len(element) == 0 and not element.attrib and not (element.text or "").strip()
    )


def way(element: etree._Element, directory: etree._Element) -> str:
    """Where an element stands in its entry, by names."""
    steps = [local_name(element), *(local_name(above) for above in element.iterancestors())]
    return "/".join(reversed(steps[: steps.index(local_name(directory)) - 1]))
