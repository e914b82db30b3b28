"""Which texts does a body for POST /embeddings hold, and how are vectors written for who sent it?"""

from __future__ import annotations

import base64
import json
from array import array
from typing import Any, get_type_hints

import pytest
from openai.types import CreateEmbeddingResponse
from openai.types.embedding_create_params import EmbeddingCreateParams

from app.wires.inbound import InboundTexts
from app.wires.openai_embeddings import decode_request, encode_response, wanted_format
from app.wires.openai_embeddings.inbound.request import HINTS, UNDERSTOOD
from contracts.calls import EmbeddingReply
from contracts.chat import Usage
from contracts.embeddings import EmbeddingInput
from contracts.errors import InvalidRequestError

REPLY = EmbeddingReply(vectors=((0.5, -1.25), (0.1, 2.0)), usage=Usage(input_tokens=7, total_tokens=7))


def read(**fields: Any) -> InboundTexts:
    """The request for a vector of one text, but for `fields`."""
    return decode_request({"model": "m", "input": "a pear", **fields})


def faults(**fields: Any) -> list[tuple[str, str]]:
    """What is wrong with such a request."""
    with pytest.raises(InvalidRequestError) as caught:
        read(**fields)
    return [(error.field, error.message) for error in caught.value.errors]


def test_every_field_of_the_sdk_is_placed() -> None:
    """Each is understood or a hint: a field that the SDK gets tomorrow fails here."""
    assert set(get_type_hints(EmbeddingCreateParams)) == UNDERSTOOD | HINTS


@pytest.mark.parametrize(
    "given,texts",
    [("a pear", ("a pear",)), (["a"], ("a",)), (["a", "ein Apfel ☂"], ("a", "ein Apfel ☂")), ([" "], (" ",))],
)
def test_texts_are_read(given: Any, texts: tuple[str, ...]) -> None:
    """One, or several in their order; nothing is demanded and all may pass."""
    inbound = read(input=given)
    assert inbound.read_as == EmbeddingInput(texts=texts)
    assert (inbound.model, inbound.demands, inbound.may_pass, inbound.warnings) == ("m", (), True, ())


@pytest.mark.parametrize(
    "given,counts",
    [
        ([1, 2, 3], (3,)),
        ([[1, 2], [3]], (2, 1)),
        ([{"content": [{"type": "image_url"}]}, [4]], (None, 1)),
        ([[0] * 100_000] * 3, (100_000,) * 3),
    ],
)
def test_what_is_no_text_is_demanded(given: Any, counts: tuple[int | None, ...]) -> None:
    """Each of it has its vector, and how many tokens it is; one demand names the field."""
    inbound = read(input=given)
    assert inbound.texts == EmbeddingInput(texts=(), token_counts=counts)
    assert inbound.texts.count == len(counts)
    assert [demand.field for demand in inbound.demands] == ["input"]


@pytest.mark.parametrize(
    "given,wrong",
    [
        (None, [("input", "is required")]),
        ("", [("input", "must have at least 1 character(s)")]),
        (5, [("input", "must be text")]),
        ({"text": "a"}, [("input", "must be text")]),
        ([], [("input", "must have at least 1 item(s)")]),
        (["a"] * 2049, [("input", "must have at most 2048 items")]),
        (["a", None, ""], [("input.1", "must be text"), ("input.2", "must have at least 1 character(s)")]),
        (["a", 5], [("input.1", "must be text")]),
        ([1, "a"], [("input.0", "must be text")]),
        ([[1], []], [("input.1", "must be text, or a list of tokens")]),
        ([[1], [True]], [("input.1", "must be text, or a list of tokens")]),
        (
            [1, 2.5],
            [("input.0", "must be text, or a list of tokens"), ("input.1", "must be text, or a list of tokens")],
        ),
    ],
)
def test_wrong_input_is_named(given: Any, wrong: list[tuple[str, str]]) -> None:
    """By the dialect's own path, all faults at once."""
    assert faults(input=given) == wrong


