"""How does our service make a call that an SDK is asked to judge?"""

from __future__ import annotations

from app.providers.dialect import Exchange
from app.providers.openai_bridge import responses_exchange
from contracts.calls import ModelCall
from contracts.providers import ProviderType
from tests.wires.vendor_cases import VENDORS

RESPONSES = "openai-responses"


def exchange_of(call: ModelCall, *, name: str, model: str, stream: bool) -> Exchange:
    """The exchange of the vendor `name`; for `RESPONSES` that of OpenAI's other endpoint, whatever the model."""
    if name == RESPONSES:
        return responses_exchange(call, kind=ProviderType.OPENAI, provider=name, model=model, stream=stream)
    vendor = VENDORS[name]
    return vendor.dialect.exchange(call, kind=vendor.kind, provider=name, model=model, stream=stream)


def golden_folder(name: str) -> str:
    """Where the recorded replies of `name` stand."""
    return name.replace("-", "_")
