"""Calls as they come in at the drop-in surfaces, with the body that they came in, and the rows that take it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.providers import VENDORS
from app.wires import anthropic_messages, openai_chat, openai_embeddings, openai_responses
from app.wires.inbound import Inbound
from contracts.calls import ModelCall, Operation, Source, Wire
from contracts.providers import ProviderType
from tests.unit.providers.vendor_double import call

GOLDEN = Path(__file__).parents[2] / "wires" / "golden"
PATHS = {
    Wire.OPENAI_CHAT: "/chat/completions",
    Wire.OPENAI_RESPONSES: "/responses",
    Wire.ANTHROPIC_MESSAGES: "/v1/messages",
    Wire.OPENAI_EMBEDDINGS: "/embeddings",
}
# Every row of the table with each dialect that it is spoken to in; the mock answers by itself.
PAIRS = [
    (vendor.kind.value, wire)
    for vendor in VENDORS
    for wire in sorted(vendor.wires)
    if vendor.kind is not ProviderType.MOCK
]
ASKED_PAIRS = [(kind, wire) for kind, wire in PAIRS if wire is not Wire.OPENAI_EMBEDDINGS]

# A body for each dialect as nobody's serializer writes it, with a field that is newer than us.
WRITTEN = {
    Wire.OPENAI_CHAT: b"""{ "messages" : [ {"role":"user", "content":"caf\\u00e9 \\ud83d\\ude00"} ],
      "model":"smart",  "temperature" : 0.70, "x_new":{"big":12345678901234567890, "e":1.50E+2} }\n""",
    Wire.OPENAI_RESPONSES: b"""{"input" : "caf\\u00e9", "model":"smart","top_p":1.0,
      "x_new" : [1.0, -0.0, 1e5] , "metadata":{"a":"b"}}""",
    Wire.ANTHROPIC_MESSAGES: b"""{"max_tokens": 64,"model" :"smart",
      "messages":[{"role":"user","content":"caf\\u00e9"}], "x_new":{"n": 1.10}, "metadata": {"user_id": "u"}}""",
    Wire.OPENAI_EMBEDDINGS: b"""{"input" :["a", "b"], "model": "smart", "encoding_format":"float", "x_new" : 1.0}""",
}
_READERS: Mapping[Wire, Callable[[dict[str, Any]], Inbound]] = {
    Wire.OPENAI_CHAT: openai_chat.decode_request,
    Wire.OPENAI_RESPONSES: openai_responses.decode_request,
    Wire.ANTHROPIC_MESSAGES: anthropic_messages.decode_request,
}


def asked(wire: Wire, body: bytes | dict[str, Any] | None = None, **changes: Any) -> ModelCall:
    """The call that `body` is in the dialect `wire`; `changes` are fields of the call."""
    said = WRITTEN[wire] if body is None else body
    text = said if isinstance(said, bytes) else json.dumps(said).encode()
    data = {name: value for name, value in json.loads(text).items() if name != "llm_service"}
    made = _vectors(text, data) if wire is Wire.OPENAI_EMBEDDINGS else _answer(wire, text, data)
    return replace(made, **changes)


def with_source(asking: ModelCall, **changes: Any) -> ModelCall:
    """The call with another source."""
    assert asking.source is not None
    return replace(asking, source=replace(asking.source, **changes))


def as_changed(asking: ModelCall) -> ModelCall:
    """The call after its conversation became another, as when an answer is mended or goes on elsewhere."""
    return replace(asking, conversation=replace(asking.conversation, prompt_cache_key="k"))


def reply_of(wire: Wire) -> bytes:
    """A plain reply in the dialect, as a vendor may write it."""
    replies: dict[Wire, dict[str, Any]] = {
        Wire.OPENAI_CHAT: {
            "choices": [{"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}],
        },
        Wire.OPENAI_RESPONSES: {
            "status": "completed",
            "output": [{"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "hi"}]}],
        },
        Wire.ANTHROPIC_MESSAGES: {
            "type": "message",
            "role": "assistant",
            "content": [{"type": "text", "text": "hi"}],
            "stop_reason": "end_turn",
        },
        Wire.OPENAI_EMBEDDINGS: {"data": [{"index": 0, "embedding": [1.0]}, {"index": 1, "embedding": [2.0]}]},
    }
    return json.dumps({**replies[wire], "x_reply": "é", "model": "m-2"}, indent=1, ensure_ascii=False).encode()


def _answer(wire: Wire, text: bytes, data: dict[str, Any]) -> ModelCall:
    read = _READERS[wire](data)
    source = Source(
        wire=wire,
        body=text,
        read_as=read.conversation,
        extras=read.extras,
        demands=read.demands,
        choices=read.choices,
        may_pass=read.may_pass,
    )
    return replace(call(), conversation=read.conversation, source=source)


def _vectors(text: bytes, data: dict[str, Any]) -> ModelCall:
    read = openai_embeddings.decode_request(data)
    source = Source(
        wire=Wire.OPENAI_EMBEDDINGS, body=text, read_as=read.texts, extras=read.extras, demands=read.demands
    )
    return replace(call(), operation=Operation.EMBEDDINGS, embedding=read.texts, source=source)
