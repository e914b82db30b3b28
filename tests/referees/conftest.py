"""The capturing server, the referees, and the line that says how many requests matched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module

import pytest

from tests.referees.capture import Capture, capturing
from tests.referees.referee import Referee
from tests.referees.score import Score

_REFEREES = {
    "openai": ("openai_chat_sdk", "OpenAIChatReferee", "openai_chat_asked"),
    "openai-responses": ("openai_responses_sdk", "OpenAIResponsesReferee", "openai_responses_asked"),
    "deepseek": ("openai_chat_sdk", "OpenAIChatReferee", "deepseek_asked"),
    "openrouter": ("openai_chat_sdk", "OpenAIChatReferee", "openrouter_asked"),
    "anthropic": ("anthropic_sdk", "AnthropicReferee", "anthropic_asked"),
    "gemini": ("gemini_sdk", "GeminiReferee", "gemini_asked"),
    "ollama": ("ollama_sdk", "OllamaReferee", "ollama_asked"),
}
SCORE = pytest.StashKey[Score]()


def pytest_configure(config: pytest.Config) -> None:
    """One score for the whole run."""
    config.stash[SCORE] = Score()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Prints the score when there is one."""
    if line := config.stash[SCORE].line():
        terminalreporter.write_line(line)


@pytest.fixture
def score(request: pytest.FixtureRequest) -> Score:
    """How many requests matched so far."""
    return request.config.stash[SCORE]


@pytest.fixture(scope="session")
def capture() -> Iterator[Capture]:
    """A vendor on loopback."""
    # The developer's own proxy is not asked for loopback.
    with pytest.MonkeyPatch.context() as environment, capturing() as server:
        environment.setenv("NO_PROXY", "*")
        yield server


@pytest.fixture(scope="session")
def referee(capture: Capture) -> Iterator[Callable[[str], Referee]]:
    """Gives the referee of a name. The SDKs take seconds to import: only who asks for one waits."""
    made: dict[str, Referee] = {}

    def give(name: str) -> Referee:
        if name not in made:
            module, kind, table = _REFEREES[name]
            asked = import_module(f"tests.referees.{table}").ASKED
            made[name] = getattr(import_module(f"tests.referees.{module}"), kind)(capture.address, asked)
        return made[name]

    yield give
    for one in made.values():
        one.close()
