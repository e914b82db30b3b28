"""How does a user of the `anthropic` SDK ask for each feature? Source: anthropic.types.

The user writes content as blocks, which the SDK's words call the same as a plain string, and the model's documented
output limit as `max_tokens`, which must be given and shall limit nothing.
"""

from __future__ import annotations

from typing import Any

from anthropic.types import (
    ImageBlockParam,
    MessageParam,
    TextBlockParam,
    ToolParam,
    ToolResultBlockParam,
    ToolUseBlockParam,
)

from tests.referees.feature_table import SUM_SCHEMA, TREE_SCHEMA
from tests.referees.features_of_tools import CITY_SCHEMA
from tests.referees.features_of_turns import FILE_URL, IMAGE_URL, PDF, PIXEL, SIGNATURE
from tests.referees.referee import Asked, Written

MODEL = "claude-haiku-5-5"
# From 4.7 on no Claude takes sampling, and the SDK has no words for it any more; this one does.
SAMPLED = "claude-haiku-4-5"
LIMITS = {MODEL: 128_000, SAMPLED: 64_000}


def _text(text: str) -> TextBlockParam:
    return {"type": "text", "text": text}


def _user(*blocks: Any) -> MessageParam:
    return {"role": "user", "content": list(blocks)}


def _assistant(*blocks: Any) -> MessageParam:
    return {"role": "assistant", "content": list(blocks)}


HELLO = _user(_text("Hello"))
HI = _assistant(_text("Hi."))
WHY = _user(_text("Why?"))
QUESTION = _user(_text("Weather in Bonn?"))
SUM_IT_UP = _text("Sum it up.")
IMAGE: ImageBlockParam = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}}
WEATHER: ToolParam = {"name": "weather", "description": "Weather of a city.", "input_schema": CITY_SCHEMA}
STRICT_WEATHER: ToolParam = {**WEATHER, "strict": True}
NOW: ToolParam = {"name": "now", "input_schema": {"type": "object", "properties": {}}}
TOOLS = [WEATHER, NOW]
CALL: ToolUseBlockParam = {"type": "tool_use", "id": "call_1", "name": "weather", "input": {"city": "Bonn"}}
CALL_NOW: ToolUseBlockParam = {"type": "tool_use", "id": "call_2", "name": "now", "input": {}}
# The guide's way to give back what was no JSON.
MALFORMED: ToolUseBlockParam = {**CALL, "input": {"INVALID_JSON": '{"city":'}}
LATE_REASONING = "reasoning of an earlier turn was not sent"


def _create(*messages: MessageParam, notes: tuple[str, ...] = (), model: str = MODEL, **params: Any) -> Written:
    fixed = {"model": model, "max_tokens": LIMITS[model], "messages": list(messages)}
    return Written(params={**fixed, **params}, notes=notes)


def _result(number: int, *blocks: TextBlockParam | ImageBlockParam) -> ToolResultBlockParam:
    return {"type": "tool_result", "tool_use_id": f"call_{number}", "content": list(blocks)}


def _document(**source: str) -> dict[str, Any]:
    return {"type": "document", "source": source}


def _pdf() -> dict[str, Any]:
    return _document(type="base64", media_type="application/pdf", data=PDF)


def _schema(schema: dict[str, object]) -> dict[str, Any]:
    return {"format": {"type": "json_schema", "schema": schema}}


def _effort(effort: str) -> Written:
    return _create(HELLO, thinking={"type": "adaptive", "display": "summarized"}, output_config={"effort": effort})


