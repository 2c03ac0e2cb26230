"""The index of the corpora as a table of docs, in French and in English."""

from collections.abc import Iterator
from pathlib import Path

from conformance.attacks.corpus import REFUSED, Attack, Expected, Sending, read_corpora

_HEAD = (
    "| Attaque / attack | Ce que c'est / what it is | Classe / class | Porte / door | Issue / outcome |\n"
    "|---|---|---|---|---|"
)
_SENDING = {
    Sending.WHOLE: "",
    Sending.WAITING: "puis rien / then nothing",
    Sending.TRICKLING: "puis octet par octet / then byte by byte",
    Sending.CUT: "puis coupée / then cut",
    Sending.ALERT: "puis TLS rompu / then TLS broken",
}


def render(root: Path) -> str:
    """One line per attack, the corpora in the order of their folders."""
    return "\n".join([_HEAD, *map(_line, read_corpora(root))])


def _line(attack: Attack) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in _cells(attack))} |"


def _cells(attack: Attack) -> Iterator[str]:
    yield f"`{attack.name}`"
    yield "<br>".join(part for part in (attack.fr, f"*{attack.en}*", _SENDING[attack.sending]) if part)
    yield attack.source
    yield attack.door
    yield "<br>".join(_outcome(one) for one in attack.expect)


def _outcome(expected: Expected) -> str:
    if expected.code == "ok":
        return f"{expected.status}, servie sans effet / served without effect"
    said = [str(expected.status), f"`{expected.code}`"]
    if expected.fault:
        said.append(expected.fault)
    if expected.cause:
        said.append(f"`{expected.cause}`")
    if expected.event == REFUSED:
        said.append("par HTTP / by HTTP")
    if not expected.answered:
        said.append("au journal seulement / in the log only")
    return ", ".join(said)
