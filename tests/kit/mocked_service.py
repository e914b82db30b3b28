"""A service in which nobody but the mock answers."""

from __future__ import annotations

from typing import Any

from app.service import LLMProviderService
from app.settings import Settings
from contracts import (
    LLMProviderConfig,
)


def mocked(**config: Any) -> LLMProviderService:
    """A service whose only usable rows are mocks."""
    rows = {"second": {"type": "mock"}, **config.pop("providers", {})}
    given = {"enabled_providers": ["mock", "second"], "fallback_order": ["mock", "second"], "max_retries": 0, **config}
    return LLMProviderService(settings=Settings(config=LLMProviderConfig.model_validate({"providers": rows, **given})))
