"""What may a vendor's address, and a header for it, hold? Only what HTTP can carry, and what is not ours to set."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr, StringConstraints


def _dialable(url: str) -> str:
    try:
        has_host, _ = bool(urlsplit(url).hostname), urlsplit(url).port
    except ValueError:
        has_host = False
    if not (has_host and url.isascii() and url.isprintable()):
        msg = "is no URL that can be called: its host or port is wrong"
        raise ValueError(msg)
    return url


def _sendable(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if not (text.isascii() and text.replace("\t", " ").isprintable()):
        msg = "must be printable ASCII, as headers are"
        raise ValueError(msg)
    return value


BaseUrl = Annotated[
    str,
    StringConstraints(max_length=2048, pattern=r"^https?://[^\s/?#@]+(/[^\s?#]*)?$"),
    AfterValidator(_dialable),
]


def _our_own_to_set(name: str) -> str:
    if name.lower() in _FRAMING_HEADERS:
        msg = "is set by the service itself"
        raise ValueError(msg)
    return name


_FRAMING_HEADERS = {"host", "content-length", "content-type", "transfer-encoding", "connection", "te", "trailer"}
HeaderName = Annotated[
    str, StringConstraints(pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"), AfterValidator(_our_own_to_set)
]
HeaderValue = Annotated[SecretStr, AfterValidator(_sendable)]
