"""One request on its way to a vendor, and what the vendor answered, both in no vendor's dialect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from contracts.caller import Caller
from contracts.chat import Conversation, FinishReason, Message, Usage
from contracts.embeddings import EmbeddingInput
from contracts.requests import UnsupportedParameters


class Operation(StrEnum):
    """What is asked of a model."""

    CHAT = "chat"
    EMBEDDINGS = "embeddings"


# Of a caller's headers, those that a vendor knows; each vendor gets its own of them.
CALLER_HEADERS = ("anthropic-beta", "anthropic-version", "openai-beta")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCall:
    """One request on its way to a candidate: a `conversation`, or an `embedding` for that operation.

    `vendor_options` maps a provider to extra JSON for its body. `vendor_headers` are headers of the caller, names in
    lower case, of which each vendor gets those that are its own. `trace_parent` is the W3C header for a row that wants
    it.
    """

    operation: Operation
    caller: Caller
    request_id: str
    correlation_id: str
    conversation: Conversation = field(default_factory=lambda: Conversation(messages=()))
    embedding: EmbeddingInput | None = None
    vendor_options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    vendor_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    trace_parent: str | None = None
    unsupported_parameters: UnsupportedParameters = UnsupportedParameters.WARN


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One whole answer of a vendor, decoded. `cost_usd` is the vendor's own figure where it sends one."""

    message: Message = field(repr=False)
    finish_reason: FinishReason
    model: str | None = None
    usage: Usage | None = None
    cost_usd: Decimal | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingReply:
    """The vectors of a vendor's answer, in the order of the texts."""

    vectors: tuple[tuple[float, ...], ...] = field(repr=False)
    model: str | None = None
    usage: Usage | None = None
    cost_usd: Decimal | None = None
    warnings: tuple[str, ...] = ()
