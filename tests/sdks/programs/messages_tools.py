"""A tool loop with messages, by hand and by the SDK's own tool runner, then a streamed call."""

import json

from anthropic import Anthropic, beta_tool
from anthropic.types import MessageParam, ToolParam, ToolResultBlockParam

WEATHER: ToolParam = {
    "name": "get_weather",
    "description": "The weather of a city.",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


@beta_tool
def get_weather(city: str) -> str:
    """The weather of a city."""
    return f"{city}: sunny, {20 + len(city)} degrees"


with Anthropic() as client:
    messages: list[MessageParam] = [{"role": "user", "content": "How is the weather in Paris and in Rome?"}]
    for _ in range(5):
        message = client.messages.create(model="claude-haiku-5-5", max_tokens=200, messages=messages, tools=[WEATHER])
        messages.append({"role": "assistant", "content": message.content})
        if message.stop_reason != "tool_use":
            print("".join(block.text for block in message.content if block.type == "text"))
            break
        results: list[ToolResultBlockParam] = []
        for block in message.content:
            if block.type == "tool_use":
                print("calls", block.name, block.input)
                text = str(get_weather.call(block.input))
                results.append({"type": "tool_result", "tool_use_id": block.id, "content": text})
        messages.append({"role": "user", "content": results})

    runner = client.beta.messages.tool_runner(
        model="claude-haiku-5-5",
        max_tokens=200,
        tools=[get_weather],
        messages=[{"role": "user", "content": "Paris or Oslo?"}],
    )
    for step in runner:
        print("step", step.stop_reason, [block.text for block in step.content if block.type == "text"])

    with client.messages.stream(
        model="claude-haiku-5-5",
        max_tokens=200,
        messages=[{"role": "user", "content": "The weather in Oslo?"}],
        tools=[WEATHER],
    ) as stream:
        for event in stream:
            if event.type == "input_json" and event.partial_json:
                last = event.snapshot
        print("streamed", json.dumps(last), stream.get_final_message().stop_reason)
