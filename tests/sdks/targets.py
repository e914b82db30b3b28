"""At what do the programs ask: the vendor itself, or our service in front of one of its dialects?

The service knows the vendor as five rows, and the two models that programs name as logical names behind which all of
them stand. A caller's key opens one row: so it is the key alone that decides which dialect is asked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from tests.clients.running_service import RunningService, run_service
from tests.sdks.vendor.server import KEY, Vendor

ADMIN_KEY = "the-key-of-the-administrator"
PROVIDER_OF_DIALECT = {"chat": "house", "messages": "claude", "gemini": "google-like", "ollama": "shed"}
LOCAL = "local"
# A key that opens every row.
ANY = "any"
_MODELS = {
    "home": "gpt-6-luna",
    "house": "house-model",
    "claude": "claude-haiku-5-5",
    "google-like": "gemini-3.8-flash",
    "shed": "qwen4-vl",
}


_EMBEDDERS = {"home": "text-embedding-3-small", "google-like": "gemini-embedding-001", "shed": "nomic-embed-text"}
_OPENAI = ["openai_chat", "openai_responses", "openai_embeddings"]


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where an SDK is sent, by nothing but the variables that it reads itself."""

    url: str
    key: str

    @property
    def variables(self) -> dict[str, str]:
        """The environment of a program."""
        openai = {"OPENAI_BASE_URL": f"{self.url}/v1", "OPENAI_API_KEY": self.key}
        return {**openai, "ANTHROPIC_BASE_URL": self.url, "ANTHROPIC_API_KEY": self.key}


@dataclass(frozen=True, kw_only=True)
class House:
    """The service, and a target for each of its rows."""

    service: RunningService
    rows: Mapping[str, Target]


@contextmanager
def opened(folder: Path, vendor: Vendor) -> Iterator[House]:
    """The service in front of `vendor`."""
    file = folder / "rows.yaml"
    # JSON is YAML.
    file.write_text(json.dumps(_configuration(vendor.url)), encoding="utf-8")
    variables = {"LLM_PROVIDER_SERVICE_CONFIG_FILE": str(file), "LLM_PROVIDER_SERVICE_ADMIN_API_KEY": ADMIN_KEY}
    with run_service(folder, **variables) as service:
        names = [*_MODELS, LOCAL, ANY]
        yield House(service=service, rows={name: _target(service, name) for name in names})


def direct(vendor: Vendor) -> Target:
    """The vendor itself."""
    return Target(url=vendor.url, key=KEY)


def _target(service: RunningService, row: str) -> Target:
    answer = httpx2.post(
        f"{service.url}/api/v1/keys",
        headers={"x-api-key": ADMIN_KEY},
        json={"name": row, "providers": None if row == ANY else [row]},
    )
    answer.raise_for_status()
    return Target(url=service.url, key=answer.json()["key"])


def _configuration(url: str) -> dict[str, Any]:
    rows = {
        "home": {"type": "openai", "base_url": f"{url}/v1", "dialects": _OPENAI},
        "house": {"type": "openai", "base_url": f"{url}/v1"},
        "claude": {"type": "anthropic", "base_url": url},
        "google-like": {"type": "gemini", "base_url": f"{url}/v1beta"},
        "shed": {"type": "ollama", "base_url": url},
    }
    models = {row: [model, *filter(None, [_EMBEDDERS.get(row)])] for row, model in _MODELS.items()}
    talkers = [f"{row}/{model}" for row, model in _MODELS.items()]
    embedders = [f"{row}/{model}" for row, model in _EMBEDDERS.items()]
    return {
        "enabled_providers": [*rows, LOCAL],
        "fallback_order": list(rows),
        "providers": {name: {**row, "api_key": KEY, "models": models[name]} for name, row in rows.items()},
        "models": {"gpt-6-luna": talkers, "claude-haiku-5-5": talkers, "text-embedding-3-small": embedders},
        "retry_delay_seconds": 0.05,
        # Programs make mistakes on purpose, and the next one must find the rows in use.
        "circuit_breaker": {"failure_threshold": 1000},
    }
