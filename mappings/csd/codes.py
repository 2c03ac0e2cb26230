"""Coded elements: a code, the OID of its nomenclature, a label (contract sections 4 and 13).

What sources get wrong in a known way is put right and noted; a code that its table does not hold is kept and noted.
"""

from itertools import count
from typing import NamedTuple

from lxml import etree

from mappings.csd.code_findings import note_read, told_outside
from mappings.csd.contexts import Reading, Writing
from mappings.csd.markup import ATTRIBUTE, CONTENT, Markup
from mappings.csd.scalars import TEXT
from mappings.csd.strays import OF_CODE, note_attributes, note_children
from mappings.exposition.values import Code
from mappings.loss import LossKind, Severity
from mappings.nomenclatures.spelling import normalise
from mappings.nomenclatures.systems import is_known, oid, system_id
from mappings.nomenclatures.tables import display, table

# The OIDs seen in the place of another (contract section 13), by the nomenclature that the element calls for.
WRONG_SYSTEMS = {
    "R201": frozenset({"1.2.250.1.213.2.3.2"}),
    "R230": frozenset({"R200"}),
    "R236": frozenset({"R246"}),
    "R265": frozenset({"R210"}),
    "R266": frozenset({"R210"}),
    "R66": frozenset({"R72"}),
    "R73": frozenset({"R72"}),
}
# A number for each place of a code, by all that its meaning depends on there: the nomenclatures that its element may
# take, the names of the element above and of its own.
_PLACES: dict[tuple[tuple[str, ...], str, str], int] = {}
_NUMBERS = count()
# What is longer is no code and label of a table, and is not remembered from one document to the next.
LONGEST = 500
_NOTHING = frozenset({"", "null"})


def interpret(
    expected: tuple[str, ...], scheme: str, code: str, label: str | None
) -> tuple[Code, LossKind | None, str]:
    """The code meant by three texts, what had to be done to it, and the rule that did it.

    Without a system a code means nothing: the one that the element calls for is supposed, if it calls for one only.
    """
    system = system_id(scheme)
    if not system:
        if len(expected) == 1:
            return Code(expected[0], code, label), LossKind.DEFAULTED, "code.system-empty"
        return Code("", code, label), LossKind.UNRESOLVED, "code.system-empty"
    if system not in expected:
        right = _right_system(expected, system, code)
        if right is not None:
            return Code(right, code, label), LossKind.REPAIRED, "code.system"
    value, respelt = normalise(Code(system, code, label))
    if respelt:
        return value, LossKind.REPAIRED, "code.padding"
    if not is_known(system):
        return Code(system, code, label), LossKind.UNRESOLVED, "code.system-unknown"
    return Code(system, code, label), None, ""


def _right_system(expected: tuple[str, ...], system: str, code: str) -> str | None:
    """The one nomenclature that a known wrong OID can stand for; None when two could, or none."""
    candidates = [name for name in expected if system in WRONG_SYSTEMS.get(name, ())]
    if len(expected) == 1:
        return candidates[0] if candidates else None
    concepts = table(system)
    if concepts is not None and code in concepts and system != "R210":
        return None
    holding = [name for name in candidates if code in (table(name) or ())]
    return holding[0] if len(holding) == 1 else None


class Unverifiable(NamedTuple):
    """A code remembered as one that nothing held can verify: to be counted each time."""

    code: Code


class Coded:
    """A coded element; `expected` are the nomenclatures it may take, the first being the one to write by default."""

    __slots__ = ("expected",)
    value_kind = "code"

    def __init__(self, *expected: str) -> None:
        self.expected = expected

    def place(self, above: str, name: str) -> int:
        """The number of the place of such an element, of that name in one of the other name."""
        return _PLACES.setdefault((self.expected, above, name), next(_NUMBERS))

    def read(self, element: etree._Element, reading: Reading) -> Code | None:
        """The code, None when the element carries none (an empty code, or the word null).

        One that nothing is told of is remembered: elements that hold the same share one value.
        """
        label = element.text
        above = element.getparent()
        place = self.place(str(above.tag) if above is not None else "", str(element.tag))
        key = (place, *element.items(), label)
        known: Code | Unverifiable | None = reading.codes.get(key) if len(element) == 0 else None
        if isinstance(known, Unverifiable):
            reading.ledger.unverifiable += 1
            return known.code
        if known is not None:
            return known
        ledger = reading.ledger
        told, unverifiable = len(ledger), ledger.unverifiable
        value = self._read(element, label, reading)
        if value is not None and len(ledger) == told and len(label or "") + len(value.code) <= LONGEST:
            reading.codes[key] = value if ledger.unverifiable == unverifiable else Unverifiable(value)
        return value

    def _read(self, element: etree._Element, label: str | None, reading: Reading) -> Code | None:
        code = (element.get("code") or "").strip()
        note_attributes(element, OF_CODE, reading, "code.attributes", Severity.INFORMATION)
        note_children(element, reading)
        if code in _NOTHING:
            if label and label.strip() not in _NOTHING:
                reading.note(LossKind.DROPPED, element, "code.label", value_kind="text", severity=Severity.INFORMATION)
            return None
        scheme = element.get("codingScheme") or ""
        value, problem, rule = interpret(self.expected, scheme, code, label if label and label.strip() else None)
        if problem is not None:
            severity = Severity.WARNING if problem is LossKind.UNRESOLVED else Severity.INFORMATION
            reading.note(problem, element, rule, value_kind="code", severity=severity)
        note_read(element, value, reading)
        return value

    def write(self, out: Markup, name: str, value: Code, writing: Writing) -> None:
        """Append the coded element; a value set of its place that does not hold the code is told."""
        key = (writing.path.rpartition("/")[2] or writing.entry, name, value)
        text = writing.codes.get(key)
        if text is None:
            text = _text(name, value)
            if not told_outside(name, value, writing) and len(text) <= LONGEST:
                writing.codes[key] = text
        out.append(text)

    @property
    def blank(self) -> Code:
        """The element with an empty code, for a place that the schema does not let empty."""
        return Code(self.expected[0] if self.expected else "", "")


def _text(name: str, code: Code) -> str:
    head = f'<csd:{name} code="{ATTRIBUTE[code.code]}" codingScheme="{ATTRIBUTE[oid(code.systeme)]}"'
    return f"{head}/>" if code.libelle is None else f"{head}>{CONTENT[code.libelle]}</csd:{name}>"


class TextualCode:
    """A code that versions up to 1.6 write as plain text (`honorific`, `surchargePriceName`)."""

    __slots__ = ("system",)
    value_kind = "code"
    blank = Code("", "")

    def __init__(self, system: str) -> None:
        self.system = system

    def read(self, element: etree._Element, reading: Reading) -> Code | None:
        """The code whose code or label is the text; a text that names none is kept as a label without code."""
        text = TEXT.read(element, reading)
        if text is None:
            return None
        wanted = text.strip().casefold()
        for concept in (table(self.system) or {}).values():
            if wanted in {concept.code.casefold(), concept.display.casefold()}:
                return Code(self.system, concept.code, text)
        reading.note(LossKind.UNRESOLVED, element, "code.text", value_kind="code")
        return Code(self.system, "", text)

    def write(self, out: Markup, name: str, value: Code, writing: Writing) -> None:
        """Append the text of the code: its label, that of the table, else the code itself."""
        text = value.libelle or display(value.systeme, value.code) or value.code
        out.append(f"<csd:{name}>{CONTENT[text]}</csd:{name}>")
