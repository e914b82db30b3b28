"""Which line does a request leave in the log when it ends? Who asked, who answered, how long it took; no content."""

from __future__ import annotations

import logging
from typing import Any

from app.ports.records import AttemptRecord, RequestRecord

logger = logging.getLogger(__name__)


class RequestLog:
    """Observer: one line for each request, a warning for one that failed. Its figures are the record's `fields`."""

    sees_calls = False

    def attempt_ended(self, record: AttemptRecord) -> None:
        """Calls are told of with their request."""

    def request_ended(self, record: RequestRecord) -> None:
        """Observer: one request has ended."""
        level = logging.INFO if record.error_type is None else logging.WARNING
        if logger.isEnabledFor(level):
            fields = _fields(record)
            words = " ".join([f"{name}={value}" for name, value in fields.items() if value is not None])
            logger.log(level, "%s ended: %s", record.operation.value, words, extra={"fields": fields})


def _fields(record: RequestRecord) -> dict[str, Any]:
    usage = record.usage
    return {
        "request_id": record.request_id,
        "correlation_id": record.correlation_id,
        "trace_id": record.trace_id,
        "key_id": record.caller.key_id,
        "outcome": record.outcome,
        "provider": record.provider,
        "model": record.model,
        "attempts": record.attempts,
        "cache": record.cache.value,
        "stream": record.is_stream,
        "input_tokens": usage.input_tokens if usage else None,
        "output_tokens": usage.output_tokens if usage else None,
        "cost_usd": format(record.cost_usd, "f") if record.cost_usd is not None else None,
        "duration_ms": round(record.duration_seconds * 1000, 3),
        "ttft_ms": round(record.ttft_seconds * 1000, 3) if record.ttft_seconds is not None else None,
    }
