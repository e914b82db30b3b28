"""Is it read, and written, for how long Anthropic keeps what it wrote to its cache? An hour costs more than minutes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.wires.anthropic_messages.inbound.counts import encode_usage
from app.wires.anthropic_messages.usage import read_usage
from contracts.chat import Usage
from tests.wires.vendor_cases import exchange_of

COUNTS: dict[str, Any] = {
    "input_tokens": 10,
    "cache_creation_input_tokens": 300,
    "cache_read_input_tokens": 40,
    "output_tokens": 5,
    "cache_creation": {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 200},
}
USAGE = Usage(
    input_tokens=350,
    output_tokens=5,
    total_tokens=355,
    cached_input_tokens=40,
    cache_write_tokens=300,
    cache_write_1h_tokens=200,
)


def test_tokens_kept_for_an_hour_are_part_of_those_written() -> None:
    """They are counted apart, and once."""
    assert read_usage(COUNTS) == USAGE


@pytest.mark.parametrize("lives", [None, {}, {"ephemeral_1h_input_tokens": None}, {"ephemeral_1h_input_tokens": 0}, 7])
def test_what_is_not_said_to_last_an_hour_lasts_minutes(lives: Any) -> None:
    """The vendor's default, also of servers that do not say."""
    usage = read_usage({**COUNTS, "cache_creation": lives})
    assert usage is not None
    assert (usage.cache_write_tokens, usage.cache_write_1h_tokens) == (300, 0)


@pytest.mark.parametrize("kept", [301, -1, "200", 1.5])
def test_lifetimes_that_cannot_be_true_are_no_count(kept: Any) -> None:
    """A part that is larger than the whole, or that counts no tokens."""
    assert read_usage({**COUNTS, "cache_creation": {"ephemeral_1h_input_tokens": kept}}) is None


def test_lifetimes_are_written_as_they_are_read() -> None:
    """To a caller of that dialect; one without such tokens is told nothing of them."""
    assert encode_usage(USAGE) == COUNTS
    assert "cache_creation" not in encode_usage(Usage(input_tokens=3, cache_write_tokens=3))


def test_lifetimes_of_a_stream_come_with_its_beginning() -> None:
    """What the end leaves out stays."""
    decoder = exchange_of("anthropic").decoder()
    started = {"type": "message", "role": "assistant", "content": [], "usage": {**COUNTS, "output_tokens": 1}}
    events: list[tuple[str, dict[str, Any]]] = [
        ("message_start", {"message": started}),
        ("content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}}),
        ("content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": "Hi"}}),
        ("content_block_stop", {"index": 0}),
        ("message_delta", {"delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 5}}),
        ("message_stop", {}),
    ]
    for name, data in events:
        decoder.feed(name, json.dumps({"type": name, **data}))
    assert decoder.reply().usage == USAGE
