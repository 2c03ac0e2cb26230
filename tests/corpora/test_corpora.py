"""Every attack of the corpora through the real listeners: its exact refusal, one line in the log, nothing told, nothing
fetched, and a good request served in the meantime.
"""

import asyncio
import os
import re
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.attacked import CORPORA, HELD
from conformance.attacks.corpus import ENDED, Attack, Expected, read_corpora
from conformance.attacks.wire import Answered
from mappings.csd.xml import parse
from mappings.fhir.encoding import JsonRefused, decode

if TYPE_CHECKING:
    from tests.corpora.conftest import Besieged

pytestmark = pytest.mark.asyncio(loop_scope="module")

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
ATTACKS = [attack for attack in read_corpora(CORPORA) if LONG or not attack.slow]
NAMES = {"s": "http://www.w3.org/2003/05/soap-envelope", "e": "urn:inter-ror:error"}
FOREIGN = "evil.example"
WORDS = {
    "bad-http": "La requête HTTP n'est pas valide.\nThe HTTP request is not valid.\n",
    "head-timed-out": (
        "L'en-tête HTTP n'est pas arrivé en entier dans le délai.\nThe HTTP header did not arrive whole in time.\n"
    ),
}
TOLD = re.compile(
    r"Traceback|File \"|\.py\b|/(?:usr|home|tmp|etc|opt|var|proc)/|site-packages|0x[0-9a-f]{6}"
    r"|\b(?:aiohttp|lxml|libxml\w*|expat|openssl|msgspec|pydantic|sqlalchemy|sqlite|yarl|python|asyncio)\b",
    re.IGNORECASE,
)
"""What an answer would show of the program behind it."""


@pytest.mark.parametrize("attack", ATTACKS, ids=[attack.name for attack in ATTACKS])
async def test_an_attack_is_refused_and_others_are_served(besieged: "Besieged", attack: Attack) -> None:
    data = besieged.callers.request(attack)
    before = len(besieged.stream.getvalue())

    async with asyncio.TaskGroup() as tasks:
        attacking = tasks.create_task(besieged.callers.attack(attack, data))
        good = tasks.create_task(besieged.callers.good())
    status, exchange, served = good.result()
    lines = await told(besieged, before, attack, exchange)

    assert (status, b"queryResult" in served) == (200, True)
    assert [line_of(line) for line in lines] == [wanted(expected) for expected in attack.expect]
    answers = [expected for expected in attack.expect if expected.answered]
    assert [answer.status for answer in attacking.result()] == [expected.status for expected in answers]
    for answer, expected in zip(attacking.result(), answers, strict=True):
        assert_refusal(answer, expected, attack.door)
    assert not {HELD, FOREIGN} & set(re.split(r"[^\w.-]", besieged.stream.getvalue()[before:]))
    assert not besieged.called()


async def told(besieged: "Besieged", since: int, attack: Attack, exchange: str) -> list[dict[str, Any]]:
    """The lines of the attack; one about a caller who left may come after the caller has."""
    async with asyncio.timeout(20):
        while True:
            lines = [line for line in besieged.lines(since) if line.get("exchange") != exchange]
            if len(lines) >= len(attack.expect):
                return lines
            await asyncio.sleep(0.02)


def line_of(line: dict[str, Any]) -> tuple[Any, ...]:
    return line["event"], line.get("code"), line.get("status"), line.get("cause", "")


def wanted(expected: Expected) -> tuple[Any, ...]:
    return expected.event, expected.code, expected.status, expected.cause


def assert_refusal(answer: Answered, expected: Expected, door: str) -> None:
    text = answer.body.decode()
    assert answer.headers["server"] == "inter-ror"
    assert "forged" not in "".join((*answer.headers, *answer.headers.values()))
    assert FOREIGN not in text
    assert TOLD.search(text) is None
    assert HELD not in text
    if expected.code == "ok":
        return
    if expected.event != ENDED:
        assert (answer.headers["content-type"], text) == ("text/plain; charset=utf-8", WORDS[expected.code])
    elif door == "soap":
        assert_fault(answer, expected)
    else:
        assert f'"{expected.code}"' in text or f'code="{expected.code}"' in text or door == "token"


DECODED = [attack for attack in ATTACKS if attack.decoded]


@pytest.mark.parametrize("attack", DECODED, ids=[attack.name for attack in DECODED])
async def test_the_same_bytes_from_a_member_are_refused(attack: Attack) -> None:
    with pytest.raises(JsonRefused) as refused:
        decode(attack.content())

    assert refused.value.code == attack.decoded


def assert_fault(answer: Answered, expected: Expected) -> None:
    root = parse(answer.body)
    assert root.find(f".//e:error[@code='{expected.code}']", NAMES) is not None
    if root.tag == f"{{{NAMES['s']}}}Envelope":
        code = root.find(".//s:Fault/s:Code", NAMES)
        assert code is not None
        values = [str(value.text).rpartition(":")[2] for value in code.iter(f"{{{NAMES['s']}}}Value")]
        assert values == [
            expected.fault or "Sender",
            expected.code,
            *([expected.security] if expected.security else []),
        ]
