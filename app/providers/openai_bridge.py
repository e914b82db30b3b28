"""Which calls does OpenAI take on /responses only? They go there, and their callers do not notice.

Source: OpenAI, deployment checklist and the pages of gpt-5.6 and gpt-6: with any effort but `none` these models refuse
function tools on /chat/completions. What they thought there comes back signed, and only /responses takes it again.
"""

from __future__ import annotations

from functools import partial

from app import catalogue
from app.providers.dialect import Exchange
from app.wires.openai_responses import StreamDecoder, decode_response, encode_request
from contracts.calls import ModelCall
from contracts.chat import ReasoningPart
from contracts.providers import ProviderType


def needs_responses(call: ModelCall, *, kind: ProviderType, provider: str, model: str) -> bool:
    """Whether `call` cannot go to /chat/completions, or not without losing what the model thought."""
    if not catalogue.tools_need_no_effort(kind, model):
        return False
    if not catalogue.reasons(kind, model, call.conversation.reasoning_effort):
        return False
    return bool(call.conversation.tools) or _holds_thoughts_of(provider, call)


def responses_exchange(call: ModelCall, *, kind: ProviderType, provider: str, model: str, stream: bool) -> Exchange:
    """The same call on /responses."""
    effort = call.conversation.reasoning_effort
    return Exchange(
        path="/responses",
        encoded=encode_request(
            call.conversation,
            provider=provider,
            model=model,
            stream=stream,
            may_reason=catalogue.reasons(kind, model, effort),
            options=call.vendor_options.get(provider),
            refused_fields=catalogue.refused_sampling(kind, model, effort),
        ),
        decode=partial(decode_response, provider=provider, model=model),
        decoder=partial(StreamDecoder, provider=provider, model=model),
    )


def _holds_thoughts_of(provider: str, call: ModelCall) -> bool:
    parts = (part for message in call.conversation.messages for part in message.content)
    return any(isinstance(part, ReasoningPart) and part.signature and part.provider == provider for part in parts)
