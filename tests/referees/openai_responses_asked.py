"""How does a user of the `openai` SDK ask for each feature on /responses? Source: openai.types.responses.

The user keeps nothing at the vendor (`store` is false), and so has the reasoning handed out encrypted, to send it back.
"""

from __future__ import annotations

from typing import Any

from openai.types.responses import (
    FunctionToolParam,
    ResponseFormatTextJSONSchemaConfigParam,
    ResponseFunctionToolCallParam,
    ResponseInputContentParam,
    ResponseInputItemParam,
    ResponseReasoningItemParam,
)

from tests.referees.feature_table import SUM_SCHEMA, TREE_SCHEMA
from tests.referees.features_of_tools import CITY_SCHEMA
from tests.referees.features_of_turns import FILE_URL, IMAGE_URL, PDF, PIXEL
from tests.referees.referee import Asked, Written

MODEL = "gpt-6-luna"
ENCRYPTED = ["reasoning.encrypted_content"]


def _message(role: str, content: Any) -> Any:
    return {"type": "message", "role": role, "content": content}


def _said(text: str) -> ResponseInputItemParam:
    # An earlier answer as the API gave it; its id is not ours to keep.
    answer: ResponseInputItemParam = _message("assistant", [{"type": "output_text", "text": text}])
    return answer


def _user(*parts: ResponseInputContentParam) -> ResponseInputItemParam:
    message: ResponseInputItemParam = _message("user", list(parts))
    return message


def _text(text: str) -> ResponseInputContentParam:
    return {"type": "input_text", "text": text}


def _pixel(**detail: Any) -> Any:
    return {"type": "input_image", "image_url": f"data:image/png;base64,{PIXEL}", **detail}


def _pdf(filename: str) -> ResponseInputContentParam:
    return {"type": "input_file", "file_data": f"data:application/pdf;base64,{PDF}", "filename": filename}


def _call(number: int, arguments: str, name: str = "weather") -> ResponseFunctionToolCallParam:
    return {"type": "function_call", "call_id": f"call_{number}", "name": name, "arguments": arguments}


def _result(number: int, output: Any) -> ResponseInputItemParam:
    result: ResponseInputItemParam = {"type": "function_call_output", "call_id": f"call_{number}", "output": output}
    return result


def _schema(name: str, schema: dict[str, object]) -> ResponseFormatTextJSONSchemaConfigParam:
    return {"type": "json_schema", "name": name, "schema": schema, "strict": True}


def _create(*items: ResponseInputItemParam, notes: tuple[str, ...] = (), **params: Any) -> Written:
    fixed = {"model": MODEL, "input": list(items), "store": False, "include": ENCRYPTED}
    return Written(params={**fixed, **params}, notes=notes)


HELLO: ResponseInputItemParam = _message("user", "Hello")
WHY: ResponseInputItemParam = _message("user", "Why?")
QUESTION: ResponseInputItemParam = _message("user", "Weather in Bonn?")
WEATHER: FunctionToolParam = {
    "type": "function",
    "name": "weather",
    "description": "Weather of a city.",
    "parameters": CITY_SCHEMA,
    "strict": False,
}
NOW: FunctionToolParam = {
    "type": "function",
    "name": "now",
    "parameters": {"type": "object", "properties": {}},
    "strict": False,
}
STRICT_WEATHER: FunctionToolParam = {**WEATHER, "strict": True}
THOUGHT: ResponseReasoningItemParam = {
    "id": "rs_1",
    "type": "reasoning",
    "summary": [],
    "encrypted_content": "gAAAA",
}
TOOLS = [WEATHER, NOW]
CALL = _call(1, '{"city":"Bonn"}')

