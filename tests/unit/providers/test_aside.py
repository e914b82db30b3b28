"""Is a large call written where it holds nobody up?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from app.providers.aside import MANY_BYTES, aside, size_of
from contracts.calls import ModelCall, Source, Wire
from contracts.chat import FilePart, ImagePart, Message, Part, RawPart, Role, TextPart, ToolCallPart, ToolResultPart
from contracts.embeddings import EmbeddingInput
from tests.kit.loop_thread import is_on_the_loop
from tests.unit.providers.vendor_double import LIMITS, VendorDouble, call, completion, events

PART_BYTES = 32
TEXT = TextPart(text="abcd")


class Watched(dict[str, Any]):
    """Options that know where they were looked at: laid over a body, and written with it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(options)
        self.seen: list[bool] = []

    def __iter__(self) -> Iterator[str]:
        self.seen.append(is_on_the_loop())
        return super().__iter__()

    def items(self) -> Any:
        self.seen.append(is_on_the_loop())
        return super().items()


@pytest.mark.parametrize("size, is_held_up", [(MANY_BYTES - 1, True), (MANY_BYTES, False)])
async def test_much_work_is_done_in_another_thread(size: int, is_held_up: bool) -> None:
    """Little is not: a thread takes longer than that."""
    assert await aside(size, is_on_the_loop) is is_held_up
    assert await aside(size // 2, is_on_the_loop, most_bytes=size // 2) is False


async def test_work_aside_that_fails_fails() -> None:
    """With its own error."""
    with pytest.raises(ZeroDivisionError):
        await aside(MANY_BYTES, lambda: 1 // 0)


@pytest.mark.parametrize("is_stream", [False, True])
@pytest.mark.parametrize("text, is_held_up", [("Hello", True), ("x" * MANY_BYTES, False)])
async def test_large_call_is_made_and_written_in_another_thread(text: str, is_held_up: bool, is_stream: bool) -> None:
    """Both: what it says is laid over the body there, and what it lies over is written there."""
    vendor, options, below = VendorDouble(), Watched(), Watched(b=1)
    options["x"] = below
    asked = call(text, options={"openai": options})
    row = vendor.row(default_model="m")
    if is_stream:
        vendor.streams(events("hi"))
        await (await row.open_stream(asked, model="m", limits=LIMITS)).aclose()
    else:
        vendor.answers(200, completion())
        await row.complete(asked, model="m", limits=LIMITS)
    assert vendor.sent["x"] == {"b": 1}
    assert {*options.seen} == {*below.seen} == {is_held_up}


@pytest.mark.parametrize(
    "part, size",
    [
        (TEXT, 4),
        (ImagePart(data="abcdef", media_type="image/png"), 6),
        (ImagePart(url="https://a/b.png"), 0),
        (FilePart(data="abc", media_type="application/pdf"), 3),
        (ToolCallPart(id="c", name="f", arguments="{}"), 2),
        (ToolResultPart(tool_call_id="c", content=(TEXT, TEXT)), 2 * (PART_BYTES + 4)),
        (RawPart(provider="p", data={"a": "b"}), 0),
    ],
)
def test_size_of_a_call_is_that_of_its_parts(part: Part, size: int) -> None:
    """About: as it will be written, with something for each part, for many small ones take their time too."""
    message = Message(role=Role.USER, content=(part,))
    assert size_of(call(messages=(message, message))) == 2 * (PART_BYTES + size)


def test_size_of_a_call_is_that_of_the_callers_own_body_where_there_is_one() -> None:
    """Whatever it was read as."""
    asked = call("a long text")
    source = Source(wire=Wire.OPENAI_CHAT, body=b"12345", read_as=asked.conversation)
    assert size_of(replace(asked, source=source)) == 5


def test_size_of_a_call_for_vectors_is_that_of_its_texts() -> None:
    """They are no conversation."""
    asked: ModelCall = replace(call(messages=()), embedding=EmbeddingInput(texts=("abc", "de")))
    assert size_of(asked) == 5
