"""Is a key that was sent as a model kept out of every record, and a name that is somebody's own left as it is?"""

from __future__ import annotations

import pytest

from app.engine.accounts import Accounts
from app.engine.intake import take_in
from app.engine.target import Target
from app.engine.told_models import ToldModels, is_known
from app.engine.trace import Trace
from app.pricing import Prices
from contracts import IN_PROCESS_CALLER, LLMRequest, ModelNotFoundError
from contracts.config import LLMProviderConfig
from tests.kit.engine import Records
from tests.kit.fake_provider import FakeProvider
from tests.kit.virtual_time import EPOCH, HandClock

KEY = "sk-proj-abcdefghijklmnop0123456789"
JUMBLE = "a1b2c3d4e5f60718293a4b5c6d7e8f90"
CONFIG = LLMProviderConfig.model_validate(
    {
        "providers": {"home": {"type": "openai", "base_url": "http://127.0.0.1:1/v1", "models": [JUMBLE]}},
        "models": {"fast": [{"provider": "home", "model": f"c{JUMBLE}"}], f"g{JUMBLE}": ["home"]},
        "model_aliases": {f"old{JUMBLE}": f"new{JUMBLE}"},
    }
)


@pytest.mark.parametrize(
    "name",
    [JUMBLE, f"home/{JUMBLE}", f"c{JUMBLE}", f"g{JUMBLE}", f"old{JUMBLE}", f"new{JUMBLE}", "fast", "gpt-6-luna"],
)
def test_model_of_configuration_or_catalogue_is_known(name: str) -> None:
    """With its row before it too."""
    assert is_known(CONFIG, name)


@pytest.mark.parametrize("name", [KEY, f"home/{KEY}", "home/", f"x{JUMBLE}"])
def test_model_that_a_caller_made_up_is_not_known(name: str) -> None:
    """Nobody but the caller gave it."""
    assert not is_known(CONFIG, name)


@pytest.mark.parametrize("known", [False, True])
def test_key_sent_as_a_model_is_in_no_record(known: bool) -> None:
    """Neither as what was asked for, nor as what was called, nor in an error's words; unless it is a model's name."""
    records, clock = Records(), HandClock().clock
    accounts = Accounts(observers=(records,), limiter=records, clock=clock, knows_model=lambda name: known)
    request = LLMRequest(prompt="x", model=f"home/{KEY}")
    order = take_in(request, IN_PROCESS_CALLER, now=EPOCH, is_stream=False, config=LLMProviderConfig())
    trace = Trace(order, accounts, Prices())
    target = Target(provider=FakeProvider("home"), model=KEY)
    error = ModelNotFoundError(f"home knows no model {KEY}", upstream_status=404)
    trace.attempt(target, is_retry=False).failed(error)
    trace.refuse(error, target=target)
    (call,), (record,) = records.attempts, records.requests
    told = KEY if known else "[redacted]"
    assert (call.model, record.model, record.requested_model) == (told, told, f"home/{told}")
    assert call.error_message == record.error_message == "home knows no model [redacted]"
    assert trace.attempts[0].model == KEY


def test_names_of_models_are_not_all_kept() -> None:
    """Callers give them; and what looks like a key is never kept, since tomorrow it may be known."""
    told = ToldModels(lambda name: False)
    assert [told[f"m{number}"] for number in range(2000)] == [f"m{number}" for number in range(2000)]
    assert told[KEY] == "[redacted]"
    assert len(told) <= 1024
    assert KEY not in told
