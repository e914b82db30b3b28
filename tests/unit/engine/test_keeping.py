"""Is what a vendor keeps built on at that vendor only, and by nobody but whom it was given to?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from contracts.caller import IN_PROCESS_CALLER, Caller, Scope
from contracts.calls import Source, Wire
from contracts.errors import InvalidRequestError, LLMProviderError
from contracts.kept_state import NOT_KNOWN, KeptState
from contracts.selection_strategy import SelectionStrategy
from contracts.surfaces import SurfaceRequest
from tests.kit.fake_provider import FakeProvider
from tests.kit.script import Says, unavailable
from tests.kit.surface_engine import SAID, SurfaceEngine, surface_request

STATE = KeptState("previous_response_id", "r1")


def of(tenant: str | None, providers: Iterable[str] | None = None) -> Caller:
    """A caller of that tenant."""
    limits = None if providers is None else frozenset(providers)
    return Caller(key_id=f"key of {tenant}", tenant=tenant, scopes=frozenset({Scope.CALL}), providers=limits)


SCHOOL, OFFICE = of("school"), of("office")


def body(*states: KeptState, is_kept: bool = True) -> Source:
    """A body of /responses that builds on these."""
    return Source(wire=Wire.OPENAI_RESPONSES, body=b"{}", read_as=SAID, states=states, is_kept=is_kept)


def first(**fields: Any) -> SurfaceRequest:
    """A first turn, whose answer the vendor keeps."""
    return surface_request(source=body(), **fields)


def building_on(*ids: str, **fields: Any) -> SurfaceRequest:
    """The next turn."""
    return surface_request(source=body(*(KeptState(STATE.path, one) for one in ids or ("r1",))), **fields)


def rows(*scripted: Says, names: tuple[str, ...] = ("alpha", "beta", "gamma")) -> list[FakeProvider]:
    """Rows of one dialect with a model in common; `scripted` is the first answer of each."""
    made = [FakeProvider(name, models=("shared",)) for name in names]
    for row, says in zip(made, scripted, strict=False):
        row.script.append(says)
    for row in made:
        row.wires = {Wire.OPENAI_RESPONSES}
    return made


async def begun(caller: Caller = SCHOOL, at: str = "beta", **config: Any) -> SurfaceEngine:
    """An engine in which the row `at` keeps r1 with its item i1 for `caller`."""
    engine = SurfaceEngine(*rows(), **{"max_retries": 0, **config})
    keeper = next(row for row in engine.given if row.name == at)
    keeper.script.append(Says(id="r1", item_ids=("i1",)))
    await engine.complete(first(steering={"preferred_provider": at}), caller)
    return engine


def asked(engine: SurfaceEngine) -> list[str]:
    """The rows that were asked after the first turn, in their order."""
    return [row.name for row in engine.given for _ in row.asked[1 if row.name == "beta" else 0 :]]


def check_unknown(error: LLMProviderError, path: str = STATE.path) -> None:
    """The same words, whether nobody or somebody else has it."""
    assert isinstance(error, InvalidRequestError)
    assert str(error) == f"{path} {NOT_KNOWN}"
    assert [(one.field, one.message) for one in error.errors] == [(path, NOT_KNOWN)]


@pytest.mark.parametrize("caller", [SCHOOL, IN_PROCESS_CALLER])
@pytest.mark.parametrize("strategy", list(SelectionStrategy))
async def test_next_turn_goes_to_who_keeps_the_last(strategy: SelectionStrategy, caller: Caller) -> None:
    """Whatever the strategy is, and each time; its items are kept there as well."""
    engine = await begun(caller, selection_strategy=strategy)
    for name in ("r1", "i1") * 3:
        assert (await engine.complete(building_on(name), caller)).response.provider == "beta"
    assert asked(engine) == ["beta"] * 6


async def test_next_turn_by_a_model_of_all_rows_goes_to_the_keeper() -> None:
    """By its name, as a logical model, and with fallbacks that name others."""
    engine = await begun(models={"pair": ["alpha/shared", "beta/shared"]})
    steering = {"fallback_providers": ["alpha", "gamma"]}
    for turn in (
        building_on(model="shared"),
        building_on(model="pair"),
        building_on(model="beta/shared"),
        building_on(steering={"preferred_provider": "beta", **steering}),
        building_on(model="shared", steering=steering),
    ):
        assert (await engine.complete(turn, SCHOOL)).response.provider == "beta"
    assert asked(engine) == ["beta"] * 5


@pytest.mark.parametrize("caller", [OFFICE, IN_PROCESS_CALLER, of(None)])
async def test_what_is_another_tenants_is_not_known(caller: Caller) -> None:
    """Who has no tenant is not the one either; nobody is asked."""
    engine = await begun()
    check_unknown(await engine.refusal(building_on(), caller))
    assert asked(engine) == []


async def test_what_is_no_tenants_is_not_known_to_one() -> None:
    """No tenant is a tenant of its own."""
    engine = await begun(IN_PROCESS_CALLER)
    check_unknown(await engine.refusal(building_on(), SCHOOL))


async def test_unknown_state_of_a_tenant_is_refused() -> None:
    """It could be another's, given by another process."""
    engine = await begun()
    check_unknown(await engine.refusal(building_on("r2"), SCHOOL))
    check_unknown(await engine.refusal(building_on("r1", "r2"), SCHOOL))
    assert asked(engine) == []


