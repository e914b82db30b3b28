"""Does a path ask the vendor for the pace that it names, and does the vendor say what it should?"""

from __future__ import annotations

import json

import pytest

from benchmarks.comparison.paces import PACES, THINKING, Pace, pace_of
from benchmarks.comparison.replies import CHAT_PATH, MESSAGES_PATH, dialect_of
from benchmarks.comparison.streams import judged
from benchmarks.stream_load import StreamFigures
from benchmarks.vendor import REPLY_BYTES


@pytest.mark.parametrize("pace", PACES, ids=lambda pace: pace.name)
def test_pace_survives_its_path(pace: Pace) -> None:
    """What a row's base URL says is what the vendor does."""
    asked = pace_of(f"{pace.base_path}{CHAT_PATH}")
    assert (asked.thinking_ms, asked.tokens, asked.gap_ms) == (pace.thinking_ms, pace.tokens, pace.gap_ms)


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/pace/1/2", "/pace/a/b/c/v1/messages"])
def test_pace_of_another_path_is_refused(path: str) -> None:
    """A vendor that guesses would measure something else."""
    with pytest.raises(ValueError, match=r"pace|int"):
        pace_of(path)


def test_pace_tells_how_long_a_stream_takes() -> None:
    """60 ms of thinking and twenty tokens of 100 ms."""
    assert THINKING.stream_seconds == 2.06


@pytest.mark.parametrize("path", [CHAT_PATH, MESSAGES_PATH])
def test_reply_is_as_long_as_promised(path: str) -> None:
    """Both dialects answer valid JSON of the same size, in words that a server's configuration can quote."""
    whole = dialect_of(path).whole
    assert len(whole) == REPLY_BYTES
    assert json.loads(whole)["model"]
    assert not {b"'", b"$"} & {whole[at : at + 1] for at in range(len(whole))}


@pytest.mark.parametrize("path", [CHAT_PATH, MESSAGES_PATH])
def test_reply_streams_events_of_valid_json(path: str) -> None:
    """Every event of a stream can be read, and the token's text is in one of them."""
    dialect = dialect_of(path)
    events = (dialect.opening + dialect.token("123456789 ") + dialect.ending).decode().split("\n\n")
    data = [line.removeprefix("data: ") for event in events for line in event.splitlines() if line.startswith("data")]
    read = [json.loads(one) for one in data if one != "[DONE]"]
    assert len(read) >= 4
    assert sum('"123456789 "' in one for one in data) == 1


def test_reply_at_an_unknown_path_is_refused() -> None:
    """Nothing else is served."""
    with pytest.raises(ValueError, match="nothing is served"):
        dialect_of("/v1/models")


def figures(*, streams: int, tokens: int) -> StreamFigures:
    return StreamFigures(streams, tokens, 2.0, 4.0, 0.0, 0.0, 0.0, 0.0)


def test_judged_streams_are_whole_when_every_token_came() -> None:
    """The figures stand, and how many streams they are of."""
    heard = judged(figures(streams=3, tokens=60), tokens=20)
    assert (heard.failure, heard.streams, heard.first_p50_ms, heard.first_p99_ms) == (None, 3, 2.0, 4.0)


def test_judged_streams_with_a_token_missing_failed() -> None:
    """A stream that ended in order but lost a token has no figures."""
    heard = judged(figures(streams=3, tokens=59), tokens=20)
    assert (heard.failure, heard.first_p50_ms) == ("1 of 60 tokens did not come", None)
