"""Imports go one way (ARCHITECTURE.md). A direction that is written but not checked erodes."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OURS = ("mappings", "adapters", "whitelist", "gateway", "conformance")

ALLOWED = {
    "mappings": {"mappings"},
    "adapters": {"adapters", "mappings"},
    "whitelist": {"whitelist", "mappings"},
    "gateway": {"gateway", "adapters", "whitelist", "mappings"},
    "conformance": {"conformance"},
}
REASONS = {
    "mappings": "a mapping is pure: values in, values out, no knowledge of who calls it",
    "adapters": "an adapter talks to one member: it knows neither the whitelist nor the gateway",
    "whitelist": "who may call what must not depend on how calls are served",
    "gateway": "the gateway must not lean on the suite that judges it",
    "conformance": "the suite judges from the wire: shared code would let a mistake agree with itself",
}
PURE = (
    "mappings",
    "gateway/federation/plan.py",
    "gateway/federation/merge.py",
    "gateway/federation/coverage.py",
    "whitelist/decision.py",
    "whitelist/entitlement",
)
IMPURE_MODULES = {
    "aiohttp",
    "asyncio",
    "logging",
    "os",
    "requests",
    "socket",
    "sqlalchemy",
    "structlog",
    "time",
    "urllib",
}


def modules(part: str) -> Iterator[Path]:
    yield from sorted((ROOT / part).rglob("*.py"))


def imports(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.lineno, node.module


def allowed(path: Path, part: str, name: str) -> bool:
    relative = path.relative_to(ROOT).as_posix()
    if name.startswith("conformance.reference") and relative.startswith("gateway/demo"):
        return True
    if name.startswith("conformance.attacks") and relative == "gateway/tables.py":
        return True
    if name.startswith("mappings.nomenclatures") and relative.startswith("conformance/report"):
        return True
    return name.split(".", maxsplit=1)[0] in ALLOWED[part]


@pytest.mark.parametrize("part", OURS)
def test_imports_point_downwards(part: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}: {REASONS[part]}"
        for path in modules(part)
        for line, name in imports(path)
        if name.split(".")[0] in OURS and not allowed(path, part, name)
    ]

    assert wrong == []


def test_solutions_do_not_import_each_other() -> None:
    solutions = {path.name for path in (ROOT / "adapters").iterdir() if path.is_dir() and path.name != "__pycache__"}
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for solution in solutions
        for path in modules(f"adapters/{solution}")
        for line, name in imports(path)
        if name.startswith("adapters.") and name.split(".")[1] in solutions - {solution}
    ]

    assert wrong == []


@pytest.mark.parametrize("place", PURE)
def test_pure_modules_reach_for_nothing_outside(place: str) -> None:
    root = ROOT / place
    paths = [root] if root.suffix else sorted([*root.rglob("*.py"), *root.parent.glob(f"{root.name}.py")])
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in paths
        if path.exists()
        for line, name in imports(path)
        if name.split(".")[0] in IMPURE_MODULES and not name.startswith("urllib.parse")
    ]

    assert wrong == []
