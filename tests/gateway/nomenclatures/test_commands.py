"""`ror-gateway nomenclatures` in both languages, with its exit codes."""

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner, Result

from gateway import material
from gateway.command_texts import TEXTS
from gateway.commands import program
from gateway.errors import ConfigurationRefused
from gateway.messages import Language
from mappings.exposition.values import Code
from mappings.nomenclatures.catalogue import current
from mappings.nomenclatures.tables import resolve

if TYPE_CHECKING:
    from tests.gateway.conftest import World

ROOT = Path(__file__).parents[3]

R203 = (
    "1.2.250.1.213.3.3.4\tTRE\tTRE_R203-StatutLieu.tabs\tStatut lieu\thttps://exemple/TRE_R203-StatutLieu"
    "\t20261218120000\t\t20261218120000\nCode\tLibellé\n1\tOpérationnel\n2\tFermé un temps\n3\tFermé\n4\tEn travaux\n"
)


def run(*arguments: str, language: Language = Language.EN) -> Result:
    return CliRunner().invoke(program(language), ["nomenclatures", *arguments])


def said(*arguments: str, code: int = 0) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def test_list() -> None:
    found = said("list")

    assert [one["id"] for one in found["releases"]][-1] == "2026-09"
    assert {"R211", "J17"} <= {one["number"] for one in found["lists"]}
    assert {"R13", "J124"} <= {one["number"] for one in found["unverifiable"]}
    assert "TRE_R211-ActiviteOperationnelle" in run("list").stdout


@pytest.mark.parametrize(
    ("arguments", "exit_code", "facts"),
    [
        pytest.param(("R211", "037"), 0, {"state": "active", "normalised": False}, id="code"),
        pytest.param(("1.2.250.1.213.3.3.12", "37"), 0, {"code": "037", "normalised": True}, id="OID, zeros lost"),
        pytest.param(("r211", "037"), 0, {"state": "active"}, id="lower case"),
        pytest.param(("R211", "002", "--at", "2019-01-01"), 0, {"state": "active"}, id="on a day"),
        pytest.param(("R338", "12", "--at", "2026-11-21"), 0, {"state": "deprecated"}, id="deprecated"),
        pytest.param(("R211", "999"), 1, {"state": "unknown"}, id="unknown"),
        pytest.param(("R13", "69123"), 1, {"state": "unverifiable"}, id="unverifiable"),
    ],
)
def test_show_a_code(arguments: tuple[str, ...], exit_code: int, facts: dict[str, object]) -> None:
    found = said("show", *arguments, code=exit_code)

    assert {name: found[name] for name in facts} == facts


def test_show_a_list() -> None:
    assert {row["system"] for row in said("show", "J227")["codes"]} == {"R253", "R344"}
    assert "Psychiatrie" in run("show", "R227").stdout


@pytest.mark.parametrize(
    ("arguments", "exit_code", "words"),
    [
        pytest.param(("show", "R13"), 1, "unverifiable", id="list not held"),
        pytest.param(("show", "J17", "--at", "1990-01-01"), 1, "in force on 1990-01-01", id="value set of later"),
        pytest.param(("show", "J35", "068"), 2, "R211", id="a code of a value set"),
        pytest.param(("show", "R211", "037", "--at", "21/11/2026"), 2, "YYYY-MM-DD", id="date of another style"),
        pytest.param(("diff", "2023-09", "2030-01"), 2, "2021-10, 2023-09", id="unknown release"),
        pytest.param(("diff", "2023-09", "2026-09", "--offers", "absent.xml"), 1, "absent.xml", id="no such file"),
        pytest.param(("diff", "2023-09", "2026-09", "--contract", "9"), 2, "1.6", id="unknown contract"),
        pytest.param(("diff", "2023-09", "2026-09", "--contract", "2016"), 2, "3.0.", id="a contract without offers"),
        pytest.param(("check", "absent.xml", "--contract", "9"), 2, "2016", id="unknown contract of a check"),
        pytest.param(("diff", "2023-09", "2026-09", "--replica", "sqlite:///absent.db"), 3, "absent.db", id="replica"),
        pytest.param(("diff", "2023-09", "2026-09", "--accepted", "absent.csv"), 2, "absent.csv", id="acceptances"),
        pytest.param(("list", "--directory", "absent"), 2, "absent", id="no such directory"),
        pytest.param(("check", "absent.xml"), 1, "absent.xml", id="nothing to check"),
        pytest.param(("import", "2026-12", "absent.tabs"), 1, "unreadable", id="nothing to import"),
        pytest.param(("import", "2026-12", "absent.tabs", "--to", __file__), 2, "directory", id="a file to write in"),
        pytest.param(("import", "decembre", "absent.tabs"), 1, "YYYY-MM", id="release of another name"),
        pytest.param(("show",), 2, "", id="no system"),
    ],
)
def test_a_refusal_says_why(arguments: tuple[str, ...], exit_code: int, words: str) -> None:
    result = run(*arguments)

    assert result.exit_code == exit_code
    assert words in result.output


