"""Every pair of a surface and a vendor's dialect: what the vendor was asked, and what the official SDK made of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack

import anthropic
import openai
import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from tests.kit.surfaces.answer import INPUT_TOKENS, OUTPUT_TOKENS, Answer
from tests.kit.surfaces.callers import CALLERS, LOOK, OWN_WIRE, PIXEL, SHAPE, Caller
from tests.kit.surfaces.rows import MODELS, WIRES, config_of, row_of
from tests.kit.surfaces.sent import PICTURES, ROUNDS, SHAPES, TOOLS
from tests.kit.surfaces.vendor import Refusal, Vendor, running_vendor

CALL = Answer(arguments={"city": "Bonn", "day": 2})
RAIN = Answer(pieces=("It ", "rains ☂", "."))
TOKENS = (INPUT_TOKENS, OUTPUT_TOKENS)
PAIRS = [pytest.param(surface, wire, id=f"{surface}-{wire}") for surface in CALLERS for wire in WIRES]
# What a vendor signs must come back to it, wherever the dialect of the surface has room for it.
SIGNED_CALLS = {"gemini": '"thoughtSignature": "c2ln"'}
SIGNATURES = {"anthropic_messages": '"signature": "c2ln"', "openai_responses": '"encrypted_content": "enc"'}
SEEING = {"ollama": "gemma3:4b"}
BOTH_WAYS = pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])


@pytest.fixture(scope="module")
def vendor() -> Iterator[Vendor]:
    """One for all rows."""
    with running_vendor() as made:
        yield made


@pytest.fixture(scope="module")
def client(vendor: Vendor) -> Iterator[TestClient]:
    """A service with a row for each dialect, circuits off: tests of errors come one after the other."""
    rows = {wire: row_of(wire, vendor.server_port) for wire in WIRES}
    config = config_of(rows, circuit_breaker={"enabled": False})
    with ExitStack() as opened:
        yield opened.enter_context(TestClient(create_app(Settings(config=config))))


@pytest.fixture(autouse=True)
def fresh(vendor: Vendor, client: TestClient) -> None:
    """No test sees what another asked, or waits for a limit that another met."""
    vendor.asked.clear()
    for wire in WIRES:
        client.post(f"/api/v1/circuit-breakers/{wire}/reset")


def caller_of(client: TestClient, surface: str, wire: str, *, model: str | None = None) -> Caller:
    """A program at `surface` that names the row of `wire`."""
    return CALLERS[surface](client, f"{wire}/{model or MODELS[wire]}")


@BOTH_WAYS
@pytest.mark.parametrize("surface,wire", PAIRS)
def test_tool_round_works_at_every_pair(
    client: TestClient, vendor: Vendor, surface: str, wire: str, stream: bool
) -> None:
    """The tool is offered, called, answered, and its result understood, each in the words of who hears it."""
    vendor.script = [CALL, RAIN]
    caller = caller_of(client, surface, wire)
    caller.ask("Weather in Bonn?")
    called = caller.hear(stream=stream)
    ((call_id, name, arguments),) = called.calls
    assert (name, arguments, called.text) == ("look", CALL.arguments, "")
    assert (called.finish, called.tokens) == (CALLERS[surface].finishes[1], TOKENS)
    assert TOOLS[wire](vendor.last.body) == ("look", LOOK)
    assert vendor.last.tongue == wire
    caller.show(call_id, "Rain, 4 degrees.")
    told = caller.hear(stream=stream)
    assert (told.text, told.calls) == ("It rains ☂.", [])
    assert (told.finish, told.tokens) == (CALLERS[surface].finishes[0], TOKENS)
    (sent_id, sent_arguments), (shown_id, shown) = ROUNDS[wire](vendor.last.body)
    assert (sent_arguments, shown) == (CALL.arguments, "Rain, 4 degrees.")
    assert sent_id == shown_id
    assert SIGNED_CALLS.get(wire, "") in json.dumps(vendor.last.body)
    assert len(vendor.asked) == 2


@BOTH_WAYS
@pytest.mark.parametrize("surface,wire", PAIRS)
def test_structured_answer_works_at_every_pair(
    client: TestClient, vendor: Vendor, surface: str, wire: str, stream: bool
) -> None:
    """The schema goes out in the dialect's own field, and the JSON comes back as it was said."""
    vendor.script = [Answer(pieces=('{"sum"', ": 0.30}"))]
    caller = caller_of(client, surface, wire)
    caller.ask("Add.")
    heard = caller.hear(stream=stream, **CALLERS[surface].shape)
    assert json.loads(heard.text) == {"sum": 0.3}
    assert vendor.last.tongue == wire
    assert SHAPES[wire](vendor.last.body) == SHAPE


