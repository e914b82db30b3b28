"""Which names are accepted, and what does each set?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from app.settings import PREFIX, Settings, load_settings
from app.settings.variables import VARIABLES, Variable
from contracts.cache import CacheConfig
from contracts.config import CircuitBreakerConfig, LLMProviderConfig
from contracts.providers import ProviderType
from tests.unit.settings.wrong import wrong_lines

# Fields that hold mappings are for the file; these two are made by `load_settings`.
FOR_THE_FILE = {"providers", "models", "model_aliases", "prices"}
MADE = {"config", "admin_key_file"}
SEED_A = [
    "PORT",
    "LOG_LEVEL",
    "ANTHROPIC_API_KEY",
    "OPENAI_API_KEY",
    "GOOGLE_API_KEY",
    "OPENROUTER_API_KEY",
    "CIRCUIT_BREAKER_ENABLED",
    "LLM_CIRCUIT_BREAKER_FAILURE_THRESHOLD",
    "LLM_CIRCUIT_BREAKER_RECOVERY_TIMEOUT",
    "LLM_CACHE_ENABLED",
    "LLM_CACHE_TTL",
]
SEED_B = [
    "OPENAI_API_KEY",
    "ANTHROPIC_API_KEY",
    "GOOGLE_API_KEY",
    "DEEPSEEK_API_KEY",
    "OLLAMA_API_KEY",
    "LLM_SERVICE_HOST",
    "LLM_SERVICE_PORT",
    "LLM_SERVICE_LOG_LEVEL",
]


def a_value(variable: Variable, tmp_path: Path) -> tuple[str, Any]:
    """A text that is no default, and the value that it must become."""
    if variable.name == "OLLAMA_HOST":
        return "box", "http://box:11434"
    by_field: dict[str, tuple[str, Any]] = {
        "host": ("::1", "::1"),
        "port": ("4321", 4321),
        "log_level": ("warning", "WARNING"),
        "admin_api_key": ("adm", SecretStr("adm")),
        "api_keys": ("one, two", (SecretStr("one"), SecretStr("two"))),
        "metrics_token": ("tok", SecretStr("tok")),
        "database_url": ("sqlite:///d", SecretStr("sqlite:///d")),
        "ledger_durability": ("strict", "strict"),
        "ledger_retention_days": ("90", 90),
        "kafka_bootstrap_servers": ("k1:9092, [::1]:9093", "k1:9092, [::1]:9093"),
        "kafka_topic_prefix": ("other", "other"),
        "kafka_options": ('{"security.protocol": "SSL"}', SecretStr('{"security.protocol": "SSL"}')),
        "otlp_endpoint": ("http://h:4318", "http://h:4318"),
        "workers": ("4", 4),
        "log_format": ("json", "json"),
        "redis_url": ("redis://h:1/0", SecretStr("redis://h:1/0")),
        "config_file": (str(tmp_path / "c.yaml"), tmp_path / "c.yaml"),
        "state_dir": (str(tmp_path), tmp_path),
        "local_model_path": (str(tmp_path / "m.gguf"), tmp_path / "m.gguf"),
        "default_provider": ("google", "gemini"),
        "fallback_order": ("local,google", ("local", "gemini")),
        "enabled_providers": ("local,google", ("gemini", "local")),
        "selection_strategy": ("least-cost", "least-cost"),
        "unsupported_parameters": ("reject", "reject"),
        "stream_recovery": ("buffer", "buffer"),
        "api_key": ("sk-1", SecretStr("sk-1")),
        "base_url": ("http://h:1/v1", "http://h:1/v1"),
        "default_model": ("m", "m"),
    }
    field = variable.path[-1]
    if field in by_field:
        return by_field[field]
    default = value_at(variable, Settings())
    return ("no", False) if default is True else ("yes", True) if default is False else number_beside(default)


def number_beside(default: float) -> tuple[str, Any]:
    """Another number within every field's range."""
    other = default + 1 if default < 1000 else default - 1
    return str(other), other


def value_at(variable: Variable, settings: Settings) -> Any:
    """What `settings` hold where `variable` writes."""
    value: Any = settings.config if variable.is_config else settings
    for part in variable.path:
        value = value[part] if isinstance(value, dict) else getattr(value, part)
    return value


@pytest.mark.parametrize("variable", VARIABLES, ids=lambda variable: variable.name)
def test_variable_sets_its_field(variable: Variable, tmp_path: Path) -> None:
    """Each accepted name acts: its value arrives at its field."""
    (tmp_path / "c.yaml").write_text("")
    (tmp_path / "m.gguf").write_bytes(b"GGUF....")
    text, value = a_value(variable, tmp_path)
    assert value_at(variable, load_settings({variable.name: text}, env_file=None)) == value