def test_a_refusal_is_said_in_french() -> None:
    assert "table non tenue" in run("show", "R13", language=Language.FR).stderr


def test_diff_tells_who_is_touched(csd: Path, bundle: Path) -> None:
    found = said("diff", "2023-09", "2026-09", "--offers", str(csd), "--offers", str(bundle))

    held = {(one["source"], one["key"], one["path"], one["code"], *one["changes"]) for one in found["touched"]}
    assert ("offres.xml", "84/UE-0001", "activites.activite", "048", "left") in held
    assert ("bundle.json", "84/UE-0001", "activites.activite", "048", "left") in held
    assert not any(key == "84/UE-0002" for _, key, *_ in held)
    assert {"element", "entered", "left"} <= set(found["bindings"][0])
    assert "84/UE-0001" in run("diff", "2023-09", "2026-09", "--offers", str(csd)).stdout


def test_diff_of_a_release_with_itself() -> None:
    result = run("diff", "2026-09", "2026-09")

    assert (result.exit_code, result.stdout) == (0, "2026-09 and 2026-09: no change.\n")


def test_check_counts_by_place(csd: Path) -> None:
    found = said("check", str(csd), "--at", "2026-11-21")

    places = {(one["path"], one["system"]): one for one in found["places"]}
    service = next(one for (path, system), one in places.items() if system == "R211" and path.startswith("service"))
    assert (service["active"], service["outside"], service["unknown"]) == (2, 1, 0)
    assert found["totals"]["unknown"] == 0


def test_check_refuses_an_unknown_code(bundle: Path) -> None:
    found = said("check", str(bundle), code=1)

    assert found["totals"]["unknown"] == 1
    assert "999" not in run("check", str(bundle)).stdout


def test_a_publication_comes_in_with_one_command(tmp_path: Path) -> None:
    path = tmp_path / "TRE_R203-StatutLieu.tabs"
    path.write_text(R203, encoding="utf-8")
    to = tmp_path / "publications"

    outcome = said("import", "2026-12", str(path), "--to", str(to))

    assert (outcome["folder"], outcome["problems"]) == (str(to / "2026-12"), [])
    assert said("show", "R203", "4", "--directory", str(to), "--at", "2026-12-18")["release"] == "2026-12"
    changes = said("diff", "2026-09", "2026-12", "--directory", str(to))["codes"]
    assert {one["code"] for one in changes if one["change"] == "added"} == {"4"}
    assert run("import", "2026-12", str(path), "--to", str(to)).exit_code == 1


def test_an_archive_comes_in_like_its_files(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "nos.zip", "w") as made:
        made.writestr("TRE/TRE_R203-StatutLieu.tabs", R203)
        made.writestr("TRE/TRE_R203-StatutLieu.pdf", "%PDF")
    to = tmp_path / "publications"

    outcome = said("import", "2026-12", str(tmp_path / "nos.zip"), "--to", str(to))

    assert [(one["name"], one["codes"]) for one in outcome["lists"]] == [("TRE_R203-StatutLieu", 4)]
    assert [(one["file"], one["code"], one["detail"]) for one in outcome["warnings"]][:1] == [
        ("nos.zip", "ignored", "TRE/TRE_R203-StatutLieu.pdf")
    ]
    assert said("show", "R203", "4", "--directory", str(to), "--at", "2026-12-18")["release"] == "2026-12"


