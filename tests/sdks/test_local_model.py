"""Does the embedded model answer for real at each surface, by the SDKs of both vendors?"""

from __future__ import annotations

import pytest

from tests.sdks.asking import ASK, STREAM
from tests.sdks.targets import LOCAL, House
from tests.sdks.vendor.server import Vendor

MODEL = "local/smollm2-135m-instruct"
STEADY = {"temperature": 0}
QUESTION = "The capital of France is Paris. What is the capital of France? Answer with one word."


@pytest.mark.parametrize("surface", ASK)
def test_llama_cpp_answers_at_each_surface(surface: str, vendor: Vendor, house: House) -> None:
    """The caller names the row; the vendor of the other tests hears nothing."""
    answer = ASK[surface](house.rows[LOCAL], QUESTION, model=MODEL, extra=STEADY, timeout=60, max_retries=0)
    assert "Paris" in answer
    assert not vendor.seen


@pytest.mark.parametrize("surface", STREAM)
def test_llama_cpp_streams_at_each_surface(surface: str, vendor: Vendor, house: House) -> None:
    """Word by word, the same words."""
    pieces = list(STREAM[surface](house.rows[LOCAL], QUESTION, model=MODEL, extra=STEADY))
    assert len(pieces) > 1
    assert "Paris" in "".join(pieces)
    assert not vendor.seen
