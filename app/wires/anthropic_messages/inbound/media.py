"""Which image or document is in a block?"""

from __future__ import annotations

import base64
from collections.abc import Callable

from app.wires.cache_marks import read_mark
from app.wires.media_url import MediaUrl, read_media_url
from app.wires.place import LONGEST_NAME, Place
from contracts.broken_rule import BrokenRuleError
from contracts.chat import FilePart, ImagePart
from contracts.media_checks import check_file, check_image

_PDF = "application/pdf"
# Of what is named by an id of the vendor's.
_KEPT = "names what a vendor of this dialect keeps"


def decode_image(block: Place) -> ImagePart:
    """An `image` block: base64 in its source, or in a `data:` URL, or a URL for the vendor to fetch."""
    source, mark = block.need("source"), read_mark(block)
    if not source.is_object():
        return ImagePart(cache_control=mark)
    if source.need("type").one_of("base64", "url") == "url":
        found = read_media_url(source.need("url"))
    else:
        found = _base64(source)
    part = ImagePart(url=found.url, data=found.data, media_type=found.media_type, cache_control=mark)
    if found.data is not None and found.media_type:
        _check(lambda: check_image(part, ()), source)
    return part


def decode_document(block: Place) -> FilePart:
    """A `document` block: base64, plain text, a URL, or the vendor's `file_id`."""
    source, mark = block.need("source"), read_mark(block)
    title = block.at("title").text(most=LONGEST_NAME) or None
    found, file_id = MediaUrl(), None
    if source.is_object():
        match source.need("type").one_of("base64", "text", "url", "file"):
            case "base64":
                found = _base64(source)
            case "text":
                text = source.need("data").text(least=1) or ""
                found = MediaUrl(media_type="text/plain", data=base64.b64encode(text.encode()).decode() or None)
            case "url":
                found = read_media_url(source.need("url"))
            case "file":
                # Without a type: the vendor knows what it keeps.
                file_id = source.need("file_id").name()
                source.at("file_id").demand(_KEPT)
    part = FilePart(
        url=found.url,
        data=found.data,
        media_type=found.media_type or (_PDF if found.url else None),
        file_id=file_id,
        filename=title,
        cache_control=mark,
    )
    if found.data is not None and found.media_type:
        _check(lambda: check_file(part, ()), source)
    return part


def _base64(source: Place) -> MediaUrl:
    return MediaUrl(media_type=source.need("media_type").name(), data=source.need("data").text())


def _check(check: Callable[[], None], source: Place) -> None:
    try:
        check()
    except BrokenRuleError as error:
        named = source.at("url") if source.at("url").is_given else source.at(str(error.path[-1]))
        (named if named.is_given else source).breaks(error)
