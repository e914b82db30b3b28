"""Is any body, however odd, a request or a list of faults?"""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.wires.anthropic_messages import decode_request
from contracts.chat import Role
from contracts.errors import InvalidRequestError
from contracts.responses import FieldError
from tests.wires import conversations as made

FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
# A picture for the eyes of a program: PNG by its first bytes.
PIXELS = "iVBORw0KGgoAAAANSUhEUg=="

ODD = st.sampled_from(
    [None, True, 0, -1, 10**400, 1.5, float("nan"), float("inf"), Decimal("1e999"), Decimal("0.5"), "", " ", "\x00",
     "\ud800", "x" * 300, "text", "user", "tool_use", "data:image/png;base64,", "data:,", [], {}, [None], [[]], [{}],
     {"type": "text"}, {"type": ["text"]}, {"type": "image", "source": []}, {"\x00\ud800": {"$ref": "http://a"}}]
)  # fmt: skip
BODY: dict[str, Any] = {
    "model": "m",
    "max_tokens": 100,
    "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
    "messages": [
        {"role": "user", "content": "Hi"},
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
                {"type": "text", "text": "Looking.", "citations": None},
                {"type": "tool_use", "id": "a", "name": "look", "input": {"at": 1}, "caller": {"type": "direct"}},
                {"type": "server_tool_use", "id": "b", "name": "web_search", "input": {}},
            ],
        },
        {
            "role": "user",
            "content": [
                {
                    "type": "tool_result",
                    "tool_use_id": "a",
                    "content": [{"type": "text", "text": "r"}],
                    "is_error": True,
                },
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXELS}},
                {"type": "image", "source": {"type": "url", "url": f"data:image/png;base64,{PIXELS}"}},
                {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "d"}, "title": "t"},
                {"type": "document", "source": {"type": "file", "file_id": "f"}},
            ],
        },
    ],
    "tools": [
        {"name": "look", "description": "d", "input_schema": {"type": "object"}, "strict": True},
        {"type": "web_search_20260318", "name": "web_search"},
    ],
    "tool_choice": {"type": "tool", "name": "look", "disable_parallel_tool_use": True},
    "thinking": {"type": "enabled", "budget_tokens": 2048},
    "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": {"type": "object"}}},
    "metadata": {"user_id": "u"},
    "stop_sequences": ["END"],
    "temperature": 0.5,
    "top_p": 0.5,
    "top_k": 5,
    "stream": True,
}


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """A good body with odd values or odd fields anywhere in it."""
    body = deepcopy(BODY)
    for _ in range(draw(st.integers(1, 3))):
        node: Any = body
        while True:
            keys = list(node) if isinstance(node, dict) else list(range(len(node)))
            key = draw(st.sampled_from(keys)) if keys else None
            below = node[key] if key is not None else None
            if isinstance(below, dict | list) and draw(st.booleans()):
                node = below
                continue
            break
        if key is not None:
            node[key] = deepcopy(draw(ODD | made.JSON))
        elif isinstance(node, dict):
            node[draw(made.TEXT)] = deepcopy(draw(ODD))
    return body


@FEW
@given(body=mutated() | st.dictionaries(st.sampled_from([*BODY, "n"]), ODD | made.JSON) | ODD | made.JSON)
def test_any_body_is_a_request_or_a_list_of_faults(body: Any) -> None:
    """No JSON, however odd, fails in another way, and every fault has a place and a sentence."""
    for needs_max_tokens in (True, False):
        faults: tuple[FieldError, ...] = ()
        try:
            decode_request(body, needs_max_tokens=needs_max_tokens)
        except InvalidRequestError as error:
            faults = error.errors or (FieldError(field="", message=""),)
        assert all(one.message and "\ud800" not in one.field for one in faults)


def test_good_body_of_the_soup_is_read() -> None:
    """The body that the soup is made of is good, so that what is odd in it is what was put there."""
    request = decode_request(BODY)
    assert [turn.role for turn in request.conversation.messages] == [
        Role.SYSTEM,
        Role.USER,
        Role.ASSISTANT,
        Role.TOOL,
        Role.USER,
    ]
    assert sorted(request.extras) == ["metadata", "thinking", "tools", "top_k"]


TEXTS = st.sampled_from(["a", "b", "é"])


def mostly(usual: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    odd = st.sampled_from(["", "\x00", "\ud800"]) | ODD
    return st.integers(0, 9).flatmap(lambda number: usual if number else odd)


SAID = st.fixed_dictionaries(
    {"role": mostly(st.sampled_from(["user", "assistant", "system"])), "content": mostly(TEXTS)}
)
USUAL = st.fixed_dictionaries(
    {
        "model": mostly(TEXTS),
        "messages": mostly(st.lists(SAID, min_size=1, max_size=3)),
        "max_tokens": mostly(st.integers(0, 9)),
    },
    optional={
        "system": mostly(TEXTS),
        "stream": mostly(st.none() | st.booleans()),
        "temperature": mostly(st.floats(-1, 3)),
        "top_p": mostly(st.floats(-1, 3)),
        "stop_sequences": mostly(st.lists(TEXTS, max_size=2)),
    },
)


@given(body=USUAL, needs_max_tokens=st.booleans())
def test_usual_body_is_read_as_one_that_is_looked_through(body: dict[str, Any], *, needs_max_tokens: bool) -> None:
    """With a field more that says nothing, which only the longer way knows: the same request, or the same faults."""
    told = [_told(one, needs_max_tokens=needs_max_tokens) for one in (body, {**body, "metadata": None})]
    assert told[0] == told[1]


def _told(body: dict[str, Any], *, needs_max_tokens: bool) -> Any:
    try:
        return decode_request(body, needs_max_tokens=needs_max_tokens)
    except InvalidRequestError as error:
        return str(error), error.errors
