"""Which names under our prefix are refused, and which are passed over?"""

from __future__ import annotations

import logging

import pytest

from app.settings import PREFIX, load_settings
from tests.unit.settings.wrong import wrong_lines

ADDRESS = "tcp://10.0.0.7:8080"


@pytest.mark.parametrize(
    "name,nearest",
    [
        ("PROT", "PORT"),
        ("OPENAI_APIKEY", "OPENAI_API_KEY"),
        ("MAX_RETRYS", "MAX_RETRIES"),
        ("CIRCUIT_BREAKER_RECOVERY_TIMEOUT", "LLM_CIRCUIT_BREAKER_RECOVERY_TIMEOUT"),
    ],
)
def test_unknown_name_is_refused_with_the_nearest(name: str, nearest: str) -> None:
    """A slip of the pen is a line that says what was meant, and never shows the value."""
    assert wrong_lines({PREFIX + name: "sk-word"}) == [
        f"{PREFIX}{name}: no such setting (did you mean {PREFIX}{nearest}?)"
    ]


def test_unknown_name_like_nothing_is_refused_alone() -> None:
    """Nothing is suggested where nothing is near."""
    assert wrong_lines({f"{PREFIX}XYZZY": "1"}) == [f"{PREFIX}XYZZY: no such setting"]


def test_names_in_small_letters_are_the_same() -> None:
    """An environment that is not in capitals is not passed over."""
    assert load_settings({f"{PREFIX}port".lower(): "7"}, env_file=None).port == 7
    assert wrong_lines({f"{PREFIX}prot".lower(): "7"})[0].startswith(f"{PREFIX}PROT: ")


def test_names_of_others_are_none_of_ours() -> None:
    """What does not begin with our prefix is never looked at."""
    assert load_settings({"LLM_PROVIDER": "x", "LLM_SERVICE_X": "y", "PORT": "1"}, env_file=None).port == 8080


@pytest.mark.parametrize(
    "name,value",
    [
        ("SERVICE_HOST", "10.0.0.7"),
        ("SERVICE_PORT", "8080"),
        ("SERVICE_PORT_HTTP", "8080"),
        ("PORT", ADDRESS),
        ("PORT_8080_TCP", ADDRESS),
        ("PORT_8080_TCP_ADDR", "10.0.0.7"),
        ("PORT_8080_TCP_PORT", "8080"),
        ("PORT_8080_TCP_PROTO", "tcp"),
        ("REDIS_SERVICE_HOST", "10.0.0.8"),
        ("REDIS_PORT", "tcp://10.0.0.8:6379"),
        ("REDIS_PORT_6379_TCP", "tcp://10.0.0.8:6379"),
    ],
)
def test_name_of_kubernetes_is_passed_over_with_a_line(name: str, value: str, caplog: pytest.LogCaptureFixture) -> None:
    """Kubernetes describes its services by variables that look like ours, and like a neighbour's."""
    with caplog.at_level(logging.INFO, "app.settings"):
        assert load_settings({PREFIX + name: value, "LLM_SERVICE_PORT": "5"}, env_file=None).port == 5
    assert caplog.messages == [f"{PREFIX}{name} is ignored: Kubernetes sets it for a service of that name"]


def test_faults_are_all_told_at_once() -> None:
    """Wrong names and wrong values come together, so that one start shows all of them."""
    lines = wrong_lines(
        {f"{PREFIX}PROT": "1", f"{PREFIX}PORT": "x", "OLLAMA_HOST": "a:b", f"{PREFIX}DATABASE_URL": "d"}
    )
    assert [line.partition(":")[0].removeprefix(PREFIX) for line in lines] == [
        "PROT",
        "OLLAMA_HOST",
        "PORT",
        "DATABASE_URL",
    ]
