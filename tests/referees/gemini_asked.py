"""How does a user of the `google-genai` SDK ask for each feature? Source: google.genai.types."""

from __future__ import annotations

import base64
from typing import Any

from google.genai.types import (
    Content,
    FileData,
    FunctionCall,
    FunctionCallingConfig,
    FunctionCallingConfigMode,
    FunctionDeclaration,
    FunctionResponse,
    FunctionResponseBlob,
    FunctionResponsePart,
    GenerateContentConfig,
    HttpOptions,
    Part,
    PartMediaResolutionLevel,
    ThinkingConfig,
    ThinkingLevel,
    Tool,
    ToolConfig,
)

from tests.referees.feature_table import SUM_SCHEMA, TREE_SCHEMA
from tests.referees.features_of_tools import CITY_SCHEMA
from tests.referees.features_of_turns import FILE_URL, IMAGE_URL, PDF, PIXEL, SIGNATURE
from tests.referees.referee import Asked, Written

MODEL = "gemini-3.8-flash"
# Later ones do not heed what sampling they are asked for, and cannot be kept from thinking.
SAMPLED = "gemini-2.5-flash"
FILE = "https://generativelanguage.googleapis.com/v1beta/files/file-1"
# The guide wants these letters in the JSON for a call that another model made; the SDK writes bytes in base64.
UNSIGNED = base64.urlsafe_b64decode("skip_thought_signature_validator")
LATE_REASONING = "reasoning of an earlier turn was not sent"


def _ask(*contents: Content, notes: tuple[str, ...] = (), model: str = MODEL, **config: Any) -> Written:
    return Written(
        params={"model": model, "contents": list(contents), "config": GenerateContentConfig(**config)}, notes=notes
    )


def _user(*parts: Part) -> Content:
    return Content(role="user", parts=list(parts))


def _model(*parts: Part) -> Content:
    return Content(role="model", parts=list(parts))


def _text(text: str) -> Part:
    return Part.from_text(text=text)


def _system(*texts: str) -> Content:
    return Content(parts=[_text(text) for text in texts])


def _call(number: int, args: dict[str, Any], *, name: str = "weather", signature: bytes | None = UNSIGNED) -> Part:
    return Part(function_call=FunctionCall(id=f"call_{number}", name=name, args=args), thought_signature=signature)


def _result(number: int, name: str, *parts: FunctionResponsePart, **response: str) -> Part:
    return Part(
        function_response=FunctionResponse(id=f"call_{number}", name=name, response=response, parts=list(parts) or None)
    )


def _choice(mode: FunctionCallingConfigMode, *names: str) -> ToolConfig:
    calling = FunctionCallingConfig(mode=mode, allowed_function_names=list(names) or None)
    return ToolConfig(function_calling_config=calling)


def _pixel(level: PartMediaResolutionLevel | None = None) -> Part:
    return Part.from_bytes(data=base64.b64decode(PIXEL), mime_type="image/png", media_resolution=level)


def _pdf() -> Part:
    return Part.from_bytes(data=base64.b64decode(PDF), mime_type="application/pdf")


HELLO = _user(_text("Hello"))
HI = _model(_text("Hi."))
WHY = _user(_text("Why?"))
QUESTION = _user(_text("Weather in Bonn?"))
SUM_IT_UP = _text("Sum it up.")
IN_BONN = {"city": "Bonn"}
DECLARED = FunctionDeclaration(name="weather", description="Weather of a city.", parameters_json_schema=CITY_SCHEMA)
TOOLS = [Tool(function_declarations=[DECLARED, FunctionDeclaration(name="now")])]
ONE_TOOL = [Tool(function_declarations=[DECLARED])]
SEEN = FunctionResponsePart(inline_data=FunctionResponseBlob(data=base64.b64decode(PIXEL), mime_type="image/png"))


def _thinking(level: ThinkingLevel) -> Written:
    return _ask(HELLO, thinking_config=ThinkingConfig(thinking_level=level, include_thoughts=True))


