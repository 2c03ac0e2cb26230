"""docs/howto/new-solution.md is true: its files, written into a copy of the tree, are a solution in service.

The copy is tested by the tests of the page itself, by those that every solution must pass, and by the format and the
lint of the project.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# A whole run of pytest, and a federation in it.
pytestmark = pytest.mark.timeout(300)

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "howto" / "new-solution.md"
PARTS = ("adapters", "conformance", "gateway", "mappings", "whitelist", "tests/adapters", "tests/scenarios")
FILES = ("pyproject.toml", "tests/conftest.py")
BLOCK = re.compile(r"^`(?P<path>[^`]+)`\n\n```(?P<kind>\w+)\n(?P<content>.*?)^```$", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"^`[^`]+/[^`]+`$", re.MULTILINE)


def blocks() -> Iterator[tuple[Path, str, str]]:
    """Each file of the page: where it is written, what kind of text, and the text."""
    for found in BLOCK.finditer(PAGE.read_text(encoding="utf-8")):
        yield Path(found["path"]), found["kind"], found["content"]


def patched(text: str, difference: str) -> str:
    """The text with one difference of the page; what it stands beside must be there, once."""
    lines = difference.splitlines(keepends=True)
    before = "".join(line[1:] for line in lines if line[0] in " -")
    after = "".join(line[1:] for line in lines if line[0] in " +")
    assert text.count(before) == 1
    return text.replace(before, after)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree in which the page was followed."""
    copy = tmp_path_factory.mktemp("followed")
    for part in PARTS:
        shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, copy / name)
    for path, kind, content in blocks():
        target = copy / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(patched(target.read_text(), content) if kind == "diff" else content)
    return copy


def run(tree: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=tree, capture_output=True, text=True, timeout=280, check=False
    )


def test_every_file_that_the_page_names_is_in_it() -> None:
    paths = [path.as_posix() for path, _, _ in blocks()]

    assert len(paths) == len(NAMED.findall(PAGE.read_text(encoding="utf-8"))) == 9


def test_the_tests_of_the_page_pass_and_those_of_every_solution(tree: Path) -> None:
    ended = run(
        tree,
        "pytest",
        "-q",
        "-p",
        "no:randomly",
        "-p",
        "no:cacheprovider",
        "tests/adapters/voisin",
        "tests/scenarios/test_voisin.py",
        "tests/adapters/test_registry.py::test_the_registry_lists_every_folder_that_has_a_manifest",
        "tests/adapters/test_registry.py::test_each_solution_declares_itself",
    )

    assert ended.returncode == 0, ended.stdout
    # five of the adapter, one through the gateway, one of the registry, one for each solution
    assert re.search(r"^13 passed", ended.stdout, re.MULTILINE), ended.stdout


def test_they_fail_without_the_adapter_of_the_page(tree: Path) -> None:
    registry = tree / "adapters" / "registry.py"
    whole = registry.read_text()
    try:
        registry.write_text(whole.replace('"voisin": VoisinAdapter', '"voisin": DeclaredAdapter'))
        ended = run(tree, "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", "tests/adapters/voisin")
    finally:
        registry.write_text(whole)

    assert ended.returncode == 1, ended.stdout
    assert "test_what_changed_is_told_whatever_fields_are_named[several]" in ended.stdout
    assert re.search(r"^1 failed, 4 passed", ended.stdout, re.MULTILINE), ended.stdout


def test_the_files_of_the_page_are_formatted_and_clean(tree: Path) -> None:
    python = [path.as_posix() for path, kind, _ in blocks() if kind == "python"]

    for command in (("format", "--check", "--no-cache"), ("check", "--no-cache")):
        ended = run(tree, "ruff", *command, *python, "adapters/registry.py")
        assert ended.returncode == 0, ended.stdout + ended.stderr
