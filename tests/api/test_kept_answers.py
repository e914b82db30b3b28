"""What a vendor keeps, at two accounts and for two tenants: who may build on it, and who is asked?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import anthropic
import openai
import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from contracts.kept_state import NOT_KNOWN
from tests.api.conftest import ADMIN_KEY
from tests.api.made_keys import ADMIN, made
from tests.kit.surfaces.answer import Answer
from tests.kit.surfaces.rows import config_of, row_of
from tests.kit.surfaces.vendor import Cut, Refusal, Rest, Vendor, running_vendor

WHOLE = Answer(pieces=("The quick ", "brown fox ", "jumps over ", "it."))
# What the vendors call every answer of theirs, its message, and Anthropic's.
KEPT, ITEM, MESSAGE = "resp_v", "msg_1", "msg_v"
AT_SECOND = {"llm_service": {"preferred_provider": "second"}}
THREAD = {"type": "continue", "previous_message_id": MESSAGE}
TURN = {"role": "user", "content": "x"}
Make = Callable[..., TestClient]


@pytest.fixture
def accounts() -> Iterator[tuple[Vendor, Vendor]]:
    """The vendors behind the rows `first` and `second`."""
    with running_vendor() as first, running_vendor() as second:
        for vendor in (first, second):
            vendor.script = [WHOLE]
        yield first, second


@pytest.fixture
def make(accounts: tuple[Vendor, Vendor]) -> Iterator[Make]:
    """Makes a client of a service that has both accounts, of one dialect, in turn."""
    with ExitStack() as opened:

        def started(wire: str = "openai_responses", **changes: Any) -> TestClient:
            names = ("first", "second")
            rows = {name: row_of(wire, vendor.server_port) for name, vendor in zip(names, accounts, strict=True)}
            config = config_of(rows, **{"selection_strategy": "round-robin", **changes})
            settings = Settings(config=config, admin_api_key=SecretStr(ADMIN_KEY))
            return opened.enter_context(TestClient(create_app(settings)))

        yield started


def sdk_of(client: TestClient, tenant: str | None = "school", **limits: Any) -> openai.OpenAI:
    """OpenAI's SDK with a key of that tenant."""
    secret = made(client, ADMIN, tenant=tenant, **limits).key
    return openai.OpenAI(base_url="http://testserver/v1", api_key=secret, http_client=client, max_retries=0)


def refused(sdk: openai.OpenAI, **fields: Any) -> tuple[str | None, str]:
    """The field that the SDK's error names, and its sentence."""
    with pytest.raises(openai.BadRequestError) as caught:
        sdk.responses.create(**{"model": "auto", "input": "and then?", **fields})
    body: Any = caught.value.body
    return caught.value.param, body["message"]


def counts(accounts: tuple[Vendor, Vendor]) -> list[int]:
    """How often each account was asked."""
    return [len(vendor.asked) for vendor in accounts]


def test_next_turns_go_to_the_account_that_keeps_the_last(make: Make, accounts: tuple[Vendor, Vendor]) -> None:
    """Plain and streamed, while others go round; by the answer's id or an item's."""
    sdk = sdk_of(make())
    sdk.responses.create(model="auto", input="hi", extra_body=AT_SECOND)
    referring: Any = [{"type": "item_reference", "id": ITEM}, {"role": "user", "content": "and then?"}]
    for _ in range(3):
        assert sdk.responses.create(model="auto", input="and then?", previous_response_id=KEPT).id == KEPT
        with sdk.responses.stream(model="auto", input="and then?", previous_response_id=KEPT) as stream:
            assert stream.get_final_response().output_text == WHOLE.text
        assert sdk.responses.create(model="auto", input=referring).output_text == WHOLE.text
    assert counts(accounts) == [0, 10]
    assert accounts[1].last.body["input"] == referring


def test_answer_is_built_on_by_its_own_tenant_only(make: Make, accounts: tuple[Vendor, Vendor]) -> None:
    """By any of its keys; for others it is as good as one that never was, and no vendor is asked."""
    client = make()
    school, office = sdk_of(client), sdk_of(client, "office")
    school.responses.create(model="auto", input="hi", extra_body=AT_SECOND)
    refusals = {
        refused(office, previous_response_id=KEPT),
        refused(office, previous_response_id="resp_never"),
        refused(school, previous_response_id="resp_never"),
        refused(sdk_of(client, None), previous_response_id=KEPT),
        refused(office, previous_response_id=KEPT, stream=True),
    }
    assert refusals == {("previous_response_id", f"previous_response_id {NOT_KNOWN}")}
    assert refused(office, input=[{"type": "item_reference", "id": ITEM}])[0] == "input.0.id"
    assert refused(office, conversation={"id": KEPT})[0] == "conversation.id"
    assert counts(accounts) == [0, 1]
    assert sdk_of(client).responses.create(model="auto", input="x", previous_response_id=KEPT).id == KEPT


