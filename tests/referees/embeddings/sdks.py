"""How does a user of each SDK ask for vectors, and what does the SDK read in a reply?"""

from __future__ import annotations

from typing import Any, Protocol

from google.genai import Client as GeminiClient
from google.genai.types import Content, EmbedContentConfig, HttpOptions, Part
from ollama import Client as OllamaClient
from openai import OpenAI

from contracts.embeddings import EmbeddingInput

Vectors = list[list[float]]

_TASKS = {"query": "RETRIEVAL_QUERY", "document": "RETRIEVAL_DOCUMENT"}


class EmbeddingSDK(Protocol):
    """One SDK."""

    def embed(self, asked: EmbeddingInput, model: str) -> Vectors:
        """Makes the call; the vectors as the SDK gives them."""
        ...

    def close(self) -> None:
        """Ends its connections."""
        ...


class OpenAIEmbeddings:
    """`client.embeddings.create`."""

    def __init__(self, address: str) -> None:
        self._client = OpenAI(base_url=address, api_key="none", max_retries=0)

    def embed(self, asked: EmbeddingInput, model: str) -> Vectors:
        fields: dict[str, Any] = {} if asked.dimensions is None else {"dimensions": asked.dimensions}
        reply = self._client.embeddings.create(model=model, input=list(asked.texts), **fields)
        return [one.embedding for one in sorted(reply.data, key=lambda one: one.index)]

    def close(self) -> None:
        self._client.close()


class GeminiEmbeddings:
    """`client.models.embed_content`; texts given as such it would glue together for its second model."""

    def __init__(self, address: str) -> None:
        self._client = GeminiClient(api_key="none", http_options=HttpOptions(base_url=address, api_version="v1beta"))

    def embed(self, asked: EmbeddingInput, model: str) -> Vectors:
        task = None if asked.purpose is None else _TASKS[asked.purpose]
        reply = self._client.models.embed_content(
            model=model,
            contents=[Content(parts=[Part(text=text)]) for text in asked.texts],
            config=EmbedContentConfig(task_type=task, output_dimensionality=asked.dimensions),
        )
        return [list(one.values or ()) for one in reply.embeddings or ()]

    def close(self) -> None:
        self._client.close()


class OllamaEmbeddings:
    """`client.embed`, told not to cut."""

    def __init__(self, address: str) -> None:
        self._client = OllamaClient(host=address)

    def embed(self, asked: EmbeddingInput, model: str) -> Vectors:
        reply = self._client.embed(model, list(asked.texts), truncate=False, dimensions=asked.dimensions)
        return [list(one) for one in reply.embeddings]

    def close(self) -> None:
        """It has no such method."""


SDKS = {"openai": OpenAIEmbeddings, "gemini": GeminiEmbeddings, "ollama": OllamaEmbeddings}
