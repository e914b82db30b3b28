"""How is POST /v1/embeddings described?"""

from __future__ import annotations

import json
from typing import Any

from app.http.described import MODEL_CALL, answers, example_of, ref, takes
from app.surfaces.document.endpoints import Described
from app.surfaces.document.errors import OPENAI_FORM, call_errors
from app.surfaces.document.pieces import EXTRAS, KIND, MODEL, STEERING, TEXT, Json, open_object
from app.surfaces.surface import Asked
from app.surfaces.vectors import EMBEDDINGS, vectors_document
from contracts import (
    EmbeddingAccount,
    EmbeddingCompletion,
    EmbeddingInput,
    EmbeddingReply,
    LLMResponse,
    Source,
    SurfaceRequest,
    Usage,
)

_TEXT: Json = {"type": "string", "minLength": 1}
_TOKENS: Json = {"type": "array", "minItems": 1, "items": {"type": "integer"}}
_INPUT: Json = {
    "description": "A text, or texts; or lists of tokens, or parts, which only a vendor of this dialect takes.",
    "anyOf": [
        _TEXT,
        {"type": "array", "minItems": 1, "maxItems": 2048, "items": _TEXT},
        _TOKENS,
        {"type": "array", "minItems": 1, "maxItems": 2048, "items": {"anyOf": [_TOKENS, {"type": "object"}]}},
    ],
}
_VECTOR = open_object(
    "Embedding",
    "One vector; `index` says of which text. In base64 it is of little-endian 32-bit floats.",
    required=["object", "index", "embedding"],
    object={"type": "string", "enum": ["embedding"]},
    index={"type": "integer"},
    embedding={"anyOf": [{"type": "array", "items": {"type": "number"}}, {"type": "string"}]},
)
_USAGE = open_object(
    "EmbeddingUsage",
    "What it took.",
    required=["prompt_tokens", "total_tokens"],
    prompt_tokens={"type": "integer"},
    total_tokens={"type": "integer"},
)
SCHEMAS: Json = {
    "EmbeddingsRequest": open_object(
        "EmbeddingsRequest",
        "OpenAI's CreateEmbeddingRequest: the fields that the service understands.",
        required=["model", "input"],
        model=MODEL,
        input=_INPUT,
        dimensions={"type": ["integer", "null"], "minimum": 1, "maximum": 65_536},
        encoding_format={**TEXT, "description": "`float` or `base64`; other forms are a vendor's own."},
        user={"type": ["string", "null"], "maxLength": 256},
        llm_service=STEERING,
    ),
    "EmbeddingsResponse": open_object(
        "EmbeddingsResponse",
        "OpenAI's list of embeddings.",
        required=["object", "data", "model", "usage"],
        object={"type": "string", "enum": ["list"]},
        data={"type": "array", "items": _VECTOR},
        model=KIND,
        usage=_USAGE,
        llm_service=EXTRAS,
    ),
}
_EXAMPLES: dict[str, Any] = {
    "Two texts": {"model": "auto", "input": ["a red apple", "a green pear"]},
    "Shorter vectors in base64": {
        "model": "text-embedding-3-small",
        "input": "a red apple",
        "dimensions": 256,
        "encoding_format": "base64",
    },
}


def _described() -> Described:
    answered = example_of(LLMResponse)
    usage = Usage(input_tokens=6, output_tokens=0, total_tokens=6)
    account = EmbeddingAccount.model_validate(
        {name: value for name, value in answered.items() if name in EmbeddingAccount.model_fields} | {"usage": usage}
    )
    reply = EmbeddingReply(vectors=((0.0123, -0.0456, 0.0789), (0.0321, -0.0654, 0.0987)), usage=usage)
    body = _EXAMPLES["Two texts"]
    source = Source(wire=EMBEDDINGS.wire, body=b"", read_as=EmbeddingInput(texts=tuple(body["input"])))
    asked = Asked(request=SurfaceRequest(source=source, model=body["model"]), body=body)
    example = json.loads(vectors_document(EmbeddingCompletion(account=account, reply=reply), asked))
    headers = (*MODEL_CALL, *OPENAI_FORM.headers)
    good = answers("A vector for each text, in its order.", ref("EmbeddingsResponse"), example, headers=headers)
    return Described(request=takes("EmbeddingsRequest", _EXAMPLES), responses=good | call_errors(OPENAI_FORM))


DESCRIBED = _described()
