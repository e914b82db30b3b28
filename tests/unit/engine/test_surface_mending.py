"""What becomes of a passed call whose answer has the wrong shape, when it cannot be asked in our own words?"""

from __future__ import annotations

from dataclasses import replace

from contracts.calls import Wire
from contracts.chat import ResponseFormat
from contracts.errors import InvalidOutputError, InvalidRequestError
from contracts.responses import FieldError
from tests.kit.fake_provider import FakeProvider
from tests.kit.script import Fails, Says
from tests.kit.surface_engine import SAID, SOURCE, SurfaceEngine, surface_request

SHAPED = replace(SAID, response_format=ResponseFormat(type="json_object"))
SEVERAL = replace(SOURCE, read_as=SHAPED, choices=2, demands=(FieldError(field="n", message="more than one"),))


def unsayable() -> InvalidRequestError:
    """What a provider says of a question that its dialect cannot be asked."""
    error = InvalidRequestError("alpha cannot be asked for n")
    error.was_sent = False
    return error


async def test_surface_answer_that_cannot_be_mended_is_the_vendors_fault() -> None:
    """The caller asked what could be answered."""
    alpha = FakeProvider("alpha", [Says("no JSON"), Fails(unsayable)])
    alpha.wires = {Wire.OPENAI_CHAT}
    error = await SurfaceEngine(alpha).refusal(surface_request(source=SEVERAL))
    assert isinstance(error, InvalidOutputError)
    assert len(error.attempts) == 1
