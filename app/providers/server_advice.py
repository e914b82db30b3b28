"""What is somebody told whose vendor does not answer, or does not list the model that is used by default?

Both are said to administrators only: an address is nothing for callers. Of a URL only its origin is shown, for what
stands before the host or behind it may be a secret.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches

import httpx2

from contracts.errors import LLMProviderError, ProviderUnavailableError

MOST_LISTED = 10
_SHOWABLE = re.compile(r"[!-~]{1,128}")
# Vendors list a model's dated version where callers name it without (Anthropic, OpenAI), or number it (Gemini).
_VERSION = re.compile(r"-(\d{8}|\d{4}-\d{2}-\d{2}|\d{3})")
# OpenRouter routes by these whatever it lists; what is free or thinks is a model of its own and listed as such.
_ROUTED = (":nitro", ":floor", ":online", ":exacto")


def unreachable(error: LLMProviderError, url: httpx2.URL, *, provider: str, hint: str | None) -> LLMProviderError:
    """The error for a server that gave no answer: where it was looked for, what happened there, and `hint`."""
    origin = f"{url.scheme}://{url.netloc.decode('ascii', 'replace')}"
    question = f": {hint}" if hint else ""
    return ProviderUnavailableError(f"{provider} is not reachable at {origin}{question} ({error})", provider=provider)


def missing_model(model: str, listed: Sequence[str], *, provider: str, pull_command: str | None) -> str | None:
    """Why `model` cannot be served by a vendor that lists `listed`; None when it is among them.

    `pull_command` is what fetches it, for a server whose user does that.
    """
    if any(_is_same(model, one) for one in listed):
        return None
    shown = [one for one in listed if _SHOWABLE.fullmatch(one)]
    if pull_command is not None:
        there = _counted(shown) if shown else "nothing"
        return f"{model} is not pulled: run `{pull_command} {model}` (pulled: {there})"
    near = get_close_matches(model, shown, n=3, cutoff=0.5)
    return f"{provider} does not list its default model {model}{f' (near it: {_counted(near)})' if near else ''}"


def _is_same(model: str, listed: str) -> bool:
    model, listed = model.removeprefix("models/"), listed.removeprefix("models/")
    for suffix in _ROUTED:
        model = model.removesuffix(suffix)
    if model in (listed, listed.removesuffix(":latest")) or model.removesuffix(":latest") == listed:
        return True
    return listed.startswith(model) and _VERSION.fullmatch(listed[len(model) :]) is not None


def _counted(names: Sequence[str]) -> str:
    more = len(names) - MOST_LISTED
    return ", ".join(names[:MOST_LISTED]) + (f" and {more} more" if more > 0 else "")