ASKED: Asked = {
    "user text": _create(HELLO),
    "several turns": _create(HELLO, HI, _user(_text("How are you?"))),
    "text in parts": _create(_user(_text("First."), _text("Second."))),
    "stream": _create(HELLO),
    "system": _create(HELLO, system=[_text("Be brief.")]),
    "two systems": _create(HELLO, system=[_text("Be brief."), _text("Be kind.")]),
    "late system": _create(HELLO, HI, _user(_text("Go on.")), {"role": "system", "content": [_text("Be kind.")]}),
    "image by URL": _create(
        _user(_text("What is this?"), {"type": "image", "source": {"type": "url", "url": IMAGE_URL}})
    ),
    "image inline": _create(_user(_text("What is this?"), IMAGE)),
    "two images": _create(_user(IMAGE, IMAGE, _text("Which is brighter?"))),
    "image detail": _create(_user(_text("What is this?"), IMAGE), notes=("detail of an image was not sent",)),
    "file inline": _create(_user(_pdf(), SUM_IT_UP)),
    "file name": _create(_user({**_pdf(), "title": "report.pdf"}, SUM_IT_UP)),
    "file by URL": _create(_user(_document(type="url", url=FILE_URL), SUM_IT_UP)),
    "file by id": _create(_user(_document(type="file", file_id="file-1"), SUM_IT_UP)),
    "tools": _create(QUESTION, tools=TOOLS),
    "strict tool": _create(QUESTION, tools=[STRICT_WEATHER]),
    "choice auto": _create(QUESTION, tools=TOOLS, tool_choice={"type": "auto"}),
    "choice none": _create(QUESTION, tools=TOOLS, tool_choice={"type": "none"}),
    "choice required": _create(QUESTION, tools=TOOLS, tool_choice={"type": "any"}),
    "choice by name": _create(QUESTION, tools=TOOLS, tool_choice={"type": "tool", "name": "weather"}),
    "no parallel calls": _create(
        QUESTION, tools=TOOLS, tool_choice={"type": "auto", "disable_parallel_tool_use": True}
    ),
    "call and result": _create(QUESTION, _assistant(CALL), _user(_result(1, _text("Rain."))), tools=TOOLS),
    "parallel calls": _create(
        QUESTION,
        _assistant(_text("I look."), CALL, CALL_NOW),
        _user(_result(1, _text("Rain.")), _result(2, _text("12:00"))),
        _assistant(_text("Rain at noon.")),
        _user(_text("Thanks.")),
        tools=TOOLS,
    ),
    "failed result": _create(
        QUESTION, _assistant(CALL), _user({**_result(1, _text("No answer.")), "is_error": True}), tools=TOOLS
    ),
    "image in a result": _create(QUESTION, _assistant(CALL), _user(_result(1, _text("As seen:"), IMAGE)), tools=TOOLS),
    "malformed arguments": _create(
        QUESTION,
        _assistant(MALFORMED),
        _user(_result(1, _text("No JSON."))),
        tools=TOOLS,
        notes=("the arguments of an earlier call of weather are no JSON object",),
    ),
    "JSON object": _create(
        HELLO,
        system=[_text("Answer with one JSON object only.")],
        notes=("response_format json_object was sent as an instruction",),
    ),
    "JSON Schema": _create(HELLO, output_config=_schema(SUM_SCHEMA)),
    "nested schema": _create(HELLO, output_config=_schema(TREE_SCHEMA)),
    "effort low": _effort("low"),
    "effort high": _effort("high"),
    "effort none": _create(HELLO, thinking={"type": "disabled"}),
    "own reasoning": _create(
        QUESTION,
        _assistant({"type": "thinking", "thinking": "Short.", "signature": SIGNATURE}, CALL),
        _user(_result(1, _text("Rain."))),
        tools=TOOLS,
    ),
    "foreign reasoning": _create(HELLO, HI, WHY, notes=(LATE_REASONING,)),
    "refusal": _create(HELLO, _assistant(_text("I will not.")), WHY),
    "own raw part": _create(_user(_text("raw"))),
    "foreign raw part": _create(HELLO, notes=("a raw part of somebody-else was not sent",)),
    "max_tokens": _create(HELLO, max_tokens=64),
    "temperature": _create(HELLO, model=SAMPLED, extra_body={"temperature": 0.5}),
    "top_p": _create(HELLO, model=SAMPLED, extra_body={"top_p": 0.9}),
    "penalties": _create(HELLO, notes=("frequency_penalty was not sent", "presence_penalty was not sent")),
    "stop": _create(HELLO, stop_sequences=["END", "STOP"]),
    "seed": _create(HELLO, notes=("seed was not sent",)),
    "calm sampling": _create(HELLO, thinking={"type": "disabled"}, notes=("temperature was not sent",)),
    "cache marks": _create(
        _user(
            {**_text("Long."), "cache_control": {"type": "ephemeral", "ttl": "1h"}},
            {**_text("Hello"), "cache_control": {"type": "ephemeral"}},
        ),
        tools=[{**NOW, "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
    ),
    "prompt_cache_key": _create(HELLO, notes=("prompt_cache_key was not sent",)),
    "vendor_options": _create(HELLO, extra_body={"invented": {"by": "us"}}),
}
