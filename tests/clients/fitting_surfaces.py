"""Which rules must a valid request at a drop-in surface keep that the fuzzer does not know?

The document says only what the service understands of each dialect, and nothing of how turns, tools and formats belong
together: those are tests/wires' business. Here every other field stays as it was generated, unknown ones too.
"""

from __future__ import annotations

from typing import Any

_Json = dict[str, Any]

_TURN = {"role": "user", "content": "Say one."}
# Whose own rules the document does not tell.
_LEFT_OUT = ("tools", "response_format", "text", "reasoning", "thinking", "stream_options", "max_completion_tokens")


def fit_turns(body: _Json) -> _Json:
    """A request by messages."""
    system = {"system": "Be brief."} if body.get("system") is not None else {}
    stops = {"stop_sequences": ["END"]} if body.get("stop_sequences") else {}
    return {**_fit(body), "messages": [_TURN], **system, **stops}


def fit_input(body: _Json) -> _Json:
    """A request by input items."""
    return {**_fit(body), "input": "Say one." if isinstance(body["input"], str) else [_TURN]}


def fit_texts(body: _Json) -> _Json:
    """A request for vectors; the mock makes them of 4096 numbers at most in good time."""
    shorter = {} if body.get("dimensions") is None else {"dimensions": 1 + body["dimensions"] % 4096}
    return {**_fit(body), **shorter, "model": "mock/mock-embedding"}


def _fit(body: _Json) -> _Json:
    fitted = {name: value for name, value in body.items() if name not in _LEFT_OUT}
    if body.get("llm_service") is not None:
        fitted["llm_service"] = _steering(body["llm_service"])
    return {**fitted, "model": "mock-echo"}


def _steering(ours: _Json) -> _Json:
    """Rows that are there."""
    fitted = dict(ours)
    if ours.get("preferred_provider") is not None:
        fitted["preferred_provider"] = "mock"
    if ours.get("fallback_providers"):
        fitted["fallback_providers"] = ["mock"]
    if ours.get("vendor_options"):
        fitted["vendor_options"] = {"mock": {}}
    # Warned of or refused: what is asked beyond the dialect of the mock.
    return {**fitted, "unsupported_parameters": "warn"}