def test_variable_for_every_field_of_a_process() -> None:
    """Whatever a process is told once has a name."""
    named = {variable.path[0] for variable in VARIABLES if not variable.is_config}
    assert named == set(Settings.model_fields) - MADE


def test_variable_for_every_plain_field_of_the_configuration() -> None:
    """A number, switch or list that is added to the configuration has a name at once."""
    wanted = {f"{PREFIX}{field.upper()}" for field in set(LLMProviderConfig.model_fields) - FOR_THE_FILE}
    for field, model in (("circuit_breaker", CircuitBreakerConfig), ("cache", CacheConfig)):
        wanted.remove(f"{PREFIX}{field}".upper())
        wanted |= {f"{PREFIX}{field}_{inner}".upper() for inner in model.model_fields}
    assert wanted <= {variable.name for variable in VARIABLES}


@pytest.mark.parametrize("kind", ["google", *ProviderType])
def test_variable_for_every_kind_of_provider(kind: str) -> None:
    """Every kind can be switched and given a model; those with a vendor behind them a key and an address too."""
    names = {variable.name for variable in VARIABLES}
    mine = {f"{PREFIX}{kind}_{field}".upper() for field in ("enabled", "default_model")}
    keyed = {f"{PREFIX}{kind}_{field}".upper() for field in ("api_key", "base_url")} | {f"{kind}_api_key".upper()}
    assert mine <= names
    assert keyed & names == (set() if kind in ("local", "mock") else keyed)


@pytest.mark.parametrize("name", [*(PREFIX + name for name in SEED_A), *SEED_B])
def test_variable_that_a_seed_prints_is_accepted(name: str) -> None:
    """What the two READMEs tell their readers to export."""
    assert name in {variable.name for variable in VARIABLES}


def test_variable_names_are_unique() -> None:
    """No name means two things, and no field of a process has the path of one of the configuration."""
    names = [variable.name for variable in VARIABLES]
    assert len(names) == len(set(names))
    assert not {v.path for v in VARIABLES if v.is_config} & {v.path for v in VARIABLES if not v.is_config}


@pytest.mark.parametrize(
    "loser,winner",
    [
        ("LLM_SERVICE_HOST", f"{PREFIX}HOST"),
        ("OPENAI_API_KEY", f"{PREFIX}OPENAI_API_KEY"),
        ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
        (f"{PREFIX}GEMINI_API_KEY", f"{PREFIX}GOOGLE_API_KEY"),
        ("GOOGLE_API_KEY", f"{PREFIX}GEMINI_API_KEY"),
        ("OLLAMA_HOST", f"{PREFIX}OLLAMA_BASE_URL"),
        (f"{PREFIX}LLM_CIRCUIT_BREAKER_FAILURE_THRESHOLD", f"{PREFIX}CIRCUIT_BREAKER_FAILURE_THRESHOLD"),
        (f"{PREFIX}LLM_CACHE_TTL", f"{PREFIX}CACHE_TTL_SECONDS"),
    ],
)
def test_variable_of_two_for_one_field_wins_by_rank(loser: str, winner: str, tmp_path: Path) -> None:
    """Ours before the bare ones, and GOOGLE before GEMINI, whatever order the environment has."""
    by_name = {variable.name: variable for variable in VARIABLES}
    text, value = a_value(by_name[winner], tmp_path)
    other = {"box": "http://other", "4": "5"}.get(text, f"other-{a_value(by_name[loser], tmp_path)[0]}")
    other = "5" if text == "4" else "http://other" if loser == "OLLAMA_HOST" else other
    for environ in ({loser: other, winner: text}, {winner: text, loser: other}):
        assert value_at(by_name[winner], load_settings(environ, env_file=None)) == value


@pytest.mark.parametrize(
    "text,url",
    [
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("0.0.0.0:8000", "http://127.0.0.1:8000"),
        (":8000", "http://127.0.0.1:8000"),
        ("[::]:8000", "http://[::1]:8000"),
        ("::1", "http://[::1]:11434"),
        ("box", "http://box:11434"),
        ("http://box", "http://box:80"),
        ("HTTPS://box/ollama/", "https://box:443/ollama"),
        ("https://box:8443", "https://box:8443"),
    ],
)
def test_ollama_host_becomes_what_is_dialled(text: str, url: str) -> None:
    """Ollama's own variable is what its server listens on; we read it as its client does."""
    assert load_settings({"OLLAMA_HOST": text}, env_file=None).config.providers["ollama"].base_url == url


