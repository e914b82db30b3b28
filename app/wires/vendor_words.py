"""Which words of a vendor's error reach a caller who speaks its dialect?

A program that was written for the vendor branches on them, and its author looks them up in the vendor's documents: so
of a fault of the caller's own they go out as they came, and the message without a sentence of ours before it. What the
vendor or we are to blame for is said in our words: other vendors were asked as well, and theirs would be one voice.

A server that writes the status into `code` (vLLM, llama.cpp, OpenRouter) has no words of the dialect: ours say more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.wires.failed_reply import is_plainly_a_code
from contracts.calls import Wire
from contracts.errors import LLMProviderError, ModelNotFoundError
from contracts.fault import Fault
from contracts.redaction import redact
from contracts.vendor_error import Detail, VendorError

_LONGEST_PARAM = 200
_MOST_DETAILS = 20
# What an event of a stream is, not what went wrong.
_NO_TYPES = ("error",)
# The others make SDKs ask again, or are about our key.
_STATUSES = (400, 404, 413, 415, 422)


def read_words(error: Mapping[str, Any], wire: Wire) -> VendorError | None:
    """The words in an error object of a vendor; None where it says none of the dialect's."""
    kind, code, param = error.get("type"), error.get("code"), error.get("param")
    if not isinstance(kind, str) or not _is_word(kind) or kind in _NO_TYPES or not (code is None or _is_word(code)):
        return None
    return VendorError(
        wire=wire,
        type=kind,
        code=code,
        param=redact(param[:_LONGEST_PARAM]) if isinstance(param, str) else None,
        details=_details(error.get("details")),
    )


def words_for(error: LLMProviderError, wire: Wire) -> VendorError | None:
    """The vendor's words in `error` for a caller whose dialect has the error document of `wire`."""
    words = error.vendor_error
    return words if words is not None and words.wire is wire and error.fault is Fault.CALLER else None


def message_for(error: LLMProviderError, words: VendorError | None) -> str:
    """The message that goes with `words`: the vendor's alone."""
    # Of a model that is not there ours tells which was meant.
    if words is None or not error.vendor_message or isinstance(error, ModelNotFoundError):
        return error.detail
    return error.vendor_message


def status_for(error: LLMProviderError, words: VendorError | None) -> int | None:
    """The vendor's own status with `words`; None where ours must be said."""
    return error.upstream_status if words is not None and error.upstream_status in _STATUSES else None


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and is_plainly_a_code(value) and not value.isdigit()


def _details(given: Any) -> dict[str, Detail] | None:
    """The words and figures of an object; prose, which may quote the caller, is left out."""
    if not isinstance(given, dict):
        return None
    names = [name for name in given if is_plainly_a_code(name)][:_MOST_DETAILS]
    found: dict[str, Detail] = {}
    for name in names:
        value = given[name]
        if isinstance(value, list):
            found[name] = tuple(one for one in value[:_MOST_DETAILS] if _is_said(one))
        elif _is_said(value):
            found[name] = value
    return found


def _is_said(value: Any) -> bool:
    return value is None or isinstance(value, bool | int) or (isinstance(value, str) and is_plainly_a_code(value))
