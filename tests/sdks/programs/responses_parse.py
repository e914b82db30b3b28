"""Structured output with responses: `parse` into a model, into a tool's arguments, and from a stream."""

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


tool = pydantic_function_tool(GetWeather)["function"]

with OpenAI() as client:
    parsed = client.responses.parse(
        model="gpt-6-luna", input="Alice and Bob go to a fair.", text_format=Event, store=False
    )
    print(repr(parsed.output_parsed))

    called = client.responses.parse(
        model="gpt-6-luna",
        input="The weather in Rome?",
        tools=[{"type": "function", "name": tool["name"], "parameters": tool["parameters"], "strict": True}],
        store=False,
    )
    print([item.parsed_arguments for item in called.output if item.type == "function_call"])

    with client.responses.stream(model="gpt-6-luna", input="Carol fairs.", text_format=Event, store=False) as stream:
        stream.until_done()
        print(repr(stream.get_final_response().output_parsed))
