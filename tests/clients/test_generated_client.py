"""Does a client that is generated from openapi.yaml work: every operation, typed, with no warnings?"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest

from tests.clients import document
from tests.clients.conftest import ADMIN_KEY
from tests.clients.first_state import FirstState
from tests.clients.generated_client import GeneratedClient, generate_client
from tests.clients.running_service import RunningService

_DOCUMENT = document.read_document()
_OPERATIONS = document.operations(_DOCUMENT)
_GUARDED = sorted(set(_OPERATIONS) - {"get_healthz", "get_livez", "get_readyz"})
_Arguments = Callable[[GeneratedClient], dict[str, Any]]


def _nothing(_: GeneratedClient) -> dict[str, Any]:
    return {}


def _provider(_: GeneratedClient) -> dict[str, Any]:
    return {"provider": "mock"}


def _key(_: GeneratedClient) -> dict[str, Any]:
    return {"key_id": "of a key that is made for the call"}


def _request(client: GeneratedClient) -> dict[str, Any]:
    return {"body": client.model("LLMRequest", prompt="Say one.", max_tokens=8), "x_correlation_id": "generated-1"}


def _turns(client: GeneratedClient, name: str, **fields: Any) -> Any:
    turn = {"role": "user", "content": "Say one."}
    kind = getattr(client.models, name)
    return kind.from_dict({"model": "auto", "messages": [turn], **fields})


def _batch(client: GeneratedClient) -> dict[str, Any]:
    requests = [client.model("LLMRequest", prompt=prompt) for prompt in ("Say one.", "Say two.")]
    return {"body": client.model("BatchRequest", requests=requests)}


def _essays(client: GeneratedClient) -> Any:
    return client.model("ComparisonRequest", user_prompt="Which is better?", essay_a="The sea.", essay_b="Fish.")


def _patch(client: GeneratedClient) -> dict[str, Any]:
    breaker = client.model("CircuitBreakerConfigUpdate", failure_threshold=5)
    return {"body": client.model("LLMProviderConfigUpdate", max_retries=2, circuit_breaker=breaker), "if_match": "*"}


# An operation that is new in the document needs its line here.
_CALLS: dict[str, _Arguments] = {
    "process_request": _request,
    "process_stream": _request,
    "process_batch": _batch,
    "explain_request": _request,
    "compare_essays": lambda client: {"body": _essays(client)},
    "compare_essays_batch": lambda client: {"body": client.model("ComparisonBatchRequest", requests=[_essays(client)])},
    "create_chat_completion": lambda client: {"body": _turns(client, "ChatCompletionRequest")},
    "create_response": lambda client: {"body": client.model("ResponseRequest", model="auto", input_="Say one.")},
    "create_message": lambda client: {"body": _turns(client, "MessageRequest", max_tokens=8)},
    "count_message_tokens": lambda client: {"body": _turns(client, "TokenCountRequest")},
    "create_embedding": lambda client: {"body": client.model("EmbeddingsRequest", model="auto", input_="Say one.")},
    "list_models": _nothing,
    "get_model": lambda _: {"model": "mock-echo"},
    "list_providers": _nothing,
    "get_provider_overview": _nothing,
    "get_provider": _provider,
    "enable_provider": _provider,
    "disable_provider": _provider,
    "get_provider_health": _provider,
    "test_provider": lambda _: {"provider": "mock", "deep": True},
    "test_listed_provider": _provider,
    "list_circuit_breakers": _nothing,
    "reset_circuit_breaker": _provider,
    "get_cache_stats": _nothing,
    "clear_cache": lambda _: {"provider": "mock", "model": "mock-echo"},
    "get_configuration": _nothing,
    "put_configuration": _patch,
    "update_configuration": _patch,
    "get_statistics": _nothing,
    "reset_statistics": _nothing,
    "get_usage_report": lambda client: {"body": client.model("UsageQuery", tenant="school")},
    "get_usage_summary": _nothing,
    "create_key": lambda client: {"body": client.model("KeyCreate", name="essay marker", tags=["essays"])},
    "list_keys": _nothing,
    "get_key": _key,
    "rotate_key": lambda client: {**_key(client), "body": client.model("KeyRotate", grace_seconds=60)},
    "revoke_key": _key,
    "get_audit": lambda _: {"actor": "admin", "limit": 5},
    "get_health": _nothing,
    "get_memory": _nothing,
    "get_status": _nothing,
    "get_healthz": _nothing,
    "get_livez": _nothing,
    "get_readyz": _nothing,
    "get_metrics": _nothing,
}


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> GeneratedClient:
    """The client, generated without a warning, every module of it imported."""
    return generate_client(tmp_path_factory.mktemp("generated"))


@pytest.fixture
def service(open_service: RunningService) -> Iterator[RunningService]:
    """The open service, put back to its first state afterwards."""
    with httpx2.Client(base_url=open_service.url) as client:
        first = FirstState(client)
        yield open_service
        first.restore()


def test_table_names_every_operation() -> None:
    """The calls below are those of the document: none is missing, none is left over."""
    assert _CALLS.keys() == _OPERATIONS.keys()


@pytest.mark.parametrize("operation", _OPERATIONS)
def test_operation_answers_its_type(generated: GeneratedClient, service: RunningService, operation: str) -> None:
    """A plain call gives the class that the document names, with every field of the answer and no other."""
    with generated.connect(service.url) as client:
        answer = generated.call(operation).sync_detailed(client=client, **arguments(generated, operation, service))
    check_answer(generated, operation, answer)


@pytest.mark.parametrize("operation", _OPERATIONS)
async def test_operation_answers_its_type_to_asyncio(
    generated: GeneratedClient, service: RunningService, operation: str
) -> None:
    """The same by asyncio."""
    async with generated.connect(service.url) as client:
        asked = arguments(generated, operation, service)
        answer = await generated.call(operation).asyncio_detailed(client=client, **asked)
    check_answer(generated, operation, answer)


def test_stream_is_read_while_it_is_written(generated: GeneratedClient, service: RunningService) -> None:
    """The client's own HTTP client reads the events of a stream one by one; `sync` gives them as one text."""
    request = generated.model("LLMRequest", prompt="Say one.", preferred_provider="local", max_tokens=8)
    with generated.connect(service.url) as client:
        arguments = generated.call("process_stream")._get_kwargs(body=request)
        with client.get_httpx_client().stream(**arguments) as response:
            events = [line.removeprefix("event: ") for line in response.iter_lines() if line.startswith("event: ")]
    assert events[0] == "start"
    assert events[-1] == "done"
    assert set(events[1:-1]) == {"text"}
    assert len(events) > 4


