"""Where does a second model's text go on from a first one's? What was already sent is swallowed, never sent twice."""

from __future__ import annotations

# Nobody goes on with the word that he stopped at; one letter may be chance.
_LEAST_OVERLAP = 2
# One that begins its answer anew agrees for this long before it is taken at that.
_LEAST_RESTART = 24
_LONGEST_OVERLAP = 600


class StartedAnewError(Exception):
    """The second text began the whole answer again, and then in other words: the two cannot be joined."""


def cut_back(text: str) -> str:
    """`text` without its last, perhaps unfinished, word and the space before it; vendors take no trailing space."""
    kept = text.rstrip()
    if len(kept) == len(text):
        boundary = max(kept.rfind(space) for space in (" ", "\n", "\t"))
        kept = kept[: boundary + 1].rstrip() if boundary >= 0 else ""
    return kept


class Joint:
    """Joins a continuation to the text `sent`, of which the second model was shown `shown`, its beginning."""

    def __init__(self, sent: str, shown: str) -> None:
        self._sent = sent
        self._starts = _starts(sent, shown)
        self._shown = len(shown)
        self._came = ""
        self._is_joined = False

    def feed(self, text: str) -> str:
        """What of the next piece is new, as far as that is certain. Raises StartedAnewError."""
        if self._is_joined:
            return text
        self._came += text
        return self._settle(is_last=False)

    def end(self) -> str:
        """What was still held back. Raises StartedAnewError."""
        return "" if self._is_joined else self._settle(is_last=True)

    def _settle(self, *, is_last: bool) -> str:
        came = self._came.lstrip()
        if not came:
            return ""
        is_repeating = False
        for start in self._starts:
            if not is_repeating or is_last:
                new = self._beyond(start, came)
                if new is not None:
                    self._is_joined = True
                    return new
            is_repeating = is_repeating or self._sent[start:].lstrip().startswith(came)
        if is_repeating:
            # It says again what stands there; if it ends so, nothing of it is new.
            return ""
        self._check_restart(came)
        self._is_joined = True
        return self._glued(came)

    def _beyond(self, start: int, came: str) -> str | None:
        """What comes after the text from `start` on is said again; None when it was not."""
        standing = self._sent[start:]
        if start < self._shown and len(standing.strip()) < _LEAST_OVERLAP:
            return None
        if self._came.startswith(standing):
            return self._came[len(standing) :]
        bare = standing.lstrip()
        return came[len(bare) :] if came.startswith(bare) else None

    def _check_restart(self, came: str) -> None:
        agreed = _common(self._sent.lstrip(), came)
        if agreed >= _LEAST_RESTART:
            raise StartedAnewError

    def _glued(self, came: str) -> str:
        """The text as it came; a space where the second model left it out between two words."""
        has_space = self._came[:1].isspace() or self._sent[-1:].isspace()
        is_between_words = self._sent[-1:].isalnum() and came[:1].isalnum()
        return f" {came}" if is_between_words and not has_space else self._came


def _starts(sent: str, shown: str) -> list[int]:
    """Where a repetition may begin, the longest first: the answer's start, each late word, and the end of `shown`."""
    earliest = max(0, len(sent) - _LONGEST_OVERLAP)
    words = [at + 1 for at in range(earliest, len(sent) - 1) if sent[at].isspace() and not sent[at + 1].isspace()]
    return sorted({0, *words, len(shown)})


def _common(first: str, second: str) -> int:
    pairs = zip(first, second, strict=False)
    return next((at for at, (one, other) in enumerate(pairs) if one != other), min(len(first), len(second)))
