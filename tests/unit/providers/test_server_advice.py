"""Is it said plainly what is wrong with a server that does not answer, or that lacks the model used by default?"""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from app.ports import Provider
from app.providers.registry import VENDORS
from app.providers.server_advice import missing_model
from app.upstream import UpstreamClient
from contracts.errors import (
    AuthenticationError,
    LLMProviderError,
    ProviderProtocolError,
    ProviderUnavailableError,
    ServiceNotStartedError,
)
from tests.unit.providers.vendor_double import LIMITS, ModelServerDouble, VendorDouble

HOST = "http://gpu-1:11434"
TEN = [f"m{number}" for number in range(10)]


class Unanswered(httpx2.AsyncBaseTransport):
    """A way that ends before any reply."""

    def __init__(self, fault: Exception) -> None:
        self.fault = fault

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        raise self.fault


def refused() -> httpx2.ConnectError:
    """Nobody listens there."""
    error = httpx2.ConnectError("no")
    error.__cause__ = ConnectionRefusedError()
    return error


async def told(kind: str, fault: Exception, **config: Any) -> LLMProviderError:
    """What the list of models fails with."""
    row = VendorDouble().row(kind, upstream=UpstreamClient(Unanswered(fault)), **config)
    with pytest.raises(LLMProviderError) as caught:
        await row.list_models(limits=LIMITS)
    return caught.value


async def test_ollama_that_does_not_run_is_asked_for() -> None:
    """Where it was looked for, and what to start."""
    error = await told("ollama", refused(), base_url=HOST)
    assert str(error) == (
        "ollama is not reachable at http://gpu-1:11434: is `ollama serve` running? (ollama refused the connection)"
    )
    late = await told("ollama", httpx2.ConnectTimeout("late"), base_url=HOST)
    assert str(late).endswith("is `ollama serve` running? (ollama did not accept a connection in 5 s)")
    # No status of the vendor's: it never answered.
    assert isinstance(error, ProviderUnavailableError)
    assert isinstance(late, ProviderUnavailableError)
    assert (error.upstream_status, late.upstream_status) == (None, None)


@pytest.mark.parametrize("kind", [vendor.kind.value for vendor in VENDORS if vendor.kind not in ("local", "mock")])
async def test_unreachable_vendor_shows_its_origin_alone(kind: str) -> None:
    """A path or a query may hold a secret of the user's; and no configuration can hold a password in it at all."""
    error = await told(kind, refused(), base_url="https://gateway.example:8443/secret-path/v1")
    assert f"{kind} is not reachable at https://gateway.example:8443" in str(error)
    assert "secret" not in str(error)


async def test_stop_of_the_service_is_no_outage() -> None:
    """It is told as it is."""
    assert isinstance(await told("ollama", httpx2.CloseError("closed"), base_url=HOST), ServiceNotStartedError)


async def test_server_that_answers_is_reachable() -> None:
    """What it says is told instead, a refused key apart from anything else."""
    vendor = VendorDouble()
    vendor.answers(401, {"error": "unauthorized"})
    vendor.answers(500, {"error": "no"})
    vendor.answers(404, {})
    row = vendor.row("ollama", base_url=HOST)
    for kind in (AuthenticationError, ProviderUnavailableError, ProviderProtocolError):
        with pytest.raises(kind) as caught:
            await row.list_models(limits=LIMITS)
        assert "not reachable" not in str(caught.value)
        assert caught.value.upstream_status is not None


def ollama(**config: Any) -> Provider:
    """A row whose default model is llama3.2."""
    return VendorDouble().row("ollama", **config)


@pytest.mark.parametrize(
    "pulled,says",
    [
        ([], "llama3.2 is not pulled: run `ollama pull llama3.2` (pulled: nothing)"),
        (["llama3.2:1b"], "llama3.2 is not pulled: run `ollama pull llama3.2` (pulled: llama3.2:1b)"),
        (["evil\nname", "gpt-oss:20b"], "llama3.2 is not pulled: run `ollama pull llama3.2` (pulled: gpt-oss:20b)"),
        (
            [*TEN, "m10", "m11", "m12"],
            f"llama3.2 is not pulled: run `ollama pull llama3.2` (pulled: {', '.join(TEN)} and 3 more)",
        ),
        (["gpt-oss:20b", "llama3.2:latest"], None),
        (["llama3.2"], None),
    ],
)
def test_model_that_is_not_pulled_says_how_to(pulled: list[str], says: str | None) -> None:
    """And what is there instead, ten at most."""
    assert ollama(base_url=HOST).missing_default_model(pulled) == says


def test_cloud_of_ollama_has_nothing_to_pull() -> None:
    """Its models are listed or they are not."""
    assert ollama(api_key="k").missing_default_model(["llama3.1:8b", "gpt-oss:120b"]) == (
        "ollama does not list its default model llama3.2 (near it: llama3.1:8b)"
    )


@pytest.mark.parametrize(
    "model,listed",
    [
        ("gemini-3.8-flash", "models/gemini-3.8-flash"),
        ("models/gemini-3.8-flash", "gemini-3.8-flash"),
        ("gemini-3.8-flash", "models/gemini-3.8-flash-001"),
        ("claude-haiku-5-5", "claude-haiku-5-5-20260901"),
        ("gpt-6-luna", "gpt-6-luna-2026-08-01"),
        ("gpt-6-luna", "gpt-6-luna"),
        ("anthropic/claude-haiku-5.5:nitro", "anthropic/claude-haiku-5.5"),
        ("llama3.2:latest", "llama3.2"),
        ("llama3.2", "llama3.2:latest"),
    ],
)
def test_model_under_another_spelling_is_listed(model: str, listed: str) -> None:
    """Vendors list some of their models otherwise than they are called."""
    assert missing_model(model, ["x", listed], provider="row", pull_command=None) is None


@pytest.mark.parametrize(
    "model,listed",
    [
        ("gpt-6", "gpt-6-luna"),
        ("gpt-6-luna", "gpt-6-luna-mini"),
        ("llama3.2", "llama3.2:1b"),
        ("meta/llama-4:free", "meta/llama-4"),
        ("claude-haiku-5-5", "claude-haiku-5-5-2026"),
    ],
)
def test_another_model_is_not_taken_for_it(model: str, listed: str) -> None:
    """However alike they are called; the nearest are named."""
    says = missing_model(model, [listed, "qqq"], provider="row", pull_command=None)
    assert says == f"row does not list its default model {model} (near it: {listed})"
    assert missing_model(model, ["qqq"], provider="row", pull_command=None) == (
        f"row does not list its default model {model}"
    )


async def test_limits_seen_by_a_test_are_kept() -> None:
    """A list of models has them in its headers, too."""
    vendor = VendorDouble()
    vendor.answers(200, {"data": []}, x_ratelimit_limit_requests="500", x_ratelimit_remaining_requests="499")
    row = vendor.row("openai")
    await row.list_models(limits=LIMITS)
    (limit,) = row.rate_limits()
    assert (limit.name, limit.limit, limit.remaining) == ("requests", 500, 499)


def test_embedded_model_lacks_nothing() -> None:
    """It serves one model, whatever its server calls it."""
    row = VendorDouble().row("local", api_key=None, model_server=ModelServerDouble())
    assert row.missing_default_model(["/models/tiny.gguf"]) is None
