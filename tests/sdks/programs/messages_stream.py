"""Streams of messages: raw events, then the SDK's own helper with its texts and its final message."""

from anthropic import Anthropic

with Anthropic() as client:
    kinds: list[str] = []
    for event in client.messages.create(
        model="claude-haiku-5-5",
        max_tokens=200,
        messages=[{"role": "user", "content": "Tell me of Weimar."}],
        stream=True,
    ):
        if not kinds or kinds[-1] != event.type:
            kinds.append(event.type)
        if event.type == "content_block_delta" and event.delta.type == "text_delta":
            print(event.delta.text, end="|")
    print()
    print(kinds)

    with client.messages.stream(
        model="claude-haiku-5-5",
        max_tokens=200,
        system=[{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": "And of Jena?"}],
    ) as stream:
        for text in stream.text_stream:
            print(text, end="|")
        final = stream.get_final_message()
    print()
    print(final.content[0].type, final.stop_reason, final.usage.output_tokens)
