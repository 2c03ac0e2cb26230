"""The command as a person types it."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

DOCUMENT = (
    '<CSD xmlns="urn:ihe:iti:csd:2013"><organizationDirectory>\n'
    '<organization entityID="EJ"><otherID code="1019999983" assigningAuthorityName="1.2.250.1.71.4.2.2"/>'
    '<primaryName>Entité</primaryName><record created="2024-03-01" updated="2025-01-02T03:04:05" status="Ok"/>'
    "</organization></organizationDirectory><serviceDirectory/><facilityDirectory/><providerDirectory/>"
    "<deviceDirectory/></CSD>"
)


def run(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "gateway", "--lang", "en", "translate", *arguments]
    return subprocess.run(command, input=given, capture_output=True, check=False)


def test_a_document_is_translated_from_standard_input_to_standard_output() -> None:
    done = run("--from", "csd-3.0", "--to", "fhir", "--region", "84", "--at", "2026-11-01", given=DOCUMENT.encode())

    assert done.returncode == 0, done.stderr
    bundle = json.loads(done.stdout)
    assert bundle["type"] == "collection"
    assert [entry["resource"]["id"] for entry in bundle["entry"]] == ["1019999983.EJ"]
    assert b"1 objects; losses: " in done.stderr
    assert b"csd-3.0.value.spelling (information)" in done.stderr
    # Progress is for a terminal.
    assert b"\r" not in done.stderr


def test_losses_are_json_lines_and_files_appear_whole(tmp_path: Path) -> None:
    source, output, losses = tmp_path / "in.xml", tmp_path / "out.xml", tmp_path / "losses.jsonl"
    source.write_text(DOCUMENT, encoding="utf-8")

    done = run("--from", "csd-3.0", "--to", "csd-2.4", "--losses", str(losses), "--output", str(output), str(source))

    assert done.returncode == 0, done.stderr
    assert done.stdout == b""
    assert output.read_bytes().startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<csd:CSD ")
    lines = [json.loads(line) for line in losses.read_text().splitlines()]
    spelled = next(line for line in lines if line["rule"] == "csd-3.0.value.spelling")
    assert sorted(spelled) == ["kind", "object", "path", "rule", "severity", "value_kind"]
    assert (spelled["object"], spelled["kind"], spelled["severity"]) == ("1019999983", "repaired", "information")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.xml", "losses.jsonl", "out.xml"]


ACCEPTED = """source_system,source_code,target_system,target_code,date,who,reason
R210,0326,R210,0736,2026-11-02,Comité nomenclatures,même libellé
"""
OFFER = DOCUMENT.replace(
    "<facilityDirectory/>",
    '<facilityDirectory><facility entityID="UE">'
    '<otherID code="84/UE" assigningAuthorityName="1.2.250.1.213.6.1.1.1.1.76"/>'
    '<codedType code="4" codingScheme="1.2.250.1.213.3.3.8"/><primaryName>Unité</primaryName>'
    '<extension type="ror" urn="urn:asip:ror"><specificAct code="0326" codingScheme="1.2.250.1.213.3.3.11"/>'
    "</extension>"
    "</facility></facilityDirectory>",
)


def test_codes_leave_by_the_day_of_the_reader(tmp_path: Path) -> None:
    accepted, losses = tmp_path / "acceptes.csv", tmp_path / "losses.jsonl"
    accepted.write_text(ACCEPTED, encoding="utf-8")
    given = OFFER.encode()
    arguments = ["--from", "csd-3.0", "--to", "exposition", "--losses", str(losses)]

    def acts(*more: str) -> tuple[list[str], list[tuple[str, str]]]:
        done = run(*arguments, *more, given=given)
        assert done.returncode == 0, done.stderr
        told = [json.loads(line) for line in losses.read_text().splitlines()]
        codes = [code["code"] for code in json.loads(done.stdout)["offres"][0]["actes_specifiques"]]
        return codes, [(one["rule"], one["kind"]) for one in told if one["rule"].startswith("nos.")]

    assert acts("--at", "2026-11-01") == (["0326"], [("nos.replacement.to-accept", "unmapped")])
    assert acts("--at", "2026-11-01", "--accepted", str(accepted)) == (
        ["0736"],
        [("nos.replacement.accepted", "derived")],
    )
    assert acts("--at", "2017-11-01", "--accepted", str(accepted)) == (["0326"], [])


def test_a_refused_input_leaves_what_was_there(tmp_path: Path) -> None:
    source, output, losses = tmp_path / "in.xml", tmp_path / "out.json", tmp_path / "losses.jsonl"
    source.write_text(DOCUMENT[:-6], encoding="utf-8")
    output.write_text("before")

    done = run("--from", "csd-3.0", "--to", "fhir", "--losses", str(losses), "--output", str(output), str(source))

    assert done.returncode == 1
    assert b"Input refused, line 2, column " in done.stderr
    assert b"[not-well-formed]. Nothing was translated." in done.stderr
    assert output.read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.xml", "out.json"]


def test_standard_output_stays_empty_when_the_input_is_refused() -> None:
    done = run("--from", "fhir", "--to", "csd-3.0", "-", given=b"{}")

    assert (done.returncode, done.stdout) == (1, b"")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["--from", "csd3.0", "--to", "fhir"], b"Did you mean csd-3.0?", id="format in"),
        pytest.param(["--from", "csd-3.0", "--to", "FIHR"], b"Did you mean fhir?", id="format out"),
        pytest.param(["--from", "csd-3.0", "--to", "fhir", "--dialect", "x"], b"Dialect refused: x.", id="dialect"),
        pytest.param(["--from", "csd-3.0", "--to", "fhir", "--dialect", "a=b"], b"Dialect refused:", id="option"),
        pytest.param(["--from", "csd-3.0", "--to", "fhir", "--region", "99"], b"Unknown region: 99.", id="no region"),
        pytest.param(["--from", "fhir", "--to", "csd-3.0", "--region", "84"], b"only apply to a CSD", id="region"),
        pytest.param(["--from", "csd-3.0", "--to", "fhir", "/no/such/file"], b"File cannot be read", id="file"),
        pytest.param(["--from", "csd-3.0", "--to", "fhir", "--at", "yesterday"], b"YYYY-MM-DD expected", id="date"),
        pytest.param(["--from", "csd-3.0", "--to", "fhir", "--source-at", ""], b"YYYY-MM-DD expected", id="no date"),
        pytest.param(["--from", "csd-3.0", "--to", "fhir", "--output", "/no/x"], b"cannot be written: /no/x", id="out"),
        pytest.param(
            ["--from", "csd-3.0", "--to", "fhir", "--losses", "/no/x"], b"cannot be written: /no/x", id="losses"
        ),
        pytest.param(["--from", "csd-3.0", "--to", "fhir", "--directory", "/no"], b"No such directory", id="releases"),
        pytest.param(["--from", "csd-3.0", "--to", "fhir", "--accepted", "/no"], b"acceptances refused", id="accepted"),
    ],
)
def test_misuse_is_told_with_the_way_out(arguments: list[str], said: bytes) -> None:
    done = run(*arguments)

    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert done.stdout == b""


def test_an_output_that_cannot_be_written_is_told() -> None:
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "gateway", "--lang", "en", "translate", "--from", "csd-3.0", "--to", "fhir"]
        done = subprocess.run(command, input=DOCUMENT.encode(), stdout=full, stderr=subprocess.PIPE, check=False)

    assert done.returncode == 1
    assert b"is not a whole document" in done.stderr


def test_what_flows_once_is_read_as_a_file_is(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    giving = threading.Thread(target=pipe.write_bytes, args=(DOCUMENT.encode(),))
    giving.start()

    done = run("--from", "csd-3.0", "--to", "fhir", str(pipe))
    giving.join()

    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["entry"]) == 1


@pytest.mark.parametrize(("redirection", "said"), [("<&-", b"cannot be read: -"), (">&-", b"cannot be written: -")])
def test_a_standard_stream_that_is_closed_is_told(redirection: str, said: bytes) -> None:
    command = f'"$0" -m gateway --lang en translate --from csd-3.0 --to fhir {redirection}'
    done = subprocess.run(["sh", "-c", command, sys.executable], input=b"", capture_output=True, check=False)

    assert (done.returncode, done.stdout) == (2, b"")
    assert said in done.stderr
    assert b"Traceback" not in done.stderr


def test_what_is_no_file_is_written_and_stays_what_it_is(tmp_path: Path) -> None:
    pipe, output = tmp_path / "pipe", tmp_path / "out.json"
    os.mkfifo(pipe)
    taken: list[bytes] = []
    taking = threading.Thread(target=lambda: taken.append(pipe.read_bytes()), daemon=True)
    taking.start()

    done = run(
        "--from", "csd-3.0", "--to", "fhir", "--losses", str(pipe), "--output", str(output), given=DOCUMENT.encode()
    )

    assert done.returncode == 0, done.stderr
    assert pipe.is_fifo()
    taking.join()
    assert b'"rule":"csd-3.0.value.spelling"' in taken[0]


def test_a_link_leads_to_the_file_that_is_written(tmp_path: Path) -> None:
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    real.write_text("before")
    link.symlink_to(real)

    done = run("--from", "csd-3.0", "--to", "fhir", "--output", str(link), given=DOCUMENT.encode())

    assert done.returncode == 0, done.stderr
    assert link.is_symlink()
    assert json.loads(real.read_text())["resourceType"] == "Bundle"


@pytest.mark.parametrize("over", ["in.xml", "./out.json"])
def test_losses_never_take_the_place_of_a_document(tmp_path: Path, over: str) -> None:
    source, output = tmp_path / "in.xml", tmp_path / "out.json"
    source.write_text(DOCUMENT, encoding="utf-8")

    done = run(
        *("--from", "csd-3.0", "--to", "fhir", "--output", str(output), "--losses", f"{tmp_path}/{over}", str(source))
    )

    assert done.returncode == 2
    assert b"--losses names the input or the output" in done.stderr
    assert source.read_text(encoding="utf-8") == DOCUMENT
    assert not output.exists()


def test_losses_that_cannot_be_kept_leave_no_document(tmp_path: Path) -> None:
    pipe, output = tmp_path / "pipe", tmp_path / "out.json"
    os.mkfifo(pipe)
    threading.Thread(target=lambda: pipe.open("rb").close(), daemon=True).start()

    done = run(
        "--from", "csd-3.0", "--to", "fhir", "--losses", str(pipe), "--output", str(output), given=DOCUMENT.encode()
    )

    assert done.returncode == 1
    assert b"is not a whole document" in done.stderr
    assert list(tmp_path.iterdir()) == [pipe]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_an_interruption_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    source, pipe, losses = tmp_path / "in.xml", tmp_path / "pipe", tmp_path / "losses.jsonl"
    source.write_text(DOCUMENT, encoding="utf-8")
    os.mkfifo(pipe)
    command = [sys.executable, "-m", "gateway", "--lang", "en", "translate", "--from", "csd-3.0", "--to", "fhir"]
    command += ["--losses", str(losses), "--output", str(pipe), str(source)]

    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        # Nobody reads the output: the command waits for someone, the file of the losses open beside.
        while not list(tmp_path.glob(".losses.jsonl.*")):
            time.sleep(0.01)
        process.send_signal(number)
        _, told = process.communicate()

    assert process.returncode == 128 + number
    assert f"The translation was cut short ({number.name})".encode() in told
    assert b"Traceback" not in told
    assert sorted(tmp_path.iterdir()) == [source, pipe]


def test_fhir_is_read_in_xml_too() -> None:
    in_xml = b'<Bundle xmlns="http://hl7.org/fhir"><type value="collection"/>%s</Bundle>'
    place = b'<entry><resource><Location><id value="1"/><name value="x"/>%s</Location></resource></entry>'

    done = run("--from", "fhir", "--to", "exposition", given=in_xml % (place % b""))
    refused = run("--from", "fhir", "--to", "exposition", given=in_xml % b"\n" + b"</x>")

    assert (done.returncode, json.loads(done.stdout)["offres"]) == (0, [])
    assert b"1 \xc3\x97 fhir-read.place.free (error)" in done.stderr
    assert (refused.returncode, refused.stdout) == (1, b"")
    assert b"Input refused, line 2, column 10: the document is not well formed" in refused.stderr
