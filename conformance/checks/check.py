"""What a check is: a value that says what it verifies, what it expects, and how it looks."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from conformance.dialogue import Dialogue
from conformance.text import Text
from conformance.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found; `remarks` conform and are worth knowing."""

    verdict: Verdict
    message: Text
    remarks: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """One check. `run` raises what the dialogue raises; the runner says whose fault that is."""

    identifier: str
    requirements: tuple[str, ...]
    description: Text
    expectation: Text
    run: Callable[[Dialogue], Awaitable[Finding]]
