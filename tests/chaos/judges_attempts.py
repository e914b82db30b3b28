"""Was every vendor treated as promised: how often was it asked, how soon again, and when was it let go?"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from tests.chaos.scenario import Judge, Outcome

Count = int | tuple[int, int]
_BURST = 4
_BURST_SECONDS = 3.0
_MOST_ATTEMPTS = 6
# Clocks of two processes, and a socket between them.
_CLOCK_SECONDS = 0.02


def attempts(counts: Mapping[str, Count] | None = None, **named: Count) -> Judge:
    """How often each row was tried, exactly or from and to; a row that is not named: never."""

    rows: dict[str, Count] = {**(counts or {}), **named}

    def judge(outcome: Outcome) -> list[str]:
        found = []
        for row in sorted({*rows, *(one["row"] for one in outcome.seen)}):
            wanted = rows.get(row, 0)
            least, most = wanted if isinstance(wanted, tuple) else (wanted, wanted)
            made = len(outcome.of_row(row))
            if not least <= made <= most:
                found.append(f"{row} was tried {made} times, not {least if least == most else f'{least} to {most}'}")
        return found

    return judge


def gentle(outcome: Outcome) -> list[str]:
    """No vendor was hammered: four attempts on a route within 3 s, six in all."""
    found = []
    for key in {(one["row"], one["model"]) for one in outcome.seen}:
        times = [one["at"] for one in outcome.seen if (one["row"], one["model"]) == key]
        bursts = zip(times, times[_BURST:], strict=False)
        if any(fifth - first < _BURST_SECONDS - _CLOCK_SECONDS for first, fifth in bursts):
            found.append(f"{key[0]} was tried more than {_BURST} times within {_BURST_SECONDS:.0f} s")
    if len(outcome.seen) > _MOST_ATTEMPTS:
        found.append(f"{len(outcome.seen)} attempts for one request, at most {_MOST_ATTEMPTS}")
    return found


def spaced(row: str, seconds: float) -> Judge:
    """A row that asked for a rest had it before each further try."""

    def judge(outcome: Outcome) -> list[str]:
        gaps = _gaps(outcome, row)
        short = [gap for gap in gaps if gap < seconds - _CLOCK_SECONDS]
        return [f"{row} was tried again after {short[0]:.3f} s, not {seconds:.3f}"] if short else []

    return judge


def backed_off(row: str) -> Judge:
    """The pauses between tries keep below a ceiling that doubles: full jitter may make each as short as it likes."""

    def judge(outcome: Outcome) -> list[str]:
        ceiling = outcome.pace.retry_delay_seconds
        slack = max(outcome.pace.margin / 2, ceiling)
        return [
            f"try {number + 2} of {row} came after {gap:.2f} s, at most {ceiling * 2**number + slack:.2f}"
            for number, gap in enumerate(_gaps(outcome, row))
            if gap > ceiling * 2**number + slack
        ]

    return judge


# A connection may break while the request is on its way.
_UNANSWERED = ("timeout", "provider_unavailable")


def listed(outcome: Outcome) -> list[str]:
    """The attempts listed are those that the vendor saw, in order; one without an answer may never have come."""
    attempts = outcome.saw.last.get("attempts", [])
    told = [one["provider"] for one in attempts]
    real = [one["row"] for one in outcome.seen]
    lost = sum(one.get("status") is None and one.get("error_type") in _UNANSWERED for one in attempts)
    rest = iter(told)
    fits = all(row in rest for row in real) and len(told) - len(real) <= lost
    return [] if fits else [f"the attempts listed are {told}, those seen {real}"]


def asked_last_by(row: str, *roles: str) -> Judge:
    """Whose turn ended the conversations that the row was asked with, in order."""

    def judge(outcome: Outcome) -> list[str]:
        said = tuple(one["last_role"] for one in outcome.of_row(row))
        return [] if said == roles else [f"the last turns sent to {row} were {said}, not {roles}"]

    return judge


def closed_upstream(seconds: float, *, calls: int = 1) -> Judge:
    """When the caller left, so many calls were under way, each was closed within that time, and none was made after."""

    def judge(outcome: Outcome) -> list[str]:
        left = outcome.saw.left_at
        if left is None:
            return ["the caller never left"]
        found = [f"{one['row']} was asked {one['at'] - left:.2f} s after" for one in outcome.seen if one["at"] > left]
        open_calls = [
            one for one in outcome.seen if one["at"] <= left and (one["ended_at"] is None or one["ended_at"] >= left)
        ]
        if len(open_calls) != calls:
            found.append(f"{len(open_calls)} calls were under way, not {calls}")
        for one in open_calls:
            closed = one["caller_left_at"]
            if closed is None:
                found.append(f"the call to {one['row']} was never closed")
            elif closed - left > seconds:
                found.append(f"the call to {one['row']} was closed after {(closed - left) * 1000:.0f} ms")
        return found

    return judge


def _gaps(outcome: Outcome, row: str) -> list[float]:
    times = [one["at"] for one in outcome.of_row(row)]
    return [later - earlier for earlier, later in pairwise(times)]
