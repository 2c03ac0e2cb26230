"""Nothing is lost but what the table expects, and nothing is lost in silence.

The reference content of every member goes through every passage: each entry of a ledger must be a row of the table,
each value that does not come back must be one that an entry speaks of. `make soak` takes all the establishments.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mappings.csd.documents import FORMATS
from mappings.csd.shapes import Field, First, Many, Shape
from mappings.losses.expected import ANYWHERE, ExpectedLoss, expected_losses, rows_for

ROOT = Path(__file__).parents[3]
# Where rules are written, and the step that each of these places puts before the rules that it names.
PLACES = {
    "mappings/csd": "csd.",
    "mappings/csd/search_2016_answer.py": "search-2016.",
    "mappings/csd/search_2016_reading.py": "search-2016.",
    "mappings/fhir": "",
    "mappings/rules": "",
    "mappings/nomenclatures": "",
    "adapters/live_search.py": "live-search.",
    "gateway": "",
}
# Another matter, under the same word: what a validator checks.
NOT_A_LEDGER = ("mappings/fhir/validation/",)
STEPS = (
    "csd",
    "extraction",
    "fhir",
    "fhir-read",
    "search-2016",
    "live-search",
    "merge",
    "nos",
    "reading",
    "replica",
    "search",
)
# A rule of the contract goes by its own name.
BUSINESS = re.compile(r"RG_(EXP|ALIM)_[0-9]{3}")
SOURCES = ("contract ", "correspondence ", "digest ", "decision ")


def messages(found: dict[str, tuple[int, str]]) -> str:
    return "\n".join(f"{count} × {key}, as of {example}" for key, (count, example) in sorted(found.items()))


@pytest.fixture(scope="module")
def travelled(member: str, reference: Any) -> Any:
    """What the establishments of a member have become."""
    return reference.journeys(member)


def test_every_entry_of_a_ledger_is_expected(travelled: Any, member: str, reference: Any) -> None:
    check_entries([*entries_of(travelled), *reference.national_entries(member)])


def test_every_entry_is_expected_whatever_a_document_holds(drawn: tuple[Any, int], reference: Any) -> None:
    check_entries(entries_of(reference.drawn_journeys(*drawn)))


def entries_of(journeys: Iterable[Any]) -> list[Any]:
    return [entry for journey in journeys for entry in journey.entries]


def check_entries(entries: list[Any]) -> None:
    found: dict[str, tuple[int, str]] = {}
    for entry in entries:
        if not any(rows_for(entry.loss, entry.passage)):
            key = f"{entry.passage} {entry.loss.rule} {entry.loss.kind} {entry.loss.severity} at {entry.loss.path!r}"
            found[key] = (found.get(key, (0, ""))[0] + 1, entry.loss.object)

    assert found == {}, f"no row of mappings/losses/expected.csv expects:\n{messages(found)}"
    assert entries


def test_no_value_is_lost_or_made_up_in_silence(travelled: Any, reference: Any) -> None:
    check_values(travelled, reference)


def test_no_value_is_lost_in_silence_whatever_a_document_holds(drawn: tuple[Any, int], reference: Any) -> None:
    check_values(reference.drawn_journeys(*drawn), reference)


def check_values(journeys: Iterable[Any], reference: Any) -> None:
    found: dict[str, tuple[int, str]] = {}
    for journey in journeys:
        for change, owner, path, value in reference.unexplained(journey):
            key = f"{journey.name}: {change} {'/'.join(path)}"
            found[key] = (found.get(key, (0, ""))[0] + 1, f"{owner} ({value})")

    assert found == {}, f"no ledger speaks of:\n{messages(found)}"


def test_a_loss_without_its_entry_is_found(reference: Any) -> None:
    journey = next(
        found for member in ("32", "11", "75") for found in reference.journeys(member) if found.name[4:] == "fhir"
    )
    said = [entry for entry in journey.entries if entry.loss.rule != "fhir.offer.opening-date"]
    assert len(said) < len(journey.entries)

    silent = reference.unexplained(reference.Journey(journey.name, journey.before, journey.after, said))

    assert {(change, path[-1]) for change, _, path, _ in silent} == {("gone", "creationDate")}


@pytest.mark.parametrize("row", expected_losses(), ids=lambda row: f"{row.rule} {row.direction} {row.kind}")
def test_a_row_says_what_it_must(row: ExpectedLoss) -> None:
    if not BUSINESS.fullmatch(row.rule):
        step, thing, what = row.rule.split(".")

        assert step in STEPS
        assert thing
        assert what
    assert row.passages
    assert row.objects
    assert row.elements
    assert row.source.startswith(SOURCES)
    assert row.fr.endswith(".")
    assert row.en.endswith(".")
    assert ANYWHERE not in row.elements or row.elements == (ANYWHERE,)


def test_no_row_stands_twice() -> None:
    keys = [
        (passage, row.rule, row.kind, row.severity, row.objects)
        for row in expected_losses()
        for passage in row.passages
    ]

    assert len(keys) == len(set(keys))


# What the code writes --------------------------------------------------------------------------------------------


def modules() -> Iterator[tuple[str, ast.Module, str]]:
    for path in sorted({path for place in PLACES for path in _files(ROOT / place)}):
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith(NOT_A_LEDGER):
            step = max((place for place in PLACES if name.startswith(place)), key=len)
            yield name, ast.parse(path.read_text(encoding="utf-8")), PLACES[step]


def _files(place: Path) -> list[Path]:
    return [place] if place.suffix else sorted(place.rglob("*.py"))


def texts(node: ast.expr) -> set[str]:
    """The texts that an expression may be; `*` stands for what it computes."""
    if isinstance(node, ast.Constant):
        return {node.value} if isinstance(node.value, str) else set()
    if isinstance(node, ast.JoinedStr):
        return {"".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values)}
    return texts(node.body) | texts(node.orelse) if isinstance(node, ast.IfExp) else set()


def positions(tree: ast.Module) -> Iterator[tuple[str, int | None]]:
    """Each function that is given a rule, and where among its arguments."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            names = [argument.arg for argument in node.args.args if argument.arg != "self"]
            if "rule" in names:
                yield node.name, names.index("rule")
            elif "rule" in [argument.arg for argument in node.args.kwonlyargs]:
                yield node.name, None


