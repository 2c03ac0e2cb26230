"""What stands where a contract has no place for it, planted at an element."""

from collections.abc import Callable, Iterator
from copy import deepcopy

from lxml import etree

from mappings.csd.namespaces import XSI, csd
from mappings.csd.xml import parse

Plant = Callable[[etree._Element], None]


def attribute(element: etree._Element) -> None:
    element.set("stray", "x")


def nil(element: etree._Element) -> None:
    element.set(f"{{{XSI}}}nil", "true")


def text(element: etree._Element) -> None:
    element.text = f"{element.text or ''} stray"


def tail(element: etree._Element) -> None:
    element.tail = " stray"


def child(element: etree._Element) -> None:
    etree.SubElement(element, "stray")


def last(element: etree._Element) -> None:
    etree.SubElement(element, csd("stray")).text = "x"


def again(element: etree._Element) -> None:
    element.addnext(deepcopy(element))


# The strangers; `again` plants nothing strange, it repeats.
PLANTS: dict[str, Plant] = {plant.__name__: plant for plant in (attribute, nil, text, tail, child, last)}


def planted(message: etree._Element, plant: Plant) -> Iterator[tuple[str, etree._Element]]:
    """The message as often as it has elements, the plant at each of them; nothing stands beside a root."""
    for rank, element in enumerate(message.iter()):
        if rank == 0 and plant in (tail, again):
            continue
        copy = parse(etree.tostring(message))
        plant(list(copy.iter())[rank])
        yield message.getroottree().getpath(element), copy
