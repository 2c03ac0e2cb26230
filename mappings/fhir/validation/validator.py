"""Resources against R4 and the national profiles 0.7.0 (FHIR digest, sections 7 to 9 and 14).

The rules are compiled once from the published table. Whether and when to validate is the caller's decision: national
data break some of these rules, so what comes in should be warned about and only what goes out held to them.
"""

from collections import Counter
from datetime import date

from mappings.fhir.shape import Json
from mappings.fhir.validation.acceptance import accepts
from mappings.fhir.validation.elements import sound_part
from mappings.fhir.validation.finding import Examination, Finding, Report
from mappings.fhir.validation.profiles import VALIDATED, profile_check


def validate(resource: Json, *, at: date = date.max) -> tuple[Finding, ...]:
    """Every rule the resource breaks, in the order of the paths; `at` is the day of the value sets."""
    return _report(resource, at).ordered()


def examine(resource: Json, *, at: date = date.max) -> Examination:
    """The rules the resource breaks, and how many codes no value set is held for."""
    report = _report(resource, at)
    return Examination(report.ordered(), dict(Counter(report.unverifiable)))


def _report(resource: Json, at: date) -> Report:
    report = Report()
    name = resource.get("resourceType")
    if not isinstance(name, str) or name not in VALIDATED:
        report.add("resourceType", "r4/unknown-type", name)
        return report
    accepted = accepts(resource)
    sound = resource if accepted else sound_part(resource, report)
    profile_check(name, at)(sound, report)
    if accepted and report.suspect:
        # An extension that is more than an address and a value: the walk says whether that is a fault.
        sound_part(resource, report)
    return report
