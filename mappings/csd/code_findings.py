"""What the ledger is told of a code read or written in CSD, at the place of its element: the judgement of the
nomenclatures (`mappings.nomenclatures.judgement`) as findings, as `mappings.fhir.codes` tells it of a resource.
"""

from lxml import etree

from mappings.csd.contexts import Reading, Writing, local_name
from mappings.exposition.values import Code
from mappings.loss import LossKind, Severity
from mappings.nomenclatures.bindings import element_of
from mappings.nomenclatures.judgement import OUTSIDE, judge


def note_read(element: etree._Element, code: Code, reading: Reading) -> None:
    """Note what is odd about a code read at an element."""
    parent = element.getparent()
    above = local_name(parent) if parent is not None else ""
    place = element_of(above, local_name(element), code.systeme)
    found = judge(place, code, reading.version, reading.at)
    if found is None:
        return
    for kind, rule, severity in found.findings():
        reading.note(kind, element, rule, value_kind="code", severity=severity)
    reading.ledger.unverifiable += found.unverifiable


def told_outside(name: str, code: Code, writing: Writing) -> bool:
    """Whether the value set of the element being written, on the day of the reader, is without a code: it is noted."""
    above = writing.path.rpartition("/")[2] or writing.entry
    found = judge(element_of(above, name, code.systeme), code, writing.version, writing.at)
    if found is None or not found.outside:
        return False
    writing.note_here(LossKind.INCONSISTENT, OUTSIDE, value_kind="code", severity=Severity.INFORMATION, below=name)
    return True
