"""Which image or document is in a block?"""

from __future__ import annotations

import base64
from collections.abc import Callable

from app.wires.anthropic_messages.inbound.marks import decode_mark
from app.wires.anthropic_messages.inbound.place import Place
from contracts.broken_rule import BrokenRuleError
from contracts.chat import FilePart, ImagePart
from contracts.media_checks import check_file, check_image

_PDF = "application/pdf"
_LONGEST_URL = 8192


def decode_image(block: Place) -> ImagePart:
    """An `image` block: base64 in its source, or in a `data:` URL, or a URL for the vendor to fetch."""
    source, mark = block.at("source").needed(), decode_mark(block)
    if not source.is_object():
        return ImagePart(cache_control=mark)
    if source.at("type").needed().one_of(["base64", "url"]) == "url":
        url, media_type, data = _address(source.at("url"))
    else:
        url, media_type, data = None, source.at("media_type").needed().name(), source.at("data").needed().text()
    part = ImagePart(url=url, data=data, media_type=media_type, cache_control=mark)
    if data is not None and media_type is not None:
        _check(lambda: check_image(part, ()), source)
    return part


def decode_document(block: Place) -> FilePart:
    """A `document` block: base64, plain text, a URL, or the vendor's `file_id`."""
    source, mark = block.at("source").needed(), decode_mark(block)
    title = block.at("title").text(most=256) or None
    url: str | None = None
    media_type: str | None = None
    data: str | None = None
    file_id: str | None = None
    if source.is_object():
        match source.at("type").needed().one_of(["base64", "text", "url", "file"]):
            case "base64":
                media_type, data = source.at("media_type").needed().name(), source.at("data").needed().text()
            case "text":
                text = source.at("data").needed().text(least=1) or ""
                media_type, data = "text/plain", base64.b64encode(text.encode()).decode() or None
            case "url":
                url, media_type, data = _address(source.at("url"))
                media_type = media_type or _PDF
            case "file":
                # Without a type: the vendor knows what it keeps.
                file_id = source.at("file_id").needed().name()
    part = FilePart(url=url, data=data, media_type=media_type, file_id=file_id, filename=title, cache_control=mark)
    if data is not None and media_type is not None:
        _check(lambda: check_file(part, ()), source)
    return part


def _check(check: Callable[[], None], source: Place) -> None:
    try:
        check()
    except BrokenRuleError as error:
        (source.at("url") if source.at("url").is_given else source).breaks(error)


def _address(place: Place) -> tuple[str | None, str | None, str | None]:
    """A URL; or the media type and base64 of a `data:` URL."""
    text = place.needed().text()
    if text is None:
        return None, None, None
    head, comma, data = text.partition(",")
    if head.startswith("data:") and head.endswith(";base64") and comma and data:
        media_type = head.removeprefix("data:").partition(";")[0]
        return None, media_type.lower() or "application/octet-stream", data
    if not text.startswith(("http://", "https://")):
        place.wrong("must begin with http:// or https://, or be a data: URL in base64")
    elif len(text) > _LONGEST_URL:
        place.wrong(f"must have at most {_LONGEST_URL} characters")
    return text, None, None
