"""Many requests at once: bounded, urgent ones first, each with its own outcome."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

from contracts.errors import InternalError, InvalidRequestError, LLMProviderError
from contracts.requests import Priority

CONCURRENCY = 8
_RANKS = {Priority.URGENT: 0, Priority.HIGH: 1, Priority.NORMAL: 2, Priority.LOW: 3}
_log = logging.getLogger(__name__)


class Prioritized(Protocol):
    """An item of a batch: a request for an answer, or for a comparison."""

    @property
    def priority(self) -> Priority:
        """Which items start first."""
        ...

    @property
    def request_id(self) -> str | None:
        """None: one is made."""
        ...

    @property
    def correlation_id(self) -> str | None:
        """None: one is made."""
        ...


Asked = TypeVar("Asked", bound=Prioritized)
Answer = TypeVar("Answer")


async def process_all(
    requests: Sequence[Asked], process: Callable[[Asked], Awaitable[Answer]], *, max_size: int
) -> list[Answer | LLMProviderError]:
    """Each request's answer or error, in the order given, at most eight under way at once.

    Raises InvalidRequestError for an empty batch or one with more than `max_size` requests.
    """
    if not requests:
        raise InvalidRequestError("requests: a batch needs at least one request")
    if len(requests) > max_size:
        raise InvalidRequestError(f"requests: a batch holds at most {max_size} requests, this one has {len(requests)}")
    outcomes: dict[int, Answer | LLMProviderError] = {}
    waiting = iter(sorted(range(len(requests)), key=lambda index: _RANKS[requests[index].priority]))

    async def work() -> None:
        for index in waiting:
            outcomes[index] = await _outcome(requests[index], process)

    async with asyncio.TaskGroup() as group:
        for _ in range(min(CONCURRENCY, len(requests))):
            group.create_task(work())
    return [outcomes[index] for index in range(len(requests))]


async def _outcome(request: Asked, process: Callable[[Asked], Awaitable[Answer]]) -> Answer | LLMProviderError:
    try:
        return await process(request)
    except LLMProviderError as error:
        return error
    except Exception as defect:
        # Where it happened, without its own words: those may hold a prompt.
        places = "".join(traceback.format_tb(defect.__traceback__))
        _log.error("a request of a batch met a defect: %s\n%s", type(defect).__name__, places)
        return InternalError(
            "this request of the batch failed by a defect of the service; it was logged",
            request_id=request.request_id,
            correlation_id=request.correlation_id,
        )
