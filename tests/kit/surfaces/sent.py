"""What does a request hold, in the words of each dialect? Read from its own places, so that a wrong shape is a miss."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Body = dict[str, Any]
# (id, arguments) of the call that the conversation holds, and (id, text) of its result; None where there is no id.
Round = tuple[tuple[str | None, Any], tuple[str | None, str]]


def _plain(content: Any) -> str:
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


def _chat_round(body: Body) -> Round:
    call, result = body["messages"][-2]["tool_calls"][0], body["messages"][-1]
    assert (result["role"], call["type"], call["function"]["name"]) == ("tool", "function", "look")
    return (call["id"], json.loads(call["function"]["arguments"])), (result["tool_call_id"], _plain(result["content"]))


def _responses_round(body: Body) -> Round:
    call, result = body["input"][-2], body["input"][-1]
    assert (call["type"], call["name"], result["type"]) == ("function_call", "look", "function_call_output")
    return (call["call_id"], json.loads(call["arguments"])), (result["call_id"], _plain(result["output"]))


def _messages_round(body: Body) -> Round:
    call, result = body["messages"][-2]["content"][-1], body["messages"][-1]["content"][0]
    assert (call["type"], call["name"], result["type"]) == ("tool_use", "look", "tool_result")
    assert [turn["role"] for turn in body["messages"][-2:]] == ["assistant", "user"]
    return (call["id"], call["input"]), (result["tool_use_id"], _plain(result["content"]))


def _gemini_round(body: Body) -> Round:
    call, result = body["contents"][-2]["parts"][-1], body["contents"][-1]["parts"][0]
    assert call["functionCall"]["name"] == result["functionResponse"]["name"] == "look"
    assert [turn["role"] for turn in body["contents"][-2:]] == ["model", "user"]
    response = result["functionResponse"]["response"]
    assert len(response) == 1
    return (call["functionCall"].get("id"), call["functionCall"]["args"]), (
        result["functionResponse"].get("id"),
        str(*response.values()),
    )


def _ollama_round(body: Body) -> Round:
    call, result = body["messages"][-2]["tool_calls"][0], body["messages"][-1]
    assert (result["role"], call["function"]["name"], result["tool_name"]) == ("tool", "look", "look")
    return (call.get("id"), call["function"]["arguments"]), (result.get("tool_call_id"), result["content"])


ROUNDS: dict[str, Callable[[Body], Round]] = {
    "openai_chat": _chat_round,
    "openai_responses": _responses_round,
    "anthropic_messages": _messages_round,
    "gemini": _gemini_round,
    "ollama": _ollama_round,
}
TOOLS: dict[str, Callable[[Body], tuple[str, Any]]] = {
    "openai_chat": lambda body: (body["tools"][0]["function"]["name"], body["tools"][0]["function"]["parameters"]),
    "openai_responses": lambda body: (body["tools"][0]["name"], body["tools"][0]["parameters"]),
    "anthropic_messages": lambda body: (body["tools"][0]["name"], body["tools"][0]["input_schema"]),
    "gemini": lambda body: (
        body["tools"][0]["functionDeclarations"][0]["name"],
        body["tools"][0]["functionDeclarations"][0]["parametersJsonSchema"],
    ),
    "ollama": lambda body: (body["tools"][0]["function"]["name"], body["tools"][0]["function"]["parameters"]),
}
SHAPES: dict[str, Callable[[Body], Any]] = {
    "openai_chat": lambda body: body["response_format"]["json_schema"]["schema"],
    "openai_responses": lambda body: body["text"]["format"]["schema"],
    "anthropic_messages": lambda body: body["output_config"]["format"]["schema"],
    "gemini": lambda body: body["generationConfig"]["responseJsonSchema"],
    "ollama": lambda body: body["format"],
}
PICTURES: dict[str, Callable[[Body], str]] = {
    "openai_chat": lambda body: body["messages"][-1]["content"][-1]["image_url"]["url"].partition("base64,")[2],
    "openai_responses": lambda body: body["input"][-1]["content"][-1]["image_url"].partition("base64,")[2],
    "anthropic_messages": lambda body: body["messages"][-1]["content"][-1]["source"]["data"],
    "gemini": lambda body: body["contents"][-1]["parts"][-1]["inlineData"]["data"],
    "ollama": lambda body: body["messages"][-1]["images"][-1],
}
