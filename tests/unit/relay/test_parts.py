"""Do the small parts of the relay decide as they should, without any broker?"""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from confluent_kafka import KafkaError

from app.ports.books import OutboxEvent
from app.relay.address import KafkaAddress
from app.relay.broker_state import BrokerState
from app.relay.faults import words_for
from app.relay.library_log import EVERY_SECONDS, LibraryLog
from app.relay.pace import FIRST_SECONDS, MOST_SECONDS, Pace
from app.relay.refusals import AGAIN_AFTER_SECONDS, MOST, Refusals
from app.relay.sender import MAX_BATCH
from app.relay.sending import Sending
from contracts import ConfigurationError
from tests.kit.virtual_time import HandClock

EVENTS = [OutboxEvent(event_id=name, topic="t", key="k", payload=b"") for name in "abc"]
PURGED = KafkaError(KafkaError._PURGE_QUEUE)
TOO_LARGE = KafkaError(KafkaError.MSG_SIZE_TOO_LARGE)
NOT_ALLOWED = KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED)


@pytest.fixture
def hand() -> HandClock:
    return HandClock()


@pytest.mark.parametrize("servers", ["a:9092", "a.b-c_d:1,10.0.0.1:65535, [::1]:9092"])
def test_address_of_hosts_and_ports_is_taken(servers: str) -> None:
    """Names, IPv4 and IPv6, more between commas."""
    assert KafkaAddress(servers).servers == servers


@pytest.mark.parametrize("servers", ["", "a", "a:", "a:0", "a:70000", "a:9092,", "kafka://ada:hunter2@a:9092", "a b:1"])
def test_address_that_is_none_is_refused_unquoted(servers: str) -> None:
    """It may be a URL with a password in it."""
    with pytest.raises(ConfigurationError, match="must be host:port") as refused:
        KafkaAddress(servers)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("name", ["security.protocol", "sasl.mechanism", "sasl.password", "ssl.ca.location"])
def test_address_takes_options_of_the_connection_and_hides_them(name: str) -> None:
    """How the broker is reached and who we are."""
    assert "hunter2" not in repr(KafkaAddress("a:1", {name: "hunter2"}))


@pytest.mark.parametrize("name", ["acks", "plugin.library.paths", "ssl.engine.location", "sasl.x.callback", "debug"])
def test_address_refuses_other_options(name: str) -> None:
    """The promise hangs on some, some load code."""
    with pytest.raises(ConfigurationError, match="cannot be set"):
        KafkaAddress("a:1", {name: "x"})


def test_faults_are_words_without_the_librarys_text() -> None:
    """Known codes are a sentence; others are named."""
    assert words_for(KafkaError(KafkaError._RESOLVE, "user ada")) == "cannot be reached: its name is not known"
    assert words_for(KafkaError(KafkaError.POLICY_VIOLATION, "user ada")) == "refuses what is sent (POLICY_VIOLATION)"


def test_library_log_is_told_now_and_then(hand: HandClock, caplog: pytest.LogCaptureFixture) -> None:
    """The first line, and after a minute the next with how many there were; none worse than a warning."""
    caplog.set_level(logging.INFO)
    log = LibraryLog(hand.clock.monotonic)
    log.log(logging.WARNING, "%s [%s] %s", "CONFWARN", "p", "an option is experimental")
    for number in range(5):
        log.log(logging.CRITICAL, "%s [%s] %s", "FAIL", "p", f"refused {number}")
    hand.advance(EVERY_SECONDS)
    log.is_silent = True
    log.log(logging.CRITICAL, "%s [%s] %s", "FATAL", "p", "purged")
    log.is_silent = False
    log.log(logging.INFO, "%s [%s] %s", "FAIL", "p", "refused 5")
    assert [(record.levelname, record.message) for record in caplog.records] == [
        ("WARNING", "FAIL [p] refused 0 (and 0 lines before it)"),
        ("INFO", "FAIL [p] refused 5 (and 4 lines before it)"),
    ]


