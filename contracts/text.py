"""Which text may stand in a request: what every vendor, database and log can hold."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field


def whole_text(text: str) -> str:
    """`text`, unless it holds NUL or half of a surrogate pair: then ValueError."""
    if "\x00" in text:
        msg = "must not contain the NUL character"
        raise ValueError(msg)
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        msg = "must not contain half of a surrogate pair"
        raise ValueError(msg) from None
    return text


WHOLE = AfterValidator(whole_text)
# Bounds stand before it: behind it pydantic would count a text's "items".
Text = Annotated[str, WHOLE]
Name = Annotated[str, Field(min_length=1, max_length=256), WHOLE]
