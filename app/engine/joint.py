"""Where does a second model's text go on from a first one's? What was already sent is swallowed, never sent twice."""

from __future__ import annotations

import unicodedata

# Nobody goes on with the word that he stopped at; one letter may be chance.
_LEAST_OVERLAP = 2
# One that begins its answer anew agrees for this long before it is taken at that.
_LEAST_RESTART = 24
_LONGEST_OVERLAP = 600
# What is longer without a space is none that a model would write again: an address, a key, a script without spaces.
_LONGEST_WORD = 64


class StartedAnewError(Exception):
    """The second text began the whole answer again, and then in other words: the two cannot be joined."""


def cut_back(text: str) -> str:
    """`text` without its last, perhaps unfinished, word and the space before it; vendors take no trailing space.

    Of its first word nothing is left. What ends in a script without spaces, or in something too long to be written
    again, is left as it is.
    """
    kept = text.rstrip()
    if len(kept) < len(text):
        return kept
    for at in range(len(text) - 1, max(-1, len(text) - 1 - _LONGEST_WORD), -1):
        if text[at].isspace() or _is_wide(text[at]):
            return text[: at + 1].rstrip()
    return text if len(text) > _LONGEST_WORD else ""


class Joint:
    """Joins a continuation to the text `sent`, of which the second model was shown `shown`, its beginning.

    `is_prefilled`: as the beginning of its own answer, whose last words it seldom says again: what looks so is rather
    the next row of a table.
    """

    def __init__(self, sent: str, shown: str, *, is_prefilled: bool = False) -> None:
        self._sent = sent
        self._starts = _starts(sent, shown, is_prefilled=is_prefilled)
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
            is_repeating = is_repeating or self._is_said_again(start, came, is_last=is_last)
        if is_repeating:
            # It says again what stands there; if it ends so, nothing of it is new.
            return ""
        self._check_restart(came)
        self._is_joined = True
        return self._glued(came)

    def _beyond(self, start: int, came: str) -> str | None:
        """What comes after the text from `start` on is said again; None when it was not."""
        standing = self._sent[start:]
        if start < self._shown and _weight(standing.strip()) < _LEAST_OVERLAP:
            return None
        if self._came.startswith(standing):
            return self._came[len(standing) :]
        bare = standing.lstrip()
        return came[len(bare) :] if came.startswith(bare) else None

    def _is_said_again(self, start: int, came: str, *, is_last: bool) -> bool:
        """Whether all that came stands there; a few words that end so are rather the end of the answer."""
        if is_last and 0 < start < self._shown and _weight(came) < _LEAST_RESTART:
            return False
        return self._sent[start:].lstrip().startswith(came)

    def _check_restart(self, came: str) -> None:
        agreed = _common(self._sent.lstrip(), came)
        if _weight(came[:agreed]) >= _LEAST_RESTART:
            raise StartedAnewError

    def _glued(self, came: str) -> str:
        """The text as it came; a space where the second model left it out between two words."""
        standing = self._sent[self._shown :]
        if not standing.strip():
            return _beside(standing, self._came)
        last, first = self._sent[-1], came[0]
        is_between_words = last.isalnum() and first.isalnum() and not (_is_wide(last) or _is_wide(first))
        return f" {came}" if is_between_words and not self._came[0].isspace() else self._came


def _starts(sent: str, shown: str, *, is_prefilled: bool) -> list[int]:
    """Where a repetition may begin, the likeliest first: the answer's start, each late word or clause of a script
    without spaces, the longest first, and the end of `shown`, where more than space follows it.
    """
    earliest = max(0, len(sent) - _LONGEST_OVERLAP)
    words = [at + 1 for at in range(earliest, len(sent) - 1) if _ends_word(sent[at]) and not sent[at + 1].isspace()]
    end = [len(shown)] if sent[len(shown) :].strip() else []
    if not is_prefilled:
        return sorted({0, *words, *end})
    return [0, *end, *words] if end else [0]


def _beside(space: str, came: str) -> str:
    """What came, without as much of its leading space as was sent already: `space`. Indentation is kept."""
    text = came.lstrip()
    lead = came[: len(came) - len(text)]
    if lead.startswith(space):
        return came[len(space) :]
    indent, begun = lead.rpartition("\n")[2], space.rpartition("\n")[2]
    more_lines = lead.count("\n") - space.count("\n")
    if more_lines > 0:
        return "\n" * more_lines + indent + text
    # One space is that between two words.
    is_indented = "\n" in space and indent != " " and indent.startswith(begun)
    return indent[len(begun) :] + text if is_indented else text


def _ends_word(character: str) -> bool:
    return character.isspace() or (_is_wide(character) and not character.isalnum())


def _is_wide(character: str) -> bool:
    """Whether it is of a script without spaces, or its punctuation: Chinese, Japanese (and Korean, which has both)."""
    return unicodedata.east_asian_width(character) in "WF"


def _weight(text: str) -> int:
    """Its length, where what says a word by itself counts twice."""
    return len(text) + sum(map(_is_wide, text))


def _common(first: str, second: str) -> int:
    pairs = zip(first, second, strict=False)
    return next((at for at, (one, other) in enumerate(pairs) if one != other), min(len(first), len(second)))
