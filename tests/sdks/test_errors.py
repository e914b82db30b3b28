"""What does a user of the vendors' SDKs see when something fails? The class that he catches at the vendor itself."""

from __future__ import annotations

import json
from dataclasses import replace
from time import monotonic
from typing import Any

import httpx2
import openai
import pytest
from anthropic import BadRequestError

from tests.sdks.asking import ASK, ERRORS, OWN_ROW, STREAM, anthropic_sdk, openai_sdk
from tests.sdks.targets import ANY, House
from tests.sdks.vendor.server import Vendor

SURFACES = tuple(ASK)
ROWS = ("own", "google-like")


def row_of(surface: str, row: str) -> str:
    return OWN_ROW[surface] if row == "own" else row


@pytest.mark.parametrize("surface", SURFACES)
def test_wrong_key_is_an_authentication_error(surface: str, vendor: Vendor, house: House) -> None:
    """At once: the SDK does not try again, and no vendor hears of it."""
    wrong = replace(house.rows[OWN_ROW[surface]], key="sk-wrong")
    with pytest.raises(ERRORS[surface].AuthenticationError) as caught:
        ASK[surface](wrong, "Hello?")
    assert caught.value.status_code == 401
    assert not vendor.seen


@pytest.mark.parametrize("row", ["home", ANY])
@pytest.mark.parametrize("surface", SURFACES)
def test_unknown_model_is_not_found_and_names_the_nearest(surface: str, row: str, vendor: Vendor, house: House) -> None:
    """The message says what could have been meant, whatever the key opens."""
    with pytest.raises(ERRORS[surface].NotFoundError, match="did you mean gpt-6-luna"):
        ASK[surface](house.rows[row], "Hello?", model="gtp-6-luna")
    assert not vendor.seen


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("surface", SURFACES)
def test_rate_limit_is_not_multiplied(surface: str, row: str, vendor: Vendor, house: House) -> None:
    """RateLimitError with the vendor's advice; the service's tries and the SDK's together are no flood."""
    with pytest.raises(ERRORS[surface].RateLimitError) as caught:
        ASK[surface](house.rows[row_of(surface, row)], f"{surface} of {row} (fault rate-limited)")
    assert caught.value.response.headers["retry-after"] == "1"
    # Alone, the SDK would ask three times, and the service four times whenever it is asked.
    assert 1 <= len(vendor.seen) <= 4


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("surface", SURFACES)
def test_silent_vendor_is_a_timeout_of_the_sdk(surface: str, row: str, vendor: Vendor, house: House) -> None:
    """After the time that the program set, with one call to the vendor."""
    began = monotonic()
    with pytest.raises(ERRORS[surface].APITimeoutError):
        ASK[surface](house.rows[row_of(surface, row)], "Well? (fault silent)", timeout=1.1, max_retries=0)
    assert monotonic() - began < 4
    assert len(vendor.seen) == 1


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("surface", SURFACES)
def test_stream_that_breaks_for_good_raises(surface: str, row: str, vendor: Vendor, house: House) -> None:
    """What had come is there, and then the SDK raises: the answer never looks whole."""
    heard: list[str] = []
    with pytest.raises(ERRORS[surface].APIError) as caught:
        heard.extend(STREAM[surface](house.rows[row_of(surface, row)], f"{surface} {row} (fault cut)"))
    assert "provider_protocol" in str(caught.value.body)
    assert vendor.seen


@pytest.mark.parametrize("surface", SURFACES)
def test_half_written_json_is_a_bad_request(surface: str, vendor: Vendor, house: House) -> None:
    """In the surface's own shape, with the place of the fault."""
    path = {"chat": "chat/completions"}.get(surface, surface)
    target = house.rows[OWN_ROW[surface]]
    headers = {"authorization": f"Bearer {target.key}", "content-type": "application/json"}
    answer = httpx2.post(f"{target.url}/v1/{path}", headers=headers, content=b'{"model": "gpt-6-luna", "mess')
    error = answer.json()["error"]
    assert answer.status_code == 400
    assert error["type"] == "invalid_request_error"
    assert error["message"]
    assert not vendor.seen


def test_wrong_version_of_anthropic_is_a_bad_request(vendor: Vendor, house: House) -> None:
    """It names the header."""
    with (
        anthropic_sdk(house.rows["claude"], default_headers={"anthropic-version": "1999-01-01"}) as sdk,
        pytest.raises(BadRequestError, match="anthropic-version"),
    ):
        sdk.messages.create(model="claude-haiku-5-5", max_tokens=9, messages=[{"role": "user", "content": "Hi"}])
    assert not vendor.seen


@pytest.mark.parametrize("row", ["home", "claude", "google-like", "shed"])
def test_legacy_functions_are_called(row: str, vendor: Vendor, house: House) -> None:
    """To a vendor of the dialect as they came; for another they are tools, and the answer has the older form."""
    parameters = {"type": "object", "properties": {"city": {"type": "string"}}}
    with openai_sdk(house.rows[row]) as sdk:
        message = (
            sdk.chat.completions.create(
                model="gpt-6-luna",
                messages=[{"role": "user", "content": "The weather in Oslo?"}],
                functions=[{"name": "get_weather", "parameters": parameters}],
                max_tokens=50,
                reasoning_effort="none",
            )
            .choices[0]
            .message
        )
    (asked,) = vendor.seen
    if row == "home":
        assert "functions" in asked.body
        return
    assert message.function_call is not None
    assert message.function_call.name == "get_weather"
    assert json.loads(message.function_call.arguments) == {"city": "Oslo"}


@pytest.mark.parametrize("field,value", [("n", 2), ("logprobs", True), ("logit_bias", {"50256": -100})])
def test_chat_demands_pass_or_are_refused_by_name(field: str, value: Any, vendor: Vendor, house: House) -> None:
    """A vendor of the dialect gets them; for another the SDK's error names the field."""
    asked: Any = {"model": "gpt-6-luna", "messages": [{"role": "user", "content": "Hi"}], field: value}
    with openai_sdk(house.rows["home"]) as sdk:
        assert sdk.chat.completions.create(**asked).choices
    assert [one.body[field] for one in vendor.seen] == [value]
    with openai_sdk(house.rows["claude"]) as sdk, pytest.raises(openai.BadRequestError, match=field) as caught:
        sdk.chat.completions.create(**asked)
    assert caught.value.param == field
    assert len(vendor.seen) == 1


@pytest.mark.parametrize("field,value", [("previous_response_id", "resp_1"), ("prompt", {"id": "pmpt_1"})])
def test_responses_demands_pass_or_are_refused_by_name(field: str, value: Any, vendor: Vendor, house: House) -> None:
    """State that a vendor keeps is of use to a vendor of the dialect alone."""
    asked: Any = {"model": "gpt-6-luna", "input": "Hi", field: value}
    with openai_sdk(house.rows["home"]) as sdk:
        assert sdk.responses.create(**asked).output_text
    assert [one.body[field] for one in vendor.seen] == [value]
    with openai_sdk(house.rows["claude"]) as sdk, pytest.raises(openai.BadRequestError, match=field) as caught:
        sdk.responses.create(**asked)
    assert caught.value.param == field
    assert len(vendor.seen) == 1
