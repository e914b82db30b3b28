"""Does OpenAI's SDK read a vendor's relayed response, and one that another vendor ended, as one and the same answer?"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from app.wires.inbound import ReplyNames, ServerEvent
from app.wires.json_text import load_json
from app.wires.openai_responses import StreamDecoder, StreamEncoder
from contracts.calls import Reply
from contracts.deltas import RelayedEvent
from contracts.errors import LLMProviderError
from tests.referees.carried_on import carried_on, relayed_events, relayed_whole, sdk_that_reads
from tests.wires.vendor_cases import GOLDEN

NAMES = ReplyNames(request_id="ours", model="ours", created=1)
EVENTS: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)
# It numbers neither its events nor its items, which the SDK's helper needs.
UNNUMBERED = "llama_cpp"
Recorded = tuple[Sequence[RelayedEvent], Reply]


def recorded() -> dict[str, Recorded]:
    """Every whole stream."""
    found: dict[str, Recorded] = {}
    for path in sorted((GOLDEN / "openai_responses").glob("*.sse")):
        decoder = StreamDecoder(provider="openai", model="m")
        try:
            found[path.stem] = relayed_events(path, decoder), decoder.reply()
        except LLMProviderError:
            continue
    return found


STREAMS = recorded()
NUMBERED = [name for name in STREAMS if name != UNNUMBERED]


def read(events: Iterable[ServerEvent]) -> Response:
    """What the SDK's stream helper makes of them, which is the response of the last one."""
    with sdk_that_reads(events) as client, client.responses.stream(model="m", input="any") as stream:
        (last,) = (one.response for one in stream if one.type in ("response.completed", "response.incomplete"))
        return last


def said(response: Response) -> dict[str, Any]:
    """What a caller goes by; an item that was cut has no secret of its vendor."""
    items = [item.to_dict() for item in response.output]
    return {
        "names": (response.id, response.model, response.created_at, response.status),
        "items": [(item["type"], item.get("id"), item.get("call_id")) for item in items],
        "text": response.output_text,
        "refusals": [part.get("refusal") for item in items for part in _parts(item, "content")],
        "thoughts": "".join(part["text"] for item in items for part in _parts(item, "summary")).replace("\n", ""),
        "arguments": [item.get("arguments") for item in items],
        "usage": response.usage and response.usage.total_tokens,
    }


def _parts(item: Any, name: str) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = item.get(name) or []
    return parts


def test_streams_of_all_sorts_are_there() -> None:
    """Text, reasoning, calls, a refusal, and an item of a tool that the vendor runs."""
    there = {part.type for _, reply in STREAMS.values() for part in reply.message.content}
    assert there == {"text", "reasoning", "tool_call", "refusal", "raw"}
    assert UNNUMBERED in STREAMS


@pytest.mark.parametrize("name", NUMBERED)
def test_sdk_reads_one_answer_wherever_the_vendor_broke_off(name: str) -> None:
    """Behind every event of every stream: the same text, calls, names and usage, each number once and in order.

    What the vendor had not begun is ours, and so has an id of ours; a tool that it runs nobody can go on with.
    """
    events, reply = STREAMS[name]
    whole = said(read(relayed_whole(events, StreamEncoder(NAMES))))
    for cut in range(1, len(events) + 1):
        sent = carried_on(events, cut, StreamEncoder(NAMES, provider="openai"), reply)
        found = said(read(sent))
        begun = begun_items(events[:cut])
        assert [item for item in found["items"] if item in begun] == begun, cut
        assert [kind for kind, *_ in found["items"]] == [kind for kind, *_ in whole["items"]], cut
        assert {**found, "items": None} == {**whole, "items": None}, cut
        numbers = [load_json(event.data)["sequence_number"] for event in sent]
        assert numbers == list(range(len(sent)))
        assert [event.event for event in sent].count(f"response.{whole['names'][-1]}") == 1


def begun_items(events: Iterable[RelayedEvent]) -> list[tuple[Any, ...]]:
    documents = [load_json(event.data) for event in events]
    items = [one["item"] for one in documents if one["type"] == "response.output_item.added"]
    return [(item["type"], item.get("id"), item.get("call_id")) for item in items]


@pytest.mark.parametrize("name", NUMBERED)
def test_every_event_is_what_its_type_says(name: str) -> None:
    """The written ones, by the SDK's own validation; every item and text ends once."""
    events, reply = STREAMS[name]
    for cut in range(1, len(events) + 1):
        sent = carried_on(events, cut, StreamEncoder(NAMES), reply)
        documents = [load_json(event.data) for event in sent]
        for document in documents[cut:]:
            EVENTS.validate_python(json.loads(json.dumps(document, default=float)))
        for kind in ("output_item", "content_part", "output_text", "reasoning_summary_part", "function_call_arguments"):
            ends = [places(one) for one in documents if one["type"] == f"response.{kind}.done"]
            assert len(ends) == len(set(ends)), (cut, kind)
        added = {places(one) for one in documents if one["type"] == "response.output_item.added"}
        assert added == {places(one) for one in documents if one["type"] == "response.output_item.done"}, cut


def places(document: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(document.get(name) for name in ("output_index", "content_index", "summary_index"))


def test_stream_without_numbers_is_carried_on() -> None:
    """llama.cpp's: our own decoder puts it together."""
    events, reply = STREAMS[UNNUMBERED]
    for cut in range(1, len(events) + 1):
        decoder = StreamDecoder(provider="x", model="m")
        for event in carried_on(events, cut, StreamEncoder(NAMES), reply):
            decoder.feed(event.event or "", event.data)
        assert decoder.reply().message == reply.message, cut


@pytest.mark.parametrize("name", STREAMS)
def test_whole_stream_is_relayed_as_it_came(name: str) -> None:
    """Every byte, and nothing behind it."""
    events, _ = STREAMS[name]
    assert [event.data for event in relayed_whole(events, StreamEncoder(NAMES))] == [event.data for event in events]
