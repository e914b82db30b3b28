"""Does the service keep to openapi.yaml, whatever is sent? Schemathesis generates it, from the document alone.

Every operation gets the document's examples, each boundary of its schemas, and random requests, valid and invalid,
always the same ones. All checks of Schemathesis are on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.hooks import HookContext

from tests.clients.conftest import ADMIN_KEY
from tests.clients.document import read_document, with_events, with_keys
from tests.clients.first_state import FirstState
from tests.clients.fitting import fit
from tests.clients.running_service import RunningService

_EXAMPLES = 40
_KEY = {"Authorization": f"Bearer {ADMIN_KEY}"}


def _settings() -> SchemathesisConfig:
    config = SchemathesisConfig(seed=20261121)
    # `max_tokens` is no secret, and the key is only this test's.
    config.output.sanitization.enabled = False
    project = config.projects.default
    # NUL: any string may hold it by JSON Schema, and none may by ours; tests/api send it on purpose.
    project.generation.update(max_examples=_EXAMPLES, deterministic=True, allow_x00=False)
    # Every request has the one good key; the check of `ignored_auth` sends its requests without and with a wrong one.
    project.generation.with_security_parameters = False
    # Stricter than the default: a valid request may miss its row or its revision, and nothing else.
    project.checks.positive_data_acceptance.expected_statuses = ["200", "201", "304", "404"]
    # `If-Match` is looked at first: a random one is 412, whatever the body is.
    project.checks.negative_data_rejection.expected_statuses = ["400", "401", "404", "405", "412", "413", "415", "422"]
    return config


schema = schemathesis.openapi.from_dict(with_keys(with_events(read_document())), config=_settings())


class Target:
    """The guarded service, how to get it back, a caller's key there, and how often each status was answered."""

    def __init__(self, url: str, first: FirstState, key_id: str) -> None:
        self.url = url
        self.first = first
        self.key_id = key_id
        self.statuses: Counter[int] = Counter()


@pytest.fixture
def target(guarded_service: RunningService) -> Iterator[Target]:
    """The guarded service as it started; an operation that never succeeded fails here: it was not tested."""
    with httpx2.Client(base_url=guarded_service.url, headers=_KEY) as client:
        key_id = client.post("/api/v1/keys", json={"name": "fuzzed"}).json()["id"]
        made = Target(guarded_service.url, FirstState(client), key_id)
        yield made
        made.first.restore()
    assert made.statuses[200] + made.statuses[201] > 0, made.statuses


@schema.hooks.hook
def filter_failure(
    _: HookContext, failure: Failure, case: schemathesis.Case[Any], response: schemathesis.Response
) -> bool:
    """Whether it is a failure: a batch refuses its bad items one by one, within a 200, and that is a refusal too."""
    is_batch = case.operation.path.endswith("/batch")
    return not (is_batch and isinstance(failure, AcceptedNegativeData) and response.json()["failed"])


# One target for all requests of an operation is what is wanted.
@schema.parametrize()
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_service_keeps_to_the_document(case: schemathesis.Case[Any], target: Target) -> None:
    """Whatever is sent is answered as the document says, valid requests by success and invalid ones by refusal."""
    fit(case, key_id=target.key_id)
    response = case.call_and_validate(base_url=target.url, headers=_KEY)
    assert response.status_code < 500
    target.statuses[response.status_code] += 1
    if case.method != "GET" and not {"process", "comparison"}.intersection(case.operation.tags or ()):
        target.first.restore()
