"""Do requests for vectors at a drop-in surface reach who can make them, and come back whole?"""

from __future__ import annotations

import pytest

from app.engine.content_log import LoggedVectors
from app.engine.embeddings import EmbeddingCalls
from app.engine.surface_intake import take_in_surface
from contracts.caller import IN_PROCESS_CALLER
from contracts.calls import Source, Wire
from contracts.chat import UsageSource
from contracts.embeddings import EmbeddingInput
from contracts.errors import InvalidRequestError, ProviderUnavailableError
from contracts.responses import FieldError
from contracts.surfaces import EmbeddingCompletion
from tests.kit.embedding_engine import EmbeddingEngine
from tests.kit.fake_books import FakeBooks
from tests.kit.fake_provider import FakeProvider
from tests.kit.logged_content import log_into, written
from tests.kit.script import USAGE, Outcome, Says, unavailable
from tests.kit.surface_engine import surface_request

TEXTS = EmbeddingInput(texts=("a", "bcd"))
TOKENS = EmbeddingInput(texts=(), token_counts=(3, None))
DEMAND = FieldError(field="input", message="holds tokens")


class VectorEngine(EmbeddingEngine):
    """Is asked for vectors as at a surface, in OpenAI's dialect; its books keep what was said."""

    def __init__(self, *providers: FakeProvider) -> None:
        super().__init__(*providers)
        self.books = FakeBooks()
        self.logged = LoggedVectors(EmbeddingCalls(self.accounts, self.cache), log_into(self.books))

    async def complete(self, asked: EmbeddingInput, *demands: FieldError) -> EmbeddingCompletion:
        """The vectors."""
        source = Source(wire=Wire.OPENAI_EMBEDDINGS, body=b"{}", read_as=asked, demands=demands)
        request = surface_request(source=source)
        with self.snapshots.taken() as runtime:
            order = take_in_surface(request, IN_PROCESS_CALLER, now=self.clock.now(), config=runtime.config)
            return await self.logged.completion(order, runtime)


def maker(name: str, *script: Outcome, speaks: bool = True) -> FakeProvider:
    """A row that makes vectors with `e-1`."""
    row = FakeProvider(name, script, embeds=["e-1"])
    row.wires = {Wire.OPENAI_EMBEDDINGS} if speaks else set()
    return row


async def test_completion_holds_vectors_and_who_made_them() -> None:
    """The reply has what was billed."""
    made = await VectorEngine(maker("alpha")).complete(TEXTS)
    assert made.reply.vectors == ((1.0, 1.0), (3.0, 1.0))
    assert (made.account.provider, made.account.model, made.account.usage, made.reply.usage) == (
        "alpha",
        "e-1",
        USAGE,
        USAGE,
    )


async def test_completion_that_is_relayed_is_written_down_without_its_vectors() -> None:
    """How many there are is known of what was asked."""
    engine = VectorEngine(maker("alpha", Says(raw='{"data": []}')))
    made = await engine.complete(TEXTS)
    assert (made.reply.raw, made.reply.vectors) == ('{"data": []}', ())
    (entry,) = written(engine.books)
    assert (entry.outcome, entry.after) == ("success", {"vectors": 2})


async def test_completion_that_fails_is_written_down() -> None:
    """With its error."""
    alpha = maker("alpha")
    alpha.afterwards = unavailable()
    engine = VectorEngine(alpha)
    with pytest.raises(ProviderUnavailableError):
        await engine.complete(TEXTS)
    (entry,) = written(engine.books)
    assert entry.outcome == "provider_unavailable"


async def test_tokens_go_to_rows_of_the_dialect_only() -> None:
    """Others are passed over, though they offer the same model."""
    foreign, alpha = maker("foreign", speaks=False), maker("alpha")
    made = await VectorEngine(foreign, alpha).complete(TOKENS, DEMAND)
    assert (made.account.provider, foreign.asked) == ("alpha", [])


async def test_tokens_are_refused_by_name_where_nobody_speaks_the_dialect() -> None:
    """Nothing is sent."""
    foreign = maker("foreign", speaks=False)
    with pytest.raises(InvalidRequestError, match="foreign cannot be asked for input") as caught:
        await VectorEngine(foreign).complete(TOKENS, DEMAND)
    assert (caught.value.errors, foreign.asked) == ((DEMAND,), [])


async def test_tokens_of_which_no_usage_is_reported_are_counted() -> None:
    """What cannot be counted is taken for a picture."""
    made = await VectorEngine(maker("alpha", Says(usage=None))).complete(TOKENS, DEMAND)
    assert (made.account.usage.input_tokens, made.account.usage.source) == (803, UsageSource.ESTIMATED)
