"""The part of a fake service that answers at the drop-in surfaces: what it was told to, noting what was asked."""

from __future__ import annotations

from collections.abc import Mapping

from contracts import (
    IN_PROCESS_CALLER,
    Caller,
    Completion,
    EmbeddingCompletion,
    ILLMProviderService,
    InternalError,
    LLMResponse,
    ModelInfo,
    Reply,
    SurfaceRequest,
    TokenCount,
)
from tests.unit.http.fake_stream import FakeStream

MODEL = ModelInfo.model_validate(ModelInfo.model_json_schema()["example"])
ANSWER = LLMResponse.model_validate(LLMResponse.model_json_schema()["example"])


def completion(*, raw: str | None = None) -> Completion:
    """The contract's own example of an answer; `raw` is the vendor's body, where it speaks the caller's dialect."""
    reply = Reply(message=ANSWER.message, finish_reason=ANSWER.finish_reason, usage=ANSWER.usage, raw=raw)
    return Completion(response=ANSWER, reply=reply)


class FakeSurfaces(ILLMProviderService):
    """`completion`, `stream` and `vectors` are given, or raised; `surface_asked` is what was asked, in its order."""

    stream: FakeStream | Exception

    def __init__(self) -> None:
        self.completion: Completion | Exception = completion()
        self.vectors: EmbeddingCompletion | Exception = InternalError("no vectors were told to this service")
        self.surface_asked: list[SurfaceRequest] = []
        self.surface_callers: list[Caller] = []
        self.surface_headers: dict[str, str] = {}

    async def complete(
        self,
        request: SurfaceRequest,
        *,
        caller: Caller = IN_PROCESS_CALLER,
        headers: Mapping[str, str] | None = None,
    ) -> Completion:
        await self._note_surface(request, caller, headers)
        if isinstance(self.completion, Exception):
            raise self.completion
        return self.completion

    async def complete_stream(
        self,
        request: SurfaceRequest,
        *,
        caller: Caller = IN_PROCESS_CALLER,
        headers: Mapping[str, str] | None = None,
    ) -> FakeStream:
        await self._note_surface(request, caller, headers)
        if isinstance(self.stream, Exception):
            raise self.stream
        return self.stream

    async def complete_embeddings(
        self,
        request: SurfaceRequest,
        *,
        caller: Caller = IN_PROCESS_CALLER,
        headers: Mapping[str, str] | None = None,
    ) -> EmbeddingCompletion:
        await self._note_surface(request, caller, headers)
        if isinstance(self.vectors, Exception):
            raise self.vectors
        return self.vectors

    async def count_tokens(
        self,
        request: SurfaceRequest,
        *,
        caller: Caller = IN_PROCESS_CALLER,
        headers: Mapping[str, str] | None = None,
    ) -> TokenCount:
        await self._note_surface(request, caller, headers)
        return TokenCount(input_tokens=7, provider="mock", model="m")

    async def get_models(self, *, caller: Caller = IN_PROCESS_CALLER) -> list[ModelInfo]:
        return [MODEL]

    async def get_model(self, model: str, *, caller: Caller = IN_PROCESS_CALLER) -> ModelInfo:
        return MODEL

    async def _note_surface(self, request: SurfaceRequest, caller: Caller, headers: Mapping[str, str] | None) -> None:
        self.surface_asked.append(request)
        self.surface_callers.append(caller)
        self.surface_headers = dict(headers or {})
        await self._wait()

    async def _wait(self) -> None:
        """As the rest of the service waits."""
