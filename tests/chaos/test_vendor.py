"""Does the vendor misbehave as it is asked to, down to the socket?"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from tests.chaos.vendor import Vendor
from tests.chaos.vendor_faults import FAULTS, spelled
from tests.chaos.words import TEXT, WORDS

_OPENAI = "/a/v1/chat/completions"
_ANTHROPIC = "/c/v1/messages"
_SAID = " ".join(WORDS[:40])
_GO_ON = [{"role": "user", "content": "Count."}, {"role": "assistant", "content": _SAID}]


@pytest.fixture
async def vendor() -> AsyncIterator[Vendor]:
    """A vendor that was started."""
    vendor = Vendor()
    await vendor.start()
    yield vendor
    await vendor.stop()


@pytest.fixture
async def http(vendor: Vendor) -> AsyncIterator[httpx2.AsyncClient]:
    """A caller of the vendor."""
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{vendor.port}", timeout=5, trust_env=False) as client:
        yield client


def asked(model: str, *, stream: bool = False, messages: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """A request to the model."""
    return {"model": model, "stream": stream, "messages": messages or [{"role": "user", "content": "Count."}]}


def openai_text(body: str) -> str:
    """The words of a stream of OpenAI's dialect."""
    chunks = [json.loads(line[6:]) for line in body.splitlines() if line.startswith("data: {")]
    return "".join(choice["delta"].get("content") or "" for chunk in chunks for choice in chunk.get("choices", ()))


def anthropic_text(body: str) -> str:
    """The words of a stream of Anthropic's dialect."""
    events = [json.loads(line[6:]) for line in body.splitlines() if line.startswith("data: ")]
    return "".join(event["delta"].get("text", "") for event in events if event["type"] == "content_block_delta")


async def test_vendor_answers_in_both_dialects(http: httpx2.AsyncClient) -> None:
    """Plain and streamed, the whole text; a stream of OpenAI's ends with [DONE], Anthropic's with message_stop."""
    plain = (await http.post(_OPENAI, json=asked("ok:r"))).json()
    streamed = (await http.post(_OPENAI, json=asked("ok:r", stream=True))).text
    message = (await http.post(_ANTHROPIC, json=asked("claude-x"))).json()
    events = (await http.post(_ANTHROPIC, json=asked("claude-x", stream=True))).text
    assert plain["choices"][0]["message"]["content"] == message["content"][0]["text"] == TEXT
    assert openai_text(streamed) == anthropic_text(events) == TEXT
    assert streamed.endswith("data: [DONE]\n\n")
    assert '"type": "message_stop"' in events.splitlines()[-2]


@pytest.mark.parametrize("ending,begins", [([], " w41 w42"), ([{"role": "user", "content": "Go on."}], "w41 w42")])
async def test_vendor_goes_on_from_the_last_word(
    http: httpx2.AsyncClient, ending: list[dict[str, str]], begins: str
) -> None:
    """After a prefill with a space, after an instruction as a new turn; each to the end."""
    text = openai_text((await http.post(_OPENAI, json=asked("ok:r", stream=True, messages=_GO_ON + ending))).text)
    assert text.startswith(begins)
    assert (_SAID.split() + text.split()) == list(WORDS)


@pytest.mark.parametrize("model,first", [("repeats", "w1"), ("overlaps", "w38")])
async def test_vendor_repeats_itself_when_asked_to(http: httpx2.AsyncClient, model: str, first: str) -> None:
    """From the beginning, or by a few words."""
    text = openai_text((await http.post(_OPENAI, json=asked(f"{model}:r", stream=True, messages=_GO_ON))).text)
    assert text.split()[0] == first
    assert text.split()[-1] == "w60"


@pytest.mark.parametrize(
    "model,status,header",
    [
        ("429", 429, None),
        ("429-after=7", 429, ("retry-after", "7")),
        ("429-after-ms=0.7", 429, ("retry-after-ms", "700")),
        ("503", 503, None),
        ("401", 401, None),
        ("context", 400, None),
        ("quota", 429, None),
    ],
)
async def test_vendor_refuses_as_named(
    http: httpx2.AsyncClient, model: str, status: int, header: tuple[str, str] | None
) -> None:
    """The status, an error document of either dialect, and the time where one was asked for."""
    for path in (_OPENAI, _ANTHROPIC):
        reply = await http.post(path, json=asked(f"{model}:r"))
        assert reply.status_code == status
        assert reply.json()["error"]["message"]
        assert header is None or reply.headers[header[0]] == header[1]


async def test_vendor_once_is_once_for_each_run(http: httpx2.AsyncClient) -> None:
    """The first request of a run fails, the second is answered, another run begins anew."""
    statuses = [(await http.post(_OPENAI, json=asked(model))).status_code for model in ("once-500:r", "once-500:r")]
    assert [*statuses, (await http.post(_OPENAI, json=asked("once-500:s"))).status_code] == [500, 200, 500]


