"""Is /responses sent, and understood, as its golden files say?

The bytes were written by us, after the vendor's SDK types; `llama_cpp.sse` was recorded.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from app.wires.json_text import dump_json
from app.wires.openai_responses import StreamDecoder, decode_error, decode_response, encode_request
from contracts.chat import Conversation, ReasoningPart
from contracts.deltas import Delta
from contracts.errors import LLMProviderError
from tests.wires.vendor_cases import GOLDEN, NOW, conversation, written_error, written_reply

FOLDER = GOLDEN / "openai_responses"
EXPECTED: dict[str, Any] = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
NAMES: dict[str, Any] = {"provider": "openai", "model": "gpt-6-luna"}


def signed_conversation() -> Conversation:
    """The conversation of all vendors, its reasoning signed as this dialect does."""
    shared = conversation("openai")
    item = {"id": "rs_1", "type": "reasoning", "summary": [], "encrypted_content": "gAAAAB-enc"}
    signed = ReasoningPart(text="Ask both.", signature=json.dumps(item), provider="openai")
    turn = replace(shared.messages[2], content=(signed, *shared.messages[2].content[1:]))
    return replace(shared, messages=(*shared.messages[:2], turn, *shared.messages[3:]))


def streamed(text: str) -> dict[str, Any]:
    decoder = StreamDecoder(**NAMES)
    deltas: list[Delta] = []
    for block in text.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines())
        if lines:
            deltas += decoder.feed(lines["event"], lines["data"])
    return {"deltas": len(deltas), **written_reply(decoder.reply())}


def outcome(case: dict[str, Any]) -> dict[str, Any]:
    """What the wire makes of the bytes of `case`, written down."""
    body = (FOLDER / case["file"]).read_bytes()
    try:
        if case.get("status", 200) != 200:
            raise decode_error(case["status"], case["headers"], body, now=NOW, **NAMES)
        if case["file"].endswith(".sse"):
            return streamed(body.decode())
        return written_reply(decode_response(body, **NAMES))
    except LLMProviderError as error:
        return written_error(error)


def test_request_is_what_the_vendor_takes() -> None:
    """One conversation becomes this dialect's body, and what does not fit is named."""
    encoded = encode_request(signed_conversation(), stream=True, **NAMES)
    golden = json.loads((FOLDER / "request.json").read_text(encoding="utf-8"))
    assert json.loads(dump_json(encoded.body)) == golden["body"]
    assert list(encoded.warnings) == golden["warnings"]
    assert [one.field for one in encoded.unsupported] == ["presence_penalty", "stop", "seed"]


@pytest.mark.parametrize("case", EXPECTED)
def test_reply_is_understood(case: str) -> None:
    """The vendor's bytes become the answer or the error that they mean."""
    assert outcome(EXPECTED[case]) == EXPECTED[case]["outcome"]


def test_golden_files_are_all_used() -> None:
    """A file that no case names would prove nothing."""
    used = {case["file"] for case in EXPECTED.values()} | {"expected.json", "request.json"}
    assert {path.name for path in FOLDER.iterdir()} == used
