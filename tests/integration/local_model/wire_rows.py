"""One row of ours for each wire that llama.cpp's server answers, and the paths that our calls really took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx2

from app.ports import Provider
from app.providers import build_provider
from app.upstream import UpstreamClient
from app.upstream.transport import AiohttpTransport
from contracts.caller import IN_PROCESS_CALLER
from contracts.calls import ModelCall, Operation
from contracts.chat import Conversation, Message, Role, Sampling, TextPart, Tool, ToolChoice
from contracts.config import ProviderConfig
from contracts.providers import ProviderType
from tests.integration.local_model.tool_server import API_KEY, MODEL

WEATHER = Tool(
    name="weather",
    parameters={
        "type": "object",
        "properties": {"city": {"enum": ["Paris", "Rome"]}},
        "required": ["city"],
        "additionalProperties": False,
    },
)


@dataclass(frozen=True, slots=True)
class Wire:
    """How a row is configured so that its calls go to `path`. The server serves one model under every name.

    `talks_with_tools`: only with tools does a call of this model take that path, so talk brings one along.
    `least_tokens` is the smallest limit that our wire sends there. `takes_temperature`: otherwise the escape hatch
    sends it, for it is the name that refuses it and not the server.
    """

    name: str
    kind: ProviderType
    base_path: str
    path: str
    model: str = MODEL
    talks_with_tools: bool = False
    least_tokens: int = 1
    takes_temperature: bool = True

    def config(self, server_url: str) -> ProviderConfig:
        """The row's configuration."""
        base_url = f"{server_url}{self.base_path}"
        return ProviderConfig(type=self.kind, base_url=base_url, api_key=API_KEY, default_model=self.model)


CHAT = Wire("chat", ProviderType.OPENAI, "/v1", "/v1/chat/completions")
MESSAGES = Wire("messages", ProviderType.ANTHROPIC, "", "/v1/messages")
RESPONSES = Wire(
    "responses",
    ProviderType.OPENAI,
    "/v1",
    "/v1/responses",
    model="gpt-6-luna",
    talks_with_tools=True,
    least_tokens=16,
    takes_temperature=False,
)
WIRES = (CHAT, MESSAGES, RESPONSES)


class PathsTransport(httpx2.AsyncBaseTransport):
    """Real sockets; remembers the paths."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self._inner = AiohttpTransport()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Sends it on."""
        self.paths.append(request.url.path)
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        """Closes the sockets."""
        await self._inner.aclose()


@dataclass(slots=True)
class Row:
    """A row of `wire`, and how it is spoken with: briefly, the most likely word each time."""

    wire: Wire
    provider: Provider
    transport: PathsTransport = field(repr=False)

    @classmethod
    def at(cls, wire: Wire, server_url: str, transport: PathsTransport) -> Row:
        """A row that reaches the server at `server_url`."""
        config, upstream = wire.config(server_url), UpstreamClient(transport)
        return cls(wire, build_provider(wire.name, config, upstream=upstream, api_key=API_KEY), transport)

    def talk(self, messages: Sequence[Message], *, max_tokens: int = 16) -> ModelCall:
        """A call without any use of tools."""
        if self.wire.talks_with_tools:
            return self.order(messages, ToolChoice(mode="none"), max_tokens=max_tokens)
        return self._called(Conversation(messages=tuple(messages), sampling=self._sampling(max_tokens)))

    def order(self, messages: Sequence[Message], choice: ToolChoice, *, max_tokens: int = 100) -> ModelCall:
        """A call that is given the tool."""
        sampling = self._sampling(max_tokens)
        tools = (WEATHER,)
        return self._called(Conversation(messages=tuple(messages), sampling=sampling, tools=tools, tool_choice=choice))

    def _sampling(self, max_tokens: int) -> Sampling:
        return Sampling(max_tokens=max_tokens, temperature=0 if self.wire.takes_temperature else None)

    def _called(self, conversation: Conversation) -> ModelCall:
        return ModelCall(
            operation=Operation.CHAT,
            conversation=conversation,
            caller=IN_PROCESS_CALLER,
            request_id="r",
            correlation_id="c",
            vendor_options={} if self.wire.takes_temperature else {self.wire.name: {"temperature": 0}},
        )


def said(role: Role, words: str) -> Message:
    """One turn of text."""
    return Message(role=role, content=(TextPart(text=words),))


TALK = (
    said(Role.SYSTEM, "Repeat the user's last word."),
    said(Role.USER, "Say apple."),
    said(Role.ASSISTANT, "apple"),
    said(Role.USER, "Say banana."),
    said(Role.ASSISTANT, "banana"),
    said(Role.USER, "Say cherry."),
)
