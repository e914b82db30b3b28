"""How do the parts of a turn become the one text and the list of images that a message has here?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.wires.notes import Notes
from contracts.chat import FilePart, ImagePart, Part, RawPart, ReasoningPart, RefusalPart, TextPart
from contracts.errors import InvalidRequestError
from contracts.responses import FieldError


class PartReader:
    """Reads parts for one provider; what it leaves out is noted."""

    def __init__(self, provider: str, notes: Notes) -> None:
        self._provider = provider
        self._notes = notes

    def content(self, parts: Sequence[Part]) -> dict[str, Any]:
        """`content`, `images` and a raw part's fields. Raises InvalidRequestError for a part that has no place."""
        images = [self._image(part) for part in parts if isinstance(part, ImagePart)]
        fields: dict[str, Any] = {
            "content": "\n".join(part.text for part in parts if isinstance(part, TextPart | RefusalPart))
        }
        if images:
            fields["images"] = images
            self._warn_of_order(parts)
        for part in parts:
            if isinstance(part, RawPart):
                fields |= self.raw_fields(part)
            elif isinstance(part, ReasoningPart):
                self._notes.say("reasoning was not sent: it belongs into an assistant's turn")
            elif isinstance(part, FilePart):
                raise self._refusal("takes no files")
            elif not isinstance(part, TextPart | RefusalPart | ImagePart):
                raise self._refusal(f"takes no part of type {part.type} in this turn")
        return fields

    def raw_fields(self, part: RawPart) -> dict[str, Any]:
        """The fields of the message that a raw part holds; none of another provider's."""
        if part.provider == self._provider:
            return dict(part.data)
        self._notes.say(f"a raw part of {part.provider} was not sent: {self._provider} takes only its own")
        return {}

    def _image(self, part: ImagePart) -> str:
        if part.data is None:
            raise self._refusal("takes no image by URL: send its data")
        if part.detail not in (None, "auto"):
            self._notes.say(f"detail of an image was not sent: {self._provider} does not know it")
        return part.data

    def _warn_of_order(self, parts: Sequence[Part]) -> None:
        kinds = "".join("i" if isinstance(part, ImagePart) else "t" for part in parts if part.type in ("image", "text"))
        if "i" in kinds.strip("i").strip("t"):
            self._notes.say(f"images between texts were sent beside them: {self._provider} has no place between")

    def _refusal(self, fact: str) -> InvalidRequestError:
        return InvalidRequestError(
            f"{self._provider} {fact}",
            provider=self._provider,
            errors=[FieldError(field="messages", message=fact)],
        )
