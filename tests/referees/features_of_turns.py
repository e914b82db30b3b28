"""Which features are of what was said: words, images, files, and what earlier turns leave behind?"""

from __future__ import annotations

from contracts.chat import FilePart, ImagePart, Message, RawPart, ReasoningPart, RefusalPart
from tests.referees.feature import HELLO, assistant, owned, said, streamed, system, user

# One white pixel, and what begins and ends like a document.
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTj7jAAAAABJRU5ErkJggg=="
PDF = "JVBERi0xLjQKJSVFT0YK"
IMAGE_URL = "https://example.com/cat.png"
FILE_URL = "https://example.com/report.pdf"
SIGNATURE = "c2lnbmF0dXJl"
OPENROUTER_SIGNATURE = '[{"type":"reasoning.text","text":"Short.","signature":"c2ln","index":0}]'
# What /responses gives to be sent back, as JSON text.
OPENAI_SIGNATURE = '{"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":"gAAAA"}'
SOMEBODY_ELSE = "somebody-else"

_PDF_TYPE = "application/pdf"
_PIXEL = ImagePart(data=PIXEL, media_type="image/png")
_DETAILED = ImagePart(data=PIXEL, media_type="image/png", detail="high")
_NAMED = FilePart(data=PDF, media_type=_PDF_TYPE, filename="report.pdf")
_RAW_DATA: dict[str, dict[str, object]] = {
    "gemini": {"text": "raw"},
    "ollama": {"content": "raw"},
    "openai-responses": {"type": "message", "role": "user", "content": "raw"},
}
_SIGNATURES = {
    "openrouter": OPENROUTER_SIGNATURE,
    "openai": OPENAI_SIGNATURE,
    "openai-responses": OPENAI_SIGNATURE,
}


def thought_of(provider: str) -> ReasoningPart:
    """What a model of `provider` thought, signed in its way."""
    return ReasoningPart(text="Short.", signature=_SIGNATURES.get(provider, SIGNATURE), provider=provider)


def _raw(provider: str) -> Message:
    return user(RawPart(provider=provider, data=_RAW_DATA.get(provider, {"type": "text", "text": "raw"})))


_TEXT = said("user text", "text, several turns", HELLO)

TURN_FEATURES = (
    _TEXT,
    said("several turns", "text, several turns", HELLO, assistant("Hi."), user("How are you?")),
    said("text in parts", "text, several turns", user("First.", "Second.")),
    streamed(_TEXT, "stream", "streaming"),
    said("system", "system instructions", system("Be brief."), HELLO),
    said("two systems", "system instructions", system("Be brief."), system("Be kind."), HELLO),
    said("late system", "system instructions later on", HELLO, assistant("Hi."), user("Go on."), system("Be kind.")),
    said("image by URL", "image by URL", user("What is this?", ImagePart(url=IMAGE_URL))),
    said("image inline", "image inline", user("What is this?", _PIXEL)),
    said("two images", "image inline", user(_PIXEL, _PIXEL, "Which is brighter?")),
    said("image detail", "`detail` of an image", user("What is this?", _DETAILED)),
    said("file inline", "file inline (PDF)", user(FilePart(data=PDF, media_type=_PDF_TYPE), "Sum it up.")),
    said("file name", "name of a file", user(_NAMED, "Sum it up.")),
    said("file by URL", "file by URL (PDF)", user(FilePart(url=FILE_URL, media_type=_PDF_TYPE), "Sum it up.")),
    said("file by id", "file by the vendor's id", user(FilePart(file_id="file-1", media_type=_PDF_TYPE), "Sum it up.")),
)

LATER_TURN_FEATURES = (
    said(
        "foreign reasoning",
        "another vendor's reasoning",
        HELLO,
        assistant(thought_of(SOMEBODY_ELSE), "Hi."),
        user("Why?"),
    ),
    said("refusal", "refusal of an earlier turn", HELLO, assistant(RefusalPart(text="I will not.")), user("Why?")),
    owned("own raw part", "raw part of its own", lambda name: (_raw(name),)),
    said(
        "foreign raw part",
        "raw part of another vendor",
        user("Hello", RawPart(provider=SOMEBODY_ELSE, data={"type": "odd"})),
    ),
)
