"""What kind of image do some bytes begin like?

By the first bytes alone: whether the rest is a whole image is the vendor's to say. SVG is a text that may name other
addresses, and no vendor takes it.
"""

from __future__ import annotations

READ_BYTES = 64
"""How many of the first bytes tell a kind from all others."""

_JPEG, _PNG, _GIF, _WEBP = "image/jpeg", "image/png", "image/gif", "image/webp"
_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", _PNG),
    (b"\xff\xd8\xff", _JPEG),
    (b"GIF87a", _GIF),
    (b"GIF89a", _GIF),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
)
# ISO/IEC 23008-12: a first box `ftyp` lists brands, the file's own first.
_BRANDS: tuple[tuple[frozenset[bytes], str], ...] = (
    (frozenset({b"avif", b"avis"}), "image/avif"),
    (frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"}), "image/heic"),
    (frozenset({b"mif1", b"msf1", b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"}), "image/heif"),
)
IMAGE_TYPES: tuple[str, ...] = tuple(
    dict.fromkeys((_PNG, _JPEG, _GIF, _WEBP, *(kind for _, kind in _BRANDS), *(kind for _, kind in _BEGINNINGS)))
)
"""The media types that can be told, those that every vendor with eyes takes first."""


def seen_image_types(head: bytes) -> tuple[str, ...]:
    """The media types that bytes beginning with `head` can be called by, the best first; none: they are no image."""
    if head[4:8] == b"ftyp":
        brands = _brands(head)
        return tuple(kind for names, kind in _BRANDS if names & brands)
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return (_WEBP,)
    return tuple(kind for beginning, kind in _BEGINNINGS if head.startswith(beginning))[:1]


def _brands(head: bytes) -> frozenset[bytes]:
    """The file's own brand, and behind the version those that it is compatible with, as far as its box goes."""
    end = min(int.from_bytes(head[:4], "big"), len(head))
    return frozenset((head[8:12], *(head[at : at + 4] for at in range(16, end, 4))))
