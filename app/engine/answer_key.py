"""Under which name is an answer kept? A digest over all that could change it, and nothing else.

Over the whole of every text: two essays that differ in their last character have two verdicts. Not over ids, tags,
metadata, priority, limits of time, or who else might have served.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import Any

from pydantic import ConfigDict, TypeAdapter

from app.engine.intake import Order
from app.engine.runtime import Runtime
from app.engine.target import Plan, Target
from app.ports import CacheKey
from contracts.calls import Source
from contracts.chat import Conversation
from contracts.config import ProviderConfig

# Counted up when what is digested changes, so that no answer of before is found under a name that means more now.
_VERSION = 1
# Writes any value by what it is. Keys of an object keep their order: in a schema it is the order of the answer's.
_CONSTANTS = ConfigDict(ser_json_inf_nan="constants")
_JSON = TypeAdapter(Any, config=_CONSTANTS).serializer
# A longer piece is hashed without the interpreter's lock, and the request waits until the books' thread gives it back.
_PIECE_BYTES = 2047
# The same bytes; whose type is known need not be looked at first, which is a third of the time.
_JSON_OF_ASKED = TypeAdapter(tuple[Conversation, Any], config=_CONSTANTS).serializer


class AnswerKeys:
    """The names of one order's answer: one for each candidate that may give it, one for the order itself."""

    def __init__(self, order: Order, runtime: Runtime) -> None:
        self._order = order
        self._call = order.call
        self._runtime = runtime
        self._asked = _asked(order)
        # What is named later, looked at now: who cannot be named is told so before anything is begun.
        if order.call.vendor_options or order.fallbacks:
            # Nested as deep as `flight` has them: there is a depth that is too deep.
            _digest(((order.call.vendor_options, order.fallbacks),))

    @classmethod
    def of(cls, order: Order, plan: Plan, runtime: Runtime) -> AnswerKeys | None:
        """None for an order that cannot be written as JSON (half a surrogate pair in free data): it has no name."""
        try:
            keys = cls(order, runtime)
            # The parameters of a logical model's candidates are no part of the order.
            for target in plan.judged:
                if target.params:
                    keys.key(target)
        except ValueError:
            return None
        return keys

    def flight(self) -> str:
        """The name of the whole order as it is carried out now: the same for those that may share one call."""
        order, caller = self._order, self._order.call.caller
        who = (order.preferred, order.model, order.fallbacks, order.enable_fallback)
        limits = [sorted(names) if names is not None else None for names in (caller.models, caller.providers)]
        how = (order.is_stream, order.stream_recovery, order.call.vendor_options, self._runtime.revision)
        return _digest((self._asked, who, how, limits))

    def key(self, target: Target) -> CacheKey:
        """The name of the answer that `target` gives."""
        name, model = target.provider.name, target.model
        options = {**self._call.vendor_options.get(name, {}), **target.params}
        row = _row(self._runtime.config.providers[name])
        return CacheKey(provider=name, model=model, digest=_digest((self._asked, name, model, row, options)))


def _asked(order: Order) -> str:
    call = order.call
    beside = (
        _VERSION,
        call.operation,
        call.caller.tenant,
        call.embedding,
        sorted(call.vendor_headers.items()),
        call.unsupported_parameters,
        order.signal_type,
        order.shape is not None and order.shape.is_demanded,
        _beyond(call.source),
    )
    return _digest((_without_hints(call.conversation), beside), _JSON_OF_ASKED)


def _beyond(source: Source | None) -> tuple[Any, ...] | None:
    """The body of a caller of a drop-in surface, whole: what nobody here understands could change an answer, too."""
    return None if source is None else (source.wire, sha256(source.body).hexdigest(), source.may_pass)


def _without_hints(conversation: Conversation) -> Conversation:
    """Without what only tells a vendor where to keep the prompt."""
    return replace(conversation, prompt_cache_key=None) if conversation.prompt_cache_key else conversation


def _row(row: ProviderConfig) -> tuple[Any, ...]:
    """What of a row could change its answers; its headers as they are sent, since nothing of the digest is shown."""
    headers = {name: value.get_secret_value() for name, value in row.headers.items()}
    return (row.type, row.base_url, headers)


def _digest(value: object, json: Any = _JSON) -> str:
    text = memoryview(json.to_json(value, warnings=False))
    digest = sha256()
    for start in range(0, len(text), _PIECE_BYTES):
        digest.update(text[start : start + _PIECE_BYTES])
    return digest.hexdigest()