def test_broker_state_is_told_when_it_changes(hand: HandClock, caplog: pytest.LogCaptureFixture) -> None:
    """One line at its going, whatever the reasons after it, and one at its coming."""
    caplog.set_level(logging.INFO)
    state = BrokerState("a:1", hand.clock.monotonic)
    state.came()
    state.went("cannot be reached")
    hand.advance(3)
    state.went("did not answer in time")
    assert state.fault == "Kafka at a:1 did not answer in time"
    hand.advance(4)
    state.came()
    state.came()
    assert state.fault is None
    assert [record.message for record in caplog.records] == [
        "Kafka at a:1 cannot be reached: events wait in the outbox",
        "Kafka at a:1 is back after 7.0 s",
    ]


def test_pace_backs_off_and_recovers() -> None:
    """Doubling up to its most; the first success, or nothing to do, ends it."""
    pace = Pace()
    assert [pace.failed() for _ in range(4)] == [FIRST_SECONDS, 1.0, MOST_SECONDS, MOST_SECONDS]
    for recover in (pace.succeeded, pace.idle, lambda: pace.refused(alone=True)):
        pace.failed()
        assert pace.has_failed
        recover()
        assert not pace.has_failed


def test_pace_finds_out_one_by_one_which_event_was_refused() -> None:
    """After a refusal of several, events go alone, and more of them with each success."""
    pace = Pace()
    pace.refused(alone=False)
    assert pace.batch == 1
    pace.succeeded()
    assert pace.batch == 2
    pace.refused(alone=True)
    assert pace.batch == MAX_BATCH
    pace.succeeded()
    assert pace.batch == MAX_BATCH


def test_refusals_are_tried_again_after_a_while(hand: HandClock, caplog: pytest.LogCaptureFixture) -> None:
    """Until then they are passed over, and told of; the log has the first of them."""
    refusals = Refusals(hand.clock.monotonic)
    assert (list(refusals.events()), refusals.fault()) == ([], None)
    refusals.add("a")
    hand.advance(AGAIN_AFTER_SECONDS / 2)
    refusals.add("b")
    assert sorted(refusals.events()) == ["a", "b"]
    assert "2 events" in str(refusals.fault())
    hand.advance(AGAIN_AFTER_SECONDS / 2)
    assert list(refusals.events()) == ["b"]
    assert len(caplog.records) == 1


def test_refusals_are_bounded(hand: HandClock) -> None:
    """A broker that refuses event after event is not asked on and on."""
    refusals = Refusals(hand.clock.monotonic)
    for number in range(MOST):
        assert not refusals.are_too_many
        refusals.add(str(number))
    assert refusals.are_too_many
    hand.advance(AGAIN_AFTER_SECONDS)
    refusals.events()
    assert not refusals.are_too_many


@pytest.mark.parametrize(
    "reports,expected",
    [
        ([None, None, None], {"acknowledged": ["a", "b", "c"], "refused": [], "fault": None}),
        ([None, TOO_LARGE, PURGED], {"acknowledged": ["a"], "refused": ["b"], "fault": None}),
        (
            [PURGED, NOT_ALLOWED, TOO_LARGE],
            {"acknowledged": [], "refused": ["c"], "fault": "does not let us write to our topics"},
        ),
        ([None], {"acknowledged": ["a"], "refused": [], "fault": None}),
    ],
)
def test_sending_sorts_what_it_is_told(reports: list[KafkaError | None], expected: dict[str, object]) -> None:
    """By whose fault it is; what nothing is known of stays open."""
    sending = Sending(EVENTS)
    settlers: list[Callable[[KafkaError | None, object], None]] = [sending.report(event.event_id) for event in EVENTS]
    for settle, error in zip(settlers, reports, strict=False):
        settle(error, None)
    assert {name: getattr(sending, name) for name in expected} == expected
    assert sending.open == {event.event_id for event in EVENTS[len(reports) :]}
    assert sending.is_whole is (len(sending.acknowledged) == 3)
