"""Does a caller of a vendor's dialect read that vendor's own words of his faults, and nobody else any of them?"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from app.wires import anthropic_messages, openai_chat, openai_responses
from contracts.calls import Wire
from contracts.errors import InvalidRequestError, LLMProviderError
from contracts.problem import problem_of
from contracts.vendor_error import VendorError

NOW = datetime(2026, 11, 22, tzinfo=UTC)
WRONG = {"message": "Use a real model.", "type": "invalid_request_error", "param": "seed", "code": "invalid_value"}
GONE = {"error_code": "thread_not_found", "previous_message_id": "msg_1"}


def of_openai(status: int, **error: Any) -> LLMProviderError:
    body = json.dumps({"error": error}).encode()
    return openai_chat.decode_error(status, {}, body, provider="openai", model="m", now=NOW)


def of_anthropic(status: int, **error: Any) -> LLMProviderError:
    body = json.dumps({"type": "error", "error": error}).encode()
    return anthropic_messages.decode_error(status, {}, body, provider="anthropic", model="m", now=NOW)


def to_openai(error: LLMProviderError) -> tuple[int, dict[str, Any]]:
    status, document = openai_chat.encode_error(error)
    return status, document["error"]


def to_anthropic(error: LLMProviderError) -> tuple[int, dict[str, Any]]:
    status, document = anthropic_messages.encode_error(error)
    return status, document["error"]


@pytest.mark.parametrize("status", [400, 404, 413, 415, 422])
def test_words_of_openai_reach_its_callers(status: int) -> None:
    """With its status, and what is ours beside them, so that nothing is lost."""
    said_status, said = to_openai(of_openai(status, **WRONG, more="x"))
    own = said.pop("llm_service")
    assert (said_status, said) == (status, said | {name: WRONG[name] for name in ("type", "param", "code")})
    assert said["message"].endswith(WRONG["message"])
    assert (own["provider"], own["detail"].startswith("openai ")) == ("openai", True)
    assert own["error_type"]


def test_message_is_the_vendors_alone() -> None:
    """Who wrote for the vendor finds it in the vendor's documents; our sentence stands beside it."""
    _, said = to_openai(of_openai(400, **WRONG))
    assert said["message"] == "Use a real model."
    assert said["llm_service"]["detail"] == "openai refused the request (400, invalid_value)"
    _, mute = to_openai(of_openai(400, type="invalid_request_error", message=""))
    assert mute["message"] == "openai refused the request (400, invalid_request_error)"


def test_code_that_the_vendor_leaves_open_stays_open() -> None:
    """OpenAI has none for most of what is wrong, and a program that looks at it sees None at the vendor too."""
    _, said = to_openai(of_openai(400, message="m", type="invalid_request_error", param=None, code=None))
    assert (said["type"], said["param"], said["code"]) == ("invalid_request_error", None, None)


def test_model_that_the_vendor_lacks_is_told_in_our_words_too() -> None:
    """They may say which was meant."""
    error = of_openai(404, message="No such model.", type="invalid_request_error", code="model_not_found")
    error.args = (f"{error}; did you mean gpt-6-luna?",)
    status, said = to_openai(error)
    assert (status, said["code"]) == (404, "model_not_found")
    assert said["message"].endswith("did you mean gpt-6-luna?: No such model.")


@pytest.mark.parametrize("code", [400, "400"])
def test_server_that_has_no_words_of_the_dialect_is_told_in_ours(code: Any) -> None:
    """llama.cpp writes the status into the code: a program for OpenAI looks for OpenAI's word."""
    error = of_openai(400, message="too long", type="exceed_context_size_error", code=code)
    assert error.vendor_error is None
    status, said = to_openai(error)
    assert (status, said["type"], said["code"]) == (400, "invalid_request_error", "context_length_exceeded")


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_fault_of_a_provider_is_told_in_our_words(status: int) -> None:
    """Others were asked as well, and the key is ours."""
    error = of_openai(status, **WRONG | {"code": None, "type": "a_word"})
    assert error.vendor_error is None
    assert to_openai(error)[1]["type"] != "a_word"


