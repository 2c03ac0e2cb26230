"""The table of the rules as a page of docs, in French and in English."""

from collections.abc import Iterator

from mappings.rules.table import Conduct, Judged, Rule, rules

_CONDUCTS = {
    Conduct.REPAIRED: "réparée / repaired",
    Conduct.FOUND: "constatée / told",
    Conduct.NOT_SENT: "écartée / not sent",
    Conduct.REFUSED: "refusée / refused",
    Conduct.BUILT: "par construction / by construction",
}
_JUDGED = {
    Judged.ANSWER: "chaque réponse / each answer",
    Judged.WHOLE_READING: "lecture entière / whole reading",
    Judged.TWO_READINGS: "deux lectures (réplique) / two readings (replica)",
    Judged.EXCHANGE: "échange / exchange",
}
_HEAD = (
    "| Règle / rule | Ce qu'elle dit / what it says | Jugée sur / judged on | Infraction / breach "
    "| Ce que fait la passerelle / what the gateway does | Où / where |\n|---|---|---|---|---|---|"
)


def render_rules() -> str:
    """One line per rule."""
    return "\n".join([_HEAD, *map(_line, rules())])


def _line(rule: Rule) -> str:
    return f"| {' | '.join(_cells(rule))} |"


def _cells(rule: Rule) -> Iterator[str]:
    yield f"`{rule.id}`"
    yield f"{rule.fr}<br>*{rule.en}*"
    yield ", ".join(_JUDGED[one] for one in rule.judged)
    yield ", ".join(_CONDUCTS[one] for one in rule.conduct)
    yield f"{rule.done_fr}<br>*{rule.done_en}*"
    yield ", ".join(f"`{place}`" for place in rule.where)
