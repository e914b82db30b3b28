"""Which rules must a valid request keep that the fuzzer does not know? Applied to what it generates as valid.

Two kinds: rules that JSON Schema cannot say (names that must be in the configuration, tools named once), and rules that
the document says by `not`, which Schemathesis checks but does not generate by. What it generates as invalid stays as
it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from schemathesis import Case

from contracts import ProviderType
from contracts.requests import OTHER_TAG
from tests.clients.fitting_surfaces import fit_input, fit_texts, fit_turns

ROWS = tuple(sorted(kind.value for kind in ProviderType))
_Json = dict[str, Any]

# Parts that a role cannot hold, or that need others before them. A raw part alone would leave nothing to send: it is
# for one vendor only.
_MISPLACED = {
    "system": {"raw", "tool_call", "tool_result"},
    "user": {"raw", "tool_call", "tool_result"},
    "assistant": {"raw", "tool_result"},
}


def fit(case: Case[Any], *, key_id: str) -> None:
    """Makes a case that was generated as valid keep the rules; every other case is left alone.

    `key_id`: a caller's key that is there.
    """
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    # A revision that was never in force is 412, a row that is not there 404: both are right, and neither gets further.
    if "if-match" in case.headers:
        case.headers["if-match"] = "*"
    for place in (case.path_parameters, case.query):
        if "provider" in place and len(str(place["provider"])) % 2 == 0:
            place["provider"] = "mock"
    if len(str(case.path_parameters.get("key_id", ""))) % 2 == 0 and "key_id" in case.path_parameters:
        case.path_parameters["key_id"] = key_id
    # A day that there was; by its pattern it could be the 39th of a month.
    if "anthropic-version" in case.headers:
        case.headers["anthropic-version"] = "2023-06-01"
    if len(str(case.path_parameters.get("model", ""))) % 2 == 0 and "model" in case.path_parameters:
        case.path_parameters["model"] = "mock-echo"
    operation = case.operation.definition.raw["operationId"]
    if operation in _QUERIES:
        case.query = _QUERIES[operation](case.query)
    if operation in _BODIES:
        case.body = _BODIES[operation](with_whole_numbers(case.body))


def with_whole_numbers(value: Any) -> Any:
    """`value` with 5 for 5.0, which is an integer by JSON Schema and none for the service."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: with_whole_numbers(inner) for name, inner in value.items()}
    return [with_whole_numbers(inner) for inner in value] if isinstance(value, list) else value


def _request(body: _Json) -> _Json:
    """A request that the mock can serve."""
    fitted = {name: value for name, value in body.items() if name != "provider"}
    if body.get("messages"):
        fitted["messages"] = [turn for message in body["messages"] for turn in _turns(message)]
        fitted.pop("prompt", None)
    else:
        # What is a space differs: U+0085 is one for the service and none by JSON Schema. So it is for names below.
        fitted["prompt"] = body["prompt"] if (body.get("prompt") or "").strip() else "Say one."
        fitted.pop("messages", None)
    # A name that is no row is 404; the embedded model would make the fuzzer's many calls slow.
    for name in ("provider", "preferred_provider"):
        if body.get(name) is not None:
            fitted.pop("preferred_provider", None)
            fitted[name] = "mock"
    if body.get("model") is not None:
        fitted["model"] = "mock-echo"
    if body.get("vendor_options"):
        fitted["vendor_options"] = {"mock": next(iter(body["vendor_options"].values()))}
    if body.get("fallback_providers"):
        fitted["fallback_providers"] = [_candidate(one) for one in body["fallback_providers"]]
    return _with_one_shape(_with_tools(fitted))


def _batch(body: _Json) -> _Json:
    return {**body, "requests": [_request(one) for one in body["requests"]]}


def _comparison(body: _Json) -> _Json:
    """A comparison that the mock can judge: texts that are not blank, a judge that is there, room for its verdict."""
    fitted = {**body, "metadata": {}} if "prompt_sha256" in body.get("metadata", {}) else dict(body)
    for name in ("user_prompt", "essay_a", "essay_b"):
        fitted[name] = body[name] if body[name].strip() else "The sea."
    for name in ("provider", "model_override", "max_tokens_override", "system_prompt_override"):
        fitted.pop(name, None)
    if body.get("llm_config_overrides") is not None:
        nested = body["llm_config_overrides"]
        fitted["llm_config_overrides"] = {"provider_override": "mock"} if nested.get("provider_override") else {}
    if body.get("fallback_providers"):
        fitted["fallback_providers"] = [_candidate(one) for one in body["fallback_providers"]]
    return fitted


def _comparisons(body: _Json) -> _Json:
    return {**body, "requests": [_comparison(one) for one in body["requests"]]}


def _candidate(one: Any) -> Any:
    if isinstance(one, str):
        return "mock"
    return {**one, "provider": "mock", "model": "mock-echo"}


def _turns(message: _Json) -> list[_Json]:
    """The message with parts that belong to its role; a tool's with the call that it answers before it."""
    content, role = message["content"], message["role"]
    if role == "tool":
        call = {"type": "tool_call", "id": "call_1", "name": "look", "arguments": "{}"}
        result = {"type": "tool_result", "tool_call_id": "call_1", "content": "42"}
        return [{"role": "assistant", "content": [call]}, {**message, "content": [result]}]
    if isinstance(content, str):
        return [{**message, "content": content if content.strip() else "Hello."}]
    kept = [part for part in content if part.get("type") not in _MISPLACED[role]]
    parts = [_part(part, f"call_{number}") for number, part in enumerate(kept)]
    is_blank = all(part.get("type") == "text" and not part["text"].strip() for part in parts)
    return [{**message, "content": [*parts, {"type": "text", "text": "Hello."}] if is_blank else parts}]


