"""Which rows are asked for a model that is named without a row?"""

from __future__ import annotations

from app.engine.row_order import rows_offering
from app.engine.runtime import Runtime
from app.engine.wanted import AnswerWanted, VectorsWanted
from app.resilience.routes import Routes
from contracts import LLMProviderConfig
from contracts.chat import Conversation
from tests.kit.engine import Engine
from tests.kit.fake_provider import FakeProvider
from tests.kit.virtual_time import HandClock

ANSWER = AnswerWanted(Conversation(messages=()))


class CountedProvider(FakeProvider):
    """One that counts how often it is asked what it offers."""

    questions = 0

    def offers(self, model: str) -> bool:
        """As ever."""
        self.questions += 1
        return super().offers(model)


def runtime(*providers: FakeProvider) -> Runtime:
    """A snapshot with these rows."""
    routes = Routes(LLMProviderConfig().circuit_breaker, HandClock().clock)
    return Runtime(1, LLMProviderConfig(), {each.name: each for each in providers}, routes)


def test_rows_of_a_model_are_asked_once_for_a_snapshot() -> None:
    """And those of another snapshot anew."""
    row = CountedProvider("alpha", models=("wanted",))
    snapshot = runtime(row, FakeProvider("beta"))
    assert [rows_offering(snapshot, ANSWER, "wanted") for _ in range(3)] == [{"alpha"}] * 3
    asked = row.questions
    assert rows_offering(runtime(row), ANSWER, "wanted") == {"alpha"}
    assert row.questions == 2 * asked


def test_rows_of_a_model_for_vectors_are_others_than_for_answers() -> None:
    """A model that answers makes no vectors."""
    snapshot = runtime(FakeProvider("alpha", models=("wanted",)), FakeProvider("beta", embeds=("wanted",)))
    assert rows_offering(snapshot, ANSWER, "wanted") == {"alpha"}
    assert rows_offering(snapshot, VectorsWanted(), "wanted") == {"beta"}


def test_rows_of_models_that_callers_make_up_are_not_all_kept() -> None:
    """Whoever names a new one each time fills no memory."""
    snapshot = runtime(FakeProvider("alpha"))
    for number in range(3_000):
        assert rows_offering(snapshot, ANSWER, f"made-up-{number}") == frozenset()
    assert len(snapshot.offering) <= 1_000


async def test_refusals_stand_in_the_order_of_the_rows() -> None:
    """Whether a row cannot be called or has not the model: the first one's words come first."""
    engine = Engine(FakeProvider("alpha", unusable="set ALPHA_KEY", models=("wanted",)), FakeProvider("beta"))
    error = await engine.failure(model="wanted")
    assert (error.status, str(error)) == (503, "set ALPHA_KEY")
