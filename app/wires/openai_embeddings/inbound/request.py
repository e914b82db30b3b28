"""Which texts does a body for POST /embeddings hold, and what shall be made of them?

Lists of tokens, and entries that are neither text nor tokens, stay in the body: only a vendor of the dialect can take
them. Refused is only what breaks a rule of the dialect.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from app.wires.demands import STRANGE
from app.wires.inbound import InboundTexts
from app.wires.openai_embeddings.inbound.entries import read_entries
from app.wires.place import LONGEST_NAME, Place
from app.wires.request_fields import open_body, read_model
from contracts.embeddings import EmbeddingPurpose

UNDERSTOOD = frozenset({"dimensions", "encoding_format", "input", "model"})
# Without them a vector is the same.
HINTS = frozenset({"user"})
KNOWN_FIELDS = UNDERSTOOD | HINTS | {"input_type"}
_MOST_DIMENSIONS = 65_536
_FORMATS = ("float", "base64")
# OpenRouter's words, Cohere's and Voyage's. Others, of clusters and classes, are between a caller and his vendor.
_PURPOSES: Mapping[str, EmbeddingPurpose] = {
    "query": "query",
    "search_query": "query",
    "document": "document",
    "passage": "document",
    "search_document": "document",
}


def decode_request(body: Mapping[str, Any]) -> InboundTexts:
    """The request in `body`, parsed JSON.

    Raises InvalidRequestError, whose `errors` name the fields as this dialect does.
    """
    place = open_body(body, KNOWN_FIELDS)
    inbound = _read(place)
    found = place.findings
    found.settle()
    return replace(inbound, demands=found.demands, warnings=found.warnings)


def wanted_format(body: Mapping[str, Any]) -> Literal["float", "base64"]:
    """How the caller of a body that could be read wants to have the vectors."""
    return "base64" if body.get("encoding_format") == "base64" else "float"


def _read(body: Place) -> InboundTexts:
    purpose = _purpose(body.at("input_type"))
    taken = UNDERSTOOD if purpose is None else UNDERSTOOD | {"input_type"}
    wanted = body.at("encoding_format")
    if wanted.word(*_FORMATS) is None and isinstance(wanted.value, str):
        wanted.demand(STRANGE)
    texts = replace(
        read_entries(body.need("input")),
        dimensions=body.at("dimensions").whole_number(1, _MOST_DIMENSIONS),
        purpose=purpose,
    )
    return InboundTexts(
        read_as=texts,
        model=read_model(body),
        user_id=body.at("user").text(most=LONGEST_NAME),
        extras={name: value for name, value in body.value.items() if name not in taken and value is not None},
    )


def _purpose(place: Place) -> EmbeddingPurpose | None:
    return _PURPOSES.get(place.value) if isinstance(place.value, str) else None
