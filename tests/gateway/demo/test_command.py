"""The demo as a stranger runs it: the main job, and the federation left running with every fault planted."""

import json
import os
import ssl
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.demo.command import FAULTS, FaultRefused, read_faults
from gateway.demo.coverage import read_coverage

DEMO = (sys.executable, "-m", "gateway", "demo")
ENGLISH = {**os.environ, "LC_ALL": "en_GB.UTF-8"}
FRENCH = {**os.environ, "LC_ALL": "C.UTF-8"}

PLANTED = {
    "53": ("dead", {"unreachable"}),
    "76": ("slow", {"timed_out"}),
    "93": ("blackhole", {"timed_out"}),
    "24": ("trickle", {"timed_out"}),
    "32": ("reset", {"invalid_answer", "unreachable"}),
    "11": ("html", {"invalid_answer"}),
    "44": ("truncated", {"invalid_answer"}),
    "75": ("wrong-cert", {"unreachable"}),
    "28": ("expired-cert", {"unreachable"}),
    "52": ("lying-count", {"invalid_answer"}),
}


def test_the_main_job_ends_well_by_itself() -> None:
    ran = subprocess.run(DEMO, env=FRENCH, capture_output=True, text=True, timeout=110, check=False)

    assert (ran.returncode, ran.stdout.splitlines()[-1]) == (0, "demo: OK"), ran.stdout + ran.stderr
    assert ran.stdout.count("hors territoire") > 16
    assert "injoignable" in ran.stdout
    assert "délai dépassé" in ran.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["--fault", "53=tired"], "53=tired", id="unknown kind"),
        pytest.param(["--fault", "99=dead"], "99=dead", id="unknown member"),
        pytest.param(["--serve"], "--dir", id="no directory"),
    ],
)
def test_misuse_is_told_in_the_language_of_the_terminal(arguments: list[str], said: str) -> None:
    ran = subprocess.run([*DEMO, *arguments], env=ENGLISH, capture_output=True, text=True, timeout=60, check=False)

    assert ran.returncode == 2
    assert said in ran.stderr
    assert "Expected" in ran.stderr or "needs" in ran.stderr


def test_every_kind_of_fault_is_understood() -> None:
    assert read_faults([f"53={kind}" for kind in FAULTS]) == {"53": FAULTS[-1]}
    with pytest.raises(FaultRefused):
        read_faults(["53"])


class Served:
    """The served demo, driven as its description says."""

    def __init__(self, directory: Path) -> None:
        self.description: dict[str, Any] = json.loads((directory / "demo.json").read_text(encoding="utf-8"))

    def _context(self, client: dict[str, Any] | None = None) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.description["ca"])
        if client is not None:
            context.load_cert_chain(client["cert"], client["key"])
        return context

    def client(self, profile: str) -> dict[str, Any]:
        return next(one for one in self.description["clients"] if str(one["access_profile"]) == profile)

    def token(self, client: dict[str, Any]) -> str:
        form = {"grant_type": "client_credentials", "client_id": client["client_id"]}
        if client["secret"] is not None:
            form["client_secret"] = client["secret"]
        context = self._context(client if client["cert"] is not None else None)
        body = urllib.parse.urlencode(form).encode()
        with urllib.request.urlopen(self.description["token"], data=body, context=context, timeout=20) as answer:  # noqa: S310 - idem
            return str(json.load(answer)["access_token"])

    def search(self, profile: str, parameters: dict[str, str]) -> tuple[dict[str, Any], str]:
        client = self.client(profile)
        headers = {"Authorization": f"Bearer {self.token(client)}", **client["ror_headers"]}
        address = f"{self.description['fhir']}/HealthcareService?{urllib.parse.urlencode(parameters)}"
        request = urllib.request.Request(address, headers=headers)  # noqa: S310 - an https address of the demo
        with urllib.request.urlopen(request, context=self._context(), timeout=20) as answer:  # noqa: S310 - idem
            return json.load(answer), answer.headers["Ror-Coverage"]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    directory = tmp_path_factory.mktemp("demo")
    faults = [argument for code, (kind, _) in PLANTED.items() for argument in ("--fault", f"{code}={kind}")]
    process = subprocess.Popen([*DEMO, "--serve", "--dir", str(directory), *faults], stdout=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 60
        while not (directory / "demo.json").exists():
            assert process.poll() is None
            assert time.monotonic() < end, "demo.json is promised within a minute"
            time.sleep(0.1)
        yield Served(directory)
    finally:
        process.terminate()
        assert process.wait(timeout=30) == 0


def test_the_description_has_the_promised_shape(served: Served) -> None:
    description = served.description

    assert list(description) == [
        "soap", "fhir", "token", "capacity", "extraction", "console", "metrics", "ca", "members", "clients", "national",
    ]  # fmt: skip
    assert len(description["members"]) == 17
    members = {frozenset(member) for member in description["members"]}
    assert members == {frozenset({"code", "name", "solution", "contract", "endpoint", "state", "cert", "key"})}
    assert {str(client["access_profile"]) for client in description["clients"]} == set("012345")
    assert {client["client_id"] for client in description["clients"] if client["secret"] is not None} == {
        served.client("0")["client_id"]
    }
    assert any(member["state"] == "national" for member in description["members"])
    assert set(description["national"]) == {"fhir", "token"}


def test_every_fault_is_told_in_the_coverage_and_spoils_nothing_else(served: Served) -> None:
    activity = "https://mos.esante.gouv.fr/NOS/TRE_R211-ActiviteOperationnelle/FHIR/TRE-R211-ActiviteOperationnelle|172"

    bundle, header = served.search("1", {"specialty": activity})

    statuses = {row.code: row.facts["s"] for row in read_coverage(header)}
    wrong = {code: statuses[code] for code, (_, expected) in PLANTED.items() if statuses[code] not in expected}
    assert wrong == {}
    assert {statuses[code] for code in set(statuses) - set(PLANTED)} <= {"answered", "empty"}
    outcome = bundle["entry"][-1]
    assert outcome["search"]["mode"] == "outcome"
    assert len(outcome["resource"]["issue"]) == len(PLANTED)


@pytest.mark.parametrize("profile", list("012345"))
def test_every_access_profile_has_a_client_that_is_served(served: Served, profile: str) -> None:
    bundle, _ = served.search(profile, {"location.address-postalcode": "69", "_count": "5"})

    matches = [entry["resource"] for entry in bundle["entry"] if entry["search"]["mode"] == "match"]
    assert len(matches) == 5
