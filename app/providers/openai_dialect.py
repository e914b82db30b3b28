"""OpenAI's dialect as providers use it: one for all who speak it; what differs stands in `quirks`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from app import catalogue
from app.providers.rate_headers import read_rate_limits
from app.wires.encoded import Encoded
from app.wires.openai_chat import (
    Quirks,
    StreamDecoder,
    decode_error,
    decode_model_list,
    decode_response,
    encode_request,
)
from contracts.calls import ModelCall, Reply
from contracts.chat import ReasoningEffort
from contracts.errors import LLMProviderError
from contracts.providers import ProviderType, RateLimit


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAIDialect:
    """Implements `app.providers.dialect.Dialect` over the wire `openai_chat`."""

    quirks: Quirks = field(default_factory=Quirks)
    models_path: str = "/models"
    framing: Literal["sse", "ndjson"] = "sse"

    def chat_path(self, model: str, *, stream: bool) -> str:
        """One path for all models."""
        return "/chat/completions"

    def credentials(self, api_key: str) -> Mapping[str, str]:
        """A bearer token."""
        return {"Authorization": f"Bearer {api_key}"}

    def encode(self, call: ModelCall, *, kind: ProviderType, provider: str, model: str, stream: bool) -> Encoded:
        """The body for /chat/completions."""
        conversation = call.conversation
        warnings: tuple[str, ...] = ()
        has_no_effort = conversation.reasoning_effort is None
        if conversation.tools and has_no_effort and catalogue.tools_need_no_effort(kind, model):
            # OpenAI, deployment checklist: with any other effort these models take tools on /responses only.
            conversation = replace(conversation, reasoning_effort=ReasoningEffort.NONE)
            warnings = (f"reasoning_effort none was sent: {model} takes tools here only without reasoning",)
        encoded = encode_request(
            conversation,
            provider=provider,
            model=model,
            stream=stream,
            quirks=self.quirks,
            options=call.vendor_options.get(provider),
            refused_fields=catalogue.refused_sampling(kind, model, conversation.reasoning_effort),
        )
        return replace(encoded, warnings=(*warnings, *encoded.warnings))

    def decode(self, body: bytes, *, provider: str, model: str) -> Reply:
        """A chat completion."""
        return decode_response(body, provider=provider, model=model, quirks=self.quirks)

    def decoder(self, *, provider: str, model: str) -> StreamDecoder:
        """For a stream of chunks."""
        return StreamDecoder(provider=provider, model=model, quirks=self.quirks)

    def decode_error(
        self, status: int, headers: Mapping[str, str], body: bytes, *, provider: str, model: str | None, now: datetime
    ) -> LLMProviderError:
        """By the error document, else by the status."""
        return decode_error(status, headers, body, provider=provider, model=model, now=now)

    def decode_models(self, body: bytes, *, provider: str) -> list[str]:
        """The ids of GET /models."""
        return decode_model_list(body, provider=provider)

    def rate_limits(self, headers: Mapping[str, str], *, now: datetime) -> list[RateLimit]:
        """`x-ratelimit-*`."""
        return read_rate_limits(headers, now=now)
