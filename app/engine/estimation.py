"""How many tokens an answer took when the vendor did not say: an estimate, and marked as one."""

from __future__ import annotations

from collections.abc import Iterable

from contracts.calls import ModelCall
from contracts.chat import (
    Conversation,
    FilePart,
    ImagePart,
    Part,
    RawPart,
    ToolCallPart,
    ToolResultPart,
    Usage,
    UsageSource,
)
from contracts.errors import LLMProviderError, LLMTimeoutError, ProviderProtocolError, ServiceNotStartedError

CHARACTERS_PER_TOKEN = 4
TOKENS_PER_MESSAGE = 4
TOKENS_PER_IMAGE = 800
_OK = 200
# The last of them: our own end came first.
_CUT = (LLMTimeoutError, ProviderProtocolError, ServiceNotStartedError)


def estimated_usage(conversation: Conversation, output_characters: int) -> Usage:
    """Usage by the rule of thumb of four characters a token; 800 tokens for an image or a file."""
    input_tokens = sum(TOKENS_PER_MESSAGE + _tokens(message.content) for message in conversation.messages)
    output_tokens = _in_tokens(output_characters)
    return Usage(
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        total_tokens=input_tokens + output_tokens,
        source=UsageSource.ESTIMATED,
    )


def estimated_input(call: ModelCall) -> Usage:
    """What `call` sends, as far as it can be told before there is an answer: of texts for vectors that is all."""
    if call.embedding is None:
        return estimated_usage(call.conversation, 0)
    input_tokens = sum(_in_tokens(len(text)) for text in call.embedding.texts)
    return Usage(input_tokens=input_tokens, output_tokens=0, total_tokens=input_tokens, source=UsageSource.ESTIMATED)


def estimated_loss(call: ModelCall, error: LLMProviderError) -> Usage | None:
    """What `call` may be billed though it brought nothing: its input, if the vendor was at work when it was cut off.

    None for one that reached nobody, or that the vendor refused.
    """
    is_cut = isinstance(error, _CUT) and error.upstream_status in (None, _OK)
    return estimated_input(call) if is_cut and error.reached_vendor else None


def _tokens(parts: Iterable[Part]) -> int:
    return sum(_part_tokens(part) for part in parts)


def _part_tokens(part: Part) -> int:
    if isinstance(part, ImagePart | FilePart):
        return TOKENS_PER_IMAGE
    if isinstance(part, ToolResultPart):
        return _tokens(part.content)
    if isinstance(part, RawPart):
        return _in_tokens(len(str(part.data)))
    if isinstance(part, ToolCallPart):
        return _in_tokens(len(part.name) + len(part.arguments))
    return _in_tokens(len(part.text))


def _in_tokens(characters: int) -> int:
    return -(-characters // CHARACTERS_PER_TOKEN)
