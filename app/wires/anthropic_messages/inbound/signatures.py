"""Whose is the signature of a thought that a caller sends back?

The dialect has one field for it and no field for who signed. What another row's model signed goes out with that row's
name before it, so that it comes back to the same row and never to one that would refuse it. Signatures of the vendor
itself are base64, which holds no colon.
"""

from __future__ import annotations

from contracts.chat import ReasoningPart

_SIGNED_BY = "llm-service:"


def written_signature(part: ReasoningPart, *, provider: str) -> str:
    """The signature of `part` for a caller to whom all signatures are `provider`'s; none is the empty text."""
    if not part.signature:
        return ""
    if part.provider is None or part.provider == provider:
        return part.signature
    return f"{_SIGNED_BY}{part.provider.replace(':', '%3A')}:{part.signature}"


def signed_thought(text: str, signature: str, *, provider: str) -> ReasoningPart:
    """What came back, with the row that signed it."""
    row, colon, rest = signature.removeprefix(_SIGNED_BY).partition(":")
    if signature.startswith(_SIGNED_BY) and row and colon and rest:
        return ReasoningPart(text=text, signature=rest, provider=row.replace("%3A", ":"))
    return ReasoningPart(text=text, signature=signature or None, provider=provider)
