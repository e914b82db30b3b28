"""An agent of pydantic-ai: it calls a tool for two cities, and answers as a typed model; another one streams."""

import asyncio

from pydantic import BaseModel
from pydantic_ai import Agent, NativeOutput
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel


class Advice(BaseModel):
    best_city: str
    reasons: list[str]
    degrees: int


def get_weather(city: str) -> str:
    """The weather of a city."""
    return f"{city}: sunny, {20 + len(city)} degrees"


async def main() -> None:
    for model in (OpenAIChatModel("gpt-6-luna"), OpenAIResponsesModel("gpt-6-luna")):
        agent = Agent(model, instructions="Be brief.", tools=[get_weather], output_type=NativeOutput(Advice))
        result = await agent.run("Paris or Rome?")
        print(repr(result.output), [len(message.parts) for message in result.all_messages()])

        by_tool = await Agent(model, tools=[get_weather], output_type=Advice).run("Oslo?")
        print(repr(by_tool.output))

        talker = Agent(model, instructions="Be brief.")
        first = await talker.run("Who wrote Faust?")
        async with talker.run_stream("And when?", message_history=first.new_messages()) as stream:
            print("".join([text async for text in stream.stream_text(delta=True, debounce_by=None)]))
            print(stream.usage.requests, stream.usage.total_tokens)


asyncio.run(main())
