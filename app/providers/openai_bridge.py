"""Which calls does OpenAI take on /responses only, and how are they made there?

A caller of /chat/completions does not notice that the call goes there.

Source: OpenAI, deployment checklist and the pages of gpt-5.6 and gpt-6: with any effort but `none` these models refuse
function tools on /chat/completions. What they thought there comes back signed, and only /responses takes it again.
"""

from __future__ import annotations

from functools import partial

from app import catalogue
from app.providers.dialect import Exchange
from app.providers.extras import laid_over
from app.wires.openai_responses import StreamDecoder, decode_response, encode_request
from app.wires.openai_responses.encode import RESERVED_FIELDS
from contracts.calls import ModelCall, Wire
from contracts.chat import ReasoningPart
from contracts.providers import ProviderType

# What is the same in both dialects.
_SHARED_FIELDS = frozenset({"metadata", "prompt_cache_retention", "safety_identifier", "service_tier", "user"})


def needs_responses(call: ModelCall, *, kind: ProviderType, provider: str, model: str) -> bool:
    """Whether `call` cannot go to /chat/completions, or not without losing what the model thought.

    What only the dialect of the caller's body can say stays where it can be said.
    """
    source = call.source
    if source is not None and (source.demands or source.wire is Wire.OPENAI_RESPONSES):
        return source.wire is Wire.OPENAI_RESPONSES
    if not catalogue.tools_need_no_effort(kind, model):
        return False
    if not catalogue.reasons(kind, model, call.conversation.reasoning_effort):
        return False
    return bool(call.conversation.tools) or _holds_thoughts_of(provider, call)


def responses_exchange(call: ModelCall, *, kind: ProviderType, provider: str, model: str, stream: bool) -> Exchange:
    """The same call on /responses."""
    effort = call.conversation.reasoning_effort
    is_bridged = call.source is not None and call.source.wire is not Wire.OPENAI_RESPONSES
    laid = laid_over(call, provider=provider, reserved=RESERVED_FIELDS, only=_SHARED_FIELDS if is_bridged else None)
    return Exchange(
        path="/responses",
        wire=Wire.OPENAI_RESPONSES,
        encoded=encode_request(
            call.conversation,
            provider=provider,
            model=model,
            stream=stream,
            may_reason=catalogue.reasons(kind, model, effort),
            options=laid.options,
            refused_fields=catalogue.refused_sampling(kind, model, effort),
        ),
        decode=partial(decode_response, provider=provider, model=model),
        decoder=partial(StreamDecoder, provider=provider, model=model),
        told=laid.told,
    )


def _holds_thoughts_of(provider: str, call: ModelCall) -> bool:
    parts = (part for message in call.conversation.messages for part in message.content)
    return any(isinstance(part, ReasoningPart) and part.signature and part.provider == provider for part in parts)
