"""The outbox's way to Kafka."""
