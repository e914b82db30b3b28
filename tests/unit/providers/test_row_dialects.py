"""In which dialects does each row take a caller's own body?"""

from __future__ import annotations

from typing import Any

import pytest

from app.providers import VENDORS
from app.providers.vendor import Vendor
from contracts.calls import Wire
from contracts.errors import ConfigurationError
from contracts.providers import ProviderType
from tests.unit.providers.vendor_double import VendorDouble

CHAT, RESPONSES, MESSAGES, EMBEDDINGS = (
    Wire.OPENAI_CHAT,
    Wire.OPENAI_RESPONSES,
    Wire.ANTHROPIC_MESSAGES,
    Wire.OPENAI_EMBEDDINGS,
)
ELSEWHERE = "http://10.0.0.1/v1"


def spoken(kind: str, **row: Any) -> set[Wire]:
    """What a row of `kind` speaks."""
    provider = VendorDouble().row(kind, **row)
    return {wire for wire in Wire if provider.speaks(wire)}


@pytest.mark.parametrize(
    "kind,wires",
    [
        (ProviderType.OPENAI, {CHAT, RESPONSES, EMBEDDINGS}),
        (ProviderType.ANTHROPIC, {MESSAGES}),
        (ProviderType.GEMINI, set()),
        (ProviderType.DEEPSEEK, {CHAT}),
        (ProviderType.OPENROUTER, {CHAT, EMBEDDINGS}),
        (ProviderType.OLLAMA, set()),
        (ProviderType.LOCAL, set()),
        (ProviderType.MOCK, {CHAT, EMBEDDINGS}),
    ],
)
def test_kind_speaks_what_its_vendor_does(kind: ProviderType, wires: set[Wire]) -> None:
    """The embedded model speaks none: a caller's bytes may hold any field, and some would stop it."""
    assert spoken(kind.value) == wires


def test_copy_of_openai_is_taken_to_lack_responses() -> None:
    """Many do; one that has it says so in its row, and one at OpenAI's own address is no copy."""
    assert spoken("openai", base_url=ELSEWHERE) == {CHAT, EMBEDDINGS}
    assert spoken("openai", base_url=ELSEWHERE, dialects=(CHAT, RESPONSES)) == {CHAT, RESPONSES}
    assert spoken("openai", base_url="https://api.openai.com/v1") == {CHAT, RESPONSES, EMBEDDINGS}
    assert spoken("anthropic", base_url=ELSEWHERE) == {MESSAGES}


def test_row_may_speak_less() -> None:
    """Then its callers' bodies are read and written anew, as for any other vendor."""
    assert spoken("openai", dialects=()) == set()
    assert spoken("anthropic", dialects=[]) == set()


@pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.kind.value)
@pytest.mark.parametrize("wire", Wire)
def test_row_cannot_speak_what_its_kind_does_not(vendor: Vendor, wire: Wire) -> None:
    """Its field is named, and what would be possible."""
    if wire in vendor.wires:
        assert spoken(vendor.kind.value, dialects=(wire,)) == {wire}
        return
    with pytest.raises(ConfigurationError, match=f"cannot be passed {wire}; possible here: ") as caught:
        VendorDouble().row(vendor.kind.value, name="mine", dialects=(wire,))
    assert [one.field for one in caught.value.errors] == ["providers.mine.dialects"]