ASKED: Asked = {
    "user text": _create(HELLO),
    "several turns": _create(HELLO, _said("Hi."), _message("user", "How are you?")),
    "text in parts": _create(_user(_text("First."), _text("Second."))),
    "stream": _create(HELLO),
    "system": _create(_message("system", "Be brief."), HELLO),
    "two systems": _create(_message("system", "Be brief."), _message("system", "Be kind."), HELLO),
    "late system": _create(HELLO, _said("Hi."), _message("user", "Go on."), _message("system", "Be kind.")),
    "image by URL": _create(
        _user(_text("What is this?"), {"type": "input_image", "image_url": IMAGE_URL, "detail": "auto"})
    ),
    "image inline": _create(_user(_text("What is this?"), _pixel(detail="auto"))),
    "two images": _create(_user(_pixel(detail="auto"), _pixel(detail="auto"), _text("Which is brighter?"))),
    "image detail": _create(_user(_text("What is this?"), _pixel(detail="high"))),
    "file inline": _create(_user(_pdf("document"), _text("Sum it up."))),
    "file name": _create(_user(_pdf("report.pdf"), _text("Sum it up."))),
    "file by URL": _create(_user({"type": "input_file", "file_url": FILE_URL}, _text("Sum it up."))),
    "file by id": _create(_user({"type": "input_file", "file_id": "file-1"}, _text("Sum it up."))),
    "tools": _create(QUESTION, tools=TOOLS),
    "strict tool": _create(QUESTION, tools=[STRICT_WEATHER]),
    "choice auto": _create(QUESTION, tools=TOOLS, tool_choice="auto"),
    "choice none": _create(QUESTION, tools=TOOLS, tool_choice="none"),
    "choice required": _create(QUESTION, tools=TOOLS, tool_choice="required"),
    "choice by name": _create(QUESTION, tools=TOOLS, tool_choice={"type": "function", "name": "weather"}),
    "no parallel calls": _create(QUESTION, tools=TOOLS, parallel_tool_calls=False),
    "call and result": _create(QUESTION, CALL, _result(1, "Rain."), tools=TOOLS),
    "parallel calls": _create(
        QUESTION,
        _said("I look."),
        CALL,
        _call(2, "{}", "now"),
        _result(1, "Rain."),
        _result(2, "12:00"),
        _said("Rain at noon."),
        _message("user", "Thanks."),
        tools=TOOLS,
    ),
    # There is no flag: a user says it in words.
    "failed result": _create(QUESTION, CALL, _result(1, "The tool failed: No answer."), tools=TOOLS),
    "image in a result": _create(QUESTION, CALL, _result(1, [_text("As seen:"), _pixel(detail="auto")]), tools=TOOLS),
    "malformed arguments": _create(QUESTION, _call(1, '{"city":'), _result(1, "No JSON."), tools=TOOLS),
    "JSON object": _create(HELLO, text={"format": {"type": "json_object"}}),
    "JSON Schema": _create(HELLO, text={"format": _schema("total", SUM_SCHEMA)}),
    "nested schema": _create(HELLO, text={"format": _schema("tree", TREE_SCHEMA)}),
    "effort low": _create(HELLO, reasoning={"effort": "low", "summary": "auto"}),
    "effort high": _create(HELLO, reasoning={"effort": "high", "summary": "auto"}),
    "effort none": Written(params={"model": MODEL, "input": [HELLO], "store": False, "reasoning": {"effort": "none"}}),
    "own reasoning": _create(QUESTION, THOUGHT, CALL, _result(1, "Rain."), tools=TOOLS),
    "foreign reasoning": _create(HELLO, _said("Hi."), WHY, notes=("reasoning of an earlier turn was not sent",)),
    "refusal": _create(HELLO, _message("assistant", [{"type": "refusal", "refusal": "I will not."}]), WHY),
    "own raw part": _create(_message("user", "raw")),
    "foreign raw part": _create(HELLO, notes=("a raw part of somebody-else was not sent",)),
    "max_tokens": _create(HELLO, max_output_tokens=64),
    "temperature": _create(HELLO, notes=("temperature was not sent",)),
    "top_p": _create(HELLO, notes=("top_p was not sent",)),
    "penalties": _create(HELLO, notes=("frequency_penalty was not sent", "presence_penalty was not sent")),
    "stop": _create(HELLO, notes=("stop was not sent",)),
    "seed": _create(HELLO, notes=("seed was not sent",)),
    "calm sampling": Written(
        params={
            "model": MODEL,
            "input": [HELLO],
            "store": False,
            "reasoning": {"effort": "none"},
            "temperature": 0.5,
        }
    ),
    "cache marks": _create(_user(_text("Long."), _text("Hello")), tools=[NOW], notes=("cache_control was not sent",)),
    "prompt_cache_key": _create(HELLO, prompt_cache_key="tenant-1"),
    "vendor_options": _create(HELLO, extra_body={"invented": {"by": "us"}}),
}
