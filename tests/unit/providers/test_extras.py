"""What becomes of the rest of a caller's body where the body itself does not go to the vendor?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx2
import pytest

from app.providers import VENDORS
from contracts.calls import ModelCall, Reply, Wire
from contracts.chat import Message, RawPart, Role
from contracts.errors import InvalidRequestError, UnsupportedParameterError
from contracts.requests import UnsupportedParameters
from contracts.responses import FieldError
from tests.unit.providers.passed import ASKED_PAIRS, as_changed, asked, reply_of, with_source
from tests.unit.providers.vendor_double import LIMITS, ModelServerDouble, VendorDouble

USER = {"role": "user", "content": "a"}
CHAT: dict[str, Any] = {"model": "x", "messages": [USER]}
STRANGERS = [vendor.kind.value for vendor in VENDORS if Wire.OPENAI_CHAT not in vendor.wires]
HINTS = {"service_tier": "flex", "metadata": {"a": "b"}}


def chat(**fields: Any) -> ModelCall:
    """A chat with these fields."""
    return asked(Wire.OPENAI_CHAT, {**CHAT, **fields})


async def told(
    asking: ModelCall, kind: str = "openai", *, model: str = "m", **row: Any
) -> tuple[dict[str, Any], Reply]:
    """What was sent, and what came back."""
    vendor = VendorDouble()
    assert asking.source is not None
    wire = next((wire for of_kind, wire in ASKED_PAIRS if of_kind == kind), Wire.OPENAI_CHAT)
    is_own = (kind, asking.source.wire) in ASKED_PAIRS
    vendor.replies.append(httpx2.Response(200, content=reply_of(asking.source.wire if is_own else wire)))
    reply = await vendor.row(kind, **row).complete(asking, model=model, limits=LIMITS)
    return vendor.sent, reply


async def refusal(asking: ModelCall, kind: str = "openai") -> InvalidRequestError:
    """Why nothing was sent."""
    vendor = VendorDouble()
    with pytest.raises(InvalidRequestError) as caught:
        await vendor.row(kind).complete(asking, model="m", limits=LIMITS)
    assert (vendor.requests, caught.value.was_sent) == ([], False)
    return caught.value


@pytest.mark.parametrize("kind,wire", ASKED_PAIRS)
async def test_extras_are_laid_over_what_is_encoded_in_their_dialect(kind: str, wire: Wire) -> None:
    """An answer that is mended, or goes on elsewhere, is asked for with all that its caller had said."""
    wanted = as_changed(asked(wire))
    assert wanted.source is not None
    sent, reply = await told(wanted, kind)
    assert "x_new" in wanted.source.extras
    assert {name: sent[name] for name in wanted.source.extras} == dict(wanted.source.extras)
    assert reply.raw is None
    assert not [warning for warning in reply.warnings if "has no field" in warning]


async def test_extras_lie_under_the_rows_options() -> None:
    """What the configuration, or the caller, says for this row is the last word, deep."""
    wanted = as_changed(chat(metadata={"a": "1", "b": "2"}, service_tier="flex"))
    options = {"openai": {"metadata": {"b": "3"}, "service_tier": "auto"}}
    sent, _ = await told(replace(wanted, vendor_options=options))
    assert (sent["metadata"], sent["service_tier"]) == ({"a": "1", "b": "3"}, "auto")


@pytest.mark.parametrize("kind", STRANGERS)
async def test_extras_are_refused_by_name_where_no_loss_is_wanted(kind: str) -> None:
    """For a row of another dialect each is a parameter that it does not take."""
    vendor = VendorDouble()
    row = vendor.row(kind, model_server=ModelServerDouble() if kind == "local" else None)
    wanted = replace(chat(**HINTS), unsupported_parameters=UnsupportedParameters.REJECT)
    with pytest.raises(UnsupportedParameterError, match="service_tier, metadata") as caught:
        await row.complete(wanted, model="tiny", limits=LIMITS)
    assert ([one.field for one in caught.value.errors], vendor.requests) == (["service_tier", "metadata"], [])


async def test_extras_that_another_dialect_lacks_are_named() -> None:
    """The answer comes all the same, and says what was not sent."""
    sent, reply = await told(chat(**HINTS), "anthropic")
    assert not sent.keys() & HINTS.keys()
    assert reply.warnings[-2:] == (
        "service_tier was not sent: anthropic has no field for it",
        "metadata was not sent: anthropic has no field for it",
    )


async def test_extras_never_reach_the_embedded_model() -> None:
    """A grammar of a caller's could stop the process that all callers share."""
    vendor = VendorDouble()
    vendor.replies.append(httpx2.Response(200, content=reply_of(Wire.OPENAI_CHAT)))
    row = vendor.row("local", model_server=ModelServerDouble())
    reply = await row.complete(chat(grammar="root ::= root", repeat_last_n=-1), model="tiny", limits=LIMITS)
    assert not vendor.sent.keys() & {"grammar", "repeat_last_n"}
    assert [warning.split()[0] for warning in reply.warnings] == ["grammar", "repeat_last_n"]


