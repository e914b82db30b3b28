"""Does a key that is limited to models get at another by any call, or by any field of one?"""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from contracts import KeyCreated
from tests.api.conftest import MakeClient
from tests.api.made_keys import ADMIN, made

ALLOWED = "second/mock-echo"
TURN = {"role": "user", "content": "hi"}
CHAT: dict[str, Any] = {"model": ALLOWED, "messages": [TURN], "max_tokens": 5}
IMAGES = [{"type": "image_generation", "model": "other"}]
BODIES: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": CHAT,
    "/v1/responses": {"model": ALLOWED, "input": "hi"},
    "/v1/messages": CHAT,
    "/v1/messages/count_tokens": {"model": ALLOWED, "messages": [TURN]},
    "/v1/embeddings": {"model": ALLOWED, "input": "hi"},
    "/process": {"prompt": "hi", "provider": "second", "model": "mock-echo"},
    "/process/stream": {"prompt": "hi", "model": ALLOWED},
    "/api/v1/comparison": {"user_prompt": "which?", "essay_a": "a", "essay_b": "b", "provider": "second"},
}
SURFACES = [path for path in BODIES if path.startswith("/v1/")]


@pytest.fixture
def limited(guarded: TestClient) -> KeyCreated:
    """A key for one model of one row."""
    return made(guarded, ADMIN, models=[ALLOWED])


def answered(client: TestClient, key: KeyCreated, path: str, **changes: Any) -> tuple[int, str]:
    """Status and text of the answer."""
    answer = client.post(path, json={**BODIES[path], **changes}, headers={"x-api-key": key.key})
    return answer.status_code, answer.text


def steered(path: str, beside: dict[str, Any]) -> dict[str, Any]:
    """`beside` where the call has it: the surfaces in an object of their own."""
    return {"llm_service": beside} if path.startswith("/v1/") else beside


def check_forbidden(answer: tuple[int, str], key: KeyCreated, what: str) -> None:
    """403, with whose key it is and what it may not use."""
    status, text = answer
    assert (status, key.id in text) == (403, True), text
    assert f"is limited to models and may not use {what}:" in text


def test_limited_key_asks_its_model(guarded: TestClient, limited: KeyCreated) -> None:
    """So what is refused below is refused for what it adds. The row makes no vectors."""
    statuses = {path: answered(guarded, limited, path)[0] for path in BODIES if path != "/v1/embeddings"}
    assert set(statuses.values()) == {200}


def test_limited_key_sends_no_field_that_is_not_known(guarded: TestClient, limited: KeyCreated) -> None:
    """A vendor that routes by itself could take it for another model; a key of providers only may send it."""
    free = made(guarded, ADMIN, providers=["second"])
    for path in SURFACES:
        for field in ("models", "route", "preset", "plugins", "speculative", "x_new"):
            check_forbidden(answered(guarded, limited, path, **{field: ["other"]}), limited, field)
        if path != "/v1/embeddings":
            assert answered(guarded, free, path, x_new=["other"])[0] == 200


NAMING: list[tuple[str, dict[str, Any], str]] = [
    ("/v1/responses", {"tools": IMAGES}, "tools.0.model"),
    ("/v1/responses", {"prompt": {"id": "pmpt_1"}}, "prompt"),
    ("/v1/responses", {"input": [{**TURN, "tools": IMAGES}]}, "input.0.tools.0.model"),
    ("/v1/messages", {"fallbacks": [{"model": "other"}]}, "fallbacks"),
    ("/v1/messages", {"tools": [{"type": "advisor_1", "name": "a", "model": "other"}]}, "tools.0.model"),
    ("/v1/messages/count_tokens", {"fallbacks": [{"model": "other"}]}, "fallbacks"),
    ("/v1/chat/completions", {"moderation": {"model": "other"}}, "moderation.model"),
]


def test_limited_key_names_no_model_beside_its_own(guarded: TestClient, limited: KeyCreated) -> None:
    """In fields that the dialect has."""
    for path, fields, what in NAMING:
        check_forbidden(answered(guarded, limited, path, **fields), limited, what)


@pytest.mark.parametrize("options,what", [({"models": ["other"]}, "models"), ({"tools": IMAGES}, "tools.0.model")])
def test_limited_key_names_no_model_in_options(
    guarded: TestClient, limited: KeyCreated, options: dict[str, Any], what: str
) -> None:
    """Nor in the parameters of a fallback; a comparison has those only."""
    fallback = {"provider": "second", "model": "mock-echo", "params": options}
    for path in BODIES:
        for beside, named in (
            ({"vendor_options": {"second": options}}, f"vendor_options.second.{what}"),
            ({"fallback_providers": [fallback]}, f"the params of second: {what}"),
        ):
            if path != "/api/v1/comparison" or "vendor_options" not in beside:
                check_forbidden(answered(guarded, limited, path, **steered(path, beside)), limited, named)


def test_limited_key_names_no_model_in_a_batch(guarded: TestClient, limited: KeyCreated) -> None:
    """Each item is judged as if it came alone."""
    options = {"vendor_options": {"second": {"models": ["other"]}}}
    items = [BODIES["/process"], {**BODIES["/process"], **options}]
    answer = guarded.post("/process/batch", json={"requests": items}, headers={"x-api-key": limited.key}).json()
    assert (answer["succeeded"], answer["failed"]) == (1, 1)


def test_limited_key_asks_no_model_of_the_same_letters(guarded: TestClient, limited: KeyCreated) -> None:
    """`second/second/mock-echo` is a model `second/mock-echo` at that row, and so not the one that is allowed."""
    for path in SURFACES:
        assert answered(guarded, limited, path, model=f"second/{ALLOWED}")[0] == 403
    assert answered(guarded, limited, "/process", model=ALLOWED)[0] == 403


def test_field_in_another_case_is_refused_for_every_key(guarded: TestClient) -> None:
    """There are servers that would take it, and look at no other."""
    free = made(guarded, ADMIN)
    for path in SURFACES:
        for field in ("Model", "MODEL", "Llm_Service"):
            status, text = answered(guarded, free, path, **{field: "other"})
            assert (status, f"{field}: must be written {field.lower()}" in text) == (400, True)


def test_option_that_is_ours_is_refused_for_every_key(make_client: MakeClient) -> None:
    """Whether the body is encoded or passed, no vendor gets it; where tokens are only estimated nobody is asked."""
    row = {"type": "openai", "base_url": "http://127.0.0.1:9", "api_key": "sk-x", "default_model": "mock-echo"}
    client = make_client(providers={"second": {**row, "models": ["mock-echo"]}}, fallback_order=("second",))
    for path in BODIES.keys() - {"/api/v1/comparison", "/v1/messages/count_tokens"}:
        for field in ("Model", "llm_service"):
            beside = steered(path, {"vendor_options": {"second": {field: "other"}}})
            answer = client.post(path, json={**BODIES[path], **beside})
            assert answer.status_code in (400, 422), path
            assert f"vendor_options.second.{field} is not allowed" in answer.text
