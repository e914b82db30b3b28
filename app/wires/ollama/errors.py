"""Which error of ours is an error of Ollama?

`{"error": "…"}` is all that it says (docs.ollama.com/api/errors), so the status decides and the words refine it. In
0.34 and 0.40 the text may itself be the JSON of llama.cpp's error document, whose `type` is a code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.wires.error_classes import CONTEXT, ErrorClass
from app.wires.failed_reply import classified, load_failure, misplaced, read_message, timed
from app.wires.json_text import load_json
from app.wires.ollama.error_classes import MODEL_NOT_PULLED, classify, refused_field
from contracts.errors import LLMProviderError

_ADVICE = "check its base_url (without /v1 or /api)"
_SAFE_NAME = re.compile(r"[A-Za-z0-9._:/-]{1,128}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorDocument:
    """What Ollama says of a failure. `needs_sign_in`: this server is not signed in to Ollama's cloud."""

    message: str = field(repr=False)
    code: str | None = None
    status: int | None = None
    needs_sign_in: bool = False


def decode_error(
    status: int, headers: Mapping[str, str], body: bytes, *, provider: str, model: str | None, now: datetime
) -> LLMProviderError:
    """The error for a reply whose status is not 200. `headers` finds lower-case names; `now` is aware."""
    document = error_document(load_failure(body))
    has_document = document is not None
    wrong = misplaced(status, has_document=has_document, provider=provider, model=model, advice=_ADVICE)
    if wrong is not None:
        return wrong
    error = _error(document or ErrorDocument(message=""), status, provider=provider, model=model)
    return timed(error, headers, now=now)


def in_band_error(document: ErrorDocument, *, provider: str, model: str) -> LLMProviderError:
    """The error for a document that came inside a reply whose status was 200."""
    return _error(document, document.status or 200, provider=provider, model=model)


def error_document(data: Any) -> ErrorDocument | None:
    """The error in a decoded body or line, if it is one."""
    error = data.get("error") if isinstance(data, dict) else None
    if not error:
        return None
    inner = _inner(error)
    message, code = (inner.get("message"), inner.get("type")) if inner is not None else (error, None)
    return ErrorDocument(
        message=read_message(message) or "",
        code=code if isinstance(code, str) else None,
        status=_status(data.get("status")),
        needs_sign_in="signin_url" in data,
    )


def _inner(error: Any) -> Mapping[str, Any] | None:
    """llama.cpp's error object, sent as it is or as the text of its document."""
    if isinstance(error, str) and error.startswith("{"):
        try:
            error = load_json(error)
        except ValueError:
            return None
    if isinstance(error, dict) and isinstance(error.get("error"), dict):
        error = error["error"]
    return error if isinstance(error, dict) else None


def _status(value: Any) -> int | None:
    return value if isinstance(value, int) and 400 <= value < 600 else None


def _error(document: ErrorDocument, status: int, *, provider: str, model: str | None) -> LLMProviderError:
    kind = classify(status, document.message, document.code)
    field = refused_field(document.message)
    return classified(
        kind,
        status=status,
        provider=provider,
        model=model,
        message=document.message or None,
        refused=[field] if field is not None else (),
        covers_row=not document.needs_sign_in,
        remedy=_remedy(kind, document, model),
    )


def _remedy(kind: ErrorClass, document: ErrorDocument, model: str | None) -> str:
    """What to do about it. A model's name is a caller's words, so only what is plainly a name is repeated."""
    if document.needs_sign_in:
        return ": run `ollama signin` there, this model is one of its cloud"
    if kind is CONTEXT:
        return ": vendor_options set its options.num_ctx"
    if kind is MODEL_NOT_PULLED and model is not None:
        name = model if _SAFE_NAME.fullmatch(model) else "MODEL"
        return f": run `ollama pull {name}` there"
    return ""