async def test_extra_that_the_body_says_anyway_is_not_lost() -> None:
    """Every call of this dialect says it."""
    wanted = with_source(as_changed(asked(Wire.OPENAI_RESPONSES)), extras={"store": False, "background": False})
    sent, reply = await told(wanted)
    assert (sent["store"], "background" in sent) == (False, False)
    assert reply.warnings == ("background was not sent: openai has no field for it",)


async def test_demand_goes_with_the_extras() -> None:
    """What only this dialect can say is said, though the body is encoded."""
    sent, _ = await told(as_changed(chat(logprobs=True, top_logprobs=3)))
    assert (sent["logprobs"], sent["top_logprobs"]) == (True, 3)


async def test_demand_inside_the_conversation_goes_with_it() -> None:
    """A part that only this dialect knows is written again as it came."""
    sound = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}
    wanted = as_changed(chat(messages=[{"role": "user", "content": [{"type": "text", "text": "a"}, sound]}]))
    sent, _ = await told(wanted)
    assert sent["messages"][0]["content"][1] == sound


async def test_demand_inside_the_conversation_is_not_lost_on_others() -> None:
    """A row that does not speak the dialect cannot be asked; who chooses rows does not choose it."""
    sound = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}
    wanted = chat(messages=[{"role": "user", "content": [sound, {"type": "text", "text": "a"}]}])
    error = await refusal(wanted, "anthropic")
    assert str(error) == ("anthropic cannot be asked for messages.0.content.0: the body does not go to it as it came")


async def test_demand_that_nothing_holds_is_refused_by_name() -> None:
    """A message that could not be read would be missing."""
    wanted = chat(messages=[USER, {"role": "critic", "content": "b"}])
    error = await refusal(as_changed(wanted))
    assert [one.field for one in error.errors] == ["messages.1.role"]


async def test_many_answers_are_refused_where_the_body_does_not_go() -> None:
    """Only the vendor's own reply can hold them."""
    error = await refusal(as_changed(chat(n=2)))
    assert (str(error), [one.field for one in error.errors]) == (
        "openai cannot be asked for n: the body does not go to it as it came",
        ["n"],
    )


async def test_many_answers_are_refused_though_nobody_noted_a_demand() -> None:
    """The number is what counts."""
    error = await refusal(with_source(as_changed(chat()), choices=2, extras={"n": 2}))
    assert [one.field for one in error.errors] == ["n"]


async def test_kept_parts_do_not_stand_for_more_demands_than_they_are() -> None:
    """One part that was kept and one that was not are one too few."""
    demands = (
        FieldError(field="messages.0.content.0", message="m"),
        FieldError(field="messages.1.role", message="m"),
    )
    wanted = as_changed(chat())
    part = RawPart(provider=Wire.OPENAI_CHAT, data={"type": "odd"})
    message = replace(wanted.conversation.messages[0], content=(part,))
    wanted = with_source(
        replace(wanted, conversation=replace(wanted.conversation, messages=(message,))), demands=demands
    )
    assert [one.field for one in (await refusal(wanted)).errors] == ["messages.1.role"]


