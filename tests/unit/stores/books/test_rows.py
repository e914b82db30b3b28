"""Do rows say what happened, in values that every database takes?"""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Table

from app.ports.records import AttemptRecord, RequestRecord
from app.stores.books.row_keys import call_key
from app.stores.books.rows import Row, audit_key, audit_row, call_columns, fit, outbox_row, request_columns
from app.stores.books.tables import AUDIT, CALLS, OUTBOX, REQUESTS
from contracts.cache import CacheResult
from contracts.chat import Usage, UsageSource
from contracts.fault import Fault
from contracts.responses import AttemptOutcome, Cost
from tests.kit.entries import audited, call, event, request
from tests.kit.virtual_time import EPOCH

_KEY = bytes(14) + bytes(2)
_AT_US = int(EPOCH.timestamp()) * 1_000_000


def _named(table: Table, row: Row) -> dict[str, Any]:
    columns = [column.name for column in table.columns if column is not OUTBOX.c.position]
    return dict(zip(columns, row, strict=True))


def request_row(key: bytes, record: RequestRecord) -> Row:
    """The row of one request."""
    (row,) = zip(*request_columns([(key, record)]), strict=True)
    return row


def call_rows(key: bytes, calls: tuple[AttemptRecord, ...]) -> list[Row]:
    """The rows of the calls of one request."""
    return list(zip(*call_columns([(key, request(calls=calls))]), strict=True))


def test_request_row_names_what_happened() -> None:
    """Who asked, who answered, when, and how long it took."""
    row = _named(REQUESTS, request_row(_KEY, request(3, ttft_seconds=0.0125, fallback_used=True, is_stream=True)))
    assert row["at_us"] == _AT_US + 3000
    assert (row["request_id"], row["correlation_id"]) == ("req_3", "cor_3")
    assert (row["tenant"], row["key_id"], json.loads(row["tags"])) == ("essays", "key-1", ["nightly"])
    assert (row["provider"], row["model"], row["requested_model"]) == ("openai", "gpt-5-mini", "gpt-5-mini")
    assert (row["outcome"], row["cache"], row["is_stream"], row["fallback_used"]) == ("success", "bypass", True, True)
    assert (row["duration_us"], row["queue_us"], row["upstream_us"], row["ttft_us"]) == (300_000, 0, 250_000, 12_500)


@pytest.mark.parametrize("source", [UsageSource.REPORTED, UsageSource.ESTIMATED])
@pytest.mark.parametrize("cost", [Cost(usd=Decimal("0.25"), source="prices"), None])
def test_request_row_of_one_call_is_that_of_it_and_one_that_used_nothing(
    source: UsageSource, cost: Cost | None
) -> None:
    """The usual way to sums is short, and leads where the long one does."""
    used = call(usage=Usage(input_tokens=2, output_tokens=1, total_tokens=3, source=source), cost=cost)
    alone, beside = (
        _named(REQUESTS, request_row(_KEY, request(calls=calls)))
        for calls in ((used,), (used, call(usage=None, cost=None)))
    )
    assert alone | {"calls": 2} == beside


def test_request_row_sums_what_all_calls_were_billed() -> None:
    """Tokens of every call; counted, estimated and unknown costs apart."""
    estimated = Usage(input_tokens=2, output_tokens=1, total_tokens=3, source=UsageSource.ESTIMATED)
    calls = (
        call(cost=Cost(usd=Decimal("0.25"), source="vendor")),
        call(usage=estimated, cost=Cost(usd=Decimal("0.000000000001"), source="prices")),
        call(cost=None),
        call(usage=None, cost=None, outcome=AttemptOutcome.FAILED),
    )
    row = _named(REQUESTS, request_row(_KEY, request(calls=calls)))
    assert (row["calls"], row["input_tokens"], row["cached_input_tokens"], row["total_tokens"]) == (4, 16, 6, 27)
    assert (row["cost_pico"], row["estimated_cost_pico"], row["unpriced_calls"]) == (250_000_000_000, 1, 1)
    assert row["is_estimated"] is True


def test_request_row_of_one_that_nobody_answered_is_full_of_nothing() -> None:
    """A refused request has no provider, no call and no cost; text that groups is never null."""
    refused = request(
        calls=(), provider=None, model=None, error_type="rate_limit_exceeded", tags=(), cache=CacheResult.MISS
    )
    row = _named(REQUESTS, request_row(_KEY, refused))
    assert (row["provider"], row["model"], row["outcome"], row["cache"]) == ("", "", "rate_limit_exceeded", "miss")
    assert (row["calls"], row["total_tokens"], row["cost_pico"], row["ttft_us"]) == (0, 0, 0, None)


def test_call_rows_are_numbered_and_keyed_by_their_request() -> None:
    """Each has the outcome, the fault and the provenance of its cost."""
    failed = call(
        outcome=AttemptOutcome.FAILED,
        status=503,
        error_type="provider_unavailable",
        fault=Fault.PROVIDER,
        usage=None,
        cost=None,
        is_retry=True,
        started_at=EPOCH + timedelta(seconds=1),
    )
    rows = [_named(CALLS, row) for row in call_rows(_KEY, (failed, call()))]
    assert [(row["id"], row["request"], row["number"]) for row in rows] == [
        (call_key(_KEY, 0), _KEY, 0),
        (call_key(_KEY, 1), _KEY, 1),
    ]
    assert (rows[0]["outcome"], rows[0]["status"], rows[0]["error_type"]) == ("failed", 503, "provider_unavailable")
    assert (rows[0]["fault"], rows[0]["is_retry"], rows[0]["at_us"]) == ("provider", True, _AT_US + 1_000_000)
    assert (rows[0]["cost_pico"], rows[0]["cost_source"], rows[0]["price_version"]) == (None, None, None)
    assert (rows[1]["cost_pico"], rows[1]["cost_source"], rows[1]["price_version"]) == (34_000_000, "prices", "2026-11")


def test_audit_row_holds_before_and_after_as_json() -> None:
    """Decimals and times of a change become JSON; nothing is null, and what no JSON can say is said to be so."""
    entry = audited(before={"at": EPOCH, "usd": Decimal("0.1")}, after=None)
    row = _named(AUDIT, audit_row(entry))
    assert row["id"] == audit_key(entry)
    assert json.loads(row["before"]) == {"at": "2026-11-21 20:45:00+00:00", "usd": "0.1"}
    assert (row["after"], row["actor"], row["action"], row["at_us"]) == (None, "admin", "config.update", _AT_US)
    assert json.loads(audit_row(audited(before=[float("nan")]))[7]) == "it cannot be written as JSON"


def test_outbox_row_leaves_the_position_to_the_database() -> None:
    """It draws them in the order of insertion."""
    made = event(7)
    row = _named(OUTBOX, outbox_row(made))
    assert row == {"event_id": made.event_id, "topic": made.topic, "key": "cor_7", "payload": made.payload}


@pytest.mark.parametrize(
    "text,fitted",
    [
        ("plain", "plain"),
        ("a\nb", "a\nb"),
        ("nul\0", "nul\N{REPLACEMENT CHARACTER}"),
        ("half \ud83d", "half ?"),
        ("much too long", "much too l"),
        ("\N{GRINNING FACE}" * 11, "\N{GRINNING FACE}" * 10),
    ],
)
def test_text_is_made_to_fit(text: str, fitted: str) -> None:
    """PostgreSQL takes no NUL, no half of a pair, and nothing that is too long."""
    assert fit(text, 10) == fitted