def test_stream_as_text_ends_in_a_typed_answer(generated: GeneratedClient, service: RunningService) -> None:
    """The last event of the text is an LLMResponse."""
    with generated.connect(service.url) as client:
        text = generated.call("process_stream").sync(client=client, **_request(generated))
    name, data = text.strip().split("\n\n")[-1].split("\n")
    answer = generated.models.LLMResponse.from_dict(json.loads(data.removeprefix("data: ")))
    assert name == "event: done"
    assert answer.content == "[mock] Say one."
    assert answer.correlation_id == "generated-1"


def test_embedded_model_answers_typed(generated: GeneratedClient, service: RunningService) -> None:
    """A real model's answer has its text, usage and attempts as attributes."""
    request = generated.model("LLMRequest", prompt="Say one.", preferred_provider="local", max_tokens=8)
    with generated.connect(service.url) as client:
        answer = generated.call("process_request").sync(client=client, body=request)
    assert answer.provider == "local"
    assert answer.content
    assert 0 < answer.usage.output_tokens <= 8
    assert [attempt.outcome for attempt in answer.attempts] == [generated.models.AttemptOutcome.SUCCESS]


@pytest.mark.parametrize(
    "operation,arguments,status,error_type",
    [
        ("process_request", {"prompt": "Hi.", "preferred_provider": "opnai"}, 404, "provider_not_found"),
        ("process_request", {"prompt": "Hi.", "model": "mock/mock-404"}, 404, "model_not_found"),
        ("process_request", {"prompt": "Hi.", "model": "mock/mock-context-length"}, 400, "context_length_exceeded"),
        ("process_request", {"prompt": " "}, 422, "invalid_request"),
        ("process_stream", {"prompt": "Hi.", "messages": []}, 422, "invalid_request"),
        ("process_stream", {"prompt": "Hi.", "temperature": 3.5}, 422, "invalid_request"),
    ],
)
def test_bad_request_gives_a_typed_problem(
    generated: GeneratedClient,
    service: RunningService,
    operation: str,
    arguments: dict[str, Any],
    status: int,
    error_type: str,
) -> None:
    """A request that is refused is answered as a Problem that says why."""
    with generated.connect(service.url) as client:
        answer = generated.call(operation).sync_detailed(client=client, body=generated.model("LLMRequest", **arguments))
    check_problem(generated, answer, status, error_type)


