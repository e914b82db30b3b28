"""Is all that Anthropic's SDK can send either understood, or kept, or demanded, and never refused as unknown?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

import pytest
from anthropic.types import ContentBlockParam, ToolUnionParam
from anthropic.types.beta import BetaContentBlockParam, BetaToolUnionParam
from anthropic.types.beta import message_count_tokens_params as beta_count
from anthropic.types.beta import message_create_params as beta_create
from anthropic.types.message_count_tokens_params import MessageCountTokensParams
from anthropic.types.message_create_params import MessageCreateParamsBase

from app.wires.anthropic_messages import decode_request
from app.wires.anthropic_messages.inbound import fields
from app.wires.anthropic_messages.inbound.shapes import is_known
from app.wires.inbound import Inbound
from contracts.errors import InvalidRequestError

ASKED: dict[str, Any] = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
# Arguments that the SDK sends as headers.
HEADERS = {"betas", "user_profile_id", "workspace_id"}
# Fields of the API that the SDK's arguments no longer show.
UNSHOWN = {"stream", "temperature", "top_k", "top_p"}
PARAMS = (
    MessageCreateParamsBase,
    MessageCountTokensParams,
    beta_create.MessageCreateParamsBase,
    beta_count.MessageCountTokensParams,
)
ARGUMENTS = sorted({name for params in PARAMS for name in params.__annotations__} - HEADERS)
_THOUGHTS = ("thinking", "redacted_thinking")


def understood(body: dict[str, Any]) -> tuple[Inbound | None, list[str]]:
    """The request, or the fields that are wrong in it."""
    try:
        return decode_request(body), []
    except InvalidRequestError as error:
        return None, [wrong.field for wrong in error.errors if wrong.field]


def test_every_argument_of_the_sdk_has_its_place() -> None:
    """One of the three, and each of the three holds only what the API has: a newer SDK will show what is new."""
    places = (fields.UNDERSTOOD, fields.DEMANDS.keys(), fields.HINTS)
    assert sorted(name for place in places for name in place) == sorted({*ARGUMENTS, *UNSHOWN})


@pytest.mark.parametrize("name", ARGUMENTS)
def test_argument_is_what_its_place_says(name: str) -> None:
    """What is understood is no extra; what only this dialect can do is demanded by its name; the rest is kept."""
    strange: Any = {"of": "a kind"}
    inbound, wrong = understood({**ASKED, name: strange})
    if inbound is None:
        assert name in fields.UNDERSTOOD
        assert wrong[0].split(".")[0] == name
        return
    assert (name in [demand.field for demand in inbound.demands]) == (name in fields.DEMANDS)
    assert (inbound.extras.get(name) == strange) == (name not in fields.UNDERSTOOD or name == "output_config")


def kinds(union: Any) -> Iterator[str]:
    """The `type` of each shape in a union of the SDK's; the answer's own blocks in it have one of their own besides."""
    for member in get_args(union):
        if isinstance(member, type):
            yield from _literals(get_type_hints(member).get("type"))


def _literals(hint: Any) -> Iterator[str]:
    for inner in get_args(hint):
        if isinstance(inner, str):
            yield inner
        else:
            yield from _literals(inner)


BLOCKS = sorted({*kinds(ContentBlockParam), *kinds(BetaContentBlockParam)})
TOOLS = sorted({*kinds(ToolUnionParam), *kinds(BetaToolUnionParam)})


def test_blocks_and_tools_of_the_sdk_are_found() -> None:
    """So that the tests below cannot be about nothing."""
    assert {"text", "thinking", "tool_use", "server_tool_use", "search_result", "compaction"} <= set(BLOCKS)
    assert {"custom", "web_search_20260318", "bash_20250124", "mcp_toolset"} <= set(TOOLS)


@pytest.mark.parametrize("kind", BLOCKS)
def test_block_of_any_type_of_the_sdk_is_ours_or_demanded(kind: str) -> None:
    """A known one lacks its fields here, and only that is said; any other is kept as it came."""
    role = "assistant" if kind in (*_THOUGHTS, "tool_use") else "user"
    block = {"type": kind}
    inbound, wrong = understood({**ASKED, "messages": [*ASKED["messages"], {"role": role, "content": [block]}]})
    if is_known(kind):
        assert wrong
        assert not any(path.endswith(".type") and path.count(".") < 5 for path in wrong)
        return
    assert inbound is not None
    assert [demand.field for demand in inbound.demands] == ([] if kind in _THOUGHTS else ["messages.1.content.0"])
    assert [getattr(part, "data", None) for part in inbound.conversation.messages[1].content] == [block]


@pytest.mark.parametrize("kind", TOOLS)
def test_tool_of_any_type_of_the_sdk_is_ours_or_demanded(kind: str) -> None:
    """The vendor's own are kept with the whole list."""
    tool = {"type": kind, "name": "look", "input_schema": {"type": "object"}}
    inbound, _ = understood({**ASKED, "tools": [tool]})
    assert inbound is not None
    if kind == "custom":
        assert [one.name for one in inbound.conversation.tools] == ["look"]
        return
    assert [demand.field for demand in inbound.demands] == ["tools.0"]
    assert inbound.extras == {"tools": [tool]}
