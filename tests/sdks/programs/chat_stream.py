"""Streams of chat completions: chunks by hand, then the SDK's own helper with its events."""

from openai import OpenAI

with OpenAI() as client:
    for chunk in client.chat.completions.create(
        model="gpt-6-luna",
        messages=[{"role": "user", "content": "Tell me of Weimar."}],
        stream=True,
        stream_options={"include_usage": True},
    ):
        if chunk.choices and chunk.choices[0].delta.content:
            print(chunk.choices[0].delta.content, end="|")
        if chunk.usage:
            print("\nused", chunk.usage.total_tokens)

    with client.chat.completions.stream(
        model="gpt-6-luna", messages=[{"role": "user", "content": "And of Jena?"}]
    ) as stream:
        for event in stream:
            if event.type == "content.delta" and event.delta:
                print(event.delta, end="|")
            elif event.type == "content.done":
                print("\ndone:", event.content)
        print(stream.get_final_completion().choices[0].finish_reason)