@pytest.mark.parametrize("kind,wire", [("openai", Wire.OPENAI_CHAT), ("anthropic", Wire.ANTHROPIC_MESSAGES)])
async def test_turn_of_an_unknown_role_is_refused_by_name(kind: str, wire: Wire) -> None:
    """Nothing of it is in an encoded body, whatever else is that only the dialect knows."""
    critic = {"role": "critic", "content": "No."}
    sealed = {"role": "assistant", "content": [{"type": "redacted_thinking", "data": "AAAA"}]}
    own = [sealed] if wire is Wire.ANTHROPIC_MESSAGES else []
    wanted = asked(wire, {"model": "x", "max_tokens": 9, "messages": [USER, *own, critic, USER]})
    sent, _ = await told(wanted, kind)
    assert critic in sent["messages"]
    error = await refusal(as_changed(wanted), kind)
    assert [one.field for one in error.errors] == [f"messages.{1 + len(own)}.role"]


async def test_part_that_came_later_stands_for_no_demand() -> None:
    """What the row has answered meanwhile is no part of what was asked."""
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    result = {"role": "tool", "tool_call_id": "c", "content": [{"type": "sound"}]}
    wanted = chat(messages=[USER, {"role": "assistant", "tool_calls": [call]}, result])
    later = Message(role=Role.ASSISTANT, content=(RawPart(provider=Wire.OPENAI_CHAT, data={"type": "sound"}),))
    conversation = replace(wanted.conversation, messages=(*wanted.conversation.messages, later))
    error = await refusal(replace(wanted, conversation=conversation))
    assert [one.field for one in error.errors] == ["messages.2.content.0"]


async def test_parts_of_the_dialect_are_the_rows_own() -> None:
    """What an earlier turn brought of this vendor's, or of another of its dialect, goes back to it."""
    turn = {"role": "assistant", "content": "b", "reasoning_details": [{"type": "reasoning.text", "text": "hm"}]}
    wanted = as_changed(chat(messages=[USER, turn, USER]))
    assert wanted.conversation.messages[1].role is Role.ASSISTANT
    sent, reply = await told(wanted, "openrouter")
    assert sent["messages"][1]["reasoning_details"] == turn["reasoning_details"]
    assert reply.warnings == ()


async def test_row_that_speaks_another_dialect_of_the_vendor_encodes() -> None:
    """A copy of OpenAI without /responses answers a caller of that by a chat."""
    wanted = asked(Wire.OPENAI_RESPONSES, {"model": "x", "input": "a", "service_tier": "flex"})
    vendor = VendorDouble()
    vendor.replies.append(httpx2.Response(200, content=reply_of(Wire.OPENAI_CHAT)))
    reply = await vendor.row(base_url="http://10.0.0.1/v1").complete(wanted, model="m", limits=LIMITS)
    assert str(vendor.requests[0].url) == "http://10.0.0.1/v1/chat/completions"
    assert vendor.sent == {"model": "m", "messages": [USER]}
    assert (reply.raw, reply.warnings) == (None, ("service_tier was not sent: openai has no field for it",))


async def test_embeddings_of_another_dialect_name_what_was_not_sent() -> None:
    """Their callers are told as well."""
    vendor = VendorDouble()
    vendor.answers(200, {"embeddings": [{"values": [1.0]}]})
    wanted = asked(Wire.OPENAI_EMBEDDINGS, {"input": "a", "model": "x", "user": "u"})
    reply = await vendor.row("gemini").embed(wanted, model="gemini-embedding-001", limits=LIMITS)
    assert (reply.raw, reply.warnings) == (None, ("user was not sent: gemini has no field for it",))


async def test_embeddings_that_do_not_pass_keep_their_extras() -> None:
    """In the same dialect nothing is lost."""
    vendor = VendorDouble()
    vendor.answers(200, {"data": [{"index": 0, "embedding": [1.0]}]})
    wanted = with_source(asked(Wire.OPENAI_EMBEDDINGS, {"input": "a", "model": "x", "user": "u"}), may_pass=False)
    reply = await vendor.row().embed(wanted, model="m", limits=LIMITS)
    assert (vendor.sent["user"], reply.raw, reply.warnings) == ("u", None, ())
