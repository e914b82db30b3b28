"""Is a conversation written as Gemini wants it, and is what cannot be written refused or named?"""

from __future__ import annotations

from typing import Any, Literal

import pytest

from app.wires.encoded import Encoded
from app.wires.gemini import ModelTraits, encode_request
from contracts.chat import (
    Conversation,
    FilePart,
    ImagePart,
    Message,
    Part,
    RawPart,
    ReasoningPart,
    RefusalPart,
    Role,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from contracts.errors import InvalidRequestError

THIRD = ModelTraits(thinking_levels=("low", "medium", "high"), is_third_generation=True)
SECOND = ModelTraits(thinking_tokens=(512, 24_576), can_rest=True)
TEXT = TextPart(text="see")
IMAGE = ImagePart(data="aGk=", media_type="image/jpeg")
CALL = ToolCallPart(id="c1", name="shot", arguments='{"at": 1.50}')
FILES = "https://generativelanguage.googleapis.com/v1beta/files/"


def user(*parts: Part) -> Message:
    return Message(role=Role.USER, content=parts)


def model(*parts: Part) -> Message:
    return Message(role=Role.ASSISTANT, content=parts)


def own(signature: str | None, text: str = "") -> ReasoningPart:
    return ReasoningPart(text=text, signature=signature, provider="row")


def encode(*messages: Message, traits: ModelTraits = THIRD, **fields: Any) -> Encoded:
    options = fields.pop("options", None)
    refused = fields.pop("refused_fields", frozenset())
    return encode_request(
        Conversation(messages=messages or (user(TEXT),), **fields),
        provider="row",
        model="m",
        traits=traits,
        options=options,
        refused_fields=refused,
    )


def by_address(address: str, **fields: str) -> dict[str, Any]:
    return {"fileData": {"fileUri": address, **fields}}


@pytest.mark.parametrize(
    "part,written",
    [
        (IMAGE, {"inlineData": {"mimeType": "image/jpeg", "data": "aGk="}}),
        (ImagePart(data="aGk="), {"inlineData": {"mimeType": "image/png", "data": "aGk="}}),
        (ImagePart(url="https://a/b.webp?x=1"), by_address("https://a/b.webp?x=1", mimeType="image/webp")),
        (ImagePart(url="https://a/b", media_type="image/png"), by_address("https://a/b", mimeType="image/png")),
        (FilePart(data="aGk="), {"inlineData": {"mimeType": "application/pdf", "data": "aGk="}}),
        (FilePart(url="https://a/b.pdf"), by_address("https://a/b.pdf", mimeType="application/pdf")),
        (FilePart(url="https://youtu.be/x"), by_address("https://youtu.be/x")),
        (FilePart(file_id="files/abc"), by_address(FILES + "abc")),
        (FilePart(file_id="abc", media_type="text/csv"), by_address(FILES + "abc", mimeType="text/csv")),
        (FilePart(file_id=FILES + "abc"), by_address(FILES + "abc")),
        (RawPart(provider="row", data={"executableCode": {}}), {"executableCode": {}}),
        (RefusalPart(text="no"), {"text": "no"}),
    ],
)
def test_part_is_written(part: Part, written: dict[str, Any]) -> None:
    """Each part has its own form, in a user's turn and in the model's."""
    encoded = encode(user(TEXT, part), model(part))
    assert encoded.body["contents"] == [
        {"role": "user", "parts": [{"text": "see"}, written]},
        {"role": "model", "parts": [written]},
    ]
    assert encoded.warnings == ()


@pytest.mark.parametrize(
    "messages,fact",
    [
        ((user(ImagePart(url="https://a/picture")),), "needs the media_type"),
        ((user(FilePart(url="https://a/b")),), "needs the media_type"),
        ((user(CALL),), "no part of type tool_call"),
        ((Message(role=Role.SYSTEM, content=(IMAGE,)), user(TEXT)), "no part of type image in a system"),
        ((Message(role=Role.SYSTEM, content=(TEXT,)),), "at least one message"),
        ((user(TextPart(text="")),), "at least one message"),
        ((user(ToolResultPart(tool_call_id="c9", content=(TEXT,))),), "only behind the call"),
        ((model(ToolResultPart(tool_call_id="c9", content=(TEXT,))),), "only behind the call"),
    ],
)
def test_what_cannot_be_sent_is_refused(messages: tuple[Message, ...], fact: str) -> None:
    """What an answer would depend on is not left out: the caller is told."""
    with pytest.raises(InvalidRequestError, match=fact) as caught:
        encode(*messages)
    assert (caught.value.provider, caught.value.errors[0].field) == ("row", "messages")


def test_foreign_parts_are_left_out_and_named() -> None:
    """Another vendor's parts go to nobody else; details that Gemini has no field for are named."""
    encoded = encode(
        user(TEXT, RawPart(provider="other", data={}), own("s"), ImagePart(data="a", detail="auto")),
        model(TEXT, ReasoningPart(text="hm", signature="s", provider="other"), own(None, "hm")),
        user(FilePart(data="a", filename="a.pdf")),
    )
    assert [len(content["parts"]) for content in encoded.body["contents"]] == [2, 1, 1]
    assert [warning.split(" was not sent")[0] for warning in encoded.warnings] == [
        "a raw part of other",
        "reasoning",
        "reasoning of an earlier turn",
        "unsigned reasoning",
        "the name of a file",
    ]


@pytest.mark.parametrize("detail,level", [("low", "MEDIA_RESOLUTION_LOW"), ("high", "MEDIA_RESOLUTION_HIGH")])
def test_detail_of_an_image_is_its_resolution(detail: Literal["low", "high"], level: str) -> None:
    """Models of the third generation take one for each image; for the others it is named."""
    image = ImagePart(data="a", media_type="image/png", detail=detail)
    (part,) = encode(user(image)).body["contents"][0]["parts"]
    assert part == {"inlineData": {"mimeType": "image/png", "data": "a"}, "mediaResolution": {"level": level}}
    older = encode(user(image), traits=SECOND)
    assert "mediaResolution" not in older.body["contents"][0]["parts"][0]
    assert older.warnings == ("detail of an image was not sent: this model of row takes it for no single one",)


def test_system_messages_are_one_instruction() -> None:
    """Gemini has no system turn: what comes later goes ahead, too, and a warning says so."""
    system = Message(role=Role.SYSTEM, content=(TEXT,))
    encoded = encode(system, user(TEXT), system)
    assert encoded.body["systemInstruction"] == {"parts": [{"text": "see"}, {"text": "see"}]}
    assert len(encoded.body["contents"]) == 1
    assert encoded.warnings == ("a later system message was sent ahead of the conversation: row",)


def results() -> tuple[Message, ...]:
    second = ToolCallPart(id="c2", name="look", arguments=" ")
    return (
        model(CALL, second),
        Message(role=Role.TOOL, content=(ToolResultPart(tool_call_id="c1", content=(TEXT, IMAGE), is_error=True),)),
        user(
            ToolResultPart(tool_call_id="c2", content=(TEXT, ImagePart(url="https://a/b.png"))), TextPart(text="go on")
        ),
    )


def test_tool_results_of_one_turn_stand_together() -> None:
    """As many answers as calls, in one content, by name; a picture at an address follows them."""
    encoded = encode(*results())
    call, answers, pictures, words = encoded.body["contents"]
    assert [part["functionCall"] for part in call["parts"]] == [
        {"id": "c1", "name": "shot", "args": {"at": 1.5}},
        {"id": "c2", "name": "look", "args": {}},
    ]
    inline = {"inlineData": {"mimeType": "image/jpeg", "data": "aGk="}}
    assert [part["functionResponse"] for part in answers["parts"]] == [
        {"id": "c1", "name": "shot", "response": {"error": "see"}, "parts": [inline]},
        {"id": "c2", "name": "look", "response": {"output": "see"}},
    ]
    assert pictures["parts"] == [
        {"text": "Images of the tool result c2:"},
        by_address("https://a/b.png", mimeType="image/png"),
    ]
    assert [answers["role"], words] == ["user", {"role": "user", "parts": [{"text": "go on"}]}]
    assert encoded.warnings == ("images of a tool result were sent as a user's message: row",)


def test_older_model_gets_pictures_behind_its_results() -> None:
    """Before the third generation a function's answer holds no media; nor is there a sentinel for signatures."""
    encoded = encode(*results(), traits=SECOND)
    call, answers, pictures, _ = encoded.body["contents"]
    assert not any("thoughtSignature" in part for part in call["parts"])
    assert not any("parts" in part["functionResponse"] for part in answers["parts"])
    assert len(pictures["parts"]) == 4


@pytest.mark.parametrize(
    "parts,written",
    [
        ((own("S", "hm"), TEXT), [{"text": "see", "thoughtSignature": "S"}]),
        ((own("text:S"),), [{"text": "", "thoughtSignature": "S"}]),
        ((own("thought:S", "hm"),), [{"text": "hm", "thought": True, "thoughtSignature": "S"}]),
        ((own("S"), own("T"), TEXT), [{"text": "", "thoughtSignature": "S"}, {"text": "see", "thoughtSignature": "T"}]),
        ((TEXT, own("S")), [{"text": "see"}, {"text": "", "thoughtSignature": "S"}]),
        ((own("S"), IMAGE), [{"inlineData": {"mimeType": "image/jpeg", "data": "aGk="}, "thoughtSignature": "S"}]),
        (
            (own("S"), RawPart(provider="row", data={"x": 1}), TEXT),
            [{"x": 1}, {"text": "see", "thoughtSignature": "S"}],
        ),
    ],
)
def test_signature_goes_back_on_its_part(parts: tuple[Part, ...], written: list[dict[str, Any]]) -> None:
    """Unchanged, on the part that it came on; one whose part is gone still goes back."""
    assert encode(user(TEXT), model(*parts)).body["contents"][1]["parts"] == written


@pytest.mark.parametrize(
    "parts,signatures",
    [
        ((own("S"), CALL, CALL), ["S", None]),
        ((CALL, CALL), ["skip_thought_signature_validator", None]),
        ((ReasoningPart(signature="F", provider="other"), CALL), ["skip_thought_signature_validator"]),
    ],
)
def test_first_call_of_a_turn_is_signed(parts: tuple[Part, ...], signatures: list[str | None]) -> None:
    """By Gemini, or, for calls that another model made, by the sentinel; parallel ones need none."""
    written = encode(user(TEXT), model(*parts)).body["contents"][1]["parts"]
    assert [part.get("thoughtSignature") for part in written] == signatures
