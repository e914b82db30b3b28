"""Can a field be smuggled past us to a vendor, by writing its name in another case, or by our own name?"""

from __future__ import annotations

from typing import Any

import pytest

from app.surfaces.dialects import CHAT_COMPLETIONS, MESSAGES, RESPONSES
from app.surfaces.surface import Door
from app.surfaces.token_counts import COUNTED_MESSAGES
from app.surfaces.vectors import EMBEDDINGS
from app.wires.encoded import with_options
from contracts.errors import InvalidRequestError

CHAT: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "max_tokens": 5}
BODIES = [
    (CHAT_COMPLETIONS, CHAT),
    (RESPONSES, {"model": "m", "input": "hi"}),
    (MESSAGES, CHAT),
    (COUNTED_MESSAGES, CHAT),
    (EMBEDDINGS, {"model": "m", "input": "hi"}),
]
IDS = [f"{door.wire}-{number}" for number, (door, _) in enumerate(BODIES)]


@pytest.mark.parametrize("door,body", BODIES, ids=IDS)
def test_known_field_in_another_case_is_refused_by_name(door: Door, body: dict[str, Any]) -> None:
    """Every one that the dialect knows, and our own: some servers would take it, and we had not looked at it."""
    for name in (*door.known, "llm_service"):
        for written in {name.upper(), name.title(), name.replace("s", "\u017f")} - {name}:
            with pytest.raises(InvalidRequestError) as refused:
                door.decode({**body, written: "x"})
            assert [one.message for one in refused.value.errors] == [f"must be written {name}"]


@pytest.mark.parametrize("door,body", BODIES, ids=IDS)
def test_unknown_field_may_be_written_in_any_case(door: Door, body: dict[str, Any]) -> None:
    """It is between the caller and the vendor."""
    inbound = door.decode({**body, "X-Vendor": 1, "newField": 2})
    assert inbound.extras == {"X-Vendor": 1, "newField": 2}


@pytest.mark.parametrize("name", ["model", "Model", "MESSAGES", "me\u017f\u017fages"])
def test_reserved_option_is_refused_in_any_case(name: str) -> None:
    """With the name as it was written, and the one that is meant."""
    with pytest.raises(InvalidRequestError, match=r"the service itself sets (model|messages)") as refused:
        with_options({}, {name: 1}, provider="row", reserved=("model", "messages"))
    assert refused.value.errors[0].field.startswith("vendor_options.row.")


@pytest.mark.parametrize("name", ["llm_service", "LLM_Service"])
def test_our_own_object_is_no_option(name: str) -> None:
    """No vendor gets it, encoded or passed."""
    with pytest.raises(
        InvalidRequestError, match=rf"vendor_options\.row\.{name} is not allowed: it is the service's own"
    ):
        with_options({"model": "m"}, {name: {}}, provider="row", reserved=())
