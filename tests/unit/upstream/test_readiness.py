"""Is it seen at once that the other side of a connection said something, or went?"""

from __future__ import annotations

import socket

import pytest

from app.upstream.readiness import Readiness


def test_readiness_is_that_of_what_is_unread() -> None:
    """Before the other side says anything, while nobody has read it, and after."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        readiness = Readiness(ours.fileno())
        assert not readiness.has_news()
        theirs.send(b"bye")
        assert readiness.has_news()
        assert ours.recv(3) == b"bye"
        assert not readiness.has_news()


@pytest.mark.parametrize("closed", [0, 1])
def test_readiness_shows_an_end(closed: int) -> None:
    """Whichever side it was that closed."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        readiness = Readiness(ours.fileno())
        (ours, theirs)[closed].close()
        assert readiness.has_news()
