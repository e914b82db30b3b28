"""Which line does a request leave in the log when it ends?"""

from __future__ import annotations

import io
import json
import logging
import re
from decimal import Decimal
from typing import Any

import pytest

from app.log_lines import JsonLine, LineForm, Lines, OneLine
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


@pytest.mark.parametrize("ttft_seconds", [None, 0.45])
@pytest.mark.parametrize("absent", [None, "trace_id", "provider", "model", "usage", "cost_usd"])
def test_request_line_s_words_are_its_fields(
    caplog: pytest.LogCaptureFixture, absent: str | None, ttft_seconds: float | None
) -> None:
    """In their order, and without what is not known, whichever that is."""
    changes: dict[str, Any] = {"cost_usd": Decimal("0.01"), "ttft_seconds": ttft_seconds}
    line = logged(caplog, request(**changes | ({absent: None} if absent else {})))
    fields: dict[str, Any] = line.fields  # type: ignore[attr-defined]
    told = " ".join(f"{name}={value}" for name, value in fields.items() if value is not None)
    assert line.getMessage() == f"chat ended: {told}"


def test_request_line_holds_no_content(caplog: pytest.LogCaptureFixture) -> None:
    """Neither tags, user and metadata, nor the sentences of errors."""
    line = logged(caplog, request(failed(error_message=SECRET), error_type="timeout", error_message=SECRET))
    assert SECRET not in line.getMessage() + JsonLine().format(line)


def test_request_line_is_not_made_below_the_level(caplog: pytest.LogCaptureFixture) -> None:
    """At WARNING only failures are told."""
    with caplog.at_level(logging.WARNING, logger="app"):
        RequestLog().request_ended(request())
    assert caplog.records == []


class Full(io.StringIO):
    """A stream with a disk behind it that is full."""

    def write(self, text: str, /) -> int:
        """No."""
        raise OSError


def alone(*handlers: logging.Handler, level: int = logging.INFO) -> logging.Logger:
    """A logger to which only `handlers` listen."""
    root = logging.RootLogger(level)
    child = logging.Manager(root).getLogger("child")
    child.addHandler(handlers[0])
    for handler in handlers[1:]:
        root.addHandler(handler)
    return child


def lines_to(stream: io.StringIO, form: type[LineForm] = OneLine) -> Lines:
    """Our own log."""
    lines = Lines(stream)
    lines.setFormatter(form())
    return lines


class Kept(logging.Handler):
    """Somebody else who listens."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps it."""
        self.records.append(record)


@pytest.mark.parametrize("form", [OneLine, JsonLine])
def test_request_lines_of_a_batch_are_written_when_it_ends(form: type[LineForm]) -> None:
    """Not each by itself; and they are those that records would have left."""
    stream, others, kept = io.StringIO(), io.StringIO(), Kept()
    log, recorded = RequestLog(alone(lines_to(stream, form))), RequestLog(alone(lines_to(others, form), kept))
    told = [request(), request(error_type="timeout", trace_id=None)]
    for record in told:
        log.request_ended(record)
        recorded.request_ended(record)
    assert stream.getvalue() == ""
    assert (log.send(), recorded.send()) == (0, 0)
    assert without_times(stream.getvalue()) == without_times(others.getvalue())
    assert [record.levelname for record in kept.records] == ["INFO", "WARNING"]
    assert log.send() == 0
    assert stream.getvalue().count("\n") == 2


def without_times(lines: str) -> list[str]:
    """Two of the same request are not written in the same millisecond."""
    return [re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "", line) for line in lines.splitlines()]


def test_request_lines_that_cannot_be_written_are_counted() -> None:
    """And gone: the next batch begins anew."""
    log = RequestLog(alone(lines_to(Full())))
    log.request_ended(request())
    log.request_ended(request())
    assert (log.send(), log.send()) == (2, 0)


def test_request_lines_are_records_for_whoever_wants_to_see_them() -> None:
    """A filter of the logger, a handler of another kind."""
    kept, stream = Kept(), io.StringIO()
    RequestLog(alone(kept)).request_ended(request())
    filtered = alone(lines_to(stream))
    filtered.addFilter(lambda record: record.levelno > logging.INFO)
    log = RequestLog(filtered)
    log.request_ended(request())
    log.request_ended(request(error_type="timeout"))
    assert log.send() == 0
    assert len(kept.records) == stream.getvalue().count("\n") == 1


def test_request_lines_are_not_made_below_the_level_without_records_either() -> None:
    """Failures only, at WARNING."""
    stream = io.StringIO()
    log = RequestLog(alone(lines_to(stream), level=logging.WARNING))
    log.request_ended(request())
    log.request_ended(request(error_type="timeout"))
    log.send()
    assert stream.getvalue().count("\n") == stream.getvalue().count(" WARNING ") == 1
