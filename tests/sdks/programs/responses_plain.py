"""A conversation of three turns with responses, each answer's items handed back with the next question."""

from typing import Any

from openai import OpenAI

with OpenAI() as client:
    print(client.responses.create(model="gpt-6-luna", input="Hello!").output_text)
    items: list[Any] = []
    for question in ("Who wrote Faust?", "When?", "And the 2nd part? 😀"):
        items.append({"role": "user", "content": question})
        response = client.responses.create(
            model="gpt-6-luna", instructions="Be brief.", input=items, max_output_tokens=200, store=False
        )
        print(response.status, response.output_text)
        assert response.usage is not None
        print(response.usage.input_tokens, response.usage.output_tokens, response.usage.total_tokens)
        items += response.output
