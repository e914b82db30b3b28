"""How does one part of a turn become one part of this dialect?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.wires.gemini.media import encode_file, encode_image
from app.wires.gemini.signatures import UNSIGNED_CALL, standalone_part
from app.wires.gemini.traits import ModelTraits
from app.wires.notes import Notes
from app.wires.tool_arguments import arguments_object
from contracts.chat import (
    FilePart,
    ImagePart,
    Part,
    RawPart,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
)
from contracts.errors import InvalidRequestError
from contracts.responses import FieldError


class PartEncoder:
    """Writes parts for one vendor; what it leaves out is noted."""

    def __init__(self, provider: str, traits: ModelTraits, notes: Notes) -> None:
        self._provider = provider
        self._traits = traits
        self._notes = notes

    def user_parts(self, parts: Sequence[Part]) -> list[dict[str, Any]]:
        """The parts of a user's turn. Raises InvalidRequestError for what this vendor cannot take there."""
        written: list[dict[str, Any]] = []
        for part in parts:
            if isinstance(part, ReasoningPart):
                self._notes.say("reasoning was not sent: it belongs into an assistant's turn")
            else:
                written += self._plain(part)
        return written

    def model_parts(self, parts: Sequence[Part]) -> list[dict[str, Any]]:
        """The parts of a model's turn, each signature on the part that it belongs to."""
        written: list[dict[str, Any]] = []
        signature: str | None = None
        for part in parts:
            if isinstance(part, ReasoningPart):
                if self._is_own(part):
                    written += _left_over(signature)
                    alone = standalone_part(part)
                    written += [alone] if alone else []
                    signature = None if alone else part.signature
                continue
            new = [self._call(part)] if isinstance(part, ToolCallPart) else self._plain(part)
            if new and signature is not None and not isinstance(part, RawPart):
                new[0]["thoughtSignature"] = signature
                signature = None
            written += new
        written += _left_over(signature)
        if self._traits.is_third_generation:
            _sign_first_call(written)
        return written

    def image(self, part: ImagePart) -> dict[str, Any]:
        """An image. Raises InvalidRequestError for an address that does not say what stands there."""
        written = self._addressed(encode_image(part))
        if part.detail in ("low", "high") and self._traits.is_third_generation:
            return {**written, "mediaResolution": {"level": f"MEDIA_RESOLUTION_{part.detail.upper()}"}}
        if part.detail in ("low", "high"):
            self._notes.say(
                f"detail of an image was not sent: this model of {self._provider} takes it for no single one"
            )
        return written

    def refusal(self, fact: str) -> InvalidRequestError:
        """The error for a conversation of which this vendor `fact`."""
        return InvalidRequestError(
            f"{self._provider} {fact}", provider=self._provider, errors=[FieldError(field="messages", message=fact)]
        )

    def _plain(self, part: Part) -> list[dict[str, Any]]:
        match part:
            case TextPart() | RefusalPart():
                # A part without anything in it is an error there.
                return [{"text": part.text}] if part.text else []
            case ImagePart():
                return [self.image(part)]
            case FilePart():
                if part.filename is not None:
                    self._notes.say(f"the name of a file was not sent: {self._provider} takes none")
                return [self._addressed(encode_file(part))]
            case RawPart() if part.provider == self._provider:
                return [dict(part.data)]
            case RawPart():
                self._notes.say(f"a raw part of {part.provider} was not sent: {self._provider} takes only its own")
                return []
        raise self.refusal(f"takes no part of type {part.type} in this turn")

    def _addressed(self, written: dict[str, Any] | None) -> dict[str, Any]:
        if written is None:
            raise self.refusal("needs the media_type of what stands at a URL, which the URL's ending does not tell")
        return written

    def _call(self, part: ToolCallPart) -> dict[str, Any]:
        arguments = arguments_object(part, self._notes)
        return {"functionCall": {"id": part.id, "name": part.name, "args": arguments}}

    def _is_own(self, part: ReasoningPart) -> bool:
        if part.provider != self._provider:
            self._notes.say(f"reasoning of an earlier turn was not sent: {self._provider} takes only its own")
        elif not part.signature:
            self._notes.say(f"unsigned reasoning was not sent: {self._provider} takes signatures only")
        return part.provider == self._provider and bool(part.signature)


def _left_over(signature: str | None) -> list[dict[str, Any]]:
    """A signature whose part is not there any more still goes back."""
    return [] if signature is None else [{"text": "", "thoughtSignature": signature}]


def _sign_first_call(parts: list[dict[str, Any]]) -> None:
    """Of parallel calls only the first is signed, and without it the vendor refuses the request."""
    call = next((part for part in parts if "functionCall" in part), None)
    if call is not None:
        call.setdefault("thoughtSignature", UNSIGNED_CALL)
