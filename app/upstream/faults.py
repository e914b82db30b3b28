"""Which error of our tree does a transport's failure become?

Every httpx2 transport is read alike: by the type of the exception and of what caused it, and by whether the reply's
headers were here. No exception's text is read or passed on: it may hold a URL or a header's value.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import httpx2

from contracts.errors import (
    LLMProviderError,
    LLMTimeoutError,
    ProviderProtocolError,
    ProviderUnavailableError,
    ServiceNotStartedError,
)

# The first row whose type is anywhere in the chain of causes wins, so subclasses stand before their bases.
_REASONS: tuple[tuple[type[OSError], str], ...] = (
    (ConnectionRefusedError, "{} refused the connection"),
    (socket.gaierror, "could not resolve the host of {}"),
    (ssl.SSLCertVerificationError, "the TLS certificate of {} could not be verified"),
    (ssl.SSLError, "the TLS handshake with {} failed"),
)


def fault_before_reply(exc: httpx2.HTTPError, provider: str, *, connect_timeout_seconds: float) -> LLMProviderError:
    """The error for `exc`, raised before the reply's headers were here."""
    match exc:
        case httpx2.ConnectTimeout():
            detail = f"{provider} did not accept a connection in {connect_timeout_seconds:g} s"
            late = LLMTimeoutError(detail, provider=provider)
            late.reached_vendor = False
            return late
        case httpx2.TimeoutException():
            return _timed_out(provider)
        case httpx2.CloseError():
            return _stopping(provider)
        case httpx2.ConnectError():
            return ProviderUnavailableError(_connect_reason(exc).format(provider), provider=provider)
        case httpx2.ProxyError():
            return ProviderUnavailableError(f"the proxy on the way to {provider} failed", provider=provider)
        case httpx2.LocalProtocolError() | httpx2.UnsupportedProtocol():
            detail = f"{provider} cannot be called: its base URL or a header is not valid HTTP"
            return ProviderUnavailableError(detail, provider=provider)
        case httpx2.RemoteProtocolError() if _has_parse_error(exc):
            return ProviderProtocolError(f"the reply of {provider} is not HTTP", provider=provider)
        case httpx2.TransportError():
            detail = f"{provider} closed the connection before it answered"
            return ProviderUnavailableError(detail, provider=provider)
        case _:
            return fault_in_reply(exc, provider)


def fault_in_reply(exc: httpx2.HTTPError, provider: str) -> LLMProviderError:
    """The error for `exc`, raised while the reply's body was read."""
    match exc:
        case httpx2.TimeoutException():
            return _timed_out(provider)
        case httpx2.CloseError():
            return _stopping(provider)
        case httpx2.DecodingError():
            return ProviderProtocolError(f"the reply of {provider} could not be decompressed", provider=provider)
        case _:
            return ProviderProtocolError(f"the reply of {provider} ended before it was whole", provider=provider)


def _timed_out(provider: str) -> LLMProviderError:
    return LLMTimeoutError(f"{provider} did not answer in time", provider=provider)


def _stopping(provider: str) -> LLMProviderError:
    return ServiceNotStartedError(f"the service stopped before {provider} had answered", provider=provider)


def _connect_reason(exc: BaseException) -> str:
    causes = list(_causes(exc))
    for kind, sentence in _REASONS:
        if any(isinstance(cause, kind) for cause in causes):
            return sentence
    return "could not connect to {}"


def _has_parse_error(exc: BaseException) -> bool:
    """Whether a parser failed. httpx2 raises RemoteProtocolError for a close without any answer too, but only a
    parser's error comes from outside its own packages.
    """
    return any(type(cause).__module__.partition(".")[0] not in ("httpx2", "httpcore2") for cause in _causes(exc))


def _causes(exc: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = exc
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__
