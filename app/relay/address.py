"""Which brokers are events sent to, and with which of the Kafka client's options?

Options are the operator's, never a request's: those that say how the broker is reached and who we are. The rest is
ours, because the promise (in order, at least once, bounded) hangs on it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from contracts.dependency_addresses import validate_bootstrap_servers
from contracts.errors import ConfigurationError

_NAMES = re.compile(r"security\.protocol|(sasl|ssl)\.[a-z.]+|client\.dns\.lookup|broker\.address\.family")
# These load code.
_FORBIDDEN = re.compile(r"ssl\.engine\..*|ssl\.providers|.*callback.*")


@dataclass(frozen=True)
class KafkaAddress:
    """`servers` as `host:port`, more between commas. `options` may hold passwords: they are never shown.

    Raises ConfigurationError, which names the option and not its value.
    """

    servers: str
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)

    def __post_init__(self) -> None:
        try:
            validate_bootstrap_servers(self.servers)
        except ValueError as error:
            raise ConfigurationError(str(error)) from error
        for name in self.options:
            if not _NAMES.fullmatch(name) or _FORBIDDEN.fullmatch(name):
                raise ConfigurationError(f"the Kafka option {name[:64]!r} cannot be set")