def test_words_of_one_dialect_are_not_told_in_the_other() -> None:
    """They would mean nothing there: it has its own."""
    status, said = to_anthropic(of_openai(422, **WRONG))
    assert (status, said["type"], "details" in said) == (400, "invalid_request_error", False)
    assert said["message"].startswith("openai refused the request")
    _, said = to_openai(of_anthropic(400, type="a_word", message="m", details=GONE))
    assert (said["type"], said["code"], said["message"]) == (
        "invalid_request_error",
        "invalid_request",
        "anthropic cannot go on with the thread (400, thread_not_found): m",
    )


@pytest.mark.parametrize("status,said_status", [(404, 404), (409, 400), (400, 400)])
@pytest.mark.parametrize("code", ["thread_not_found", "thread_already_continued", "thread_continue_in_flight"])
def test_lost_thread_is_told_with_its_details(status: int, said_status: int, code: str) -> None:
    """The SDK sends the whole conversation then; nobody else could go on, and asking again would not help."""
    error = of_anthropic(status, type="not_found_error", message="Gone.", details={**GONE, "error_code": code})
    assert type(error) is InvalidRequestError
    told, said = to_anthropic(error)
    own = said.pop("llm_service")
    assert told == said_status
    assert said == {"type": "not_found_error", "message": "Gone.", "details": {**GONE, "error_code": code}}
    assert own["detail"] == f"anthropic cannot go on with the thread ({status}, {code})"


def test_words_that_may_be_a_callers_or_a_key_are_not_told() -> None:
    """Prose and what is shaped like a key: a type of that kind is none, a code and details are left out."""
    key = "sk-aaaaaaaaaaaaaaaaaaaa"
    for odd in ({"type": "is prose"}, {"type": key}, {"code": "is prose"}, {"code": key}, {"type": None}, {"code": []}):
        assert of_openai(400, **WRONG | odd).vendor_error is None
    details = {"ok": ["a", "is prose", key, {}], "n": 1, "no": None, "prose": "is prose", key: "x", "deep": {"a": "b"}}
    error = of_anthropic(400, type="invalid_request_error", message="m", details=details)
    assert to_anthropic(error)[1]["details"] == {"ok": ("a",), "n": 1, "no": None}
    param = of_openai(400, **WRONG | {"param": f"tools[0].{key}"}).vendor_error
    assert param is not None
    assert param.param == "tools[0].[redacted]"


def test_words_stay_out_of_logs_and_of_our_own_answers() -> None:
    """They are for callers of the dialect."""
    error = of_openai(400, **WRONG | {"type": "secretword", "param": "secretpath"})
    assert error.vendor_error is not None
    assert "secretword" not in f"{error} {error!r} {problem_of(error).model_dump_json()}"
    assert "secretpath" not in repr(error.vendor_error)


def test_words_are_shown_as_they_are_told_to_be() -> None:
    """Every text of them, so that no secret of ours stays in one."""
    words = VendorError(
        wire=Wire.OPENAI_CHAT, type="a", code="a", param="a", details={"a": "a", "b": ("a", 1), "c": 2, "d": None}
    )
    shown = words.shown(str.upper)
    assert (shown.type, shown.code, shown.param) == ("A", "A", "A")
    assert shown.details == {"A": "A", "B": ("A", 1), "C": 2, "D": None}
    assert VendorError(wire=Wire.OPENAI_CHAT, type="a").shown(str.upper) == VendorError(wire=Wire.OPENAI_CHAT, type="A")


def test_error_inside_a_stream_has_the_vendors_words_too() -> None:
    """Those of /responses stand in the event itself, whose type says only what the event is."""
    decoder = openai_responses.StreamDecoder(provider="openai", model="m")
    event = {"type": "error", "code": "invalid_prompt", "message": "Flagged.", "param": None}
    with pytest.raises(LLMProviderError) as caught:
        decoder.feed("error", json.dumps(event))
    assert caught.value.vendor_error is None
    chat = openai_chat.StreamDecoder(provider="openai", model="m", quirks=openai_chat.Quirks())
    with pytest.raises(LLMProviderError) as caught:
        chat.feed("message", json.dumps({"error": {**WRONG, "code": "context_length_exceeded"}}))
    status, said = to_openai(caught.value)
    assert (status, said["code"], said["param"]) == (400, "context_length_exceeded", "seed")
