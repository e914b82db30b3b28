"""A tool loop with chat completions: the model asks for the weather of two cities at once, and answers from both."""

import json

from openai import OpenAI
from openai.types.chat import ChatCompletionFunctionToolParam, ChatCompletionMessageParam

WEATHER: ChatCompletionFunctionToolParam = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def get_weather(city: str) -> str:
    return f"{city}: sunny, {20 + len(city)} degrees"


with OpenAI() as client:
    messages: list[ChatCompletionMessageParam] = [
        {"role": "user", "content": "How is the weather in Paris and in Rome?"}
    ]
    for _ in range(5):
        choice = client.chat.completions.create(
            model="gpt-6-luna", messages=messages, tools=[WEATHER], reasoning_effort="none"
        ).choices[0]
        messages.append(choice.message)  # type: ignore[arg-type]  # as the vendor's own guide does
        if choice.finish_reason != "tool_calls":
            print(choice.message.content)
            break
        for call in choice.message.tool_calls or []:
            assert call.type == "function"
            print("calls", call.function.name, json.loads(call.function.arguments))
            result = get_weather(**json.loads(call.function.arguments))
            messages.append({"role": "tool", "tool_call_id": call.id, "content": result})

    with client.chat.completions.stream(
        model="gpt-6-luna",
        messages=[{"role": "user", "content": "The weather in Oslo?"}],
        tools=[WEATHER],
        reasoning_effort="none",
    ) as stream:
        for event in stream:
            if event.type == "tool_calls.function.arguments.done":
                print("streamed", event.name, json.loads(event.arguments))
        print(stream.get_final_completion().choices[0].finish_reason)
