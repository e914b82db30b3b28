"""Is config.example.yaml true?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from app.settings import PREFIX, Settings, load_settings
from contracts.cache import CacheConfig
from contracts.config import CircuitBreakerConfig, LLMProviderConfig, ProviderConfig
from contracts.prices import TokenPrices
from contracts.requests import Candidate

EXAMPLE = Path(__file__).parents[3] / "config.example.yaml"
OF_THE_PROCESS = set(Settings.model_fields) - {"config", "admin_key_file"}


def test_example_is_the_defaults() -> None:
    """Started with it as it is, the service is as without it."""
    settings = load_settings({f"{PREFIX}CONFIG_FILE": str(EXAMPLE)}, env_file=None)
    assert settings.config == LLMProviderConfig()


def test_example_names_every_setting() -> None:
    """Every field of the configuration is a key with its default, and every setting of a process is mentioned."""
    text = EXAMPLE.read_text(encoding="utf-8")
    content = yaml.safe_load(text)
    assert list(content) == list(dict.fromkeys(content))
    assert set(content) == set(LLMProviderConfig.model_fields)
    assert set(content["circuit_breaker"]) == set(CircuitBreakerConfig.model_fields)
    assert set(content["cache"]) == set(CacheConfig.model_fields)
    assert {field.upper() for field in OF_THE_PROCESS} <= set(re.findall(r"[A-Z_]{4,}", text))


def test_example_rows_are_right_when_uncommented(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Taking the "# " away gives a file that loads, with every field of a row and of a candidate in it."""
    text = re.sub("^# ", "", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    (tmp_path / "openai").write_text("sk-from-file\n")
    path = tmp_path / "config.yaml"
    path.write_text(text.replace("/run/secrets/openai", str(tmp_path / "openai")), encoding="utf-8")
    config = load_settings({f"{PREFIX}CONFIG_FILE": str(path)}, env_file=None).config
    rows = yaml.safe_load(text)["providers"]
    assert {field for row in rows.values() for field in row} == set(ProviderConfig.model_fields)
    assert config.providers["my-vllm"].models == ("qwen3-8b",)
    assert config.models["fast"][1].model_fields_set == set(Candidate.model_fields)
    assert config.prices["openai/gpt-6-luna"].model_fields_set == set(TokenPrices.model_fields)
