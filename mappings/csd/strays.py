"""What stands where the contract has no place for it: attributes, text, elements inside a value.

An element without a place is kept beside its object (`additions`). What cannot be kept is told here: attributes that
the contract does not give to the element (`xsi:nil` is one), text between elements, elements inside a value.
"""

from typing import TypeGuard

from lxml import etree

from mappings.csd.contexts import Reading, local_name
from mappings.csd.version import Version
from mappings.loss import Ledger, LossKind, Severity

NONE: frozenset[str] = frozenset()
OF_CODE = frozenset({"code", "codingScheme"})
OF_EXTENSION = frozenset({"type", "urn"})
OF_IDENTIFIER = frozenset({"code", "assigningAuthorityName"})
OF_REFERENCE = frozenset({"entityID"})


def said(text: str | None) -> TypeGuard[str]:
    """Whether there is more than blanks, which only lay a document out."""
    return text is not None and not text.isspace() and text != ""


def has_text(element: etree._Element) -> bool:
    """Whether text stands where only elements belong: before, between or after the children."""
    if element.text is not None and said(element.text):
        return True
    return any(child.tail is not None and said(child.tail) for child in element)


def note_attributes(
    element: etree._Element,
    known: frozenset[str],
    reading: Reading,
    rule: str,
    severity: Severity = Severity.WARNING,
) -> None:
    """Tell the attributes that the contract does not give to an element."""
    names = element.keys()
    if names and not known.issuperset(names):
        reading.note(LossKind.DROPPED, element, rule, value_kind="attribute", severity=severity)


def note_children(element: etree._Element, reading: Reading) -> None:
    """Tell the elements inside one that holds a value and no element."""
    if len(element) > 0:
        reading.note(LossKind.DROPPED, element, "value.children", value_kind="fragment", severity=Severity.ERROR)


def note_around(element: etree._Element, known: frozenset[str], reading: Reading) -> None:
    """Tell what an element that only holds others has beside them."""
    note_attributes(element, known, reading, "element.attributes")
    if has_text(element):
        note_text(element, reading)


def note_text(element: etree._Element, reading: Reading) -> None:
    """Tell a text where none belongs."""
    reading.note(LossKind.DROPPED, element, "element.text", value_kind="text", severity=Severity.ERROR)


def note_inside(element: etree._Element, known: frozenset[str], reading: Reading) -> None:
    """Tell what an element that says all in its attributes has beside them."""
    names, text = element.keys(), element.text
    if names and not known.issuperset(names):
        note_attributes(element, known, reading, "element.attributes")
    if len(element) > 0:
        note_children(element, reading)
    if text is not None and said(text):
        note_text(element, reading)


def note_frame(
    element: etree._Element, version: Version, ledger: Ledger, *, spoken: bool, known: frozenset[str] = NONE
) -> None:
    """Tell what an element around the entries, of no object, has beside its elements; `spoken` when that is text."""

    def tell(rule: str, value_kind: str, severity: Severity) -> None:
        path, rule = local_name(element), f"csd-{version}.{rule}"
        ledger.note(LossKind.DROPPED, object="", path=path, rule=rule, value_kind=value_kind, severity=severity)

    names = element.keys()
    if names and not known.issuperset(names):
        tell("document.attributes", "attribute", Severity.INFORMATION)
    if spoken:
        tell("document.text", "text", Severity.ERROR)
