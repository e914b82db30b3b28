"""Is a text the whole answer, each word once? The vendor's answers are numbered words, so that anyone can tell."""

from __future__ import annotations

COUNT = 60
WORDS = tuple(f"w{number}" for number in range(1, COUNT + 1))
TEXT = " ".join(WORDS)


def words_from(first: int) -> tuple[str, ...]:
    """The words behind the first `first` of them."""
    return WORDS[first:]


def whole_words(text: str) -> int:
    """How many words stand at the beginning of `text` in their order; a half word at its end is none."""
    number = 0
    for word in text.split():
        if number == COUNT or word != WORDS[number]:
            break
        number += 1
    return number


def flaws(text: str) -> list[str]:
    """What keeps `text` from being the whole answer: words lost, repeated or broken. Empty: it is whole."""
    words = text.split()
    if tuple(words) == WORDS:
        return []
    lost = [word for word in WORDS if word not in words]
    repeated = sorted({word for word in words if word in WORDS and words.count(word) > 1})
    broken = [word for word in words if word not in WORDS]
    found = [
        f"{len(group)} {name} ({', '.join(group[:3])})"
        for name, group in (("lost", lost), ("repeated", repeated), ("broken", broken))
        if group
    ]
    return found or ["the words are out of order"]


def prefix_flaws(text: str) -> list[str]:
    """What keeps `text` from being a beginning of the answer, which may end within a word."""
    return [] if TEXT.startswith(text) else flaws(text) or ["it is no beginning of the answer"]
