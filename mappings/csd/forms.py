"""The forms of the small messages: what each element may have, and what stands there beside it.

Documents are read by their tables (`shapes`), which keep what they do not know. The requests, the notification and the
search of 2016 have no such place: a request that says more than its form is refused, since what is not understood may
narrow what is asked; an answer that says more is told (decision 0045).
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum

import msgspec
from lxml import etree

from mappings.csd.strays import NONE, has_text

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
# What any schema admits on any element, and that says nothing of its content. `xsi:nil` is not among them.
OF_SCHEMAS = frozenset({f"{_XSI}type", f"{_XSI}schemaLocation", f"{_XSI}noNamespaceSchemaLocation"})
# What describes a code and changes nothing of it (contract section 16).
OF_DESCRIBED_CODE = frozenset(
    {
        "code",
        "displayName",
        "language",
        "codingScheme",
        "codingSchemeName",
        "codingSchemeVersion",
        "codingSchemeURI",
        "managingAuthorityId",
        "managingAuthorityName",
    }
)


class Stray(StrEnum):
    """What an element has beside its form. `repeated` is an element of the form that stands there once too often."""

    ATTRIBUTE = "attribute"
    TEXT = "text"
    ELEMENT = "element"
    REPEATED = "repeated"


class Form(msgspec.Struct, frozen=True):
    """What an element may have. `once` names the children of which one only is read; None stands for the form of a
    child that its own reader holds against the contract.
    """

    children: Mapping[str, "Form | None"] = {}
    once: frozenset[str] = NONE
    attributes: frozenset[str] = NONE
    text: bool = False


TEXT = Form(text=True)
CODE = Form(attributes=OF_DESCRIBED_CODE, text=True)


def strays(
    element: etree._Element, form: Form, namespace: str | None = None, *, borne: frozenset[str] = NONE
) -> Iterator[tuple[Stray, etree._Element]]:
    """Every stray of an element and of those below it, where it stands: an attribute or a text at its element.

    `namespace` is that of the children; without one, any will do. `borne` are attributes that any element may have.
    """
    if not (form.attributes | borne).issuperset(element.keys()):
        yield Stray.ATTRIBUTE, element
    if not form.text and has_text(element):
        yield Stray.TEXT, element
    seen = set[str]()
    for child in element:
        name = etree.QName(child)
        if name.localname not in form.children or (namespace is not None and name.namespace != namespace):
            yield Stray.ELEMENT, child
        elif name.localname in form.once and name.localname in seen:
            yield Stray.REPEATED, child
        else:
            below = form.children[name.localname]
            if below is not None:
                yield from strays(child, below, namespace, borne=borne)
        seen.add(name.localname)


class BadRequest(Exception):
    """A request of the contract that cannot be served as written.

    `code` is one of missing-element, repeated-element, unexpected-element, unexpected-attribute, unexpected-text,
    missing-identifier, bad-identifier, bad-date, bad-code, bad-boolean, bad-number, criterion-not-served; `place` the
    name of the element.
    """

    def __init__(self, code: str, place: str) -> None:
        super().__init__(f"{code}: {place}")
        self.code = code
        self.place = place


_REFUSALS = {
    Stray.ATTRIBUTE: "unexpected-attribute",
    Stray.TEXT: "unexpected-text",
    Stray.ELEMENT: "unexpected-element",
    Stray.REPEATED: "repeated-element",
}


def refuse_strays(element: etree._Element, form: Form, namespace: str | None = None) -> None:
    """Raise `BadRequest` for the first stray of a request."""
    for stray, place in strays(element, form, namespace, borne=OF_SCHEMAS):
        raise BadRequest(_REFUSALS[stray], etree.QName(place).localname)
