"""Is any JSON at all, sent to /responses, a request or an error of ours?"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.wires.json_text import dump_json
from app.wires.openai_responses import decode_request, encode_request
from contracts.errors import InvalidRequestError

SOUP = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.text(max_size=8)
    | st.sampled_from(["message", "reasoning", "user", "assistant", "required", "json_schema", "\x00", "\ud800"])
    | st.sampled_from(["data:image/png;base64,iVBORw0KGgo=", "data:,", "https://a", 'llm_service.reasoning:{"a":1}']),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def objects(**named: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return SOUP | st.fixed_dictionaries({}, optional={name: SOUP | values for name, values in named.items()})


WORDS = st.sampled_from(["a", "", "b", "call_1"])
CONTENT = st.lists(
    objects(
        type=st.sampled_from(["input_text", "output_text", "refusal", "input_image", "input_file", "input_audio"]),
        text=WORDS,
        refusal=WORDS,
        image_url=SOUP,
        file_id=WORDS,
        file_url=SOUP,
        file_data=SOUP,
        filename=WORDS,
        detail=SOUP,
        prompt_cache_breakpoint=objects(mode=st.just("explicit")),
    ),
    max_size=2,
)
ITEMS = st.lists(
    objects(
        type=st.sampled_from(
            ["message", "reasoning", "function_call", "function_call_output", "web_search_call", "item_reference"]
        ),
        role=st.sampled_from(["system", "developer", "user", "assistant"]),
        content=WORDS | CONTENT,
        output=WORDS | CONTENT,
        id=WORDS,
        call_id=WORDS,
        name=WORDS,
        arguments=WORDS,
        summary=CONTENT,
        encrypted_content=SOUP,
    ),
    max_size=4,
)
NAMED = objects(type=st.sampled_from(["function", "custom", "json_schema"]), name=WORDS, parameters=SOUP, schema=SOUP)
BODIES = objects(
    model=WORDS,
    input=WORDS | ITEMS,
    instructions=WORDS,
    tools=st.lists(NAMED, max_size=2),
    tool_choice=NAMED,
    text=objects(format=NAMED, verbosity=WORDS),
    reasoning=objects(effort=st.sampled_from(["low", "none"]), summary=WORDS),
    include=st.lists(WORDS, max_size=2),
    max_output_tokens=SOUP,
    temperature=SOUP,
    store=st.booleans(),
    stream=st.booleans(),
    stream_options=objects(include_obfuscation=st.booleans()),
    background=st.booleans(),
    user=WORDS,
    safety_identifier=WORDS,
    prompt_cache_key=WORDS,
)


@settings(max_examples=60, deadline=None)
@given(body=BODIES)
def test_any_body_is_a_request_or_an_error_of_ours(body: Any) -> None:
    """Whatever JSON comes, nothing but a request that can be written or an error with fields is made of it."""
    try:
        inbound = decode_request(body)
    except InvalidRequestError as error:
        listed = error.errors
        written = json.dumps([wrong.model_dump() for wrong in listed], allow_nan=False, ensure_ascii=False).encode()
    else:
        listed = ()
        written = dump_json(encode_request(inbound.conversation, provider="openai", model="m", stream=False).body)
    assert written
    assert all(wrong.message for wrong in listed)


@pytest.mark.parametrize("depth", [100, 5_000, 100_000])
def test_deep_nesting_is_an_error_of_ours(depth: int) -> None:
    """Deeper than Python's own stack."""
    deep: Any = {}
    for _ in range(depth):
        deep = {"a": deep}
    items = [{"type": "strange", "x": deep}, {"type": "reasoning", "encrypted_content": "e", "x": deep}]
    tool = {"type": "function", "name": "f", "parameters": deep}
    with pytest.raises(InvalidRequestError) as caught:
        decode_request({"model": "m", "input": items, "tools": [tool]})
    assert "tools.0.parameters" in [wrong.field for wrong in caught.value.errors]


TEXTS = st.sampled_from(["a", "b", "é"])
ODD = st.sampled_from(["", "\x00", "\ud800"]) | SOUP


def mostly(usual: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.integers(0, 9).flatmap(lambda number: usual if number else ODD)


SAID = st.fixed_dictionaries(
    {"role": mostly(st.sampled_from(["user", "assistant", "developer"])), "content": mostly(TEXTS)}
)
USUAL = st.fixed_dictionaries(
    {"model": mostly(TEXTS), "input": mostly(TEXTS | st.lists(SAID, min_size=1, max_size=4))},
    optional={"instructions": mostly(TEXTS), "stream": mostly(st.none() | st.booleans())},
)


@given(body=USUAL)
def test_usual_body_is_read_as_one_that_is_looked_through(body: dict[str, Any]) -> None:
    """With a field more that says nothing, which only the longer way knows: the same request, or the same faults."""
    assert _told(body) == _told({**body, "metadata": None})


def _told(body: dict[str, Any]) -> Any:
    try:
        return decode_request(body)
    except InvalidRequestError as error:
        return str(error), error.errors
