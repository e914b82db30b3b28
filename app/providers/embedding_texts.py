"""What becomes of the purpose of a request for vectors, by what is known of the model?

A model that makes the same vector of a query and of a document loses nothing when it is not told. One that was trained
on prefixes gets the prefix of its makers. For all others the purpose stays, and the wire sends it or says so.
"""

from __future__ import annotations

from dataclasses import replace

from app.catalogue import EmbeddingFacts, PurposeStyle
from contracts.calls import ModelCall
from contracts.embeddings import EmbeddingInput
from contracts.errors import InvalidRequestError


def asked_of(call: ModelCall, facts: EmbeddingFacts | None) -> EmbeddingInput:
    """The call's texts as a model with these `facts` takes them. Raises InvalidRequestError where there are none."""
    asked = call.embedding
    if asked is None or not asked.texts:
        raise InvalidRequestError("no texts were given to make vectors of")
    if facts is None or asked.purpose is None or facts.purposes is PurposeStyle.FIELD:
        return asked
    prefix = facts.prefixes[asked.purpose] if facts.purposes is PurposeStyle.PREFIX else ""
    return replace(asked, texts=tuple(prefix + text for text in asked.texts), purpose=None)
