"""Structured output with messages: `parse` into a model, plain and streamed, and a schema by hand."""

import json

from anthropic import Anthropic
from pydantic import BaseModel


class Person(BaseModel):
    name: str
    age: int


class Event(BaseModel):
    title: str
    people: list[Person]
    is_public: bool


with Anthropic() as client:
    parsed = client.messages.parse(
        model="claude-haiku-5-5",
        max_tokens=200,
        messages=[{"role": "user", "content": "Alice and Bob go to a fair."}],
        output_format=Event,
    )
    print(repr(parsed.parsed_output))

    with client.messages.stream(
        model="claude-haiku-5-5",
        max_tokens=200,
        messages=[{"role": "user", "content": "Carol fairs."}],
        output_format=Event,
    ) as stream:
        stream.until_done()
        print(repr(stream.get_final_message().parsed_output))

    schema = {
        "type": "object",
        "properties": {"verdict": {"enum": ["good", "bad"]}},
        "required": ["verdict"],
        "additionalProperties": False,
    }
    message = client.messages.create(
        model="claude-haiku-5-5",
        max_tokens=200,
        messages=[{"role": "user", "content": "Judge it."}],
        output_config={"format": {"type": "json_schema", "schema": schema}},
    )
    print([json.loads(block.text) for block in message.content if block.type == "text"])
