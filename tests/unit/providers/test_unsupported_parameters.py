"""Is a parameter that a vendor does not take named, or refused where the caller asked for that?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from contracts.chat import Sampling
from contracts.errors import UnsupportedParameterError
from contracts.requests import UnsupportedParameters
from tests.unit.providers.vendor_double import LIMITS, VendorDouble, call, completion

ASKED = call(sampling=Sampling(seed=7))


async def test_unsupported_parameter_is_named_by_default() -> None:
    """It is left out of the body, and the reply says so."""
    vendor = VendorDouble()
    vendor.answers(200, completion())
    reply = await vendor.row("deepseek").complete(ASKED, model="deepseek-flash", limits=LIMITS)
    assert "seed" not in vendor.sent
    assert reply.warnings == ("seed was not sent: deepseek does not know it",)


@pytest.mark.parametrize("is_stream", [False, True])
async def test_unsupported_parameter_is_refused_where_that_was_asked(is_stream: bool) -> None:
    """Nothing is sent, and the error names the parameter."""
    vendor = VendorDouble()
    row = vendor.row("deepseek")
    wanted = replace(ASKED, unsupported_parameters=UnsupportedParameters.REJECT)
    with pytest.raises(UnsupportedParameterError, match="deepseek-flash does not take what was asked: seed") as caught:
        await (row.open_stream if is_stream else row.complete)(wanted, model="deepseek-flash", limits=LIMITS)
    assert ([one.field for one in caught.value.errors], caught.value.was_sent) == (["seed"], False)
    assert vendor.requests == []
