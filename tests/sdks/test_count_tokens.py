"""Does Anthropic's SDK count tokens through us: exactly at a vendor that can, and elsewhere as an estimate?"""

from __future__ import annotations

from typing import Any

from tests.sdks.asking import anthropic_sdk
from tests.sdks.targets import House, Target, direct
from tests.sdks.vendor.server import Vendor

ASKED: Any = {
    "model": "claude-haiku-5-5",
    "system": "Be brief.",
    "messages": [{"role": "user", "content": "Who wrote Faust, and when?"}],
}


def test_tokens_are_counted_by_a_vendor_of_the_dialect(vendor: Vendor, house: House) -> None:
    """The same number, and the same body there."""
    counts = [_counted(target) for target in (direct(vendor), house.rows["claude"])]
    assert counts == [7, 7]
    first, second = vendor.seen
    assert first.path == second.path == "/v1/messages/count_tokens"
    assert first.body == second.body


def test_tokens_are_counted_by_a_vendor_of_another_dialect(vendor: Vendor, house: House) -> None:
    """OpenAI counts too."""
    assert _counted(house.rows["home"]) == 7
    assert [one.path for one in vendor.seen] == ["/v1/responses/input_tokens"]


def test_tokens_are_estimated_for_a_vendor_that_cannot_count(vendor: Vendor, house: House) -> None:
    """Near enough, and nobody is asked."""
    assert 5 <= _counted(house.rows["shed"]) <= 40
    assert not vendor.seen


def _counted(target: Target) -> int:
    with anthropic_sdk(target) as sdk:
        return sdk.messages.count_tokens(**ASKED).input_tokens
