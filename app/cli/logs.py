"""How does the log look? One line for each event on standard error, with the time in UTC, as text or as JSON.

A line that was written for a request carries its ids, whoever wrote it. Libraries speak from WARNING on, whatever our
level: at DEBUG an HTTP client would tell what is sent.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any, Literal

from app.ports.trail import current_trail

# Control characters: what came from outside cannot begin a line, or move the cursor of who reads.
_ESCAPED = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160), 0x2028, 0x2029)} | {10: "\\n", 9: "\\t"}
_OURS = ("app", "contracts", "uvicorn.error")


class OneLine(logging.Formatter):
    """`2026-11-21T20:45:00.123Z INFO app.engine message`; a traceback follows in the same line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record's line, without its end."""
        return f"{_time(record)} {record.levelname} {record.name} {super().format(record).translate(_ESCAPED)}"


class JsonLine(logging.Formatter):
    """One JSON object: time, level, logger, message, the request's ids (null outside one), and the record's `fields`.

    `fields`, which a record has by `extra`, go before what the trail says: who writes for a request that is over, on
    a thread of its own, knows its ids.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The record's line, without its end."""
        trail = current_trail()
        line: dict[str, Any] = {
            "time": _time(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": trail.request_id if trail else None,
            "correlation_id": trail.correlation_id if trail else None,
            "trace_id": trail.trace_id if trail else None,
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        # ASCII, so that no character of what came from outside commands a terminal or ends a line.
        return json.dumps(line, default=str)


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


_FORMATTERS: dict[str, type[logging.Formatter]] = {"text": OneLine, "json": JsonLine}


def log_config(level: str, form: Literal["text", "json"] = "text") -> dict[str, Any]:
    """The configuration of `logging`, with `level` for the service and its server."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": _FORMATTERS[form]}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "stream": "ext://sys.stderr", "formatter": "line"},
        },
        "root": {"level": "WARNING", "handlers": ["stderr"]},
        "loggers": {name: {"level": level} for name in _OURS},
    }
