"""Which part of ours is one content part of a message or of a tool's output?

A part of a kind that we have no part for is kept whole as a RawPart, for the vendor that understands it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, cast

from app.wires.openai_chat.inbound.json_values import read_object
from app.wires.openai_chat.inbound.parts import read_mark
from app.wires.openai_chat.inbound.place import LONGEST_NAME, Place
from contracts.chat import FilePart, ImagePart, Part, RawPart, RefusalPart, TextPart

MOST_PARTS = 10_000
_LONGEST_URL = 8192
_WEB = ("http://", "https://")
_SOURCES = ("file_data", "file_url", "file_id")
# `original` is newer than the contract's levels, and above them all.
_DETAILS = {"auto": "auto", "low": "low", "high": "high", "original": "high"}


def read_content(place: Place, provider: str) -> Iterator[tuple[Part, Place]]:
    """The parts of a `content` and where each stands; a plain string is one text."""
    if isinstance(place.value, str):
        yield TextPart(text=place.text() or ""), place
        return
    for entry in place.entries(most=MOST_PARTS):
        part = _part(entry, provider)
        if part is not None:
            yield part, entry


def _part(place: Place, provider: str) -> Part | None:
    kind = place.need("type").name() if place.is_object(required=True) else ""
    match kind:
        case "":
            return None
        case "input_text" | "output_text":
            return TextPart(text=place.need("text").text() or "", cache_control=read_mark(place))
        case "refusal":
            return RefusalPart(text=place.need("refusal").text() or "")
        case "input_image" if not (place.at("file_id").is_given and not place.at("image_url").is_given):
            return _image(place)
        case "input_file":
            return _file(place)
        case _:
            return RawPart(provider=provider, data=read_object(place))


def _image(place: Place) -> ImagePart:
    url = place.need("image_url")
    text = url.text(least=1) or ""
    word = place.at("detail").one_of(*_DETAILS)
    detail = cast("Literal['auto', 'low', 'high'] | None", _DETAILS[word] if word else None)
    mark = read_mark(place)
    if not text.startswith("data:"):
        return ImagePart(url=_web_url(url, text), detail=detail, cache_control=mark)
    media_type, data = _inline(url, text)
    return ImagePart(data=data, media_type=media_type, detail=detail, cache_control=mark)


def _file(place: Place) -> FilePart:
    given = [name for name in _SOURCES if place.at(name).is_given]
    if len(given) != 1:
        place.wrong(f"must have exactly one of {', '.join(_SOURCES)}")
    filename, mark = place.at("filename").name() or None, read_mark(place)
    if place.at("file_id").is_given:
        return FilePart(file_id=place.at("file_id").name(), filename=filename, cache_control=mark)
    if place.at("file_url").is_given:
        url = place.at("file_url")
        return FilePart(url=_web_url(url, url.text(least=1) or ""), filename=filename, cache_control=mark)
    text = place.at("file_data").text(least=1) or ""
    media_type, data = _inline(place.at("file_data"), text) if text.startswith("data:") else (None, text)
    return FilePart(data=data, media_type=media_type, filename=filename, cache_control=mark)


def _web_url(place: Place, url: str) -> str:
    if url and not url.startswith(_WEB):
        place.wrong("must be an http(s) URL or a data: URL")
    elif len(url) > _LONGEST_URL:
        place.wrong(f"must have at most {_LONGEST_URL} characters")
    return url


def _inline(place: Place, url: str) -> tuple[str, str]:
    """Media type and base64 of `data:<type>[;parameters];base64,<data>`."""
    head, _, data = url.removeprefix("data:").partition(",")
    media_type = head.partition(";")[0].lower()
    if not head.endswith(";base64") or not 0 < len(media_type) <= LONGEST_NAME or not data:
        place.wrong("must be a whole data: URL, e.g. data:image/png;base64,iVBORw0KGgo=")
    return media_type, data
