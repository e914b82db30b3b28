"""Vectors by OpenAI's SDK, packed as it asks by itself and as plain numbers, by the async client, and by LangChain."""

import asyncio

from langchain_openai import OpenAIEmbeddings
from openai import AsyncOpenAI, OpenAI

TEXTS = ["a red apple", "ein grüner Apfel ☂", "Rome"]


async def one_by_one() -> None:
    async with AsyncOpenAI() as client:
        asked = (client.embeddings.create(model="text-embedding-3-small", input=text, dimensions=8) for text in TEXTS)
        for answer in await asyncio.gather(*asked):
            print(answer.data[0].embedding, answer.usage.prompt_tokens)


with OpenAI() as client:
    packed = client.embeddings.create(model="text-embedding-3-small", input=TEXTS, dimensions=8)
    plain = client.embeddings.create(model="text-embedding-3-small", input=TEXTS, dimensions=8, encoding_format="float")
    print([(one.index, one.embedding) for one in packed.data], packed.usage.total_tokens)
    print([one.embedding for one in plain.data] == [one.embedding for one in packed.data])
asyncio.run(one_by_one())

# Without a tokenizer, which it would fetch: texts go as texts.
embeddings = OpenAIEmbeddings(model="text-embedding-3-small", dimensions=8, check_embedding_ctx_length=False)
print(embeddings.embed_query("a red apple"))
print(embeddings.embed_documents(TEXTS))
