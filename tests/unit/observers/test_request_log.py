"""Which line does a request leave in the log when it ends?"""

from __future__ import annotations

import json
import logging
from decimal import Decimal
from typing import Any

import pytest

from app.log_lines import JsonLine
from app.observers.request_log import RequestLog
from app.ports.records import RequestRecord
from contracts.cache import CacheResult
from tests.kit.witnessed import SECRET, call, failed, request


def logged(caplog: pytest.LogCaptureFixture, record: RequestRecord, level: int = logging.INFO) -> logging.LogRecord:
    """The one line that `record` leaves."""
    with caplog.at_level(level, logger="app"):
        log = RequestLog()
        log.attempt_ended(call())
        log.request_ended(record)
    (line,) = caplog.records
    return line


def test_request_line_names_who_asked_who_answered_and_what_it_took(caplog: pytest.LogCaptureFixture) -> None:
    """As words, and as fields for JSON."""
    line = logged(caplog, request(cost_usd=Decimal("0.0000001")))
    assert line.levelname == "INFO"
    assert line.getMessage() == (
        "chat ended: request_id=req_1 correlation_id=essay-17 trace_id=4bf92f3577b34da6a3ce929d0e0e4736 key_id=key-1 "
        "outcome=success provider=openai model=gpt-5 attempts=1 cache=miss stream=True input_tokens=41 "
        "output_tokens=15 cost_usd=0.0000001 duration_ms=2000.0 ttft_ms=450.0"
    )
    told: dict[str, Any] = json.loads(JsonLine().format(line))
    assert (told["request_id"], told["key_id"], told["input_tokens"]) == ("req_1", "key-1", 41)
    assert told["trace_id"] == "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.mark.parametrize(
    "changes,level,outcome",
    [
        ({"error_type": "timeout", "usage": None, "cost_usd": None}, "WARNING", "timeout"),
        ({"is_cancelled": True, "ttft_seconds": None}, "INFO", "cancelled"),
        ({"cache": CacheResult.HIT, "calls": ()}, "INFO", "success"),
    ],
)
def test_request_line_level_is_a_warning_for_failures_only(
    caplog: pytest.LogCaptureFixture, changes: dict[str, Any], level: str, outcome: str
) -> None:
    """A caller who leaves is no failure; what is not known is left out of the words, and null in JSON."""
    line = logged(caplog, request(**changes))
    assert (line.levelname, line.fields["outcome"]) == (level, outcome)  # type: ignore[attr-defined]
    assert "None" not in line.getMessage()


def test_request_line_holds_no_content(caplog: pytest.LogCaptureFixture) -> None:
    """Neither tags, user and metadata, nor the sentences of errors."""
    line = logged(caplog, request(failed(error_message=SECRET), error_type="timeout", error_message=SECRET))
    assert SECRET not in line.getMessage() + JsonLine().format(line)


def test_request_line_is_not_made_below_the_level(caplog: pytest.LogCaptureFixture) -> None:
    """At WARNING only failures are told."""
    with caplog.at_level(logging.WARNING, logger="app"):
        RequestLog().request_ended(request())
    assert caplog.records == []