def _part(part: _Json, call_id: str) -> _Json:
    """An image by its address alone, a file by its id, a call by an id of its own."""
    if part.get("type") == "image":
        return {"type": "image", "url": "https://images.example/1.png"}
    if part.get("type") == "file":
        return {"type": "file", "file_id": "file_1"}
    return {**part, "id": call_id} if part.get("type") == "tool_call" else part


def _with_tools(body: _Json) -> _Json:
    """Tools named once, with schemas that point nowhere, and a choice among them."""
    if body.get("tools"):
        tools = {tool["name"]: {**tool, "parameters": {"type": "object"}} for tool in body["tools"]}
        body = {**body, "tools": list(tools.values())}
    choice = body.get("tool_choice")
    if choice is None:
        return body
    names = [tool["name"] for tool in body.get("tools", [])]
    mode = choice["mode"] if names or choice["mode"] in ("auto", "none") else "auto"
    return {**body, "tool_choice": {"mode": mode} | ({"name": names[0]} if mode == "tool" else {})}


def _with_one_shape(body: _Json) -> _Json:
    """Either a shape of the caller's or one of ours."""
    shape = body.get("response_format")
    if shape is None:
        return body
    if body.get("signal_type") is not None:
        return {**body, "response_format": None}
    schema = {"type": "object"} if shape["type"] == "json_schema" else None
    return {**body, "response_format": {**shape, "json_schema": schema}}


def _patch(body: _Json) -> _Json:
    """A patch that names rows which are there, and moves none of them to another address."""
    fitted = dict(body)
    if body.get("default_provider") is not None:
        fitted["default_provider"] = "mock"
    for name in ("fallback_order", "enabled_providers"):
        if body.get(name) is not None:
            fitted[name] = list(ROWS[: len(body[name])])
    if body.get("providers") is not None:
        fitted["providers"] = {
            ROWS[index % len(ROWS)]: _row(row) for index, row in enumerate(body["providers"].values())
        }
    if body.get("models") is not None:
        fitted["models"] = {
            name: None if group is None else [_candidate(one) for one in group]
            for name, group in body["models"].items()
        }
    if body.get("prices") is not None:
        fitted["prices"] = {
            ROWS[index % len(ROWS)]: None if given is None else {"input": 1.5, "output": 2}
            for index, given in enumerate(body["prices"].values())
        }
    return fitted


def _usage(body: _Json) -> _Json:
    """A query that ends after it begins, in a zone that is there, and asks of tags what is kept of them."""
    fitted = _with_dates(body, "start_date", "end_date")
    if body.get("provider") is not None:
        fitted["provider"] = ROWS[0]
    if body.get("timezone") is not None:
        fitted["timezone"] = "Europe/Stockholm"
    if body.get("tag") is not None or body.get("group_by") == "tag":
        fitted |= {"key_id": None, "group_by": "tag"}
    return fitted


def _summary(query: _Json) -> _Json:
    """A period, or a time that has a beginning."""
    if "period" in query or "start" not in query:
        return {name: value for name, value in query.items() if name not in ("start", "end")}
    return _with_dates(query, "start", "end")


def _audit(query: _Json) -> _Json:
    """The first page: cursors are made by the service."""
    return {name: value for name, value in _with_dates(query, "start", "end").items() if name != "cursor"}


def _models(query: _Json) -> _Json:
    """A page from the beginning: a cursor is a model that is listed."""
    return {name: value for name, value in query.items() if name not in ("after_id", "before_id")}


def _key(body: _Json) -> _Json:
    """A key with a name that is not blank, for a row that is there, until a day to come."""
    fitted = {**body, "name": body["name"] if body["name"].strip() else "n"}
    if body.get("providers") is not None:
        fitted["providers"] = ["mock"]
    if body.get("expires_at") is not None:
        fitted["expires_at"] = "2040-01-01T08:30:00Z"
    if body.get("tags") is not None:
        fitted["tags"] = [tag for tag in body["tags"] if tag != OTHER_TAG]
    return fitted


def _with_dates(given: _Json, start: str, end: str) -> _Json:
    dates = {start: "2026-11-01", end: "2026-12-01T08:30:00Z"}
    return given | {name: date for name, date in dates.items() if given.get(name) is not None}


def _row(row: _Json | None) -> _Json | None:
    if row is None:
        return None
    # Which dialects it may have goes by its type, which goes by its name.
    return {name: value for name, value in row.items() if name not in ("type", "base_url", "dialects")}


_QUERIES: dict[str, Callable[[_Json], _Json]] = {
    "get_usage_summary": _summary,
    "get_audit": _audit,
    "list_models": _models,
}
_BODIES: dict[str, Callable[[_Json], _Json]] = {
    "process_request": _request,
    "process_stream": _request,
    "process_batch": _batch,
    "explain_request": _request,
    "create_chat_completion": fit_turns,
    "create_response": fit_input,
    "create_message": fit_turns,
    "create_embedding": fit_texts,
    "count_message_tokens": fit_turns,
    "compare_essays": _comparison,
    "compare_essays_batch": _comparisons,
    "update_configuration": _patch,
    "put_configuration": _patch,
    "get_usage_report": _usage,
    "create_key": _key,
    "rotate_key": dict,
}
