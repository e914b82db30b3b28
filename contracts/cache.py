"""The cache of answers: what became of a request there, its configuration, and its reports."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.quick_reading import quickly_read


@quickly_read
class CacheResult(StrEnum):
    """What became of a request at the cache; also the header `x-llm-cache`."""

    HIT = "hit"
    """The answer was kept from an earlier request: no vendor was asked."""
    MISS = "miss"
    """It was looked for and not there: a vendor was asked."""
    BYPASS = "bypass"
    """It was not looked for: not asked for, switched off, or the cache cannot be reached."""
    COALESCED = "coalesced"
    """An identical request was under way, and both got its answer: a vendor was asked once."""


_FROM_DEAR_TO_FREE = (CacheResult.MISS, CacheResult.BYPASS, CacheResult.COALESCED, CacheResult.HIT)


def dearest(results: Iterable[CacheResult]) -> CacheResult:
    """What became of several requests together: with one that was bought anew, they were. None at all: `bypass`."""
    found = set(results)
    return next((one for one in _FROM_DEAR_TO_FREE if one in found), CacheResult.BYPASS)


class CacheConfig(BaseModel):
    """Whether answers are kept, for how long, and how many. The limits are those of the memory of one process.

    With Redis its own `maxmemory` holds instead of them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = Field(default=True, description="False: nothing is looked up, kept or shared.")
    ttl_seconds: Annotated[float, Field(ge=1, le=31_536_000)] = Field(
        default=3600, description="How long an answer may be given again."
    )
    max_entries: Annotated[int, Field(ge=1, le=10_000_000)] = Field(
        default=10_000, description="Most answers kept; the one that was not asked for the longest goes first."
    )
    max_bytes: Annotated[int, Field(ge=1024, le=2**40)] = Field(
        default=64 * 2**20, description="Most bytes that they may take; a larger answer is not kept."
    )


class CacheStats(BaseModel):
    """The cache as it stands. Hits, misses and coalesced are those of this process since its start.

    `keys` and `bytes` are the store's, so with Redis those of all processes; null where it cannot be asked.
    """

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "example": {
                "backend": "redis",
                "state": "ok",
                "detail": None,
                "enabled": True,
                "keys": 812,
                "bytes": 1204224,
                "hits": 4031,
                "misses": 977,
                "hit_rate": 80.49,
                "evictions": 0,
                "coalesced": 212,
            }
        },
    )

    backend: Literal["memory", "redis"]
    state: Literal["ok", "down"]
    detail: str | None = Field(default=None, description="Why it is down.")
    enabled: bool
    keys: int | None = Field(default=None, description="Answers that are kept.")
    bytes: int | None = Field(default=None, description="Bytes that they take as they are stored.")
    hits: int
    misses: int
    hit_rate: float | None = Field(default=None, description="Percent of hits and misses; null before the first.")
    evictions: int | None = Field(default=None, description="Answers that had to go for others; null: not known.")
    coalesced: int


class CacheCleared(BaseModel):
    """What was taken out of the cache."""

    model_config = ConfigDict(
        frozen=True, json_schema_extra={"example": {"cleared": 212, "provider": "openai", "model": None}}
    )

    cleared: int = Field(description="Answers that went.")
    provider: str | None = Field(default=None, description="Only those of this provider row.")
    model: str | None = Field(default=None, description="Only those of this model.")
