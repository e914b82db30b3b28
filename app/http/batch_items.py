"""Which items of a batch can be asked? Each is checked by itself, so that a bad one never fails the others."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from fastapi import Request

from app.http.aside import read_aside
from app.http.body import parse_model, read_json_bytes
from app.http.edge import edge_of
from app.http.field_errors import refused
from app.http.json_text import parse_json
from app.http.trail import new_request_id
from app.ports.trail import Trail
from contracts import ComparisonRequest, FieldError, InvalidRequestError, LLMProviderError, LLMRequest
from contracts.field_errors import shown_key

Item = TypeVar("Item", LLMRequest, ComparisonRequest)
Answer = TypeVar("Answer")


async def read_batch(request: Request, trail: Trail, model: type[Item]) -> list[Item | InvalidRequestError]:
    """Every item of the body's `requests` in order, as a `model` or as what is wrong with it.

    Raises InvalidRequestError when there is no such list, it is empty or longer than `max_batch_size`, and what
    `read_json_bytes` raises.
    """
    body = await read_json_bytes(request)
    items = await read_aside(len(body), lambda: _listed(parse_json(body)))
    limit = (await edge_of(request).service.get_configuration()).config.max_batch_size
    if not 1 <= len(items) <= limit:
        message = f"must have 1 to {limit} items (max_batch_size of the configuration), not {len(items)}"
        raise refused([FieldError(field="requests", message=message)])
    return await read_aside(
        len(body), lambda: [_item(one, f"requests.{n}", trail, model) for n, one in enumerate(items)]
    )


async def outcomes_of(
    items: Sequence[Item | InvalidRequestError],
    process: Callable[[list[Item]], Awaitable[list[Answer | LLMProviderError]]],
) -> list[Answer | LLMProviderError]:
    """What became of each item, in their order; only those that could be read are processed, if there are any."""
    asked = [item for item in items if not isinstance(item, InvalidRequestError)]
    answered = iter(await process(asked) if asked else ())
    return [item if isinstance(item, InvalidRequestError) else next(answered) for item in items]


def _listed(data: Any) -> list[Any]:
    if not isinstance(data, dict):
        raise refused([FieldError(field="", message="must be an object")])
    wrong = [
        FieldError(field=shown_key(key), message="is not a known field", hint="the only field is requests")
        for key in data
        if key != "requests"
    ]
    if wrong:
        raise refused(wrong)
    items = data.get("requests")
    if not isinstance(items, list):
        message = "must be a list" if "requests" in data else "is required"
        raise refused([FieldError(field="requests", message=message)])
    return items


def _item(data: Any, at: str, trail: Trail, model: type[Item]) -> Item | InvalidRequestError:
    try:
        asked = parse_model(json.dumps(data).encode(), data, model, at)
    except InvalidRequestError as error:
        given = data if isinstance(data, dict) else {}
        error.request_id = _id(given.get("request_id")) or new_request_id()
        error.correlation_id = _id(given.get("correlation_id")) or trail.correlation_id
        return error
    if asked.correlation_id is not None:
        return asked
    return asked.model_copy(update={"correlation_id": trail.correlation_id})


def _id(given: Any) -> str | None:
    is_id = isinstance(given, str) and 1 <= len(given) <= 128 and given.isascii() and given.isprintable()
    return given if is_id else None
