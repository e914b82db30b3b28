"""What did the reading of a caller's body find: what is wrong with it, and what of it was not taken?

Values never stand in a fault or a warning: they are prompts.
"""

from __future__ import annotations

from contracts.errors import InvalidRequestError
from contracts.field_errors import MAX_REPORTED
from contracts.responses import FieldError


class Findings:
    """What is wrong with one body, and what of it was not taken: the first of both, and how many there are."""

    def __init__(self) -> None:
        self._faults: list[FieldError] = []
        self._fault_count = 0
        self._ignored: dict[str, None] = {}

    @property
    def has_faults(self) -> bool:
        """Whether something is wrong."""
        return self._fault_count > 0

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence for each field that was not taken."""
        shown = [f"{path} was not taken: it is no field that is known here" for path in self._ignored]
        more = len(shown) - MAX_REPORTED
        return (*shown[:MAX_REPORTED], *([f"{more} more fields were not taken"] if more > 0 else []))

    def add(self, path: str, message: str, hint: str | None = None) -> None:
        """Note a fault."""
        self._fault_count += 1
        if len(self._faults) < MAX_REPORTED:
            self._faults.append(FieldError(field=path, message=message, hint=hint))

    def ignore(self, path: str) -> None:
        """Note what is not taken."""
        self._ignored[path] = None

    def settle(self) -> None:
        """Raises InvalidRequestError when there are faults; its detail says the first."""
        if not self._faults:
            return
        first, more = self._faults[0], self._fault_count - 1
        detail = f"{first.field or 'the body'}: {first.message}"
        raise InvalidRequestError(f"{detail}; and {more} more" if more else detail, errors=self._faults)
