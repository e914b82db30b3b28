"""How are a row's circuit and its route's asked for leave, and told the outcome, together?"""

from __future__ import annotations

from app.resilience.breaker import Breaker, Permit
from contracts.errors import AuthenticationError, LLMProviderError

_Permits = tuple[Permit, Permit]
_SETTLED: _Permits = (Permit(None), Permit(None))


class RoutePermit:
    """Leave of the row and of the route, settled together.

    Of circuits that are closed no `permits` need be given: as nearly always, there will be nothing to tell them. Those
    are made when there is, as they would have been given at first.
    """

    __slots__ = ("_epochs", "_permits", "_route", "_row", "is_probe")

    def __init__(self, row: Breaker, route: Breaker, permits: _Permits | None = None) -> None:
        self._row = row
        self._route = route
        self._epochs = (row.epoch, route.epoch)
        self._permits = permits
        self.is_probe = permits is not None and (permits[0].is_probe or permits[1].is_probe)

    def succeed(self) -> None:
        """The route answered."""
        if self._permits is None and not (self._row.is_troubled or self._route.is_troubled):
            self._permits = _SETTLED
            return
        row, route = self._given()
        row.succeed()
        route.succeed()

    def fail(self, error: LLMProviderError) -> None:
        """The route is at fault; the row is not, unless its key was refused."""
        row, route = self._given()
        row.release()
        route.fail(error)

    def trip(self, error: AuthenticationError) -> None:
        """The key was refused: for every model of the row, or for this one only."""
        row, route = self._given()
        (row if error.covers_row else route).trip(error)
        self.release()

    def release(self) -> None:
        """The call said nothing of the route."""
        row, route = self._given()
        row.release()
        route.release()

    def settled(self) -> RoutePermit:
        """The same, settled already: nobody was asked."""
        self._permits = _SETTLED
        return self

    def _given(self) -> _Permits:
        if self._permits is None:
            before = self._epochs
            self._permits = (self._row.permit(before[0]), self._route.permit(before[1]))
        return self._permits
