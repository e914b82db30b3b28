"""llama.cpp answers Anthropic's dialect too: our provider of that kind speaks with a real server."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from app.local_model.supervisor import LocalModel
from app.ports import CallLimits, Provider
from app.providers import build_provider
from app.upstream import UpstreamClient
from contracts.caller import IN_PROCESS_CALLER
from contracts.calls import ModelCall, Operation
from contracts.chat import Conversation, FinishReason, Message, Role, Sampling, TextPart
from contracts.config import ProviderConfig
from contracts.deltas import TextDelta
from contracts.errors import AuthenticationError, ContextLengthExceededError
from contracts.providers import ProviderType
from tests.kit.pieces import pieces_of

LIMITS = CallLimits(connect_timeout_seconds=5.0)


def call(words: str) -> ModelCall:
    turns = (
        Message(role=Role.SYSTEM, content=(TextPart(text="Be brief."),)),
        Message(role=Role.USER, content=(TextPart(text=words),)),
    )
    return ModelCall(
        operation=Operation.CHAT,
        conversation=Conversation(messages=turns, sampling=Sampling(max_tokens=4, temperature=0)),
        caller=IN_PROCESS_CALLER,
        request_id="r",
        correlation_id="c",
    )


async def row_at(model: LocalModel, upstream: UpstreamClient, api_key: str | None = None) -> Provider:
    address = await model.address()
    config = ProviderConfig(type=ProviderType.ANTHROPIC, base_url=address.base_url.removesuffix("/v1"))
    return build_provider("copy", config, upstream=upstream, api_key=api_key or address.api_key)


@pytest.fixture
async def upstream() -> AsyncIterator[UpstreamClient]:
    """A client of our own, with real sockets."""
    client = UpstreamClient()
    yield client
    await client.aclose()


async def test_real_server_answers_plain_and_streamed_alike(model: LocalModel, upstream: UpstreamClient) -> None:
    """The same words, stop reason and counts both ways, with the key in the vendor's own header."""
    row = await row_at(model, upstream)
    plain = await row.complete(call("Say hello"), model="smollm2-135m-instruct", limits=LIMITS)
    stream = await row.open_stream(call("Say hello"), model="smollm2-135m-instruct", limits=LIMITS)
    texts = [delta.text async for delta in pieces_of(stream) if isinstance(delta, TextDelta)]
    whole = stream.reply()
    assert "".join(texts) == whole.message.text == plain.message.text
    assert whole.finish_reason is plain.finish_reason is FinishReason.LENGTH
    assert whole.usage is not None
    assert plain.usage is not None
    assert (whole.usage.input_tokens, whole.usage.output_tokens) == (plain.usage.input_tokens, 4)


async def test_real_server_refuses_as_it_should(model: LocalModel, upstream: UpstreamClient) -> None:
    """A conversation longer than the window and a wrong key are told apart."""
    row = await row_at(model, upstream)
    with pytest.raises(ContextLengthExceededError):
        await row.complete(call("word " * 2000), model="smollm2-135m-instruct", limits=LIMITS)
    stranger = await row_at(model, upstream, api_key="not-it")
    with pytest.raises(AuthenticationError):
        await stranger.open_stream(call("Hi"), model="smollm2-135m-instruct", limits=LIMITS)


async def test_real_server_lists_its_model(model: LocalModel, upstream: UpstreamClient) -> None:
    """By the same path as the vendor's."""
    row = await row_at(model, upstream)
    assert await row.list_models(limits=LIMITS) == ["smollm2-135m-instruct"]
