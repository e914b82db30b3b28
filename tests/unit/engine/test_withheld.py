"""Does a secret that this process holds stay out of words, however it stands in them?"""

from __future__ import annotations

import pytest

from app.ports.withheld import Withheld
from contracts import FieldError, InvalidRequestError
from contracts.calls import Wire
from contracts.vendor_error import VendorError

OWN, VENDOR = "our own key", "plain/vendor\"key'1"


@pytest.fixture
def withheld() -> Withheld:
    """Knows one of ours and one of a row."""
    known = Withheld([OWN, "short"])
    known.learn([VENDOR, ""])
    return known


@pytest.mark.parametrize(
    "text,shown",
    [
        ("nothing of it", "nothing of it"),
        (f"<{OWN}|{OWN}>", "<[redacted]|[redacted]>"),
        (f"bad key {VENDOR}!", "bad key [redacted]!"),
        (r'{"key": "plain/vendor\"key' + "'1\"}", '{"key": "[redacted]"}'),
        (r'{"key": "plain\/vendor\"key' + "'1\"}", '{"key": "[redacted]"}'),
        ("a text that was cut: plain/vendor", "a text that was cut: [redacted]"),
        ("a short one: plain/v", "a short one: plain/v"),
        ("short", "short"),
    ],
)
def test_withheld_secrets_are_not_shown(withheld: Withheld, text: str, shown: str) -> None:
    """As they are, as JSON spells them, and cut at the end; what is short may be anybody's word."""
    assert withheld.shown(text) == shown


def test_withheld_secret_that_is_a_part_of_another_leaves_nothing_of_it() -> None:
    """The longest goes first, whichever was learnt first."""
    known = Withheld(["abcdefgh"])
    known.learn(["abcdefgh-and-more"])
    assert known.shown("abcdefgh-and-more abcdefgh") == "[redacted] [redacted]"


def test_withheld_secrets_stay_when_others_come(withheld: Withheld) -> None:
    """A call under way was made with the old key; our own are never forgotten, however many keys come."""
    withheld.learn(["another-key"])
    assert withheld.shown(VENDOR) == "[redacted]"
    withheld.learn(f"key-number-{number}" for number in range(5000))
    assert (withheld.shown(OWN), withheld.shown("another-key")) == ("[redacted]", "another-key")


def test_withheld_secrets_leave_no_error(withheld: Withheld) -> None:
    """Its own sentence, the vendor's words and the fields that they name; another exception passes as it is."""
    wrong = FieldError(field=VENDOR, message=f"not {VENDOR}")
    words = VendorError(wire=Wire.OPENAI_CHAT, type="t", code=VENDOR)
    error = InvalidRequestError(
        f"refused ({VENDOR})", vendor_message=f"bad {VENDOR}", vendor_error=words, errors=[wrong]
    )
    with pytest.raises(InvalidRequestError), withheld:
        raise error
    assert (str(error), error.vendor_message) == ("refused ([redacted])", "bad [redacted]")
    assert error.vendor_error == VendorError(wire=Wire.OPENAI_CHAT, type="t", code="[redacted]")
    assert error.errors == (FieldError(field="[redacted]", message="not [redacted]"),)
    defect = KeyError(VENDOR)
    with pytest.raises(KeyError) as raised, withheld:
        raise defect
    assert raised.value.args == (VENDOR,)


def test_withheld_secrets_are_not_in_its_repr(withheld: Withheld) -> None:
    """A log line of it tells how many there are."""
    assert OWN not in repr(withheld)
    assert "secrets" in repr(withheld)
