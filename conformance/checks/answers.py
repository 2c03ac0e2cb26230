"""How the checks look at answers: the establishments a target announces, the parts of a reading."""

from dataclasses import dataclass

from conformance.dialogue import Dialogue, Misbehaved, Reply
from conformance.messages import CSD, ROR, Establishment
from conformance.text import Text
from conformance.xml import Element

LONG_AGO = "2000-01-01T00:00:00"
SAMPLE = 5
NOTIFIED = f"{{{ROR}}}TR-Notif-ListeEtablissementMajApresDate_Reponse"
READ = f"{{{CSD}}}careServicesResponse"


def csd(name: str) -> str:
    """The tag of an element of the CSD namespace."""
    return f"{{{CSD}}}{name}"


@dataclass(frozen=True, slots=True)
class Notified:
    """A notification answer: its establishments, and the number it announces."""

    establishments: tuple[Establishment, ...]
    announced: int | None


async def everything_changed(dialogue: Dialogue) -> Notified:
    """Every establishment of the target: all those that changed for a very long time."""
    return read_notification(await dialogue.changed_since(LONG_AGO))


def read_notification(reply: Reply) -> Notified:
    """The notification answer, or what came instead."""
    if reply.body.tag != NOTIFIED:
        raise Misbehaved(unexpected(reply))
    listed = reply.body.findall(f"{csd('etablissementReponseNotif')}/{csd('id_etablissement')}")
    result = reply.body.findtext(csd("result"))
    return Notified(
        tuple(Establishment(one.get("code", ""), one.get("assigningAuthorityName", "")) for one in listed),
        _whole(result) if result is not None else None,
    )


async def read_document(dialogue: Dialogue, establishment: Establishment) -> tuple[int | None, Element]:
    """The announced number of units and the CSD document of a reading that must succeed."""
    reply = await dialogue.read(establishment)
    document = reply.body.find(f"{csd('result')}/{csd('queryResult')}") if reply.body.tag == READ else None
    if document is None:
        raise Misbehaved(unexpected(reply))
    announced = reply.body.findtext(f"{csd('result')}/{csd('facilityNumber')}")
    return (_whole(announced) if announced is not None else None), document


def _whole(text: str) -> int:
    if not text.strip().isdecimal():
        raise Misbehaved(Text(f"nombre illisible : {text!r}", f"unreadable number: {text!r}"))
    return int(text)


def unexpected(reply: Reply) -> Text:
    """What came in place of the expected answer."""
    name = reply.body.tag.rpartition("}")[2]
    return Text(
        f"réponse inattendue : {name} (HTTP {reply.status})", f"unexpected answer: {name} (HTTP {reply.status})"
    )
