"""Who may make vectors in whose place? Those of different models cannot be compared, so hardly anybody."""

from __future__ import annotations

import pytest

from contracts.errors import (
    InvalidRequestError,
    ModelNotFoundError,
    ProviderDisabledError,
    ProviderNotFoundError,
    ProviderUnavailableError,
)
from contracts.providers import ProviderType
from tests.kit.embedding_engine import EmbeddingEngine
from tests.kit.fake_provider import FakeProvider
from tests.kit.script import Outcome, Says, unavailable


def down(name: str, *embeds: str) -> FakeProvider:
    """A row whose every call fails."""
    provider = FakeProvider(name, embeds=embeds)
    provider.afterwards = unavailable()
    return provider


def up(name: str, *embeds: str, script: tuple[Outcome, ...] = ()) -> FakeProvider:
    """A row that makes vectors."""
    return FakeProvider(name, script, embeds=embeds)


def engine(*providers: FakeProvider, **config: object) -> EmbeddingEngine:
    """Without retries."""
    return EmbeddingEngine(*providers, **{"max_retries": 0, **config})


async def test_first_row_that_makes_vectors_serves() -> None:
    """With its default embedding model; a row that makes none is passed over without a word."""
    talker = FakeProvider("talker")
    response = await engine(talker, up("alpha", "e-1", "e-2"), up("beta", "e-1")).embed()
    assert (response.provider, response.model, response.warnings) == ("alpha", "e-1", [])
    assert talker.asked == []


async def test_row_of_another_model_never_stands_in() -> None:
    """The request fails, though beta could have made some vectors."""
    beta = up("beta", "e-9")
    asked = engine(down("alpha", "e-1"), beta)
    error = await asked.refusal()
    assert (type(error), error.provider) == (ProviderUnavailableError, "alpha")
    assert beta.asked == []


async def test_row_of_the_same_model_stands_in() -> None:
    """With that model, though its own default is another one; and says so."""
    response = await engine(down("alpha", "e-1"), up("beta", "e-9", "e-1")).embed()
    assert (response.provider, response.model, response.fallback_used) == ("beta", "e-1", True)
    assert response.warnings == []


async def test_named_model_goes_to_the_rows_that_offer_it() -> None:
    """In the configured order; chat models of the same name do not count."""
    talker = FakeProvider("talker", models=["e-1"])
    response = await engine(talker, up("alpha", "e-2"), down("beta", "e-3", "e-1"), up("gamma", "e-1")).embed(
        model="e-1"
    )
    assert [(one.provider, one.model) for one in response.attempts] == [("beta", "e-1"), ("gamma", "e-1")]


async def test_named_model_that_nobody_offers_is_not_found() -> None:
    """And how to ask for it all the same."""
    error = await engine(up("alpha", "e-1")).refusal(model="e-7")
    assert type(error) is ModelNotFoundError
    assert "PROVIDER/e-7" in str(error)


async def test_provider_and_model_in_one_name_are_taken_at_their_word() -> None:
    """Whether or not the row is known to offer it."""
    alpha = up("alpha", "e-1")
    assert (await engine(up("beta", "e-1"), alpha).embed(model="alpha/e-7")).model == "e-7"
    assert [asked.model for asked in alpha.asked] == ["e-7"]


async def test_preferred_provider_is_replaced_only_by_its_own_model() -> None:
    """Its default embedding model is what was asked, said or not."""
    asked = engine(up("gamma", "e-2"), down("alpha", "e-1"), up("beta", "e-2", "e-1"))
    response = await asked.embed(preferred_provider="alpha")
    assert [(one.provider, one.model) for one in response.attempts] == [("alpha", "e-1"), ("beta", "e-1")]


async def test_preferred_provider_without_a_key_is_replaced_only_by_its_own_model() -> None:
    """It is skipped with a warning, and its model still is what was asked."""
    keyless = FakeProvider("alpha", embeds=["e-1"], unusable="alpha has no key: set ALPHA_KEY")
    response = await engine(up("gamma", "e-2"), keyless, up("beta", "e-2", "e-1")).embed(preferred_provider="alpha")
    assert (response.provider, response.model, response.fallback_used) == ("beta", "e-1", True)
    assert response.warnings == ["alpha was skipped: alpha has no key: set ALPHA_KEY"]
    error = await engine(up("gamma", "e-2"), keyless).refusal(preferred_provider="alpha")
    assert (type(error), str(error)) == (ProviderUnavailableError, "alpha has no key: set ALPHA_KEY")


