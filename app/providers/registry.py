"""Which provider does a row of the configuration become?

To add a vendor of a known dialect: one line in `ProviderType`, and the file of that name with its `VENDOR`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib import import_module

from app import catalogue
from app.ports import ModelServer, Provider
from app.ports.withheld import Withheld
from app.providers.dialect_provider import DialectProvider
from app.providers.endpoint import Endpoint, FixedEndpoint, ModelServerEndpoint
from app.providers.mock_vendor import MockVendor
from app.providers.row_facts import RowFacts
from app.providers.usability import fixed_reason
from app.providers.vendor import Clock, Vendor
from app.upstream import UpstreamClient
from contracts.calls import Wire
from contracts.config import ProviderConfig
from contracts.errors import ConfigurationError
from contracts.providers import ProviderType
from contracts.responses import FieldError


def _vendors() -> Iterator[Vendor]:
    """A kind's name is the name of its file."""
    for kind in ProviderType:
        vendor: Vendor = import_module(f"{__package__}.{kind.value}").VENDOR
        yield vendor


VENDORS: tuple[Vendor, ...] = tuple(_vendors())
_BY_KIND = {vendor.kind: vendor for vendor in VENDORS}


def utc_now() -> datetime:
    """The clock of production."""
    return datetime.now(UTC)


def build_provider(
    name: str,
    row: ProviderConfig,
    *,
    upstream: UpstreamClient,
    model_server: ModelServer | None = None,
    api_key: str | None = None,
    withheld: Withheld | None = None,
    clock: Clock = utc_now,
) -> Provider:
    """The provider of the row `name`; `api_key` is the row's key, already resolved. Opens nothing.

    `withheld` learns the row's secrets, and keeps them and all that it knows out of the errors that the row raises.

    Raises ConfigurationError for a dialect that a row of this kind cannot be spoken to in.
    """
    vendor = _BY_KIND[row.type]
    withheld = Withheld() if withheld is None else withheld
    withheld.learn([api_key or "", *(value.get_secret_value() for value in row.headers.values())])
    # The child serves its one model, whatever name is asked for; it must not pass for another.
    only_model = model_server.model_name if vendor.kind is ProviderType.LOCAL and model_server is not None else None
    facts = RowFacts(
        name=name,
        default_model=_default_model(row, vendor, model_server),
        default_embedding_model=_default_embedding_model(row, vendor, only_model),
        models=row.models or ((only_model,) if only_model else ()),
        unusable_reason=_reason(name, row, vendor, model_server, api_key),
        only_model=only_model,
        pull_command=vendor.pull_command if row.base_url is not None else None,
        owns_upstream=vendor.kind is ProviderType.MOCK,
        wires=_wires(name, row, vendor),
    )
    return DialectProvider(
        facts,
        vendor,
        endpoint=_endpoint(row, vendor, model_server, api_key),
        upstream=UpstreamClient(MockVendor()) if vendor.kind is ProviderType.MOCK else upstream,
        withheld=withheld,
        clock=clock,
    )


def _default_model(row: ProviderConfig, vendor: Vendor, model_server: ModelServer | None) -> str:
    if row.default_model is not None:
        return row.default_model
    if row.models:
        return row.models[0]
    if row.type is ProviderType.LOCAL and model_server is not None:
        return model_server.model_name
    if vendor.default_model is not None:
        return vendor.default_model
    return catalogue.default_model(row.type)


def _default_embedding_model(row: ProviderConfig, vendor: Vendor, only_model: str | None) -> str | None:
    """Of a row that lists its models one of these, if any is known to make vectors."""
    if not vendor.dialect.makes_embeddings:
        return None
    if only_model is not None:
        return only_model
    if row.models:
        return next((model for model in row.models if catalogue.embeds(row.type, model)), None)
    return catalogue.default_embedding_model(row.type)


def _wires(name: str, row: ProviderConfig, vendor: Vendor) -> frozenset[Wire]:
    """The dialects that the row says, else those of its kind."""
    if row.dialects is None:
        is_copy = row.base_url not in (None, vendor.base_url)
        return vendor.wires - vendor.seldom_copied if is_copy else vendor.wires
    foreign = [wire for wire in row.dialects if wire not in vendor.wires]
    if foreign:
        known = ", ".join(sorted(vendor.wires)) or "none"
        fact = f"a row of type {vendor.kind} cannot be passed {', '.join(foreign)}; possible here: {known}"
        field = f"providers.{name}.dialects"
        raise ConfigurationError(f"{field}: {fact}", errors=[FieldError(field=field, message=fact)])
    return frozenset(row.dialects)


def _endpoint(row: ProviderConfig, vendor: Vendor, model_server: ModelServer | None, api_key: str | None) -> Endpoint:
    if vendor.kind is ProviderType.LOCAL and model_server is not None:
        return ModelServerEndpoint(model_server)
    headers = {name: value.get_secret_value() for name, value in row.headers.items()}
    base_url = row.base_url or vendor.base_url or "http://local.invalid"
    credentials = vendor.dialect.credentials(api_key) if api_key else {}
    return FixedEndpoint(base_url=base_url, default_headers=vendor.headers, credentials=credentials, headers=headers)


def _reason(
    name: str, row: ProviderConfig, vendor: Vendor, model_server: ModelServer | None, api_key: str | None
) -> Callable[[], str | None]:
    """Why the row cannot be called: fixed with the configuration, but for the embedded model, whose state changes."""
    fixed = fixed_reason(name, row, vendor, api_key)
    if fixed is None and vendor.kind is ProviderType.LOCAL:
        missing = f"{name} has no embedded model: this process was started without one"
        return (lambda: missing) if model_server is None else model_server.unavailable_reason
    return lambda: fixed
