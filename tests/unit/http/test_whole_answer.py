"""How does an answer leave whose bytes are all there?"""

from __future__ import annotations

from starlette.background import BackgroundTask
from starlette.types import Message

from app.http.whole_answer import WHOLE_ANSWER, WholeAnswer
from app.main import create_app
from app.settings import Settings
from tests.unit.http.asgi import Exchange, local_scope
from tests.unit.http.fake_service import FakeService

TAKEN = {WHOLE_ANSWER: {}}
USUAL = ["http.response.start", "http.response.body"]


async def sent(answer: WholeAnswer, *, extensions: dict[str, object]) -> list[Message]:
    """What `answer` has a server send whose scopes name `extensions`."""
    exchange = Exchange(answer, local_scope(extensions=extensions))  # type: ignore[arg-type] # an ASGI app, too
    await exchange.run()
    return exchange.sent


async def test_whole_answer_is_one_message_to_whoever_takes_it() -> None:
    """With its lines as they are written."""
    answer = WholeAnswer(b"{}", {"x": "\xe9"}, status=201)
    lines = ["x: \xe9", "content-type: application/json"]
    assert await sent(answer, extensions=TAKEN) == [
        {"type": WHOLE_ANSWER, "status": 201, "lines": lines, "body": b"{}"}
    ]


async def test_whole_answer_is_the_usual_messages_to_others() -> None:
    """With the same headers."""
    begun, ended = await sent(WholeAnswer(b"{}", {"x": "\xe9: b"}, status=201), extensions={})
    assert (begun["type"], begun["status"], ended["body"]) == (USUAL[0], 201, b"{}")
    assert begun["headers"] == [(b"x", b"\xe9: b"), (b"content-type", b"application/json"), (b"content-length", b"2")]


async def test_whole_answer_whose_headers_were_changed_says_so() -> None:
    """As any response of the framework."""
    answer = WholeAnswer(b"{}", {"x": "a"})
    answer.headers["x"] = "b"
    begun, _ = await sent(answer, extensions=TAKEN)
    assert (b"x", b"b") in begun["headers"]


async def test_whole_answer_is_followed_by_its_task() -> None:
    """Which the framework runs."""
    done: list[int] = []
    answer = WholeAnswer(b"{}", {})
    answer.background = BackgroundTask(done.append, 1)
    assert [one["type"] for one in await sent(answer, extensions=TAKEN)] == USUAL
    assert done == [1]


async def test_whole_answer_is_stamped_on_its_way() -> None:
    """With what every answer has; one of a service that ends is the last of its connection."""
    app = create_app(Settings(), service=FakeService())
    told = []
    for is_ending in (False, True):
        exchange = Exchange(app, local_scope(path="/livez", extensions=TAKEN))
        if is_ending:
            app.state.edge.drain()
        await exchange.run()
        told.append({line.partition(": ")[0] for line in exchange.sent[0]["lines"]})
    assert {"x-request-id", "x-correlation-id", "x-content-type-options", "content-type"} <= told[0]
    assert told[1] - told[0] == {"connection"}


async def test_whole_answer_to_head_is_sent_without_its_body() -> None:
    """In the usual messages: it is dropped from those."""
    exchange = Exchange(create_app(Settings(), service=FakeService()), local_scope("HEAD", "/livez", extensions=TAKEN))
    await exchange.run()
    assert ([one["type"] for one in exchange.sent], exchange.body) == (USUAL, b"")
