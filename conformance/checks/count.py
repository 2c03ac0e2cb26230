"""`facilityNumber` equals the number of elementary units sent (RG_ALIM_019)."""

from conformance.checks.answers import SAMPLE, csd, everything_changed, read_document
from conformance.checks.check import Check, Finding
from conformance.dialogue import Dialogue
from conformance.text import Text
from conformance.verdict import Verdict
from conformance.xml import Element

ELEMENTARY = "4"
UNIT_LEVELS = "1.2.250.1.213.3.3.8"


async def run(dialogue: Dialogue) -> Finding:
    """Compares what is announced with what is sent, on a few establishments."""
    known = (await everything_changed(dialogue)).establishments[:SAMPLE]
    compared = 0
    for establishment in known:
        announced, document = await read_document(dialogue, establishment)
        if announced is None:
            continue
        sent = elementary_units(document)
        compared += 1
        if announced != sent:
            return Finding(
                Verdict.FAIL,
                Text(
                    f"établissement {establishment.code} : {announced} unité(s) annoncée(s), {sent} envoyée(s)",
                    f"establishment {establishment.code}: {announced} unit(s) announced, {sent} sent",
                ),
            )
    if not compared:
        return Finding(Verdict.SKIP, Text("aucun nombre annoncé", "no number announced"))
    return Finding(Verdict.PASS, Text(f"{compared} nombre(s) exact(s)", f"{compared} right number(s)"))


def elementary_units(document: Element) -> int:
    """How many units of the elementary level the document holds."""
    units = document.findall(f"{csd('facilityDirectory')}/{csd('facility')}")
    return sum(
        any(
            one.get("codingScheme", "").strip() == UNIT_LEVELS and one.get("code", "").strip() == ELEMENTARY
            for one in unit.findall(csd("codedType"))
        )
        for unit in units
    )


CHECK = Check(
    identifier="unit-count",
    requirements=("RG_ALIM_019",),
    description=Text(
        "facilityNumber est le nombre d'unités élémentaires envoyées.",
        "facilityNumber is the number of elementary units sent.",
    ),
    expectation=Text(
        "Le nombre annoncé égale celui des facility de niveau 4.",
        "The announced number equals that of the facility elements of level 4.",
    ),
    run=run,
)
