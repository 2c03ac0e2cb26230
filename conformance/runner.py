"""Runs the checks against one target: what failed, what could not be judged, and why."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

from conformance.checks.check import Check, Finding
from conformance.dialogue import LIMIT_SECONDS, Dialogue, Misbehaved, NotReached
from conformance.target import Target
from conformance.text import Text
from conformance.verdict import Verdict, overall


@dataclass(frozen=True, slots=True)
class Result:
    """One check and what it found."""

    check: Check
    finding: Finding
    seconds: float


@dataclass(frozen=True, slots=True)
class Run:
    """Every result against one target."""

    target: Target
    results: tuple[Result, ...]

    @property
    def verdict(self) -> Verdict:
        """The verdict of the whole."""
        return overall(result.finding.verdict for result in self.results)


async def judge(target: Target, checks: Iterable[Check], *, limit: float = LIMIT_SECONDS) -> Run:
    """The run of these checks, one after the other, in one conversation; `limit` is the time of one answer."""
    async with Dialogue(target, limit=limit) as dialogue:
        return Run(target, tuple([await _result(check, dialogue) for check in checks]))


async def _result(check: Check, dialogue: Dialogue) -> Result:
    started = time.monotonic()
    finding = await _finding(check, dialogue)
    return Result(check, finding, time.monotonic() - started)


async def _finding(check: Check, dialogue: Dialogue) -> Finding:
    try:
        return await check.run(dialogue)
    except Misbehaved as misbehaved:
        return Finding(Verdict.FAIL, misbehaved.reason)
    except NotReached as unreached:
        return Finding(Verdict.ERROR, unreached.reason)
    except Exception as mistake:  # a mistake of a check is the suite's fault: it must never count as the target's
        name = f"{type(mistake).__name__}: {mistake}"
        return Finding(Verdict.ERROR, Text(f"erreur de la suite : {name}", f"error of the suite: {name}"))