async def test_vendor_flaps_until_healed(http: httpx2.AsyncClient) -> None:
    """503 from the first request on, for so long, or until it is told to recover."""
    assert (await http.post(_OPENAI, json=asked("flapping=60:r"))).status_code == 503
    await http.get("/_heal", params={"run": "r"})
    assert (await http.post(_OPENAI, json=asked("flapping=60:r"))).status_code == 200


@pytest.mark.parametrize("model", ["reset", "hang-up"])
async def test_vendor_breaks_the_connection_before_headers(http: httpx2.AsyncClient, model: str) -> None:
    """No reply comes."""
    with pytest.raises(httpx2.TransportError):
        await http.post(_OPENAI, json=asked(f"{model}:r"))


@pytest.mark.parametrize("model", ["cut-chunked", "cut-reset", "short"])
async def test_vendor_breaks_the_connection_within_a_reply(http: httpx2.AsyncClient, model: str) -> None:
    """The reply begins, and is not whole for HTTP either."""
    with pytest.raises(httpx2.TransportError):
        await http.post(_OPENAI, json=asked(f"{model}:r", stream=True))


@pytest.mark.parametrize(
    "model,words",
    [("cut", 40), ("cut-ended", 40), ("cut-last", 60), ("no-done", 60), ("error-mid", 40), ("cut-word", 41)],
)
async def test_vendor_ends_streams_before_their_end(http: httpx2.AsyncClient, model: str, words: int) -> None:
    """Two thirds, or all without its end; whole for HTTP in any case."""
    for path, text_of in ((_OPENAI, openai_text), (_ANTHROPIC, anthropic_text)):
        body = (await http.post(path, json=asked(f"{model}:r", stream=True))).text
        assert len(text_of(body).split()) == words
        assert "[DONE]" not in body
        assert "message_stop" not in body


async def test_vendor_rejects_prefills_of_a_row(http: httpx2.AsyncClient) -> None:
    """Where the row says so, whatever the model; asked the other way it goes on."""
    path = "/c/no-prefill/v1/messages"
    rejected = await http.post(path, json=asked("claude-x", messages=_GO_ON))
    turned = [*_GO_ON, {"role": "user", "content": "Go on."}]
    answered = await http.post(path, json=asked("claude-x", messages=turned))
    assert (rejected.status_code, answered.status_code) == (400, 200)
    assert answered.json()["content"][0]["text"].startswith("w41")


async def test_vendor_takes_no_prefill_that_ends_in_a_space(http: httpx2.AsyncClient) -> None:
    """As Anthropic does; OpenAI's dialect does not mind."""
    spaced = [*_GO_ON[:1], {"role": "assistant", "content": f"{_SAID} "}]
    statuses = [(await http.post(path, json=asked("x", messages=spaced))).status_code for path in (_ANTHROPIC, _OPENAI)]
    assert statuses == [400, 200]


async def test_vendor_sees_who_asked_and_when_the_caller_left(http: httpx2.AsyncClient) -> None:
    """Silence lasts until the caller leaves, and the record says when; other runs are not in it."""
    await http.post(_OPENAI, json=asked("ok:other"))
    with pytest.raises(httpx2.ReadTimeout):
        await http.post(_OPENAI, json=asked("silence:r"), timeout=0.1)
    async with asyncio.timeout(5):
        while (await http.get("/_open")).json()["exchanges"]:
            pass
    (seen,) = (await http.get("/_seen", params={"run": "r"})).json()
    assert (seen["row"], seen["fault"], seen["number"], seen["last_role"]) == ("a", "silence", 1, "user")
    assert 0.05 < seen["caller_left_at"] - seen["at"] < 2


async def test_vendor_answers_before_it_reads(http: httpx2.AsyncClient) -> None:
    """The answer is there although the body never came."""
    reader, writer = await asyncio.open_connection("127.0.0.1", http.base_url.port)
    writer.write(b"POST /eager/eager/v1/chat/completions HTTP/1.1\r\ncontent-length: 99\r\n\r\n")
    assert await asyncio.wait_for(reader.readline(), 5) == b"HTTP/1.1 200 As-Asked\r\n"
    writer.close()


def test_faults_are_spelled_as_models() -> None:
    """Fault, amount and run; a model that is no fault is well."""
    assert spelled("once-429-after=1.5:s7") == ("once-429-after", 1.5, "s7")
    assert spelled("claude-haiku-4-5") == ("ok", 0.0, "")
    assert {spelled(f"{name}:r")[0] for name in FAULTS} == set(FAULTS)
