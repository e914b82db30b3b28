"""Under which name does an answer stand in Redis, and which pattern finds those of a provider or a model?"""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote

from app.ports import CacheKey

# The version is that of the names; what stands under them has its own.
ANSWERS = "llm-provider-service:cache:v1"
# Outside of the answers' names, so that nobody counts or clears it.
PROBES = "llm-provider-service:cache:probe"


def name_of(key: CacheKey, *, under: str = ANSWERS) -> str:
    """`llm-provider-service:cache:v1:{provider}:{model}:{digest}`, where no part can hold a colon or `*?[]\\`."""
    return f"{under}:{_encoded(key.provider)}:{_encoded(key.model)}:{key.digest}"


def pattern_of(provider: str | None, model: str | None, *, under: str = ANSWERS) -> str:
    """The glob that matches all names, or those of a provider, a model, or a model there."""
    parts = ("*" if part is None else _encoded(part) for part in (provider, model))
    return ":".join([under, *parts, "*"])


@lru_cache(maxsize=1024)
def _encoded(text: str) -> str:
    return quote(text, safe="", errors="surrogatepass")