async def test_explicit_fallback_may_be_of_another_model() -> None:
    """The caller said so; the answer still says that the vectors are others."""
    beta = up("beta", "e-9", "e-8")
    asked = engine(down("alpha", "e-1"), beta, up("gamma", "e-1"))
    response = await asked.embed(preferred_provider="alpha", fallback_providers=["beta/e-8"])
    assert (response.provider, response.model) == ("beta", "e-8")
    assert response.warnings == ["these vectors are of e-8: they cannot be compared with those of e-1"]


async def test_explicit_fallback_without_a_model_uses_its_own() -> None:
    """And nobody but the named ones is tried."""
    gamma = up("gamma", "e-1")
    asked = engine(down("alpha", "e-1"), down("beta", "e-9"), gamma)
    error = await asked.refusal(fallback_providers=["beta"])
    assert [(one.provider, one.model) for one in error.attempts] == [("alpha", "e-1"), ("beta", "e-9")]
    assert gamma.asked == []


async def test_logical_model_is_asked_as_it_is_configured() -> None:
    """Its candidates are the operator's word that they may stand in for each other."""
    asked = engine(up("alpha", "e-1"), down("beta", "e-2"), models={"vectors": ["beta/e-2", "alpha/e-1"]})
    response = await asked.embed(model="vectors")
    assert [(one.provider, one.model) for one in response.attempts] == [("beta", "e-2"), ("alpha", "e-1")]


async def test_fallback_may_be_turned_off() -> None:
    """By the configuration."""
    error = await engine(down("alpha", "e-1"), up("beta", "e-1"), enable_fallback=False).refusal()
    assert [one.provider for one in error.attempts] == ["alpha"]


async def test_preferred_vendor_without_embeddings_is_skipped_with_a_warning() -> None:
    """As one without a key is; alone it is the caller's error, with or without a model."""
    talker = FakeProvider("talker")
    response = await engine(talker, up("alpha", "e-1")).embed(preferred_provider="talker")
    assert (response.provider, response.warnings) == ("alpha", ["talker was skipped: talker makes no embeddings"])
    for fields in ({"preferred_provider": "talker"}, {"model": "talker/e-1"}):
        error = await engine(talker).refusal(**fields)
        assert (type(error), str(error)) == (InvalidRequestError, "talker makes no embeddings")
    assert talker.asked == []


async def test_row_that_lists_other_models_must_be_asked_for_one() -> None:
    """It makes vectors, but nobody knows with which of its models."""
    lister = FakeProvider("lister", embeds=["e-1"])
    lister.default_embedding_model = None
    error = await engine(lister).refusal(preferred_provider="lister")
    assert str(error) == "lister has no model for this: name one of its own as lister/MODEL"
    assert (await engine(lister).embed(model="lister/e-1")).provider == "lister"


async def test_disabled_row_is_not_asked() -> None:
    """Nor does it stand in."""
    beta = up("beta", "e-1")
    asked = engine(down("alpha", "e-1"), beta, rows={"beta": {"enabled": False}})
    await asked.refusal()
    assert beta.asked == []
    assert type(await asked.refusal(preferred_provider="beta")) is ProviderUnavailableError
    lonely = engine(beta, rows={"beta": {"enabled": False}})
    assert type(await lonely.refusal(preferred_provider="beta")) is ProviderDisabledError


async def test_unknown_provider_is_not_found() -> None:
    """As for a conversation."""
    assert type(await engine(up("alpha", "e-1")).refusal(preferred_provider="nobody")) is ProviderNotFoundError


@pytest.mark.parametrize("others", ["none", "talker"])
async def test_embedded_model_makes_vectors_where_nobody_else_can(others: str) -> None:
    """A vendor that only talks is no other; one that could make vectors is."""
    local = FakeProvider("local", kind=ProviderType.LOCAL, embeds=["tiny"])
    rows = [FakeProvider("talker")] if others == "talker" else []
    assert (await engine(*rows, local, fallback_order=[row.name for row in rows]).embed()).provider == "local"
    maker = up("alpha", "e-1", script=(Says(),))
    assert (await engine(maker, local, fallback_order=["alpha"]).embed()).provider == "alpha"


async def test_what_would_make_a_row_usable_is_said() -> None:
    """The keys that are missing, not the vendors that could not do it anyway."""
    keyless = FakeProvider("alpha", embeds=["e-1"], unusable="alpha has no key: set ALPHA_KEY")
    error = await engine(FakeProvider("talker"), keyless).refusal()
    assert type(error) is ProviderUnavailableError
    assert "alpha has no key: set ALPHA_KEY" in str(error)
    assert "talker" not in str(error)
