"""Which part of ours is one content part of a message?

A part of a kind that we have no part for is kept whole as a RawPart, for the vendor that understands it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, cast

from app.wires import cache_marks
from app.wires.demands import STRANGE
from app.wires.free_json import read_object
from app.wires.media_url import MediaUrl, is_url, read_media_url
from app.wires.place import Place
from app.wires.request_fields import MOST_PARTS
from contracts.broken_rule import BrokenRuleError
from contracts.chat import CacheControl, FilePart, ImagePart, Part, RawPart, RefusalPart, TextPart
from contracts.media_checks import check_file, check_image

# Of what is named by an id of the vendor's.
KEPT = "names what a vendor of this dialect keeps"
# Newer than the contract's levels, and above them all.
_DETAILS = {"auto": "auto", "low": "low", "high": "high", "original": "high"}
MARK_FIELDS = ("cache_control", "prompt_cache_breakpoint")
_MARKS = frozenset(MARK_FIELDS)
_FIELDS = {
    "text": frozenset({"type", "text", *MARK_FIELDS}),
    "refusal": frozenset({"type", "refusal"}),
    "image_url": frozenset({"type", "image_url", *MARK_FIELDS}),
    "file": frozenset({"type", "file", *MARK_FIELDS}),
}


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
    known = _FIELDS.get(kind)
    if known is not None:
        place.ignore_others(known)
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
            place.demand(STRANGE)
            return RawPart(provider=provider, data=read_object(place))


def read_mark(place: Place) -> CacheControl | None:
    """The cache mark of a part or tool: Anthropic's (which OpenRouter takes too), or OpenAI's own breakpoint."""
    if not place.says_any(_MARKS):
        return None
    mark = cache_marks.read_mark(place)
    own = place.at("prompt_cache_breakpoint")
    if mark is not None or not own.is_object():
        return mark
    own.need("mode").hint("explicit")
    own.ignore_others({"mode", "ttl"})
    # Both of its lifetimes are longer than 5 minutes, and an hour is the longest that a mark of ours can say.
    return CacheControl(ttl="1h" if own.at("ttl").hint("30m", "12h") else None)


def read_detail(place: Place) -> Literal["auto", "low", "high"] | None:
    """How closely an image is to be looked at."""
    word = place.hint(*_DETAILS)
    return cast("Literal['auto', 'low', 'high']", _DETAILS[word]) if word else None


def _image(place: Place) -> ImagePart | None:
    image, mark = place.need("image_url"), read_mark(place)
    if not image.is_object():
        return None
    image.ignore_others({"url", "detail"})
    url, detail = image.need("url"), read_detail(image.at("detail"))
    source = read_media_url(url)
    part = ImagePart(url=source.url, data=source.data, media_type=source.media_type, detail=detail, cache_control=mark)
    if part.data is not None:
        _check(lambda: check_image(part, ()), url)
    return part


def _file(place: Place) -> FilePart | None:
    file, mark = place.need("file"), read_mark(place)
    if not file.is_object():
        return None
    file.ignore_others({"file_id", "file_data", "filename"})
    filename = file.at("filename").name() or None
    file_id, data = file.at("file_id"), file.at("file_data")
    if file_id.is_given == data.is_given:
        file.wrong("must have exactly one of file_id and file_data")
    if not data.is_given:
        file_id.demand(KEPT)
        return FilePart(file_id=file_id.name(), filename=filename, cache_control=mark)
    source = read_file_data(data)
    part = FilePart(
        url=source.url, data=source.data, media_type=source.media_type, filename=filename, cache_control=mark
    )
    if part.data is not None:
        _check(lambda: check_file(part, ()), data)
    return part


def read_file_data(place: Place) -> MediaUrl:
    """A file: base64 alone, or any URL."""
    text = place.text(least=1) or ""
    return read_media_url(place) if is_url(text) else MediaUrl(data=text)


def _check(check: Callable[[], None], place: Place) -> None:
    try:
        check()
    except BrokenRuleError as error:
        place.breaks(error)
