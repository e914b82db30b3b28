"""How does the mock vendor speak? As an HTTP transport, so that a mocked call takes the whole way of a real one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import httpx2

from app.providers.mock_answer import Answer, compose, words
from app.providers.mock_embeddings import embedded
from app.providers.mock_models import MOCK_MODELS, UNKNOWN_MODEL, MockConduct, MockError, MockModel

_ID = "chatcmpl-mock"
_CREATED = 1_795_000_000  # A fixed time: the same request has the same reply.
# A caller may put any JSON into schemas and vendor_options; a real vendor answers that with 400, too.
_NOT_OF_THIS_SHAPE = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, RecursionError)
_INVALID = MockError(status=400, code="invalid_value", message="mock: a schema or an option is not of OpenAI's shape")
_JSON = {"content-type": "application/json"}
_EVENTS = {"content-type": "text/event-stream"}


class MockVendor(httpx2.AsyncBaseTransport):
    """Answers /models, /chat/completions and /embeddings; the model's name chooses how."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The reply, the fault, or nothing at all until the call is cancelled."""
        if request.method == "GET":
            models = [{"id": name, "object": "model", "owned_by": "mock"} for name in MOCK_MODELS]
            return _json_reply(200, {"object": "list", "data": models})
        body = json.loads(await request.aread())
        model = MOCK_MODELS.get(body["model"], UNKNOWN_MODEL)
        if model.error is not None:
            return _error_reply(model.error)
        if model.conduct is MockConduct.SILENT:
            await _forever()
        if model.conduct is MockConduct.RESET:
            msg = "connection reset by the mock"
            raise httpx2.ReadError(msg, request=request)
        try:
            if request.url.path.endswith("/embeddings"):
                return _whole_reply(embedded(body), model.conduct)
            return _reply(body, model)
        except _NOT_OF_THIS_SHAPE:
            return _error_reply(_INVALID)


class _Body(httpx2.AsyncByteStream):
    """A body in chunks that ends as `conduct` says."""

    def __init__(self, chunks: Sequence[bytes], conduct: MockConduct) -> None:
        self._chunks = chunks
        self._conduct = conduct

    async def __aiter__(self) -> AsyncIterator[bytes]:
        breaks_off = self._conduct in (MockConduct.CUT, MockConduct.STALL)
        kept = len(self._chunks) // 2 if breaks_off else len(self._chunks)
        for chunk in self._chunks[:kept]:
            yield chunk
        if self._conduct is MockConduct.STALL:
            await _forever()
        if self._conduct is MockConduct.CUT:
            msg = "cut by the mock"
            raise httpx2.ReadError(msg)


def _reply(body: dict[str, Any], model: MockModel) -> httpx2.Response:
    answer = compose(body, model.answer)
    if not body.get("stream"):
        return _whole_reply(_completion(body, answer), model.conduct)
    chunks = list(_events(body, answer))
    if model.conduct is MockConduct.NO_DONE:
        chunks.pop()
    if model.conduct is MockConduct.UNREADABLE:
        chunks = [b'data: {"choices": [{"delta"\n\n']
    return httpx2.Response(200, headers=_EVENTS, stream=_Body(chunks, model.conduct))


def _whole_reply(document: dict[str, Any], conduct: MockConduct) -> httpx2.Response:
    text = json.dumps(document).encode()
    third = len(text) // 3 or 1
    chunks = [text[:third], text[third : 2 * third], text[2 * third :]]
    if conduct is MockConduct.UNREADABLE:
        chunks = [b"<html>This is no JSON.</html>"]
    return httpx2.Response(200, headers=_JSON, stream=_Body(chunks, conduct))


def _completion(body: dict[str, Any], answer: Answer) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": answer.text or None, "refusal": answer.refusal or None}
    if answer.reasoning:
        message["reasoning_content"] = answer.reasoning
    if answer.tool_name:
        message["tool_calls"] = [_call(answer, answer.tool_arguments)]
    choice = {"index": 0, "message": message, "finish_reason": answer.finish_reason}
    return {**_head("chat.completion", body), "choices": [choice], "usage": _usage(answer)}


def _events(body: dict[str, Any], answer: Answer) -> Iterator[bytes]:
    head = _head("chat.completion.chunk", body)
    for delta in _deltas(answer):
        yield _event({**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
    yield _event({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": answer.finish_reason}]})
    if (body.get("stream_options") or {}).get("include_usage"):
        yield _event({**head, "choices": [], "usage": _usage(answer)})
    yield b"data: [DONE]\n\n"


def _deltas(answer: Answer) -> Iterator[dict[str, Any]]:
    yield {"role": "assistant", "content": ""}
    for name, text in (
        ("reasoning_content", answer.reasoning),
        ("content", answer.text),
        ("refusal", answer.refusal),
    ):
        yield from ({name: word} for word in words(text))
    if answer.tool_name:
        yield {"tool_calls": [{"index": 0, **_call(answer, "")}]}
        for piece in words(answer.tool_arguments):
            yield {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}


def _call(answer: Answer, arguments: str) -> dict[str, Any]:
    function = {"name": answer.tool_name, "arguments": arguments}
    return {"id": "call_mock", "type": "function", "function": function}


def _usage(answer: Answer) -> dict[str, Any]:
    return {
        "prompt_tokens": answer.input_tokens,
        "completion_tokens": answer.output_tokens,
        "total_tokens": answer.input_tokens + answer.output_tokens,
        "completion_tokens_details": {"reasoning_tokens": len(words(answer.reasoning))},
    }


def _head(kind: str, body: dict[str, Any]) -> dict[str, Any]:
    return {"id": _ID, "object": kind, "created": _CREATED, "model": body["model"]}


def _event(chunk: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


def _error_reply(error: MockError) -> httpx2.Response:
    document = {"message": error.message, "type": "mock_error", "param": None, "code": error.code}
    return _json_reply(error.status, {"error": document}, **error.headers)


def _json_reply(status: int, data: Any, **headers: str) -> httpx2.Response:
    return httpx2.Response(status, headers={**_JSON, **headers}, content=json.dumps(data).encode())


async def _forever() -> None:
    await asyncio.Event().wait()
