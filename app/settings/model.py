"""Which settings does a process have, beside the configuration that can change while it runs?

Built by `load_settings`. `Settings()` alone reads nothing from anywhere: it is the defaults.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import quote

from pydantic import AfterValidator, BeforeValidator, Field, PrivateAttr, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from app.settings.secret import resolve_secret
from contracts.config import LLMProviderConfig
from contracts.dependency_addresses import (
    validate_bootstrap_servers,
    validate_database_url,
    validate_kafka_options,
    validate_otlp_endpoint,
)
from contracts.redis_url import validate_redis_url

_FOLDER = "llm-provider-service"
_LEDGER = "ledger.sqlite3"


def default_state_dir(environ: Mapping[str, str] | None = None) -> Path:
    """The user's folder for state by the XDG rules; `.state` in the working folder for a user without a home."""
    stated = (os.environ if environ is None else environ).get("XDG_STATE_HOME", "")
    if Path(stated).is_absolute():
        return Path(stated) / _FOLDER
    try:
        return Path.home() / ".local" / "state" / _FOLDER
    except RuntimeError:
        return Path.cwd() / ".state"


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _fit_for_header(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value()
    if not text or any(not "!" <= character <= "~" for character in text):
        msg = "a key is printable ASCII without spaces: callers send it in a header"
        raise ValueError(msg)
    return secret


def _checked(validate: Callable[[str], None]) -> AfterValidator:
    """Of a text, or a secret, for which `validate` raises nothing."""

    def check(value: str | SecretStr) -> str | SecretStr:
        validate(value.get_secret_value() if isinstance(value, SecretStr) else value)
        return value

    return AfterValidator(check)


CallerKey = Annotated[SecretStr, AfterValidator(_fit_for_header)]


class Settings(BaseSettings):
    """What a process is told once, when it starts. Frozen; keys are never shown."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    host: str = Field(default="127.0.0.1", description="Address to listen on; off loopback an admin key is needed.")
    port: Annotated[int, Field(ge=0, le=65_535)] = Field(default=8080, description="0: any free one.")
    workers: Annotated[int, Field(ge=1, le=256)] = Field(
        default=1, description="Processes that `llm-provider-service` answers with, behind one port."
    )
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(_upper)] = "INFO"
    admin_api_key: CallerKey | None = Field(default=None, description="Opens everything.")
    api_keys: tuple[CallerKey, ...] = Field(
        default=(), description="Callers' keys: model calls, models and provider lists. Comma-separated or a JSON list."
    )
    metrics_token: CallerKey | None = Field(
        default=None, description="Opens `/metrics` and nothing else, for Prometheus."
    )
    allow_anonymous_callers: bool = Field(
        default=False, description="True: model calls need no key, on a private network; administration still does."
    )
    allow_upstream_edits: bool = Field(
        default=False, description="True: a patch at run time may change a row's `base_url` or `type`."
    )
    database_url: Annotated[SecretStr, _checked(validate_database_url)] | None = Field(
        default=None,
        description="Where the books are kept: postgresql://… or sqlite:///…; default: a file in `state_dir`.",
    )
    ledger_durability: Literal["relaxed", "strict"] = Field(
        default="relaxed",
        description="relaxed: committed within 100 ms. strict: an answer's last byte waits until its row is on disk.",
    )
    ledger_retention_days: Annotated[int, Field(ge=1, le=36_500)] | None = Field(
        default=None, description="Older rows of requests and calls are deleted; sums stay. Default: none is."
    )
    kafka_bootstrap_servers: Annotated[str, _checked(validate_bootstrap_servers)] | None = Field(
        default=None, description="host:port, more between commas: events are published there."
    )
    kafka_topic_prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,100}$")] = Field(
        default="huleedu.llm_provider", description="What the topics' names begin with."
    )
    kafka_options: Annotated[SecretStr, _checked(validate_kafka_options)] | None = Field(
        default=None,
        description="How the broker is reached, by librdkafka's names (`security.protocol`, `sasl.…`), JSON.",
    )
    otlp_endpoint: Annotated[str, _checked(validate_otlp_endpoint)] | None = Field(
        default=None, description="http(s)://…: spans are sent there by OTLP over HTTP. Default: no spans are made."
    )
    log_format: Literal["text", "json"] = Field(default="text", description="json: one object a line.")
    audit_content: bool = Field(
        default=False, description="True: requests and answers are written into the audit, redacted and cut."
    )
    redis_url: Annotated[SecretStr, _checked(validate_redis_url)] | None = Field(
        default=None,
        description="Keeps answers for all processes: redis://, rediss:// or unix://. Default: memory of this process.",
    )
    config_file: Path | None = Field(default=None, description="YAML: the whole LLMProviderConfig.")
    state_dir: Path = Field(default_factory=default_state_dir, description="What has to survive a restart.")
    local_model_path: Path | None = Field(default=None, description="A GGUF file instead of the built-in SmolLM2.")
    drain_seconds: Annotated[float, Field(ge=0, le=600)] = Field(
        default=5,
        description="From SIGTERM on, calls are still taken for so long, while `/readyz` is 503 already. SIGINT, which "
        "comes from a person, skips it.",
    )
    stream_drain_seconds: Annotated[float, Field(ge=0, le=86_400)] = Field(
        default=20, description="For so long after that, calls under way may go on; then they are cut."
    )
    config: LLMProviderConfig = Field(default_factory=LLMProviderConfig)
    admin_key_file: Path | None = Field(default=None, description="Where the admin key stands that was made for us.")

    _environment: Mapping[str, str] = PrivateAttr(default_factory=lambda: os.environ)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is passed in: `load_settings` lays the sources, since several names can mean one setting."""
        return (init_settings,)

    @property
    def is_on_loopback(self) -> bool:
        """Whether only this machine can reach the socket."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host.lower() == "localhost"

    def with_admin_key(self, key: SecretStr, file: Path) -> Self:
        """A copy whose admin key is the one that was made for it."""
        return self.model_copy(update={"admin_api_key": key, "admin_key_file": file})

    def with_default_database(self) -> Self:
        """A copy whose books outlive the process: where no database is named, in a file of `state_dir`."""
        if self.database_url is not None:
            return self
        path = quote(str(self.state_dir.absolute() / _LEDGER))
        return self.model_copy(update={"database_url": SecretStr(f"sqlite:///{path}")})

    def with_environment(self, environment: Mapping[str, str]) -> Self:
        """A copy whose `resolve` looks `env:NAME` up in `environment`, so that names from `.env` are found."""
        copy = self.model_copy()
        copy._environment = environment  # noqa: SLF001 - a copy of our own class
        return copy

    def own_keys(self) -> tuple[str, ...]:
        """Those that open this service."""
        given = (self.admin_api_key, self.metrics_token, *self.api_keys)
        return tuple(key.get_secret_value() for key in given if key is not None)

    def resolve(self, secret: SecretStr) -> str:
        """The secret itself, of one given plainly, as `env:NAME` or as `file:PATH`. Raises ConfigurationError."""
        return resolve_secret(secret, self._environment)
