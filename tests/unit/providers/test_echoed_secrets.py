"""Does a vendor that answers with the key or the header that it was sent tell them to anybody?"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import pytest
from pydantic import SecretStr

from app.ports import Provider
from app.providers import VENDORS
from contracts.errors import LLMProviderError
from contracts.providers import ProviderType
from tests.unit.providers.vendor_double import LIMITS, VendorDouble, call, events

KEY, HEADER = "plainkey/of-the-row=1", "value of a header"
CALLED = [vendor.kind.value for vendor in VENDORS if vendor.kind not in (ProviderType.MOCK, ProviderType.LOCAL)]
WORDS = f"Incorrect key {KEY} with {HEADER}"


def echo(padding: int = 0) -> dict[str, Any]:
    """An error document that every dialect finds something in."""
    words = "x " * (padding // 2) + WORDS
    details = {"error_code": KEY, KEY: [KEY]}
    error = {"message": words, "type": KEY, "code": KEY, "status": KEY, "param": KEY, "details": details}
    return {"type": "error", "error": error}


def row_of(vendor: VendorDouble, kind: str) -> Provider:
    """One whose key and header are shaped like none."""
    return vendor.row(kind, api_key=KEY, base_url="http://10.0.0.1", headers={"x-own": SecretStr(HEADER)})


def assert_hidden(error: LLMProviderError) -> None:
    """Nothing that anybody is told of `error` holds them."""
    words = asdict(error.vendor_error) if error.vendor_error is not None else {}
    told = repr((error, error.args, error.vendor_message, error.errors, error.detail, words))
    assert "plainkey" not in told
    assert "value of" not in told


@pytest.mark.parametrize("status", [200, 400, 401, 404, 422, 429, 500])
@pytest.mark.parametrize("kind", CALLED)
@pytest.mark.parametrize("padding", [0, 450, 470])
async def test_echoed_secrets_of_a_plain_call_are_withheld(kind: str, status: int, padding: int) -> None:
    """In the words, also where they are cut, in the codes, and in the fields."""
    vendor = VendorDouble()
    vendor.answers(status, echo(padding))
    with pytest.raises(LLMProviderError) as raised:
        await row_of(vendor, kind).complete(call(), model="m", limits=LIMITS)
    assert_hidden(raised.value)


@pytest.mark.parametrize("kind", CALLED)
async def test_echoed_secrets_of_an_opened_stream_are_withheld(kind: str) -> None:
    """The call was refused."""
    vendor = VendorDouble()
    vendor.answers(400, echo())
    with pytest.raises(LLMProviderError) as raised:
        await row_of(vendor, kind).open_stream(call(), model="m", limits=LIMITS)
    assert_hidden(raised.value)


async def test_echoed_secrets_inside_a_stream_are_withheld() -> None:
    """The call had begun well."""
    vendor = VendorDouble()
    vendor.streams([events("a")[0], f"data: {json.dumps(echo())}\n\n".encode()])
    with pytest.raises(LLMProviderError) as raised:
        async for _ in await row_of(vendor, "openai").open_stream(call(), model="m", limits=LIMITS):
            pass
    assert raised.value.vendor_message == "Incorrect key [redacted] with [redacted]"
    assert_hidden(raised.value)


async def test_echoed_secrets_of_a_list_of_models_are_withheld() -> None:
    """A test of a provider tells why it failed."""
    vendor = VendorDouble()
    vendor.answers(401, echo())
    with pytest.raises(LLMProviderError) as raised:
        await row_of(vendor, "openai").list_models(limits=LIMITS)
    assert raised.value.vendor_message == "Incorrect key [redacted] with [redacted]"
    assert_hidden(raised.value)
