"""How does a user of the `openai` SDK ask for each feature on /chat/completions? Source: openai.types.chat."""

from __future__ import annotations

from typing import Any

from openai.types import shared_params
from openai.types.chat import (
    ChatCompletionAssistantMessageParam,
    ChatCompletionContentPartParam,
    ChatCompletionFunctionToolParam,
    ChatCompletionMessageFunctionToolCallParam,
    ChatCompletionMessageParam,
    ChatCompletionToolMessageParam,
)
from openai.types.shared_params import ResponseFormatJSONSchema

from tests.referees.feature_table import SUM_SCHEMA, TREE_SCHEMA
from tests.referees.features_of_tools import CITY_SCHEMA
from tests.referees.features_of_turns import IMAGE_URL, PDF, PIXEL
from tests.referees.referee import Asked, Unaskable, Written

# Takes tools and all sampling on this endpoint, because it does not reason; REASONING is asked how much to think.
PLAIN = "gpt-4.1"
REASONING = "gpt-6-luna"

HELLO: ChatCompletionMessageParam = {"role": "user", "content": "Hello"}
WHY: ChatCompletionMessageParam = {"role": "user", "content": "Why?"}
QUESTION: ChatCompletionMessageParam = {"role": "user", "content": "Weather in Bonn?"}
HI: ChatCompletionMessageParam = {"role": "assistant", "content": "Hi."}

WEATHER: ChatCompletionFunctionToolParam = {
    "type": "function",
    "function": {"name": "weather", "description": "Weather of a city.", "parameters": CITY_SCHEMA},
}
STRICT_WEATHER: ChatCompletionFunctionToolParam = {
    "type": "function",
    "function": {"name": "weather", "description": "Weather of a city.", "parameters": CITY_SCHEMA, "strict": True},
}
NOW: ChatCompletionFunctionToolParam = {
    "type": "function",
    "function": {"name": "now", "parameters": {"type": "object", "properties": {}}},
}
TOOLS = [WEATHER, NOW]
LATE_REASONING = "reasoning of an earlier turn was not sent"


def create(*messages: ChatCompletionMessageParam, notes: tuple[str, ...] = (), **params: Any) -> Written:
    return Written(params={"model": PLAIN, "messages": list(messages), **params}, notes=notes)


def user(*parts: ChatCompletionContentPartParam) -> ChatCompletionMessageParam:
    return {"role": "user", "content": list(parts)}


def text(text: str) -> ChatCompletionContentPartParam:
    return {"type": "text", "text": text}


def pixel() -> ChatCompletionContentPartParam:
    return {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}}


def _file(filename: str) -> ChatCompletionContentPartParam:
    return {"type": "file", "file": {"file_data": f"data:application/pdf;base64,{PDF}", "filename": filename}}


def _call(number: int, arguments: str, name: str = "weather") -> ChatCompletionMessageFunctionToolCallParam:
    return {"id": f"call_{number}", "type": "function", "function": {"name": name, "arguments": arguments}}


def result(number: int, text: str) -> ChatCompletionToolMessageParam:
    return {"role": "tool", "tool_call_id": f"call_{number}", "content": text}


def _schema(name: str, schema: dict[str, object]) -> ResponseFormatJSONSchema:
    return {"type": "json_schema", "json_schema": {"name": name, "schema": schema, "strict": True}}


CALL: ChatCompletionAssistantMessageParam = {
    "role": "assistant",
    "content": None,
    "tool_calls": [_call(1, '{"city":"Bonn"}')],
}
_TWO_CALLS: ChatCompletionAssistantMessageParam = {
    "role": "assistant",
    "content": "I look.",
    "tool_calls": [_call(1, '{"city":"Bonn"}'), _call(2, "{}", "now")],
}
_MALFORMED: ChatCompletionAssistantMessageParam = {
    "role": "assistant",
    "content": None,
    "tool_calls": [_call(1, '{"city":')],
}
_JSON: shared_params.ResponseFormatJSONObject = {"type": "json_object"}

