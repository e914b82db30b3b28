"""A door that speaks /chat/completions, and OpenAI's SDK pointed at it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from openai import OpenAI

from tests.referees.inbound_openai_chat.door import Door, open_door


@pytest.fixture(scope="module")
def opened() -> Iterator[Door]:
    with open_door() as door:
        yield door


@pytest.fixture
def door(opened: Door) -> Door:
    opened.understood.clear()
    opened.reply, opened.deltas, opened.error, opened.extras = None, (), None, None
    return opened


@pytest.fixture
def client(opened: Door) -> Iterator[OpenAI]:
    with OpenAI(base_url=opened.address, api_key="none", max_retries=0, _strict_response_validation=True) as client:
        yield client