@pytest.mark.parametrize("name", ["previous_response_id", "Previous_Response_Id"])
def test_answer_is_no_other_tenants_by_options_either(make: Make, accounts: tuple[Vendor, Vendor], name: str) -> None:
    """Of any call, as an option of the row or a parameter of a fallback."""
    client = make()
    sdk_of(client).responses.create(model="auto", input="hi", extra_body=AT_SECOND)
    office = {"x-api-key": made(client, ADMIN, tenant="office").key}
    named = {name: KEPT}
    options = {"vendor_options": {"second": named}}
    params = {"fallback_providers": [{"provider": "second", "params": named}], "preferred_provider": "first"}
    for beside in (options, params):
        for path, body in (
            ("/process", {"prompt": "x", **beside}),
            ("/v1/responses", {"model": "auto", "input": "x", "llm_service": beside}),
            ("/v1/chat/completions", {"model": "auto", "messages": [TURN], "llm_service": beside}),
        ):
            answer = client.post(path, json=body, headers=office)
            assert answer.status_code in (400, 422), path
            assert NOT_KNOWN in answer.text
    assert counts(accounts) == [0, 1]


def test_account_that_is_down_is_told_as_itself(make: Make, accounts: tuple[Vendor, Vendor]) -> None:
    """Worth another try, and nothing that the other account says of an id that it never gave."""
    sdk = sdk_of(make())
    sdk.responses.create(model="auto", input="hi", extra_body=AT_SECOND)
    accounts[1].script = [Refusal(503, "overloaded", "try later")]
    with pytest.raises(openai.InternalServerError) as caught:
        sdk.responses.create(model="auto", input="and then?", previous_response_id=KEPT)
    assert caught.value.status_code == 503
    assert counts(accounts) == [0, 2]


def test_stream_that_the_other_account_has_ended_is_not_built_on(make: Make, accounts: tuple[Vendor, Vendor]) -> None:
    """Its id names the half that the first has."""
    sdk = sdk_of(make(selection_strategy="priority"))
    accounts[0].script, accounts[1].script = [Cut(WHOLE, 5)], [Rest(WHOLE)]
    with sdk.responses.stream(model="auto", input="hi") as stream:
        answer = stream.get_final_response()
    assert (answer.id, answer.output_text) == (KEPT, WHOLE.text)
    assert refused(sdk, previous_response_id=KEPT)[0] == "previous_response_id"


def test_answer_that_shall_not_be_kept_is_not_built_on(make: Make) -> None:
    """`store: false`: its vendor would not know it."""
    sdk = sdk_of(make())
    sdk.responses.create(model="auto", input="hi", store=False)
    assert refused(sdk, previous_response_id=KEPT)[0] == "previous_response_id"


def test_restart_forgets(make: Make, accounts: tuple[Vendor, Vendor]) -> None:
    """A tenant sends the conversation; who has none is sent to the first account, and to no other."""
    sdk_of(make()).responses.create(model="auto", input="hi", extra_body=AT_SECOND)
    again = make()
    assert refused(sdk_of(again), previous_response_id=KEPT)[0] == "previous_response_id"
    accounts[0].script = [Refusal(400, "previous_response_not_found", f"Previous response with id {KEPT} not found.")]
    assert "not found" in refused(sdk_of(again, None), previous_response_id=KEPT)[1]
    assert counts(accounts) == [1, 1]


def test_thread_of_another_tenant_is_lost_in_the_words_of_the_sdk(make: Make, accounts: tuple[Vendor, Vendor]) -> None:
    """Its tool runner then sends the whole conversation; counting is no way in either."""
    client = make("anthropic_messages")
    school, office = (
        anthropic.Anthropic(
            base_url="http://testserver",
            api_key=made(client, ADMIN, tenant=tenant).key,
            http_client=client,
            max_retries=0,
        )
        for tenant in ("school", "office")
    )
    asked: Any = {"model": "auto", "max_tokens": 99, "messages": [{"role": "user", "content": "hi"}]}
    school.messages.create(**asked, extra_body={"thread": {"type": "new"}, **AT_SECOND})
    for _ in range(2):
        assert school.messages.create(**asked, extra_body={"thread": THREAD}).id == MESSAGE
    with pytest.raises(anthropic.BadRequestError) as caught:
        office.messages.create(**asked, extra_body={"thread": THREAD})
    body: Any = caught.value.body
    assert body["error"]["details"] == {"error_code": "thread_not_found"}
    with pytest.raises(anthropic.BadRequestError):
        office.messages.count_tokens(model="auto", messages=asked["messages"], extra_body={"thread": THREAD})
    assert counts(accounts) == [0, 3]


def test_limited_key_builds_on_an_answer_of_its_tenant(make: Make) -> None:
    """With the models that it may use; the answer may have been another key's."""
    client = make()
    model = str(row_of("openai_responses", 1)["default_model"])
    sdk_of(client).responses.create(model="auto", input="hi", extra_body=AT_SECOND)
    limited = sdk_of(client, models=[model])
    assert limited.responses.create(model=model, input="x", previous_response_id=KEPT).id == KEPT
    with pytest.raises(openai.PermissionDeniedError):
        sdk_of(client, providers=["first"]).responses.create(model=model, input="x", previous_response_id=KEPT)