ASKED: Asked = {
    "user text": _ask(HELLO),
    "several turns": _ask(HELLO, HI, _user(_text("How are you?"))),
    "text in parts": _ask(_user(_text("First."), _text("Second."))),
    "stream": _ask(HELLO),
    "system": _ask(HELLO, system_instruction=_system("Be brief.")),
    "two systems": _ask(HELLO, system_instruction=_system("Be brief.", "Be kind.")),
    "late system": _ask(
        HELLO,
        HI,
        _user(_text("Go on.")),
        system_instruction=_system("Be kind."),
        notes=("a later system message was sent ahead",),
    ),
    "image by URL": _ask(
        _user(_text("What is this?"), Part.from_uri(file_uri=IMAGE_URL, mime_type="image/png")),
    ),
    "image inline": _ask(_user(_text("What is this?"), _pixel())),
    "two images": _ask(_user(_pixel(), _pixel(), _text("Which is brighter?"))),
    "image detail": _ask(_user(_text("What is this?"), _pixel(PartMediaResolutionLevel.MEDIA_RESOLUTION_HIGH))),
    "file inline": _ask(_user(_pdf(), SUM_IT_UP)),
    "file name": _ask(_user(_pdf(), SUM_IT_UP), notes=("the name of a file was not sent",)),
    "file by URL": _ask(_user(Part.from_uri(file_uri=FILE_URL, mime_type="application/pdf"), SUM_IT_UP)),
    "file by id": _ask(_user(Part(file_data=FileData(file_uri=FILE, mime_type="application/pdf")), SUM_IT_UP)),
    "tools": _ask(QUESTION, tools=TOOLS),
    "strict tool": _ask(QUESTION, tools=ONE_TOOL, tool_config=_choice(FunctionCallingConfigMode.VALIDATED)),
    "choice auto": _ask(QUESTION, tools=TOOLS, tool_config=_choice(FunctionCallingConfigMode.AUTO)),
    "choice none": _ask(QUESTION, tools=TOOLS, tool_config=_choice(FunctionCallingConfigMode.NONE)),
    "choice required": _ask(QUESTION, tools=TOOLS, tool_config=_choice(FunctionCallingConfigMode.ANY)),
    "choice by name": _ask(QUESTION, tools=TOOLS, tool_config=_choice(FunctionCallingConfigMode.ANY, "weather")),
    "no parallel calls": _ask(QUESTION, tools=TOOLS, notes=("parallel_tool_calls was not sent",)),
    "call and result": _ask(
        QUESTION, _model(_call(1, IN_BONN)), _user(_result(1, "weather", output="Rain.")), tools=TOOLS
    ),
    "parallel calls": _ask(
        QUESTION,
        # Of parallel calls the guide signs the first.
        _model(_text("I look."), _call(1, IN_BONN), _call(2, {}, name="now", signature=None)),
        _user(_result(1, "weather", output="Rain."), _result(2, "now", output="12:00")),
        _model(_text("Rain at noon.")),
        _user(_text("Thanks.")),
        tools=TOOLS,
    ),
    "failed result": _ask(
        QUESTION, _model(_call(1, IN_BONN)), _user(_result(1, "weather", error="No answer.")), tools=TOOLS
    ),
    "image in a result": _ask(
        QUESTION, _model(_call(1, IN_BONN)), _user(_result(1, "weather", SEEN, output="As seen:")), tools=TOOLS
    ),
    "malformed arguments": _ask(
        QUESTION,
        _model(_call(1, {"INVALID_JSON": '{"city":'})),
        _user(_result(1, "weather", output="No JSON.")),
        tools=TOOLS,
        notes=("the arguments of an earlier call of weather are no JSON object",),
    ),
    "JSON object": _ask(HELLO, response_mime_type="application/json"),
    "JSON Schema": _ask(HELLO, response_mime_type="application/json", response_json_schema=SUM_SCHEMA),
    "nested schema": _ask(HELLO, response_mime_type="application/json", response_json_schema=TREE_SCHEMA),
    "effort low": _thinking(ThinkingLevel.LOW),
    "effort high": _thinking(ThinkingLevel.HIGH),
    "effort none": _ask(
        HELLO,
        thinking_config=ThinkingConfig(thinking_level=ThinkingLevel.LOW),
        notes=("reasoning_effort none was sent as low",),
    ),
    "own reasoning": _ask(
        QUESTION,
        _model(_call(1, IN_BONN, signature=base64.b64decode(SIGNATURE))),
        _user(_result(1, "weather", output="Rain.")),
        tools=TOOLS,
    ),
    "foreign reasoning": _ask(HELLO, HI, WHY, notes=(LATE_REASONING,)),
    "refusal": _ask(HELLO, _model(_text("I will not.")), WHY),
    "own raw part": _ask(_user(_text("raw"))),
    "foreign raw part": _ask(HELLO, notes=("a raw part of somebody-else was not sent",)),
    "max_tokens": _ask(HELLO, max_output_tokens=64),
    "temperature": _ask(HELLO, model=SAMPLED, temperature=0.5),
    "top_p": _ask(HELLO, model=SAMPLED, top_p=0.9),
    "penalties": _ask(HELLO, model=SAMPLED, frequency_penalty=0.5, presence_penalty=0.25),
    "stop": _ask(HELLO, stop_sequences=["END", "STOP"]),
    "seed": _ask(HELLO, seed=7),
    "calm sampling": _ask(HELLO, model=SAMPLED, temperature=0.5, thinking_config=ThinkingConfig(thinking_budget=0)),
    "cache marks": _ask(
        _user(_text("Long."), _text("Hello")),
        tools=[Tool(function_declarations=[FunctionDeclaration(name="now")])],
        notes=("cache_control was not sent",),
    ),
    "prompt_cache_key": _ask(HELLO, notes=("prompt_cache_key was not sent",)),
    "vendor_options": _ask(HELLO, http_options=HttpOptions(extra_body={"invented": {"by": "us"}})),
}
