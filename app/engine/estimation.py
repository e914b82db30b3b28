"""How many tokens an answer took when the vendor did not say: an estimate, and marked as one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from contracts.calls import ModelCall, Operation
from contracts.chat import (
    CHARACTERS_PER_TOKEN,
    Conversation,
    FilePart,
    ImagePart,
    Message,
    Part,
    RawPart,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    Usage,
    UsageSource,
)
from contracts.errors import LLMProviderError, LLMTimeoutError, ProviderProtocolError, ServiceNotStartedError

TOKENS_PER_MESSAGE = 4
TOKENS_PER_IMAGE = 800
NOTHING_TOLD = Usage()
_SAID = (TextPart, RefusalPart, ReasoningPart)
_OK = 200
# The last of them: our own end came first.
_CUT = (LLMTimeoutError, ProviderProtocolError, ServiceNotStartedError)


def estimated_usage(conversation: Conversation, output_characters: int, told: Usage = NOTHING_TOLD) -> Usage:
    """Usage by the rule of thumb of four characters a token; 800 tokens for an image or a file.

    `told` is what the vendor had counted by then: its input, cached tokens too, and at least its output.
    """
    input_tokens = told.input_tokens or _input_tokens(conversation)
    output_tokens = max(told.output_tokens, _in_tokens(output_characters))
    return replace(
        told,
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        total_tokens=input_tokens + output_tokens,
        source=UsageSource.ESTIMATED,
    )


def credible_usage(conversation: Conversation, message: Message, told: Usage | None) -> Usage:
    """What a whole answer took: as the vendor counted, but what cannot be true is estimated.

    Nothing was sent or said for no tokens at all; and what was `told` before the last word was lost is built on.
    """
    if told is None:
        return estimated_usage(conversation, _characters(message))
    is_last_word = told.source is UsageSource.REPORTED
    has_silent_output = not told.output_tokens and bool(_characters(message))
    if is_last_word and told.input_tokens and not has_silent_output:
        return told
    return estimated_usage(conversation, 0 if is_last_word and told.output_tokens else _characters(message), told)


def estimated_input(call: ModelCall) -> Usage:
    """What `call` sends, as far as it can be told before there is an answer: of texts for vectors that is all.

    What is only counted is not billed, and takes none.
    """
    if call.operation is Operation.COUNT_TOKENS:
        return NOTHING_TOLD
    if call.embedding is None:
        return estimated_usage(call.conversation, 0)
    asked = call.embedding
    counted = (TOKENS_PER_IMAGE if count is None else count for count in asked.token_counts)
    input_tokens = sum(_in_tokens(len(text)) for text in asked.texts) + sum(counted)
    return Usage(input_tokens=input_tokens, output_tokens=0, total_tokens=input_tokens, source=UsageSource.ESTIMATED)


def estimated_loss(call: ModelCall, error: LLMProviderError) -> Usage | None:
    """What `call` may be billed though it brought nothing: its input, if the vendor was at work when it was cut off.

    None for one that reached nobody, or that the vendor refused.
    """
    is_cut = isinstance(error, _CUT) and error.upstream_status in (None, _OK)
    is_billed = call.operation is not Operation.COUNT_TOKENS
    return estimated_input(call) if is_billed and is_cut and error.reached_vendor else None


def _input_tokens(conversation: Conversation) -> int:
    return sum(TOKENS_PER_MESSAGE + _tokens(message.content) for message in conversation.messages)


def _characters(message: Message) -> int:
    """What an answer says, thinks and asks tools for."""
    calls = sum(len(call.arguments) for call in message.tool_calls)
    return calls + sum(len(part.text) for part in message.content if isinstance(part, _SAID))


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
