"""OpenAI's dialect as providers use it: one for all who speak it; what differs stands in `quirks`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Literal

from app import catalogue
from app.providers.dialect import EmbeddingExchange, Exchange, no_embeddings
from app.providers.embedding_texts import asked_of
from app.providers.extras import laid_over
from app.providers.openai_bridge import needs_responses, responses_exchange
from app.providers.openai_passing import OPENAIS_OWN, passed_chat, passed_embeddings, passed_response
from app.providers.passing import passed_source
from app.providers.rate_headers import read_rate_limits
from app.wires.openai_chat import (
    Quirks,
    StreamDecoder,
    decode_error,
    decode_model_list,
    decode_response,
    encode_request,
)
from app.wires.openai_chat.encode import RESERVED_FIELDS
from app.wires.openai_embeddings import EmbeddingQuirks, decode_embeddings, encode_embeddings
from app.wires.openai_embeddings.encode import RESERVED_FIELDS as EMBEDDINGS_RESERVED
from contracts.calls import ModelCall, Wire
from contracts.errors import LLMProviderError
from contracts.providers import ProviderType, RateLimit


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAIDialect:
    """Implements `app.providers.dialect.Dialect` over the wires `openai_chat` and `openai_embeddings`."""

    quirks: Quirks = OPENAIS_OWN
    models_path: str = "/models"
    framing: Literal["sse", "ndjson"] = "sse"
    embeddings: EmbeddingQuirks | None = field(default_factory=EmbeddingQuirks)

    @property
    def makes_embeddings(self) -> bool:
        """Nearly all who copy OpenAI have /embeddings; `embeddings` is None for those who do not."""
        return self.embeddings is not None

    def credentials(self, api_key: str) -> Mapping[str, str]:
        """A bearer token."""
        return {"Authorization": f"Bearer {api_key}"}

    def exchange(self, call: ModelCall, *, kind: ProviderType, provider: str, model: str, stream: bool) -> Exchange:
        """A chat completion, or a response where the caller asks for one or the model takes this call nowhere else."""
        source = passed_source(call)
        if source is not None and source.wire is Wire.OPENAI_RESPONSES:
            return passed_response(call, source, provider=provider, model=model, stream=stream)
        if needs_responses(call, kind=kind, provider=provider, model=model):
            return responses_exchange(call, kind=kind, provider=provider, model=model, stream=stream)
        if source is not None:
            passed = passed_chat(
                call, source, kind=kind, provider=provider, model=model, stream=stream, quirks=self.quirks
            )
            if passed is not None:
                return passed
        laid = laid_over(call, provider=provider, reserved=RESERVED_FIELDS)
        encoded = encode_request(
            call.conversation,
            provider=provider,
            model=model,
            stream=stream,
            quirks=self.quirks,
            options=laid.options,
            refused_fields=catalogue.refused_sampling(kind, model, call.conversation.reasoning_effort),
        )
        return Exchange(
            path="/chat/completions",
            wire=Wire.OPENAI_CHAT,
            encoded=encoded,
            decode=partial(decode_response, provider=provider, model=model, quirks=self.quirks),
            decoder=partial(StreamDecoder, provider=provider, model=model, quirks=self.quirks),
            told=laid.told,
        )

    def embedding_exchange(
        self, call: ModelCall, *, kind: ProviderType, provider: str, model: str
    ) -> EmbeddingExchange:
        """Vectors by POST /embeddings."""
        if self.embeddings is None:
            raise no_embeddings(provider)
        source = passed_source(call)
        if source is not None:
            return passed_embeddings(call, source, provider=provider, model=model)
        facts = catalogue.embedding_facts(kind, model)
        asked = asked_of(call, facts)
        laid = laid_over(call, provider=provider, reserved=EMBEDDINGS_RESERVED)
        encoded = encode_embeddings(
            asked,
            provider=provider,
            model=model,
            quirks=self.embeddings,
            takes_dimensions=facts is None or facts.takes_dimensions,
            options=laid.options,
        )
        dimensions = encoded.body.get("dimensions")
        return EmbeddingExchange(
            path="/embeddings",
            encoded=encoded,
            decode=partial(decode_embeddings, asked=asked, provider=provider, model=model, dimensions=dimensions),
            told=laid.told,
        )

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