@pytest.mark.parametrize(
    "request_fields,provider",
    [
        ({}, "beta"),
        ({"model": "shared"}, "beta"),
        ({"model": "gamma-1"}, "gamma"),
        ({"model": "pair"}, "gamma"),
        ({"steering": {"preferred_provider": "gamma"}}, "gamma"),
        ({"model": "gamma/shared"}, "gamma"),
    ],
)
async def test_unknown_state_of_no_tenant_goes_to_the_first_row_that_could_have_it(
    request_fields: dict[str, Any], provider: str
) -> None:
    """Of the dialect, with the model: and when that fails, to nobody else."""
    engine = SurfaceEngine(*rows(), max_retries=0, models={"pair": ["gamma/shared", "beta/shared"]})
    engine.given[0].wires = set()
    turn = building_on(**request_fields)
    assert (await engine.complete(turn)).response.provider == provider
    for row in engine.given:
        row.afterwards = unavailable()
    error = await engine.refusal(turn)
    assert (error.provider, error.error_type) == (provider, "provider_unavailable")
    assert [row.name for row in engine.given for _ in row.asked] == [provider] * 2


async def test_unknown_state_of_no_tenant_goes_with_a_known_one() -> None:
    """A body may name several: who keeps one is asked for all."""
    engine = await begun(IN_PROCESS_CALLER)
    for ids in (("r1", "r2"), ("r2", "r1")):
        assert (await engine.complete(building_on(*ids))).response.provider == "beta"


async def test_unknown_state_goes_to_no_row_that_the_key_may_not_use() -> None:
    """The first that could have it is the first of his."""
    engine = SurfaceEngine(*rows())
    completion = await engine.complete(building_on(), of(None, providers=["gamma"]))
    assert completion.response.provider == "gamma"


async def test_unknown_state_goes_to_no_row_that_is_down() -> None:
    """While another could have it."""
    alpha, beta = FakeProvider("alpha", unusable="alpha has no key"), FakeProvider("beta")
    alpha.wires = beta.wires = {Wire.OPENAI_RESPONSES}
    assert (await SurfaceEngine(alpha, beta).complete(building_on())).response.provider == "beta"


async def test_unknown_state_where_nobody_speaks_the_dialect_is_for_others_to_refuse() -> None:
    """Here is nothing to say of it: what it asks for is a demand."""
    engine = SurfaceEngine(FakeProvider("alpha"))
    assert (await engine.complete(building_on())).response.provider == "alpha"


async def test_preference_for_another_row_is_refused_by_name() -> None:
    """It would be answered without what was said before."""
    engine = await begun()
    for fields in ({"steering": {"preferred_provider": "alpha"}}, {"model": "alpha/shared"}):
        error = await engine.refusal(building_on(**fields), SCHOOL)
        assert str(error) == "previous_response_id names an answer that beta keeps: alpha cannot build on it"
    assert asked(engine) == []


async def test_logical_model_without_the_keeper_is_refused() -> None:
    """Nobody of it could answer."""
    engine = await begun(models={"others": ["alpha/shared", "gamma/shared"]})
    check_unknown(await engine.refusal(building_on(model="others"), SCHOOL))


async def test_states_of_two_keepers_are_refused() -> None:
    """No vendor knows both."""
    engine = SurfaceEngine(*rows(Says(id="r1"), Says(id="r2")))
    for name in ("alpha", "beta"):
        await engine.complete(first(steering={"preferred_provider": name}), SCHOOL)
    check_unknown(await engine.refusal(building_on("r1", "r2"), SCHOOL))


async def test_keeper_that_is_down_is_told_as_itself_and_nobody_else_is_asked() -> None:
    """Its own error, worth another try; never another account's 400."""
    engine = await begun()
    engine.given[1].afterwards = unavailable()
    error = await engine.refusal(building_on(), SCHOOL)
    assert (error.provider, error.error_type, error.status) == ("beta", "provider_unavailable", 503)
    assert asked(engine) == ["beta"]


@pytest.mark.parametrize(
    "beta,row,kind",
    [
        (FakeProvider("beta", unusable="beta has no key"), {}, "provider_unavailable"),
        (FakeProvider("beta"), {"enabled": False}, "provider_disabled"),
    ],
)
async def test_keeper_that_cannot_serve_is_told_as_itself(beta: FakeProvider, row: dict[str, Any], kind: str) -> None:
    """That only it keeps the answer would be no help to anybody."""
    beta.wires = {Wire.OPENAI_RESPONSES}
    (alpha,) = rows(names=("alpha",))
    engine = SurfaceEngine(alpha, beta, rows={"beta": row})
    engine.snapshots.current.steering.kept_states.remember("r1", "beta", "school")
    error = await engine.refusal(building_on(), SCHOOL)
    assert (error.provider, error.error_type) == ("beta", kind)
    assert alpha.asked == []


async def test_keeper_that_is_no_row_any_more_is_not_known() -> None:
    """Rows come and go; what is remembered stays over changes of the configuration."""
    engine = SurfaceEngine(*rows())
    engine.snapshots.current.steering.kept_states.remember("r1", "gone", "school")
    check_unknown(await engine.refusal(building_on(), SCHOOL))
