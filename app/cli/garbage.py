"""How often does the process look for garbage in circles?

By default so often that a fifth of a request's time went there, in pauses of up to 144 ms: each look at the oldest
generation walks over all that start-up made, some 190,000 objects, none of which ever goes.
"""

from __future__ import annotations

import gc

# So many more objects made than freed; and so many looks at the young before one at the older. The oldest are few once
# what start-up made is set aside, so they are looked at, too: with 100 here, what a request had left in a circle while
# it was under way stayed for millions of others, 80 bytes of each.
_THRESHOLDS = (10_000, 20, 10)


def look_seldom() -> None:
    """From now on: start-up, which makes 250,000 objects and hardly any garbage, is a twelfth quicker for it."""
    gc.set_threshold(*_THRESHOLDS)


def settle_garbage() -> None:
    """What is there now is never looked at again. Once, after start-up."""
    gc.collect()
    gc.freeze()
