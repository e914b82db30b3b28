"""How is an error said at the drop-in surfaces?"""

from __future__ import annotations

import json
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from app.http.edge import Edge
from app.http.passage import Passage
from app.surfaces.dialect import Dialect, dialect_of
from app.surfaces.dialect_errors import ERRORS, is_worth_retrying, speak_dialect
from contracts import (
    AuthenticationError,
    CallerAuthenticationError,
    CircuitOpenError,
    InternalError,
    InvalidOutputError,
    InvalidRequestError,
    LLMProviderError,
    LLMTimeoutError,
    Problem,
    ProviderDisabledError,
    ProviderUnavailableError,
    QuotaExceededError,
    RateLimitExceededError,
    ShuttingDownError,
    StoreUnavailableError,
)
from tests.unit.http.asgi import Exchange, local_scope


@pytest.mark.parametrize(
    "path,headers,dialect",
    [
        ("/v1/chat/completions", {}, Dialect.OPENAI),
        ("/v1/messages", {}, Dialect.ANTHROPIC),
        ("/v1/messages/count_tokens", {}, Dialect.ANTHROPIC),
        ("/v1/messagesx", {}, Dialect.OPENAI),
        ("/v1/models", {}, Dialect.OPENAI),
        ("/v1/models", {"anthropic-version": "2023-06-01"}, Dialect.ANTHROPIC),
        ("/v1", {}, Dialect.OPENAI),
        ("/v10/messages", {}, None),
        ("/process", {"anthropic-version": "2023-06-01"}, None),
    ],
)
def test_dialect_is_said_by_path_and_header(path: str, headers: dict[str, str], dialect: Dialect | None) -> None:
    """Below /v1 there is always one, and nowhere else."""
    assert dialect_of(local_scope("POST", path, headers)) is dialect


def test_dialect_errors_are_each_vendors_own() -> None:
    """The same error, as each SDK reads it; a rule of a field is a 400."""
    error = InvalidRequestError("n: must be 1", request_id="req_1")
    openai, anthropic = (ERRORS[dialect].of_error(error) for dialect in (Dialect.OPENAI, Dialect.ANTHROPIC))
    assert (openai.status, anthropic.status) == (400, 400)
    assert json.loads(openai.body)["error"]["message"] == "n: must be 1"
    assert json.loads(anthropic.body)["error"]["type"] == "invalid_request_error"
    assert json.loads(anthropic.body)["request_id"] == "req_1"


@pytest.mark.parametrize("status,kind", [(404, "not_found_error"), (405, "invalid_request_error")])
def test_dialect_errors_of_routing_are_theirs_too(status: int, kind: str) -> None:
    """What the framework refuses has the shape of every other error."""
    problem = Problem(type="urn:x", title="X", status=status, detail="no", error_type="not_found", request_id="req_1")
    openai, anthropic = (json.loads(ERRORS[dialect].of_routing(problem).body) for dialect in Dialect)
    ours = openai["error"].pop("llm_service")
    assert openai == {"error": {"message": "no", "type": "invalid_request_error", "param": None, "code": "not_found"}}
    assert ours == {"error_type": "not_found", "request_id": "req_1"}
    assert (anthropic["type"], anthropic["error"]["type"], anthropic["request_id"]) == ("error", kind, "req_1")
    assert ERRORS[Dialect.OPENAI].of_routing(problem).status == status


def _tried_all(error: LLMProviderError) -> LLMProviderError:
    error.retry_is_pointless = True
    return error


@pytest.mark.parametrize(
    "error,is_worth",
    [
        (RateLimitExceededError(), True),
        (ProviderUnavailableError(retry_after=1), True),
        (ProviderUnavailableError("no provider is usable"), False),
        (CircuitOpenError(retry_after=3), True),
        (ShuttingDownError(), True),
        (StoreUnavailableError(), True),
        (_tried_all(RateLimitExceededError(retry_after=1)), False),
        (_tried_all(ProviderUnavailableError()), False),
        (QuotaExceededError(), False),
        (AuthenticationError(), False),
        (InvalidOutputError(), False),
        (ProviderDisabledError(), False),
        (LLMTimeoutError(), False),
        (InternalError(), False),
    ],
)
def test_dialect_errors_tell_sdks_when_to_try_again(error: LLMProviderError, is_worth: bool) -> None:
    """SDKs would repeat each of these by its status; they are stopped where that is for nothing."""
    assert is_worth_retrying(error) is is_worth
    for dialect in Dialect:
        assert ("x-should-retry" in ERRORS[dialect].of_error(error).headers) is not is_worth


def test_dialect_errors_say_nothing_of_retries_that_no_sdk_makes() -> None:
    """A 401 is not repeated anyway."""
    assert ERRORS[Dialect.OPENAI].of_error(CallerAuthenticationError()).headers == {}


@pytest.mark.parametrize("seconds,told", [(0.0, "100"), (0.25, "250"), (2.0001, "2001"), (1e9, "3600000")])
def test_dialect_errors_say_when_to_come_back_to_the_millisecond(seconds: float, told: str) -> None:
    """SDKs read it before Retry-After; never at once, and never in days."""
    error = RateLimitExceededError(retry_after=seconds)
    assert ERRORS[Dialect.OPENAI].of_error(error).headers["retry-after-ms"] == told


async def _answers(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"x"})


@pytest.mark.parametrize("path,has_id", [("/v1/messages", True), ("/v1/responses", False), ("/process", False)])
async def test_dialect_gives_anthropics_sdk_its_id(path: str, has_id: bool) -> None:
    """It reads `request-id`; the others read `x-request-id`, which every answer has."""
    exchange = Exchange(Passage(_answers, Edge(), speak_dialect), local_scope("POST", path))
    await exchange.run()
    assert exchange.headers.get("request-id") == (exchange.headers["x-request-id"] if has_id else None)
    assert exchange.is_whole


async def test_dialect_leaves_the_lifespan_alone() -> None:
    """It has no path."""
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    async def nothing(*_: Any) -> Message:
        return {}

    await Passage(app, Edge(), speak_dialect)({"type": "lifespan"}, nothing, nothing)  # type: ignore[arg-type]
    assert seen == ["lifespan"]
