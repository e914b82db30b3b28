"""Which secrets does this process hold, so that nobody's words are passed on with one of them in it?

A vendor, or a proxy before it, may answer with the key or the header that it was sent, and a key need not be shaped
like one. The rows tell theirs when they are built; those that were replaced stay withheld, for calls under way.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from types import TracebackType

from contracts.errors import LLMProviderError
from contracts.redaction import without_keys

SHORTEST_SECRET = 8
_HIDDEN = "[redacted]"
# More than that were never in use at once; a process whose keys change for years shall not keep them all.
_MOST_SECRETS = 4096


class Withheld:
    """The secrets, of which those of less than 8 characters are left out: they may be anybody's words.

    As a context it takes them out of the words of an error of ours that leaves it: nothing is done where none does.
    """

    def __init__(self, own: Iterable[str] = ()) -> None:
        """`own`: those of the service itself."""
        self._own = _forms_of(own)
        self._told: list[str] = []
        self._secrets = self._own

    def __repr__(self) -> str:
        return f"Withheld({len(self._secrets)} secrets)"

    def learn(self, secrets: Iterable[str]) -> None:
        """`secrets` are withheld too, as they are and as they stand in JSON."""
        self._told = list(dict.fromkeys([*_forms_of(secrets), *self._told]))[:_MOST_SECRETS]
        # The longest first: one may be a part of another.
        self._secrets = sorted({*self._own, *self._told}, key=len, reverse=True)

    def shown(self, text: str) -> str:
        """`text` without them, and without what begins one of them at its end, where it may have been cut."""
        for secret in self._secrets:
            if secret in text:
                text = text.replace(secret, _HIDDEN)
        for secret in self._secrets:
            if size := _ending(text, secret):
                return text[:-size] + _HIDDEN
        return text

    def without_keys(self, text: str) -> str:
        """`text` without them, nor anything else that is shaped like a key."""
        return without_keys(self.shown(text))

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if isinstance(error, LLMProviderError):
            self._hide(error)

    def _hide(self, error: LLMProviderError) -> None:
        error.args = tuple(self.shown(word) if isinstance(word, str) else word for word in error.args)
        if error.vendor_message is not None:
            error.vendor_message = self.shown(error.vendor_message)
        if error.vendor_error is not None:
            error.vendor_error = error.vendor_error.shown(self.shown)
        error.errors = tuple(
            one.model_copy(update={"field": self.shown(one.field), "message": self.shown(one.message)})
            for one in error.errors
        )


def _forms_of(secrets: Iterable[str]) -> list[str]:
    known = [secret for secret in secrets if len(secret) >= SHORTEST_SECRET]
    quoted = [json.dumps(secret)[1:-1] for secret in known]
    return sorted({*known, *quoted, *(one.replace("/", "\\/") for one in quoted)}, key=len, reverse=True)


def _ending(text: str, secret: str) -> int:
    """How many characters at the end of `text` begin `secret`; 0: too few to say so."""
    most = min(len(text), len(secret) - 1)
    sizes = range(most, SHORTEST_SECRET - 1, -1)
    return next((size for size in sizes if text.endswith(secret[:size])), 0)
