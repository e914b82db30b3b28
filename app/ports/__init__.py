"""What the engine needs of the rooms around it, as protocols; and the records it leaves."""

from __future__ import annotations

from app.ports.model_server import ModelAddress, ModelServer
from app.ports.providers import CallLimits, Provider, ProviderStream
from app.ports.records import AttemptRecord, Limiter, Observer, RequestRecord
from app.ports.response_cache import CachedAnswer, CachedVectors, CacheKey, CacheSize, Kept, ResponseCache

__all__ = [
    "AttemptRecord",
    "CacheKey",
    "CacheSize",
    "CachedAnswer",
    "CachedVectors",
    "CallLimits",
    "Kept",
    "Limiter",
    "ModelAddress",
    "ModelServer",
    "Observer",
    "Provider",
    "ProviderStream",
    "RequestRecord",
    "ResponseCache",
]
