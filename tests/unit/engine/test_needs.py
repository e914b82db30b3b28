"""Is a conversation sent only to providers, and models there, that can take it?"""

from __future__ import annotations

from typing import Any

import pytest

from app.engine.needs import shown_capabilities
from contracts.providers import ProviderCapabilities, ProviderType
from tests.kit.engine import Engine
from tests.kit.fake_provider import FakeProvider
from tests.kit.script import Says

PICTURE = {"role": "user", "content": [{"type": "image", "url": "https://example.org/cat.png"}]}
PAPER = {"role": "user", "content": [{"type": "file", "url": "https://example.org/cat.pdf"}]}
TOOL = {"name": "look"}
ASKED = {"role": "user", "content": "What is there?"}
CALL = {"role": "assistant", "content": [{"type": "tool_call", "id": "c1", "name": "look", "arguments": "{}"}]}
SHOWN = {
    "role": "tool",
    "content": [{"type": "tool_result", "tool_call_id": "c1", "content": PICTURE["content"]}],
}
MUST = {"prompt": "x", "tools": [TOOL], "tool_choice": {"mode": "required"}}
NEEDS = [
    ({"messages": [PICTURE]}, "takes no images"),
    ({"messages": [ASKED, CALL, SHOWN]}, "takes no images"),
    (MUST, "calls no tools"),
    ({"prompt": "x", "tools": [TOOL], "tool_choice": {"mode": "tool", "name": "look"}}, "calls no tools"),
]
OF_THE_MODEL = [
    (ProviderType.DEEPSEEK, "deepseek-v4-pro", {"messages": [PICTURE]}, "takes no images"),
    (ProviderType.OLLAMA, "llama3.2", {"messages": [ASKED, CALL, SHOWN]}, "takes no images"),
    (ProviderType.OPENAI, "gpt-3.5-turbo", {"messages": [PAPER]}, "takes no files"),
    (ProviderType.OLLAMA, "gemma3", MUST, "calls no tools"),
    (ProviderType.ANTHROPIC, "claude-opus-5-5", MUST, "cannot be made to call a tool"),
    (ProviderType.OPENROUTER, "anthropic/claude-opus-5.5", MUST, "cannot be made to call a tool"),
]


def plain_minded(name: str) -> FakeProvider:
    """A row that neither sees nor calls tools, whatever its model."""
    provider = FakeProvider(name)
    provider.capabilities = ProviderCapabilities(vision=False, tools=False)
    return provider


@pytest.mark.parametrize("asked,_", NEEDS)
async def test_needs_pass_over_a_provider_that_lacks_them(asked: dict[str, Any], _: str) -> None:
    """A row without vision or tools is not asked; the next one, which has them, answers."""
    alpha, beta = plain_minded("alpha"), FakeProvider("beta")
    answer = await Engine(alpha, beta).ask(**asked)
    assert (answer.provider, alpha.asked, len(beta.asked)) == ("beta", [], 1)


@pytest.mark.parametrize("asked,lack", NEEDS)
async def test_needs_nobody_has_are_the_callers_error(asked: dict[str, Any], lack: str) -> None:
    """With nobody who can, the caller hears what the named row lacks, before anything is sent."""
    alpha = plain_minded("alpha")
    error = await Engine(alpha).failure(preferred_provider="alpha", **asked)
    assert (error.status, str(error), alpha.asked) == (422, f"alpha {lack}", [])


@pytest.mark.parametrize("kind,model,asked,lack", OF_THE_MODEL)
async def test_needs_pass_over_a_model_that_lacks_them(
    kind: ProviderType, model: str, asked: dict[str, Any], lack: str
) -> None:
    """What the vendor can, its model may not; and the sentence names the model."""
    alpha, beta = FakeProvider("alpha", kind=kind, default_model=model), FakeProvider("beta")
    assert (await Engine(alpha, beta).ask(**asked)).provider == "beta"
    error = await Engine(alpha).failure(preferred_provider="alpha", **asked)
    assert (error.status, str(error), alpha.asked) == (422, f"alpha/{model} {lack}", [])


async def test_needs_are_judged_by_the_model_that_is_asked() -> None:
    """A row whose default model is blind may have another that sees."""
    alpha = FakeProvider("alpha", kind=ProviderType.OLLAMA, default_model="llama3.2")
    answer = await Engine(alpha).ask(preferred_provider="alpha", model="llama3.2-vision", messages=[PICTURE])
    assert (answer.model, len(alpha.asked)) == ("llama3.2-vision", 1)


async def test_needs_that_no_row_has_are_all_told() -> None:
    """Nothing to set up would help, so it is the caller's error, and every reason is named."""
    rows = [
        FakeProvider("alpha", kind=ProviderType.DEEPSEEK, default_model="deepseek-v4-pro"),
        FakeProvider("beta", kind=ProviderType.OLLAMA, default_model="llama3.2"),
    ]
    error = await Engine(*rows, enabled_providers=["alpha", "beta"]).failure(messages=[PICTURE])
    assert (error.status, str(error)) == (
        422,
        "no provider can serve this: alpha/deepseek-v4-pro takes no images; beta/llama3.2 takes no images",
    )


async def test_needs_are_not_made_of_tools_that_may_stay_unused() -> None:
    """Tools that the model may leave alone do not rule a row out."""
    answer = await Engine(plain_minded("alpha")).ask(prompt="x", tools=[TOOL])
    assert answer.provider == "alpha"


async def test_needs_are_not_made_of_the_shape_of_an_answer() -> None:
    """A vendor that enforces no schema is asked all the same: the answer is checked here."""
    alpha = FakeProvider("alpha", [Says("{}")], kind=ProviderType.ANTHROPIC, default_model="claude-3-opus-20240229")
    answer = await Engine(alpha).ask(prompt="x", response_format={"type": "json_object"})
    assert (answer.content, len(alpha.asked)) == ("{}", 1)


@pytest.mark.parametrize(
    "model,vision,reasoning,structured",
    [("deepseek-v4-pro", False, True, True), ("gpt-4", True, True, True), ("claude-3-opus-20240229", True, True, True)],
)
def test_capabilities_shown_of_a_strangers_model_are_the_rows(
    model: str, vision: bool, reasoning: bool, structured: bool
) -> None:
    """By its kind: a name that another vendor gave says nothing here, but for its own."""
    kind = ProviderType.DEEPSEEK
    shown = shown_capabilities(FakeProvider("alpha", kind=kind, default_model=model))
    assert (shown.vision, shown.reasoning, shown.structured_output) == (vision, reasoning, structured)


def test_capabilities_shown_are_those_of_the_default_model() -> None:
    """What the row can and its model cannot, it cannot now."""
    row = FakeProvider("alpha", kind=ProviderType.OPENAI, default_model="gpt-4")
    shown = shown_capabilities(row)
    assert shown == ProviderCapabilities(vision=False, structured_output=False, reasoning=False)
    row.capabilities = ProviderCapabilities(streaming=False, tools=False)
    assert not shown_capabilities(row).streaming
    assert not shown_capabilities(row).tools
