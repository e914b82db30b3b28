"""OpenAI, and every server that copies it: vLLM, Azure's /openai/v1, llama.cpp, LM Studio and others by `base_url`."""

from __future__ import annotations

from app.providers.vendor import Vendor
from contracts.calls import Wire
from contracts.providers import ProviderType

VENDOR = Vendor(
    kind=ProviderType.OPENAI,
    base_url="https://api.openai.com/v1",
    key_variable="OPENAI_API_KEY",
    caller_headers=frozenset({"openai-beta"}),
    wires=frozenset({Wire.OPENAI_CHAT, Wire.OPENAI_RESPONSES, Wire.OPENAI_EMBEDDINGS}),
    seldom_copied=frozenset({Wire.OPENAI_RESPONSES}),
)