@pytest.mark.parametrize(
    "fields,path",
    [
        ({"model": None}, "model"),
        ({"model": "a b"}, "model"),
        ({"dimensions": 0}, "dimensions"),
        ({"dimensions": 1.5}, "dimensions"),
        ({"dimensions": 65_537}, "dimensions"),
        ({"encoding_format": 5}, "encoding_format"),
        ({"user": 5}, "user"),
    ],
)
def test_wrong_field_is_named(fields: dict[str, Any], path: str) -> None:
    """Types and bounds of what is understood."""
    assert [field for field, _ in faults(**fields)] == [path]


def test_body_must_be_an_object() -> None:
    """As for every dialect."""
    with pytest.raises(InvalidRequestError):
        decode_request([])  # type: ignore[arg-type] # what a caller may send


@pytest.mark.parametrize(
    "word,purpose",
    [("query", "query"), ("search_query", "query"), ("passage", "document"), ("search_document", "document")],
)
def test_purpose_is_read_of_the_vendors_words(word: str, purpose: str) -> None:
    """Then it is no extra."""
    inbound = read(input_type=word)
    assert (inbound.texts.purpose, inbound.extras) == (purpose, {})


@pytest.mark.parametrize("word", ["clustering", 5, ["query"]])
def test_purpose_that_is_not_known_is_an_extra(word: Any) -> None:
    """A vendor may know it."""
    inbound = read(input_type=word)
    assert (inbound.texts.purpose, inbound.extras) == (None, {"input_type": word})


def test_rest_is_kept() -> None:
    """The user is known to us as well; null says nothing."""
    inbound = read(user="ada", truncate="END", dimensions=8, encoding_format="base64", x=None)
    assert (inbound.user_id, inbound.texts.dimensions) == ("ada", 8)
    assert inbound.extras == {"user": "ada", "truncate": "END"}


def test_format_that_is_not_known_is_demanded() -> None:
    """Such as int8: a vendor of the dialect may write it, and we do not."""
    (demand,) = read(encoding_format="int8").demands
    assert demand.field == "encoding_format"


@pytest.mark.parametrize("said,wanted", [(None, "float"), ("float", "float"), ("base64", "base64")])
def test_format_is_that_of_the_body(said: str | None, wanted: str) -> None:
    """Numbers where nothing is said, as with OpenAI."""
    assert wanted_format({"encoding_format": said}) == wanted


def test_vectors_are_written_as_the_sdk_reads_them() -> None:
    """A list with numbers, usage, and our own object."""
    body = encode_response(REPLY, model="m", encoding_format="float", extras={"provider": "p"})
    answer = CreateEmbeddingResponse.model_validate_json(body)
    assert [one.embedding for one in answer.data] == [[0.5, -1.25], [0.1, 2.0]]
    assert ([one.index for one in answer.data], answer.object, answer.model) == ([0, 1], "list", "m")
    assert (answer.usage.prompt_tokens, answer.usage.total_tokens) == (7, 7)
    assert json.loads(body)["llm_service"] == {"provider": "p"}


def test_vectors_are_packed_where_base64_is_wanted() -> None:
    """32-bit floats, four bytes each, lowest first."""
    document = json.loads(encode_response(REPLY, model="m", encoding_format="base64"))
    packed = [base64.b64decode(one["embedding"]) for one in document["data"]]
    assert packed[0] == bytes.fromhex("0000003f 0000a0bf")
    assert list(array("f", packed[1])) == pytest.approx([0.1, 2.0])
    assert "llm_service" not in document


def test_usage_without_a_total_is_its_input() -> None:
    """Nothing else is used by vectors."""
    reply = EmbeddingReply(vectors=((1.0,),), usage=Usage(input_tokens=3))
    document = json.loads(encode_response(reply, model="m", encoding_format="float"))
    assert document["usage"] == {"prompt_tokens": 3, "total_tokens": 3}
