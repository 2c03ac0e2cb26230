"""A notification announces the number of establishments it lists, each once (contract section 8)."""

from conformance.checks.answers import everything_changed
from conformance.checks.check import Check, Finding
from conformance.dialogue import Dialogue
from conformance.text import Text
from conformance.verdict import Verdict


async def run(dialogue: Dialogue) -> Finding:
    """Asks for everything that changed for a very long time, and counts."""
    notified = await everything_changed(dialogue)
    listed = len(notified.establishments)
    if notified.announced is None:
        return Finding(Verdict.SKIP, Text("aucun nombre annoncé", "no number announced"))
    if notified.announced != listed:
        return Finding(
            Verdict.FAIL,
            Text(
                f"{notified.announced} annoncé(s), {listed} listé(s)",
                f"{notified.announced} announced, {listed} listed",
            ),
        )
    if len({one.finess for one in notified.establishments}) != listed:
        return Finding(Verdict.FAIL, Text("un établissement est listé deux fois", "an establishment is listed twice"))
    return Finding(Verdict.PASS, Text(f"{listed} établissement(s)", f"{listed} establishment(s)"))


CHECK = Check(
    identifier="notification-count",
    requirements=("TR-Notif-ListeEtablissementMajApresDate",),
    description=Text(
        "La notification annonce le nombre d'établissements qu'elle liste, chacun une fois.",
        "The notification announces the number of establishments it lists, each once.",
    ),
    expectation=Text(
        "result égale le nombre d'etablissementReponseNotif, sans doublon.",
        "result equals the number of etablissementReponseNotif, without duplicates.",
    ),
    run=run,
)
