"""Which error of ours is a vendor's error document?

Its status and its code classify together: a code that we know decides, else the bare status. A message decides only
where a vendor sends no code of its own (`_MESSAGES`). Sources: OpenAI's error-code guide, DeepSeek's error codes,
OpenRouter's errors-and-debugging page and its SDK's `APIErrorType`, llama.cpp's `format_error_response`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.wires.error_classes import CONTENT_POLICY, ErrorClass, class_of_status
from app.wires.failed_reply import classified, load_failure, misplaced, read_message, timed
from app.wires.openai_chat.error_codes import class_of_code, class_of_message
from app.wires.vendor_words import read_words
from contracts.calls import Wire
from contracts.errors import LLMProviderError
from contracts.vendor_error import VendorError

_OPENROUTER = "openrouter."


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorDocument:
    """What a vendor says of a failure; `codes` are its machine-readable names, the most telling first.

    `words` are those that a caller of the dialect reads.
    """

    message: str | None = field(default=None, repr=False)
    codes: tuple[str, ...] = ()
    status: int | None = None
    param: str | None = None
    is_moderation: bool = False
    words: VendorError | None = None


def decode_error(
    status: int, headers: Mapping[str, str], body: bytes, *, provider: str, model: str | None, now: datetime
) -> LLMProviderError:
    """The error for a reply whose status is not 200. `headers` finds lower-case names; `now` is aware."""
    document = error_document(load_failure(body))
    wrong = misplaced(status, has_document=document is not None, provider=provider, model=model)
    if wrong is not None:
        return wrong
    error = classified_error(document or ErrorDocument(), status=status, provider=provider, model=model)
    return timed(error, headers, now=now)


def in_band_error(document: ErrorDocument, *, provider: str, model: str | None) -> LLMProviderError:
    """The error for a document that came inside a reply whose status was 200."""
    status = document.status if document.status is not None and document.status >= 400 else 200
    return classified_error(document, status=status, provider=provider, model=model)


def classified_error(document: ErrorDocument, *, status: int, provider: str, model: str | None) -> LLMProviderError:
    """Our error for `document` under `status`, without what the headers say."""
    return classified(
        _classify(document, status),
        status=status,
        provider=provider,
        model=model,
        message=document.message,
        codes=(code.removeprefix(_OPENROUTER) for code in document.codes if not code.isdigit()),
        refused=[document.param] if document.param else (),
        words=document.words,
    )


def error_document(data: Any) -> ErrorDocument | None:
    """The error in a decoded body: `{"error": {…}}`, `{"error": "…"}`, a bare error object, or a list around one."""
    if isinstance(data, list) and len(data) == 1:
        data = data[0]
    if not isinstance(data, dict):
        return None
    error = data.get("error")
    if isinstance(error, str) and error:
        return ErrorDocument(message=read_message(error))
    if isinstance(error, dict):
        return _read_error(error)
    # vLLM's older form has no envelope.
    return _read_error(data) if data.get("object") == "error" else None


def _read_error(error: Mapping[str, Any]) -> ErrorDocument:
    metadata = error.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    code, param = error.get("code"), error.get("param")
    # OpenRouter's own classification is the clearest, where it is there; prefixed, for its words mean other things.
    names = [_prefixed(metadata.get("error_type")), code, error.get("type")]
    return ErrorDocument(
        message=read_message(error.get("message")),
        codes=tuple(name for name in names if isinstance(name, str) and name),
        status=_status(code),
        param=param if isinstance(param, str) and param else None,
        is_moderation="flagged_input" in metadata,
        words=read_words(error, Wire.OPENAI_CHAT),
    )


def _prefixed(error_type: Any) -> str | None:
    return f"{_OPENROUTER}{error_type}" if isinstance(error_type, str) and error_type else None


def _status(code: Any) -> int | None:
    """OpenRouter, vLLM and llama.cpp write the status into `code`, as a number or as digits."""
    if isinstance(code, str) and code.isascii() and code.isdigit() and len(code) == 3:
        code = int(code)
    return code if isinstance(code, int) and not isinstance(code, bool) and 100 <= code < 600 else None


def _classify(document: ErrorDocument, status: int) -> ErrorClass:
    if document.is_moderation:
        return CONTENT_POLICY
    for code in document.codes:
        kind = class_of_code(code)
        if kind is not None:
            return kind
    by_message = class_of_message(document.message, status) if document.message else None
    return by_message or class_of_status(status)