def test_what_a_crash_leaves_is_never_read(tmp_path: Path) -> None:
    (tmp_path / ".2026-12.x1").mkdir()
    (tmp_path / ".2026-12.x1" / "index.csv").write_text("half", encoding="utf-8")

    held = said("list", "--directory", str(tmp_path))["releases"]

    assert [one["id"] for one in held][-1] == "2026-09"


def test_an_installed_package_writes_where_it_is_told_and_the_service_reads_it_there(
    world: "World", tmp_path: Path
) -> None:
    site, to, path = tmp_path / "site", tmp_path / "publications", tmp_path / "TRE_R203-StatutLieu.tabs"
    site.mkdir()
    for name in ("adapters", "conformance", "gateway", "mappings", "whitelist"):
        (site / name).symlink_to(ROOT / name)
    path.write_text(R203, encoding="utf-8")
    command = [sys.executable, "-m", "gateway", "--lang", "en", "nomenclatures", "import", "2026-12", str(path)]
    environment = {**os.environ, "PYTHONPATH": str(site)}

    lost = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    done = subprocess.run(
        [*command, "--to", str(to)], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )

    assert (lost.returncode, lost.stderr) == (2, "Outside a checkout, --to is needed.\n")
    assert (done.returncode, done.stdout) == (0, f"1 lists written in {to / '2026-12'}.\n")
    assert not (ROOT / "mappings" / "nomenclatures" / "data" / "releases" / "2026-12").exists()
    document = world.federation_with(tmp_path / "federation.json", {"nomenclatures": "2026-12"})
    files = {"document": document, "crl": [world.crl]}
    with pytest.raises(ConfigurationRefused):
        material.trust(world.configuration(tmp_path, federation=files))
    settings = world.configuration(tmp_path, federation=files, nomenclatures={"directory": to})
    material.nomenclatures(settings)
    assert material.trust(settings).document.nomenclatures == "2026-12"
    assert resolve(Code("R203", "4"), current().day("2026-12")).release == "2026-12"


def test_a_refused_publication_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "TRE_R203-StatutLieu.tabs"
    path.write_text(R203.replace("1.2.250.1.213.3.3.4", "1.2.250.1.213.3.3.12"), encoding="utf-8")
    to = tmp_path / "publications"

    result = run("import", "2026-12", str(path), "--to", str(to))

    assert result.exit_code == 1
    assert "OID of another list: 1.2.250.1.213.3.3.12 = R211" in result.stderr
    assert not to.exists()


REFUSED_BY_JSON = {"too-deep", "not-well-formed", "number", "not-an-object", "duplicate-key", "encoding"}
REFUSED_BY_XML = {"not-well-formed", "doctype", "entity", "too-deep", "too-large", "encoding"}


def test_every_reason_has_its_sentence() -> None:
    modules = (ROOT / "gateway" / "nomenclatures").glob("*.py")
    text = "".join(module.read_text(encoding="utf-8") for module in modules)
    codes = set(re.findall(r'(?:NotPublished\([\w.]+, |yield |Finding\([\w."]*, )"([a-z-]+)"', text))

    assert {"no-list", "after-release", "cells", "oid-of-another", "ignored"} <= codes
    missing = {code for code in codes | REFUSED_BY_JSON | REFUSED_BY_XML if f"import_{code}" not in TEXTS}
    assert missing == set()


def test_a_directory_that_no_import_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "2026-12").mkdir()
    (tmp_path / "2026-12" / "index.csv").write_text("a,b\n1,2\n", encoding="utf-8")

    assert run("list", "--directory", str(tmp_path)).exit_code == 2
