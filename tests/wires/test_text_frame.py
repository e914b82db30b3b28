"""A text is written into a frame letter by letter as in a document that is written anew."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.wires.json_text import dump_json
from app.wires.text_frame import TextFrame

TEXTS = st.text(alphabet=st.characters()) | st.sampled_from(["", '"text":""', "\ud800", '\\"\n', "日😀"])


@given(text=TEXTS, before=TEXTS, after=st.sampled_from([{}, {"logprobs": []}]))
def test_frame_writes_a_text_as_the_whole_document_would(text: str, before: str, after: dict[str, Any]) -> None:
    """Whatever stands around it, under its own name too."""
    document = {"id": before, "service": {"text": ""}, "text": "", **after}
    assert TextFrame(document, "text").around(text).encode() == dump_json({**document, "text": text})
