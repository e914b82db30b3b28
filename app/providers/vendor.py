"""What must be known of a vendor? One `Vendor` is all that a new one of a known dialect needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.providers.dialect import Dialect
from app.providers.openai_dialect import OpenAIDialect
from contracts.calls import Wire
from contracts.providers import ProviderCapabilities, ProviderType

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """A row of the vendor table. `base_url` None: the row's own part says where it is.

    `key_variable` is the bare environment variable of its key; None: it needs no key. `host_variable` is that of its
    address, for a vendor that runs where its user put it (`host_example`): its row must say where, or hold a key for
    `base_url`.
    Of such a server `silence_hint` asks what may be wrong when it does not answer, and `pull_command` fetches a model.
    `default_model` None: the catalogue's. `caller_headers` are those of a caller's that go on to it, in lower case.
    `wires` are the dialects in which a caller's own body may go to it as it came; copies of it at another address are
    taken to lack those of `seldom_copied`, unless their row says otherwise.
    """

    kind: ProviderType
    base_url: str | None = None
    key_variable: str | None = None
    host_variable: str | None = None
    host_example: str | None = None
    silence_hint: str | None = None
    pull_command: str | None = None
    default_model: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    caller_headers: frozenset[str] = frozenset()
    capabilities: ProviderCapabilities = field(default_factory=ProviderCapabilities)
    dialect: Dialect = field(default_factory=OpenAIDialect)
    wires: frozenset[Wire] = frozenset()
    seldom_copied: frozenset[Wire] = frozenset()
