"""Whose is an answer that a vendor keeps? The row's that gave it, and the tenant's who was given it.

Kept per process: the newest, as digests. Another process, or this one after a restart, knows nothing of them.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256

MAX_STATES = 100_000


@dataclass(frozen=True, slots=True)
class Keeper:
    """Who keeps an answer, and for whom. `provider` None: nobody may build on it."""

    provider: str | None
    tenant: str | None


class KeptStates:
    """Remembers which row keeps which answer."""

    def __init__(self) -> None:
        self._keepers: OrderedDict[bytes, Keeper] = OrderedDict()

    def __len__(self) -> int:
        return len(self._keepers)

    def keeper(self, answer_id: str) -> Keeper | None:
        """Who keeps the answer of that id; None: nobody here knows."""
        return self._keepers.get(_key(answer_id))

    def remember(self, answer_id: str, provider: str, tenant: str | None) -> None:
        """`provider` has given the whole answer of that id to `tenant`."""
        self._note(answer_id, Keeper(provider, tenant))

    def give_up(self, answer_id: str) -> None:
        """The vendor has only a part of that answer: its caller was given the rest by another."""
        self._note(answer_id, Keeper(None, None))

    def _note(self, answer_id: str, keeper: Keeper) -> None:
        key = _key(answer_id)
        self._keepers[key] = keeper
        self._keepers.move_to_end(key)
        if len(self._keepers) > MAX_STATES:
            self._keepers.popitem(last=False)


def _key(answer_id: str) -> bytes:
    return sha256(answer_id.encode(errors="surrogatepass")).digest()
