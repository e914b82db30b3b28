"""How are a row's circuit and its route's asked for leave, and told the outcome, together?"""

from __future__ import annotations

from app.resilience.breaker import Permit
from contracts.errors import AuthenticationError, LLMProviderError


class RoutePermit:
    """Leave of the row and of the route, settled together."""

    __slots__ = ("_route", "_row", "is_probe")

    def __init__(self, row: Permit, route: Permit) -> None:
        self._row = row
        self._route = route
        self.is_probe = row.is_probe or route.is_probe

    def succeed(self) -> None:
        """The route answered."""
        self._row.succeed()
        self._route.succeed()

    def fail(self, error: LLMProviderError) -> None:
        """The route is at fault; the row is not, unless its key was refused."""
        self._row.release()
        self._route.fail(error)

    def trip(self, error: AuthenticationError) -> None:
        """The key was refused: for every model of the row, or for this one only."""
        (self._row if error.covers_row else self._route).trip(error)
        self.release()

    def release(self) -> None:
        """The call said nothing of the route."""
        self._row.release()
        self._route.release()


def settled_permit() -> RoutePermit:
    """One that is settled already: nobody was asked."""
    return RoutePermit(Permit(None), Permit(None))
