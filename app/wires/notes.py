"""What did a request lose on its way into a dialect? One sentence for each thing, and the parameter if it was one."""

from __future__ import annotations

from contracts.responses import FieldError


class Notes:
    """Collects what is left out or sent in another way while one request is encoded; each sentence once."""

    def __init__(self) -> None:
        self._sentences: dict[str, None] = {}
        self._parameters: dict[str, FieldError] = {}

    def say(self, sentence: str) -> None:
        """Something in the conversation itself is sent in another way."""
        self._sentences[sentence] = None

    def leave_out(self, field: str, sentence: str) -> None:
        """The parameter `field` of the request is not sent as it was asked; a caller may have that refused."""
        self.say(sentence)
        self._parameters[field] = FieldError(field=field, message=sentence)

    @property
    def warnings(self) -> tuple[str, ...]:
        """All sentences, in order."""
        return tuple(self._sentences)

    @property
    def unsupported(self) -> tuple[FieldError, ...]:
        """The parameters among them."""
        return tuple(self._parameters.values())
