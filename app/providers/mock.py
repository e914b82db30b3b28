"""A vendor that is none: it answers inside this process, says that it is a mock, and misbehaves by model name.

For the tests of those who call this service; off until it is enabled. What each model name does stands in
`mock_models.py`.
"""

from __future__ import annotations

from app.providers.vendor import Vendor
from contracts.calls import Wire
from contracts.providers import ProviderType

VENDOR = Vendor(
    kind=ProviderType.MOCK,
    base_url="http://mock.invalid/v1",
    default_model="mock-echo",
    wires=frozenset({Wire.OPENAI_CHAT, Wire.OPENAI_EMBEDDINGS}),
)
