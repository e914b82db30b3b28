"""Are the options of limited keys those that the dialects' tables know, and no others?"""

from __future__ import annotations

import pytest

from app.engine.known_options import KNOWN_OPTIONS
from app.surfaces.dialects import CHAT_COMPLETIONS, MESSAGES, RESPONSES
from app.surfaces.surface import Door
from app.surfaces.token_counts import COUNTED_MESSAGES
from app.surfaces.vectors import EMBEDDINGS
from app.wires.gemini.embeddings import RESERVED_FIELDS as GEMINI_TEXTS
from app.wires.gemini.encode import RESERVED_FIELDS as GEMINI
from app.wires.ollama.embeddings import RESERVED_FIELDS as OLLAMA_TEXTS
from app.wires.ollama.encode import RESERVED_FIELDS as OLLAMA

DOORS = (CHAT_COMPLETIONS, RESPONSES, MESSAGES, EMBEDDINGS, COUNTED_MESSAGES)
# What each request is made of. No option may be laid over it, or it decides who else is asked, or who keeps what.
OWN = {
    "background",
    "fallbacks",
    "input",
    "messages",
    "model",
    "store",
    "stream",
    "stream_options",
    "system",
}


@pytest.mark.parametrize("door", DOORS, ids=lambda door: str(door.wire))
def test_known_options_are_the_fields_of_the_dialects(door: Door) -> None:
    """A field that a table learns is one that a limited key's options may hold."""
    assert door.known - OWN <= KNOWN_OPTIONS


def test_known_options_hold_none_of_what_a_request_is_made_of() -> None:
    """Nor any word by which a router is told of other models."""
    routing = {"models", "route", "preset", "plugins", "provider", "transforms", "lora", "cachedContent"}
    assert not KNOWN_OPTIONS & {*OWN, *routing, *GEMINI, *GEMINI_TEXTS, *OLLAMA, *OLLAMA_TEXTS}


def test_known_options_of_the_dialects_stand_in_a_table() -> None:
    """What no table knows is a word of a vendor with a dialect, or parameters, of its own; there are few."""
    others = KNOWN_OPTIONS - frozenset().union(*(door.known for door in DOORS))
    assert {"generationConfig", "keep_alive", "min_p"} <= others
    assert len(others) < 25
