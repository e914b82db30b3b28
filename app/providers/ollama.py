"""Ollama, on a server of the user's own or, with a key, in its cloud. Sources: docs.ollama.com/api and /cloud.

Its row is there by default and must not be usable by default: it is once OLLAMA_HOST or `base_url` says where its
server is (by itself it listens on http://localhost:11434), or once there is a key for the cloud.
"""

from __future__ import annotations

from app.providers.ollama_dialect import OllamaDialect
from app.providers.vendor import Vendor
from contracts.providers import ProviderType

VENDOR = Vendor(
    kind=ProviderType.OLLAMA,
    # The cloud: a row without an address is called only with a key, and only the cloud wants one.
    base_url="https://ollama.com",
    host_variable="OLLAMA_HOST",
    host_example="http://localhost:11434",
    silence_hint="is `ollama serve` running?",
    pull_command="ollama pull",
    dialect=OllamaDialect(),
)
