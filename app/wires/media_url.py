"""Does a URL that a caller gives name an image or file, or hold it?"""

from __future__ import annotations

from dataclasses import dataclass, field

from app.wires.place import LONGEST_NAME, Place

_WEB = ("http://", "https://")
_INLINE = "data:"
_LONGEST_URL = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaUrl:
    """Either a `url` for the vendor to fetch, or `data` in base64 with its type; nothing where neither is right."""

    url: str | None = field(default=None, repr=False)
    media_type: str | None = None
    data: str | None = field(default=None, repr=False)


def is_url(text: str) -> bool:
    """Whether `text` means to be a URL, where base64 alone could stand as well."""
    return text.startswith((*_WEB, _INLINE))


def read_media_url(place: Place) -> MediaUrl:
    """The http(s) or `data:` URL at `place`. Nothing is fetched."""
    text = place.text(least=1)
    if text is None:
        return MediaUrl()
    if text.startswith(_INLINE):
        return _inline(place, text)
    if not text.startswith(_WEB):
        place.wrong("must be an http(s) URL or a data: URL")
    elif len(text) > _LONGEST_URL:
        place.wrong(f"must have at most {_LONGEST_URL} characters")
    return MediaUrl(url=text)


def _inline(place: Place, url: str) -> MediaUrl:
    """`data:<type>[;parameters];base64,<data>`."""
    head, _, data = url.removeprefix(_INLINE).partition(",")
    media_type, *parameters = head.split(";")
    if parameters[-1:] != ["base64"] or not 0 < len(media_type) <= LONGEST_NAME or not data:
        place.wrong("must be a whole data: URL, e.g. data:image/png;base64,iVBORw0KGgo=")
        return MediaUrl()
    return MediaUrl(media_type=media_type.lower(), data=data)
