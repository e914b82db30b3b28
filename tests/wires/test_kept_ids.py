"""Does a decoded answer say under which ids its vendor keeps it?"""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.wires import anthropic_messages, openai_responses
from contracts.calls import Reply

SAID = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "hi"}]}
ITEMS = [{**SAID, "id": "msg_1"}, {"type": "web_search_call", "id": "ws_1", "status": "completed"}]
RESPONSE = {"id": "resp_1", "status": "completed", "model": "m", "output": ITEMS}
MESSAGE = {"id": "msg_1", "content": [{"type": "text", "text": "hi"}], "stop_reason": "end_turn"}


def whole_response(document: dict[str, Any]) -> Reply:
    """The decoded answer."""
    return openai_responses.decode_response(json.dumps(document).encode(), provider="row", model="m")


def test_plain_response_is_kept_with_its_items() -> None:
    """All of them can be named by a later body."""
    reply = whole_response(RESPONSE)
    assert (reply.id, reply.item_ids) == ("resp_1", ("msg_1", "ws_1"))


def test_streamed_response_is_kept_with_its_items() -> None:
    """As its last event has them."""
    decoder = openai_responses.StreamDecoder(provider="row", model="m")
    begun = {"type": "response.created", "response": {**RESPONSE, "status": "in_progress", "output": []}}
    decoder.feed("response.created", json.dumps(begun))
    decoder.feed("response.completed", json.dumps({"type": "response.completed", "response": RESPONSE}))
    reply = decoder.reply()
    assert (reply.id, reply.item_ids) == ("resp_1", ("msg_1", "ws_1"))


@pytest.mark.parametrize("strange", [None, 7, "", ["x"]])
def test_response_without_ids_is_kept_under_none(strange: Any) -> None:
    """Some servers have none, or something else there."""
    reply = whole_response({**RESPONSE, "id": strange, "output": [{**SAID, "id": strange}]})
    assert (reply.id, reply.item_ids) == (None, ())


def test_message_is_kept_under_its_id() -> None:
    """Plain and streamed."""
    plain = anthropic_messages.decode_response(json.dumps(MESSAGE).encode(), provider="row", model="m")
    decoder = anthropic_messages.StreamDecoder(provider="row", model="m")
    for event in (
        {"type": "message_start", "message": {"id": "msg_1", "content": []}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": "hi"}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}},
        {"type": "message_stop"},
    ):
        decoder.feed(str(event["type"]), json.dumps(event))
    assert [(reply.id, reply.item_ids) for reply in (plain, decoder.reply())] == [("msg_1", ())] * 2
