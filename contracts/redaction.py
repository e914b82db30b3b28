"""What of somebody's words must not be shown, or kept: everything that is shaped like a key."""

from __future__ import annotations

import re

VENDOR_MESSAGE_LIMIT = 500
_REDACTED = "[redacted]"
_PREFIXED = re.compile(
    r"(?<![A-Za-z0-9])(?:(?:sk|pk|rk|gsk|xai|hf|ghp|nvapi|r8|llmps)[-_]|AIza|AKIA|ya29\.)[-_A-Za-z0-9*.]{8,}"
    # "Bearer token" and the like are prose.
    r"|(?i:bearer)\s+(?!(?i:auth\w*|tokens?|keys?|credentials?|scheme|header)\b)\S+",
)
_RUN = re.compile(r"[A-Za-z0-9_-]{32,}")
# Keys without a prefix are one long jumble; a model's name and a UUID have joints, and a request id names itself.
_JUMBLE = re.compile(r"[A-Za-z0-9]{16}")
_REQUEST_ID = re.compile(r"(?:req|chatcmpl|resp|msg|gen)[-_]")


def redact(text: str) -> str:
    """`text` cut to 500 characters with everything that is shaped like a key replaced by `[redacted]`."""
    return without_keys(text)[:VENDOR_MESSAGE_LIMIT]


def without_keys(text: str) -> str:
    """The whole of `text`, with everything that is shaped like a key replaced by `[redacted]`."""
    return _RUN.sub(_shown_run, _PREFIXED.sub(_REDACTED, text))


def _shown_run(run: re.Match[str]) -> str:
    is_key = _JUMBLE.search(run[0]) is not None and _REQUEST_ID.match(run[0]) is None
    return _REDACTED if is_key else run[0]
