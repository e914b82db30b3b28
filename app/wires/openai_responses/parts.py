"""How does one part of a turn become one content part of this dialect?"""

from __future__ import annotations

from typing import Any

from app.wires.notes import Notes
from contracts.chat import FilePart, ImagePart, Part, RawPart, RefusalPart, TextPart
from contracts.errors import InvalidRequestError
from contracts.responses import FieldError

_DEFAULT_IMAGE_TYPE = "image/png"
_DEFAULT_FILE_TYPE = "application/pdf"
_CONTENT_PREFIXES = ("input_", "output_")


class PartEncoder:
    """Writes parts for one vendor; what it leaves out is noted."""

    def __init__(self, provider: str, notes: Notes) -> None:
        self._provider = provider
        self._notes = notes

    def given(self, part: Part) -> dict[str, Any]:
        """A part that a user, a system or a tool says. Raises InvalidRequestError for what cannot stand there."""
        match part:
            case TextPart() | RefusalPart():
                return {"type": "input_text", "text": part.text}
            case ImagePart():
                return _image(part)
            case FilePart():
                return self._file(part)
            case RawPart():
                return dict(part.data)
            case _:
                fact = f"a part of type {part.type} cannot stand in this turn"
                raise InvalidRequestError(
                    f"{self._provider} {fact}",
                    provider=self._provider,
                    errors=[FieldError(field="messages", message=fact)],
                )

    def _file(self, part: FilePart) -> dict[str, Any]:
        if part.data is not None:
            data = f"data:{part.media_type or _DEFAULT_FILE_TYPE};base64,{part.data}"
            return {"type": "input_file", "file_data": data, "filename": part.filename or "document"}
        if part.filename is not None:
            self._notes.say("the filename of a file without data was not sent: its id or URL names it")
        if part.file_id is not None:
            return {"type": "input_file", "file_id": part.file_id}
        return {"type": "input_file", "file_url": part.url}


def answered(part: TextPart | RefusalPart | RawPart) -> dict[str, Any]:
    """A part that the assistant said."""
    if isinstance(part, RawPart):
        return dict(part.data)
    if isinstance(part, RefusalPart):
        return {"type": "refusal", "refusal": part.text}
    return {"type": "output_text", "text": part.text}


def is_content(part: RawPart) -> bool:
    """Whether a raw part is content of a message (`input_audio`); all others are items beside messages."""
    return str(part.data.get("type")).startswith(_CONTENT_PREFIXES)


def _image(part: ImagePart) -> dict[str, Any]:
    url = part.url or f"data:{part.media_type or _DEFAULT_IMAGE_TYPE};base64,{part.data}"
    image: dict[str, Any] = {"type": "input_image", "image_url": url}
    if part.detail is not None:
        image["detail"] = part.detail
    return image
