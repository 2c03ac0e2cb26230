"""The command line in both languages, with its exit codes."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from gateway.commands import program, split_language
from gateway.messages import Language
from gateway.replica.store import Progress, Replica
from mappings.exposition.organisation import EntiteGeographique
from mappings.exposition.repertoire import Repertoire

if TYPE_CHECKING:
    from tests.gateway.conftest import World

TOML = """
[listeners]
soap = {{ port = 0 }}
fhir = {{ port = 0 }}
token = {{ port = 0 }}
[certificates]
server = "{pki}/gateway-server.pem"
server_key = "{pki}/gateway-server.key"
client = "{pki}/gateway-client.pem"
client_key = "{pki}/gateway-client.key"
ca = "{pki}/ca.pem"
[federation]
document = "{document}"
crl = ["{pki}/crl.pem"]
[replica]
url = "sqlite:///{folder}/replica.db"
"""


def written(world: "World", folder: Path, *, document: Path | None = None, extra: str = "") -> Path:
    path = folder / "gateway.toml"
    path.write_text(
        TOML.format(pki=world.directory / "pki", document=document or world.federation, folder=folder) + extra
    )
    return path


@pytest.mark.parametrize(
    ("arguments", "kept", "language"),
    [
        (["check"], ["check"], Language.FR),
        (["--lang", "en", "check"], ["check"], Language.EN),
        (["check", "--lang=en"], ["check"], Language.EN),
    ],
    ids=["default", "before", "after"],
)
def test_the_language_stands_anywhere(arguments: list[str], kept: list[str], language: Language) -> None:
    assert split_language(arguments, Language.FR) == (kept, language)


@pytest.mark.parametrize("arguments", [["--lang", "de"], ["--lang"], ["--lang="]], ids=["other", "alone", "empty"])
def test_an_unknown_language_is_misuse(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        split_language(arguments, Language.FR)

    assert left.value.code == 2


@pytest.mark.parametrize(
    ("language", "words"), [(Language.FR, "Codes de sortie"), (Language.EN, "Exit codes")], ids=["fr", "en"]
)
def test_help(language: Language, words: str) -> None:
    shown = CliRunner().invoke(program(language), ["--help"])

    assert shown.exit_code == 0
    assert words in shown.output


@pytest.mark.parametrize(
    ("language", "words"),
    [(Language.FR, "voulait-on « hierarchy » ?"), (Language.EN, 'is "hierarchy" meant?')],
    ids=["fr", "en"],
)
def test_check_judges_the_federation_document(world: "World", tmp_path: Path, language: Language, words: str) -> None:
    first, *others = world.document["members"]
    wrong = {**first, "options": {"hierarchie": {"value": "flat", "since": "2026-01-15"}}}
    document = world.federation_with(tmp_path / "federation.json", {"members": [wrong, *others]})

    shown = CliRunner().invoke(
        program(language), ["check", "--config", str(written(world, tmp_path, document=document))]
    )

    assert shown.exit_code == 1
    assert shown.stdout == ""
    assert f"{first['code']}" in shown.stderr
    assert words in shown.stderr


def test_check_shows_what_is_in_force(world: "World", tmp_path: Path) -> None:
    path = written(world, tmp_path)

    shown = CliRunner().invoke(program(Language.FR), ["check", "--config", str(path)])
    as_json = CliRunner().invoke(program(Language.FR), ["check", "--config", str(path), "--json"])

    assert (shown.exit_code, as_json.exit_code) == (0, 0)
    assert "deadlines.exchange = 5.0" in shown.stdout
    assert 'replica.url = "**********"' in shown.stdout
    assert json.loads(as_json.stdout)["limits"]["body"] == 1_048_576


def test_check_says_what_is_wrong(world: "World", tmp_path: Path) -> None:
    path = written(world, tmp_path, extra="[deadlines]\nexchnage = 4\n")

    french = CliRunner().invoke(program(Language.FR), ["check", "--config", str(path)])
    english = CliRunner().invoke(program(Language.EN), ["check", "--config", str(path)])

    assert (french.exit_code, english.exit_code) == (1, 1)
    assert "deadlines.exchnage : réglage inconnu, valeur : 4 ; vouliez-vous dire « exchange » ?" in french.stderr
    assert 'deadlines.exchnage: unknown setting, value: 4; did you mean "exchange"?' in english.stderr


def test_serve_refuses_a_document_it_cannot_use(world: "World", tmp_path: Path) -> None:
    document = tmp_path / "federation.json"
    document.write_text("{}")
    path = written(world, tmp_path, document=document)

    shown = CliRunner().invoke(program(Language.EN), ["serve", "--config", str(path)])

    assert shown.exit_code == 2
    assert "federation.document: $.format: unknown major version of the format" in shown.stderr


def test_serve_ends_on_sigterm(world: "World", tmp_path: Path) -> None:
    path = written(world, tmp_path)
    command = [sys.executable, "-m", "gateway", "serve", "--config", str(path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=dict(os.environ)) as process:
        assert process.stderr is not None
        first = json.loads(process.stderr.readline())
        process.terminate()
        rest = [json.loads(line) for line in process.stderr]

    assert (first["event"], first["members"]) == ("gateway_started", 2)
    assert rest[-1]["event"] == "gateway_stopped"
    assert process.returncode == 0


def test_a_search_that_reaches_nobody(world: "World") -> None:
    arguments = ["search", "--fhir", "https://localhost:1/f", "--token", "https://localhost:1/t"]
    arguments += ["--client-id", "c", "--ca", str(world.ca), "_count=1"]

    shown = CliRunner().invoke(program(Language.FR), arguments)
    misused = CliRunner().invoke(program(Language.FR), [*arguments, "nothing"])

    assert (shown.exit_code, misused.exit_code) == (3, 2)
    assert shown.stderr.startswith("Pas de réponse : ClientConnectorError")


async def test_what_members_break_is_read_beside_the_gateway(world: "World", tmp_path: Path) -> None:
    path = written(world, tmp_path)
    nobody = ["replica", "findings", "--config", str(path)]
    missing = await asyncio.to_thread(CliRunner().invoke, program(Language.EN), nobody)
    replica = await Replica.open(f"sqlite:///{tmp_path}/replica.db")
    alone = Repertoire(entites_geographiques=(EntiteGeographique("1690000011", denomination="Lyon"),))
    await replica.store_establishment("84", "1690000011", alone, seen_at=0.0)
    await replica.close()

    shown = await asyncio.to_thread(CliRunner().invoke, program(Language.FR), nobody)
    as_json = await asyncio.to_thread(CliRunner().invoke, program(Language.FR), [*nobody, "--json", "--member", "84"])
    other = await asyncio.to_thread(CliRunner().invoke, program(Language.EN), [*nobody, "--rule", "RG_EXP_034"])
    unknown = await asyncio.to_thread(CliRunner().invoke, program(Language.EN), [*nobody, "--rule", "RG_EXP_999"])

    assert (missing.exit_code, "Unreadable replica" in missing.output) == (3, True)
    assert (shown.exit_code, shown.stdout.splitlines()[-1]) == (0, "Constats : 1")
    (found,) = json.loads(as_json.stdout)
    assert (found["rule"], found["object"], found["path"]) == ("RG_ALIM_018", "1690000011", "entite_juridique")
    assert (other.exit_code, other.stdout.splitlines()[-1]) == (0, "Findings: 0")
    assert (unknown.exit_code, "RG_EXP_999" in unknown.output) == (2, True)


async def test_the_archives_are_produced_and_listed_beside_the_gateway(world: "World", tmp_path: Path) -> None:
    settings = f'directory = "{tmp_path}/archives"\nversions = ["3.0"]\nprofiles = ["1"]\n'
    path = written(world, tmp_path, extra=f"[extraction]\nlistener = {{ port = 0 }}\n{settings}")

    async def run(*arguments: str, language: Language = Language.FR, config: Path = path) -> Any:
        whole = ["extraction", *arguments, "--config", str(config)]
        return await asyncio.to_thread(CliRunner().invoke, program(language), whole)

    missing = await run("produce")
    replica = await Replica.open(f"sqlite:///{tmp_path}/replica.db")
    alone = Repertoire(entites_geographiques=(EntiteGeographique("1690000011", denomination="Lyon"),))
    await replica.store_establishment("84", "1690000011", alone, seen_at=0.0)
    none = await run("produce")
    await replica.record(Progress(member="84", state="current", last_success=1_700_000_000.0, contract="3.0"))
    await replica.close()

    produced = await run("produce", "--json")
    listed = await run("list", "--json")
    shown = await run("list", language=Language.EN)
    due = await run("produce", "--due", language=Language.EN)
    (tmp_path / "without").mkdir()
    without = await run("list", config=written(world, tmp_path / "without"), language=Language.EN)

    assert (missing.exit_code, "Réplique illisible" in missing.output) == (3, True)
    # Every member keeps what it has, which is nothing, while no copy is whole: that is said.
    assert (none.exit_code, none.stdout.splitlines()[-1]) == (1, "FR : archives gardées (no-member)")
    events = {event["target"]: event["event"] for event in json.loads(produced.stdout)}
    assert (produced.exit_code, {one for one in events if events[one] == "produced"}) == (1, {"84", "FR"})
    held = [(one["version"], one["member"], one["profile"]) for one in json.loads(listed.stdout)]
    assert (listed.exit_code, held) == (0, [("3.0", "84", "1"), ("3.0", "FR", "1")])
    sizes = await asyncio.to_thread(lambda: [Path(one["path"]).stat().st_size for one in json.loads(listed.stdout)])
    assert sizes == [one["bytes"] for one in json.loads(listed.stdout)]
    assert (shown.exit_code, shown.stdout.splitlines()[-1]) == (0, "Archives: 2")
    assert not any(line.startswith("84:") for line in due.stdout.splitlines())
    assert (without.exit_code, "extraction: mandatory setting missing" in without.output) == (2, True)
