"""Do we send each vendor what its own SDK sends for the same thing?"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.providers.dialect import Exchange
from contracts.errors import InvalidRequestError
from tests.referees.capture import Capture
from tests.referees.feature import Feature
from tests.referees.feature_table import FEATURES
from tests.referees.our_side import RESPONSES, exchange_of, golden_folder
from tests.referees.referee import Referee, Unaskable, Written
from tests.referees.score import Score
from tests.wires.vendor_cases import GOLDEN, model_of

# The vendors whose own SDK this is, or who name it as theirs.
SDKS = ("openai", RESPONSES, "deepseek", "openrouter", "anthropic", "gemini", "ollama")
STREAM_FORMS = {"ollama": "ndjson"}


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name.replace(" ", "_"))
@pytest.mark.parametrize("sdk", SDKS)
def test_request_is_what_the_sdk_sends(
    sdk: str, feature: Feature, referee: Callable[[str], Referee], capture: Capture, score: Score
) -> None:
    """Path and JSON are those of the vendor's SDK, our warnings name the rest, and what cannot be asked is refused."""
    judge = referee(sdk)
    asked = judge.asked[feature.name]
    if isinstance(asked, Unaskable):
        with pytest.raises(InvalidRequestError, match=asked.fact):
            _exchange(sdk, feature, model_of(sdk))
        return
    score.compared(sdk)
    exchange = _exchange(sdk, feature, judge.model(asked.params))
    _answer(capture, sdk, stream=feature.is_stream)
    judge.send(asked.params, stream=feature.is_stream)
    (sent,) = capture.sent
    assert judge.normal_ours(exchange) == judge.normal_theirs(sent.body)
    assert sent.path.endswith(exchange.path)
    _check_notes(exchange, asked)
    score.alike(sdk)


@pytest.mark.parametrize("sdk", SDKS)
def test_referee_was_asked_every_feature(sdk: str, referee: Callable[[str], Referee]) -> None:
    """Each SDK's table has every feature, and no other."""
    assert sorted(referee(sdk).asked) == sorted(feature.name for feature in FEATURES)


def _exchange(sdk: str, feature: Feature, model: str) -> Exchange:
    return exchange_of(feature.call(sdk), name=sdk, model=model, stream=feature.is_stream)


def _answer(capture: Capture, sdk: str, *, stream: bool) -> None:
    form = STREAM_FORMS.get(sdk, "sse") if stream else "json"
    name = f"stream.{form}" if stream else "reply.json"
    capture.will_answer((GOLDEN / golden_folder(sdk) / name).read_bytes(), form)


def _check_notes(exchange: Exchange, asked: Written) -> None:
    warnings = exchange.encoded.warnings
    assert len(warnings) == len(asked.notes), warnings
    assert all(words in warning for words, warning in zip(asked.notes, warnings, strict=True)), warnings
