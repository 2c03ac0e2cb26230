"""The habits that may be declared of a member, as a table of docs/, in French and in English."""

from adapters.options import OPTIONS, Option

_HEAD = """
| Option | Section 15.2 | Valeurs / values | Ce que cela change ici | What it changes here |
|---|---|---|---|---|
""".strip()
_READ = ("rien : toutes les formes sont lues", "nothing: every form is read")


def render_options() -> str:
    """One line for each option."""
    return "\n".join([_HEAD, *(_line(name, option) for name, option in OPTIONS.items())])


def _line(name: str, option: Option) -> str:
    values = ", ".join(f"`{value}`" for value in option.values) + (", …" if option.open else "")
    row = option.row if option.row[0].isalpha() or option.row.startswith("`") else f"section {option.row}"
    told = (option.french, option.english) if option.english else _READ
    return f"| `{name}` | {row} | {values} | {told[0]} | {told[1]} |"
