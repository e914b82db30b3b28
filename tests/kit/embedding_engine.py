"""The engine, asked for vectors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.engine.embedding_intake import take_in_texts
from app.engine.embeddings import EmbeddingCalls
from app.engine.intake import Order
from app.ports import ResponseCache
from contracts.caller import IN_PROCESS_CALLER, Caller
from contracts.embeddings import EmbeddingRequest, EmbeddingResponse
from contracts.errors import LLMProviderError
from tests.kit.engine import Engine
from tests.kit.fake_provider import FakeProvider


class EmbeddingEngine(Engine):
    """An `Engine` that also makes vectors."""

    def __init__(
        self,
        *providers: FakeProvider,
        rows: Mapping[str, Mapping[str, Any]] | None = None,
        store: ResponseCache | None = None,
        **config: Any,
    ) -> None:
        super().__init__(*providers, rows=rows, store=store, **config)
        self.embeddings = EmbeddingCalls(self.accounts, self.cache)

    async def embed(self, *texts: str, **fields: Any) -> EmbeddingResponse:
        """The vectors of `texts`, or of one that is there anyway."""
        with self.snapshots.taken() as runtime:
            return await self.embeddings.answer(self.order(*texts, **fields), runtime)

    def order(self, *texts: str, caller: Caller = IN_PROCESS_CALLER, **fields: Any) -> Order:
        """What a request asks for."""
        request = EmbeddingRequest.model_validate({"input": texts or ("a pear",), **fields})
        return take_in_texts(request, caller, now=self.clock.now(), config=self.snapshots.current.config)

    async def refusal(self, *texts: str, **fields: Any) -> LLMProviderError:
        """The error of a request for vectors that must fail."""
        try:
            await self.embed(*texts, **fields)
        except LLMProviderError as error:
            return error
        msg = "the request was answered"
        raise AssertionError(msg)
