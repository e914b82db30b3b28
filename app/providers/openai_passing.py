"""How does a caller's own body of one of OpenAI's dialects go to a vendor that speaks it?"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

from app import catalogue
from app.providers.dialect import Decoder, EmbeddingExchange, Exchange, new_exchange
from app.providers.passing import NOTHING_ENCODED, opened, ready_body
from app.wires import openai_chat, openai_embeddings, openai_responses
from app.wires.openai_chat import Quirks, StreamDecoder, decode_response
from app.wires.openai_chat.encode import RESERVED_FIELDS as CHAT_RESERVED
from app.wires.openai_embeddings.encode import RESERVED_FIELDS as EMBEDDINGS_RESERVED
from app.wires.openai_responses.encode import RESERVED_FIELDS as RESPONSES_RESERVED
from contracts.calls import ModelCall, OpenedBody, Reply, Source, Wire
from contracts.errors import InvalidRequestError
from contracts.providers import ProviderType

OPENAIS_OWN = Quirks()


def passed_chat(
    call: ModelCall, source: Source, *, kind: ProviderType, provider: str, model: str, stream: bool, quirks: Quirks
) -> Exchange | None:
    """A chat completion by the caller's own body; None where a vendor with these quirks would read it in another way.

    The vendor of the dialect itself, and who copies it, is the judge of every body.
    """
    body = source.opened or opened(source, provider=provider)
    if quirks is OPENAIS_OWN or quirks == OPENAIS_OWN:
        decode, decoder = _openais_readers(provider, model, source.choices)
    elif _is_read_alike(body, call, kind, provider, model, quirks):
        decode, decoder = _readers(quirks, provider, model, source.choices)
    else:
        return None
    return new_exchange(
        path="/chat/completions",
        wire=Wire.OPENAI_CHAT,
        encoded=NOTHING_ENCODED,
        decode=decode,
        decoder=decoder,
        passed=ready_body(
            source,
            body,
            provider=provider,
            model=model,
            options=call.vendor_options.get(provider),
            reserved=CHAT_RESERVED,
            stream=stream,
            asks_for_usage=True,
        ),
    )


def passed_response(call: ModelCall, source: Source, *, provider: str, model: str, stream: bool) -> Exchange:
    """A response by the caller's own body."""
    body = opened(source, provider=provider)
    return Exchange(
        path="/responses",
        wire=Wire.OPENAI_RESPONSES,
        encoded=NOTHING_ENCODED,
        decode=partial(openai_responses.decode_response, provider=provider, model=model),
        decoder=partial(openai_responses.StreamDecoder, provider=provider, model=model),
        passed=ready_body(
            source,
            body,
            provider=provider,
            model=model,
            options=call.vendor_options.get(provider),
            reserved=RESPONSES_RESERVED,
            stream=stream,
        ),
    )


def passed_embeddings(call: ModelCall, source: Source, *, provider: str, model: str) -> EmbeddingExchange:
    """Vectors by the caller's own body."""
    body = opened(source, provider=provider)
    dimensions = body.values.get("dimensions")
    return EmbeddingExchange(
        path="/embeddings",
        encoded=NOTHING_ENCODED,
        decode=partial(
            openai_embeddings.decode_relayed,
            count=call.embedding.count if call.embedding else 0,
            provider=provider,
            model=model,
            dimensions=dimensions if type(dimensions) is int else None,
        ),
        passed=ready_body(
            source,
            body,
            provider=provider,
            model=model,
            options=call.vendor_options.get(provider),
            reserved=EMBEDDINGS_RESERVED,
        ),
    )


def _readers(
    quirks: Quirks, provider: str, model: str, choices: int
) -> tuple[Callable[[bytes], Reply], Callable[[], Decoder]]:
    """What reads a whole answer, and what makes the reader of a stream."""
    named: dict[str, Any] = {"quirks": quirks, "provider": provider, "model": model, "choices": choices}
    return partial(decode_response, is_relayed=True, **named), partial(StreamDecoder, **named)


# The same for every call; which models there are is said by callers.
_openais_readers = lru_cache(maxsize=512)(partial(_readers, OPENAIS_OWN))


def _is_read_alike(
    body: OpenedBody, call: ModelCall, kind: ProviderType, provider: str, model: str, quirks: Quirks
) -> bool:
    """Whether nothing of what sets this vendor apart from OpenAI touches the call, so that the body says it all."""
    encode = partial(openai_chat.encode_request, call.conversation, provider=provider, model=model, stream=False)
    refused = catalogue.refused_sampling(kind, model, call.conversation.reasoning_effort)
    theirs = encode(quirks=quirks, refused_fields=refused)
    try:
        openais = encode(quirks=OPENAIS_OWN)
    except InvalidRequestError:
        # This vendor takes more than OpenAI does.
        return False
    if theirs.warnings or theirs.body["messages"] != openais.body["messages"]:
        return False
    fields = theirs.body.keys() - set(CHAT_RESERVED)
    return all(body.values.get(name) == theirs.body[name] for name in fields)