def named(tree: ast.Module, given: dict[str, set[int | None]]) -> Iterator[str]:
    """Every rule that a module names: given to what takes one, held under that name, or part of a `Loss`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(isinstance(to, ast.Name) and to.id in RULES for to in node.targets):
            yield from texts(node.value)
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        places = {2} if name == "Loss" else given.get(name, set())
        values = [keyword.value for keyword in node.keywords if keyword.arg == "rule"]
        values += [node.args[place] for place in places if place is not None and place < len(node.args)]
        for value in values:
            yield from texts(value)


RULES = frozenset({"rule", "RULE", "TAKEN_OUT", "SUB_OBJECT_STATEMENT"})
# What `interpret` and the judgement of a code hand back, and what the search of 2016 makes of a stray.
OF_CODES = ("system-empty", "system-unknown", "padding", "unresolved", "later", "outside")
ELSEWHERE = frozenset(
    [
        "csd.code.system",
        *(f"{step}.code.{rule}" for step in ("csd", "search-2016") for rule in OF_CODES),
        *(f"fhir-read.code.{rule}" for rule in ("unresolved", "later", "outside")),
        *(f"search-2016.element.{rule}" for rule in ("attributes", "text", "unknown", "repeated")),
    ]
)
COMPUTED = ("csd.default.*", "csd.first.*", "csd.incomplete.*", "csd.*", "live-search.*", "search-2016.*")


@cache
def in_code() -> set[str]:
    """The rules that the code names, `*` where it computes a part of them."""
    found = list(modules())
    own: dict[str, dict[str, set[int | None]]] = {}
    shared: dict[str, set[int | None]] = {}
    for name, tree, _ in found:
        for function, place in positions(tree):
            own.setdefault(name, {}).setdefault(function, set()).add(place)
            if not function.startswith("_"):
                shared.setdefault(function, set()).add(place)
    rules = {"note": {None}} | shared
    ids = {
        step + text.removeprefix(step).removeprefix("csd-*." if step else "").removeprefix("*." if step else "")
        for name, tree, step in found
        for text in named(tree, {**rules, **own.get(name, {})})
        if BUSINESS.fullmatch(text) or ("." in text and "/" not in text and " " not in text)
    }
    return ids | ELSEWHERE


def shapes() -> Iterator[tuple[str, Shape]]:
    """Every shape of every version."""
    for version, form in FORMATS.items():
        seen: set[int] = set()
        left = [getattr(form, name) for name in form.__struct_fields__ if name != "version"]
        while left:
            shape = left.pop()
            if id(shape) not in seen:
                seen.add(id(shape))
                yield version, shape
                left += [part.kind for part in parts(shape) if isinstance(getattr(part, "kind", None), Shape)]


def parts(holder: Any) -> Iterator[Any]:
    for part in holder.parts:
        yield part
        for inner in (part, *getattr(part, "shapes", {}).values()):
            if hasattr(inner, "parts"):
                yield from parts(inner)


def of_shapes() -> set[tuple[str, str]]:
    """What the engine of the tables may note, by passage: defaults, further items, attributes without a place."""
    found = set()
    for version, shape in shapes():
        to, of = f"exposition→csd-{version}", f"csd-{version}→exposition"
        for part in parts(shape):
            if isinstance(part, Field | Many) and part.required and part.name != "record":
                found.add((to, f"csd.default.{part.name}"))
            if isinstance(part, First):
                found.add((to, f"csd.first.{part.name}"))
        fitted = FITTED | (FITTED_IN_3_0 if version == "3.0" else frozenset())
        found |= {(to, f"csd.{shape.name}.{name}") for name in shape.uncarried if name not in fitted}
        if {one.name for one in msgspec.structs.fields(shape.build) if one.required} - {
            "cle"
        } and shape.name != "provider":
            found.add((of, f"csd.incomplete.{shape.name}"))
    return found


# What `fit` empties before the engine looks at it.
FITTED = frozenset(
    "nature_contact habilitation_soins_sans_consentement accueil_sequentiel_accepte capacite_accueil "
    "capacites_habitation_unite competence_ressource competences_specifiques equipements_unite lieu_unite lieux "
    "modalites_accueil niveaux_expertise professions_ressource type_maternite unite_sensible".split()
)
FITTED_IN_3_0 = frozenset({"capacite_accueil_crise", "visite_domicile"})


def test_every_rule_of_the_code_is_in_the_table() -> None:
    known = {row.rule for row in expected_losses()}
    code = {rule for rule in in_code() if rule not in COMPUTED}

    missing = {rule for rule in code if not any(fnmatchcase(row, rule) for row in known)}

    assert missing == set(), "write these rules in mappings/losses/expected.csv, with the section that expects them"


def test_what_the_shapes_may_note_is_in_the_table() -> None:
    known = {(passage, row.rule) for row in expected_losses() for passage in row.passages}

    assert of_shapes() - known == set()


def test_no_row_is_of_a_rule_that_nothing_writes() -> None:
    code = {rule for rule in in_code() if rule not in COMPUTED} | {rule for _, rule in of_shapes()}

    dead = {row.rule for row in expected_losses() if not any(fnmatchcase(row.rule, rule) for rule in code)}

    assert dead == set()
