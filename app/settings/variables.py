"""Which environment variable sets what? Derived from the models, beside the names that the seeds print."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from inspect import isclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr

from app.settings.model import Settings
from contracts.config import LLMProviderConfig
from contracts.providers import PROVIDER_SYNONYMS, ProviderType

PREFIX = "LLM_PROVIDER_SERVICE_"
Path = tuple[str, ...]

# Made by `load_settings` itself.
_NO_VARIABLE = {"config", "admin_key_file"}
_KEYLESS = {ProviderType.LOCAL, ProviderType.MOCK}
_ROW_FIELDS = ("api_key", "base_url", "default_model", "enabled")
_KEYLESS_ROW_FIELDS = ("default_model", "enabled")

_DEFAULT_PORTS = {"http": 80, "https": 443}
_OLLAMA_PORT = 11434
# What a server listens on when it listens everywhere is nothing that can be dialled.
_DIALLED = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound
_NO_URL = "is neither a host nor an http URL"


@dataclass(frozen=True, slots=True)
class Variable:
    """`name` sets the field at `path`, of LLMProviderConfig or else of Settings; `read` turns its text into a value.

    `read` raises ValueError with a sentence that does not hold the text.
    """

    name: str
    path: Path
    is_config: bool
    read: Callable[[str], Any] = str


def read_names(text: str) -> tuple[str, ...]:
    """Names between commas."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def read_keys(text: str) -> tuple[SecretStr, ...]:
    """Keys between commas, or a JSON list of strings."""
    if not text.startswith("["):
        return tuple(SecretStr(key) for key in read_names(text))
    try:
        keys = json.loads(text)
    except ValueError:
        keys = None
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        msg = "begins like a JSON list, but is no list of strings"
        raise ValueError(msg)
    return tuple(SecretStr(key) for key in keys)


def read_ollama_host(text: str) -> str:
    """The URL to dial for Ollama's own variable: a host alone gets http and port 11434, "any address" is loopback."""
    scheme, separator, rest = text.partition("://")
    scheme, rest = (scheme.lower(), rest) if separator else ("http", text)
    if rest.count(":") > 1 and "[" not in rest:
        rest = f"[{rest}]"
    try:
        parts = urlsplit(f"{scheme}://{rest}")
        host, port = parts.hostname or "127.0.0.1", parts.port
    except ValueError as error:
        raise ValueError(_NO_URL) from error
    if scheme not in _DEFAULT_PORTS or "@" in rest:
        raise ValueError(_NO_URL)
    port = port or (_DEFAULT_PORTS[scheme] if separator else _OLLAMA_PORT)
    host = _DIALLED.get(host, host)
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}{parts.path.rstrip('/')}"


def _of_process() -> Iterator[Variable]:
    for field in Settings.model_fields:
        if field not in _NO_VARIABLE:
            yield Variable(PREFIX + field.upper(), (field,), False, read_keys if field == "api_keys" else str)
    for field in ("host", "port", "log_level"):
        yield Variable(f"LLM_SERVICE_{field.upper()}", (field,), False)


def _of_model(model: type[BaseModel], above: Path = ()) -> Iterator[Variable]:
    for field, info in model.model_fields.items():
        path = (*above, field)
        kind = _kind(info.annotation)
        if isclass(kind) and issubclass(kind, BaseModel):
            yield from _of_model(kind, path)
        elif kind in (bool, int, float, str, Literal) or (isclass(kind) and issubclass(kind, Enum)):
            yield Variable(PREFIX + "_".join(path).upper(), path, True)
        elif kind is tuple and _kind(get_args(info.annotation)[0]) is str:
            yield Variable(PREFIX + "_".join(path).upper(), path, True, read_names)


def _kind(annotation: Any) -> Any:
    """What an annotation comes down to: `Annotated[int, …] | None` is int, `Literal["a"]` is Literal."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _kind(get_args(annotation)[0])
    if origin in (Union, UnionType):
        inner = [one for one in get_args(annotation) if one is not NoneType]
        return _kind(inner[0]) if len(inner) == 1 else None
    return origin or annotation


def _of_seed_a() -> Iterator[Variable]:
    for name, field in (("FAILURE_THRESHOLD", "failure_threshold"), ("RECOVERY_TIMEOUT", "recovery_timeout_seconds")):
        yield Variable(f"{PREFIX}LLM_CIRCUIT_BREAKER_{name}", ("circuit_breaker", field), True)
    for name, field in (("ENABLED", "enabled"), ("TTL", "ttl_seconds")):
        yield Variable(f"{PREFIX}LLM_CACHE_{name}", ("cache", field), True)


def _of_rows() -> Iterator[Variable]:
    kinds = [(word, ProviderType(kind)) for word, kind in (*PROVIDER_SYNONYMS.items(), *((k, k) for k in ProviderType))]
    for word, kind in kinds:
        for field in _KEYLESS_ROW_FIELDS if kind in _KEYLESS else _ROW_FIELDS:
            yield Variable(
                f"{PREFIX}{word}_{field}".upper(), ("providers", kind.value, field), True, _row_reader(field)
            )
    for word, kind in kinds:
        if kind not in _KEYLESS:
            yield Variable(f"{word}_API_KEY".upper(), ("providers", kind.value, "api_key"), True, SecretStr)
    yield Variable("OLLAMA_HOST", ("providers", ProviderType.OLLAMA.value, "base_url"), True, read_ollama_host)


def _row_reader(field: str) -> Callable[[str], Any]:
    return SecretStr if field == "api_key" else str


VARIABLES: tuple[Variable, ...] = (*_of_process(), *_of_model(LLMProviderConfig), *_of_seed_a(), *_of_rows())
"""All of them; of several that set one field, the first that is set wins."""
