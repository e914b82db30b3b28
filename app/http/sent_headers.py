"""What did the caller say in a header, if he sent it at all?"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.types import Scope

# Those who are asked for each request look there before they call.
SENT = "llm_sent_headers"


def sent_in(scope: Scope) -> Mapping[bytes, bytes]:
    """The first value of each header of a request, by its name in lower case, as servers give them.

    Walked through once for all who ask, where it was kept under `SENT`; nobody changes them behind that.
    """
    kept: Mapping[bytes, bytes] | None = scope.get(SENT)
    return dict(reversed(scope["headers"])) if kept is None else kept
