"""Anthropic, and every server that copies its /v1/messages by `base_url`.

The version stays the one that all models and copies take; beta features are a header of the row (`anthropic-beta`).
"""

from __future__ import annotations

from app.providers.anthropic_dialect import AnthropicDialect
from app.providers.vendor import Vendor
from contracts.calls import Wire
from contracts.providers import ProviderType

VENDOR = Vendor(
    kind=ProviderType.ANTHROPIC,
    base_url="https://api.anthropic.com",
    key_variable="ANTHROPIC_API_KEY",
    headers={"anthropic-version": "2023-06-01"},
    caller_headers=frozenset({"anthropic-beta", "anthropic-version"}),
    dialect=AnthropicDialect(),
    wires=frozenset({Wire.ANTHROPIC_MESSAGES}),
)
