"""Does each row of the configuration become the provider that it describes?"""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from app import catalogue
from app.ports import Provider
from app.providers import VENDORS, build_provider
from app.providers.registry import utc_now
from app.upstream import UpstreamClient
from contracts.config import ProviderConfig
from contracts.providers import ProviderType
from tests.unit.providers.vendor_double import ModelServerDouble, VendorDouble

KEYED = [(vendor.kind.value, vendor.key_variable) for vendor in VENDORS if vendor.key_variable]


@pytest.mark.parametrize("kind", ProviderType)
def test_row_of_each_kind_becomes_a_provider(kind: ProviderType) -> None:
    """There is none that cannot be built, and each says who it is."""
    provider = VendorDouble().row(kind.value, name="mine")
    assert isinstance(provider, Provider)
    assert (provider.name, provider.type) == ("mine", kind)
    own = next(vendor.default_model for vendor in VENDORS if vendor.kind is kind)
    assert provider.default_model == (own or catalogue.default_model(kind))
    assert provider.rate_limits() == []


@pytest.mark.parametrize("kind,variable", KEYED)
def test_missing_key_names_what_to_set(kind: str, variable: str) -> None:
    """The default row names its variables, an added row its setting."""
    double = VendorDouble()
    assert double.row(kind, api_key=None).unusable_reason() == (
        f"{kind} has no key: set {variable} or LLM_PROVIDER_SERVICE_{variable}"
    )
    assert double.row(kind, name="second", api_key="").unusable_reason() == (
        "second has no key: set providers.second.api_key"
    )
    assert double.row(kind).unusable_reason() is None


def test_row_with_its_own_address_needs_no_key() -> None:
    """Many self-hosted servers have none."""
    assert VendorDouble().row(name="my-vllm", api_key=None, base_url="http://10.0.0.1/v1").unusable_reason() is None


def test_default_model_is_the_rows_before_the_kinds() -> None:
    """Named, else the first offered, else the kind's."""
    double = VendorDouble()
    assert double.row(default_model="x", models=("a", "b")).default_model == "x"
    assert double.row(models=("a", "b")).default_model == "a"


def test_offers_follow_the_rows_list() -> None:
    """A row with a list offers that list; one without, what is known of its kind and its default."""
    double = VendorDouble()
    listed, unlisted = double.row(models=("a", "gpt-4o")), double.row(default_model="finest")
    assert [listed.offers(model) for model in ("a", "gpt-4o", "gpt-6-luna")] == [True, True, False]
    assert [unlisted.offers(model) for model in ("finest", "gpt-6-luna", "claude-opus-5-5")] == [True, True, False]


def test_local_row_is_the_model_servers() -> None:
    """Its model, and why it cannot serve, are asked of the embedded model each time."""
    server = ModelServerDouble()
    provider = VendorDouble().row("local", model_server=server, api_key=None)
    assert provider.default_model == "tiny"
    assert [provider.offers(model) for model in ("tiny", "gpt-4o")] == [True, False]
    assert provider.unusable_reason() is None
    server.reason = "the wheel is missing"
    assert provider.unusable_reason() == "the wheel is missing"


def test_local_row_without_an_embedded_model_says_so() -> None:
    """A process without the child does not offer it."""
    reason = VendorDouble().row("local").unusable_reason()
    assert reason == "local has no embedded model: this process was started without one"


@pytest.mark.parametrize("kind", ["mock", "local"])
def test_row_that_answers_by_itself_is_refused_an_address(kind: str) -> None:
    """An address would be silently ignored."""
    double = VendorDouble()
    reason = double.row(kind, base_url="http://127.0.0.1:1", model_server=ModelServerDouble()).unusable_reason()
    assert (
        reason == f"{kind} answers by itself: remove providers.{kind}.base_url (type openai is for servers of your own)"
    )


def test_mock_needs_no_key() -> None:
    """It is free."""
    assert VendorDouble().row("mock", api_key=None).unusable_reason() is None


@pytest.mark.parametrize("secret", ["sk-\u00fcmlaut", "sk-line\nbreak"])
def test_key_that_http_cannot_carry_is_told_without_it(secret: str) -> None:
    """It would fail at each call, with the key in the exception."""
    reason = VendorDouble().row(api_key=secret).unusable_reason()
    assert reason == "openai has a key with a character that HTTP cannot carry: set it anew"


def test_provider_keeps_its_secrets() -> None:
    """Neither the key nor a header's value can be read off a provider's parts."""
    row = ProviderConfig(type=ProviderType.OPENAI, headers={"x-team": SecretStr("hush-hush")})
    provider = build_provider("openai", row, upstream=UpstreamClient(VendorDouble()), api_key="sk-secret")
    shown = repr(vars(provider))
    assert "sk-secret" not in shown
    assert "hush-hush" not in shown


def test_clock_of_production_is_aware() -> None:
    """Times are never naive."""
    assert utc_now().utcoffset() is not None