ASKED: Asked = {
    "user text": create(HELLO),
    "several turns": create(HELLO, HI, {"role": "user", "content": "How are you?"}),
    "text in parts": create(user(text("First."), text("Second."))),
    "stream": create(HELLO, stream_options={"include_usage": True}),
    "system": create({"role": "system", "content": "Be brief."}, HELLO),
    "two systems": create({"role": "system", "content": "Be brief."}, {"role": "system", "content": "Be kind."}, HELLO),
    "late system": create(HELLO, HI, {"role": "user", "content": "Go on."}, {"role": "system", "content": "Be kind."}),
    "image by URL": create(
        user(text("What is this?"), {"type": "image_url", "image_url": {"url": IMAGE_URL}}),
    ),
    "image inline": create(user(text("What is this?"), pixel())),
    "two images": create(user(pixel(), pixel(), text("Which is brighter?"))),
    "image detail": create(
        user(
            text("What is this?"),
            {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}", "detail": "high"}},
        )
    ),
    "file inline": create(user(_file("document"), text("Sum it up."))),
    "file name": create(user(_file("report.pdf"), text("Sum it up."))),
    "file by URL": Unaskable("takes no file by URL"),
    "file by id": create(user({"type": "file", "file": {"file_id": "file-1"}}, text("Sum it up."))),
    "tools": create(QUESTION, tools=TOOLS),
    "strict tool": create(QUESTION, tools=[STRICT_WEATHER]),
    "choice auto": create(QUESTION, tools=TOOLS, tool_choice="auto"),
    "choice none": create(QUESTION, tools=TOOLS, tool_choice="none"),
    "choice required": create(QUESTION, tools=TOOLS, tool_choice="required"),
    "choice by name": create(QUESTION, tools=TOOLS, tool_choice={"type": "function", "function": {"name": "weather"}}),
    "no parallel calls": create(QUESTION, tools=TOOLS, parallel_tool_calls=False),
    "call and result": create(QUESTION, CALL, result(1, "Rain."), tools=TOOLS),
    "parallel calls": create(
        QUESTION,
        _TWO_CALLS,
        result(1, "Rain."),
        result(2, "12:00"),
        {"role": "assistant", "content": "Rain at noon."},
        {"role": "user", "content": "Thanks."},
        tools=TOOLS,
    ),
    # There is no flag: a user says it in words.
    "failed result": create(QUESTION, CALL, result(1, "The tool failed: No answer."), tools=TOOLS),
    "image in a result": create(
        QUESTION,
        CALL,
        result(1, "As seen:"),
        user(text("Images of the tool result call_1:"), pixel()),
        tools=TOOLS,
        notes=("images of a tool result were sent as a user's message",),
    ),
    "malformed arguments": create(QUESTION, _MALFORMED, result(1, "No JSON."), tools=TOOLS),
    "JSON object": create(HELLO, response_format=_JSON),
    "JSON Schema": create(HELLO, response_format=_schema("total", SUM_SCHEMA)),
    "nested schema": create(HELLO, response_format=_schema("tree", TREE_SCHEMA)),
    "effort low": create(HELLO, model=REASONING, reasoning_effort="low"),
    "effort high": create(HELLO, model=REASONING, reasoning_effort="high"),
    "effort none": create(HELLO, model=REASONING, reasoning_effort="none"),
    "own reasoning": create(QUESTION, CALL, result(1, "Rain."), tools=TOOLS, notes=(LATE_REASONING,)),
    "foreign reasoning": create(HELLO, HI, WHY, notes=(LATE_REASONING,)),
    "refusal": create(HELLO, {"role": "assistant", "content": None, "refusal": "I will not."}, WHY),
    "own raw part": create(user(text("raw"))),
    "foreign raw part": create(HELLO, notes=("a raw part of somebody-else was not sent",)),
    "max_tokens": create(HELLO, max_completion_tokens=64),
    "temperature": create(HELLO, temperature=0.5),
    "top_p": create(HELLO, top_p=0.9),
    "penalties": create(HELLO, frequency_penalty=0.5, presence_penalty=0.25),
    "stop": create(HELLO, stop=["END", "STOP"]),
    "seed": create(HELLO, seed=7),
    "calm sampling": create(HELLO, model=REASONING, reasoning_effort="none", temperature=0.5),
    "cache marks": create(user(text("Long."), text("Hello")), tools=[NOW], notes=("cache_control was not sent",)),
    "prompt_cache_key": create(HELLO, prompt_cache_key="tenant-1"),
    "vendor_options": create(HELLO, extra_body={"invented": {"by": "us"}}),
}
