"""A reading gives the detail or the error, never both (RG_ALIM_023)."""

from conformance.checks.answers import READ, csd, unexpected
from conformance.checks.check import Check, Finding
from conformance.dialogue import Dialogue
from conformance.messages import Establishment
from conformance.text import Text
from conformance.verdict import Verdict

# A FINESS number of the test range: no directory holds it.
UNKNOWN = Establishment("11B9999999")


async def run(dialogue: Dialogue) -> Finding:
    """Reads an establishment that cannot exist."""
    reply = await dialogue.read(UNKNOWN)
    if reply.is_fault:
        remark = Text("refus par une erreur SOAP, hors contrat pour une lecture", "refused by a SOAP fault")
        return Finding(Verdict.PASS, Text("refus seul", "refusal alone"), (remark,))
    if reply.body.tag != READ:
        return Finding(Verdict.FAIL, unexpected(reply))
    errors, results = (reply.body.findall(csd(name)) for name in ("error", "result"))
    if len(errors) + len(results) != 1:
        found = f"{len(errors)} error, {len(results)} result"
        return Finding(Verdict.FAIL, Text(f"ni l'un ni l'autre seul : {found}", f"not one of the two: {found}"))
    if results and results[0].find(f".//{csd('facility')}") is not None:
        return Finding(
            Verdict.FAIL,
            Text("des unités pour un établissement inconnu", "units for an unknown establishment"),
        )
    return Finding(Verdict.PASS, Text("l'un des deux, seul", "one of the two, alone"))


CHECK = Check(
    identifier="error-xor-result",
    requirements=("RG_ALIM_023",),
    description=Text(
        "La lecture d'un établissement inconnu donne une erreur ou un résultat, jamais les deux.",
        "The reading of an unknown establishment gives an error or a result, never both.",
    ),
    expectation=Text("Un seul des éléments error et result.", "Exactly one of the elements error and result."),
    run=run,
)
