"""How does one part of a turn become one content part of this dialect?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.wires.cache_marks import MESSAGE_MARK, written_mark
from app.wires.notes import Notes
from app.wires.openai_chat.quirks import Quirks
from contracts.chat import (
    CacheControl,
    FilePart,
    ImagePart,
    Part,
    RawPart,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from contracts.errors import InvalidRequestError
from contracts.responses import FieldError

_DEFAULT_IMAGE_TYPE = "image/png"


class PartEncoder:
    """Writes parts for one vendor; what it leaves out is noted."""

    def __init__(self, provider: str, quirks: Quirks, notes: Notes) -> None:
        self._provider = provider
        self._quirks = quirks
        self._notes = notes

    def content(self, parts: Sequence[Part]) -> str | list[dict[str, Any]]:
        """The `content` of a message: a plain string where one text is all, for not every server takes lists."""
        if len(parts) == 1 and isinstance(only := parts[0], TextPart) and not self.is_marked(only):
            return only.text
        kept = [part for part in parts if self._is_sendable(part)]
        texts = [part.text for part in kept if isinstance(part, TextPart | RefusalPart)]
        is_one_text = len(texts) == len(kept) and (len(kept) <= 1 or not self._quirks.takes_text_lists)
        if is_one_text and not any(map(self.is_marked, kept)):
            return "\n".join(texts)
        return [self.content_part(part) for part in kept]

    def content_part(self, part: Part) -> dict[str, Any]:
        """One element of a `content` list. Raises InvalidRequestError for what this vendor cannot take."""
        match part:
            case TextPart(cache_control=CacheControl() as mark) if self._quirks.takes_cache_marks:
                return {"type": "text", "text": part.text, "cache_control": written_mark(mark)}
            case TextPart() | RefusalPart():
                return {"type": "text", "text": part.text}
            case ImagePart():
                return self._image(part)
            case FilePart():
                return self._file(part)
            case RawPart():
                return dict(part.data)
            case _:
                raise self._refusal(f"a part of type {part.type} cannot stand in this turn")

    def is_marked(self, part: Part) -> bool:
        """Whether `part` is a text with a cache mark that this vendor takes, and so must stand in a list."""
        return isinstance(part, TextPart) and part.cache_control is not None and self._quirks.takes_cache_marks

    def note_mark(self, part: ImagePart | FilePart | ToolCallPart | ToolResultPart) -> None:
        """Names a cache mark on what is no text, for a vendor that takes marks on texts."""
        if part.cache_control is not None and self._quirks.takes_cache_marks:
            fact = f"cache_control of a part of type {part.type} was not sent: {self._provider} takes it on texts only"
            self._notes.leave_out(MESSAGE_MARK, fact)

    def _is_sendable(self, part: Part) -> bool:
        if isinstance(part, RawPart) and part.provider != self._provider:
            self._notes.say(f"a raw part of {part.provider} was not sent: {self._provider} takes only its own")
            return False
        if isinstance(part, ReasoningPart):
            self._notes.say("reasoning was not sent: it belongs into an assistant's turn")
            return False
        return True

    def _image(self, part: ImagePart) -> dict[str, Any]:
        if not self._quirks.takes_images:
            raise self._refusal("takes no images")
        self.note_mark(part)
        url = part.url or f"data:{part.media_type or _DEFAULT_IMAGE_TYPE};base64,{part.data}"
        image: dict[str, Any] = {"url": url}
        if part.detail is not None:
            image["detail"] = part.detail
        return {"type": "image_url", "image_url": image}

    def _file(self, part: FilePart) -> dict[str, Any]:
        if not self._quirks.takes_files:
            raise self._refusal("takes no files")
        self.note_mark(part)
        file: dict[str, Any]
        if part.file_id is not None:
            file = {"file_id": part.file_id}
        elif part.url is not None:
            if not self._quirks.takes_file_urls:
                raise self._refusal("takes no file by URL: send its data")
            file = {"file_data": part.url, "filename": part.filename or "document"}
        else:
            media_type = part.media_type or "application/pdf"
            file = {"file_data": f"data:{media_type};base64,{part.data}", "filename": part.filename or "document"}
        return {"type": "file", "file": file}

    def _refusal(self, fact: str) -> InvalidRequestError:
        return InvalidRequestError(
            f"{self._provider} {fact}",
            provider=self._provider,
            errors=[FieldError(field="messages", message=fact)],
        )
