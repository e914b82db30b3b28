"""Structured output with chat completions: `parse` into a model, into a tool's arguments, and from a stream."""

from openai import OpenAI, pydantic_function_tool
from pydantic import BaseModel


class Person(BaseModel):
    name: str
    age: int


class Event(BaseModel):
    title: str
    people: list[Person]
    is_public: bool


class GetWeather(BaseModel):
    """The weather of a city."""

    city: str


with OpenAI() as client:
    parsed = client.chat.completions.parse(
        model="gpt-6-luna",
        messages=[{"role": "user", "content": "Alice and Bob go to a fair."}],
        response_format=Event,
    )
    print(repr(parsed.choices[0].message.parsed))

    called = client.chat.completions.parse(
        model="gpt-6-luna",
        messages=[{"role": "user", "content": "The weather in Rome?"}],
        tools=[pydantic_function_tool(GetWeather)],
        reasoning_effort="none",
    )
    for call in called.choices[0].message.tool_calls or []:
        print(repr(call.function.parsed_arguments))

    with client.chat.completions.stream(
        model="gpt-6-luna", messages=[{"role": "user", "content": "Carol fairs."}], response_format=Event
    ) as stream:
        stream.until_done()
        print(repr(stream.get_final_completion().choices[0].message.parsed))
