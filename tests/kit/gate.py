"""The gate of one provider row, and those who ask to be let in."""

from __future__ import annotations

import asyncio
from typing import Any

from app.resilience.admission import Admission, Place
from contracts.config import ProviderConfig
from contracts.providers import ProviderType
from contracts.requests import Priority
from tests.kit.virtual_time import loop_clock


def limits(**fields: Any) -> ProviderConfig:
    """A row with these limits."""
    return ProviderConfig(type=ProviderType.MOCK, **fields)


def gate(**fields: Any) -> Admission:
    """A gate with these limits, on the running loop's clock."""
    made = Admission("alpha", loop_clock())
    made.adopt(limits(**fields))
    return made


async def entered(gate: Admission, priority: Priority = Priority.NORMAL, tokens: int = 0, within: float = 100) -> Place:
    """A place, at once or waited for, as the engine asks for it."""
    return gate.enter_at_once(tokens) or await gate.enter(priority, tokens, within_seconds=within)


def asking(gate: Admission, *asked: Any, **fields: Any) -> asyncio.Task[Place]:
    """Somebody who waits."""
    return asyncio.create_task(entered(gate, *asked, **fields))


async def settle() -> None:
    """Everything that can go on now does."""
    for _ in range(5):
        await asyncio.sleep(0)
