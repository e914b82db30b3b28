"""Which fields does a request have in every dialect, and in which bounds?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set
from typing import Any

from app.wires.findings import Findings
from app.wires.inbound import OWN_FIELD
from app.wires.place import LONGEST_NAME, Place
from contracts.field_errors import shown_key

MOST_MESSAGES = 10_000
MOST_PARTS = 10_000
MOST_TOKENS = 10_000_000
MOST_TOOLS = 512
TOOL_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LONGEST_STOP = 256
_MOST_STOPS = 16
_MODEL = re.compile(r"[\x21-\x7e]+")
# Whether a text could be a model's name.
could_be_model = re.compile(rf"[\x21-\x7e]{{1,{LONGEST_NAME}}}").fullmatch


def open_body(body: Mapping[str, Any], known: Set[str]) -> Place:
    """The place of a whole body; a field that is one of `known` but for its case is a fault of it.

    Some servers tell no cases apart: they would take a `Model` that nobody here has looked at. Raises
    InvalidRequestError for a body that is no object.
    """
    place = Place(body, "", Findings())
    if not place.is_object(required=True):
        place.findings.settle()
    if place.says_only(known):
        return place
    for name in body:
        if name not in known and ((meant := name.casefold()) in known or meant == OWN_FIELD):
            place.at(shown_key(name)).wrong(f"must be written {meant}")
    return place


def read_model(body: Place) -> str:
    """The model's name."""
    name: Any = body.value.get("model")
    is_model = isinstance(name, str) and could_be_model(name)
    return name if is_model else body.need("model").text(least=1, most=LONGEST_NAME, pattern=_MODEL) or ""


def read_stops(place: Place) -> tuple[str, ...]:
    """The texts at which an answer shall end: a list."""
    return tuple([read_stop(entry) for entry in place.entries(most=_MOST_STOPS)]) if place.is_given else ()


def read_stop(entry: Place) -> str:
    """One of them."""
    if not entry.is_given:
        entry.wrong("must be text")
    return entry.text(least=1, most=_LONGEST_STOP) or ""


def refuse_same_names(tools: Iterable[Place]) -> None:
    """Two tools of one name could not be told apart in a call."""
    seen: set[str] = set()
    for tool in tools:
        name = tool.value.get("name") if isinstance(tool.value, dict) else None
        if not isinstance(name, str):
            continue
        if name in seen:
            tool.at("name").wrong("must not be that of another tool")
        seen.add(name)
