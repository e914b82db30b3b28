"""A conversation of three turns with chat completions, plain calls, each answer carried into the next question."""

from openai import OpenAI
from openai.types.chat import ChatCompletionMessageParam

client = OpenAI()
messages: list[ChatCompletionMessageParam] = [{"role": "system", "content": "Be brief."}]
for question in ("Who wrote Faust?", "When?", "And the 2nd part? 😀"):
    messages.append({"role": "user", "content": question})
    completion = client.chat.completions.create(
        model="gpt-6-luna", messages=messages, max_completion_tokens=200, metadata={"course": "german-1"}
    )
    choice = completion.choices[0]
    print(choice.finish_reason, choice.message.content)
    assert completion.usage is not None
    print(completion.usage.prompt_tokens, completion.usage.completion_tokens, completion.usage.total_tokens)
    messages.append({"role": "assistant", "content": choice.message.content})
client.close()
