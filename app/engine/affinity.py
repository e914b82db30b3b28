"""Who served this conversation last? Its vendor holds the prompt in its cache and can read its own signatures.

Kept per process: bounded, for an hour after the last turn, hashes instead of what was said.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

from app.engine.conversation_key import continuation_key, named_key, prefix_key
from app.resilience.clock import Clock
from contracts.calls import ModelCall, Operation
from contracts.chat import Message, ReasoningPart, Role
from contracts.explanation import AffinitySource

MAX_THREADS = 10_000
KEPT_SECONDS = 3600.0
# A signature that is older than this many messages says little of who serves now.
SIGNED_MESSAGES = 32


@dataclass(frozen=True, slots=True)
class Holder:
    """The row that should serve the next turn, with the model where that is known, and how we know."""

    provider: str
    model: str | None
    source: AffinitySource


class Affinity:
    """Remembers who served which conversation."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._threads: OrderedDict[int, tuple[str, str, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._threads)

    def holders(self, call: ModelCall) -> Iterator[Holder]:
        """Who should serve `call`, the best reason first."""
        if (signer := _signer(call)) is not None:
            yield Holder(signer, None, AffinitySource.SIGNATURE)
        name = call.conversation.prompt_cache_key
        key = prefix_key(call.caller, call.conversation) if name is None else named_key(call.caller, name)
        thread = self._threads.get(key) if key is not None else None
        if thread is not None and thread[2] > self._clock.monotonic():
            source = AffinitySource.CONVERSATION if name is None else AffinitySource.PROMPT_CACHE_KEY
            yield Holder(thread[0], thread[1], source)

    def remember(self, call: ModelCall, answer: Message, provider: str, model: str) -> None:
        """`provider` has given the whole `answer` to `call` with its `model`."""
        name = call.conversation.prompt_cache_key
        if name is None:
            key = continuation_key(call.caller, call.conversation, answer)
        else:
            key = named_key(call.caller, name)
        self._threads[key] = (provider, model, self._clock.monotonic() + KEPT_SECONDS)
        self._threads.move_to_end(key)
        if len(self._threads) > MAX_THREADS:
            self._threads.popitem(last=False)


def may_be_held(call: ModelCall) -> bool:
    """Whether anybody can have served an earlier turn of `call`: a quick look, before anything is hashed."""
    if call.operation is not Operation.CHAT:
        return False
    conversation = call.conversation
    if conversation.prompt_cache_key is not None:
        return True
    for message in conversation.messages:  # noqa: SIM110 - of every request: `any` is another call for each message
        if message.role is Role.ASSISTANT:
            return True
    return False


def _signer(call: ModelCall) -> str | None:
    """The row whose signature the latest signed reasoning bears."""
    for message in reversed(call.conversation.messages[-SIGNED_MESSAGES:]):
        for part in message.content:
            if isinstance(part, ReasoningPart) and part.signature and part.provider:
                return part.provider
    return None
