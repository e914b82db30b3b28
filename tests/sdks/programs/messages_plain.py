"""A conversation of three turns with messages, plain calls, each answer's blocks handed back."""

from anthropic import Anthropic
from anthropic.types import MessageParam

with Anthropic() as client:
    messages: list[MessageParam] = []
    for question in ("Who wrote Faust?", "When?", "And the 2nd part? 😀"):
        messages.append({"role": "user", "content": question})
        message = client.messages.create(
            model="claude-haiku-5-5", max_tokens=200, system="Be brief.", messages=messages, stop_sequences=["END"]
        )
        print(
            message.role, message.stop_reason, "".join(block.text for block in message.content if block.type == "text")
        )
        print(message.usage.input_tokens, message.usage.output_tokens)
        messages.append({"role": "assistant", "content": message.content})
