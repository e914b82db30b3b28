"""One call as a fault sees it: what was asked, what a right answer would be, and the way to send it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.chaos.vendor_dialects import AnthropicMessages, Asked, Dialect, Part, Piece
from tests.chaos.vendor_exchange import Exchange
from tests.chaos.words import words_from

SSE = {"content-type": "text/event-stream", "cache-control": "no-cache"}
SLOW_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Call:
    """`amount` is the number behind the fault's name (`429-after=2`), or 0."""

    exchange: Exchange
    dialect: Dialect
    asked: Asked
    model: str
    amount: float
    is_stream: bool

    def tokens(self, *, back: int = 0) -> list[str]:
        """The rest of the answer as tokens; it begins `back` words before what was said.

        A prefill is gone on with as tokenizers do, a space first. After an instruction to continue a turn begins anew,
        without one.
        """
        first = max(0, self.asked.said_words - back)
        return spaced(words_from(first), leads=self.asked.is_prefilled and first > 0)

    async def answer(self, *, back: int = 0, seconds_each: float = 0) -> None:
        """The right answer, whole; Anthropic takes no prefill with a space at its end."""
        if self.asked.is_prefilled and self.asked.ends_in_space and isinstance(self.dialect, AnthropicMessages):
            message = "messages: final assistant content cannot end with trailing whitespace"
            await self.refuse(400, "invalid_request_error", message)
            return
        tokens = self.tokens(back=back)
        if self.is_stream:
            await self.stream(self.dialect.stream(tokens, self.asked, self.model), seconds_each=seconds_each)
            return
        if seconds_each:
            await self.exchange.pause(seconds_each * len(tokens))
        await self.exchange.reply(200, self.dialect.plain("".join(tokens), self.asked, self.model))

    async def stream(self, pieces: Sequence[Piece], *, seconds_each: float = 0) -> None:
        """These pieces as a whole chunked reply."""
        await self.exchange.head(200, SSE)
        await self.say(pieces, seconds_each=seconds_each)
        await self.exchange.end()

    async def say(self, pieces: Sequence[Piece], *, seconds_each: float = 0) -> None:
        """These pieces, under headers that are out already."""
        for part, data in pieces:
            if seconds_each and part is Part.WORD:
                await self.exchange.pause(seconds_each)
            await self.exchange.piece(data)

    async def refuse(self, status: int, kind: str, message: str, headers: dict[str, str] | None = None) -> None:
        """An error of the vendor's."""
        await self.exchange.reply(status, self.dialect.error(status, kind, message), headers)

    def pieces(self) -> list[Piece]:
        """The right stream, piece by piece."""
        return self.dialect.stream(self.tokens(), self.asked, self.model)

    def first_two_thirds(self) -> list[Piece]:
        """The right stream up to two thirds of its words."""
        pieces = self.pieces()
        words = [index for index, (part, _) in enumerate(pieces) if part is Part.WORD]
        return pieces[: words[len(words) * 2 // 3]]


def spaced(words: Sequence[str], *, leads: bool = False) -> list[str]:
    """Words as tokens: each but perhaps the first begins with a space."""
    return [f" {word}" if index or leads else word for index, word in enumerate(words)]