@pytest.mark.parametrize(
    "text", ["box:port", "ftp://box", "http://user:sk-word@box", "http://[box", "a:b:c", "box:99999"]
)
def test_ollama_host_that_is_none_is_refused(text: str) -> None:
    """What cannot be dialled is refused without being repeated: an address may hold a password."""
    assert wrong_lines({"OLLAMA_HOST": text}) == ["OLLAMA_HOST: is neither a host nor an http URL"]


@pytest.mark.parametrize("text", ["a,b", " a , b ,", '["a", "b"]', '["a","b"]'])
def test_callers_keys_are_a_comma_list_or_json(text: str) -> None:
    """Both forms give the same keys."""
    keys = load_settings({f"{PREFIX}API_KEYS": text}, env_file=None).api_keys
    assert [key.get_secret_value() for key in keys] == ["a", "b"]


@pytest.mark.parametrize("text", ['["sk-word"', '["sk-word", 1]', "[sk-word]"])
def test_callers_keys_that_only_look_like_json_are_refused(text: str) -> None:
    """A broken list is not taken for one long key, and not repeated."""
    assert wrong_lines({f"{PREFIX}API_KEYS": text}) == [
        f"{PREFIX}API_KEYS: begins like a JSON list, but is no list of strings"
    ]


@pytest.mark.parametrize("name,text", [("ADMIN_API_KEY", "sk word"), ("API_KEYS", "sk-ä"), ("API_KEYS", '["sk", ""]')])
def test_keys_that_no_header_carries_are_refused(name: str, text: str) -> None:
    """A key that no caller could ever send is a mistake now, not a 401 later."""
    (line,) = wrong_lines({f"{PREFIX}{name}": text})
    assert line.startswith(f"{PREFIX}{name}: ")
    assert line.endswith("a key is printable ASCII without spaces: callers send it in a header")
    assert "sk" not in line.removeprefix(PREFIX)


@pytest.mark.parametrize(
    "name,text,told",
    [
        ("PORT", "many", "Input should be a valid integer, unable to parse string as an integer"),
        ("PORT", "70000", "Input should be less than or equal to 65535"),
        ("LOG_LEVEL", "loud", "Input should be 'DEBUG', 'INFO', 'WARNING', 'ERROR' or 'CRITICAL'"),
        ("ALLOW_ANONYMOUS_CALLERS", "maybe", "Input should be a valid boolean, unable to interpret input"),
        ("MAX_RETRIES", "6", "Input should be less than or equal to 5"),
        ("CIRCUIT_BREAKER_ENABLED", "2", "Input should be a valid boolean, unable to interpret input"),
        ("LLM_CIRCUIT_BREAKER_RECOVERY_TIMEOUT", "0", "Input should be greater than 0"),
        ("LLM_CACHE_TTL", "0", "Input should be greater than or equal to 1"),
        ("FALLBACK_ORDER", "openai,A B", "item 2: String should match pattern '^[a-z0-9][a-z0-9_-]*$'"),
        ("FALLBACK_ORDER", "openai,openai", "fallback_order names a provider twice"),
        (
            "DATABASE_URL",
            "mysql://u:sk-word@h/db",
            "the database_url cannot be used: it must be postgresql://user@host/database or sqlite:///path/of/a/file",
        ),
        ("LEDGER_DURABILITY", "none", "Input should be 'relaxed' or 'strict'"),
        ("LEDGER_RETENTION_DAYS", "0", "Input should be greater than or equal to 1"),
        ("KAFKA_BOOTSTRAP_SERVERS", "kafka", "kafka_bootstrap_servers must be host:port, more between commas"),
        ("KAFKA_TOPIC_PREFIX", "a b", "String should match pattern '^[A-Za-z0-9._-]{1,100}$'"),
        ("KAFKA_OPTIONS", '["hush"]', 'must be a JSON object of texts, e.g. {"security.protocol": "SSL"}'),
        ("OTLP_ENDPOINT", "h:4317", "the otlp_endpoint cannot be used: it must be http(s)://host[:port][/path]"),
        ("LOG_FORMAT", "xml", "Input should be 'text' or 'json'"),
        ("OPENAI_BASE_URL", "ftp://x", r"String should match pattern '^https?://[^\s/?#@]+(/[^\s?#]*)?$'"),
    ],
)
def test_value_that_is_wrong_is_refused_by_its_variable(name: str, text: str, told: str) -> None:
    """The line names the variable that was set, whichever of a field's names it was."""
    assert wrong_lines({f"{PREFIX}{name}": text}) == [f"{PREFIX}{name}: {told}"]
