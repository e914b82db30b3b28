"""Do the vendors' own SDKs, unchanged, list and retrieve our models?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import anthropic
import openai
import pytest
from anthropic import Anthropic
from openai import OpenAI
from openai.types import Model
from starlette.testclient import TestClient

from contracts import ModelInfo, ModelStatus, ProviderType
from tests.api.conftest import CALLER_KEY, MakeClient

MANY: dict[str, Any] = {"bulk": {"type": "mock", "models": [f"mock-{n}" for n in range(45)]}}


@pytest.fixture
def client(make_client: MakeClient) -> TestClient:
    """The app with a caller's key, and with more models than a page holds."""
    rows = {"mock": {"type": "mock", "enabled": True}, **MANY, "local": {"type": "local", "enabled": False}}
    return make_client(callers=True, fallback_order=("mock", "bulk"), providers=rows)


@contextmanager
def openai_sdk(client: TestClient, key: str = CALLER_KEY) -> Iterator[OpenAI]:
    yield OpenAI(base_url="http://testserver/v1", api_key=key, http_client=client, max_retries=0)


@contextmanager
def anthropic_sdk(client: TestClient, key: str = CALLER_KEY) -> Iterator[Anthropic]:
    yield Anthropic(base_url="http://testserver", api_key=key, http_client=client, max_retries=0)


def ours(model: Model) -> ModelInfo:
    """What the SDK keeps of ours beside its own fields."""
    return ModelInfo.model_validate(model.to_dict()["llm_service"])


def test_openai_sdk_lists_models(client: TestClient) -> None:
    """Typed, all of them, with what is ours beside what is the SDK's."""
    with openai_sdk(client) as sdk:
        models = list(sdk.models.list())
    assert [model.id for model in models][:2] == ["auto", "mock-echo"]
    assert len(models) > 45
    assert {(model.object, model.owned_by) for model in models} == {
        ("model", "llm-provider-service"),
        ("model", "mock"),
    }
    assert {ours(model).status for model in models} == {ModelStatus.READY}


def test_openai_sdk_retrieves_a_model(client: TestClient) -> None:
    """Also by a name with a slash, which it escapes."""
    with openai_sdk(client) as sdk:
        assert sdk.models.retrieve("bulk/mock-7").id == "bulk/mock-7"
        assert sdk.models.retrieve("auto").created == 0


def test_openai_sdk_raises_its_own_errors(client: TestClient) -> None:
    """By the status, with our code and sentence on them."""
    with openai_sdk(client) as sdk, pytest.raises(openai.NotFoundError) as missing:
        sdk.models.retrieve("moc-echo")
    assert missing.value.code == "model_not_found"
    assert "did you mean mock-echo" in missing.value.message
    with openai_sdk(client, key="wrong") as sdk, pytest.raises(openai.AuthenticationError):
        sdk.models.list()


def test_anthropic_sdk_lists_models_page_by_page(client: TestClient) -> None:
    """Its auto-paging asks for each page of twenty, and gets every model once."""
    with anthropic_sdk(client) as sdk:
        page = sdk.models.list()
        models = list(sdk.models.list())
        by_seven = list(sdk.models.list(limit=7))
    assert (len(page.data), page.has_more, page.first_id) == (20, True, "auto")
    listed = [model.id for model in models]
    assert len(listed) == len(set(listed)) > 45
    assert [model.id for model in by_seven] == listed


def test_anthropic_sdk_pages_backwards(client: TestClient) -> None:
    """From a cursor to the beginning: each page in order, the pages from the last to the first."""
    with anthropic_sdk(client) as sdk:
        forwards = [model.id for model in sdk.models.list(limit=1000)]
        backwards = [model.id for model in sdk.models.list(before_id=forwards[20], limit=8)]
    assert backwards == [*forwards[12:20], *forwards[4:12], *forwards[:4]]


def test_anthropic_sdk_reads_a_model_as_its_own(client: TestClient) -> None:
    """Release, stage of life, abilities: every field of its type is there; the beta client reads the same."""
    with anthropic_sdk(client) as sdk:
        model = sdk.models.retrieve("mock-echo")
        beta = sdk.beta.models.retrieve("bulk/mock-7")
        stages = sdk.models.list(lifecycle=["deprecated"]).data
    assert (model.type, model.display_name, model.lifecycle) == ("model", "mock-echo", "active")
    assert model.created_at == datetime(1970, 1, 1, tzinfo=UTC)
    assert model.capabilities is not None
    assert model.capabilities.image_input.supported
    assert model.capabilities.thinking.types.disabled.supported
    assert type(model).model_validate(model.to_dict(), strict=False) == model
    assert beta.id == "bulk/mock-7"
    assert stages == []


def test_anthropic_sdk_raises_its_own_errors(client: TestClient) -> None:
    """By the status, with the dialect's type in the body."""
    with anthropic_sdk(client) as sdk, pytest.raises(anthropic.NotFoundError) as missing:
        sdk.models.retrieve("moc-echo")
    body: Any = missing.value.body
    assert body["error"]["type"] == "not_found_error"
    with anthropic_sdk(client) as sdk, pytest.raises(anthropic.BadRequestError):
        sdk.models.list(after_id="gone")
    with anthropic_sdk(client, key="wrong") as sdk, pytest.raises(anthropic.AuthenticationError):
        sdk.models.list()


@pytest.mark.parametrize("kind", ProviderType)
def test_sdks_read_the_models_of_each_vendor(make_client: MakeClient, kind: ProviderType) -> None:
    """Every entry of every vendor's list validates as each SDK's own type, nothing left over for it to guess."""
    row = {"type": kind.value, "enabled": True} | ({} if kind is ProviderType.LOCAL else {"api_key": "sk-0123456789"})
    off = {other.value: {"type": other.value, "enabled": False} for other in ProviderType if other is not kind}
    client = make_client(callers=True, fallback_order=(kind.value,), providers={**off, kind.value: row})
    with openai_sdk(client) as theirs, anthropic_sdk(client) as others:
        listed = list(theirs.models.list())
        answering = list(others.models.list(limit=1000))
    known = {model.id: ours(model) for model in listed}
    assert known["auto"].providers == (kind.value,)
    assert [model.id for model in answering] == [name for name, info in known.items() if info.capabilities.chat]
    assert all(type(model).model_validate(model.to_dict()) for model in listed)
    assert all(type(model).model_validate(model.to_dict()) for model in answering)


def test_list_asks_no_vendor(make_client: MakeClient) -> None:
    """The models of a row are listed though nobody answers at its address."""
    rows = {"away": {"type": "openai", "base_url": "http://127.0.0.1:9/v1", "models": ["one", "two"]}}
    client = make_client(callers=True, fallback_order=("away",), providers=rows)
    with openai_sdk(client) as sdk:
        assert {"one", "two"} <= {model.id for model in sdk.models.list()}
