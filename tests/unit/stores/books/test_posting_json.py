"""Does a posting come out of the journal as it went in, also into a later version?"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.ports.books import Entry
from app.ports.records import AttemptRecord, RequestRecord
from app.stores.books.posting import NO_KEY, Posting
from app.stores.books.posting_json import decode_posting, encode_posting
from contracts.chat import Usage
from contracts.responses import Cost
from tests.kit.entries import audited, booked, call, event, request, with_event
from tests.kit.virtual_time import EPOCH

_KEY = bytes(range(16))
_moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - by st
_money = st.decimals(0, 10**6, places=12)
_usages = st.builds(Usage)
_costs = st.builds(Cost, usd=_money)
_seconds = st.floats(0, 1e6)
_calls = st.builds(
    AttemptRecord,
    started_at=_moments,
    duration_seconds=_seconds,
    ttft_seconds=st.none() | _seconds,
    usage=st.none() | _usages,
    cost=st.none() | _costs,
)
_requests = st.builds(
    RequestRecord,
    started_at=_moments,
    duration_seconds=_seconds,
    ttft_seconds=st.none() | _seconds,
    queue_seconds=_seconds,
    upstream_seconds=_seconds,
    calls=st.lists(_calls, max_size=3).map(tuple),
    usage=st.none() | _usages,
    cost_usd=st.none() | _money,
    metadata=st.just({}),
)


@settings(max_examples=60, deadline=None)
@given(_requests)
def test_posting_of_any_request_comes_back_equal(record: RequestRecord) -> None:
    """Every field, with the exact money and time, and odd text too."""
    posting = Posting(_KEY, Entry(request=record))
    assert decode_posting(encode_posting(posting)) == posting


def test_posting_with_everything_comes_back_equal() -> None:
    """Audit and events too; an event's bytes are not touched."""
    entry = Entry(request=request(), audit=audited(), events=(event(payload=b"\x00\xff{}"), event(1)))
    assert decode_posting(encode_posting(Posting(_KEY, entry))) == Posting(_KEY, entry)
    assert decode_posting(encode_posting(Posting(NO_KEY, Entry(audit=audited())))).entry.request is None


def test_posting_whose_audit_is_not_quite_json_is_kept_in_other_words() -> None:
    """What somebody did is never lost because of how it was described."""
    posting = Posting(NO_KEY, Entry(audit=audited(before={"at": EPOCH, "what": {1, 2}})))
    found = decode_posting(encode_posting(posting)).entry.audit
    assert found is not None
    assert found.before == {"at": "2026-11-21T20:45:00+00:00", "what": "{1, 2}"}


def test_posting_leaves_out_what_only_events_need() -> None:
    """A caller's metadata is in the event already, and nowhere else on the disk."""
    data = encode_posting(Posting(_KEY, booked(metadata={"note": "between us"})))
    assert b"between us" not in data
    assert decode_posting(data).entry == booked()


def test_posting_of_another_version_is_read() -> None:
    """Missing fields have their defaults, unknown ones are passed over."""
    plain: dict[str, Any] = json.loads(encode_posting(Posting(_KEY, with_event())))
    del plain["request"]["queue_seconds"], plain["request"]["calls"][0]["is_retry"]
    plain["request"]["flavour"] = plain["request"]["calls"][0]["flavour"] = "new"
    found = decode_posting(json.dumps(plain).encode()).entry.request
    assert found == request()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"null",
        b'{"key": "00"}',
        b'{"key": "zz", "request": null, "audit": null, "events": []}',
        b'{"key": "00", "request": {"request_id": "r"}, "audit": null, "events": []}',
        b'{"key": "00", "request": null, "audit": {}, "events": []}',
        b'{"key": "00", "request": null, "audit": null, "events": [{"payload": 1}]}',
        b"[" * 100_000,
    ],
)
def test_posting_that_is_none_is_refused(data: bytes) -> None:
    """With ValueError, whatever is wrong with it."""
    with pytest.raises(ValueError):
        decode_posting(data)


def test_posting_says_how_many_rows_it_makes() -> None:
    """A request with its calls, an entry of the audit, and the events."""
    entry = Entry(request=request(calls=(call(), call())), audit=audited(), events=(event(), event()))
    assert Posting(_KEY, entry).rows() == 6
    assert Posting(_KEY, replace(entry, request=None, events=())).rows() == 1
    assert booked().request == request(cost_usd=None) != request(cost_usd=Decimal(1))
