"""Which part of ours is one content part of a message or of a tool's output?

A part of a kind that we have no part for is kept whole as a RawPart, for the vendor that understands it.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.wires.demands import STRANGE
from app.wires.free_json import read_object
from app.wires.media_url import read_media_url
from app.wires.openai_chat.inbound.parts import KEPT, MARK_FIELDS, read_detail, read_file_data, read_mark
from app.wires.place import Place
from app.wires.request_fields import MOST_PARTS
from contracts.chat import FilePart, ImagePart, Part, RawPart, RefusalPart, TextPart

_SOURCES = ("file_data", "file_url", "file_id")
_FIELDS = {
    "input_text": frozenset({"type", "text", *MARK_FIELDS}),
    "output_text": frozenset({"type", "text", *MARK_FIELDS}),
    "refusal": frozenset({"type", "refusal"}),
    "input_image": frozenset({"type", "image_url", "detail", *MARK_FIELDS}),
    "input_file": frozenset({"type", "filename", *_SOURCES, *MARK_FIELDS}),
}


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
    if not kind:
        return None
    part = _part_of(kind, place, provider)
    if not isinstance(part, RawPart):
        place.ignore_others(_FIELDS[kind])
    return part


def _part_of(kind: str, place: Place, provider: str) -> Part:
    match kind:
        case "input_text" | "output_text":
            return TextPart(text=place.need("text").text() or "", cache_control=read_mark(place))
        case "refusal":
            return RefusalPart(text=place.need("refusal").text() or "")
        case "input_image" if not (place.at("file_id").is_given and not place.at("image_url").is_given):
            return _image(place)
        case "input_file":
            return _file(place)
        case _:
            place.demand(STRANGE)
            return RawPart(provider=provider, data=read_object(place))


def _image(place: Place) -> ImagePart:
    source, mark = read_media_url(place.need("image_url")), read_mark(place)
    return ImagePart(
        url=source.url,
        data=source.data,
        media_type=source.media_type,
        detail=read_detail(place.at("detail")),
        cache_control=mark,
    )


def _file(place: Place) -> FilePart:
    given = [name for name in _SOURCES if place.at(name).is_given]
    if len(given) != 1:
        place.wrong(f"must have exactly one of {', '.join(_SOURCES)}")
    filename, mark = place.at("filename").name() or None, read_mark(place)
    if place.at("file_id").is_given:
        place.at("file_id").demand(KEPT)
        return FilePart(file_id=place.at("file_id").name(), filename=filename, cache_control=mark)
    url, data = place.at("file_url"), place.at("file_data")
    source = read_media_url(url) if url.is_given else read_file_data(data)
    return FilePart(
        url=source.url, data=source.data, media_type=source.media_type, filename=filename, cache_control=mark
    )
