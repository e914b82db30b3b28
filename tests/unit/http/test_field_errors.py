"""What does the sender of a wrong request read?"""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.http.body import parse_model
from contracts import FieldError, InvalidRequestError, LLMRequest
from contracts.field_errors import MAX_EXAMINED, MAX_REPORTED

SECRET = "s3cret-prompt"


def _refusal(data: Any) -> InvalidRequestError:
    with pytest.raises(InvalidRequestError) as caught:
        parse_model(json.dumps(data).encode(), data, LLMRequest)
    return caught.value


def _message(*content: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": list(content)}]}


@pytest.mark.parametrize(
    "data,field,message,hint",
    [
        ({"prompt": "x", "temprature": 1}, "temprature", "is not a known field", "did you mean temperature?"),
        ({"prompt": "x", "Max_Tokens": 1}, "Max_Tokens", "is not a known field", "did you mean max_tokens?"),
        ({"prompt": "x", "zzzzzz": SECRET}, "zzzzzz", "is not a known field", None),
        (
            {"prompt": "x", "preferred_provider": "a", "provider": "b"},
            "provider",
            "is not a known field",
            "it is another name of preferred_provider: give one of them",
        ),
        ({"prompt": "x", "provider": ""}, "provider", "must have at least 1 character(s)", None),
        ({"prompt": " \n"}, "prompt", "must not be blank", None),
        ({"prompt": 5}, "prompt", "must be text", None),
        ({"prompt": "x", "temperature": 2.1}, "temperature", "must be at most 2.0", None),
        ({"prompt": "x", "temperature": "1"}, "temperature", "must be a number", None),
        ({"prompt": "x", "max_tokens": 0}, "max_tokens", "must be at least 1", None),
        ({"prompt": "x", "max_tokens": 1.5}, "max_tokens", "must be a whole number", None),
        ({"prompt": "x", "enable_fallback": 1}, "enable_fallback", "must be true or false", None),
        ({"prompt": "x", "stop": ""}, "stop", "must have at least 1 character(s)", None),
        ({"prompt": "x", "stop": [""]}, "stop.0", "must have at least 1 character(s)", None),
        ({"prompt": "x", "tags": ["t"] * 11}, "tags", "must have at most 10 items", None),
        (
            {"prompt": "x", "vendor_options": {"a b": {}}},
            "vendor_options.a b",
            "must be printable ASCII without spaces and slashes",
            None,
        ),
        ({"prompt": "x", "priority": SECRET}, "priority", "must be 'low', 'normal', 'high' or 'urgent'", None),
        ({"prompt": "x", "fallback_providers": [5]}, "fallback_providers.0", "must be an object", None),
        (
            {"prompt": "x", "fallback_providers": [{"provider": "a", "modle": "m"}]},
            "fallback_providers.0.modle",
            "is not a known field",
            "did you mean model?",
        ),
        (
            {"prompt": "x", "fallback_providers": [{"model": "m"}]},
            "fallback_providers.0.provider",
            "is required",
            None,
        ),
        ({"messages": []}, "messages", "must have at least 1 item(s)", None),
        ({"messages": [{"content": "x"}]}, "messages.0.role", "is required", None),
        (_message({"type": "text", "text": 5}), "messages.0.content.0.text", "must be text", None),
        (_message({"type": "text", "text": {"a": 1}}), "messages.0.content.0.text", "must be text", None),
        (_message({"type": "text"}), "messages.0.content.0.text", "is required", None),
        (
            _message({"type": "text", "text": "x", "txt": 1}),
            "messages.0.content.0.txt",
            "is not a known field",
            "did you mean text?",
        ),
        (
            _message({"type": "image", "urll": "x"}),
            "messages.0.content.0.urll",
            "is not a known field",
            "did you mean url?",
        ),
        (_message({"text": "x"}), "messages.0.content.0", "needs `type`", None),
        (
            {"prompt": "x", "tool_choice": {"mode": "auto", "nme": "n"}},
            "tool_choice.nme",
            "is not a known field",
            "did you mean name?",
        ),
        ({}, "", "give prompt or messages: one of them is required", None),
        (
            _message({"type": "text", "text": "x"}, {"type": "image", "data": SECRET, "media_type": "image/png"}),
            "messages.0.content.1.data",
            "must be base64 with padding, without line breaks and not of the URL-safe alphabet (+ and /, not - and _)",
            None,
        ),
        (
            _message({"type": "image", "data": "R0lGODlh", "media_type": "image/png"}),
            "messages.0.content.0.data",
            "is image/gif, and media_type says image/png: send media_type image/gif",
            None,
        ),
        (
            _message({"type": "image", "url": "data:image/png;base64,aGk="}),
            "messages.0.content.0.url",
            "must be an http or https address: bytes go into `data`, as base64",
            None,
        ),
        ({"prompt": "x", "messages": _message("y")["messages"]}, "messages.0.content.0", "must be an object", None),
    ],
)
def test_errors_name_field_rule_and_hint(data: Any, field: str, message: str, hint: str | None) -> None:
    """Each wrong request names its field without pydantic's inner names, the rule, and the nearest right name."""
    error = _refusal(data)
    assert error.errors[0] == FieldError(field=field, message=message, hint=hint)
    assert error.status == 422


@pytest.mark.parametrize(
    "data",
    [
        {"prompt": SECRET, "max_tokens": 0},
        {"prompt": [SECRET]},
        {"prompt": "x", "priority": SECRET},
        _message({"type": SECRET}),
        {"prompt": SECRET, "messages": [{"role": "user", "content": SECRET}]},
        {"prompt": "x", "metadata": SECRET},
        _message({"type": "image", "data": SECRET, "media_type": "image/png"}),
        _message({"type": "tool_result", "tool_call_id": SECRET, "content": "x"}),
        {"prompt": "x", "tools": [{"name": "a", "parameters": {"$ref": SECRET}}]},
    ],
)
def test_errors_never_echo_values(data: Any) -> None:
    """What a caller sent as a value is in no part of the error."""
    error = _refusal(data)
    assert SECRET not in f"{error} {error.errors} {error!r}"


def test_errors_unknown_type_lists_the_known() -> None:
    """A part of an unknown type reads which there are."""
    (error,) = _refusal(_message({"type": "vidoe"})).errors
    assert error.field == "messages.0.content.0"
    assert "'text', 'image', 'file'" in error.message


@pytest.mark.parametrize("data,says", [([], "the body must be an object"), (5, "the body must be an object")])
def test_errors_body_of_another_kind_is_named(data: Any, says: str) -> None:
    """A body that is no object is told so in a whole sentence."""
    assert str(_refusal(data)) == says


def test_errors_detail_counts_the_rest() -> None:
    """The detail says the first error and how many more there are; the list is bounded."""
    error = _refusal({"prompt": "x", **{f"unknown_{n}": n for n in range(30)}})
    assert str(error).endswith("; and 29 more")
    assert len(error.errors) == MAX_REPORTED


def test_errors_beyond_counting_are_not_listed() -> None:
    """A body that is wrong in a million places costs no million descriptions."""
    error = _refusal({"prompt": "x", "tags": [1] * (MAX_EXAMINED + 1)})
    assert str(error) == f"the body is wrong in {MAX_EXAMINED + 1} places, too many to list"
    assert len(error.errors) == 1


def test_errors_part_of_a_body_has_its_whole_path() -> None:
    """In a part of a larger body the path begins at the body's root."""
    with pytest.raises(InvalidRequestError) as caught:
        parse_model(b'{"prompt": ""}', {"prompt": ""}, LLMRequest, "requests.3")
    assert caught.value.errors[0].field == "requests.3.prompt"
