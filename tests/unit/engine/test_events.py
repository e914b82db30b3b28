"""Do the events say what the records say, in the contract's words, and nothing more?"""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from app.engine.events import MAX_MESSAGE, Events
from app.engine.sortable_ids import sortable_id, text_of
from contracts import AttemptOutcome, CacheResult, ConfigurationError, Operation
from tests.kit.event_stream import TRACE, attempt_record, check_event, request_record, start_record
from tests.kit.virtual_time import EPOCH

EVENTS = Events("huleedu.llm_provider")
TRACE_PARENT = f"00-{TRACE['trace_id']}-{TRACE['span_id']}-01"


def test_started_event_is_that_of_the_contract() -> None:
    """Topic, key, envelope and payload, field by field."""
    event = EVENTS.started(start_record(number=3))
    assert (event.topic, event.key) == ("huleedu.llm_provider.request_started.v1", "essay-batch-17")
    assert check_event(event.topic, event.payload) == {
        "event_id": event.event_id,
        "event_type": "huleedu.llm_provider.request_started.v1",
        "event_timestamp": "2026-11-21T20:45:00.003000Z",
        "source_service": "llm-provider-service",
        "schema_version": 1,
        "correlation_id": "essay-batch-17",
        "data": {
            "provider": "openai",
            "model": "gpt-x",
            "request_type": "chat",
            "correlation_id": "essay-batch-17",
            "user_id": "ada",
            "metadata": {"number": 3, "nested": {"list": [1, 2.5, None, "é\x00"]}},
        },
        "metadata": {"request_id": "req_3", "traceparent": TRACE_PARENT},
    }


def test_ended_events_are_the_failures_and_then_the_end() -> None:
    """One failure for each call that failed, in their order; none for one that succeeded or was cancelled."""
    calls = (
        attempt_record(error_type="timeout"),
        attempt_record(outcome=AttemptOutcome.CANCELLED, error_type=None),
        attempt_record(error_type="provider_unavailable", circuit_breaker_opened=False),
        attempt_record(outcome=AttemptOutcome.SUCCESS, error_type=None),
    )
    events = EVENTS.ended(request_record(calls=calls))
    told = [check_event(event.topic, event.payload) for event in events]
    assert [event.topic.rsplit(".", 2)[1] for event in events] == ["failure", "failure", "request_completed"]
    assert [one["data"].get("failure_type") for one in told] == ["timeout", "provider_unavailable", None]
    assert {event.key for event in events} == {"essay-batch-17"}
    assert {one["metadata"]["traceparent"] for one in told} == {TRACE_PARENT}
    assert len({event.event_id for event in events}) == 3
    assert told[0]["event_timestamp"] == "2026-11-21T20:45:00.250000Z"
    assert told[0]["data"] == {
        "provider": "openai",
        "failure_type": "timeout",
        "correlation_id": "essay-batch-17",
        "error_details": "openai gave no first token in 12.0 s",
        "circuit_breaker_opened": True,
    }
    assert told[1]["data"]["circuit_breaker_opened"] is False
    assert told[2]["event_timestamp"] == "2026-11-21T20:45:01.500000Z"
    assert told[2]["data"] == {
        "provider": "anthropic",
        "model": "claude-x",
        "request_type": "chat",
        "correlation_id": "essay-batch-17",
        "user_id": "ada",
        "metadata": {"number": 0},
        "success": True,
        "response_time_ms": 1500.0,
        "token_usage": {
            "input_tokens": 10,
            "output_tokens": 5,
            "total_tokens": 15,
            "cached_input_tokens": 0,
            "cache_write_tokens": 0,
            "cache_write_1h_tokens": 0,
            "reasoning_tokens": 0,
            "source": "reported",
        },
        "cost_estimate": 0.000123456789,
        "cached": False,
        "fallback_used": True,
        "error_message": None,
    }


def test_ended_event_of_an_embedding_from_the_cache() -> None:
    """What was not used is null, and no price is no zero."""
    record = request_record(
        operation=Operation.EMBEDDINGS, calls=(), cache=CacheResult.HIT, usage=None, cost_usd=None, user_id=None
    )
    (event,) = EVENTS.ended(record)
    data = check_event(event.topic, event.payload)["data"]
    assert (data["cached"], data["request_type"]) == (True, "embeddings")
    assert (data["token_usage"], data["cost_estimate"], data["user_id"]) == (None, None, None)


@pytest.mark.parametrize(
    "fields,message",
    [
        ({"error_type": "timeout", "error_message": "no answer in 45.0 s"}, "no answer in 45.0 s"),
        ({"error_type": "timeout"}, "timeout"),
        ({"error_type": "timeout", "error_message": "x" * 9000}, "x" * MAX_MESSAGE),
        ({"is_cancelled": True}, "the caller left before the answer was whole"),
    ],
)
def test_ended_event_of_a_request_without_an_answer_says_why(fields: dict[str, object], message: str) -> None:
    """In our own sentence, of bounded length; a caller that left is no success either."""
    (event,) = EVENTS.ended(request_record(calls=(), provider=None, model=None, **fields))
    data = check_event(event.topic, event.payload)["data"]
    assert (data["success"], data["error_message"]) == (False, message)


def test_failure_event_without_a_sentence_names_the_error() -> None:
    """Its details are never empty, and never long."""
    calls = (attempt_record(error_message=None), attempt_record(error_type=None, error_message="y" * 9000))
    bare, long, _ = (check_event(one.topic, one.payload)["data"] for one in EVENTS.ended(request_record(calls=calls)))
    assert bare["error_details"] == "timeout"
    assert (long["failure_type"], long["error_details"]) == ("unknown", "y" * MAX_MESSAGE)


@pytest.mark.parametrize(
    "fields,expected",
    [
        ({"is_sampled": False}, TRACE_PARENT[:-1] + "0"),
        ({"span_id": None}, None),
        ({"trace_id": None}, None),
    ],
)
def test_event_metadata_carries_the_trace(fields: dict[str, object], expected: str | None) -> None:
    """As the caller's own choice to keep its spans was; without a span there is nothing to carry."""
    event = EVENTS.started(start_record(**fields))
    assert check_event(event.topic, event.payload)["metadata"]["traceparent"] == expected


@pytest.mark.parametrize("prefix", ["", "a b", "ä", "a/b", "x" * 201])
def test_events_refuse_a_prefix_that_no_topic_may_have(prefix: str) -> None:
    """By Kafka's rule for names."""
    with pytest.raises(ConfigurationError, match="prefix of topics"):
        Events(prefix)


def test_outbox_event_hides_its_payload() -> None:
    """It is the caller's own, and not for logs."""
    assert "ada" not in repr(EVENTS.started(start_record()))


def test_sortable_ids_are_uuids_of_version_7_in_the_order_of_time() -> None:
    """Whatever chance says, version and variant stand, and a later moment sorts later."""
    early, late = text_of(EPOCH, (1 << 80) - 1), text_of(EPOCH + timedelta(milliseconds=1), 0)
    assert early < late
    for one in (early, late, sortable_id(EPOCH)):
        assert (uuid.UUID(one).version, uuid.UUID(one).variant) == (7, uuid.RFC_4122)
        assert uuid.UUID(one).int >> 80 in (1795293900000, 1795293900001)
    assert sortable_id(EPOCH) != sortable_id(EPOCH)
