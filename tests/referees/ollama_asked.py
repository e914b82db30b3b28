"""How does a user of the `ollama` SDK ask for each feature? Source: ollama._types, docs.ollama.com/api/chat."""

from __future__ import annotations

from typing import Any

from ollama import Message, Options, Tool

from tests.referees.feature_table import SUM_SCHEMA, TREE_SCHEMA
from tests.referees.features_of_tools import CITY_SCHEMA
from tests.referees.features_of_turns import PIXEL
from tests.referees.referee import Asked, Unaskable, Written

MODEL = "gpt-oss:20b"
NO_FILES = Unaskable("takes no files")
LATE_REASONING = "reasoning of an earlier turn was not sent"


def _chat(*messages: Message, notes: tuple[str, ...] = (), **params: Any) -> Written:
    return Written(params={"model": MODEL, "messages": list(messages), **params}, notes=notes)


def _user(content: str, *images: str) -> Message:
    return Message.model_validate({"role": "user", "content": content, "images": [{"value": one} for one in images]})


def _assistant(content: str, *calls: Message.ToolCall) -> Message:
    return Message(role="assistant", content=content, tool_calls=list(calls) or None)


def _system(content: str) -> Message:
    return Message(role="system", content=content)


def _call(name: str, arguments: dict[str, Any]) -> Message.ToolCall:
    return Message.ToolCall(function=Message.ToolCall.Function(name=name, arguments=arguments))


def _result(content: str, name: str = "weather") -> Message:
    return Message(role="tool", content=content, tool_name=name)


def _tool(name: str, parameters: dict[str, object], description: str | None = None) -> Tool:
    function = {"name": name, "description": description, "parameters": parameters}
    return Tool.model_validate({"type": "function", "function": function})


HELLO = _user("Hello")
HI = _assistant("Hi.")
WHY = _user("Why?")
QUESTION = _user("Weather in Bonn?")
WEATHER = _tool("weather", CITY_SCHEMA, "Weather of a city.")
NOW = _tool("now", {"type": "object", "properties": {}})
TOOLS = [WEATHER, NOW]
CALL = _assistant("", _call("weather", {"city": "Bonn"}))

ASKED: Asked = {
    "user text": _chat(HELLO),
    "several turns": _chat(HELLO, HI, _user("How are you?")),
    "text in parts": _chat(_user("First.\nSecond.")),
    "stream": _chat(HELLO),
    "system": _chat(_system("Be brief."), HELLO),
    "two systems": _chat(_system("Be brief."), _system("Be kind."), HELLO),
    "late system": _chat(HELLO, HI, _user("Go on."), _system("Be kind.")),
    "image by URL": Unaskable("takes no image by URL"),
    "image inline": _chat(_user("What is this?", PIXEL)),
    "two images": _chat(_user("Which is brighter?", PIXEL, PIXEL)),
    "image detail": _chat(_user("What is this?", PIXEL), notes=("detail of an image was not sent",)),
    "file inline": NO_FILES,
    "file name": NO_FILES,
    "file by URL": NO_FILES,
    "file by id": NO_FILES,
    "tools": _chat(QUESTION, tools=TOOLS),
    "strict tool": _chat(QUESTION, tools=[WEATHER], notes=("strict of a tool was not sent",)),
    "choice auto": _chat(QUESTION, tools=TOOLS),
    # A tool that is not offered cannot be called.
    "choice none": _chat(QUESTION),
    "choice required": Unaskable("cannot be made to call a tool"),
    "choice by name": Unaskable("cannot be made to call a tool"),
    "no parallel calls": _chat(QUESTION, tools=TOOLS, notes=("parallel_tool_calls was not sent",)),
    "call and result": _chat(QUESTION, CALL, _result("Rain."), tools=TOOLS),
    "parallel calls": _chat(
        QUESTION,
        _assistant("I look.", _call("weather", {"city": "Bonn"}), _call("now", {})),
        _result("Rain."),
        _result("12:00", "now"),
        _assistant("Rain at noon."),
        _user("Thanks."),
        tools=TOOLS,
    ),
    # There is no flag: a user says it in words.
    "failed result": _chat(QUESTION, CALL, _result("The tool failed: No answer."), tools=TOOLS),
    "image in a result": _chat(
        QUESTION,
        CALL,
        _result("As seen:"),
        _user("Images of the tool result call_1:", PIXEL),
        tools=TOOLS,
        notes=("images of a tool result were sent as a user's message",),
    ),
    "malformed arguments": _chat(
        QUESTION,
        _assistant("", _call("weather", {"INVALID_JSON": '{"city":'})),
        _result("No JSON."),
        tools=TOOLS,
        notes=("the arguments of an earlier call of weather are no JSON object",),
    ),
    "JSON object": _chat(HELLO, format="json"),
    "JSON Schema": _chat(HELLO, format=SUM_SCHEMA),
    "nested schema": _chat(HELLO, format=TREE_SCHEMA),
    "effort low": _chat(HELLO, think="low"),
    "effort high": _chat(HELLO, think="high"),
    "effort none": _chat(HELLO, think="low", notes=("reasoning_effort none was sent as low",)),
    "own reasoning": _chat(
        QUESTION,
        Message(role="assistant", thinking="Short.", tool_calls=[_call("weather", {"city": "Bonn"})]),
        _result("Rain."),
        tools=TOOLS,
    ),
    "foreign reasoning": _chat(HELLO, HI, WHY, notes=(LATE_REASONING,)),
    "refusal": _chat(HELLO, _assistant("I will not."), WHY),
    "own raw part": _chat(_user("raw")),
    "foreign raw part": _chat(HELLO, notes=("a raw part of somebody-else was not sent",)),
    "max_tokens": _chat(HELLO, options=Options(num_predict=64)),
    "temperature": _chat(HELLO, options=Options(temperature=0.5)),
    "top_p": _chat(HELLO, options=Options(top_p=0.9)),
    "penalties": _chat(HELLO, options=Options(frequency_penalty=0.5, presence_penalty=0.25)),
    "stop": _chat(HELLO, options=Options(stop=["END", "STOP"])),
    "seed": _chat(HELLO, options=Options(seed=7)),
    "calm sampling": _chat(
        HELLO, think="low", options=Options(temperature=0.5), notes=("reasoning_effort none was sent as low",)
    ),
    "cache marks": _chat(_user("Long.\nHello"), tools=[NOW], notes=("cache_control was not sent",)),
    "prompt_cache_key": _chat(HELLO, notes=("prompt_cache_key was not sent",)),
    # The one thing among the vendor's own that its SDK has a word for.
    "vendor_options": _chat(HELLO, keep_alive="5m"),
}
