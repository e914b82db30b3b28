"""Did the caller get what was promised: one whole answer, or one clear error, in time and rightly accounted for?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.chaos.scenario import Judge, Outcome
from tests.chaos.words import COUNT, flaws, prefix_flaws


def ended(outcome: Outcome) -> list[str]:
    """It ended, once, with one answer or one error."""
    saw = outcome.saw
    if saw.hung:
        return [f"the caller hung for {saw.seconds:.1f} s"]
    if saw.broken:
        return [f"the reply broke off: {saw.broken}"]
    lasts = [event.name for event in saw.events if event.name in ("done", "error")]
    if saw.is_stream and saw.status == 200 and (len(lasts) != 1 or saw.events[-1].name != lasts[0]):
        return [f"the stream ended with {[event.name for event in saw.events[-2:]]} and held {lasts}"]
    return []


def whole(outcome: Outcome) -> list[str]:
    """An answer, all its words once, the same in its events and at its end."""
    saw = outcome.saw
    if not saw.is_answer:
        kind = saw.last.get("error_type", "no end")
        return [f"no answer: {saw.status} {kind}: {str(saw.last.get('detail', ''))[:100]}"]
    found = [f"the text has {flaw}" for flaw in flaws(saw.text)]
    if saw.is_stream and saw.last["content"] != saw.text:
        found.append(f"the last event holds {len(saw.last['content'])} characters, {len(saw.text)} were sent")
    return found


def refused(status: int, error_type: str) -> Judge:
    """A real status, and the error's type."""

    def judge(outcome: Outcome) -> list[str]:
        saw = outcome.saw
        got = (saw.status, saw.last.get("error_type"))
        return [] if got == (status, error_type) else [f"{got[0]} {got[1]} instead of {status} {error_type}"]

    return judge


def declined(outcome: Outcome) -> list[str]:
    """A refusal: an answer that says so, or an error that does."""
    saw = outcome.saw
    says = (saw.is_answer and saw.last.get("finish_reason") == "content_filter") or (
        saw.last.get("error_type") == "content_policy_violation"
    )
    return [] if says else [f"a refusal became {saw.status} {saw.last.get('finish_reason')}"]


def warned(word: str) -> Judge:
    """One of the warnings holds the word."""

    def judge(outcome: Outcome) -> list[str]:
        warnings = outcome.saw.last.get("warnings", [])
        return [] if any(word in warning for warning in warnings) else [f"no warning of {word}: {warnings}"]

    return judge


def failed_in_band(error_type: str) -> Judge:
    """A stream that begins rightly and ends with `error`."""

    def judge(outcome: Outcome) -> list[str]:
        saw = outcome.saw
        if saw.status != 200 or saw.is_answer or saw.last.get("error_type") != error_type:
            end = "done" if saw.is_answer else saw.last.get("error_type")
            return [f"{saw.status} and {end} instead of an error event {error_type}"]
        return [f"what was sent before: {flaw}" for flaw in prefix_flaws(saw.text)]

    return judge


def within(seconds: float) -> Judge:
    """The caller had its end by then."""

    def judge(outcome: Outcome) -> list[str]:
        limit = seconds + outcome.pace.margin
        return [] if outcome.saw.seconds <= limit else [f"took {outcome.saw.seconds:.2f} s, at most {limit:.2f}"]

    return judge


def not_before(seconds: float) -> Judge:
    """The caller had its end no sooner."""

    def judge(outcome: Outcome) -> list[str]:
        return [] if outcome.saw.seconds >= seconds else [f"took {outcome.saw.seconds:.2f} s, at least {seconds:.2f}"]

    return judge


def served_by(row: str) -> Judge:
    """The answer names who really served it."""

    def judge(outcome: Outcome) -> list[str]:
        named = outcome.saw.last.get("provider")
        return [] if named == row else [f"the answer names {named}, not {row}"]

    return judge


def counted(outcome: Outcome) -> list[str]:
    """Usage is the vendor's own, and adds up."""
    usage = outcome.saw.last.get("usage") or {}
    served = outcome.seen[-1] if outcome.seen else {}
    want = (served.get("input_words"), COUNT, "reported")
    got = (usage.get("input_tokens"), usage.get("output_tokens"), usage.get("source"))
    if got != want:
        return [f"usage is {got}, not {want}"]
    total = usage["input_tokens"] + usage["output_tokens"]
    return [] if usage["total_tokens"] == total else [f"total_tokens is {usage['total_tokens']}, not {total}"]


def retry_after(least: float, most: float) -> Judge:
    """The error says when to come again."""

    def judge(outcome: Outcome) -> list[str]:
        said = outcome.saw.headers.get("retry-after")
        fits = said is not None and least <= float(said) <= most
        return [] if fits else [f"Retry-After is {said}, not {least:g} to {most:g}"]

    return judge


def not_to_be_retried(outcome: Outcome) -> list[str]:
    """An exhausted request says so to SDKs."""
    said = outcome.saw.headers.get("x-should-retry")
    return [] if said == "false" else [f"x-should-retry is {said}, not false"]


def recovered(first: str, second: str) -> Judge:
    """A stream that was gone on with: its last event names both providers, both usages and `recovered_at`."""

    def judge(outcome: Outcome) -> list[str]:
        last = outcome.saw.last
        named = {value for key, value in _walk(last) if key == "provider"}
        found = [f"the last event does not name {row}" for row in (first, second) if row not in named]
        if not any(key == "recovered_at" and value is not None for key, value in _walk(last)):
            found.append("the last event has no recovered_at")
        if sum(key == "usage" and isinstance(value, dict) for key, value in _walk(last)) < 2:
            found.append("the last event holds fewer than two usages")
        return found

    return judge


def billed(outcome: Outcome) -> list[str]:
    """An error in a stream says what was used, marked as an estimate."""
    usages = [value for key, value in _walk(outcome.saw.last) if key == "usage" and isinstance(value, dict)]
    if not any(usage.get("output_tokens", 0) > 0 for usage in usages):
        return ["the error event does not say what was billed"]
    return [] if any(usage.get("source") == "estimated" for usage in usages) else ["the usage is not marked estimated"]


def priced(outcome: Outcome) -> list[str]:
    """A model with a known price has a cost above nothing."""
    cost = outcome.saw.last.get("cost") or {}
    return [] if cost.get("usd", 0) > 0 else [f"the cost is {cost.get('usd')}"]


def _walk(document: Any) -> Iterator[tuple[str, Any]]:
    """Every key and value at any depth."""
    if isinstance(document, dict):
        yield from document.items()
        for value in document.values():
            yield from _walk(value)
    elif isinstance(document, list):
        for value in document:
            yield from _walk(value)
