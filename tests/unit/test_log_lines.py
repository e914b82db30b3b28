"""How does the log look?"""

from __future__ import annotations

import io
import json
import logging
import sys
from typing import Any

import pytest

from app.log_lines import JsonLine, LineForm, Lines, OneLine, Seldom, log_config
from app.ports.trail import Trail, enter_trail, leave_trail


def line(message: str, *arguments: object, failed: bool = False) -> str:
    """One record at the beginning of 2026, formatted."""
    return OneLine().format(written(message, *arguments, failed=failed))


def json_line(message: str, *arguments: object, failed: bool = False, **extra: Any) -> dict[str, Any]:
    """The same as JSON, read."""
    record = written(message, *arguments, failed=failed)
    vars(record).update(extra)
    told: dict[str, Any] = json.loads(JsonLine().format(record))
    return told


def written(message: str, *arguments: object, failed: bool = False) -> logging.LogRecord:
    """One record at the beginning of 2026."""
    reason = None
    if failed:
        try:
            raise ValueError("of\nlines")
        except ValueError:
            reason = sys.exc_info()
    record = logging.LogRecord("app.x", logging.WARNING, "x.py", 1, message, arguments, reason)
    record.created = 1767225600.25
    return record


def test_log_line_has_time_level_and_name() -> None:
    """The time is UTC, to the millisecond."""
    assert line("%s of %d", "one", 2) == "2026-01-01T00:00:00.250Z WARNING app.x one of 2"


@pytest.mark.parametrize("character", ["\n", "\r", "\x1b", "\x00", "\x7f", "\x85", "\u2028", "\u2029", "\x0b"])
def test_log_line_stays_one_line(character: str) -> None:
    """What came from outside can neither begin a line of its own nor command a terminal."""
    formatted = line("%s", f"a{character}INFO app forged")
    assert len(formatted.splitlines()) == 1
    assert character not in formatted
    assert "a\\" in formatted


def test_log_line_holds_a_traceback() -> None:
    """An error is told whole, in the same line."""
    formatted = line("it failed", failed=True)
    assert "it failed\\nTraceback (most recent call last):\\n" in formatted
    assert formatted.endswith("ValueError: of\\nlines")


def test_log_level_is_ours_and_not_the_libraries() -> None:
    """DEBUG for the service does not make an HTTP client tell what it sends."""
    config = log_config("DEBUG")
    assert {one["level"] for one in config["loggers"].values()} == {"DEBUG"}
    assert set(config["loggers"]) == {"app", "contracts", "uvicorn.error"}
    assert config["root"]["level"] == "WARNING"


def test_json_line_of_no_request_has_ids_that_are_null() -> None:
    """The same keys on every line, so that who reads them need not ask."""
    assert json_line("%s of %d", "one", 2) == {
        "time": "2026-01-01T00:00:00.250Z",
        "level": "WARNING",
        "logger": "app.x",
        "message": "one of 2",
        "request_id": None,
        "correlation_id": None,
        "trace_id": None,
    }


def test_json_line_has_the_ids_of_its_request() -> None:
    """Whoever writes it; after the request it has none again."""
    token = enter_trail(Trail("r-1", "c-1", trace_id="ab" * 16))
    try:
        told = json_line("x")
    finally:
        leave_trail(token)
    assert (told["request_id"], told["correlation_id"], told["trace_id"]) == ("r-1", "c-1", "ab" * 16)
    assert json_line("x")["request_id"] is None


def test_json_line_has_the_fields_of_its_record() -> None:
    """They go before the trail's ids: a thread that writes for a request is on nobody's trail."""
    told = json_line("x", fields={"request_id": "r-2", "attempts": 2, "at": object})
    assert (told["request_id"], told["attempts"], told["at"]) == ("r-2", 2, "<class 'object'>")


