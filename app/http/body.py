"""What did the caller send? The body: bounded while it is read, of the right media type, strict JSON, of one model."""

from __future__ import annotations

from codecs import BOM_UTF8
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect

from app.http.aside import MANY_BYTES, read_aside
from app.http.edge import edge_of
from app.http.field_errors import invalid_request
from app.http.json_text import check_characters, parse_json
from app.http.sent_headers import SENT, sent_in
from contracts import LLMProviderConfig, RequestTooLargeError, UnsupportedMediaTypeError

if TYPE_CHECKING:
    from fastapi import Request

Model = TypeVar("Model", bound=BaseModel)
_UTF8 = {"", "utf-8", "utf8", "us-ascii", "ascii"}
_USUAL_TYPE = b"application/json"
# The least that `max_request_bytes` can be.
ALWAYS_READ_BYTES = 1024
_USUAL_BYTES: int = LLMProviderConfig.model_fields["max_request_bytes"].default


async def read_model(request: Request, model: type[Model]) -> Model:
    """The body as `model`.

    Raises RequestTooLargeError (413), UnsupportedMediaTypeError (415), MalformedRequestError (400),
    InvalidRequestError (422) and ServiceNotStartedError.
    """
    body = await read_json_bytes(request)
    # Nearly all are read here and now, without one more coroutine.
    if len(body) <= MANY_BYTES:
        return parse_model(body, parse_json(body), model)
    return await read_aside(len(body), lambda: parse_model(body, parse_json(body), model))


async def read_json_bytes(request: Request, *, room_bytes: int = 0) -> bytes:
    """The body, at most `max_request_bytes` of the live configuration, which its media type calls JSON.

    An endpoint whose bodies may be larger has `room_bytes`, unless the configuration allows less than it usually does.
    Raises ClientDisconnect for a caller who leaves before he sent it.
    """
    sent, receive = request.scope.get(SENT) or sent_in(request.scope), request.receive
    content_type = sent.get(b"content-type")
    if content_type is not None and content_type != _USUAL_TYPE:
        _check_media_type(content_type.decode("latin-1"))
    if b"content-encoding" in sent:
        _check_encoding(sent[b"content-encoding"].decode("latin-1"))
    declared = sent.get(b"content-length", b"")
    # What no configuration refuses is read without a look at it.
    limit = ALWAYS_READ_BYTES
    if declared.isdigit() and int(declared) > limit and int(declared) > (limit := await _most(request, room_bytes)):
        raise _too_large(limit)
    chunks: list[bytes] = []
    size, is_whole = 0, False
    while not is_whole:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > limit and size > (limit := await _most(request, room_bytes)):
            raise _too_large(limit)
        chunks.append(chunk)
        is_whole = not message.get("more_body", False)
    if size and content_type is None:
        msg = "the body has no Content-Type: send application/json"
        raise UnsupportedMediaTypeError(msg)
    return b"".join(chunks).removeprefix(BOM_UTF8)


def parse_model(body: bytes, data: Any, model: type[Model], at: str = "") -> Model:
    """`body`, parsed already as `data`, as `model`. `at` is its path, when it is a part of a larger body."""
    check_characters(body, data, at)
    try:
        # What `model_validate_json` calls, which looks at four more arguments first.
        return model.__pydantic_validator__.validate_json(body, strict=True)  # type: ignore[no-any-return]
    except ValidationError as error:
        raise invalid_request(error, model, data, at) from None


async def _most(request: Request, room_bytes: int) -> int:
    """How many bytes the body may have."""
    limit = (await edge_of(request).service.get_configuration()).config.max_request_bytes
    return max(limit, room_bytes) if limit >= _USUAL_BYTES else limit


def _too_large(limit: int) -> RequestTooLargeError:
    return RequestTooLargeError(f"the body is larger than {limit} bytes (max_request_bytes of the configuration)")


def _check_media_type(content_type: str) -> None:
    media_type, _, parameters = content_type.partition(";")
    media_type = media_type.strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        msg = f"this endpoint reads application/json, not {_shown(media_type)}"
        raise UnsupportedMediaTypeError(msg)
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip(' "').lower() not in _UTF8:
            msg = f"JSON is UTF-8, not {_shown(value.strip())}"
            raise UnsupportedMediaTypeError(msg)


def _check_encoding(sent: str) -> None:
    encoding = sent.strip().lower()
    if encoding not in ("", "identity"):
        msg = f"a body with Content-Encoding {_shown(encoding)} is not read: send it plain"
        raise UnsupportedMediaTypeError(msg)


def _shown(value: str) -> str:
    return value[:64] or "an empty one"