@BOTH_WAYS
@pytest.mark.parametrize("surface,wire", PAIRS)
def test_reasoning_works_at_every_pair(
    client: TestClient, vendor: Vendor, surface: str, wire: str, stream: bool
) -> None:
    """Thoughts come apart from the answer, and a conversation that holds them goes on."""
    vendor.script = [Answer(pieces=("Four", "."), thoughts="Two and two.")]
    caller = caller_of(client, surface, wire)
    caller.ask("2 + 2?")
    heard = caller.hear(stream=stream, **CALLERS[surface].effort)
    assert (heard.text, heard.thoughts) == ("Four.", "Two and two.")
    caller.ask("And 3 + 3?")
    assert caller.hear(stream=stream, **CALLERS[surface].effort).text == "Four."
    assert {one.tongue for one in vendor.asked} == {wire}
    assert SIGNATURES.get(wire, "") in json.dumps(vendor.last.body)


@pytest.mark.parametrize("surface,wire", PAIRS)
def test_image_works_at_every_pair(client: TestClient, vendor: Vendor, surface: str, wire: str) -> None:
    """Its bytes arrive as they were sent."""
    vendor.script = [RAIN]
    caller = caller_of(client, surface, wire, model=SEEING.get(wire))
    caller.ask("What is this?", picture=True)
    assert caller.hear(stream=False).text == RAIN.text
    assert vendor.last.tongue == wire
    assert PICTURES[wire](vendor.last.body) == PIXEL


@BOTH_WAYS
@pytest.mark.parametrize("surface,wire", PAIRS)
def test_rate_limit_is_the_sdks_own_at_every_pair(
    client: TestClient, vendor: Vendor, surface: str, wire: str, stream: bool
) -> None:
    """429, of the class that the SDK has for it, with our word on trying again."""
    vendor.script = [Refusal(429, "rate_limit_exceeded", "slow down")]
    caller = caller_of(client, surface, wire)
    caller.ask("Hello?")
    with pytest.raises((openai.RateLimitError, anthropic.RateLimitError)) as caught:
        caller.hear(stream=stream, extra_body={"llm_service": {"enable_fallback": False}})
    assert int(caught.value.response.headers["retry-after"]) >= 1
    assert caught.value.response.headers["x-should-retry"] == "false"


# In the words of each vendor, by which it is told from other 400s.
TOO_LONG = {
    "openai_chat": "This model's maximum context length is 128000 tokens.",
    "openai_responses": "Your input exceeds the context window of this model.",
    "anthropic_messages": "prompt is too long: 200001 tokens > 200000 maximum",
    "gemini": "The input token count (1048577) exceeds the maximum number of tokens allowed (1048576).",
    "ollama": "the input length exceeds the context length",
}


@BOTH_WAYS
@pytest.mark.parametrize("surface,wire", PAIRS)
def test_too_long_prompt_is_the_callers_at_every_pair(
    client: TestClient, vendor: Vendor, surface: str, wire: str, stream: bool
) -> None:
    """400, with the vendor's own words for it."""
    vendor.script = [Refusal(400, "context_length_exceeded", TOO_LONG[wire])]
    caller = caller_of(client, surface, wire)
    caller.ask("Hello?")
    with pytest.raises((openai.BadRequestError, anthropic.BadRequestError)) as caught:
        caller.hear(stream=stream, extra_body={"llm_service": {"enable_fallback": False}})
    assert TOO_LONG[wire] in caught.value.message
    if surface != "messages":
        assert caught.value.code == "context_length_exceeded"


@BOTH_WAYS
@pytest.mark.parametrize("surface", CALLERS)
def test_same_dialect_is_relayed(client: TestClient, vendor: Vendor, surface: str, stream: bool) -> None:
    """The vendor's own id is the answer's."""
    vendor.script = [RAIN]
    caller = caller_of(client, surface, OWN_WIRE[surface])
    caller.ask("Hello?")
    assert caller.hear(stream=stream).id in ("chatcmpl-v", "resp_v", "msg_v")
