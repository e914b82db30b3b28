"""Callers who want vectors that are kept, and what they are asked of."""

from __future__ import annotations

from typing import Any

from contracts.cache import CacheConfig
from contracts.calls import Wire
from contracts.embeddings import EmbeddingResponse
from tests.kit.answer_stores import FarStore
from tests.kit.embedding_engine import EmbeddingEngine
from tests.kit.fake_provider import FakeProvider
from tests.kit.script import Outcome
from tests.kit.virtual_time import loop_clock


def maker(name: str = "alpha", *script: Outcome, embeds: tuple[str, ...] = ("e-1",)) -> FakeProvider:
    """A row that makes vectors, and may be passed bodies of OpenAI's dialect."""
    row = FakeProvider(name, script, embeds=embeds)
    row.wires = {Wire.OPENAI_EMBEDDINGS}
    return row


def far(**config: Any) -> FarStore:
    """A cache that is not in this process."""
    return FarStore(loop_clock().monotonic, CacheConfig(**config))


async def cached(engine: EmbeddingEngine, *texts: str, **fields: Any) -> EmbeddingResponse:
    """Vectors for a caller who wants the cache."""
    return await engine.embed(*texts, **{"use_cache": True, **fields})


async def is_kept(engine: EmbeddingEngine) -> None:
    """What was answered has been kept, where that takes its time."""
    await engine.wait(0.1)
    assert len(engine.embeddings.flights) == 0
