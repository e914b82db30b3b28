"""How does the log look? One line for each event on standard error, with the time in UTC, as text or as JSON.

A line that was written for a request carries its ids, whoever wrote it. Libraries speak from WARNING on, whatever our
level: at DEBUG an HTTP client would tell what is sent.
"""

from __future__ import annotations

import json
import logging
import logging.config
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal, TextIO

from app.ports.line_writer import MakeLine
from app.ports.trail import current_trail

# Control characters: what came from outside cannot begin a line, or move the cursor of who reads.
_ESCAPED = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160), 0x2028, 0x2029)} | {10: "\\n", 9: "\\t"}
_OURS = ("app", "contracts")
_SERVER = "uvicorn.error"
# ASCII, so that no character of what came from outside commands a terminal or ends a line.
_as_json = json.JSONEncoder(default=str).encode


class LineForm(logging.Formatter):
    """How a line looks, of a record or of what never was one."""

    def line(self, moment: float, level: str, logger: str, words: str, fields: Mapping[str, Any]) -> str:
        """The line, without its end. `moment`: seconds since 1970."""
        raise NotImplementedError


class OneLine(LineForm):
    """`2026-11-21T20:45:00.123Z INFO app.engine message`; a traceback follows in the same line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record's line, without its end."""
        return self.line(record.created, record.levelname, record.name, super().format(record), {})

    def line(self, moment: float, level: str, logger: str, words: str, fields: Mapping[str, Any]) -> str:
        """LineForm: the words say what the fields would."""
        # To translate takes six times as long as to see that there is nothing to.
        words = words if words.isascii() and words.isprintable() else words.translate(_ESCAPED)
        return f"{_time(int(moment * 1000))} {level} {logger} {words}"


class JsonLine(LineForm):
    """One JSON object: time, level, logger, message, the request's ids (null outside one), and the record's `fields`.

    `fields`, which a record has by `extra`, go before what the trail says: who writes for a request that is over, on
    a thread of its own, knows its ids.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The record's line, without its end."""
        fields = getattr(record, "fields", {})
        if record.exc_info:
            fields = {**fields, "exception": self.formatException(record.exc_info)}
        return self.line(record.created, record.levelname, record.name, record.getMessage(), fields)

    def line(self, moment: float, level: str, logger: str, words: str, fields: Mapping[str, Any]) -> str:
        """LineForm: one JSON object."""
        trail = current_trail()
        told: dict[str, Any] = {
            "time": _time(int(moment * 1000)),
            "level": level,
            "logger": logger,
            "message": words,
            "request_id": trail.request_id if trail else None,
            "correlation_id": trail.correlation_id if trail else None,
            "trace_id": trail.trace_id if trail else None,
            **fields,
        }
        return _as_json(told)


class Lines(logging.StreamHandler[TextIO]):
    """Writes each record's line as it comes. LineWriter: and many lines at once."""

    def maker(self) -> MakeLine | None:
        """LineWriter: its form's, unless it is choosy."""
        form = self.formatter
        return form.line if isinstance(form, LineForm) and not self.filters and not self.level else None

    def write(self, lines: Iterable[str]) -> None:
        """LineWriter: to its stream."""
        self.acquire()
        try:
            self.stream.write("".join([line + self.terminator for line in lines]))
            self.flush()
        finally:
            self.release()


class Seldom(logging.Filter):
    """Each warning at most once a second: a stranger who sends no HTTP shall not fill a disk. The next one counts."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._told: dict[str, tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether it is written; the count of those like it that were not stands behind its words."""
        if record.levelno != logging.WARNING:
            return True
        words, now = str(record.msg), self._clock()
        at, passed_over = self._told.get(words, (now - _SELDOM_SECONDS, 0))
        is_written = now - at >= _SELDOM_SECONDS
        if len(self._told) > _MOST_WORDS:
            self._told.clear()
        self._told[words] = (now, 0) if is_written else (at, passed_over + 1)
        if is_written and passed_over:
            record.msg = f"{words} ({passed_over} more like it since it was told last)"
        return is_written


# Lines that are made together are of the same few milliseconds.
@lru_cache(maxsize=8)
def _time(milliseconds: int) -> str:
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


_SELDOM_SECONDS = 1.0
# The server's warnings are a handful of sentences.
_MOST_WORDS = 100

Form = Literal["text", "json"]

_FORMATTERS: dict[str, type[logging.Formatter]] = {"text": OneLine, "json": JsonLine}


def write_lines(level: str, form: Form = "text") -> None:
    """From now on all that this process logs is written, `level` and above of the service and its server."""
    logging.config.dictConfig(log_config(level, form))


def are_written() -> bool:
    """Whether somebody has said already where lines go."""
    return bool(logging.getLogger().handlers)


def are_json() -> bool:
    """Whether each line of standard error is JSON, so that nobody may write another one there."""
    return any(isinstance(handler.formatter, JsonLine) for handler in logging.getLogger().handlers)


def log_config(level: str, form: Form = "text") -> dict[str, Any]:
    """The configuration of `logging`, with `level` for the service and its server."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": _FORMATTERS[form]}},
        "filters": {"seldom": {"()": Seldom}},
        "handlers": {
            "stderr": {"()": Lines, "stream": "ext://sys.stderr", "formatter": "line"},
        },
        "root": {"level": "WARNING", "handlers": ["stderr"]},
        "loggers": {
            **{name: {"level": level} for name in _OURS},
            _SERVER: {"level": level, "filters": ["seldom"]},
        },
    }
