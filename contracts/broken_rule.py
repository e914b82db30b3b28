"""Which rule of a request is broken, and at which place? For rules that span fields, which pydantic gives no path."""

from __future__ import annotations

Path = tuple[str | int, ...]


class BrokenRuleError(ValueError):
    """The value at `path`, below the model that is being validated, breaks a rule.

    `message` ends a sentence that begins with the field's name, and quotes no value. With an empty path the rule is
    one of the whole, and `message` a sentence of its own. `hint` says what was probably meant.
    """

    def __init__(self, path: Path, message: str, *, hint: str | None = None) -> None:
        sentence = f"{'.'.join(map(str, path))} {message}" if path else message
        super().__init__(f"{sentence} ({hint})" if hint else sentence)
        self.path = path
        self.message = message
        self.hint = hint
