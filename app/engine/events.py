"""What is told of a request by Kafka: when it began, when it ended, and for each call of it that failed?

Pure but for the ids that are drawn: records in, whole events out. Built here and not in the relay,
because the engine hands them to the books together with the request's row: both are committed, or neither.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from pydantic import BaseModel

from app.engine.sortable_ids import sortable_id
from app.ports.books import OutboxEvent
from app.ports.records import AttemptRecord, RequestRecord, StartRecord
from contracts.cache import CacheResult
from contracts.errors import ConfigurationError
from contracts.events import (
    COMPLETED_SUFFIX,
    FAILURE_SUFFIX,
    STARTED_SUFFIX,
    EventMetadata,
    ProviderFailure,
    ProviderFailureEvent,
    RequestCompleted,
    RequestCompletedEvent,
    RequestStarted,
    RequestStartedEvent,
)
from contracts.responses import AttemptOutcome

MAX_MESSAGE = 500
# Kafka's own rule for topics, which may have 249 characters.
_PREFIX = re.compile(r"[A-Za-z0-9._-]{1,200}")
_LEFT = "the caller left before the answer was whole"


class Events:
    """Makes the events of topics that begin with `prefix`. `new_id` draws the id of an event of some moment.

    Raises ConfigurationError for a prefix with which no topic may be named.
    """

    def __init__(self, prefix: str, new_id: Callable[[datetime], str] = sortable_id) -> None:
        if not _PREFIX.fullmatch(prefix):
            raise ConfigurationError("a prefix of topics is 1 to 200 letters, digits, dots, dashes and underscores")
        self.prefix = prefix
        self._started = prefix + STARTED_SUFFIX
        self._completed = prefix + COMPLETED_SUFFIX
        self._failure = prefix + FAILURE_SUFFIX
        self._new_id = new_id

    def started(self, record: StartRecord) -> OutboxEvent:
        """The event of a request that begins."""
        event = RequestStartedEvent(
            event_id=self._new_id(record.started_at),
            event_type=self._started,
            event_timestamp=record.started_at,
            correlation_id=record.correlation_id,
            data=RequestStarted(
                provider=record.provider,
                model=record.model,
                request_type=record.operation,
                correlation_id=record.correlation_id,
                user_id=record.user_id,
                metadata=dict(record.metadata),
            ),
            metadata=_metadata(record),
        )
        return _for_outbox(event, event.event_id, event.event_type, event.correlation_id)

    def ended(self, record: RequestRecord) -> tuple[OutboxEvent, ...]:
        """One event for each call that failed, in their order, then that of the request's end."""
        metadata = _metadata(record)
        failed = (call for call in record.calls if call.outcome is AttemptOutcome.FAILED)
        return (*(self._failed(call, metadata) for call in failed), self._ended(record, metadata))

    def _failed(self, call: AttemptRecord, metadata: EventMetadata) -> OutboxEvent:
        at = call.started_at + timedelta(seconds=call.duration_seconds)
        failure_type = call.error_type or "unknown"
        event = ProviderFailureEvent(
            event_id=self._new_id(at),
            event_type=self._failure,
            event_timestamp=at,
            correlation_id=call.correlation_id,
            data=ProviderFailure(
                provider=call.provider,
                failure_type=failure_type,
                correlation_id=call.correlation_id,
                error_details=(call.error_message or failure_type)[:MAX_MESSAGE],
                circuit_breaker_opened=call.circuit_breaker_opened,
            ),
            metadata=metadata,
        )
        return _for_outbox(event, event.event_id, event.event_type, event.correlation_id)

    def _ended(self, record: RequestRecord, metadata: EventMetadata) -> OutboxEvent:
        at = record.started_at + timedelta(seconds=record.duration_seconds)
        event = RequestCompletedEvent(
            event_id=self._new_id(at),
            event_type=self._completed,
            event_timestamp=at,
            correlation_id=record.correlation_id,
            data=RequestCompleted(
                provider=record.provider,
                model=record.model,
                request_type=record.operation,
                correlation_id=record.correlation_id,
                user_id=record.user_id,
                metadata=dict(record.metadata),
                success=record.outcome == "success",
                response_time_ms=round(record.duration_seconds * 1000, 3),
                token_usage=record.usage,
                cost_estimate=record.cost_usd,
                cached=record.cache is CacheResult.HIT,
                fallback_used=record.fallback_used,
                error_message=_message(record),
            ),
            metadata=metadata,
        )
        return _for_outbox(event, event.event_id, event.event_type, event.correlation_id)


def _message(record: RequestRecord) -> str | None:
    if record.error_type is not None:
        return (record.error_message or record.error_type)[:MAX_MESSAGE]
    return _LEFT if record.is_cancelled else None


def _metadata(record: StartRecord | RequestRecord) -> EventMetadata:
    flags = "01" if record.is_sampled else "00"
    has_span = record.trace_id is not None and record.span_id is not None
    trace_parent = f"00-{record.trace_id}-{record.span_id}-{flags}" if has_span else None
    return EventMetadata(request_id=record.request_id, traceparent=trace_parent)


def _for_outbox(event: BaseModel, event_id: str, topic: str, key: str) -> OutboxEvent:
    return OutboxEvent(event_id=event_id, topic=topic, key=key, payload=event.model_dump_json().encode())
