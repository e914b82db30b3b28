"""Which part of ours is one content part of a message?

A part of a kind that we have no part for is kept whole as a RawPart, for the vendor that understands it.
"""

from __future__ import annotations

from typing import Literal, cast

from app.wires.openai_chat.inbound.json_values import read_object
from app.wires.openai_chat.inbound.place import LONGEST_NAME, Place
from contracts.broken_rule import BrokenRuleError
from contracts.chat import CacheControl, FilePart, ImagePart, Part, RawPart, RefusalPart, TextPart
from contracts.media_checks import check_file, check_image

LONGEST_URL = 8192
MOST_PARTS = 10_000
# Newer than the contract's levels, and above them all.
_DETAILS = {"auto": "auto", "low": "low", "high": "high", "original": "high"}


def read_content(place: Place, provider: str) -> tuple[Part, ...]:
    """The parts of a `content`: a plain string is one text."""
    if isinstance(place.value, str):
        text = place.text()
        return () if text is None else (TextPart(text=text),)
    found = (read_part(entry, provider) for entry in place.entries(least=1, most=MOST_PARTS))
    return tuple(part for part in found if part is not None)


def read_part(place: Place, provider: str) -> Part | None:
    """One element of a `content` list; None when something is wrong with it."""
    kind = place.need("type").name() if place.is_object(required=True) else ""
    match kind:
        case "":
            return None
        case "text":
            return TextPart(text=place.need("text").text() or "", cache_control=read_mark(place))
        case "refusal":
            return RefusalPart(text=place.need("refusal").text() or "")
        case "image_url":
            return _image(place)
        case "file":
            return _file(place)
        case _:
            return RawPart(provider=provider, data=read_object(place))


def read_mark(place: Place) -> CacheControl | None:
    """The cache mark of a part or tool: Anthropic's (which OpenRouter takes too), or OpenAI's own breakpoint."""
    mark = place.at("cache_control")
    if mark.is_object():
        mark.need("type").one_of("ephemeral")
        return CacheControl(ttl=cast("Literal['5m', '1h'] | None", mark.at("ttl").one_of("5m", "1h")))
    own = place.at("prompt_cache_breakpoint")
    if own.is_object():
        own.need("mode").one_of("explicit")
        # Both of its lifetimes are longer than 5 minutes, and an hour is the longest that a mark of ours can say.
        return CacheControl(ttl="1h" if own.at("ttl").one_of("30m", "12h") else None)
    return None


def _image(place: Place) -> ImagePart | None:
    image = place.need("image_url")
    url = image.need("url").text(least=1) if image.is_object() else None
    word = image.at("detail").one_of(*_DETAILS)
    detail = cast("Literal['auto', 'low', 'high'] | None", _DETAILS[word] if word else None)
    mark = read_mark(place)
    if url is None:
        return None
    if not url.startswith("data:"):
        return ImagePart(url=_web_url(image.at("url"), url), detail=detail, cache_control=mark)
    media_type, data = _inline(image.at("url"), url)
    part = ImagePart(data=data, media_type=media_type, detail=detail, cache_control=mark)
    try:
        check_image(part, ())
    except BrokenRuleError as error:
        image.at("url").breaks(error)
    return part


def _file(place: Place) -> FilePart | None:
    file = place.need("file")
    if not file.is_object():
        return None
    filename = file.at("filename").name() or None
    mark = read_mark(place)
    file_id, data = file.at("file_id"), file.at("file_data")
    if file_id.is_given == data.is_given:
        file.wrong("must have exactly one of file_id and file_data")
    if not data.is_given:
        return FilePart(file_id=file_id.name(), filename=filename, cache_control=mark)
    text = data.text(least=1) or ""
    if text.startswith(("http://", "https://")):
        return FilePart(url=_web_url(data, text), filename=filename, cache_control=mark)
    media_type, text = _inline(data, text) if text.startswith("data:") else (None, text)
    part = FilePart(data=text, media_type=media_type, filename=filename, cache_control=mark)
    try:
        check_file(part, ())
    except BrokenRuleError as error:
        data.breaks(error)
    return part


def _web_url(place: Place, url: str) -> str:
    if not url.startswith(("http://", "https://")):
        place.wrong("must be an http(s) URL or a data: URL")
    elif len(url) > LONGEST_URL:
        place.wrong(f"must have at most {LONGEST_URL} characters")
    return url


def _inline(place: Place, url: str) -> tuple[str, str]:
    """Media type and base64 of `data:<type>[;parameters];base64,<data>`."""
    head, comma, data = url.removeprefix("data:").partition(",")
    media_type, *parameters = head.split(";")
    if not comma or parameters[-1:] != ["base64"] or not 0 < len(media_type) <= LONGEST_NAME or not data:
        place.wrong("must be a whole data: URL, e.g. data:image/png;base64,iVBORw0KGgo=")
    return media_type.lower(), data
