"""How many requests did each SDK agree with?"""

from __future__ import annotations

from collections import Counter


class Score:
    """Counts by SDK; a request that is compared but never found alike counts against it."""

    def __init__(self) -> None:
        self._compared: Counter[str] = Counter()
        self._alike: Counter[str] = Counter()

    def compared(self, sdk: str) -> None:
        """A request is about to be compared."""
        self._compared[sdk] += 1

    def alike(self, sdk: str) -> None:
        """It was found alike."""
        self._alike[sdk] += 1

    def line(self) -> str:
        """`SDK referees: openai 46/46, …, all match`; empty when nothing was compared."""
        if not self._compared:
            return ""
        counts = ", ".join(f"{sdk} {self._alike[sdk]}/{most}" for sdk, most in self._compared.items())
        missing = self._compared.total() - self._alike.total()
        return f"SDK referees: {counts}, {f'{missing} DIFFER' if missing else 'all match'}"
