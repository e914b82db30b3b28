"""Does wrk send what it should, and are its figures read right?"""

from __future__ import annotations

import json
from typing import Any

import pytest

from benchmarks.comparison.asking import Ask
from benchmarks.comparison.wrk import rate_of, script_of

_CHATTER = "Running 2s test @ http://127.0.0.1:1/v1\n  12 requests in 2.00s\n\n"


def printed(**other: Any) -> str:
    told = {
        "requests": 3000,
        "bytes": 2_700_000,
        "micros": 1_500_000,
        "p50": 420,
        "p99": 1250,
        "failed": 0,
        "refused": 0,
        **other,
    }
    return f"{_CHATTER}{json.dumps(told)}\n"


def test_rate_is_read_from_the_last_line() -> None:
    """Microseconds become milliseconds, and the rate counts the time that it really took."""
    rate = rate_of(printed())
    assert (rate.requests, rate.requests_per_second, rate.p50_ms, rate.p99_ms) == (3000, 2000.0, 0.42, 1.25)
    assert rate.received == 2_700_000


@pytest.mark.parametrize("slip", [{"failed": 1}, {"refused": 7}])
def test_rate_of_a_run_that_failed_is_refused(slip: dict[str, int]) -> None:
    """A gateway that answers errors quickly is not quick."""
    with pytest.raises(RuntimeError, match="failed"):
        rate_of(printed(**slip))


def test_rate_of_a_run_without_requests_is_nothing() -> None:
    """One that is too slow for the time that it was given is no failure: it is given more."""
    rate = rate_of(printed(requests=0))
    assert (rate.requests, rate.requests_per_second) == (0, 0.0)


def test_rate_of_a_run_without_figures_is_refused() -> None:
    """wrk goes on without its script when that is wrong; its figures are missing then."""
    with pytest.raises(ValueError, match="no figures"):
        rate_of(_CHATTER)


def test_script_holds_body_and_headers_unchanged() -> None:
    """Quotes and brackets of JSON mean nothing to Lua."""
    body = json.dumps({"stop": ["]]", '"']})
    script = script_of(Ask(1, "/v1", body, {"x-api-key": "k"}))
    assert f"wrk.body = [==[{body}]==]" in script
    assert "wrk.headers[ [==[x-api-key]==] ] = [==[k]==]" in script