@pytest.mark.parametrize("character", ["\n", "\r", "\x1b", "\x00", "\x7f", "\x85", "\u2028", "\u2029"])
def test_json_line_stays_one_line(character: str) -> None:
    """What came from outside can neither begin a line of its own nor command a terminal."""
    formatted = JsonLine().format(written("%s", f"a{character}forged"))
    assert len(formatted.splitlines()) == 1
    assert character not in formatted
    assert json.loads(formatted)["message"] == f"a{character}forged"


def test_json_line_holds_a_traceback() -> None:
    """As one text."""
    assert json_line("it failed", failed=True)["exception"].endswith("ValueError: of\nlines")


def test_log_format_is_chosen_by_its_setting() -> None:
    """Text unless JSON is asked for."""
    made = [log_config("INFO", *form)["formatters"]["line"]["()"] for form in ((), ("text",), ("json",))]
    assert made == [OneLine, OneLine, JsonLine]


def test_log_tells_a_warning_of_the_server_once_a_second() -> None:
    """The next one says how many were like it; other words, and what is no warning, are told as they come."""
    now = 5.0
    seldom = Seldom(lambda: now)

    def told(message: str, level: int = logging.WARNING) -> str | None:
        record = written(message)
        record.levelno = level
        return record.getMessage() if seldom.filter(record) else None

    assert [told("no HTTP") for _ in range(4)] == ["no HTTP", None, None, None]
    assert (told("a large head"), told("no HTTP", logging.ERROR)) == ("a large head", "no HTTP")
    now = 6.0
    assert told("no HTTP") == "no HTTP (3 more like it since it was told last)"
    now = 7.5
    assert told("no HTTP") == "no HTTP"


def test_log_of_the_server_remembers_few_warnings() -> None:
    """However many different ones there are."""
    seldom = Seldom(lambda: 0.0)
    for number in range(1000):
        assert seldom.filter(written(f"warning {number}"))
    assert len(vars(seldom)["_told"]) <= 101


class CountedWrites(io.StringIO):
    """A stream that counts how often it is written to."""

    writes = 0

    def write(self, text: str, /) -> int:
        """One more."""
        self.writes += 1
        return super().write(text)


def test_lines_are_written_at_once_and_in_order() -> None:
    """As many as are given; a record's line by itself."""
    stream = CountedWrites()
    lines = Lines(stream)
    lines.write(["one", "two"])
    assert (stream.getvalue(), stream.writes) == ("one\ntwo\n", 1)
    lines.handle(written("three"))
    assert stream.getvalue() == "one\ntwo\nthree\n"


@pytest.mark.parametrize("form", [OneLine(), JsonLine()])
def test_line_without_a_record_is_that_of_one(form: LineForm) -> None:
    """Time, level, logger and words, and the fields where they are told; control characters too."""
    record = written("a %s\x1b", "b")
    record.fields = {"request_id": "r-1", "attempts": 2}
    lines = Lines(io.StringIO())
    lines.setFormatter(form)
    made = lines.maker()
    assert made is not None
    line = made(record.created, "WARNING", "app.x", "a b\x1b", {"request_id": "r-1", "attempts": 2})
    assert line == form.format(record)


def test_lines_of_another_form_or_of_who_is_choosy_need_records() -> None:
    """There is nothing that makes them without."""
    other, filtered, strict = Lines(io.StringIO()), Lines(io.StringIO()), Lines(io.StringIO())
    filtered.addFilter(lambda _: True)
    strict.setLevel(logging.WARNING)
    for lines in (filtered, strict):
        lines.setFormatter(OneLine())
    other.setFormatter(logging.Formatter("%(message)s"))
    assert [lines.maker() for lines in (other, filtered, strict)] == [None] * 3


def test_line_that_cannot_be_formatted_takes_no_other_with_it(capsys: pytest.CaptureFixture[str]) -> None:
    """It is told of as `logging` tells of such lines."""
    stream = CountedWrites()
    lines = Lines(stream)
    lines.handle(written("%d of", "words"))
    lines.handle(written("after it"))
    assert stream.getvalue() == "after it\n"
    assert "Logging error" in capsys.readouterr().err
