"""What a program with an official SDK sees of vendors that fail: nothing, or one error of the SDK's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import anthropic
import openai
import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from tests.kit.surfaces.answer import Answer
from tests.kit.surfaces.callers import CALLERS, OWN_WIRE, Caller
from tests.kit.surfaces.rows import WIRES, config_of, row_of
from tests.kit.surfaces.streamed import ONE_ANSWER, PATHS, QUESTIONS
from tests.kit.surfaces.vendor import Cut, Refusal, Rest, Vendor, running_vendor

WHOLE = Answer(pieces=("The quick ", "brown fox ", "jumps over ", "it ☂."))
REST = Rest(WHOLE)
CALL = Answer(arguments={"city": "Bonn"})
# Behind how many events of its stream a vendor of each dialect has said two pieces.
TWO_PIECES = {"openai_chat": 3, "openai_responses": 5, "anthropic_messages": 4, "gemini": 2, "ollama": 2}
BEGUN_CALL = {"openai_chat": 2, "openai_responses": 3, "anthropic_messages": 3}
BROKEN = Refusal(503, "overloaded", "try later")
PAIRS = [pytest.param(surface, wire, id=f"{surface}-{wire}") for surface in CALLERS for wire in WIRES]
SDK_ERRORS = (openai.APIError, anthropic.APIError)
Make = Callable[..., TestClient]


@pytest.fixture
def first() -> Iterator[Vendor]:
    """The vendor that fails."""
    with running_vendor() as made:
        yield made


@pytest.fixture
def second() -> Iterator[Vendor]:
    """The vendor behind it."""
    with running_vendor() as made:
        yield made


@pytest.fixture
def make(first: Vendor, second: Vendor) -> Iterator[Make]:
    """Makes a client of a service whose first row speaks the dialect of the surface, and its second any."""
    with ExitStack() as opened:

        def made(surface: str, wire: str, **changes: Any) -> TestClient:
            rows = {
                "first": row_of(OWN_WIRE[surface], first.server_port),
                "second": row_of(wire, second.server_port),
            }
            settings = Settings(config=config_of(rows, **changes))
            return opened.enter_context(TestClient(create_app(settings)))

        yield made


def caller_of(client: TestClient, surface: str) -> Caller:
    """A program that has asked."""
    caller = CALLERS[surface](client, "auto")
    caller.ask("A pangram?")
    return caller


def streamed(client: TestClient, surface: str, **steering: Any) -> str:
    """The bytes of a stream."""
    body = {"model": "auto", "stream": True, **QUESTIONS[surface], "llm_service": steering}
    answer = client.post(PATHS[surface], json=body)
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
@pytest.mark.parametrize("surface,wire", PAIRS)
def test_second_vendor_answers_when_the_first_is_down(
    make: Make, first: Vendor, second: Vendor, surface: str, wire: str, stream: bool
) -> None:
    """The SDK has one answer, and asked once."""
    first.script, second.script = [BROKEN], [WHOLE]
    heard = caller_of(make(surface, wire), surface).hear(stream=stream)
    assert (heard.text, heard.finish) == (WHOLE.text, CALLERS[surface].finishes[0])
    assert (len(first.asked), len(second.asked)) == (1, 1)


@pytest.mark.parametrize("surface,wire", PAIRS)
def test_relayed_stream_that_breaks_off_is_one_answer(
    make: Make, first: Vendor, second: Vendor, surface: str, wire: str
) -> None:
    """Whole, each word once, under the first vendor's id, with one finish; in its bytes, and by the SDK."""
    first.script, second.script = [Cut(WHOLE, TWO_PIECES[OWN_WIRE[surface]])], [REST]
    client = make(surface, wire, circuit_breaker={"enabled": False})
    text = streamed(client, surface)
    ONE_ANSWER[surface](text)
    assert '"second"' in text
    heard = caller_of(client, surface).hear(stream=True)
    assert (heard.text, heard.finish) == (WHOLE.text, CALLERS[surface].finishes[0])
    assert heard.id in ("chatcmpl-v", "resp_v", "msg_v")
    assert (len(first.asked), len(second.asked)) == (2, 2)


@pytest.mark.parametrize("surface,wire", PAIRS)
def test_rest_that_begins_again_is_not_said_twice(
    make: Make, first: Vendor, second: Vendor, surface: str, wire: str
) -> None:
    """A vendor that repeats what was said already is heard from where the first one stopped."""
    first.script, second.script = [Cut(WHOLE, TWO_PIECES[OWN_WIRE[surface]])], [WHOLE]
    heard = caller_of(make(surface, wire), surface).hear(stream=True)
    assert heard.text == WHOLE.text


@pytest.mark.parametrize("surface", CALLERS)
def test_stream_recovery_error_is_the_sdks_error(make: Make, first: Vendor, second: Vendor, surface: str) -> None:
    """The answer is never called whole, and nobody else is asked."""
    first.script, second.script = [Cut(WHOLE, TWO_PIECES[OWN_WIRE[surface]])], [REST]
    caller = caller_of(make(surface, "openai_chat"), surface)
    with pytest.raises(SDK_ERRORS):
        caller.hear(stream=True, extra_body={"llm_service": {"stream_recovery": "error"}})
    assert second.asked == []


@pytest.mark.parametrize("surface,wire", PAIRS)
def test_stream_recovery_buffer_is_one_vendors_answer(
    make: Make, first: Vendor, second: Vendor, surface: str, wire: str
) -> None:
    """Nothing of the broken one is sent: the second says it all."""
    first.script, second.script = [Cut(Answer(pieces=("Wrong ", "words.")), TWO_PIECES[OWN_WIRE[surface]])], [WHOLE]
    client = make(surface, wire, circuit_breaker={"enabled": False})
    ONE_ANSWER[surface](streamed(client, surface, stream_recovery="buffer"))
    heard = caller_of(client, surface).hear(stream=True, extra_body={"llm_service": {"stream_recovery": "buffer"}})
    assert (heard.text, heard.finish) == (WHOLE.text, CALLERS[surface].finishes[0])


@pytest.mark.parametrize("surface", CALLERS)
def test_half_a_tool_call_is_never_gone_on_with(make: Make, first: Vendor, second: Vendor, surface: str) -> None:
    """A call that was begun cannot be continued by another: the SDK raises."""
    first.script, second.script = [Cut(CALL, BEGUN_CALL[OWN_WIRE[surface]])], [CALL]
    caller = caller_of(make(surface, "openai_chat"), surface)
    with pytest.raises(SDK_ERRORS):
        caller.hear(stream=True)


@pytest.mark.parametrize("surface", CALLERS)
@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
def test_all_vendors_down_is_one_error_that_is_not_repeated(
    make: Make, first: Vendor, second: Vendor, surface: str, stream: bool
) -> None:
    """A status above 499, and the word not to try again, for each was tried."""
    first.script, second.script = [BROKEN], [BROKEN]
    with pytest.raises((openai.InternalServerError, anthropic.InternalServerError)) as caught:
        caller_of(make(surface, "gemini"), surface).hear(stream=stream)
    assert caught.value.response.headers["x-should-retry"] == "false"
