"""Is each vendor sent, and understood, as its golden files say?"""

from __future__ import annotations

import json

import pytest

from app.wires.json_text import dump_json
from tests.wires.vendor_cases import CASES, GOLDEN, VENDORS, exchange_of, expected, outcome


@pytest.mark.parametrize("name", VENDORS)
def test_request_is_what_the_vendor_takes(name: str) -> None:
    """One conversation becomes each vendor's own body, and what does not fit is named."""
    encoded = exchange_of(name).encoded
    golden = json.loads((GOLDEN / name / "request.json").read_text(encoding="utf-8"))
    assert json.loads(dump_json(encoded.body)) == golden["body"]
    assert list(encoded.warnings) == golden["warnings"]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", VENDORS)
def test_reply_is_understood(name: str, case: str) -> None:
    """The vendor's bytes become the answer or the error that they mean."""
    wanted = expected(name)[case]
    assert outcome(name, wanted) == wanted["outcome"]


@pytest.mark.parametrize("name", VENDORS)
def test_further_replies_are_understood(name: str) -> None:
    """A vendor's own oddities, beyond the cases that all have, become what they mean."""
    further = {case: wanted for case, wanted in expected(name).items() if case not in CASES}
    assert {case: outcome(name, wanted) for case, wanted in further.items()} == {
        case: wanted["outcome"] for case, wanted in further.items()
    }
