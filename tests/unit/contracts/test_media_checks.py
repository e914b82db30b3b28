"""Is an image or a file of a request refused where it is not what it says, with what to do about it?"""

from __future__ import annotations

import base64
import time

import pytest

from contracts.broken_rule import BrokenRuleError
from contracts.chat import FilePart, ImagePart
from contracts.image_types import IMAGE_TYPES
from contracts.media_checks import MAX_IMAGE_BYTES, check_file, check_image

AT = ("messages", 2, "content", 1)
BEGINNINGS: dict[str, bytes] = {
    "image/png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    "image/jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF",
    "image/gif": b"GIF89a\x01\x00",
    "image/webp": b"RIFF\x24\x00\x00\x00WEBPVP8 ",
    "image/bmp": b"BM\x46\x00\x00\x00",
    "image/tiff": b"II*\x00\x08\x00\x00\x00",
    "image/avif": b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1miaf",
    "image/heic": b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic",
    "image/heif": b"\x00\x00\x00\x14ftypmif1\x00\x00\x00\x00mif1",
}
OTHER_SPELLINGS = [
    ("image/gif", b"GIF87a\x01\x00"),
    ("image/tiff", b"MM\x00*\x00\x00\x00\x08"),
    ("image/avif", b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1avif"),
    ("image/heic", b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic"),
    ("image/heif", BEGINNINGS["image/heic"]),
]


def written(content: bytes) -> str:
    return base64.b64encode(content).decode()


def refusal(part: ImagePart | FilePart) -> tuple[str, str]:
    """The field and the words with which a part is refused."""
    with pytest.raises(BrokenRuleError) as caught:
        check_image(part, AT) if isinstance(part, ImagePart) else check_file(part, AT)
    return ".".join(map(str, caught.value.path)), caught.value.message


def test_every_known_image_type_has_a_beginning() -> None:
    """The table below leaves none out."""
    assert set(BEGINNINGS) == set(IMAGE_TYPES)


@pytest.mark.parametrize("media_type,content", [*BEGINNINGS.items(), *OTHER_SPELLINGS])
def test_image_that_is_what_it_says_is_taken(media_type: str, content: bytes) -> None:
    """By its first bytes, whatever follows."""
    check_image(ImagePart(data=written(content + b"rest" * 50), media_type=media_type), AT)


@pytest.mark.parametrize("media_type,content", BEGINNINGS.items())
def test_image_of_another_type_is_told_its_own(media_type: str, content: bytes) -> None:
    """A vendor would refuse it, and say less."""
    told = "image/gif" if media_type == "image/png" else "image/png"
    assert refusal(ImagePart(data=written(content), media_type=told)) == (
        "messages.2.content.1.data",
        f"is {media_type}, and media_type says {told}: send media_type {media_type}",
    )


@pytest.mark.parametrize(
    "content",
    [b"<svg/>", b"%PDF-1.7", b"<html>", b"\x00", b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00mp42isom", b"RIFF"],
)
def test_bytes_that_are_no_image_are_refused(content: bytes) -> None:
    """Whatever they say they are."""
    field, message = refusal(ImagePart(data=written(content), media_type="image/png"))
    assert field == "messages.2.content.1.data"
    assert message.startswith(
        "is not an image: its bytes begin like none of image/png, image/jpeg, image/gif, image/webp"
    )


def test_unknown_type_of_image_lists_the_known() -> None:
    """An image at an address, too: the vendor is told its type."""
    for part in (
        ImagePart(data="PHN2Zy8+", media_type="image/svg+xml"),
        ImagePart(url="https://example.org/a", media_type="image/x-icon"),
    ):
        field, message = refusal(part)
        assert field == "messages.2.content.1.media_type"
        assert message.endswith(
            "it must be one of image/png, image/jpeg, image/gif, image/webp, image/avif, "
            "image/heic, image/heif, image/bmp, image/tiff"
        )


@pytest.mark.parametrize(
    "data,says",
    [
        ("", "must not be empty"),
        ("data:image/png;base64,iVBORw0KGgo=", "must be base64 alone: send what follows the comma of the data: URL"),
        ("DATA:image/png,x", "must be base64 alone: send what follows the comma of the data: URL"),
        ("iVBORw0KGgo", "must be base64 with padding"),
        ("iVBORw0KGgo==", "must be base64 with padding"),
        ("iVBORw0K\nGgo=", "must be base64 with padding"),
        ("iVBORw0KGgo=\n", "must be base64 with padding"),
        ("iVBO=w0KGgo=", "must be base64 with padding"),
        ("A===", "must be base64 with padding"),
        ("====", "must be base64 with padding"),
        ("_-__", "not of the URL-safe alphabet"),
        ("iVBé", "must be base64 with padding"),
        ("a picture of a cat..", "must be base64 with padding"),
    ],
)
def test_data_that_is_no_base64_is_refused(data: str, says: str) -> None:
    """Of an image and of a file alike, before anybody looks inside."""
    for part in (ImagePart(data=data, media_type="image/png"), FilePart(data=data, media_type="application/pdf")):
        field, message = refusal(part)
        assert field == "messages.2.content.1.data"
        assert says in message
        assert "cat" not in message


def test_image_of_twenty_megabytes_is_taken() -> None:
    """The limit itself is still good; one byte more is not, however long it is padded."""
    head = BEGINNINGS["image/png"]
    check_image(ImagePart(data=written(head.ljust(MAX_IMAGE_BYTES, b"\x00")), media_type="image/png"), AT)
    too_large = ImagePart(data=written(head.ljust(MAX_IMAGE_BYTES + 1, b"\x00")), media_type="image/png")
    assert refusal(too_large) == (
        "messages.2.content.1.data",
        "is an image of 20971521 bytes, and the most is 20971520: send a smaller one, or its url",
    )


def test_ten_megabytes_of_base64_are_checked_at_once() -> None:
    """Nobody else is served meanwhile: measured at 8 ms, where decoding took 25."""
    data = written(BEGINNINGS["image/png"] + bytes(range(250)) * 30_000)
    assert len(data) > 10_000_000
    part = ImagePart(data=data, media_type="image/png")
    spent = []
    for _ in range(5):
        began = time.process_time()
        check_image(part, AT)
        spent.append(time.process_time() - began)
    assert min(spent) < 0.03


@pytest.mark.parametrize(
    "media_type",
    ["application/pdf", "text/plain; charset=utf-8", "audio/mpeg", "video/mp4", "image/png", "TEXT/CSV", None],
)
def test_file_of_a_kind_that_vendors_take_is_taken(media_type: str | None) -> None:
    """What it is inside is the vendor's to read; which vendor takes it, that vendor's dialect says."""
    check_file(FilePart(data="aGk=", media_type=media_type), AT)


@pytest.mark.parametrize(
    "media_type", ["pdf", "model/gltf", "application/", "text/a b", "multipart/mixed", "x application/pdf"]
)
def test_file_of_an_unknown_kind_is_refused(media_type: str) -> None:
    """With the kinds that there are."""
    field, message = refusal(FilePart(file_id="f", media_type=media_type))
    assert field == "messages.2.content.1.media_type"
    assert "application/…, audio/…, image/…, text/…, video/…" in message
