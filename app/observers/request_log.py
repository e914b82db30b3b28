"""Which line does a request leave in the log when it ends? Who asked, who answered, how long it took; no content."""

from __future__ import annotations

import logging
import time
from typing import Any

from app.ports.line_writer import LineWriter, MakeLine
from app.ports.records import AttemptRecord, RequestRecord

logger = logging.getLogger(__name__)

_WORDS = "%s ended: %s"


class RequestLog:
    """Observer: one line for each request, a warning for one that failed. Its figures are the record's `fields`.

    The lines of a batch are written at once, where nobody but our own log listens to `logger`.
    """

    sees_calls = False

    def __init__(self, logger: logging.Logger = logger) -> None:
        self._logger = logger
        self._way: tuple[LineWriter, MakeLine] | None = None
        self._held: list[str] = []

    def attempt_ended(self, record: AttemptRecord) -> None:
        """Calls are told of with their request."""

    def request_ended(self, record: RequestRecord) -> None:
        """Observer: one request has ended."""
        level = logging.INFO if record.error_type is None else logging.WARNING
        if not self._logger.isEnabledFor(level):
            return
        operation, fields = record.operation._value_, _fields(record)
        told = _told(fields)
        # Once for a batch: who listens to the log hardly changes.
        if not self._held:
            self._way = _only_way(self._logger)
        if self._way is None:
            self._logger.log(level, _WORDS, operation, told, extra={"fields": fields})
        else:
            _, made = self._way
            words = _WORDS % (operation, told)
            self._held.append(made(time.time(), logging.getLevelName(level), self._logger.name, words, fields))

    def send(self) -> int:
        """Writes what is held; how many lines could not be written."""
        held, self._held = self._held, []
        if not held or self._way is None:
            return 0
        writer, _ = self._way
        try:
            writer.write(held)
        except (OSError, ValueError):
            return len(held)
        return 0


def _only_way(logger: logging.Logger) -> tuple[LineWriter, MakeLine] | None:
    """Where all lines of `logger` go; None where somebody wants to see a record of each."""
    met, one = list(logger.handlers), logger
    while one.propagate and one.parent is not None:
        one = one.parent
        met += one.handlers
    if len(met) != 1 or logger.filters or logging.getLogRecordFactory() is not logging.LogRecord:
        return None
    writer = met[0]
    if not isinstance(writer, LineWriter):
        return None
    made = writer.maker()
    return None if made is None else (writer, made)


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
        "attempts": len(record.calls),
        "cache": record.cache._value_,
        "stream": record.is_stream,
        "input_tokens": usage.input_tokens if usage else None,
        "output_tokens": usage.output_tokens if usage else None,
        "cost_usd": format(record.cost_usd, "f") if record.cost_usd is not None else None,
        "duration_ms": round(record.duration_seconds * 1000, 3),
        "ttft_ms": round(record.ttft_seconds * 1000, 3) if record.ttft_seconds is not None else None,
    }


def _told(fields: dict[str, Any]) -> str:
    """What is known of `fields`, as words."""
    its = fields
    if (
        its["trace_id"] is None
        or its["provider"] is None
        or its["model"] is None
        or its["input_tokens"] is None
        or its["cost_usd"] is None
    ):
        return _told_of_any(fields)
    # Nearly every request's: written in one go this takes half of the time.
    told = (
        f"request_id={its['request_id']} correlation_id={its['correlation_id']} trace_id={its['trace_id']} "
        f"key_id={its['key_id']} outcome={its['outcome']} provider={its['provider']} model={its['model']} "
        f"attempts={its['attempts']} cache={its['cache']} stream={its['stream']} "
        f"input_tokens={its['input_tokens']} output_tokens={its['output_tokens']} "
        f"cost_usd={its['cost_usd']} duration_ms={its['duration_ms']}"
    )
    return told if its["ttft_ms"] is None else f"{told} ttft_ms={its['ttft_ms']}"


def _told_of_any(fields: dict[str, Any]) -> str:
    return " ".join([f"{name}={value}" for name, value in fields.items() if value is not None])
