"""Which answers can be built on, and by what is said beside the body?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.stores.memory_cache import MemoryCache
from contracts.cache import CacheConfig
from contracts.calls import Wire
from contracts.deltas import RelayedEvent
from contracts.kept_state import states_in
from contracts.streams import DoneEvent, ErrorEvent
from tests.kit.script import Finish, Says, Streams, streams, unavailable, unreadable
from tests.kit.surface_engine import SurfaceEngine, relayed, surface_request
from tests.unit.engine.test_keeping import OFFICE, SCHOOL, begun, body, building_on, check_unknown, first, of, rows

BEGINS = RelayedEvent(event="response.created", data='{"response":{"id":"r1"}}')


def said(*texts: str) -> Streams:
    """A whole stream of r1."""
    return streams(BEGINS, *map(relayed, texts), relayed(is_end=True))


def alone(*script: Any) -> SurfaceEngine:
    """One row with this script."""
    (row,) = rows(names=("alpha",))
    row.script += script
    return SurfaceEngine(row, max_retries=0)


async def test_answer_of_a_stream_is_built_on() -> None:
    """As soon as it has ended, by its own tenant."""
    engine = alone(said("hello"))
    assert isinstance((await engine.streamed(first(), SCHOOL))[-1], DoneEvent)
    assert isinstance((await engine.streamed(building_on(), SCHOOL))[-1], DoneEvent)
    check_unknown(await engine.refusal(building_on(), OFFICE))


async def test_stream_that_was_left_is_not_built_on() -> None:
    """Nobody has the whole of it."""
    engine = alone(said("hel", "lo"))
    async with await engine.stream(first(), SCHOOL) as stream:
        async for event in stream:
            if isinstance(event, RelayedEvent) and event.deltas:
                break
    check_unknown(await engine.refusal(building_on(), SCHOOL))


@pytest.mark.parametrize("tenant", ["school", None])
async def test_stream_that_another_row_has_ended_is_given_up(tenant: str | None) -> None:
    """The vendor has half of what the caller was told: so nobody builds on it, not even who has no tenant."""
    engine = SurfaceEngine(*rows(names=("alpha", "beta")), max_retries=0)
    alpha, beta = engine.given
    alpha.script.append(streams(BEGINS, relayed("one two "), unreadable()))
    begins = RelayedEvent(event="response.created", data='{"response":{"id":"r2"}}')
    beta.script.append(streams(begins, "three", Finish()))
    done = (await engine.streamed(first(), of(tenant)))[-1]
    assert isinstance(done, DoneEvent)
    assert done.response.content == "one two three"
    check_unknown(await engine.refusal(building_on(), of(tenant)))
    assert engine.snapshots.current.steering.kept_states.keeper("r2") is None


async def test_stream_that_broke_is_given_up() -> None:
    """Nobody has ended it."""
    engine = alone(streams(BEGINS, relayed("one "), unreadable()))
    assert isinstance((await engine.streamed(first(), of(None)))[-1], ErrorEvent)
    check_unknown(await engine.refusal(building_on(), of(None)))


@pytest.mark.parametrize("is_kept,says", [(False, Says(id="r1")), (True, Says(id=None))])
async def test_answer_that_is_not_kept_is_not_built_on(is_kept: bool, says: Says) -> None:
    """`store: false`, and a vendor that gives no id."""
    engine = alone(replace(says, item_ids=("i1",)))
    await engine.complete(surface_request(source=body(is_kept=is_kept)), SCHOOL)
    for name in ("r1", "i1"):
        check_unknown(await engine.refusal(building_on(name), SCHOOL))


async def test_answer_of_another_dialect_is_not_built_on() -> None:
    """Its vendor keeps nothing under the id that the caller was told."""
    engine = alone(Says(id="r1"))
    engine.given[0].wires = {Wire.OPENAI_CHAT}
    await engine.complete(first(), SCHOOL)
    check_unknown(await engine.refusal(building_on(), SCHOOL))


async def test_answer_from_the_cache_is_built_on() -> None:
    """It may have been bought by another process, or before a restart."""
    store = MemoryCache(CacheConfig(), clock=lambda: 0.0)
    turn = first(steering={"use_cache": True})
    await SurfaceEngine(*rows(Says(id="r1"), names=("alpha",)), store=store).complete(turn, SCHOOL)
    again = SurfaceEngine(*rows(names=("alpha",)), store=store)
    completion = await again.complete(turn, SCHOOL)
    assert (completion.response.cached, completion.reply.id) == (True, "r1")
    assert (await again.complete(building_on(), SCHOOL)).response.provider == "alpha"
    check_unknown(await again.refusal(building_on(), OFFICE))


async def test_kept_answers_of_the_cache_are_of_one_tenant() -> None:
    """The same first turn of another tenant is asked anew, and has an id of its own."""
    engine = alone(Says(id="r1"), Says(id="r2"))
    turn = first(steering={"use_cache": True})
    ids = [(await engine.complete(turn, caller)).reply.id for caller in (SCHOOL, OFFICE, SCHOOL)]
    assert ids == ["r1", "r2", "r1"]
    check_unknown(await engine.refusal(building_on("r1"), OFFICE))


OPTIONS: list[dict[str, Any]] = [
    {"previous_response_id": "r1"},
    {"Previous_Response_Id": "r1"},
    {"conversation": {"id": "r1"}},
    {"thread": {"type": "enabled", "previous_message_id": "r1"}},
]


@pytest.mark.parametrize("options", OPTIONS)
async def test_state_in_options_is_its_tenants(options: dict[str, Any]) -> None:
    """At the row that keeps it he may name it there too; another tenant, or another row, may not."""
    engine = await begun()
    (path,) = (state.path for state in states_in(options))
    steering = {"preferred_provider": "beta", "vendor_options": {"beta": options}}
    assert (await engine.complete(surface_request(steering=steering), SCHOOL)).response.provider == "beta"
    assert (await engine.ask(prompt="hi")).provider == "alpha"
    for caller, name in ((OFFICE, "beta"), (SCHOOL, "alpha"), (of(None), "beta")):
        turn = surface_request(steering={"vendor_options": {name: options}})
        check_unknown(await engine.refusal(turn, caller), f"vendor_options.{name}.{path}")


@pytest.mark.parametrize("options", OPTIONS)
async def test_state_in_the_params_of_a_fallback_is_its_tenants(options: dict[str, Any]) -> None:
    """They are laid over the body like options."""
    engine = await begun()
    (path,) = (state.path for state in states_in(options))

    def turn(name: str) -> Any:
        fallback = {"provider": name, "model": "shared", "params": options}
        return surface_request(steering={"preferred_provider": "gamma", "fallback_providers": [fallback]})

    engine.given[2].afterwards = unavailable()
    assert (await engine.complete(turn("beta"), SCHOOL)).response.provider == "beta"
    for caller, name in ((OFFICE, "beta"), (SCHOOL, "alpha"), (of(None), "beta")):
        check_unknown(await engine.refusal(turn(name), caller), f"the params of {name}: {path}")


async def test_unknown_state_in_options_of_no_tenant_is_the_rows_to_judge() -> None:
    """The row is named with it."""
    engine = SurfaceEngine(*rows())
    answer = await engine.ask(preferred_provider="beta", vendor_options={"beta": {"previous_response_id": "r9"}})
    assert answer.provider == "beta"
