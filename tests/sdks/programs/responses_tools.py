"""A tool loop with responses: two calls at once, their outputs handed back, then a streamed call."""

import json
from typing import Any

from openai import OpenAI
from openai.types.responses import FunctionToolParam

WEATHER: FunctionToolParam = {
    "type": "function",
    "name": "get_weather",
    "description": "The weather of a city.",
    "strict": True,
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
}


def get_weather(city: str) -> str:
    return f"{city}: sunny, {20 + len(city)} degrees"


with OpenAI() as client:
    items: list[Any] = [{"role": "user", "content": "How is the weather in Paris and in Rome?"}]
    for _ in range(5):
        response = client.responses.create(model="gpt-6-luna", input=items, tools=[WEATHER], store=False)
        items += response.output
        calls = [item for item in response.output if item.type == "function_call"]
        if not calls:
            print(response.output_text)
            break
        for call in calls:
            print("calls", call.name, json.loads(call.arguments))
            output = get_weather(**json.loads(call.arguments))
            items.append({"type": "function_call_output", "call_id": call.call_id, "output": output})

    with client.responses.stream(
        model="gpt-6-luna", input="The weather in Oslo?", tools=[WEATHER], store=False
    ) as stream:
        for event in stream:
            if event.type == "response.function_call_arguments.done":
                print("streamed", json.loads(event.arguments))
        print([item.type for item in stream.get_final_response().output if item.type != "reasoning"])
