"""What is wrong with the broker, in words that anybody may read; and is it the broker, or one event?"""
# ruff: noqa: SLF001 - the library's codes of its own errors begin with an underscore

from __future__ import annotations

from confluent_kafka import KafkaError

# The broker refuses this one event, and would at any time: the others need not wait for it.
_OF_ONE_EVENT = frozenset({KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.INVALID_MSG, KafkaError.INVALID_RECORD})
# The library gave up on what was on its way, because of another event or because it was told to.
_GIVEN_UP = frozenset(
    {KafkaError._PURGE_QUEUE, KafkaError._PURGE_INFLIGHT, KafkaError._FATAL, KafkaError._GAPLESS_GUARANTEE}
)

UNREACHABLE = "cannot be reached"
SILENT = "does not acknowledge what is sent"
_NO_TOPIC = "does not have our topics, and does not make them by itself"
_REFUSED_US = "refuses our user or password"
_FEW_REPLICAS = "has too few replicas in step to acknowledge anything"
_WORDS = {
    KafkaError._ALL_BROKERS_DOWN: UNREACHABLE,
    KafkaError._TRANSPORT: UNREACHABLE,
    KafkaError._RESOLVE: "cannot be reached: its name is not known",
    KafkaError._TIMED_OUT: "did not answer in time",
    KafkaError._SSL: "cannot be reached by TLS",
    KafkaError._AUTHENTICATION: _REFUSED_US,
    KafkaError.SASL_AUTHENTICATION_FAILED: _REFUSED_US,
    KafkaError._UNKNOWN_TOPIC: _NO_TOPIC,
    KafkaError.UNKNOWN_TOPIC_OR_PART: _NO_TOPIC,
    KafkaError.TOPIC_AUTHORIZATION_FAILED: "does not let us write to our topics",
    KafkaError.CLUSTER_AUTHORIZATION_FAILED: "does not let us write in order (its ACL IdempotentWrite)",
    KafkaError.NOT_ENOUGH_REPLICAS: _FEW_REPLICAS,
    KafkaError.NOT_ENOUGH_REPLICAS_AFTER_APPEND: _FEW_REPLICAS,
}


def words_for(error: KafkaError) -> str:
    """What is wrong with it. The library's own text is not told: it can hold names of users."""
    return _WORDS.get(error.code()) or f"refuses what is sent ({error.name()})"


def refuses_event(error: KafkaError) -> bool:
    """Whether it is the event that is at fault."""
    return error.code() in _OF_ONE_EVENT


def is_given_up(error: KafkaError) -> bool:
    """Whether the event was not judged: another failure, or we ourselves, took it back."""
    return error.code() in _GIVEN_UP


def puts_all_in_doubt(error: KafkaError) -> bool:
    """Whether no broker is left that anything could be sent to, as far as the library knows."""
    return error.code() == KafkaError._ALL_BROKERS_DOWN


def ends_producer(error: KafkaError) -> bool:
    """Whether the producer sends nothing any more."""
    return error.fatal() or error.code() == KafkaError._FATAL
