"""Are the images and files of a request what they say they are? Nothing is fetched, and nothing unpacked."""

from __future__ import annotations

import re

from contracts.base64_text import check_base64, decoded_bytes, first_bytes
from contracts.broken_rule import BrokenRuleError, Path
from contracts.chat import FilePart, ImagePart
from contracts.image_types import IMAGE_TYPES, READ_BYTES, seen_image_types

# What OpenAI takes for one image, and Gemini for a whole inline request (firebase.google.com/docs/ai-logic/
# input-file-requirements); Anthropic takes less (platform.claude.com/docs/en/build-with-claude/vision).
MAX_IMAGE_BYTES = 20 * 2**20
# Documents and text to all vendors; sound and film to Gemini, which takes images as files too.
FILE_KINDS = ("application", "audio", "image", "text", "video")
_MEDIA_TYPE = re.compile(rf"(?:{'|'.join(FILE_KINDS)})/[a-z0-9][a-z0-9!#$&^_.+-]*(?:\s*;.*)?", re.IGNORECASE)
_SLIPS = {
    "image/jpg": "image/jpeg",
    "image/tif": "image/tiff",
    "image/x-png": "image/png",
    "image/x-ms-bmp": "image/bmp",
}


def check_image(part: ImagePart, at: Path) -> None:
    """Refuses an image of no or two sources, of an unknown type, or whose data is no such image.

    `at` is its path in the request. Raises BrokenRuleError.
    """
    if (part.url is None) == (part.data is None):
        raise BrokenRuleError(at, "needs exactly one of url and data")
    if part.media_type is not None and part.media_type not in IMAGE_TYPES:
        slip = _SLIPS.get(part.media_type)
        raise BrokenRuleError(
            (*at, "media_type"),
            f"is not a type of image that vendors take: it must be one of {', '.join(IMAGE_TYPES)}",
            hint=f"did you mean {slip}?" if slip else None,
        )
    if part.data is not None:
        _check_image_data(part.data, part.media_type, at)


def check_file(part: FilePart, at: Path) -> None:
    """Refuses a file of no or several sources, of an unknown type, or whose data is no base64.

    `at` is its path in the request. Raises BrokenRuleError.
    """
    if sum(source is not None for source in (part.url, part.data, part.file_id)) != 1:
        raise BrokenRuleError(at, "needs exactly one of url, data and file_id")
    if part.media_type is not None and not _MEDIA_TYPE.fullmatch(part.media_type):
        kinds = ", ".join(f"{kind}/…" for kind in FILE_KINDS)
        message = f"is not a type of file that vendors take: it must be {kinds}, e.g. application/pdf"
        raise BrokenRuleError((*at, "media_type"), message)
    if part.data is not None:
        check_base64(part.data, (*at, "data"))


def _check_image_data(data: str, media_type: str | None, at: Path) -> None:
    if media_type is None:
        raise BrokenRuleError((*at, "media_type"), "is required beside data, e.g. image/png")
    place = (*at, "data")
    check_base64(data, place)
    size = decoded_bytes(data)
    if size > MAX_IMAGE_BYTES:
        message = f"is an image of {size} bytes, and the most is {MAX_IMAGE_BYTES}: send a smaller one, or its url"
        raise BrokenRuleError(place, message)
    seen = seen_image_types(first_bytes(data, READ_BYTES))
    if not seen:
        raise BrokenRuleError(place, f"is not an image: its bytes begin like none of {', '.join(IMAGE_TYPES)}")
    if media_type not in seen:
        raise BrokenRuleError(place, f"is {seen[0]}, and media_type says {media_type}: send media_type {seen[0]}")
