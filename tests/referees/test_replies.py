"""Do we read each recorded reply as the vendor's own SDK reads it?"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from app.providers.dialect import Decoder
from contracts.calls import Reply
from tests.referees.capture import Capture
from tests.referees.feature_table import FEATURES
from tests.referees.our_side import RESPONSES, exchange_of, golden_folder
from tests.referees.referee import Read, Referee
from tests.wires.vendor_cases import GOLDEN, VENDORS, expected, model_of

# Who reads a vendor's replies; all others speak OpenAI's dialect and name its SDK as theirs.
OWN_SDKS = (RESPONSES, "anthropic", "gemini", "ollama")
# A list in the place of a stream, which no SDK asks for.
NOT_FOR_AN_SDK = {("gemini", "chunks")}


def _recorded() -> list[tuple[str, str, str]]:
    """Every success of every vendor: its name, the case, the file."""
    found = [
        (name, case, wanted["file"])
        for name in (*VENDORS, RESPONSES)
        for case, wanted in expected(golden_folder(name)).items()
        if "error" not in wanted["outcome"] and (name, case) not in NOT_FOR_AN_SDK
    ]
    assert found
    return found


@pytest.mark.parametrize("name,case,file", _recorded())
def test_reply_reads_as_the_sdk_reads_it(
    name: str, case: str, file: str, referee: Callable[[str], Referee], capture: Capture
) -> None:
    """Text, calls and the reason of the end are the same, of a whole reply and of a stream."""
    path = GOLDEN / golden_folder(name) / file
    form = path.suffix.removeprefix(".")
    capture.will_answer(path.read_bytes(), form)
    judge = referee(name if name in OWN_SDKS else "openai")
    assert judge.read(stream=form != "json") == _our_reading(name, path)


def _our_reading(name: str, path: Path) -> Read:
    is_stream = path.suffix != ".json"
    exchange = exchange_of(FEATURES[0].call(name), name=name, model=model_of(name), stream=is_stream)
    reply = _streamed(exchange.decoder(), path.read_text()) if is_stream else exchange.decode(path.read_bytes())
    calls = tuple((one.name, json.loads(one.arguments or "{}")) for one in reply.message.tool_calls)
    return Read(text=reply.message.text, calls=calls, finish=reply.finish_reason.value)


def _streamed(decoder: Decoder, text: str) -> Reply:
    event = "message"
    for line in text.splitlines():
        name, _, value = line.partition(": ")
        if name == "event":
            event = value
        elif name == "data" or line.startswith("{"):
            decoder.feed(event, value if name == "data" else line)
            event = "message"
    return decoder.reply()
