"""Streams of responses: raw events, then the SDK's own helper with its events and its final response."""

from openai import OpenAI

with OpenAI() as client:
    for event in client.responses.create(model="gpt-6-luna", input="Tell me of Weimar.", stream=True, store=False):
        if event.type == "response.output_text.delta":
            print(event.delta, end="|")
        elif event.type in ("response.created", "response.completed"):
            print(event.type)

    with client.responses.stream(model="gpt-6-luna", input="And of Jena?", store=False) as stream:
        kinds: list[str] = []
        for event in stream:
            if not kinds or kinds[-1] != event.type:
                kinds.append(event.type)
        final = stream.get_final_response()
    print(kinds)
    print(final.output_text, final.status, final.usage and final.usage.total_tokens)
