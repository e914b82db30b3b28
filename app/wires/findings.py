"""What did the reading of a caller's body find: faults, fields that are not known here, and what only some can do?

Values never stand in a fault or a warning: they are prompts.
"""

from __future__ import annotations

from contracts.errors import InvalidRequestError
from contracts.field_errors import MAX_REPORTED
from contracts.responses import FieldError


class Findings:
    """What is found in one body: of each kind the first, and of most how many there are."""

    __slots__ = ("_demands", "_fault_count", "_faults", "_ignored", "has_own")

    def __init__(self) -> None:
        self._faults: list[FieldError] = []
        self._fault_count = 0
        self._ignored: dict[str, None] = {}
        self._demands: dict[str, str] = {}
        self.has_own = False

    @property
    def has_faults(self) -> bool:
        """Whether something is wrong."""
        return self._fault_count > 0

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence for each field that is not known here."""
        if not self._ignored:
            return ()
        # A vendor of the same dialect may be sent the body itself, and then gets it all the same.
        shown = [f"{path} is not known here: only a vendor that is sent the body gets it" for path in self._ignored]
        more = len(shown) - MAX_REPORTED
        return (*shown[:MAX_REPORTED], *([f"{more} more fields are not known here"] if more > 0 else []))

    @property
    def demands(self) -> tuple[FieldError, ...]:
        """What only a vendor of the body's own dialect can do."""
        if not self._demands:
            return ()
        return tuple(FieldError(field=path, message=message) for path, message in self._demands.items())

    def add(self, path: str, message: str, hint: str | None = None) -> None:
        """Note a fault."""
        self._fault_count += 1
        if len(self._faults) < MAX_REPORTED:
            self._faults.append(FieldError(field=path, message=message, hint=hint))

    def ignore(self, path: str) -> None:
        """Note what is not known here, and of which the answer does not depend."""
        self._ignored[path] = None

    def demand(self, path: str, message: str) -> None:
        """Note what the answer depends on, and only a vendor of this dialect understands."""
        if len(self._demands) < MAX_REPORTED:
            self._demands.setdefault(path, message)

    def claim(self) -> None:
        """Note that something of our own making stands in the body (`has_own`), which no vendor understands."""
        self.has_own = True

    def settle(self) -> None:
        """Raises InvalidRequestError when there are faults; its detail says the first."""
        if not self._faults:
            return
        first, more = self._faults[0], self._fault_count - 1
        detail = f"{first.field or 'the body'}: {first.message}"
        raise InvalidRequestError(f"{detail}; and {more} more" if more else detail, errors=self._faults)