def test_bad_field_of_configuration_is_named(generated: GeneratedClient, service: RunningService) -> None:
    """A refused patch names its field in the typed errors."""
    patch = generated.model("LLMProviderConfigUpdate", max_retries=9)
    with generated.connect(service.url) as client:
        answer = generated.call("update_configuration").sync_detailed(client=client, body=patch)
    check_problem(generated, answer, 422, "invalid_configuration")
    assert [error.field for error in answer.parsed.errors] == ["max_retries"]


def test_lost_update_gives_a_typed_problem(generated: GeneratedClient, service: RunningService) -> None:
    """A patch for a revision that has passed is a 412."""
    patch = generated.model("LLMProviderConfigUpdate", max_retries=1)
    with generated.connect(service.url) as client:
        answer = generated.call("put_configuration").sync_detailed(client=client, body=patch, if_match='"0"')
    check_problem(generated, answer, 412, "configuration_conflict")


@pytest.mark.parametrize("operation", _GUARDED)
def test_wrong_key_gives_a_typed_problem(
    generated: GeneratedClient, guarded_service: RunningService, operation: str
) -> None:
    """With a key configured, every operation but the probes refuses another one, and no key."""
    arguments = _CALLS[operation](generated)
    for key in (None, "wrong"):
        with generated.connect(guarded_service.url, key) as client:
            answer = generated.call(operation).sync_detailed(client=client, **arguments)
        check_problem(generated, answer, 401, "authentication_required")


def test_right_key_opens(generated: GeneratedClient, guarded_service: RunningService) -> None:
    """An AuthenticatedClient with the key is served."""
    with generated.connect(guarded_service.url, ADMIN_KEY) as client:
        answer = generated.call("get_status").sync(client=client)
    assert answer.status == "running"


def arguments(generated: GeneratedClient, operation: str, service: RunningService) -> dict[str, Any]:
    """What the operation is called with; where that is a key, one that is there."""
    asked = _CALLS[operation](generated)
    if "key_id" in asked:
        created = httpx2.post(f"{service.url}/api/v1/keys", json={"name": "asked for"})
        asked["key_id"] = created.json()["id"]
    return asked


def check_answer(generated: GeneratedClient, operation: str, answer: Any) -> None:
    method, path = _OPERATIONS[operation]
    responses = _DOCUMENT["paths"][path][method.lower()]["responses"]
    good = "200" if "200" in responses else "201"
    assert answer.status_code == int(good), answer.content
    content = responses[good]["content"]
    # What can also be had in another form (a report as CSV) is had as JSON unless that is asked for.
    schema = content.get("application/json", next(iter(content.values())))["schema"]
    if schema.get("type") == "string":
        assert answer.parsed == answer.content.decode()
        return
    parsed, body = answer.parsed, json.loads(answer.content)
    if schema.get("type") == "array":
        assert len(parsed) == len(body) > 0
        schema, parsed, body = schema["items"], parsed[0], body[0]
    if "anyOf" in schema:
        # Made for this operation alone, after its titles.
        assert type(parsed).__name__.endswith(tuple(one["title"] for one in schema["anyOf"]))
    else:
        assert type(parsed) is getattr(generated.models, schema["$ref"].rpartition("/")[2])
    assert parsed.to_dict().keys() == body.keys()


def check_problem(generated: GeneratedClient, answer: Any, status: int, error_type: str) -> None:
    assert answer.status_code == status
    if isinstance(answer.parsed, generated.models.OpenAIError | generated.models.AnthropicError):
        assert answer.parsed.error.llm_service["error_type"] == error_type
        return
    assert isinstance(answer.parsed, generated.models.Problem), answer.content
    assert answer.parsed.status == status
    assert answer.parsed.error_type == error_type
    assert answer.parsed.request_id == answer.headers["x-request-id"]
