"""Is any JSON at all, sent to /chat/completions, a request or an error of ours?"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.wires.json_text import dump_json
from app.wires.openai_chat import Quirks, decode_request, encode_request
from contracts.chat import Conversation
from contracts.errors import InvalidRequestError

SOUP = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.text(max_size=8)
    | st.sampled_from(["text", "image_url", "file", "user", "assistant", "tool", "function", "custom", "required"])
    | st.sampled_from(["data:image/png;base64,iVBORw0KGgo=", "data:,", "https://a", "json_schema", "\x00", "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def objects(**named: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return SOUP | st.fixed_dictionaries({}, optional={name: SOUP | values for name, values in named.items()})


WORDS = st.sampled_from(["a", "", "b", "call_1"])
KINDS = st.sampled_from(["text", "image_url", "file", "refusal", "function", "custom", "allowed_tools", "input_audio"])
NAMED = objects(name=WORDS, arguments=WORDS, parameters=SOUP, schema=SOUP, strict=st.booleans(), type=KINDS)
MARK = objects(type=st.just("ephemeral"), ttl=st.just("5m"), mode=st.just("explicit"))
CONTENT = st.lists(
    objects(
        type=KINDS,
        text=WORDS,
        refusal=WORDS,
        image_url=objects(url=SOUP, detail=SOUP),
        file=objects(file_id=WORDS, file_data=SOUP, filename=WORDS),
        cache_control=MARK,
        prompt_cache_breakpoint=MARK,
    ),
    max_size=2,
)
MESSAGES = st.lists(
    objects(
        role=st.sampled_from(["system", "developer", "user", "assistant", "tool", "function"]),
        content=WORDS | CONTENT,
        name=WORDS,
        tool_call_id=WORDS,
        tool_calls=st.lists(objects(id=WORDS, type=KINDS, function=NAMED, custom=NAMED), max_size=2),
        function_call=NAMED,
        reasoning_details=st.lists(objects(type=st.just("llm_service.reasoning"), text=WORDS), max_size=2),
        audio=objects(id=WORDS),
        refusal=WORDS,
    ),
    max_size=3,
)
BODIES = objects(
    model=WORDS,
    messages=MESSAGES,
    tools=st.lists(objects(type=KINDS, function=NAMED, cache_control=MARK), max_size=2),
    functions=st.lists(NAMED, max_size=2),
    tool_choice=objects(type=KINDS, function=NAMED, allowed_tools=objects(mode=st.just("auto"))),
    function_call=NAMED,
    response_format=objects(type=st.sampled_from(["json_schema", "json_object"]), json_schema=NAMED),
    stop=WORDS | st.lists(WORDS, max_size=2),
    n=st.integers(0, 2),
    max_tokens=SOUP,
    temperature=SOUP,
    seed=SOUP,
    stream=st.booleans(),
    stream_options=objects(include_usage=st.booleans(), include_obfuscation=st.booleans()),
    reasoning=objects(effort=SOUP),
    thinking=objects(type=SOUP),
    user=WORDS,
    prompt_cache_key=WORDS,
)


@settings(max_examples=100, deadline=None)
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
        written = encode(inbound.conversation)
    assert written
    assert all(wrong.message for wrong in listed)


def encode(conversation: Conversation) -> bytes:
    return dump_json(encode_request(conversation, provider="openai", model="m", stream=False, quirks=Quirks()).body)


@pytest.mark.parametrize("depth", [100, 5_000, 100_000])
def test_deep_nesting_is_an_error_of_ours(depth: int) -> None:
    """Deeper than Python's own stack."""
    deep: Any = {}
    for _ in range(depth):
        deep = {"a": deep}
    message = {"role": "user", "content": [{"type": "strange", "x": deep}]}
    tool = {"type": "function", "function": {"name": "f", "parameters": deep}}
    with pytest.raises(InvalidRequestError) as caught:
        decode_request({"model": "m", "messages": [message], "tools": [tool]})
    assert "tools.0.function.parameters" in [wrong.field for wrong in caught.value.errors]


USUAL = st.fixed_dictionaries(
    {
        "model": WORDS | SOUP,
        "messages": st.lists(
            st.fixed_dictionaries({"role": st.sampled_from(["user", "system", "tool"]), "content": WORDS | SOUP}),
            min_size=1,
            max_size=2,
        )
        | SOUP,
    },
    optional={
        "stream": st.none() | st.booleans() | SOUP,
        "stream_options": objects(include_usage=st.booleans()),
        "max_tokens": st.integers(0, 9) | SOUP,
        "temperature": st.floats(-1, 3) | SOUP,
        "stop": WORDS | SOUP,
    },
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
