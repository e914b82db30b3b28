"""Which vendors count the tokens of a request before it is asked, and how are they asked to?

Sources: SDK anthropic 2.12, MessageCountTokensParams; SDK openai 3, InputTokenCountParams; ai.google.dev, api/tokens.
All three count for nothing. Copies of OpenAI have no /responses, and so no counter.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from app import catalogue
from app.providers.claude_models import abilities_of
from app.providers.extras import laid_over
from app.providers.gemini_dialect import model_path, resource_name
from app.providers.gemini_models import traits_of
from app.providers.passing import NOTHING_ENCODED, opened, passed_source, ready_body
from app.wires import anthropic_messages, gemini, openai_responses
from app.wires.answer_json import load_body, unreadable
from app.wires.anthropic_messages.encode import RESERVED_FIELDS as ANTHROPIC_RESERVED
from app.wires.encoded import Encoded
from app.wires.openai_responses.encode import RESERVED_FIELDS as RESPONSES_RESERVED
from contracts.calls import ModelCall, Wire
from contracts.errors import ProviderProtocolError
from contracts.providers import ProviderType

# What each vendor counts of the body that it would answer; it refuses all else.
_ANTHROPIC_FIELDS = frozenset(
    {
        "model",
        "messages",
        "system",
        "tools",
        "tool_choice",
        "thinking",
        "output_config",
        "cache_control",
        "context_management",
        "mcp_servers",
        "speed",
    }
)
_OPENAI_FIELDS = frozenset(
    {
        "model",
        "input",
        "instructions",
        "tools",
        "tool_choice",
        "parallel_tool_calls",
        "reasoning",
        "text",
        "truncation",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountExchange:
    """As an `Exchange`; `decode` raises ProviderProtocolError."""

    path: str
    encoded: Encoded
    decode: Callable[[bytes], int]
    passed: bytes | None = field(default=None, repr=False)
    told: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    call: ModelCall
    kind: ProviderType
    provider: str
    model: str

    def decode(self, name: str) -> Callable[[bytes], int]:
        """Reads the count under `name`."""
        return partial(_count, name=name, provider=self.provider, model=self.model)


def counts_tokens(kind: ProviderType, wires: Collection[Wire]) -> bool:
    """Whether a row of that kind, which speaks `wires`, has a counter."""
    return _counter(kind, wires) is not None


def count_exchange(
    call: ModelCall, *, kind: ProviderType, wires: Collection[Wire], provider: str, model: str
) -> CountExchange:
    """How a row that `counts_tokens` is asked. Raises InvalidRequestError for what its vendor cannot be asked."""
    counter = _counter(kind, wires)
    if counter is None:
        msg = f"{provider} counts no tokens"
        raise ProviderProtocolError(msg, provider=provider, model=model)
    return counter(_Asked(call=call, kind=kind, provider=provider, model=model))


def _counter(kind: ProviderType, wires: Collection[Wire]) -> Callable[[_Asked], CountExchange] | None:
    if Wire.ANTHROPIC_MESSAGES in wires:
        return _by_anthropic
    if Wire.OPENAI_RESPONSES in wires:
        return _by_openai
    return _by_gemini if kind is ProviderType.GEMINI else None


def _by_anthropic(asked: _Asked) -> CountExchange:
    call, provider, model = asked.call, asked.provider, asked.model
    path, decode = "/v1/messages/count_tokens", asked.decode("input_tokens")
    source = passed_source(call)
    if source is not None:
        own = {name: value for name, value in _options(call, provider).items() if name in _ANTHROPIC_FIELDS}
        body = opened(source, provider=provider)
        passed = ready_body(source, body, provider=provider, model=model, options=own, reserved=ANTHROPIC_RESERVED)
        return CountExchange(path=path, encoded=NOTHING_ENCODED, decode=decode, passed=passed)
    laid = laid_over(call, provider=provider, reserved=ANTHROPIC_RESERVED)
    encoded = anthropic_messages.encode_request(
        call.conversation,
        provider=provider,
        model=model,
        stream=False,
        abilities=abilities_of(model),
        options=laid.options,
    )
    return CountExchange(path=path, encoded=_only(encoded, _ANTHROPIC_FIELDS), decode=decode, told=laid.told)


def _by_openai(asked: _Asked) -> CountExchange:
    call, provider, model = asked.call, asked.provider, asked.model
    effort = call.conversation.reasoning_effort
    laid = laid_over(call, provider=provider, reserved=RESPONSES_RESERVED, only=frozenset())
    encoded = openai_responses.encode_request(
        call.conversation,
        provider=provider,
        model=model,
        stream=False,
        may_reason=catalogue.reasons(asked.kind, model, effort),
        options=laid.options,
        refused_fields=catalogue.refused_sampling(asked.kind, model, effort),
    )
    return CountExchange(
        path="/responses/input_tokens", encoded=_only(encoded, _OPENAI_FIELDS), decode=asked.decode("input_tokens")
    )


def _by_gemini(asked: _Asked) -> CountExchange:
    call, provider, model = asked.call, asked.provider, asked.model
    encoded = gemini.encode_request(
        call.conversation,
        provider=provider,
        model=model,
        traits=traits_of(model.rpartition("/")[2]),
        options=_options(call, provider),
    )
    whole = {"generateContentRequest": {"model": resource_name(model), **encoded.body}}
    return CountExchange(
        path=model_path(model, "countTokens"), encoded=replace(encoded, body=whole), decode=asked.decode("totalTokens")
    )


def _options(call: ModelCall, provider: str) -> Mapping[str, Any]:
    return call.vendor_options.get(provider) or {}


def _only(encoded: Encoded, fields: Collection[str]) -> Encoded:
    return replace(encoded, body={name: value for name, value in encoded.body.items() if name in fields})


def _count(body: bytes, *, name: str, provider: str, model: str) -> int:
    wrong = partial(unreadable, provider=provider, model=model)
    document = load_body(body, wrong)
    count = document.get(name) if isinstance(document, dict) else None
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        raise wrong("answered without a count of tokens")
    return count
