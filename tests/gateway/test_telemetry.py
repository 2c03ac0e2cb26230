"""The log tells each exchange once and never what it carried."""

import json
import logging
from typing import TYPE_CHECKING, Any

from gateway import telemetry

if TYPE_CHECKING:
    from tests.gateway.conftest import Log


def lines(log: "Log") -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.text.splitlines()]


def test_one_line_holds_what_was_learnt(log: "Log") -> None:
    telemetry.begin("e-1", door="soap")
    telemetry.learn(caller="84", transaction="recherche", target="FR")
    telemetry.learn(members={"84": "answered"})
    telemetry.ended(code="ok", status=200, elapsed_ms=12.345)

    (line,) = lines(log)
    del line["timestamp"]
    assert line == {
        "event": "exchange_ended",
        "level": "info",
        "exchange": "e-1",
        "door": "soap",
        "caller": "84",
        "transaction": "recherche",
        "target": "FR",
        "members": {"84": "answered"},
        "code": "ok",
        "status": 200,
        "elapsed_ms": 12.3,
    }


def test_an_exchange_knows_nothing_of_the_one_before(log: "Log") -> None:
    telemetry.begin("e-1", door="soap")
    telemetry.learn(caller="84")
    telemetry.begin("e-2", door="fhir")
    telemetry.ended(code="no-token", status=401, elapsed_ms=1.0)

    (line,) = lines(log)
    assert line["exchange"] == "e-2"
    assert "caller" not in line


def test_a_failure_of_ours_is_located_without_its_message(log: "Log") -> None:
    telemetry.begin("e-3", door="soap")
    try:
        telemetry.places(None)  # type: ignore[arg-type]
    except AttributeError as error:
        telemetry.ended(code="internal", status=500, elapsed_ms=1.0, failure=error)

    (line,) = lines(log)
    assert line["failure"] == "AttributeError"
    assert line["at"][-1].startswith("gateway.telemetry:")
    assert "__traceback__" not in log.text


def test_what_a_library_logs_loses_its_values(log: "Log") -> None:
    logging.getLogger("aiohttp.server").error("Error handling request from %s", "10.0.0.1")

    (line,) = lines(log)
    assert line["event"] == "library_message"
    assert line["message"] == "Error handling request from %s"
    assert "10.0.0.1" not in log.text
